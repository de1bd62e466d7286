"""The examples that the spec prints (`x-oaiMeta`): requests, answers, streams and objects, read as far as they can be.

Many are no JSON as printed (trailing commas, `...`, missing commas, unquoted keys); `mend` repairs those slips and
leaves out what an ellipsis stands for. What stays unreadable is told, not dropped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contract import pointer
from contract.operation import Operation
from contract.spec import Spec

_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*"|//[^\n]*|\.{3,}[^\n"{}\[\],]*|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|[A-Za-z_$][\w$]*|[{}\[\]:,]',
    re.DOTALL,
)
_ELIDED = "..."
_EVENT = re.compile(r"^\s*event:\s*(\S+)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Example:
    """One printed example. `schema` is the pointer of what it must be valid under, `problem` why it cannot be read."""

    kind: str  # "response", "error", "event" or "object"
    owner: str
    title: str
    pointer: str
    schema: str | None
    value: Any = None
    problem: str | None = None


def published(spec: Spec) -> list[Example]:
    """Every printed answer, event and object of a spec, in document order."""
    found = [each for operation in spec.operations.values() for each in _of_operation(spec, operation)]
    for name, schema in (spec.published.get("components") or {}).get("schemas", {}).items():
        text = (schema.get("x-oaiMeta") or {}).get("example")
        if isinstance(text, str):
            at = pointer.join("/components/schemas", name)
            found += _read("object", name, "", f"{at}/x-oaiMeta/example", {"": at}, text)
    return found


def _of_operation(spec: Spec, operation: Operation) -> Iterator[Example]:
    home = f"{operation.pointer}/x-oaiMeta/examples"
    try:
        examples = pointer.resolve(spec.published, home)
    except KeyError:
        return
    several = isinstance(examples, list)
    for index, each in enumerate(examples if several else [examples]):
        at = f"{home}/{index}" if several else home
        title = str(each.get("title", ""))
        for kind, member, status in (("response", "response", 200), ("error", "error_response", 400)):
            text = each.get(member)
            if isinstance(text, str):
                schemas = _schemas(operation, status)
                yield from _read(kind, operation.id, title, f"{at}/{member}", schemas, text)


def _schemas(operation: Operation, status: int) -> dict[str, str]:
    answer = operation.answers.get(str(status))
    content = answer.content if answer else {}
    return {name: each.schema_pointer for name, each in content.items() if each.schema_pointer}


def _read(kind: str, owner: str, title: str, at: str, schemas: Mapping[str, str], text: str) -> Iterator[Example]:
    """One example, or one for each event of a printed stream."""
    whole = schemas.get("application/json") or schemas.get("")
    try:
        value = mend(text)
    except ValueError as error:
        problem = str(error)
    else:
        yield Example(kind, owner, title, at, whole, value)
        return
    events = list(_events(text))
    if len(events) < 2:
        yield Example(kind, owner, title, at, whole, problem=problem)
        return
    stream = schemas.get("text/event-stream") or whole
    for name, value in events:
        instance = {"event": name, "data": value} if name and stream and _named(value) else value
        yield Example("event", owner, title, at, stream, instance)


def _named(value: Any) -> bool:
    """True where the event's name is no member of its data: the streams of assistants."""
    return not (isinstance(value, dict) and isinstance(value.get("type"), str) and "." in value["type"])


def _events(text: str) -> Iterator[tuple[str | None, Any]]:
    """The JSON values of a printed stream, each with the event name before it; folded lines are part of strings."""
    decoder, at = json.JSONDecoder(strict=False), 0
    while (start := text.find("{", at)) >= 0:
        try:
            value, end = decoder.raw_decode(text, start)
        except ValueError:
            at = start + 1
            continue
        names = _EVENT.findall(text, at, start)
        yield (names[-1] if names else None), value
        at = end


def mend(text: str) -> Any:
    """The value of a JSON text with the slips of hand-written examples. Raises ValueError where it stays unreadable."""
    try:
        return json.loads(text)
    except ValueError:
        pass
    kept: list[str] = []
    end = 0
    for match in _TOKEN.finditer(text):
        if text[end : match.start()].strip():
            raise ValueError(f"unreadable at {text[end : match.start()].strip()[:20]!r}")
        end = match.end()
        _keep(kept, match[0])
    if text[end:].strip():
        raise ValueError(f"unreadable at {text[end:].strip()[:20]!r}")
    value: Any = _without_elided(json.loads("".join(kept), strict=False))
    return value


def _keep(kept: list[str], part: str) -> None:
    """Add a part to those of a well-formed text, mending what stands between."""
    last = kept[-1] if kept else ""
    if part.startswith("//"):
        return
    if part.startswith("..."):
        part = f'"{_ELIDED}"'
        if last == "{":
            part = f'"{_ELIDED}":null'
    if part in "}]" and last == ",":
        kept.pop()
    elif part not in "}]:," and last not in {"", "{", "[", ":", ","}:
        kept.append(",")
    elif part == "," and last in {"{", "[", ","}:
        return
    if part == ":" and re.fullmatch(r"[A-Za-z_$][\w$]*", last):
        kept[-1] = f'"{last}"'
    if part == f'"{_ELIDED}"' and _in_object(kept):
        part = f'"{_ELIDED}":null'
    kept.append(part)


def _in_object(kept: list[str]) -> bool:
    depth = 0
    for part in reversed(kept):
        depth += (part in {"}", "]"}) - (part in {"{", "["})
        if depth < 0:
            return part == "{" and kept[-1] != ":"
    return False


def _without_elided(value: Any) -> Any:
    """A copy without what an ellipsis stands for: items, and whole members and items that are only an ellipsis."""
    if isinstance(value, list):
        return [_without_elided(each) for each in value if not _elided(each)]
    if isinstance(value, dict):
        return {name: _without_elided(each) for name, each in value.items() if name != _ELIDED and not _elided(each)}
    return value


def _elided(value: Any) -> bool:
    return value == _ELIDED or (isinstance(value, dict) and set(value) == {_ELIDED})
