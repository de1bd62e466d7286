"""What chat and completions have in common: chunks of choices by index, perhaps a usage chunk, then `[DONE]`.

Stream = Body ( [ Usage ] "[DONE]" | Error [ "[DONE]" ] ), Usage where the request sets include_usage;
Body   = Choice(0) .. Choice(n-1), shuffled; a choice is the surface's own.

A surface gives its rule ids (`ChunkRules`), the numbers that its request asks for (`Promised`) and its choices.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

from contract.grammar import Break, Context, Machine, Table
from contract.grammars import usage as usage_rules
from contract.grammars.in_stream_error import is_error, well_formed

_ALWAYS = ("id", "created", "model")
_CONSTANT = (*_ALWAYS, "system_fingerprint", "service_tier")
_ABSENT = object()
#: Why nothing of the kind may come any more.
_PAST = {"usage": "the usage chunk has been", "failed": "an error has ended the stream"}
#: Missing choices that a finding counts up.
_SHOWN = 50


class Choice(Protocol):
    """One choice of a surface."""

    machine: Machine
    reason: str | None

    def take(self, entry: dict[str, Any]) -> None:
        """One entry of `choices`."""

    def plain(self) -> dict[str, Any]:
        """The choice as the plain answer has it."""

    def said(self) -> str:
        """Its text so far."""


@dataclass(frozen=True, slots=True)
class ChunkRules:
    """The rule ids of a surface; None where it has no such rule."""

    plain_object: str
    #: Member -> rule, for members that keep their first value; null and absence say nothing.
    constant: Mapping[str, str]
    no_done: str
    named: str
    missing: str
    outside: str
    repeated: str | None
    usage_chunk: str
    usage_null: str
    usage_unasked: str
    usage_null_unasked: str | None
    no_choices: str
    wrong_sum: str
    wrong_details: str | None
    too_many_tokens: str
    error: str


@dataclass(frozen=True, slots=True)
class Promised:
    """What the request asks for: number of choices, usage, most tokens, members that some chunk has to state."""

    choices: int
    include_usage: bool
    max_tokens: int | None = None
    #: Member -> rule.
    stated: Mapping[str, str] | None = None


def table(rules: ChunkRules) -> Table:  # pragma: no mutate block
    """The machine of the whole stream."""
    return Table(
        name="the stream",
        start="body",
        moves={
            "body": {"chunk": "body", "usage chunk": "usage", "error": "failed", "[DONE]": "done"},
            "usage": {"error": "failed", "[DONE]": "done"},
            "failed": {"[DONE]": "failed"},
            "done": {},
        },
        breaks={("usage", "*"): Break(rules.usage_chunk), ("failed", "*"): Break(rules.error)},
        owed={"body": rules.no_done, "usage": rules.no_done},
    )


class ChunkStream:
    """One stream of chunks: a `contract.grammar.Handler`."""

    def __init__(
        self, context: Context, rules: ChunkRules, stream: Table, promised: Promised, choice: Callable[[int], Choice]
    ) -> None:
        """`stream` is `table(rules)`; `choice` makes the choice of an index."""
        self._context = context
        self._rules = rules
        self._promised = promised
        self._make = choice
        self._machine = Machine(stream)
        self._choices: dict[int, Choice] = {}
        self._known: dict[str, Any] = {}
        self._last: tuple[Any, ...] = ()
        self._owed = dict(promised.stated or {})
        self._usage: dict[str, Any] | None = None
        #: What `usage` is in nearly every chunk: null where the request asks for it.
        self._usual_usage = None if promised.include_usage else _ABSENT
        #: True where each chunk has to be looked at: something is owed, or the body is over.
        self._careful = bool(self._owed)

    def event(self, name: str | None, chunk: dict[str, Any]) -> None:
        """A chunk or an error."""
        get = chunk.get
        choices = get("choices")
        if not choices or self._careful or name is not None or get("usage", _ABSENT) is not self._usual_usage:
            if not self._look(name, chunk, choices or ()):
                return
            choices = choices or ()
        constant = (get("id"), get("created"), get("model"), get("system_fingerprint"), get("service_tier"))
        if constant != self._last:
            self._constants(constant)
        if len(choices) > 1:
            self._repeated(choices)
        for entry in choices:
            choice = self._choices.get(entry.get("index")) or self._open(entry)
            if choice is not None:
                choice.take(entry)

    def _look(self, name: str | None, chunk: dict[str, Any], choices: Any) -> bool:
        """All that a plain chunk of a plain request need not be asked. False for an error."""
        if is_error(chunk):
            self._error(chunk)
            return False
        if name is not None:
            self._context.report(self._rules.named, actual=f"event: {name}")
        self._owed = {member: rule for member, rule in self._owed.items() if member not in chunk}
        self._usage_and_place(chunk, choices)
        self._careful = bool(self._owed) or self._machine.state != self._machine.table.start
        return True

    def sentinel(self, name: str | None) -> None:
        """`[DONE]`: everything is owed now."""
        if name is not None:
            self._context.report(self._rules.named, actual=f"event: {name}")
        self._check_end()
        self._machine.step(self._context, "[DONE]")

    def end(self) -> None:
        """The body ended, with or without `[DONE]`."""
        if self._machine.state != "done":
            self._check_end()
        self._machine.leave(self._context, "the stream ended without [DONE]")

    def accumulated(self) -> Any:
        """The plain answer that the chunks add up to; None where a choice is unfinished."""
        unfinished = any(each.reason is None for each in self._choices.values())
        if self._machine.state == "failed" or not self._choices or unfinished:
            return None
        told = {
            **dict.fromkeys(_ALWAYS),
            "object": self._rules.plain_object,
            "choices": [each.plain() for _, each in sorted(self._choices.items())],
        }
        optional = {**{name: self._known.get(name) for name in _CONSTANT}, "usage": self._usage}
        return told | {name: value for name, value in optional.items() if value is not None}

    def text(self) -> str:
        """The text of the first choice."""
        first = self._choices.get(0)
        return "" if first is None else first.said()

    def _error(self, value: dict[str, Any]) -> None:
        self._careful = True
        if self._machine.step(self._context, "error", "a second error") and not well_formed(self._context, value):
            self._context.report(self._rules.error, actual=json.dumps(value), expected="type, message, param and code")

    def _constants(self, constant: tuple[Any, ...]) -> None:
        """Members that keep the value of the first chunk that states them."""
        right = [self._constant(member, constant[at]) for at, member in enumerate(_CONSTANT)]
        # A wrong value stays a finding each time that it comes; only what repeats the first is passed over.
        self._last = constant if all(right) else ()

    def _constant(self, member: str, said: Any) -> bool:
        if said is None:
            return True
        known = self._known.setdefault(member, said)
        if said != known and member in self._rules.constant:
            rule = self._rules.constant[member]
            self._context.report(rule, expected=f"{member} {known!r}", actual=f"{member} {said!r}")
        return bool(said == known)

    def _usage_and_place(self, chunk: dict[str, Any], choices: Any) -> None:
        """What `usage` may say here, and where a chunk may stand."""
        report, rules, usage, asked = (
            self._context.report,
            self._rules,
            chunk.get("usage"),
            self._promised.include_usage,
        )
        final = asked and not choices and usage is not None and "choices" in chunk
        symbol = "usage chunk" if final else "chunk"
        self._machine.step(self._context, symbol, f"a {symbol}, and {_PAST.get(self._machine.state)}")
        if asked and not final and ("usage" not in chunk or usage is not None):
            report(rules.usage_null, expected='"usage": null', actual=f"usage {usage!r}" if usage else "no usage key")
        if not asked and "usage" in chunk:
            rule = rules.usage_null_unasked if usage is None else rules.usage_unasked
            if rule is not None:
                report(rule, expected="no usage key", actual=f"usage {usage!r}")
        if not choices and not final and "choices" in chunk:
            report(rules.no_choices, actual="choices is empty")
        if usage is not None:
            self._usage = usage
            self._check_usage(usage)

    def _check_usage(self, usage: dict[str, Any]) -> None:
        report, rules = self._context.report, self._rules
        wrong_sum, wrong_details = usage_rules.wrong_sum(usage), usage_rules.wrong_details(usage)
        if wrong_sum is not None:
            report(rules.wrong_sum, actual=wrong_sum)
        if wrong_details is not None and rules.wrong_details is not None:
            report(rules.wrong_details, actual=wrong_details)
        each, count = self._promised.max_tokens, usage.get("completion_tokens", 0)
        if each is not None and count > (bound := each * self._promised.choices):
            report(rules.too_many_tokens, actual=f"completion_tokens {count}", expected=f"at most {bound}")

    def _repeated(self, choices: Sequence[Any]) -> None:
        indices = [each.get("index") for each in choices]
        if len(set(indices)) < len(indices) and self._rules.repeated is not None:
            self._context.report(self._rules.repeated, actual=f"indices {indices}")

    def _open(self, entry: dict[str, Any]) -> Choice | None:
        """The choice that `entry` opens; None for an index outside, or missing (the schema tells)."""
        index = entry.get("index")
        if index is None:
            return None
        if not 0 <= index < self._promised.choices:
            allowed = f"index 0 to {self._promised.choices - 1}"
            self._context.report(self._rules.outside, actual=f"index {index}", expected=allowed, allowed=(allowed,))
            return None
        choice = self._choices[index] = self._make(int(index))
        return choice

    def _check_end(self) -> None:
        """What every complete stream owes; an error excuses all of it (CHAT-075)."""
        if self._machine.state == "failed":
            return
        wanted, report = self._promised.choices, self._context.report
        missing = [*islice((index for index in range(wanted) if index not in self._choices), _SHOWN)]
        if missing:
            said = f"no choice {', '.join(map(str, missing))}"
            report(self._rules.missing, actual=said, expected=f"choices 0 to {wanted - 1}")
        for index, choice in self._choices.items():
            choice.machine.leave(self._context, f"choice {index} has no finish_reason")
        if self._promised.include_usage and self._machine.state != "usage":
            report(self._rules.usage_chunk, actual="no usage chunk before the end", expected="choices [] with usage")
        for member, rule in self._owed.items():
            if self._choices:
                report(rule, actual=f"no chunk states {member}")
