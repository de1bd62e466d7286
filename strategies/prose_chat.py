"""Chat completions, completions, embeddings, moderations and responses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from contract.verdict import Keyword
from strategies.kinds import WEATHER
from strategies.prose import Row, Values
from strategies.prose_names import FORMATTED, TOOLED, json_schemas, rename, tool
from strategies.prose_tools import NAME, drop, get, listed, members, number, put, update

CHAT = ("createChatCompletion",)
COMPLETION = ("createCompletion",)
RESPONSE = ("createResponse",)
_CLOSED: dict[str, Any] = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
_HOSTED = ("file_search", "web_search_preview", "computer_use_preview", "web_search_preview_2025_03_11")
_OPEN = {"type": "object", "properties": {"city": {"type": "string"}}}


def _messages(values: Values, role: str) -> Iterator[dict[str, Any]]:
    for each in listed(get(values.body, "messages")):
        if isinstance(each, dict) and each.get("role") == role:
            yield each


def _says_nothing(message: dict[str, Any]) -> bool:
    return message.get("content") is None and "tool_calls" not in message and message.get("function_call") is None


def _fill(values: Values) -> None:
    for each in _messages(values, "assistant"):
        if _says_nothing(each):
            each["content"] = "Hello."


def _bad_parts(message: dict[str, Any]) -> bool:
    parts = message.get("content")
    if not isinstance(parts, list) or not parts:
        return False
    kinds = [get(each, "type") for each in parts]
    return "refusal" in kinds and len(kinds) > 1


def _one_refusal(values: Values) -> None:
    for each in _messages(values, "assistant"):
        if _bad_parts(each):
            texts = [part for part in each["content"] if get(part, "type") != "refusal"]
            each["content"] = texts or each["content"][:1]


def _bias(values: Values) -> dict[str, Any]:
    found = get(values.body, "logit_bias")
    return found if isinstance(found, dict) else {}


def _mend_bias(values: Values) -> None:
    kept = {key: each for key, each in _bias(values).items() if key.isdecimal() and key.isascii()}
    bounded = {key: max(-100, min(100, each)) if number(each) else each for key, each in kept.items()}
    values.body["logit_bias"] = bounded


def _bias_high(values: Values) -> bool:
    return any(number(each) and not -100 <= each <= 100 for each in _bias(values).values())


def _orphan_options(values: Values) -> bool:
    return get(values.body, "stream_options") is not None and get(values.body, "stream") is not True


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
            each["parameters"] = _CLOSED


def _close_schemas(values: Values) -> None:
    for each in json_schemas(values):
        if _strict(each, "schema"):
            each["schema"] = _CLOSED


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


def _unanswered(values: Values) -> bool:
    """A tool message whose id no assistant message before it has called."""
    called: set[Any] = set()
    for each in listed(get(values.body, "messages")):
        if get(each, "role") == "assistant":
            called |= {get(call, "id") for call in listed(each.get("tool_calls")) if isinstance(get(call, "id"), str)}
        name = get(each, "tool_call_id")
        if get(each, "role") == "tool" and isinstance(name, str) and name not in called:
            return True
    return False


def _call_before(values: Values) -> None:
    """Put an assistant message with the call before each tool message that answers none."""
    messages: list[Any] = []
    for each in values.body["messages"]:
        name = get(each, "tool_call_id")
        if get(each, "role") == "tool" and isinstance(name, str):
            call = {"id": name, "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
            messages.append({"role": "assistant", "tool_calls": [call]})
        messages.append(each)
    values.body["messages"] = messages


def _call_alone(values: Values) -> bool:
    return isinstance(get(values.body, "function_call"), dict) and not get(values.body, "functions")


def _bad_image(values: Values) -> bool:
    found = [get(each, "url") for _, each in members(values, "image_url") if isinstance(each, dict)]
    return any(isinstance(each, str) and not each.startswith(("http://", "https://", "data:")) for each in found)


def _mend_image(values: Values) -> None:
    for _, each in members(values, "image_url"):
        if isinstance(each, dict) and isinstance(each.get("url"), str):
            each["url"] = "https://example.com/boardwalk.png"


def _user(values: Values, *parts: Any) -> None:
    values.body = {**values.body, "messages": [{"role": "user", "content": list(parts)}]}


def _both_generations(values: Values) -> bool:
    body = values.body if isinstance(values.body, dict) else {}
    old = body.get("functions") is not None or body.get("function_call") is not None
    return old and (body.get("tools") is not None or body.get("tool_choice") is not None)


def _nucleus(values: Values) -> bool:
    return get(values.body, "temperature") is not None and get(values.body, "top_p") is not None


def _best(values: Values) -> bool:
    best, count = get(values.body, "best_of"), get(values.body, "n")
    return number(best) and 0 <= best < (count if number(count) else 1)


def _inputs(values: Values) -> list[Any]:
    return listed(get(values.body, "input"))


def _empty_text(values: Values) -> bool:
    text = get(values.body, "input")
    return text == "" or any(each == "" for each in _inputs(values))


def _mend_inputs(values: Values) -> None:
    text = values.body["input"]
    values.body["input"] = [each or "text" for each in text] if isinstance(text, list) else text or "text"


def _wide(values: Values) -> bool:
    return any(_size(each) > 2048 for each in _inputs(values))


def _size(each: Any) -> int:
    if isinstance(each, dict) and "$repeat" in each:
        return int(each["$repeat"])
    return len(listed(each))


def _response_functions(values: Values) -> Iterator[dict[str, Any]]:
    for each in listed(get(values.body, "tools")):
        if isinstance(each, dict) and each.get("type") == "function" and "function" not in each:
            yield each


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
            "function": {"type": "function", "name": name, "parameters": _CLOSED, "strict": True},
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
_LOOSE = {"type": "function", "name": "get_weather", "parameters": _OPEN, "strict": True}

ROWS = (
    Row(
        "CHAT-1",
        CHAT,
        lambda v: get(v.body, "top_logprobs") is not None and get(v.body, "logprobs") is not True,
        put("logprobs", True),
        put("top_logprobs", 2),
        Keyword.MUST,
    ),
    Row(
        "CHAT-2",
        CHAT,
        lambda v: "audio" in listed(get(v.body, "modalities")) and not isinstance(get(v.body, "audio"), dict),
        put("audio", {"voice": "alloy", "format": "wav"}),
        put("modalities", ["text", "audio"]),
    ),
    Row(
        "CHAT-4",
        CHAT,
        lambda v: len(listed(get(v.body, "tools"))) > 128,
        lambda v: v.body.update(tools=v.body["tools"][:128]),
        lambda v: v.body.update(tools=[each for index in range(129) for each in tool(name=f"get_weather_{index}")]),
    ),
    Row("CHAT-5", CHAT, _bias_high, _mend_bias, put("logit_bias", {"50256": 101})),
    Row(
        "CHAT-6",
        CHAT,
        lambda v: any(not (key.isdecimal() and key.isascii()) for key in _bias(v)),
        _mend_bias,
        put("logit_bias", {"hello": 1}),
    ),
    Row(
        "CHAT-7",
        CHAT + COMPLETION,
        _orphan_options,
        drop("stream_options"),
        put("stream_options", {"include_usage": True}),
        support=put("stream", True),
    ),
    Row(
        "CHAT-9",
        CHAT,
        lambda v: any(_says_nothing(each) for each in _messages(v, "assistant")),
        _fill,
        lambda v: v.body.update(messages=[*v.body["messages"], {"role": "assistant"}]),
    ),
    Row(
        "CHAT-10",
        CHAT,
        lambda v: any(_bad_parts(each) for each in _messages(v, "assistant")),
        _one_refusal,
        lambda v: v.body.update(
            messages=[
                *v.body["messages"],
                {
                    "role": "assistant",
                    "content": [{"type": "text", "text": "Hello."}, {"type": "refusal", "refusal": "No."}],
                },
            ]
        ),
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
        "CHAT-20",
        CHAT,
        _unanswered,
        _call_before,
        lambda v: v.body.update(
            messages=[*v.body["messages"], {"role": "tool", "tool_call_id": "call_unknown", "content": "22 degrees"}]
        ),
    ),
    Row(
        "CHAT-31",
        CHAT,
        _bad_image,
        _mend_image,
        lambda v: _user(
            v,
            {"type": "text", "text": "Say hello."},
            {"type": "image_url", "image_url": {"url": "ftp://example.com/boardwalk.png"}},
        ),
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
        "CHAT-33",
        (*CHAT, "createResponse", "createAssistant", "createRun"),
        _nucleus,
        drop("top_p"),
        update(temperature=0.5, top_p=0.5),
        Keyword.MAY,
    ),
    Row("COMP-1", COMPLETION, _best, drop("best_of"), update(best_of=1, n=2)),
    Row(
        "COMP-2",
        COMPLETION,
        lambda v: number(get(v.body, "best_of")) and v.body["best_of"] > 1 and v.body.get("stream") is True,
        drop("best_of"),
        update(best_of=2, stream=True),
    ),
    Row("COMP-5", COMPLETION, _bias_high, _mend_bias, put("logit_bias", {"50256": 101})),
    # The text lets `prompt` be absent, the schema does not: either answer is right, so only the request is tried.
    Row(
        "COMP-6",
        COMPLETION,
        lambda v: "prompt" not in (v.body or {}),
        put("prompt", "Say hello."),
        drop("prompt"),
        Keyword.MAY,
    ),
    Row("EMB-1", ("createEmbedding",), _empty_text, _mend_inputs, put("input", "")),
    Row(
        "EMB-2",
        ("createEmbedding",),
        _wide,
        lambda v: v.body.update(input=[each if _size(each) <= 2048 else [1] for each in _inputs(v)]),
        put("input", [{"$repeat": 2049, "item": 1}]),
    ),
    Row(
        "MODR-1",
        ("createModeration",),
        lambda v: get(v.body, "input") == [],
        put("input", "I am happy."),
        put("input", []),
    ),
    Row(
        "RESP-1",
        RESPONSE,
        lambda v: any(_strict(each, "parameters") for each in _response_functions(v)),
        _close_functions,
        put("tools", [_LOOSE]),
        Keyword.MAY,
    ),
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
)  # fmt: skip - a row reads as a row
