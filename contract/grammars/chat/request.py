"""What a chat request asks of its stream, read once. Anything of the wrong type counts as not asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Asked:
    """The promises that a chat request binds its stream to."""

    n: int
    include_usage: bool
    logprobs: bool
    top_logprobs: int | None
    max_tokens: int | None
    stops: tuple[str, ...]
    json_mode: bool
    json_schema: Any
    service_tier: bool
    tools_offered: bool
    tools_forbidden: bool
    tool_forced: bool
    one_tool_call: bool
    #: Parameters schema by name, of the functions declared `strict: true`.
    strict: Mapping[str, Any]


def read(request: Mapping[str, Any]) -> Asked:
    """The promises of `request`, a decoded body of createChatCompletion."""
    choice = request.get("tool_choice")
    legacy = request.get("function_call")
    kind, schema = _response_format(_mapping(request.get("response_format")))
    return Asked(
        n=_count(request.get("n")) or 1,
        include_usage=_mapping(request.get("stream_options")).get("include_usage") is True,
        logprobs=request.get("logprobs") is True,
        top_logprobs=_count(request.get("top_logprobs")),
        max_tokens=_count(request.get("max_completion_tokens")) or _count(request.get("max_tokens")),
        stops=stops(request.get("stop")),
        json_mode=kind in ("json_object", "json_schema"),
        json_schema=schema,
        service_tier=isinstance(request.get("service_tier"), str),
        tools_offered=bool(request.get("tools") or request.get("functions")),
        tools_forbidden=choice == "none",
        tool_forced=choice == "required" or isinstance(choice, Mapping) or isinstance(legacy, Mapping),
        one_tool_call=request.get("parallel_tool_calls") is False,
        strict=dict(_strict(request.get("tools"))),
    )


def stops(value: Any) -> tuple[str, ...]:
    """The stop sequences of a request: a string, a list of strings, or none."""
    listed = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return tuple(each for each in listed if isinstance(each, str) and each)


def _response_format(value: Mapping[str, Any]) -> tuple[Any, Any]:
    """The type and the schema to match; no schema where `strict: false` gives it up."""
    declared = _mapping(value.get("json_schema"))
    return value.get("type"), None if declared.get("strict") is False else declared.get("schema")


def _strict(tools: Any) -> list[tuple[str, Any]]:
    functions = [_mapping(_mapping(each).get("function")) for each in tools] if isinstance(tools, list) else []
    return [
        (each["name"], each.get("parameters"))
        for each in functions
        if each.get("strict") is True and isinstance(each.get("name"), str)
    ]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
