"""For each MUST and SHOULD of chat streams: a stream that breaks it and its twin; and the freedoms."""

from __future__ import annotations

from typing import Any

from stream_builders_chat import (
    COUNTED,
    ERROR,
    HEAD,
    LOGPROBS,
    NOTHING,
    TOOLS,
    USAGE,
    altered,
    calls,
    case,
    chunk,
    counted,
    entry,
    finish,
    hello,
    more,
    no_key,
    opens,
    role,
    said,
    scored,
    stream,
    token,
    weather,
    without,
)
from stream_case import sse
from stream_cases_chat_parts import SCORES, TOOL_CALLS

JSON_MODE = {"response_format": {"type": "json_object"}}
SCHEMA_MODE = {
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "n", "strict": True, "schema": {"type": "object", "required": ["a"]}},
    }
}
FUNCTIONS = {"functions": [{"name": "f", "parameters": {}}]}


def two(n: int = 2) -> list[Any]:
    """Choices one after the other."""
    return [each for index in range(n) for each in hello(index=index)]


def function_call(reason: str = "function_call") -> list[Any]:
    """The deprecated call of one function."""
    return [role(), chunk({"function_call": {"name": "f", "arguments": "{}"}}), finish(reason)]


#: What is wrong with the counts -> usage that has them, and usage that has not.
DETAILS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("prompt below 0", {**NOTHING, "prompt_tokens": -1, "total_tokens": -1}, NOTHING),
    ("completion below 0", {**NOTHING, "completion_tokens": -1, "total_tokens": -1}, NOTHING),
    ("total below 0", {**NOTHING, "total_tokens": -1}, NOTHING),
    *(
        (
            f"{side} detail below 0",
            {**USAGE, f"{side}_tokens_details": {"audio_tokens": -1}},
            {**NOTHING, f"{side}_tokens_details": {"audio_tokens": 0, "x": True, "y": "z", "z": None}},
        )
        for side in ("prompt", "completion")
    ),
    (
        "only those of the completion are parts of a sum",
        {**USAGE, "completion_tokens_details": {"reasoning_tokens": 3, "audio_tokens": 2}},
        {**USAGE, "prompt_tokens_details": {"cached_tokens": 3, "audio_tokens": 3}},
    ),
]

SCHEMA = [
    case("CHAT-001", altered(hello(), 1, model=None), hello(), note="model null"),
    case("CHAT-001", without(hello(), 1, "created"), hello(), note="created missing"),
    case("CHAT-001", altered(hello(), 1, created="1742601600"), hello(), note="created a string"),
    case("CHAT-001", without(hello(), 1, "object"), hello(), note="object missing"),
    case("CHAT-001", [role(), {**HEAD, "choices": [no_key(entry(), "delta")]}, *hello()[1:]], hello(), note="no delta"),
    case(
        "CHAT-001",
        [role(), {**HEAD, "choices": [no_key(entry({"content": "a"}), "finish_reason")]}, *hello()[1:]],
        hello(),
        note="no finish_reason key",
    ),
    case("CHAT-001", [role(), chunk({"content": "a"}, ""), *hello()[1:]], hello(), note="finish_reason empty"),
    case("CHAT-001", [*hello()[:-1], finish("abort")], hello(), note="finish_reason unknown"),
    case("CHAT-001", [role(), chunk({"role": None, "content": "a"}), *hello()[1:]], hello(), note="role null"),
    case("CHAT-001", [role(), chunk({"content": 5}), *hello()[1:]], hello(), note="content a number"),
    case("CHAT-001", [role(), chunk({"tool_calls": None}), *hello()[1:]], hello(), note="tool_calls null"),
    case("CHAT-001", [role(), chunk({"tool_calls": opens()}), finish()], hello(), note="tool_calls an object", **TOOLS),
    case(
        "CHAT-001",
        [*counted(hello())[:-1], {**HEAD, "usage": USAGE}],
        counted(hello()),
        note="no choices",
        **COUNTED,
    ),
    case("CHAT-001", [role(), chunk({"content": "a"}, logprobs={"content": None}), finish()], hello(), note="logprobs"),
    case(
        "CHAT-001",
        [role(), scored("a", no_key(token("a"), "logprob")), finish()],
        [role(), scored("a", token("a")), finish()],
        note="no logprob",
        **LOGPROBS,
    ),
    case("CHAT-001", [*hello()[:-1], chunk({}, index="0"), finish()], hello(), note="index of a choice a string"),
    case(
        "CHAT-001",
        calls(opens(), {"index": 0, "function": {"arguments": 5}}),
        weather(),
        note="arguments a number",
        **TOOLS,
    ),
    *(
        case("CHAT-001", counted(hello(), {**USAGE, part: "4"}), counted(hello()), note=f"{part} a string", **COUNTED)
        for part in USAGE
    ),
    case("CHAT-006", altered(hello(), 1, object="chat.completion"), hello()),
    case("CHAT-006", altered(hello(), 0, object=""), hello(), note="empty"),
    case("CHAT-006", without(hello(), 1, "object"), hello(), note="missing"),
]

