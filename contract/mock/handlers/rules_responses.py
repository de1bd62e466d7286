"""Prose rules of responses. Ids as `contract rules` lists them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from contract.mock.errors import invalid
from contract.mock.handlers import shelf
from contract.mock.handlers.files import file_of
from contract.mock.kernel import Call, rule

_COUNTRY = re.compile("[A-Z]{2}")
_COMPARISONS = frozenset({"eq", "ne", "gt", "gte", "lt", "lte"})
_WEB = frozenset({"web_search_preview", "web_search_preview_2025_03_11"})


@cache
def _zones() -> frozenset[str]:
    import zoneinfo

    return frozenset(zoneinfo.available_timezones())


def _check_location(location: Mapping[str, Any], place: str) -> None:
    """RESP-7, RESP-8: ISO 3166-1 alpha-2, IANA."""
    country, zone = location.get("country"), location.get("timezone")
    if country is not None and not _COUNTRY.fullmatch(country):
        raise invalid(f"Invalid '{place}.country': two letters of ISO 3166-1 are wanted.", f"{place}.country")
    if zone is not None and _zones() and zone not in _zones():
        raise invalid(f"Invalid '{place}.timezone': no IANA timezone.", f"{place}.timezone")


@rule("createChatCompletion")
def chat_location_is_real(call: Call) -> None:
    """RESP-7, RESP-8 for chat's web search."""
    location = (call.body.get("web_search_options") or {}).get("user_location") or {}
    _check_location(location.get("approximate") or {}, "web_search_options.user_location.approximate")


@rule("createResponse")
def tools_fit(call: Call) -> None:
    """RESP-7 to RESP-9, VS-2; the vector stores to search are there."""
    for index, tool in enumerate(call.body.get("tools") or ()):
        place = f"tools[{index}]"
        if tool["type"] in _WEB:
            _check_location(tool.get("user_location") or {}, f"{place}.user_location")
        elif tool["type"] == "file_search":
            results = tool.get("max_num_results")
            if results is not None and not 1 <= results <= 50:
                raise invalid(f"Invalid '{place}.max_num_results': from 1 to 50.", f"{place}.max_num_results")
            for each in tool["vector_store_ids"]:
                shelf.record_of(call, each, f"{place}.vector_store_ids")
            check_filters(tool.get("filters"), f"{place}.filters")


def check_filters(node: Any, place: str) -> None:
    """Raise ApiError 400 where a compound filter holds something that is no filter (openapi.yaml:17025)."""
    for at, each in _inner(node or {}, place):
        compound = each.get("type") in {"and", "or"} and isinstance(each.get("filters"), list)
        simple = each.get("type") in _COMPARISONS and "key" in each and "value" in each
        if not (compound or simple):
            raise invalid(f"Invalid '{at}': neither a comparison nor a compound filter.", at)


def _inner(node: Mapping[str, Any], place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    found = node.get("filters")
    for index, each in enumerate(found if isinstance(found, list) else ()):
        if isinstance(each, Mapping):
            at = f"{place}.filters[{index}]"
            yield at, each
            yield from _inner(each, at)


@rule("createResponse")
def choice_names_a_tool(call: Call) -> None:
    """RESP-10."""
    choice, tools = call.body.get("tool_choice"), call.body.get("tools") or ()
    if choice == "required" and not tools:
        raise invalid("'tool_choice' is 'required' and no tools are offered.", "tool_choice")
    if not isinstance(choice, Mapping):
        return
    if choice["type"] == "function":
        known = any(each["type"] == "function" and each["name"] == choice["name"] for each in tools)
    else:
        known = any(each["type"] == choice["type"] for each in tools)
    if not known:
        raise invalid("Invalid 'tool_choice': no such tool is offered.", "tool_choice")


@rule("createResponse")
def limit_leaves_room(call: Call) -> None:
    """An upper bound below one token leaves nothing to answer with."""
    limit = call.body.get("max_output_tokens")
    if limit is not None and limit < 1:
        raise invalid("Invalid 'max_output_tokens': integer below minimum value 1.", "max_output_tokens")


@rule("createResponse")
def input_is_there(call: Call) -> None:
    """Something to answer: an item, or a response to go on from."""
    if call.body["input"] == [] and not call.body.get("previous_response_id"):
        raise invalid("Invalid 'input': it cannot be an empty array.", "input")


@rule("createResponse")
def files_are_there(call: Call) -> None:
    """A file that an input item names by its id is uploaded."""
    given = call.body["input"]
    for index, item in enumerate(given if isinstance(given, list) else ()):
        for part in item["content"] if isinstance(item.get("content"), list) else ():
            if part["type"] in {"input_file", "input_image"} and part.get("file_id"):
                file_of(call, part["file_id"], f"input[{index}].content")
