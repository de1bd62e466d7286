"""What a stream's whole is held to: each promise broken, and its right twin."""

from __future__ import annotations

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
