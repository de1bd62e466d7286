"""The items and parts of one Realtime response: announced, filled by deltas, closed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contract.grammar import Context, Machine, Text
from contract.grammars.realtime.tables import CHANNEL

#: Channel -> the member of its done event that holds the whole (none: raw audio is not repeated).
_WHOLE = {"text": "text", "audio_transcript": "transcript", "function_call_arguments": "arguments"}


class Channel:
    """One kind of deltas of a part or a call."""

    __slots__ = ("machine", "name", "text")

    def __init__(self, name: str) -> None:
        self.name = name
        self.machine = Machine(CHANNEL)
        self.text = Text()

    def event(self, context: Context, symbol: str, value: Mapping[str, Any], *said: Text) -> None:
        """A delta or the done event; `said` gathers what people read."""
        member = _WHOLE.get(self.name)
        lenient = member == "arguments" and self.machine.state == "open"  # without any delta they may come whole
        if not self.machine.step(context, symbol) or member is None:
            return
        if symbol == "done":
            if member in value and not lenient and not self.text.equals(value[member]):
                context.report("RT-009", expected=f"{member} {self.text.value!r}", actual=f"{value[member]!r}")
            return
        for text in (self.text, *said):
            text.add(value.get("delta", ""))


class Part:
    """One open content part."""

    __slots__ = ("channels",)

    def __init__(self, kind: str | None) -> None:
        #: A text part owes its done event in any case, audio and transcript once they began.
        self.channels = {"text": Channel("text")} if kind == "text" else {}

    def channel(self, name: str) -> Channel:
        """The channel of that name."""
        return self.channels.setdefault(name, Channel(name))

    def close(self, context: Context) -> None:
        """The part is done: its channels have to be."""
        for channel in self.channels.values():
            channel.machine.leave(context, f"no response.{channel.name}.done")


class Item:
    """One open item of an open response."""

    __slots__ = ("arguments", "call_id", "id", "kind", "parts")

    def __init__(self, item: Mapping[str, Any]) -> None:
        self.id: str | None = item.get("id")
        self.call_id: str | None = item.get("call_id")
        self.kind: str | None = item.get("type")
        self.arguments = Channel("function_call_arguments")
        #: The open parts, by content_index.
        self.parts: dict[int, Part] = {}


def agree(one: Any, other: Any) -> bool:
    """True where two names are the same, or one of them was left out (which the schema judges)."""
    return one is None or other is None or one == other


class Items:
    """The items of one response, by output_index."""

    def __init__(self, context: Context, text: Text) -> None:
        """`text` gathers what people read."""
        self._context = context
        self._text = text
        self._ids: dict[int, str | None] = {}
        self._open: dict[int, Item] = {}

    @property
    def none_yet(self) -> bool:
        """True before the first item."""
        return not self._ids

    def added(self, value: Mapping[str, Any]) -> None:
        """`response.output_item.added`."""
        at = value.get("output_index")
        if at is None:
            return
        if at in self._ids:
            self._context.report("RT-007", expected="an output_index of its own", actual=f"{at} again")
        item = self._open[at] = Item(value.get("item", {}))
        self._ids[at] = item.id

    def _find(self, value: Mapping[str, Any], identifier: Any, name: str) -> Item | None:
        at, report = value.get("output_index"), self._context.report
        if at is None:
            return None
        item = self._open.get(at)
        if item is None:
            said = "is done" if at in self._ids else "was never added"
            report("RT-007", actual=f"{name} of output_index {at}, which {said}")
        elif not agree(identifier, item.id):
            report("RT-007", expected=f"item {item.id!r} at output_index {at}", actual=f"{identifier!r}")
        return item

    def part(self, name: str, value: Mapping[str, Any]) -> None:
        """An event of a part or a call."""
        item = self._find(value, value.get("item_id"), name)
        if item is None:
            return
        _, family, symbol = name.split(".")
        if family == "function_call_arguments":
            self._arguments(item, symbol, value)
        elif "content_index" not in value:
            return
        elif name == "response.content_part.added":
            item.parts[value["content_index"]] = Part(value.get("part", {}).get("type"))
        else:
            self._part(item, name, value)

    def _part(self, item: Item, name: str, value: Mapping[str, Any]) -> None:
        at: int = value["content_index"]
        _, family, symbol = name.split(".")
        if at not in item.parts:
            self._context.report("RT-007", expected="response.content_part.added before", actual=name)
        elif family == "content_part":
            item.parts.pop(at).close(self._context)
        else:
            item.parts[at].channel(family).event(self._context, symbol, value, self._text)

    def _arguments(self, item: Item, symbol: str, value: Mapping[str, Any]) -> None:
        if not agree(item.kind, "function_call"):
            self._context.report("RT-007", expected="a function_call item", actual=f"a {item.kind} item")
            return
        if not agree(value.get("call_id"), item.call_id):
            self._context.report("RT-007", expected=f"call_id {item.call_id!r}", actual=f"{value['call_id']!r}")
        item.arguments.event(self._context, symbol, value)

    def done(self, value: Mapping[str, Any]) -> None:
        """`response.output_item.done`."""
        item = self._find(value, value.get("item", {}).get("id"), "response.output_item.done")
        if item is None:
            return
        del self._open[value["output_index"]]
        if item.parts:
            self._context.report("RT-008", actual=f"item {item.id}: parts {list(item.parts)} are not done")
        if item.kind == "function_call":
            item.arguments.machine.leave(self._context, f"item {item.id}: no response.function_call_arguments.done")

    def end(self, output: Any) -> None:
        """`response.done` with this output: all items closed, all of them listed, none with raw audio."""
        if self._open:
            left = [item.id for item in self._open.values()]
            self._context.report("RT-008", actual=f"items {left} are not done")
        due = [self._ids[at] for at in sorted(self._ids)]
        said = [each.get("id") for each in output or ()]
        if len(due) != len(said) or not all(map(agree, due, said)):
            self._context.report("RT-010", expected=f"output {due}", actual=f"{said}")
        for each in output or ():
            if any(part.get("audio") for part in each.get("content") or ()):
                self._context.report("RT-010", expected="no raw audio", actual=f"audio in {each.get('id')}")
