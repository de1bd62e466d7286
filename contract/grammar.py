"""The engine of stream grammars: tables that code walks, one event at a time.

How to write a surface (`contract/grammars/<surface>.py` or a package of that name; `chat` is the model):

1. Register its rules: `RULES = rule_rows("stream/chat", ("CHAT-001", MUST, statement, source, mend), ...)`,
   every MUST, SHOULD and MAY. A contested MUST is registered as SHOULD with `contested="why"`.
2. State its machines as `Table`s: state -> symbol -> next state. What is no move is refused: the finding's rule comes
   from `breaks` ((state, symbol), either may be "*"), what was allowed comes from the moves. A machine that is left
   open at the end breaks the rule in `owed`. Each choice, tool call, message, step, item or part has a `Machine` of
   its own; interleaving is free because nothing but its own symbols moves a machine. Drop machines that have ended.
3. Write the handler, an object with the methods of `Handler`. It is made for one stream by `Surface.begin(context)`:
       event(name, value)   a JSON object that came: `name` is the event field or None. It was validated before;
                            where it broke its schema, the broken members were taken out (`pruning`), so whatever
                            member is there has its type, but a required one may be missing: use `.get`.
                            `value` may be any JSON where `Surface.loose(name)` is true.
       sentinel(name)       `data: [DONE]` came (once; what follows it is SSE-008 and never reaches the handler)
       end()                the body ended as it should (never called for a stream that was cut by us)
       accumulated()        the object that the stream adds up to (plain JSON), None where there is none
       text()               the final text for the report, "" where there is none
4. Say what the alphabet cannot: `exempt` (in-stream errors), `unstreamed` (requests that cannot be streamed),
   `schemas` (validators of a reading that holds in streams only), `loose` (names whose data may be any JSON).
5. Export `SURFACE = Surface(...)` and name the module in `contract/grammars/__init__.py`.

Findings: `context.report(rule, actual=..., expected=..., allowed=..., where=...)`. It looks up the rule's keyword,
adds event number, excerpt and place in the spec, gives one finding a rule and place, and caps them per rule.
The schema of an event is the pointer that `Surface.alphabet` gives for its key (`Surface.key`): the `event` field,
the `type` member, or "" for surfaces with one kind of object. A key outside the alphabet is not validated; the
handler sees the event and says what that means. A broken schema reports `Surface.schema_rule`, or what
`Surface.refine(broken)` names instead (a rule id, several, or () to say nothing).
`Text` accumulates deltas in bounded memory and compares them with a final text.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from contract.grammar_text import Text, shorten
from contract.rules import RULES, Rule
from contract.schema import Broken, Schemas
from contract.spec import Spec
from contract.sse import Raw
from contract.verdict import Finding, Keyword, Place

__all__ = ["Break", "Context", "Handler", "Machine", "Surface", "Table", "Text", "shorten"]

#: Findings of one rule that are shown one by one; the others are counted in one more.
MAX_FINDINGS_A_RULE = 3
#: Events before the broken one that a finding shows.
EXCERPT_EVENTS = 3
#: Events that are kept until newer ones come.
RECENT_EVENTS = 20


class Handler(Protocol):
    """One stream of a surface: see the head of the module."""

    def event(self, name: str | None, value: Any) -> None:
        """A JSON object that came under `name`."""

    def sentinel(self, name: str | None) -> None:
        """The `[DONE]` that came under `name`."""

    def end(self) -> None:
        """The body ended."""

    def accumulated(self) -> Any:
        """The object that the stream adds up to, None where there is none."""

    def text(self) -> str:
        """The final text, bounded."""


def _nothing(_: Broken) -> None:
    """No rule more specific than the surface's own."""


def _nothing_more() -> None:
    """Nobody keeps events."""


def _covered(_: dict[str, Any]) -> bool:
    """Every object is an event of the alphabet."""
    return False


