"""Functions that a model may call: their schemas, how many, and how one is chosen."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from contract.verdict import Keyword
from strategies.kinds import WEATHER
from strategies.prose import Row, Values
from strategies.prose_names import FORMATTED, TOOLED, json_schemas, tool
from strategies.prose_tools import (
    CHAT,
    CLOSED,
    RESPONSE,
    drop,
    get,
    listed,
    members,
    put,
    update,
)

_OPEN = {"type": "object", "properties": {"city": {"type": "string"}}}


def is_subset(schema: Any) -> bool:
    """True for the subset of strict mode, as far as one look tells: closed objects whose members are all required."""
    if isinstance(schema, list):
        return all(is_subset(each) for each in schema)
    if not isinstance(schema, dict):
        return True
    if schema.get("type") == "object" or "properties" in schema:
        names = set(schema["properties"]) if isinstance(schema.get("properties"), dict) else set()
        if schema.get("additionalProperties") is not False or names - set(listed(schema.get("required"))):
            return False
    return all(is_subset(each) for each in schema.values())


def _strict(holder: Any, member: str) -> bool:
    return get(holder, "strict") is True and not (isinstance(holder.get(member), dict) and is_subset(holder[member]))


def _functions(values: Values) -> Iterator[dict[str, Any]]:
    return (each for _, each in members(values, "function") if isinstance(each, dict))


def _close_functions(values: Values) -> None:
    """Give every strict function parameters of the subset."""
    for each in [*_functions(values), *_response_functions(values)]:
        if _strict(each, "parameters"):
            each["parameters"] = CLOSED


def _close_schemas(values: Values) -> None:
    for each in json_schemas(values):
        if _strict(each, "schema"):
            each["schema"] = CLOSED


@cache
def _meta() -> Any:
    import jsonschema_rs  # 23 ms that a listing need not pay

    return jsonschema_rs.Draft202012Validator({"$ref": "https://json-schema.org/draft/2020-12/schema"})


def is_schema(value: Any) -> bool:
    """True for a valid JSON Schema (2020-12)."""
    return bool(_meta().is_valid(value))


def _holders(values: Values) -> Iterator[dict[str, Any]]:
    yield from _functions(values)
    yield from (each for each in listed(get(values.body, "functions")) if isinstance(each, dict))


def _bad_parameters(values: Values) -> bool:
    found = [each["parameters"] for each in _holders(values) if isinstance(each.get("parameters"), dict)]
    return any(not is_schema(each) for each in found)


def _mend_parameters(values: Values) -> None:
    for each in _holders(values):
        if isinstance(each.get("parameters"), dict) and not is_schema(each["parameters"]):
            each["parameters"] = WEATHER["parameters"]


def _choice_alone(values: Values) -> bool:
    chosen = get(values.body, "tool_choice")
    return (chosen not in (None, "none") and not get(values.body, "tools")) or _call_alone(values)


def _offer_tools(values: Values) -> None:
    if _call_alone(values):
        called = values.body["function_call"].get("name", "get_weather")
        values.body["functions"] = [{**WEATHER, "name": called}]
    else:
        chosen = get(values.body, "tool_choice", "function", "name")
        values.body["tools"] = tool(name=chosen) if isinstance(chosen, str) else tool()


def _drop_choice(values: Values) -> None:
    values.body.pop("function_call" if _call_alone(values) else "tool_choice", None)


def _call_alone(values: Values) -> bool:
    return isinstance(get(values.body, "function_call"), dict) and not get(values.body, "functions")


def _both_generations(values: Values) -> bool:
    body = values.body if isinstance(values.body, dict) else {}
    old = body.get("functions") is not None or body.get("function_call") is not None
    return old and (body.get("tools") is not None or body.get("tool_choice") is not None)


def _response_functions(values: Values) -> Iterator[dict[str, Any]]:
    for each in listed(get(values.body, "tools")):
        if isinstance(each, dict) and each.get("type") == "function" and "function" not in each:
            yield each


_LOOSE = {"type": "function", "name": "get_weather", "parameters": _OPEN, "strict": True}


ROWS = (
    Row(
        "CHAT-4",
        CHAT,
        lambda v: len(listed(get(v.body, "tools"))) > 128,
        lambda v: v.body.update(tools=v.body["tools"][:128]),
        lambda v: v.body.update(tools=[each for index in range(129) for each in tool(name=f"get_weather_{index}")]),
    ),
    Row(
        "CHAT-16",
        FORMATTED,
        lambda v: any(_strict(each, "schema") for each in json_schemas(v)),
        _close_schemas,
        update(
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": _OPEN},
            }
        ),
    ),
    Row(
        "CHAT-17",
        TOOLED,
        lambda v: any(_strict(each, "parameters") for each in _functions(v)),
        _close_functions,
        lambda v: v.body.update(tools=tool(strict=True, parameters=_OPEN)),
    ),
    Row(
        "CHAT-18",
        TOOLED,
        _bad_parameters,
        _mend_parameters,
        lambda v: v.body.update(tools=tool(parameters={"type": 12, "properties": []})),
    ),
    Row(
        "CHAT-19",
        CHAT,
        _choice_alone,
        _drop_choice,
        put("tool_choice", "auto"),
        Keyword.MAY,
        support=_offer_tools,
    ),
    Row(
        "CHAT-32",
        CHAT,
        _both_generations,
        drop("functions", "function_call"),
        lambda v: v.body.update(tools=tool(), functions=[WEATHER]),
        Keyword.MAY,
    ),
    Row(
        "RESP-1",
        RESPONSE,
        lambda v: any(_strict(each, "parameters") for each in _response_functions(v)),
        _close_functions,
        put("tools", [_LOOSE]),
        Keyword.MAY,
    ),
)
