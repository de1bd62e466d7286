"""Audio and code interpreter events: they name the response, not an item (RESP-063 to RESP-066)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from contract.grammar import Context, Machine, Text
from contract.grammars.responses.tables import AUDIO, CODE


class Code:
    """The code interpreter calls of a stream, by output_index."""

    def __init__(self, context: Context, taken: set[int]) -> None:
        """`taken` collects the indices that calls use."""
        self._context = context
        self._taken = taken
        self._calls: dict[int, tuple[Machine, Text]] = {}

    def event(self, name: str, value: Mapping[str, Any]) -> None:
        """One `response.code_interpreter_call.*` event."""
        at = value.get("output_index")
        if at is None:
            return
        self._taken.add(at)
        machine, code = self._calls.setdefault(at, (Machine(CODE), Text()))
        machine.step(self._context, name.removeprefix("response.code_interpreter_call."))
        if name.endswith("code.delta"):
            code.add(value.get("delta", ""))
        elif name.endswith("code.done") and not code.equals(value.get("code", code.value)):
            self._context.report("RESP-063", expected=f"code {code.value!r}", actual=f"{value['code']!r}")


class Audio:
    """The audio of a stream and its transcript."""

    def __init__(self, context: Context) -> None:
        self._context = context
        #: What began: "audio", "audio.transcript".
        self._machines: dict[str, Machine] = {}

    def event(self, name: str, value: Mapping[str, Any]) -> None:
        """One `response.audio.*` event."""
        head, _, symbol = name.removeprefix("response.").rpartition(".")
        self._machines.setdefault(head, Machine(AUDIO)).step(self._context, symbol)
        if name == "response.audio.delta" and "delta" in value and not _is_base64(value["delta"]):
            self._context.report("RESP-065", expected="base64", actual=f"{value['delta']!r}")

    def end(self) -> None:
        """The response has completed: what began is done."""
        for head, machine in self._machines.items():
            machine.leave(self._context, f"no response.{head}.done")


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