ENVELOPE = [
    case("CHAT-002", stream(hello(), done=False), hello()),
    case("CHAT-002", stream(counted(hello()), done=False), counted(hello()), note="after the usage", **COUNTED),
    case("CHAT-003", sse([("message", each) for each in hello()]) + b"data: [DONE]\n\n", hello()),
    case("CHAT-003", stream(hello(), done=False) + b"event: end\ndata: [DONE]\n\n", hello(), note="the sentinel's too"),
    case("CHAT-004", altered(hello(), 2, id="chatcmpl-2"), hello()),
    case("CHAT-004", altered(altered(hello(), 1, id="x"), 2, id="x"), hello(), note="each time"),
    case("CHAT-005", altered(hello(), -1, created=1742601601), hello()),
    case("CHAT-007", altered(hello(), 1, model="model-2"), hello()),
    case("CHAT-008", altered(hello(), 2, system_fingerprint="fp_2"), without(hello(), 2, "system_fingerprint")),
    case(
        "CHAT-008",
        altered(altered(hello(), 0, service_tier="scale"), 1, service_tier="default"),
        altered(altered(hello(), 0, service_tier="scale"), 1, service_tier=None),
        note="tier",
    ),
    case("CHAT-009", hello(), two(), n=2),
    case("CHAT-009", hello(), two(3), note="several", n=3),
    case("CHAT-009", [], hello(), note="only [DONE]"),
    case("CHAT-010", [*hello(), *hello(index=1)], hello()),
    case("CHAT-010", [*hello(), *hello(index=-1)], hello(), note="negative"),
    case("CHAT-010", [role(), said("a", 1), said("b", 2), finish()], hello(), note="counts chunks"),
    case(
        "CHAT-011",
        [role(), {**HEAD, "choices": [entry({"content": "a"}), entry({"content": "b"})]}, finish()],
        [
            {**HEAD, "choices": [entry({"role": "assistant"}), entry({"role": "assistant"}, index=1)]},
            {**HEAD, "choices": [entry({}, "stop"), entry({}, "stop", 1)]},
        ],
        n=2,
        note="twin packs two choices",
    ),
    case("CHAT-030", counted(hello())[:-1], counted(hello()), **COUNTED),
    case("CHAT-030", [*counted(hello()), counted(hello())[-1]], counted(hello()), note="twice", **COUNTED),
    case(
        "CHAT-030",
        [*counted(hello())[:-2], counted(hello())[-1], counted(hello())[-2]],
        counted(hello()),
        note="not last",
        **COUNTED,
    ),
    case("CHAT-031", without(counted(hello()), 1, "usage"), counted(hello()), note="no key", **COUNTED),
    case("CHAT-031", altered(counted(hello()), 1, usage=USAGE), counted(hello()), note="not null", **COUNTED),
    case("CHAT-032", altered(hello(), -1, usage=USAGE), hello()),
    case("CHAT-033", altered(hello(), 1, usage=None), hello()),
    case("CHAT-034", [{**HEAD, "choices": []}, *hello()], hello()),
    case("CHAT-034", [{**HEAD, "choices": [], **ERROR}, *hello()], hello(), note="with a member named error"),
    case("CHAT-034", [{**HEAD, "choices": [], "usage": None}, *counted(hello())], counted(hello()), **COUNTED),
    case("CHAT-035", counted(hello(), {**USAGE, "total_tokens": 10}), counted(hello()), **COUNTED),
    case(
        "CHAT-036",
        counted(hello(), {**USAGE, "prompt_tokens_details": {"cached_tokens": 6}}),
        counted(hello(), {**USAGE, "prompt_tokens_details": {"cached_tokens": 5}}),
        note="cached",
        **COUNTED,
    ),
    case(
        "CHAT-036",
        counted(hello(), {**USAGE, "completion_tokens_details": {"reasoning_tokens": 5}}),
        counted(hello(), {**USAGE, "completion_tokens_details": {"reasoning_tokens": 4}}),
        note="reasoning",
        **COUNTED,
    ),
    *(
        case("CHAT-036", counted(hello(), broken), counted(hello(), right), note=note, **COUNTED)
        for note, broken, right in DETAILS
    ),
    case("CHAT-051", counted(hello()), counted(hello()), **COUNTED, max_tokens=3, twin_request={"max_tokens": 4}),
    case(
        "CHAT-051",
        counted(hello()),
        counted(two()),
        **COUNTED,
        max_completion_tokens=3,
        twin_request={"n": 2},
        note="n times",
    ),
    case("CHAT-054", hello(), altered(hello(), 0, service_tier="default"), service_tier="auto"),
    case("CHAT-054", hello(), altered(hello(), -1, service_tier="default"), note="in any chunk", service_tier="auto"),
    case("CHAT-060", stream([role(), {"error": "boom"}]), stream([role(), ERROR])),
    case(
        "CHAT-060",
        [role(), {"error": {"message": "boom"}}],
        [role(), {**HEAD, **ERROR, "id": "failure"}],
        note="other id",
    ),
    case("CHAT-060", stream([role(), ERROR, said("a")]), stream([role(), ERROR]), note="goes on"),
    case("CHAT-060", stream([role(), ERROR, ERROR]), stream([role(), ERROR]), note="twice"),
    case(
        "CHAT-060",
        [*counted(hello()), ERROR, {**said("a"), "usage": None}],
        [*counted(hello()), ERROR],
        note="goes on after the usage",
        **COUNTED,
    ),
]

