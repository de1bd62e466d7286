"""The output items of a response: announced, filled, done, and repeated in the final output."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from contract.grammar import Context, Machine, Text, shorten
from contract.grammars.responses.parts import Parts
from contract.grammars.responses.tables import LIVES, SEARCHES

_FINAL = frozenset({"completed", "incomplete", "failed"})
_KEPT = 64 * 1024  # characters of a done item that are kept to show; longer ones are known by digest


class Item:
    """One open output item."""

    __slots__ = ("added", "arguments", "kind", "machine", "parts", "seen", "streamed", "whole")

    def __init__(self, item: Mapping[str, Any], parts: Parts) -> None:
        self.added = {name: item.get(name) for name in ("id", "call_id", "name")}
        #: None where the item was added without a type: nothing is said then of the events that it may have.
        self.kind: str | None = item.get("type")
        self.parts = parts
        self.arguments = Text()
        self.streamed = False
        self.whole: str | None = None
        #: States of a search that were told.
        self.seen: set[str] = set()
        self.machine = Machine(LIVES[self.kind]) if self.kind in LIVES else None


class Done:
    """A done item, bounded: its ids and its text, or the digest of a long one."""

    __slots__ = ("id", "kind", "text")

    def __init__(self, item: Mapping[str, Any], added: Item | None = None) -> None:
        self.id = added.added["id"] if added else item.get("id")
        self.kind = added.kind if added else item.get("type")
        self.text = canonical(item)


def canonical(item: Any) -> str:
    """An item as text that is equal for equal items."""
    text = json.dumps(item, sort_keys=True)
    return text if len(text) <= _KEPT else hashlib.sha256(text.encode()).hexdigest()


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

    def delta(self, value: Mapping[str, Any]) -> bool:
        """Take a text delta that is right beyond doubt; False where it has to be looked at."""
        item = self._open.get(value.get("output_index", -1))
        known = item is not None and value.get("item_id") == item.added["id"]
        return item is not None and known and item.parts.delta(value)

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
        due = item.added["id"]
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
                item.streamed = True
                item.arguments.add(value["delta"])
            elif "arguments" in value:
                item.whole = value["arguments"]
                if item.streamed and not item.arguments.equals(item.whole or ""):
                    due = item.arguments.value
                    self._context.report("RESP-051", expected=f"{due!r}", actual=f"{item.whole!r}")

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
            self._done.setdefault(at, Done(item))
            return
        self._done[at] = Done(item, known)
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
        for member, due in {**known.added, "type": known.kind}.items():
            said = item.get(member)
            if due is not None and said is not None and due != said:
                rule = "RESP-023" if member in {"id", "type"} else "RESP-055"
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
        for at, (due, item) in enumerate(zip(done, output, strict=False)):
            if canonical(item) != due.text:
                shown = shorten(due.text, 140)
                self._context.report("RESP-027", expected=f"output/{at} {shown}", actual=shorten(canonical(item), 140))
            self._unchanged(at, due, item)

    def _unchanged(self, at: int, due: Done, item: Mapping[str, Any]) -> None:
        for member, known in (("id", due.id), ("type", due.kind)):
            said = item.get(member)
            if known is not None and said is not None and said != known:
                expected = f"{member} {known!r} as added"
                self._context.report("RESP-023", expected=expected, actual=f"output/{at}: {said!r}")
