"""The output items of a response: announced, filled, done, and repeated in the final output."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from itertools import takewhile
from operator import eq
from typing import Any

from contract.grammar import Context, Machine, Text
from contract.grammars.responses.parts import Parts
from contract.grammars.responses.tables import LIVES, SEARCHES

_FINAL = frozenset({"completed", "incomplete", "failed"})
_KEPT = 64 * 1024  # characters of a done item that are kept to show; the whole is known by its digest
_SHOWN = 140  # characters that are shown, from shortly before the first that differs


class Item:
    """One open output item."""

    __slots__ = ("call", "identity", "kind", "machine", "parts", "seen", "streamed", "whole")

    def __init__(self, item: Mapping[str, Any], parts: Parts) -> None:
        self.identity = {name: item.get(name) for name in ("id", "type")}
        self.call = {name: item.get(name) for name in ("call_id", "name")}
        #: None where the item was added without a type: nothing is said then of the events that it may have.
        self.kind: str | None = item.get("type")
        self.parts = parts
        #: What the deltas of the arguments add up to, None without deltas.
        self.streamed: Text | None = None
        self.whole: str | None = None
        #: States of a search that were told.
        self.seen: set[str] = set()
        self.machine = Machine(LIVES[self.kind]) if self.kind in LIVES else None


class Done:
    """A done item, bounded: what it was added as, its digest and the beginning of its text."""

    __slots__ = ("digest", "identity", "text")

    def __init__(self, item: Mapping[str, Any], identity: Mapping[str, Any]) -> None:
        self.identity = identity
        text = canonical(item)
        self.digest = _digest(text)
        self.text = text[:_KEPT]


def canonical(item: Any) -> str:
    """An item as text that is equal for equal items."""
    return json.dumps(item, sort_keys=True)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _apart(due: str, said: str) -> tuple[str, str]:
    """Two texts where they begin to differ."""
    start = max(sum(takewhile(bool, map(eq, due, said))) - 40, 0)
    return due[start : start + _SHOWN], said[start : start + _SHOWN]


class Items:
    """All output items of a stream."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._open: dict[int, Item] = {}
        self._done: dict[int, Done] = {}
        self._next = 0
        #: Indices that code interpreter calls use without an item of their own (RESP-066).
        self.taken: set[int] = set()
        self.text = Text()
        self._functions = 0

    def added(self, value: Mapping[str, Any]) -> None:
        """`response.output_item.added`."""
        at, item = value.get("output_index"), value.get("item") or {}
        if at is None:
            return
        while self._next in self.taken and self._next != at:
            self._next += 1
        if at != self._next:
            self._context.report("RESP-021", expected=f"output_index {self._next}", actual=f"{at}")
        self._next = max(self._next, at + 1)
        self._open[at] = Item(item, Parts(self._context, self.text))
        if item.get("status", "in_progress") != "in_progress":
            self._context.report("RESP-025", expected="status 'in_progress'", actual=f"{item['status']!r}")
        if item.get("type") == "function_call":
            self._function(item)

    def _function(self, item: Mapping[str, Any]) -> None:
        request, report = self._context.request, self._context.report
        self._functions += 1
        if item.get("arguments"):
            report("RESP-054", expected='arguments ""', actual=f"{item['arguments']!r}")
        tools = request.get("tools")
        offered = [each for each in tools if isinstance(each, Mapping)] if isinstance(tools, list) else []
        if request and not any(each.get("type") == "function" for each in offered):
            report("RESP-056", expected="no function_call, the request offers none", actual=f"{item.get('name')}")
        elif request.get("tool_choice") == "none":
            report("RESP-056", expected="no function_call with tool_choice none", actual=f"{item.get('name')}")
        if request.get("parallel_tool_calls") is False and self._functions > 1:
            report("RESP-057", expected="one function_call", actual=f"{self._functions} of them")

    def find(self, value: Mapping[str, Any], name: str) -> Item | None:
        """The open item that an event names; RESP-020, RESP-024 and RESP-026 where it is none."""
        at, identifier = value.get("output_index"), value.get("item_id")
        if at is None:
            return None
        item = self._open.get(at)
        if item is None:
            rule = "RESP-026" if at in self._done else "RESP-020"
            said = "is done" if at in self._done else "was never added"
            self._context.report(rule, actual=f"{name} of output_index {at}, which {said}")
            return None
        due = item.identity["id"]
        if identifier is not None and due is not None and identifier != due:
            self._context.report("RESP-024", expected=f"item_id {due!r}", actual=f"{identifier!r}")
        return item

    def arguments(self, name: str, value: Mapping[str, Any]) -> None:
        """`response.function_call_arguments.delta` and `.done`."""
        item = self.find(value, name)
        if item is None or item.kind is None:
            return
        if item.kind != "function_call" or item.machine is None:
            self._context.report("RESP-050", expected="a function_call item", actual=f"{item.kind}")
        elif item.machine.step(self._context, name.rpartition(".")[2]):
            if "delta" in value:
                if item.streamed is None:
                    item.streamed = Text()
                item.streamed.add(value["delta"])
            elif "arguments" in value:
                said = item.whole = value["arguments"]
                if item.streamed is not None and not item.streamed.equals(said):
                    self._context.report("RESP-051", expected=f"{item.streamed.value!r}", actual=f"{said!r}")

    def search(self, name: str, value: Mapping[str, Any]) -> None:
        """An event of a file search or a web search."""
        item = self.find(value, name)
        if item is None or item.kind is None:
            return
        _, kind, state = name.split(".")
        if item.kind != kind or item.machine is None:
            self._context.report(SEARCHES[kind], expected=f"a {kind} item", actual=f"{item.kind}")
            return
        item.seen.add(state)
        item.machine.step(self._context, state)

    def done(self, value: Mapping[str, Any]) -> None:
        """`response.output_item.done`."""
        at, item = value.get("output_index"), value.get("item") or {}
        if at is None:
            return
        known = self._open.pop(at, None)
        if known is None:
            rule = "RESP-022" if at in self._done else "RESP-020"
            self._context.report(rule, actual=f"response.output_item.done of output_index {at}, which is not open")
            self._done.setdefault(at, Done(item, {}))
            return
        self._done[at] = Done(item, known.identity)
        self._same(known, item)
        if item.get("status", "completed") not in _FINAL:
            self._context.report("RESP-025", expected="a final status", actual=f"{item['status']!r}")
        if known.kind == "message":
            known.parts.close(item.get("content"))
        elif known.kind == "function_call":
            self._function_done(known, item)
        elif known.kind in SEARCHES and item.get("status") == "completed":
            missing = {"in_progress", "completed"} - known.seen
            if missing:
                self._context.report("RESP-062", actual=f"no {' and no '.join(sorted(missing))} event")

    def _same(self, known: Item, item: Mapping[str, Any]) -> None:
        """RESP-023 and RESP-055: what an item keeps from added to done."""
        for rule, kept in (("RESP-023", known.identity), ("RESP-055", known.call)):
            for member, due in kept.items():
                said = item.get(member)
                if due is not None and said is not None and due != said:
                    self._context.report(rule, expected=f"{member} {due!r}", actual=f"{said!r}")

    def _function_done(self, known: Item, item: Mapping[str, Any]) -> None:
        if known.machine is not None:
            known.machine.leave(self._context, "the function_call is done without arguments.done")
        if known.whole is not None and item.get("arguments", known.whole) != known.whole:
            self._context.report("RESP-052", expected=f"{known.whole!r}", actual=f"{item['arguments']!r}")

    def end(self, state: str, output: Any) -> None:
        """The response ended: `completed` owes every done, and the output repeats the done items."""
        if state == "completed" and self._open:
            left = ", ".join(map(str, sorted(self._open)))
            self._context.report("RESP-022", actual=f"output_index {left}: added, not done")
        if output is None or state == "failed" or (state == "incomplete" and self._open):
            return
        done = [self._done[at] for at in sorted(self._done)]
        if len(output) != len(done):
            self._context.report("RESP-027", expected=f"{len(done)} items", actual=f"{len(output)}")
        for at, item in enumerate(output[: len(done)]):
            due, text = done[at], canonical(item)
            if _digest(text) != due.digest:
                expected, actual = _apart(due.text, text)
                self._context.report("RESP-027", expected=f"output/{at} {expected}", actual=actual)
            self._unchanged(at, due, item)

    def _unchanged(self, at: int, due: Done, item: Mapping[str, Any]) -> None:
        for member, known in due.identity.items():
            said = item.get(member)
            if known is not None and said is not None and said != known:
                expected = f"{member} {known!r} as added"
                self._context.report("RESP-023", expected=expected, actual=f"output/{at}: {said!r}")
