"""A run as it begins: the assistant's settings, overridden by the request's (`openapi.yaml:19996`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contract.mock.handlers.assistants import assistant_of, require_model
from contract.mock.handlers.conversation import LIFETIME
from contract.mock.handlers.resources import Resources, resolved
from contract.mock.kernel import Call

#: "tools: maxItems 20" holds for runs, 128 for assistants (openapi.yaml:31465, 14653).
_MOST_TOOLS = 20


def check_run(call: Call, body: Mapping[str, Any]) -> Resources:
    """Look up what the request names; the `tool_resources` that it brings. Raises ApiError 404."""
    assistant_of(call, body["assistant_id"], "assistant_id")
    if body.get("model") is not None:
        require_model(call, body["model"])
    return resolved(call, body.get("tool_resources"))


def new_run(call: Call, thread_id: str, body: Mapping[str, Any], resources: Resources) -> dict[str, Any]:
    """The record of a queued run, not saved yet; `resources` stand before the assistant's."""
    assistant = assistant_of(call, body["assistant_id"], "assistant_id")
    run = {**_identity(call, thread_id, assistant), **_settings(assistant, body)}
    return {
        "object": run,
        "since": call.time,
        "resources": {**assistant["tool_resources"], **resources},
        "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
        "answered": False,
        "open_step": None,
    }


def _identity(call: Call, thread_id: str, assistant: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": call.store.new_id("run_"),
        "object": "thread.run",
        "created_at": call.now,
        "thread_id": thread_id,
        "assistant_id": assistant["id"],
        "status": "queued",
        "required_action": None,
        "last_error": None,
        "expires_at": call.now + LIFETIME,
        "started_at": None,
        "cancelled_at": None,
        "failed_at": None,
        "completed_at": None,
        "incomplete_details": None,
        "usage": None,
    }


def _settings(assistant: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    own = {name: value for name, value in body.items() if value is not None}
    tools = own.get("tools", assistant["tools"])
    settings = {
        "model": own.get("model", assistant["model"]),
        "instructions": _instructions(assistant, own),
        "tools": tools[:_MOST_TOOLS],
        "metadata": own.get("metadata", {}),
        "temperature": own.get("temperature", assistant["temperature"]),
        "top_p": own.get("top_p", assistant["top_p"]),
        "max_prompt_tokens": own.get("max_prompt_tokens"),
        "max_completion_tokens": own.get("max_completion_tokens"),
        "truncation_strategy": {"last_messages": None, **own.get("truncation_strategy", {"type": "auto"})},
        "tool_choice": own.get("tool_choice", "auto"),
        "parallel_tool_calls": own.get("parallel_tool_calls", True),
        "response_format": own.get("response_format", assistant["response_format"]),
    }
    effort = own.get("reasoning_effort", assistant.get("reasoning_effort"))
    return {**settings, "reasoning_effort": effort} if effort else settings


def _instructions(assistant: Mapping[str, Any], own: Mapping[str, Any]) -> str:
    first = own.get("instructions", assistant["instructions"]) or ""
    return "\n".join(each for each in (first, own.get("additional_instructions")) if each)
