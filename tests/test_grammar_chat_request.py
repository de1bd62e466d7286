"""What a chat request binds its stream to, and what it leaves free."""

import copy
from typing import Any

import pytest
from stream_builders_chat import (
    COUNTED,
    LOGPROBS,
    STRICT_TOOL,
    TOOL,
    TOOLS,
    calls,
    chunk,
    counted,
    finish,
    hello,
    opens,
    role,
    scored,
    stream,
    token,
    weather,
)

from contract import judge_stream
from contract.grammar_text import MAX_TEXT

NAMED = {"tool_choice": {"type": "function", "function": {"name": "get_weather"}}}
REQUIRED = {"tool_choice": "required"}
LEGACY = {"function_call": {"name": "get_weather"}}
OBJECT = {"response_format": {"type": "json_object"}}
FUNCTION = chunk({"function_call": {"name": "f", "arguments": "{"}})
REFUSAL = chunk({"refusal": "No."})


def rules(chunks: list[Any], **asked: Any) -> list[str]:
    """The rules that the findings of a chat stream name, in order."""
    found = judge_stream("createChatCompletion", {"stream": True, **asked}, 200, "text/event-stream", stream(chunks))
    return [each.rule for each in found]


def form(kind: str, **more: Any) -> dict[str, Any]:
    """A response format with a schema that wants `a`."""
    return {"response_format": {"type": kind, "json_schema": {"schema": {"required": ["a"]}, **more}}}


def strict(**members: Any) -> dict[str, Any]:
    """The tools of a request, the function with other members (None: without one)."""
    function = {**copy.deepcopy(STRICT_TOOL["function"]), **members}
    return {"tools": [{"type": "function", "function": {k: v for k, v in function.items() if v is not None}}]}


@pytest.mark.parametrize(
    "asked",
    [
        {"n": True},
        {"n": "2"},
        {"stop": [1, ""]},
        {"stop": 5},
        {"stop": ""},
        {"response_format": []},
        {"response_format": "json_object"},
        {"response_format": {"type": "text"}},
        {"stream_options": []},
        {"stream_options": {"include_usage": "true"}},
        {"stream_options": {"include_usage": 1}},
        {"logprobs": "true"},
        {"logprobs": 1},
        {"service_tier": None},
        {"service_tier": 1},
        {"tools": {}},
    ],
    ids=str,
)
def test_what_a_request_says_in_a_wrong_type_is_not_asked_for(asked: dict[str, Any]) -> None:
    """A request that a lenient server took binds its stream to nothing that it does not say rightly."""
    assert rules(hello("Hello"), **asked) == []


@pytest.mark.parametrize("limit", ["max_tokens", "max_completion_tokens"])
def test_a_bound_in_a_wrong_type_bounds_nothing(limit: str) -> None:
    """Neither a boolean nor a string counts tokens."""
    for value in (True, "1", None):
        assert rules(counted(hello()), **{limit: value}, **COUNTED) == []
    assert rules(counted(hello()), **{limit: 1}, **COUNTED) == ["CHAT-051"]


def test_the_newer_bound_of_tokens_wins() -> None:
    """max_tokens is deprecated in favour of max_completion_tokens."""
    assert rules(counted(hello()), max_tokens=1, max_completion_tokens=4, **COUNTED) == []
    assert rules(counted(hello()), max_tokens=4, max_completion_tokens=1, **COUNTED) == ["CHAT-051"]


def test_the_entries_of_top_logprobs_are_bounded_by_a_number_only() -> None:
    """Without a number in the request any number of alternatives is right; 0 allows none."""
    chunks = [role(), scored("a", token("a", top=1)), finish()]
    for free in (None, True, "0"):
        assert rules(chunks, **{**LOGPROBS, "top_logprobs": free}) == []
    assert rules(chunks, **{**LOGPROBS, "top_logprobs": 0}) == ["CHAT-043"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (strict(), ["CHAT-027"]),
        (strict(parameters=None), ["CHAT-027"]),
        (strict(strict="yes"), []),
        (strict(strict=None), []),
        (strict(name=None), []),
        (strict(name=5), []),
        (strict(name="get_time"), []),
        ({"tools": [5, TOOL, {"function": None}]}, []),
        ({"tools": "get_weather"}, []),
        ({"functions": [{"name": "get_weather"}]}, []),
    ],
)
def test_arguments_are_promised_to_be_json_by_a_strict_function_of_that_name(
    asked: dict[str, Any], expected: list[str]
) -> None:
    """A function whose name or strictness is not told rightly promises nothing."""
    assert rules(weather("{not json"), **asked) == expected


