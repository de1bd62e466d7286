"""Prose rules of functions and JSON schemas, wherever a body offers or asks for them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from contract.mock.errors import invalid
from contract.mock.kernel import Call, rule

#: "Must be a-z, A-Z, 0-9, or contain underscores and dashes, with a maximum length of 64" (openapi.yaml:22220, 30365).
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}\Z")
_TOOLED = ("createAssistant", "modifyAssistant", "createChatCompletion", "createRun", "createThreadAndRun")


@cache
def _meta() -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator({"$ref": "https://json-schema.org/draft/2020-12/schema"})


def check_name(name: str | None, place: str) -> None:
    """Raise ApiError 400 for a name that a function or a schema cannot have."""
    if name is not None and not _NAME.match(name):
        raise invalid(
            f"Invalid '{place}': '{name[:80]}' does not match ^[a-zA-Z0-9_-]{{1,64}}$.", place, "invalid_value"
        )


def check_schema(schema: Any, strict: bool, place: str) -> None:
    """Raise ApiError 400 for what is no JSON Schema, or with `strict` outside its subset (openapi.yaml:22231)."""
    if schema is not None and not _meta().is_valid(schema):
        raise invalid(f"Invalid schema for '{place}': it is no JSON Schema.", place, "invalid_function_parameters")
    if strict and schema is not None:
        reason = _outside_subset(schema)
        if reason:
            raise invalid(f"Invalid schema for '{place}' with strict: {reason}.", place, "invalid_json_schema")


def _outside_subset(schema: Any) -> str | None:
    """Why a schema is not strict: every object is closed and requires all its members."""
    if isinstance(schema, list):
        return next((reason for each in schema if (reason := _outside_subset(each))), None)
    if not isinstance(schema, Mapping):
        return None
    properties = schema.get("properties")
    if schema.get("type") == "object" or properties is not None:
        if schema.get("additionalProperties") is not False:
            return "'additionalProperties' must be false in every object"
        if set(properties or ()) - set(schema.get("required") or ()):
            return "'required' must list every property"
    return _outside_subset([value for key, value in schema.items() if key not in {"enum", "const", "default"}])


def _functions(body: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for index, tool in enumerate(body.get("tools") or ()):
        if tool.get("type") == "function":
            # Chat and assistants have the function in a member of its own, responses in the tool.
            nested = "function" in tool
            yield f"tools[{index}]{'.function' if nested else ''}", tool["function"] if nested else tool
    for index, function in enumerate(body.get("functions") or ()):
        yield f"functions[{index}]", function


@rule(*_TOOLED, "createResponse")
def functions_are_callable(call: Call) -> None:
    """A name that can be called, parameters that are a schema."""
    for place, function in _functions(call.body):
        check_name(function["name"], f"{place}.name")
        # In responses `strict` must be sent, and its default is true: it cannot mean that a plain schema is refused.
        strict = function.get("strict") is True and call.operation.id != "createResponse"
        check_schema(function.get("parameters"), strict, f"{place}.parameters")


@rule(*_TOOLED)
def response_format_is_named(call: Call) -> None:
    """`json_schema` has a name of a function's form, a schema, and with `strict` one of the subset."""
    found = call.body.get("response_format")
    if isinstance(found, Mapping) and found.get("type") == "json_schema":
        place = "response_format.json_schema"
        check_name(found["json_schema"]["name"], f"{place}.name")
        schema = found["json_schema"].get("schema")
        check_schema(schema, found["json_schema"].get("strict") is True, f"{place}.schema")


@rule("createResponse")
def text_format_is_named(call: Call) -> None:
    """`text.format` likewise (openapi.yaml:32783)."""
    found = (call.body.get("text") or {}).get("format") or {}
    if found.get("type") == "json_schema":
        check_name(found.get("name"), "text.format.name")
        check_schema(found.get("schema"), False, "text.format.schema")
