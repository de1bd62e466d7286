"""Responses input read: a text or items to stored items with ids, and what of them makes the prompt."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from contract.mock import text as texts
from contract.mock.errors import ApiError, invalid
from contract.mock.kernel import Call

#: Kind in the store of finished responses and of the items that they took and gave, under the response's id.
KIND = "response"
INPUT = "response_input"
OUTPUT = "response_output"
_PREFIXES = {
    "message": "msg_",
    "file_search_call": "fs_",
    "web_search_call": "ws_",
    "computer_call": "cu_",
    "computer_call_output": "cuo_",
    "function_call": "fc_",
    "function_call_output": "fco_",
    "reasoning": "rs_",
}
_IMAGE_TOKENS = 85


def items_of(call: Call) -> list[dict[str, Any]]:
    """The input as items that have ids. Raises ApiError (404) for a reference that names nothing."""
    given = call.body["input"]
    if isinstance(given, str):
        given = [{"type": "message", "role": "user", "content": given}]
    return [_item(call, each) for each in given]


def _item(call: Call, given: Mapping[str, Any]) -> dict[str, Any]:
    kind = given.get("type") or "message"
    if kind == "item_reference":
        found = call.store.get(OUTPUT, given["id"]) or call.store.get(INPUT, given["id"])
        if found is None:
            raise ApiError(404, f"Item with id '{given['id']}' not found.", param="input", code="item_not_found")
        return found
    item = {**given, "type": kind, "id": given.get("id") or call.store.new_id(_PREFIXES[kind])}
    if kind == "message":
        item["content"] = list(_parts(given["role"], given["content"]))
        item["status"] = given.get("status") or "completed"
    elif kind == "function_call_output":
        item["status"] = given.get("status") or "completed"
    return item


def _parts(role: str, content: Any) -> Iterator[dict[str, Any]]:
    """Content parts as a stored message has them: what the assistant said is output."""
    for part in [{"type": "input_text", "text": content}] if isinstance(content, str) else content:
        if role == "assistant" and part["type"] == "input_text":
            yield {"type": "output_text", "text": part["text"], "annotations": []}
        elif part["type"] == "input_image":
            yield {"detail": "auto", **part}
        else:
            yield dict(part)


def history(call: Call, identifier: str) -> list[dict[str, Any]]:
    """All items before, oldest first: of the response `identifier`, and of those that it follows.

    Raises ApiError (400), as the original does, where a response is unknown or was not stored.
    """
    chain: list[list[dict[str, Any]]] = []
    at: str | None = identifier
    while at:
        found = call.store.get(KIND, at)
        if found is None:
            text = f"Previous response with id '{at}' not found."
            raise ApiError(400, text, param="previous_response_id", code="previous_response_not_found")
        chain.append([*call.store.list(INPUT, at), *call.store.list(OUTPUT, at)])
        at = found.get("previous_response_id")
    return [item for items in reversed(chain) for item in items]


def check_outputs(items: Sequence[Mapping[str, Any]]) -> None:
    """Raise ApiError (400), as the original does, for the output of a call that nobody made.

    For conversations that go on from a stored response: alone, such an output is what the spec admits.
    """
    called = {each["call_id"] for each in items if each["type"] in {"function_call", "computer_call"}}
    for each in items:
        if each["type"] in {"function_call_output", "computer_call_output"} and each["call_id"] not in called:
            raise invalid(f"No tool call found for the output with call_id {each['call_id']}.", "input")


def prompt_of(items: Sequence[Mapping[str, Any]]) -> str:
    """The text that the answer is to: the last thing the user said, else the last item."""
    users = [each for each in items if each["type"] == "message" and each["role"] == "user"]
    return _text((users or items)[-1]) if items else ""


def count(items: Sequence[Mapping[str, Any]]) -> int:
    """Tokens of items."""
    return sum(3 + texts.count(_text(each)) + _IMAGE_TOKENS * _images(each) for each in items)


def _text(item: Mapping[str, Any]) -> str:
    if item["type"] == "message":
        return "\n".join(part.get("text") or part.get("refusal") or "" for part in item["content"])
    if item["type"] == "function_call_output":
        return str(item["output"])
    return json.dumps({name: value for name, value in item.items() if name not in {"id", "status"}})


def _images(item: Mapping[str, Any]) -> int:
    return sum(part["type"] == "input_image" for part in item["content"]) if item["type"] == "message" else 0


def keep(call: Call, response: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> None:
    """Store a response with what it took and gave."""
    call.store.put(KIND, response["id"], dict(response))
    for kind, listed in ((INPUT, items), (OUTPUT, response["output"])):
        for item in listed:
            call.store.put(kind, item["id"], dict(item), response["id"])


def forget(call: Call, identifier: str) -> bool:
    """Remove a response with its items; False where there was none."""
    for kind in (INPUT, OUTPUT):
        for item in call.store.list(kind, identifier):
            call.store.delete(kind, item["id"], identifier)
    return call.store.delete(KIND, identifier)
