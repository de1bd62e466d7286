"""Responses: tools, filters, places and formats."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from contract.verdict import Keyword
from strategies.prose import Row, Values
from strategies.prose_names import rename
from strategies.prose_tools import (
    CHAT,
    CLOSED,
    NAME,
    RESPONSE,
    drop,
    get,
    listed,
    members,
    number,
    put,
)

_HOSTED = ("file_search", "web_search_preview", "computer_use_preview", "web_search_preview_2025_03_11")


def _searches(values: Values) -> Iterator[dict[str, Any]]:
    for each in listed(get(values.body, "tools")):
        if isinstance(each, dict) and each.get("type") == "file_search":
            yield each


def _hits(values: Values) -> bool:
    found = [each.get("max_num_results") for each in _searches(values)]
    return any(number(each) and not 1 <= each <= 50 for each in found)


def _fewer(values: Values) -> None:
    for each in _searches(values):
        if number(each.get("max_num_results")):
            each["max_num_results"] = 10


def _locations(values: Values) -> Iterator[dict[str, Any]]:
    """Places that a web search starts from, in chat one level deeper than in responses."""
    for _, each in members(values, "user_location"):
        if isinstance(each, dict):
            yield each["approximate"] if isinstance(each.get("approximate"), dict) else each


def _country(values: Values) -> bool:
    found = [each.get("country") for each in _locations(values)]
    return any(isinstance(each, str) and not re.fullmatch("[A-Z]{2}", each) for each in found)


def _timezone(values: Values) -> bool:
    found = [each.get("timezone") for each in _locations(values)]
    return any(isinstance(each, str) and each not in _zones() for each in found)


@cache
def _zones() -> frozenset[str]:
    import zoneinfo  # reads a directory: only where a body names a zone

    return frozenset(zoneinfo.available_timezones()) or frozenset({"Europe/Paris", "UTC"})


def _relocate(values: Values) -> None:
    for each in _locations(values):
        if isinstance(each.get("country"), str):
            each["country"] = "US"
        if isinstance(each.get("timezone"), str):
            each["timezone"] = "Europe/Paris"


def _locate(values: Values, **where: Any) -> None:
    place = {"type": "approximate", **where}
    if values.operation == "createResponse":
        values.body = {**values.body, "tools": [{"type": "web_search_preview", "user_location": place}]}
    else:
        location = {"type": "approximate", "approximate": where}
        values.body = {**values.body, "web_search_options": {"user_location": location}}


def _filters(node: Any) -> Iterator[dict[str, Any]]:
    for each in listed(get(node, "filters")):
        if isinstance(each, dict):
            yield each
            yield from _filters(each)


def _odd_filter(values: Values) -> bool:
    roots = [each for _, each in members(values, "filters") if isinstance(each, dict)]
    return any(not _is_filter(each) for root in roots for each in _filters(root))


def _is_filter(each: dict[str, Any]) -> bool:
    if each.get("type") in ("and", "or"):
        return isinstance(each.get("filters"), list)
    return each.get("type") in ("eq", "ne", "gt", "gte", "lt", "lte") and "key" in each and "value" in each


def _mend_filters(values: Values) -> None:
    for _, root in members(values, "filters"):
        for each in list(_filters(root)):
            if not _is_filter(each):
                each.clear()
                each.update(type="eq", key="language", value="en")


_FILTER = {"type": "and", "filters": [{"colour": "blue"}]}


def _filtered(values: Values) -> None:
    if values.operation == "searchVectorStore":
        values.body = {**values.body, "filters": _FILTER}
    else:
        search = {"type": "file_search", "vector_store_ids": ["<ref vector_store>"], "filters": _FILTER}
        values.body = {**values.body, "tools": [search]}


def _unknown_choice(values: Values) -> bool:
    chosen = get(values.body, "tool_choice")
    if not isinstance(chosen, dict):
        return chosen == "required" and not get(values.body, "tools")
    tools = [each for each in listed(get(values.body, "tools")) if isinstance(each, dict)]
    kind, name = chosen.get("type"), chosen.get("name")
    if kind == "function":
        return isinstance(name, str) and name not in [each.get("name") for each in tools if each.get("type") == kind]
    return kind in _HOSTED and kind not in [each.get("type") for each in tools]


def _offer(values: Values) -> None:
    """Add the tool that `tool_choice` names."""
    chosen = values.body["tool_choice"]
    kind = chosen.get("type") if isinstance(chosen, dict) else "function"
    name = chosen.get("name", "get_weather") if isinstance(chosen, dict) else "get_weather"
    values.body["tools"] = [
        {
            "function": {"type": "function", "name": name, "parameters": CLOSED, "strict": True},
            "file_search": {"type": "file_search", "vector_store_ids": ["<ref vector_store>"]},
            "computer_use_preview": {
                "type": "computer_use_preview", "display_width": 1024, "display_height": 768, "environment": "browser",
            },
        }.get(str(kind), {"type": kind})
    ]  # fmt: skip


def _format(values: Values) -> Any:
    found = get(values.body, "text", "format")
    return found if get(found, "type") == "json_schema" else None


def _bad_format(values: Values) -> bool:
    name = get(_format(values), "name")
    return isinstance(name, str) and not NAME.match(name)


_NAMED = {"type": "json_schema", "name": "an answer!", "schema": {"type": "object"}}


ROWS = (
    Row(
        "RESP-7",
        CHAT + RESPONSE,
        _country,
        _relocate,
        lambda v: _locate(v, country="United States"),
    ),
    Row("RESP-8", CHAT + RESPONSE, _timezone, _relocate, lambda v: _locate(v, timezone="Mars/Olympus_Mons")),
    Row("RESP-9", (*RESPONSE, "searchVectorStore"), _odd_filter, _mend_filters, _filtered),
    Row(
        "RESP-10",
        RESPONSE,
        _unknown_choice,
        drop("tool_choice"),
        put("tool_choice", {"type": "function", "name": "no_such_tool"}),
        support=_offer,
    ),
    Row("RESP-11", RESPONSE, _bad_format, lambda v: rename(_format(v)), put("text", {"format": _NAMED}), Keyword.MUST),
    Row(
        "VS-2",
        RESPONSE,
        _hits,
        _fewer,
        put("tools", [{"type": "file_search", "vector_store_ids": ["<ref vector_store>"], "max_num_results": 51}]),
    ),
)
