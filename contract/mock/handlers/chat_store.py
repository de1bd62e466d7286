"""Chat completions that were stored: list, get, change, delete, their messages (openapi.yaml:1763, 2827, 3066)."""

from __future__ import annotations

from typing import Any

from contract.mock import chats
from contract.mock.errors import not_found
from contract.mock.kernel import Call, Json, Reply, route
from contract.mock.paging import page

KIND = "chat_completion"
_MESSAGES = "chat_message"
#: Members of the request that a stored completion shows, with what they are where they were not sent.
_SHOWN = {
    "metadata": {},
    "temperature": 1.0,
    "top_p": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
    "seed": None,
    "tools": None,
    "tool_choice": None,
    "response_format": None,
}


def keep(call: Call, completion: dict[str, Any]) -> None:
    """Store a completion with the messages that asked for it."""
    shown = {name: call.body.get(name) if call.body.get(name) is not None else value for name, value in _SHOWN.items()}
    call.store.put(KIND, completion["id"], {**completion, **shown})
    for number, message in enumerate(call.body["messages"]):
        identifier = f"{completion['id']}-{number}"
        stored = {
            "id": identifier,
            "role": message["role"],
            "content": chats.content_text(message.get("content")),
            "refusal": message.get("refusal"),
            "name": message.get("name"),
            "content_parts": message["content"] if isinstance(message.get("content"), list) else None,
        }
        call.store.put(_MESSAGES, identifier, stored, completion["id"])


def _find(call: Call) -> dict[str, Any]:
    identifier = call.path["completion_id"]
    found = call.store.get(KIND, identifier)
    if found is None:
        raise not_found("chat completion", identifier, "completion_id")
    return found


@route("listChatCompletions")
def list_chat_completions(call: Call) -> Reply:
    """Stored completions, oldest first, by model and metadata."""
    items = call.store.list(KIND)
    if call.query.get("model"):
        items = [each for each in items if each["model"] == call.query["model"]]
    wanted = call.query.get("metadata") or {}
    items = [each for each in items if all(each["metadata"].get(name) == value for name, value in wanted.items())]
    return Json(page(items, call, default_order="asc"))


@route("getChatCompletion")
def get_chat_completion(call: Call) -> Reply:
    """One stored completion."""
    return Json(_find(call))


@route("updateChatCompletion")
def update_chat_completion(call: Call) -> Reply:
    """Change the metadata of a stored completion: the only thing that can be."""
    found = _find(call)
    found["metadata"] = call.body["metadata"] or {}
    call.store.put(KIND, found["id"], found)
    return Json(found)


@route("deleteChatCompletion")
def delete_chat_completion(call: Call) -> Reply:
    """Forget a stored completion and its messages."""
    found = _find(call)
    call.store.delete(KIND, found["id"])
    for message in call.store.list(_MESSAGES, found["id"]):
        call.store.delete(_MESSAGES, message["id"])
    return Json({"object": "chat.completion.deleted", "id": found["id"], "deleted": True})


@route("getChatCompletionMessages")
def get_chat_completion_messages(call: Call) -> Reply:
    """The messages that asked for a stored completion, oldest first."""
    return Json(page(call.store.list(_MESSAGES, _find(call)["id"]), call, default_order="asc"))
