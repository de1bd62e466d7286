"""Assistants: create, list, get, change, delete (`openapi.yaml:52`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contract.mock.errors import ApiError, no_model, not_found
from contract.mock.handlers import models
from contract.mock.handlers.phases import settle_all
from contract.mock.handlers.resources import resolved
from contract.mock.kernel import Call, Json, Reply, route
from contract.mock.paging import page

KIND = "assistant"
#: What an answer shows where nothing, or null, was sent; documented defaults where there are any.
_DEFAULTS: Mapping[str, Any] = {
    "name": None,
    "description": None,
    "instructions": None,
    "tools": [],
    "metadata": {},
    "temperature": 1.0,
    "top_p": 1.0,
    "response_format": "auto",
}


def assistant_of(call: Call, identifier: str, param: str | None = None) -> dict[str, Any]:
    """The Assistant object. Raises ApiError 404, with `param` where a body member named it."""
    found: dict[str, Any] | None = call.store.get(KIND, identifier)
    if found is None:
        raise not_found(KIND, identifier, param)
    return found


def require_model(call: Call, model: str) -> None:
    """Refuse a model that does not exist. Raises ApiError 404 naming the member."""
    named = call.spec.corrected["components"]["schemas"]["AssistantSupportedModels"]["enum"]
    if model not in named and not models.exists(call, model):
        error = no_model(model)
        raise ApiError(error.status, error.message, param="model", code=error.code)


def _fields(call: Call, body: Mapping[str, Any]) -> dict[str, Any]:
    """The members that were sent, as an answer shows them."""
    if "model" in body:
        require_model(call, body["model"])
    sent = {name: value for name, value in body.items() if name != "tool_resources"}
    shown = {name: _DEFAULTS[name] if value is None and name in _DEFAULTS else value for name, value in sent.items()}
    if "tool_resources" in body:
        shown["tool_resources"] = resolved(call, body["tool_resources"])
    return shown


@route("createAssistant")
def create_assistant(call: Call) -> Reply:
    """An assistant with the documented defaults for what was left out."""
    fields = {**_DEFAULTS, "tool_resources": {}, **_fields(call, call.body)}
    identifier = call.store.new_id("asst_")
    assistant = {"id": identifier, "object": KIND, "created_at": call.now, **fields}
    call.store.put(KIND, identifier, assistant)
    return Json(assistant)


@route("listAssistants")
def list_assistants(call: Call) -> Reply:
    """All assistants."""
    return Json(page(call.store.list(KIND), call))


@route("getAssistant")
def get_assistant(call: Call) -> Reply:
    """One assistant."""
    return Json(assistant_of(call, call.path["assistant_id"]))


@route("modifyAssistant")
def modify_assistant(call: Call) -> Reply:
    """Replace the members that were sent; the rest stays."""
    found = assistant_of(call, call.path["assistant_id"])
    changed = {**found, **_fields(call, call.body)}
    call.store.put(KIND, found["id"], changed)
    return Json(changed)


@route("deleteAssistant")
def delete_assistant(call: Call) -> Reply:
    """Remove the assistant; its runs stay."""
    identifier = assistant_of(call, call.path["assistant_id"])["id"]
    settle_all(call)
    call.store.delete(KIND, identifier)
    return Json({"id": identifier, "object": "assistant.deleted", "deleted": True})
