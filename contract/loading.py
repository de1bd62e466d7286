"""YAML or JSON text -> plain JSON values and the line of every JSON pointer, safely.

One pass over libyaml's events: no object is ever constructed from a tag, nesting and alias expansion are bounded
before they cost memory, duplicate keys are refused, and plain scalars follow the core schema of YAML 1.2 (10.3.2),
so that a date stays the string that OpenAPI means. Keys are always strings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from contract import pointer
from contract.errors import SpecError

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 400
#: Nodes after every alias is expanded; the OpenAI spec has 58 thousand.
MAX_NODES = 3_000_000

_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, Any] = dict.fromkeys(("", "~", "null", "Null", "NULL"))
_WORDS |= dict.fromkeys(("true", "True", "TRUE"), True) | dict.fromkeys(("false", "False", "FALSE"), False)
_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document and the 1-based line of each JSON pointer (of the key, of the value inside arrays)."""

    document: Any
    lines: dict[str, int]


def parse(content: bytes, name: str) -> Parsed:
    """Parse a YAML or JSON document; `name` is for the error. Raises SpecError in one line."""
    if len(content) > MAX_BYTES:
        raise SpecError(f"{name}: larger than {MAX_BYTES // 1024 // 1024} MiB, refused")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SpecError(f"{name}: no UTF-8 text (byte {error.start})") from error
    if text.lstrip().startswith("{"):
        return _parse_json(text, name)
    return _parse_yaml(text, name)


def _parse_json(text: str, name: str) -> Parsed:
    """JSON proper, or YAML in flow style. YAML reads nearly all JSON: it gives the lines where it can."""
    try:
        document = json.loads(text, object_pairs_hook=_unique)
    except _DuplicateKey as error:
        raise SpecError(f"{name}: duplicate key {str(error)!r}") from error
    except (ValueError, RecursionError):
        return _parse_yaml(text, name)
    try:
        # A raw tab is white space in JSON, and an error to YAML.
        return Parsed(document, _parse_yaml(text.replace("\t", " "), name).lines)
    except SpecError:
        return Parsed(document, {"": 1})


class _DuplicateKey(Exception):
    pass


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _DuplicateKey(key)
        found[key] = value
    return found