def _streamable(_: Mapping[str, Any]) -> None:
    """Every request may be streamed."""


def _never(_: str | None) -> bool:
    """Every event has to be a JSON object."""
    return False


@dataclass(frozen=True, slots=True)
class Surface:
    """A streaming surface: its alphabet, its rules and the maker of its handlers."""

    name: str
    #: Key -> pointer of the data schema.
    alphabet: Mapping[str, str]
    begin: Callable[[Context], Handler]
    schema_rule: str
    #: What selects in `alphabet`: the "event" field, the "type" member, "one" for surfaces with one object.
    key: str = "one"
    #: "sse", or "lines": one JSON text a line (Realtime frames).
    framing: str = "sse"
    #: Pointer of the schema of the plain answer, for what `accumulated` gives.
    plain: str | None = None
    #: Rules more specific than `schema_rule` for one broken constraint; None: `schema_rule`.
    refine: Callable[[Broken], str | tuple[str, ...] | None] = _nothing
    #: Names whose data may be any JSON (unknown events of runs).
    loose: Callable[[str | None], bool] = _never
    #: Names whose handler sees even data that is no object (as the string that came), because a rule of its own asks.
    bare: frozenset[str] = frozenset()
    #: Objects that stand outside the alphabet (in-stream errors), asked only of objects with an `error` member.
    exempt: Callable[[dict[str, Any]], bool] = _covered
    #: The rule that a stream breaks merely by being one (the request cannot be streamed), None for most requests.
    unstreamed: Callable[[Mapping[str, Any]], str | None] = _streamable
    #: Validators in place of the spec's, for readings that hold in streams only.
    schemas: Callable[[Spec], Schemas] | None = None


