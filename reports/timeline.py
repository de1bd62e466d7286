"""A stream's events as a reader wants them: in order with their time, runs of deltas folded, their texts joined."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_PREVIEW = 600
_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class Row:
    """Events `first` to `last` (1-based) of one label, the seconds when they came, the beginning of what they say."""

    first: int
    last: int
    begin_s: float
    end_s: float
    label: str
    preview: str

    def to_json(self) -> list[Any]:
        """The page's form."""
        return [self.first, self.last, self.begin_s, self.end_s, self.label, self.preview]


def rows(events: list[dict[str, Any]], marked: Collection[int] = ()) -> list[Row]:
    """Rows of a timeline. Neighbours with the same label and a delta each are folded; events whose number is in
    `marked` stand alone.
    """
    found: list[Row] = []
    for number, event in numbered(events):
        parsed = _parse(event["data"])
        label, delta = _label(event, parsed), dict(deltas(parsed))
        said = "".join(delta.values()) if delta and number not in marked else event["data"]
        last = found[-1] if found else None
        foldable = delta and number not in marked and last is not None and last.label == f"{label} Δ"
        if foldable and last is not None and last.last == number - 1 and last.last not in marked:
            preview = (last.preview + said)[:_PREVIEW]
            found[-1] = Row(last.first, number, last.begin_s, event["at_s"], last.label, preview)
        else:
            name = f"{label} Δ" if delta else label
            found.append(Row(number, number, event["at_s"], event["at_s"], name, said[:_PREVIEW]))
    return found


def numbered(events: list[dict[str, Any]]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Events with their 1-based number in the stream, told or counted."""
    return ((event.get("number", index), event) for index, event in enumerate(events, 1))


def texts(events: list[dict[str, Any]]) -> dict[str, str]:
    """What the deltas add up to, by the part they belong to; long texts are cut."""
    parts: dict[str, list[str]] = {}
    for event in events:
        for part, delta in deltas(_parse(event["data"])):
            parts.setdefault(part, []).append(delta)
    return {part: "".join(pieces)[:_TEXT] for part, pieces in parts.items()}


def deltas(parsed: Any) -> Iterator[tuple[str, str]]:
    """(part, text) of every delta in an event's data, whatever the surface."""
    if not isinstance(parsed, Mapping):
        return
    for choice in _mappings(parsed.get("choices")):
        yield from _choice(choice)
    delta = parsed.get("delta")
    if isinstance(delta, str):
        part = [parsed.get(name) for name in ("item_id", "output_index", "content_index")]
        kind = str(parsed.get("type", "")).removesuffix(".delta")
        yield " ".join(str(each) for each in (kind, *part) if each is not None), delta
    elif isinstance(delta, Mapping):
        yield from _assistant(str(parsed.get("id", "")), delta)


def _choice(choice: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    name = f"choice {choice.get('index', '?')}"
    if isinstance(choice.get("text"), str):
        yield name, choice["text"]
    delta = choice.get("delta")
    if not isinstance(delta, Mapping):
        return
    for member in ("content", "refusal"):
        if isinstance(delta.get(member), str) and delta[member]:
            yield f"{name} {member}", delta[member]
    for call in _mappings(delta.get("tool_calls")):
        arguments = _of(call, "function").get("arguments")
        if isinstance(arguments, str) and arguments:
            yield f"{name} tool call {call.get('index', '?')}", arguments


def _assistant(identifier: str, delta: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for content in _mappings(delta.get("content")):
        value = _of(content, "text").get("value")
        if isinstance(value, str):
            yield f"{identifier} {content.get('index', '?')}", value
    for call in _mappings(_of(delta, "step_details").get("tool_calls")):
        arguments = _of(call, "function").get("arguments")
        if isinstance(arguments, str) and arguments:
            yield f"{identifier} tool call {call.get('index', '?')}", arguments


def _of(node: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = node.get(name)
    return value if isinstance(value, Mapping) else {}


def _mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    return (each for each in value if isinstance(each, Mapping)) if isinstance(value, list) else iter(())


def _label(event: dict[str, Any], parsed: Any) -> str:
    if event["event"]:
        return str(event["event"])
    if isinstance(parsed, Mapping):
        return str(parsed.get("type") or parsed.get("object") or ("error" if "error" in parsed else "data"))
    return event["data"] if event["data"] == "[DONE]" else "data"


def _parse(data: str) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None