def test_strict_arguments_without_a_schema_are_json_of_any_kind() -> None:
    """A strict function without parameters promises JSON, not a shape."""
    assert rules(weather("{}"), **strict(parameters=None)) == []
    assert rules(weather("{}"), **strict()) == ["CHAT-027"]


@pytest.mark.parametrize("reason", ["stop", "length", "content_filter"])
def test_strict_arguments_are_promised_with_the_finish_reason_tool_calls_only(reason: str) -> None:
    """Any other end may have cut the arguments."""
    assert rules([*weather("{")[:-1], finish(reason)], **strict(), **NAMED) == []


@pytest.mark.parametrize(
    ("asked", "reason", "expected"),
    [
        ({}, "stop", ["CHAT-020"]),
        ({"tool_choice": "auto"}, "stop", ["CHAT-020"]),
        (NAMED, "stop", []),
        (REQUIRED, "stop", []),
        (LEGACY, "stop", []),
        ({"function_call": "auto"}, "stop", ["CHAT-020"]),
        ({}, "length", []),
        ({}, "content_filter", []),
        (NAMED, "function_call", ["CHAT-020", "CHAT-021"]),
    ],
)
def test_a_choice_with_tool_calls_may_end_in_other_ways_where_it_was_cut_or_forced(
    asked: dict[str, Any], reason: str, expected: list[str]
) -> None:
    """A natural end after tool calls is `tool_calls`; a forced call may say `stop`."""
    assert rules([*weather()[:-1], finish(reason)], **TOOLS, **asked) == expected


@pytest.mark.parametrize(
    ("asked", "reason", "expected"),
    [
        ({}, "function_call", []),
        ({}, "stop", ["CHAT-021"]),
        ({}, "length", []),
        ({}, "content_filter", []),
        (LEGACY, "stop", []),
        ({}, "tool_calls", ["CHAT-019", "CHAT-021"]),
    ],
)
def test_a_choice_with_a_function_call_may_end_in_other_ways_where_it_was_cut_or_forced(
    asked: dict[str, Any], reason: str, expected: list[str]
) -> None:
    """The deprecated call has a finish_reason of its own."""
    assert rules([role(), FUNCTION, finish(reason)], functions=[{"name": "f"}], **asked) == expected


def test_a_forced_function_does_not_excuse_a_function_call_that_never_came() -> None:
    """finish_reason `function_call` needs a call, whoever asked for one."""
    assert rules(hello(reason="function_call"), functions=[{"name": "f"}], **LEGACY) == ["CHAT-021"]


@pytest.mark.parametrize(
    ("asked", "chunks", "expected"),
    [
        (OBJECT, hello("Hi"), ["CHAT-053"]),
        (OBJECT, hello("{}"), []),
        (OBJECT, hello("Hi", reason="length"), []),
        (OBJECT, hello("Hi", reason="content_filter"), []),
        (OBJECT, [role(), REFUSAL, finish()], []),
        ({**OBJECT, **TOOLS, **NAMED}, [*weather()[:-1], finish()], []),
        ({**OBJECT, **LEGACY}, [role(), FUNCTION, finish()], []),
        (OBJECT, hello('"', "a" * MAX_TEXT), []),
        (form("json_schema"), hello("Hi"), ["CHAT-053"]),
        (form("json_schema"), hello("{}"), ["CHAT-053"]),
        (form("json_schema", strict=False), hello("{}"), []),
        (form("json_schema", schema=None), hello("{}"), []),
        (form("json_schema", schema={"type": 5}), hello("{}"), []),
        ({"response_format": {"type": "json_schema"}}, hello("{}"), []),
        (form("text"), hello("Hi"), []),
    ],
)
def test_json_is_promised_where_a_choice_stopped_by_itself_and_spoke(
    asked: dict[str, Any], chunks: list[Any], expected: list[str]
) -> None:
    """A refusal, a call, a cut and a text beyond the bound are not judged; a schema only where it binds."""
    assert rules(chunks, **asked) == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (TOOLS, []),
        ({"functions": [{"name": "get_weather"}]}, []),
        ({}, ["CHAT-028"] * 2),
        ({"tools": []}, ["CHAT-028"] * 2),
        ({**TOOLS, "tool_choice": "none"}, ["CHAT-028"] * 2),
        ({**TOOLS, "parallel_tool_calls": False}, ["CHAT-029"]),
        ({**TOOLS, "parallel_tool_calls": None}, []),
        ({**TOOLS, "parallel_tool_calls": 0}, []),
    ],
)
def test_tool_calls_come_where_they_were_offered_and_in_the_number_that_was_asked_for(
    asked: dict[str, Any], expected: list[str]
) -> None:
    """Two parallel calls: each is one too many without tools, the second one without parallel calls."""
    assert rules(calls(opens(), opens(1, "call_2")), **asked) == expected
