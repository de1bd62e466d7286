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

    __slots__ = ("begun", "machine", "name", "text")

    def __init__(self, name: str) -> None:
        self.name = name
        self.machine = Machine(CHANNEL)
        self.text = Text()
        self.begun = False

    def event(self, context: Context, symbol: str, value: Mapping[str, Any]) -> str:
        """A delta or the done event; what it adds to the text that people read."""
        member = _WHOLE.get(self.name)
        if not self.machine.step(context, symbol) or member is None:
            return ""
        if symbol == "delta":
            self.begun = True
            self.text.add(value.get("delta", ""))
            return "" if member == "arguments" else str(value.get("delta", ""))
        lenient = member == "arguments" and not self.begun
        if member in value and not lenient and not self.text.equals(value[member]):
            context.report("RT-009", expected=f"{member} {self.text.value!r}", actual=f"{value[member]!r}")
        return ""


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
    """One item of an open response."""

    __slots__ = ("arguments", "call_id", "closed", "id", "parts")

    def __init__(self, item: Mapping[str, Any]) -> None:
        self.id: str | None = item.get("id")
        self.call_id: str | None = item.get("call_id")
        self.arguments = Channel("function_call_arguments") if item.get("type") == "function_call" else None
        self.parts: dict[int, Part | None] = {}
        self.closed = False

    def open_parts(self) -> list[int]:
        """The content indices of parts that are not done."""
        return [at for at, part in self.parts.items() if part is not None]


class Items:
    """The items of one response, by output_index."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._items: dict[int, Item] = {}

    @property
    def none_yet(self) -> bool:
        """True before the first item."""
        return not self._items

    def added(self, value: Mapping[str, Any]) -> None:
        """`response.output_item.added`."""
        at = value.get("output_index")
        if at is None:
            return
        if at in self._items:
            self._context.report("RT-007", expected="an output_index of its own", actual=f"{at} again")
        self._items[at] = Item(value.get("item") or {})

    def _find(self, value: Mapping[str, Any], identifier: Any, name: str) -> Item | None:
        at, report = value.get("output_index"), self._context.report
        if at is None:
            return None
        item = self._items.get(at)
        if item is None or item.closed:
            said = "was never added" if item is None else "is done"
            report("RT-007", actual=f"{name} of output_index {at}, which {said}")
            return None
        if identifier is not None and item.id is not None and identifier != item.id:
            report("RT-007", expected=f"item {item.id!r} at output_index {at}", actual=f"{identifier!r}")
        return item

    def part(self, name: str, value: Mapping[str, Any]) -> str:
        """An event of a part or a call; what it adds to the text that people read."""
        item = self._find(value, value.get("item_id"), name)
        if item is None:
            return ""
        _, family, symbol = name.split(".")
        if family == "function_call_arguments":
            return self._arguments(item, symbol, value)
        return self._part(item, name, value)

    def _part(self, item: Item, name: str, value: Mapping[str, Any]) -> str:
        at: Any = value.get("content_index")
        if name == "response.content_part.added":
            item.parts[at] = Part((value.get("part") or {}).get("type"))
            return ""
        part = item.parts.get(at)
        _, family, symbol = name.split(".")
        if part is None:
            self._context.report("RT-007", expected="response.content_part.added before", actual=name)
        elif family == "content_part":
            part.close(self._context)
            item.parts[at] = None
        else:
            return part.channel(family).event(self._context, symbol, value)
        return ""

    def _arguments(self, item: Item, symbol: str, value: Mapping[str, Any]) -> str:
        called = value.get("call_id", item.call_id)
        if item.arguments is None:
            self._context.report("RT-007", expected="a function_call item", actual="another one")
            return ""
        if item.call_id is not None and called != item.call_id:
            self._context.report("RT-007", expected=f"call_id {item.call_id!r}", actual=f"{called!r}")
        return item.arguments.event(self._context, symbol, value)

    def done(self, value: Mapping[str, Any]) -> None:
        """`response.output_item.done`."""
        final = value.get("item") or {}
        item = self._find(value, final.get("id"), "response.output_item.done")
        if item is not None:
            self._close(item)

    def _close(self, item: Item) -> None:
        if left := item.open_parts():
            self._context.report("RT-008", actual=f"item {item.id}: parts {left} are not done")
        if item.arguments is not None:
            item.arguments.machine.leave(self._context, f"item {item.id}: no response.function_call_arguments.done")
        item.closed = True
        item.parts = {}
        item.arguments = None

    def end(self, output: Any) -> None:
        """`response.done` with this output: all items closed, all of them listed, none with raw audio."""
        left = [item.id for item in self._items.values() if not item.closed]
        if left:
            self._context.report("RT-008", actual=f"items {left} are not done")
        due = [self._items[at].id for at in sorted(self._items)]
        said = [each.get("id") for each in output or ()]
        same = len(due) == len(said) and all(None in pair or pair[0] == pair[1] for pair in zip(due, said, strict=True))
        if not same:
            self._context.report("RT-010", expected=f"output {due}", actual=f"{said}")
        for each in output or ():
            if any(part.get("audio") for part in each.get("content") or ()):
                self._context.report("RT-010", expected="no raw audio", actual=f"audio in {each.get('id')}")