def _parse_yaml(text: str, name: str) -> Parsed:
    import yaml  # 10 ms, and only needed where the cache has nothing

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    builder = _Builder(name)
    try:
        for event in yaml.parse(text, Loader=loader):
            builder.feed(event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" in line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        if "nesting depth" in problem:  # newer readers have a limit of their own, and may meet it first
            raise SpecError(f"{name}: nested deeper than the YAML reader takes, refused{place}") from error
        raise SpecError(f"{name}: not readable as YAML or JSON: {problem}{place}") from error
    return Parsed(builder.document, builder.lines)


@dataclass(slots=True)
class _Frame:
    """A container that is still open; `nodes` counts what it holds with aliases expanded."""

    value: Any
    at: str
    anchor: str | None
    nodes: int = 1
    key: str | None = None
    merged: list[Any] = field(default_factory=list)


class _Builder:
    """Builds the document from libyaml events without recursion."""

    def __init__(self, name: str) -> None:
        self.document: Any = None
        self.lines: dict[str, int] = {"": 1}
        self._name = name
        self._stack: list[_Frame] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._documents = 0

    def feed(self, event: Any) -> None:
        handler = _HANDLERS.get(type(event).__name__)
        if handler:
            handler(self, event)

    def start_document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            raise self._error("more than one YAML document", event)

    def scalar(self, event: Any) -> None:
        frame = self._stack[-1] if self._stack else None
        if frame and isinstance(frame.value, dict) and frame.key is None:
            return self._key(frame, event)
        self._add(self._scalar(event), 1, event)
        if event.anchor:
            self._anchors[event.anchor] = (self._scalar(event), 1)
        return None

    def start(self, event: Any) -> None:
        frame = self._stack[-1] if self._stack else None
        if frame and isinstance(frame.value, dict) and frame.key is None:
            raise self._error("a key that is no string", event)
        if len(self._stack) >= MAX_DEPTH:
            raise self._error(f"nested deeper than {MAX_DEPTH} levels, refused", event)
        if event.tag not in {None, _TAG + "map", _TAG + "seq"}:
            raise self._error(f"tag {event.tag} is not allowed", event)
        value: Any = {} if type(event).__name__ == "MappingStartEvent" else []
        self._stack.append(_Frame(value, self._at(), event.anchor))
        self._mark(event)

    def end(self, event: Any) -> None:
        frame = self._stack.pop()
        for source in frame.merged:
            frame.value.update({key: value for key, value in source.items() if key not in frame.value})
        self._add(frame.value, frame.nodes, event, marked=True)
        if frame.anchor:
            self._anchors[frame.anchor] = (frame.value, frame.nodes)

    def alias(self, event: Any) -> None:
        if event.anchor not in self._anchors:
            raise self._error(f"alias *{event.anchor} refers to itself or to nothing", event)
        frame = self._stack[-1]
        if isinstance(frame.value, dict) and frame.key is None:
            raise self._error("an alias as a key", event)
        value, nodes = self._anchors[event.anchor]
        self._add(value, nodes, event)

    def _key(self, frame: _Frame, event: Any) -> None:
        if event.value in frame.value or (event.value == "<<" and frame.merged):
            raise self._error(f"duplicate key {event.value!r}", event)
        frame.key = event.value
        self.lines[pointer.join(frame.at, event.value)] = event.start_mark.line + 1

    def _at(self) -> str:
        """The pointer of the value that comes next."""
        if not self._stack:
            return ""
        frame = self._stack[-1]
        return pointer.join(frame.at, frame.key if isinstance(frame.value, dict) else len(frame.value))

    def _mark(self, event: Any) -> None:
        """Note the line of an array's entry; keys have noted theirs."""
        frame = self._stack[-1]
        if frame.at not in self.lines:
            self.lines[frame.at] = event.start_mark.line + 1

    def _add(self, value: Any, nodes: int, event: Any, *, marked: bool = False) -> None:
        if not self._stack:
            self.document = value
            return
        frame = self._stack[-1]
        frame.nodes += nodes
        if frame.nodes > MAX_NODES:
            raise self._error(f"aliases expand to more than {MAX_NODES} nodes, refused", event)
        if isinstance(frame.value, list):
            if not marked:
                self.lines[pointer.join(frame.at, len(frame.value))] = event.start_mark.line + 1
            frame.value.append(value)
            return
        key, frame.key = frame.key, None
        if key == "<<" and isinstance(value, dict | list):
            frame.merged += value if isinstance(value, list) else [value]
        else:
            frame.value[key] = value

    def _scalar(self, event: Any) -> Any:
        tag = (event.tag or "").removeprefix(_TAG)
        if event.tag and tag not in {"!", "str", "int", "float", "bool", "null"}:
            raise self._error(f"tag {event.tag} is not allowed", event)
        plain = event.style is None or event.style == ""
        if tag in {"!", "str"} or (not event.tag and not plain):
            return event.value
        return plain_scalar(event.value)

    def _error(self, problem: str, event: Any) -> SpecError:
        return SpecError(f"{self._name}: {problem} (line {event.start_mark.line + 1})")


_HANDLERS: dict[str, Callable[[_Builder, Any], None]] = {
    "DocumentStartEvent": _Builder.start_document,
    "ScalarEvent": _Builder.scalar,
    "MappingStartEvent": _Builder.start,
    "SequenceStartEvent": _Builder.start,
    "MappingEndEvent": _Builder.end,
    "SequenceEndEvent": _Builder.end,
    "AliasEvent": _Builder.alias,
}


def plain_scalar(text: str) -> Any:
    """The value of an unquoted scalar by YAML 1.2's core schema; what has no JSON value stays a string."""
    if text in _WORDS:
        return _WORDS[text]
    try:
        if _INT.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text):
            return float(text)
        if text.startswith(("0x", "0o")):
            return int(text, 0)
    except ValueError:  # more digits than Python reads, or no digits at all
        pass
    return text
