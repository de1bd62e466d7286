"""Responses: created, kept, got, deleted, their input items (openapi.yaml:8780)."""

from __future__ import annotations

from typing import Any

from contract.mock import respond_input as inputs
from contract.mock import text as texts
from contract.mock.errors import ApiError, invalid
from contract.mock.kernel import Call, Events, Json, Reply, route
from contract.mock.meter import meter
from contract.mock.paging import page
from contract.mock.respond_output import Output, ask_of, output_of
from contract.mock.respond_stream import frames
from contract.mock.wanted import reasons, want

#: Tokens that a model reads at most; beyond it `truncation` decides (openapi.yaml:30894).
_CONTEXT = 128_000


@route("createResponse")
def create_response(call: Call) -> Reply:
    """Answer a text or items."""
    body = call.body
    want(call, body["model"], "chat")
    items = inputs.items_of(call)
    previous = body.get("previous_response_id")
    earlier = inputs.history(call, previous) if previous else []
    if earlier:
        inputs.check_outputs([*earlier, *items])
    read = _read(body, [*earlier, *items])
    answered = bool(items) and items[-1]["type"] in {"function_call_output", "computer_call_output"}
    ask = ask_of(body, inputs.prompt_of(items or earlier), answered, call.settings.seed)
    response = _response(call, output_of(call, ask), read)
    meter(
        call,
        "completions",
        body["model"],
        input_tokens=response["usage"]["input_tokens"],
        output_tokens=response["usage"]["output_tokens"],
    )
    if body.get("store") is not False:
        inputs.keep(call, response, items)
    return Events(frames(response)) if body.get("stream") else Json(response)


def _read(body: dict[str, Any], items: list[dict[str, Any]]) -> int:
    """Input tokens. Raises ApiError (400) where they overflow the context and nothing may be left out."""
    read = 3 + inputs.count(items) + texts.count(body.get("instructions") or "")
    if read <= _CONTEXT:
        return read
    if body.get("truncation") == "auto":
        return _CONTEXT
    text = f"Your input has {read} tokens, more than the model's context window of {_CONTEXT}."
    raise invalid(text, "input", "context_length_exceeded")


def _response(call: Call, output: Output, read: int) -> dict[str, Any]:
    body = call.body
    response: dict[str, Any] = {
        "id": call.store.new_id("resp_"),
        "object": "response",
        "created_at": call.now,
        "status": "incomplete" if output.cut else "completed",
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if output.cut else None,
        "instructions": body.get("instructions"),
        "max_output_tokens": body.get("max_output_tokens"),
        "model": body["model"],
        "output": output.items,
        "parallel_tool_calls": body.get("parallel_tool_calls") is not False,
        "previous_response_id": body.get("previous_response_id"),
        "store": body.get("store") is not False,
        "temperature": _or(body.get("temperature"), 1),
        "text": {"format": {"type": "text"}, **(body.get("text") or {})},
        "tool_choice": body.get("tool_choice") or "auto",
        "tools": [_tool(each) for each in body.get("tools") or ()],
        "top_p": _or(body.get("top_p"), 1),
        "truncation": body.get("truncation") or "disabled",
        "metadata": body.get("metadata") or {},
        "usage": {
            "input_tokens": read,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": output.tokens,
            "output_tokens_details": {"reasoning_tokens": output.reasoning},
            "total_tokens": read + output.tokens,
        },
    }
    if reasons(body["model"]) or body.get("reasoning"):
        sent = {name: value for name, value in (body.get("reasoning") or {}).items() if value is not None}
        response["reasoning"] = {"effort": "medium", **sent}
    if body.get("user") is not None:
        response["user"] = body["user"]
    return response


def _or(value: Any, default: Any) -> Any:
    return default if value is None else value


def _tool(tool: dict[str, Any]) -> dict[str, Any]:
    """A tool as it comes back: a function with the documented default of `strict` (openapi.yaml:22285)."""
    return {"strict": True, "parameters": {}, **tool} if tool["type"] == "function" else tool


def _find(call: Call) -> dict[str, Any]:
    identifier = call.path["response_id"]
    found = call.store.get(inputs.KIND, identifier)
    if found is None:
        raise ApiError(404, f"Response with id '{identifier}' not found.")
    return found


@route("getResponse")
def get_response(call: Call) -> Reply:
    """One stored response."""
    return Json(_find(call))


@route("deleteResponse")
def delete_response(call: Call) -> Reply:
    """Forget a stored response and its items."""
    found = _find(call)
    inputs.forget(call, found["id"])
    return Json({"id": found["id"], "object": "response", "deleted": True})


@route("listInputItems")
def list_input_items(call: Call) -> Reply:
    """The items that a response was given; reasoning items are none of `ItemResource` (openapi.yaml:22861)."""
    items = [each for each in call.store.list(inputs.INPUT, _find(call)["id"]) if each["type"] != "reasoning"]
    return Json(page(items, call, default_order="asc"))
