"""Tool calls as a stream shows them growing, and what a model wrote to make them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract.mock import text as texts

ToolCall = dict[str, Any]


def fragments(index: int, call: ToolCall) -> Iterator[dict[str, Any]]:
    """A call as the deltas of a stream: first with its id, then what grows."""
    head = {"index": index, "id": call["id"], "type": call["type"]}
    rest = {"index": index, "type": call["type"]}
    if call["type"] == "function":
        name, written = call["function"]["name"], call["function"]["arguments"]
        yield {**head, "function": {"name": name, "arguments": "", "output": None}}
        for piece in texts.pieces(written):
            yield {**rest, "function": {"arguments": piece}}
    elif call["type"] == "code_interpreter":
        yield {**head, "code_interpreter": {"input": "", "outputs": []}}
        for piece in texts.pieces(call["code_interpreter"]["input"]):
            yield {**rest, "code_interpreter": {"input": piece}}
        outputs = [{"index": place, **each} for place, each in enumerate(call["code_interpreter"]["outputs"])]
        yield {**rest, "code_interpreter": {"outputs": outputs}}
    else:
        yield {**head, "file_search": {}}


def written(call: ToolCall) -> str:
    """What the model wrote to make a call."""
    if call["type"] == "function":
        return f"{call['function']['name']} {call['function']['arguments']}"
    return str(call["code_interpreter"]["input"]) if call["type"] == "code_interpreter" else call["type"]
