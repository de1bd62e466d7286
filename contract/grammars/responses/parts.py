"""The content parts of one message: what deltas add up to, and every place that repeats it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from contract.grammar import Context, Machine, Text
from contract.grammars.responses.tables import PARTS

#: Event -> the type of part that it belongs to, and its symbol in the part's life.
SAID = {
    "response.output_text.delta": ("output_text", "delta"),
    "response.output_text.annotation.added": ("output_text", "annotation"),
    "response.output_text.done": ("output_text", "done"),
    "response.refusal.delta": ("refusal", "delta"),
    "response.refusal.done": ("refusal", "done"),
}
#: Type of part -> the member that holds its text, and the rule that its done event repeats the text.
TEXTS = {"output_text": ("text", "RESP-034"), "refusal": ("refusal", "RESP-038")}
#: The members in which the copies of a part must agree; others, such as logprobs, may come and go.
_MEMBERS = ("type", "text", "refusal", "annotations")


def essence(part: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a part that have to agree wherever it is repeated."""
    return {name: part[name] for name in _MEMBERS if name in part}


class Part:
    """One content part."""

    __slots__ = ("annotations", "done", "kind", "machine", "text", "whole")

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.machine = Machine(PARTS[kind])
        self.text = Text()
        #: What the done event of the text said.
        self.whole: str | None = None
        self.annotations: list[Any] = []
        #: The part as `response.content_part.done` gave it.
        self.done: dict[str, Any] | None = None


class Parts:
    """The parts of one item, by content_index."""

    def __init__(self, context: Context, said: Text) -> None:
        """`said` collects the text of all parts of the stream."""
        self._context = context
        self._said = said
        self._parts: dict[int, Part] = {}

    def added(self, value: Mapping[str, Any]) -> None:
        """`response.content_part.added`."""
        at, part = value.get("content_index"), value.get("part") or {}
        kind = part.get("type")
        if at is None:
            return
        if at != len(self._parts):
            self._context.report("RESP-031", expected=f"content_index {len(self._parts)}", actual=f"{at}")
        if part.get("text") or part.get("refusal") or part.get("annotations"):
            self._context.report("RESP-040", expected="an empty part", actual=f"{essence(part)}")
        self._parts[at] = Part(kind if kind in PARTS else "output_text")

    def _known(self, value: Mapping[str, Any], name: str) -> Part | None:
        at = value.get("content_index")
        if at is None:
            return None
        part = self._parts.get(at)
        if part is None:
            expected = f"response.content_part.added of content_index {at} before"
            self._context.report("RESP-030", expected=expected, actual=name)
        return part

    def said(self, name: str, value: Mapping[str, Any]) -> None:
        """A delta, an annotation or a done event of a text or a refusal."""
        part = self._known(value, name)
        if part is None:
            return
        kind, symbol = SAID[name]
        if part.kind != kind:
            self._context.report("RESP-037", expected=f"an event of {part.kind} parts", actual=name)
        elif part.machine.step(self._context, symbol):
            self._accept(part, symbol, value)

    def _accept(self, part: Part, symbol: str, value: Mapping[str, Any]) -> None:
        member, rule = TEXTS[part.kind]
        if symbol == "delta":
            piece = value.get("delta", "")
            part.text.add(piece)
            if part.kind == "output_text":
                self._said.add(piece)
        elif symbol == "annotation":
            self._annotation(part, value)
        elif member in value:
            part.whole = value[member]
            if not part.text.equals(value[member]):
                self._context.report(rule, expected=f"{part.text.value!r}", actual=f"{value[member]!r}")

    def _annotation(self, part: Part, value: Mapping[str, Any]) -> None:
        at, due = value.get("annotation_index"), len(part.annotations)
        if at is not None and at != due:
            self._context.report("RESP-041", expected=f"annotation_index {due}", actual=f"{at}")
        part.annotations.append(value.get("annotation"))

    def done(self, value: Mapping[str, Any]) -> None:
        """`response.content_part.done`."""
        part = self._known(value, "response.content_part.done")
        if part is None or (not part.machine.step(self._context, "part.done") and part.done is not None):
            return
        final = value.get("part") or {}
        part.done = essence(final)
        if final.get("type", part.kind) != part.kind:
            self._context.report("RESP-037", expected=f"a part of type {part.kind!r}", actual=f"{final['type']!r}")
            return
        for difference in _differences(part, final):
            self._context.report("RESP-035", actual=difference)
        for citation in _outside(part, final):
            self._context.report("RESP-042", actual=citation)

    def close(self, content: Any) -> None:
        """The item is done with this content."""
        for at, part in self._parts.items():
            part.machine.leave(self._context, f"part {at} is not done")
        parts = [self._parts[at].done for at in sorted(self._parts)]
        if content is None or None in parts:
            return
        if [essence(each) for each in content] != parts:
            self._context.report("RESP-036", expected=f"content {parts}", actual=f"{content}")


def _differences(part: Part, final: Mapping[str, Any]) -> Iterator[str]:
    member, _ = TEXTS[part.kind]
    if member in final:
        due = part.text.value if part.whole is None else part.whole
        same = part.text.equals(final[member]) if part.whole is None else part.whole == final[member]
        if not same:
            yield f"{member} {final[member]!r} for {due!r}"
    if part.kind == "output_text" and final.get("annotations", part.annotations) != part.annotations:
        yield f"annotations {final['annotations']} for {part.annotations}"


def _outside(part: Part, final: Mapping[str, Any]) -> Iterator[str]:
    """The citations whose offsets lie outside the text, counted in code points or in UTF-16 units."""
    text = final.get("text")
    if text is None:
        return
    length = len(text) + sum(each > "\uffff" for each in text)
    for each in part.annotations:
        if isinstance(each, dict) and each.get("type") == "url_citation":
            start, end = each.get("start_index"), each.get("end_index")
            if type(start) is int and type(end) is int and not 0 <= start <= end <= length:
                yield f"{start} to {end} in a text of {len(text)} characters"