CHOICES = [
    case("CHAT-012", hello()[1:], hello()),
    case("CHAT-013", [role(), chunk({"role": "assistant", "content": "a"}), finish()], hello()),
    case("CHAT-014", [chunk({"role": "user", "content": ""}), *hello()[1:]], hello()),
    case("CHAT-015", hello()[:-1], hello()),
    case("CHAT-015", stream(hello()[:-1], done=False), hello(), note="no sentinel either"),
    case("CHAT-015", [*two()[:-1]], two(), note="second choice", n=2),
    case("CHAT-016", [*hello(), finish("length")], hello()),
    case("CHAT-017", [*hello(), said("more")], hello()),
    case("CHAT-017", [*hello(), role()], hello(), note="role"),
    case("CHAT-017", [*hello(), chunk({"refusal": "no"})], hello(), note="refusal"),
    case("CHAT-017", [*function_call(), *function_call()[1:2]], function_call(), note="function call", **FUNCTIONS),
    case("CHAT-017", [*weather(), chunk({"tool_calls": [more("x")]})], weather(), note="arguments", **TOOLS),
    case("CHAT-018", [*hello(), chunk({})], hello()),
    case("CHAT-019", hello(reason="tool_calls"), hello(), **TOOLS),
    case(
        "CHAT-020",
        [*weather()[:-1], finish("stop")],
        [*weather()[:-1], finish("length")],
        note="length may override",
        **TOOLS,
    ),
    case(
        "CHAT-020",
        [*weather()[:-1], finish("stop")],
        [*weather()[:-1], finish("stop")],
        note="a forced call may stop",
        twin_request={"tool_choice": {"type": "function", "function": {"name": "get_weather"}}},
        **TOOLS,
    ),
    case("CHAT-021", hello(reason="function_call"), function_call(), **FUNCTIONS),
    case("CHAT-021", function_call("stop"), function_call(), note="stop", **FUNCTIONS),
    case(
        "CHAT-050",
        [role(), said("a"), chunk({"refusal": "no"}), finish()],
        [role(), chunk({"refusal": "no"}), finish()],
    ),
    case(
        "CHAT-050",
        [role(), chunk({"refusal": "no"}), said("a"), chunk({"refusal": "!"}), finish()],
        [role(), said(""), chunk({"refusal": "no"}), chunk({"content": None, "refusal": "!"}), finish()],
        note="content after it",
    ),
    case("CHAT-052", hello("one EN", "D two", " three END"), hello("one EN", "d two"), stop=["END"]),
    case("CHAT-052", hello("xx", "X", "X", "ab"), hello("Xab", "XX", "a"), stop=["Z", "XXab"], note="in pieces"),
    case("CHAT-052", hello("a\n", "\nb"), hello("a\n", "b"), stop="\n\n", note="one string"),
    case("CHAT-053", hello('{"a":', "1"), hello('{"a":', "1}"), **JSON_MODE),
    case("CHAT-053", hello('{"a":', "1"), hello('{"a":', "1", reason="length"), note="cut by length", **JSON_MODE),
    case("CHAT-053", hello('{"a":', "NaN}"), hello('{"a":', '"NaN"}'), note="NaN", **JSON_MODE),
    case("CHAT-053", hello('{"b":1}'), hello('{"a":1}'), note="schema", **SCHEMA_MODE),
]

CASES = [*SCHEMA, *ENVELOPE, *CHOICES, *TOOL_CALLS, *SCORES]

#: MAY rule -> (what the request asks for, a stream that uses the freedom).
FREE: dict[str, tuple[dict[str, Any], list[Any]]] = {
    "CHAT-070": ({}, [role(), chunk({"content": "all"}, "stop")]),
    "CHAT-071": ({"n": 2}, [role(), role(1), said("a", 1), said("b"), finish(index=1), said("c"), finish()]),
    "CHAT-072": (
        {},
        [
            role(),
            chunk({}),
            said(""),
            chunk({"content": None}),
            chunk({"audio": {"id": "x"}}),
            chunk({}, error=ERROR["error"]),
            *hello()[1:],
        ],
    ),
    "CHAT-073": (TOOLS, weather("{not", " json")),
    "CHAT-074": (TOOLS, [chunk({"role": "assistant", "tool_calls": [opens(arguments="{}")]}), finish("tool_calls")]),
}