@dataclass(frozen=True, slots=True)
class Break:
    """The rule that an illegal symbol breaks, and the state to go on in (None: stay)."""

    rule: str
    then: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One kind of machine. `moves` must have every state as a key, final ones with an empty mapping."""

    name: str
    start: str
    moves: Mapping[str, Mapping[str, str]]
    #: (state, symbol) -> what is broken; "*" stands for any state or any symbol, the exact pair wins.
    breaks: Mapping[tuple[str, str], Break]
    #: State -> rule that is broken when the stream ends in it.
    owed: Mapping[str, str] = field(default_factory=dict)

    def broken_by(self, state: str, symbol: str) -> Break | None:
        """What `symbol` breaks in `state`; None: nothing, it is merely no move."""
        for key in ((state, symbol), ("*", symbol), (state, "*"), ("*", "*")):
            if key in self.breaks:
                return self.breaks[key]
        return None


class Machine:
    """One walk through a table: one choice, tool call, message, step, item or part."""

    __slots__ = ("state", "table")

    def __init__(self, table: Table) -> None:
        self.table = table
        self.state = table.start

    def step(self, context: Context, symbol: str, actual: str = "") -> bool:
        """Move by `symbol`. False where the table refuses it; the broken rule is then reported."""
        target = self.table.moves[self.state].get(symbol)
        if target is not None:
            self.state = target
            return True
        broken = self.table.broken_by(self.state, symbol)
        if broken is not None:
            said = actual or f"{symbol} ({self.table.name} is {self.state})"
            context.report(broken.rule, actual=said, allowed=self.allowed())
            self.state = broken.then or self.state
        return False

    def allowed(self) -> tuple[str, ...]:
        """The symbols that the table allows now."""
        return tuple(self.table.moves[self.state])

    def leave(self, context: Context, actual: str = "") -> bool:
        """The stream ends. False where this state owes something; the rule is then reported."""
        rule = self.table.owed.get(self.state)
        if rule is not None:
            said = actual or f"the stream ended while {self.table.name} is {self.state}"
            context.report(rule, actual=said, allowed=self.allowed())
        return rule is None


class Context:
    """What a handler works with: the request, the event at hand, and where findings go."""

    def __init__(
        self,
        spec: Spec,
        surface: Surface,
        operation_id: str,
        request: Mapping[str, Any],
        mark: Callable[[], None] = _nothing_more,
    ) -> None:
        """`mark` is called for every finding that is shown, so that the events around it are kept."""
        self.spec = spec
        self.surface = surface
        self.operation_id = operation_id
        self.request = request
        #: 1-based number of the event at hand; after the end the number of the last one.
        self.number = 0
        #: True once the end is told: findings then speak of the whole stream.
        self.ended = False
        #: The last events, the one at hand included, their data cut.
        self.recent: deque[Raw] = deque(maxlen=RECENT_EVENTS)
        self.broken_must = False
        #: Findings that nobody took yet.
        self.found: list[Finding] = []
        self._places: set[tuple[str, str]] = set()
        self._counts: dict[str, int] = {}
        #: Rules of which every finding so far was contested.
        self._contested: set[str] = set()
        self._mark = mark

    def report(
        self,
        rule: str,
        *,
        actual: str = "",
        expected: str = "",
        allowed: Iterable[str] = (),
        where: str | None = None,
        spec_pointer: str = "",
        contested: str = "",
    ) -> None:
        """The rule `rule` is broken here. `where` defaults to the event at hand.

        `contested`: why this reading of a MUST is disputed; the finding is then a SHOULD and says so.
        """
        place = where or (f"event {self.number}" if not self.ended else f"end, after event {self.number}")
        known = RULES[rule]
        if known.keyword is Keyword.MAY:
            raise ValueError(f"{rule} is a freedom: it cannot be broken")
        keyword = Keyword.SHOULD if contested else known.keyword
        self.broken_must = self.broken_must or keyword is Keyword.MUST
        if (rule, place) in self._places:
            return
        count = self._counts[rule] = self._counts.get(rule, 0) + 1
        if not contested:
            self._contested.discard(rule)
        elif count == 1:
            self._contested.add(rule)
        if count > MAX_FINDINGS_A_RULE:
            return
        self._places.add((rule, place))
        self._mark()
        self.found.append(
            Finding(
                rule=rule,
                keyword=keyword,
                summary=f"{known.statement} (contested: {contested})" if contested else known.statement,
                expected=shorten(expected, 300) or known.statement,
                actual=shorten(actual, 300),
                where=place,
                spec=_place(known, spec_pointer),
                allowed=tuple(allowed),
                excerpt=tuple(self._excerpt()),
            )
        )

    def take(self) -> list[Finding]:
        """The findings since the last call."""
        found, self.found = self.found, []
        return found

    def counted(self) -> Iterator[Finding]:
        """One finding a rule that was broken more often than is shown."""
        for rule, count in self._counts.items():
            if count > MAX_FINDINGS_A_RULE:
                known = RULES[rule]
                keyword = Keyword.SHOULD if rule in self._contested else known.keyword
                more = f"{count - MAX_FINDINGS_A_RULE} more of {count} findings of this rule"
                yield Finding(rule, keyword, known.statement, known.statement, more, "stream", _place(known, ""))

    def numbered(self) -> Iterator[tuple[int, Raw]]:
        """The last events with their numbers."""
        return enumerate(self.recent, self.number - len(self.recent) + 1)

    def _excerpt(self) -> Iterator[str]:
        for number, (_, _, name, data, _) in list(self.numbered())[-EXCERPT_EVENTS - 1 :]:
            head = f"{name}: " if name else ""
            yield f"event {number} | {head}{shorten(data, 160)}"


_LINE = re.compile(r"openapi\.yaml:(\d+)")


def _place(rule: Rule, spec_pointer: str) -> Place | None:
    """The rule's own line; the pointer where one is known."""
    line = _LINE.search(rule.source)
    if not spec_pointer and line is None:
        return None
    return Place(spec_pointer, int(line[1]) if line else None)
