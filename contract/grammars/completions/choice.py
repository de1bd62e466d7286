"""One choice of a completion stream (CMPL-009 to CMPL-011, CMPL-017 to CMPL-023)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contract.grammar import Break, Context, Machine, Table, Text
from contract.grammars.chat.request import stops
from contract.grammars.stop_watch import StopWatch

#: An entry gives `text`, unless it is empty, then perhaps `finish`.
CHOICE = Table(
    name="the choice",
    start="open",
    moves={
        "open": {"text": "open", "finish": "finished"},
        "finished": {},
    },
    breaks={("finished", "text"): Break("CMPL-011"), ("finished", "finish"): Break("CMPL-010")},
    owed={"open": "CMPL-009"},
)

_ARRAYS = ("tokens", "token_logprobs", "top_logprobs", "text_offset")
#: Tokens that the accumulated object keeps.
_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """The promises that a completion request binds its stream to. `prompts`: None for a prompt of token ids."""

    prompts: tuple[str | None, ...]
    n: int
    include_usage: bool
    logprobs: int | None
    max_tokens: int | None
    stops: tuple[str, ...]
    echo: bool


def read(request: Mapping[str, Any]) -> Asked:
    """The promises of `request`, a decoded body of createCompletion."""
    options = request.get("stream_options")
    max_tokens = request.get("max_tokens", 16)
    return Asked(
        prompts=_prompts(request.get("prompt")),
        n=_count(request.get("n")) or 1,
        include_usage=isinstance(options, Mapping) and options.get("include_usage") is True,
        logprobs=_count(request.get("logprobs")),
        max_tokens=_count(max_tokens),
        stops=stops(request.get("stop")),
        echo=request.get("echo") is True,
    )


def _prompts(value: Any) -> tuple[str | None, ...]:
    """One element a prompt: an array of integers is one prompt, an array of strings or arrays several."""
    if isinstance(value, list) and value and not isinstance(value[0], int):
        return tuple(each if isinstance(each, str) else None for each in value)
    return (value if isinstance(value, str) else None,)


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


class Choice:
    """One choice, fed with its entries of the chunks."""

    __slots__ = ("_asked", "_context", "_index", "_kept", "_offset", "_stops", "content", "machine", "reason")

    def __init__(self, context: Context, asked: Asked, index: int) -> None:
        self._context = context
        self._asked = asked
        self._index = index
        self.machine = Machine(CHOICE)
        self.content = Text()
        self.reason: str | None = None
        self._offset = 0
        self._kept: dict[str, list[Any]] | None = None
        self._stops = StopWatch(asked.stops) if asked.stops and not asked.echo else None

    def take(self, entry: dict[str, Any]) -> None:
        """One entry of `choices`."""
        text, reason, logprobs = entry.get("text"), entry.get("finish_reason"), entry.get("logprobs")
        step, told = self.machine.step, f"choice {self._index}"
        if text and step(self._context, "text", f"text for {told} after its finish_reason"):
            self._text(text)
        if text or logprobs is not None:
            self._logprobs(text or "", logprobs)
        again = f"finish_reason {reason!r} for {told}, which had {self.reason!r}"
        if reason is not None and step(self._context, "finish", again):
            self.reason = reason
            self._check_echo()

    def _text(self, text: str) -> None:
        self.content.add(text)
        if self._stops is not None and self._stops.add(text):
            self._context.report("CMPL-023", actual=f"choice {self._index} contains {self._stops.found!r}")

    def _check_echo(self) -> None:
        prompt = self._asked.prompts[self._index // self._asked.n]
        if self._asked.echo and prompt and self.content.whole and not self.content.value.startswith(prompt):
            begins = self.content.value[: len(prompt)]
            self._context.report("CMPL-021", expected=f"begins with {prompt!r}", actual=f"begins with {begins!r}")

    def _logprobs(self, text: str, logprobs: dict[str, Any] | None) -> None:
        report, asked = self._context.report, self._asked.logprobs
        if (logprobs is None) == (asked is not None):
            report(
                "CMPL-019", actual="no logprobs" if logprobs is None else "logprobs that the request does not ask for"
            )
        if logprobs is None:
            return
        arrays = {name: logprobs[name] for name in _ARRAYS if name in logprobs}
        lengths = {name: len(values) for name, values in arrays.items()}
        if len(set(lengths.values())) > 1:
            report("CMPL-017", actual=f"lengths {lengths}")
        for each in arrays.get("top_logprobs", ()):
            if asked is not None and len(each) > asked + 1:
                report("CMPL-018", actual=f"{len(each)} keys", expected=f"at most {asked + 1}")
        self._check_tokens(text, arrays)
        self._kept = self._kept or {}
        for name, values in arrays.items():
            kept = self._kept.setdefault(name, [])
            kept += values[: _KEPT - len(kept)]

    def _check_tokens(self, text: str, arrays: dict[str, list[Any]]) -> None:
        """CMPL-020. A token that is part of a character is written `bytes:` and its code and cannot be compared."""
        tokens = arrays.get("tokens")
        if tokens is not None and "".join(tokens) != text and not any(each.startswith("bytes:") for each in tokens):
            self._context.report("CMPL-020", expected=repr(text), actual=f"tokens {tokens!r}")
        for offset in arrays.get("text_offset", ()):
            if offset < self._offset:
                self._context.report("CMPL-020", actual=f"text_offset {offset} after {self._offset}")
            self._offset = max(self._offset, offset)

    def said(self) -> str:
        """Its text so far."""
        return self.content.value

    def plain(self) -> dict[str, Any]:
        """The choice as the plain answer has it."""
        return {
            "index": self._index,
            "text": self.content.value,
            "logprobs": self._kept,
            "finish_reason": self.reason,
        }
