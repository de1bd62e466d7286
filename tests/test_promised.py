"""What a stream's whole is held to: each promise broken, and its right twin."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from contract.case import StreamReply
from strategies import promised


class Told:
    """A `Stage` that keeps the rules that it is told of."""

    def __init__(self) -> None:
        self.rules: list[str] = []

    def found(self, rule: str, **_: Any) -> None:
        """Keep the rule."""
        self.rules.append(rule)


def told(operation: str, kind: str, whole: Any) -> list[str]:
    """The rules that the promise of that kind of stream finds broken in an object."""
    stage = Told()
    promised.PROMISES[operation, kind](stage, StreamReply(None, (), whole))  # type: ignore[arg-type] - nobody asks for more
    return stage.rules


def calling(arguments: str, reason: str) -> dict[str, Any]:
    """A completion whose choice calls the forced function."""
    call = {"function": {"name": "get_weather", "arguments": arguments}}
    return {"choices": [{"message": {"tool_calls": [call]}, "finish_reason": reason}]}


@pytest.mark.parametrize(
    ("arguments", "reason", "found"),
    [
        ('{"city": "Par', "tool_calls", ["parameter/createChatCompletion/tools"]),
        ('{"city": "Paris"}', "tool_calls", []),
        ('{"city": "Par', "length", []),
        ('{"city": "Par', "content_filter", []),
    ],
)
def test_arguments_are_json_unless_they_were_cut(arguments: str, reason: str, found: list[str]) -> None:
    """A call that the limit of tokens has cut owes no closing brace; one that is said to be whole does."""
    assert told("createChatCompletion", "forced-tool", calling(arguments, reason)) == found


ZEROS = {"usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}}
ASKED = {"stream_options": {"include_usage": True}}


@pytest.mark.parametrize(
    ("operation", "sent", "whole", "found"),
    [
        ("createCompletion", ASKED, ZEROS, ["usage/counted"]),
        ("createCompletion", {}, ZEROS, []),
        ("createChatCompletion", {"stream_options": None}, ZEROS, []),
        ("createChatCompletion", ASKED, {"usage": {"prompt_tokens": 1, "completion_tokens": 0}}, []),
        ("createResponse", {}, {"usage": {"input_tokens": 0}}, ["usage/counted"]),
        ("createRun", {}, ZEROS, []),
    ],
)
def test_usage_that_was_asked_for_is_counted(operation: str, sent: Any, whole: Any, found: list[str]) -> None:
    """Zeros in every chunk, as litellm sends them unasked: the grammar tells that they come, and they are told once."""
    stage, request = Told(), SimpleNamespace(json=lambda: sent)
    reply = StreamReply(SimpleNamespace(request=request, response=None), (), whole)  # type: ignore[arg-type] - no more is asked
    promised.keep(operation, "none", stage, reply)  # type: ignore[arg-type]
    assert stage.rules == found


#: Promises of the object that the target sent last; those of chat look at one of ours, those of `store` ask again.
OF_THE_TARGET = [each for each in promised.PROMISES if each[0] != "createChatCompletion" and each[1] != "stored"]


@pytest.mark.parametrize("odd", [5, "x", True, ["x"], {"name": ["x"]}, None])
@pytest.mark.parametrize(("operation", "kind"), OF_THE_TARGET)
def test_what_is_no_object_breaks_nothing_of_ours(operation: str, kind: str, odd: Any) -> None:
    """The last object of a response or of a run is what the target sent: members of any type are left to the schema."""
    whole = {"status": "completed", "usage": odd, "output": odd, "required_action": {"submit_tool_outputs": odd}}
    for value in (whole, {**whole, "output": [odd], "required_action": odd}):
        assert all(each.startswith("parameter/") for each in told(operation, kind, value))
    call = {"type": "function_call", "name": odd}
    told(operation, kind, {"status": "completed", "output": [call], "usage": {"output_tokens": odd}})
