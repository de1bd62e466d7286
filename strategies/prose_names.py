"""Metadata, attributes and the names of functions and schemas."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from contract.verdict import Keyword
from strategies.kinds import WEATHER
from strategies.prose import Row, Values
from strategies.prose_tools import NAME, get, length, listed, members, put, update

METADATA = (
    "createAssistant", "modifyAssistant", "createBatch", "createChatCompletion", "updateChatCompletion",
    "createFineTuningJob", "createResponse", "createThread", "createThreadAndRun", "modifyThread", "createMessage",
    "modifyMessage", "createRun", "modifyRun", "createVectorStore", "modifyVectorStore",
)  # fmt: skip
ATTRIBUTES = ("createVectorStoreFile", "createVectorStoreFileBatch", "updateVectorStoreFileAttributes")
TOOLED = ("createAssistant", "modifyAssistant", "createChatCompletion", "createRun", "createThreadAndRun")
FORMATTED = TOOLED


def _maps(values: Values, name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for holder, value in members(values, name):
        if isinstance(value, dict):
            yield holder, value


def _shorten(name: str) -> Callable[[Values], None]:
    def change(values: Values) -> None:
        for holder, value in _maps(values, name):
            kept: dict[str, Any] = {}
            for key, each in list(value.items())[:16]:
                long = isinstance(each, str) and not each.startswith("<")
                kept[key[:64]] = each[:512] if long else each if length(each) <= 512 else "shortened"
            holder[name] = kept

    return change


def _functions(values: Values) -> Iterator[dict[str, Any]]:
    for _, function in members(values, "function"):
        if isinstance(function, dict):
            yield function


def _bad_name(value: Any) -> bool:
    return isinstance(value, str) and not NAME.match(value)


def rename(holder: dict[str, Any]) -> None:
    """Give an object a name that the rules admit, made from its own."""
    kept = "".join(each if NAME.match(each) else "_" for each in holder["name"])
    holder["name"] = kept[:64] or "named"


def _rename_functions(values: Values) -> None:
    for function in _functions(values):
        if _bad_name(function.get("name")):
            rename(function)


def _old_functions(values: Values) -> Iterator[dict[str, Any]]:
    for each in listed(get(values.body, "functions")):
        if isinstance(each, dict):
            yield each


def _rename_old(values: Values) -> None:
    for each in _old_functions(values):
        if _bad_name(each.get("name")):
            rename(each)


def json_schemas(values: Values) -> Iterator[dict[str, Any]]:
    """The `json_schema` objects of a body."""
    for _, value in members(values, "json_schema"):
        if isinstance(value, dict):
            yield value


def _rename_schemas(values: Values) -> None:
    for each in json_schemas(values):
        if _bad_name(each.get("name")):
            rename(each)


def tool(**changes: Any) -> list[dict[str, Any]]:
    """A list of one function tool."""
    return [{"type": "function", "function": {**WEATHER, **changes}}]


def _named(values: Values) -> None:
    values.body = {**values.body, "tools": tool(name="get weather!")}


ROWS = (
    Row(
        "META-1",
        METADATA,
        lambda v: any(len(each) > 16 for _, each in _maps(v, "metadata")),
        _shorten("metadata"),
        put("metadata", {f"key-{number}": "value" for number in range(17)}),
    ),
    Row(
        "META-2",
        METADATA,
        lambda v: any(length(key) > 64 for _, each in _maps(v, "metadata") for key in each),
        _shorten("metadata"),
        put("metadata", {"k" * 65: "value"}),
    ),
    Row(
        "META-3",
        METADATA,
        lambda v: any(length(text) > 512 for _, each in _maps(v, "metadata") for text in each.values()),
        _shorten("metadata"),
        put("metadata", {"key": "v" * 513}),
    ),
    Row(
        "ATTR-1",
        ATTRIBUTES,
        lambda v: any(length(key) > 64 for _, each in _maps(v, "attributes") for key in each),
        _shorten("attributes"),
        put("attributes", {"k" * 65: "value"}),
    ),
    Row(
        "CHAT-13",
        TOOLED,
        lambda v: any(_bad_name(each.get("name")) for each in _functions(v)),
        _rename_functions,
        _named,
        Keyword.MUST,
    ),
    Row(
        "CHAT-14",
        ("createChatCompletion",),
        lambda v: any(_bad_name(each.get("name")) for each in _old_functions(v)),
        _rename_old,
        put("functions", [{**WEATHER, "name": "get weather!"}]),
        Keyword.MUST,
    ),
    Row(
        "CHAT-15",
        FORMATTED,
        lambda v: any(_bad_name(each.get("name")) for each in json_schemas(v)),
        _rename_schemas,
        update(
            response_format={"type": "json_schema", "json_schema": {"name": "an answer!", "schema": {"type": "object"}}}
        ),
        Keyword.MUST,
    ),
)  # fmt: skip - a row reads as a row
