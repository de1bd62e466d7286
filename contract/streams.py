"""Judging one recorded or arriving stream: bytes in, findings out at once, the rest at the close. No I/O.

`judge_stream(operation id, request, status, content type, body)` is the whole of it as one pure function.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from contract import grammars
from contract.classify import SURFACES
from contract.errors import UsageError
from contract.exchange import StreamEvent
from contract.frames import FrameParser
from contract.grammar import Context, Surface, shorten
from contract.grammars.sse_rules import BROKEN_BY
from contract.pruning import pruned
from contract.schema import Broken, Schemas
from contract.selection import HEAD, MAX_DATA, Selection, cut
from contract.spec import Spec, load
from contract.sse import Parser, Problem, ProblemKind, Raw
from contract.verdict import Finding

SENTINEL = "[DONE]"


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON (RFC 8259 6)")


_decoder = json.JSONDecoder(parse_constant=_refuse)
#: One JSON text without white space around it, as nearly every event is; `_decoder.decode` for the others.
_scan = _decoder.scan_once  # type: ignore[attr-defined]  # public in CPython, missing in typeshed
#: No JSON at the first character, no JSON at all, or a value that the fast validator cannot take.
_NOT_STRAIGHT = (StopIteration, ValueError, TypeError, RecursionError)


@cache
def _spec() -> Spec:
    return load()


_READINGS: dict[tuple[int, str], tuple[Spec, Schemas]] = {}


def _schemas(spec: Spec, surface: Surface) -> Schemas:
    """The validators of a surface; a reading of its own is compiled once a spec (which is kept, so its id stays)."""
    if surface.schemas is None:
        return spec.schemas
    key = (id(spec), surface.name)
    if key not in _READINGS:
        _READINGS[key] = (spec, surface.schemas(spec))
    return _READINGS[key][1]


class StreamJudge:
    """The judge of one stream. `feed` bytes as they arrive, then `close`; both give the findings made since."""

    def __init__(
        self,
        spec: Spec,
        operation_id: str,
        request: Mapping[str, Any],
        status: int,
        content_type: str | None,
        *,
        surface: str | None = None,
    ) -> None:
        """`operation_id` is one of `contract.classify.SURFACES` or starts with "realtime". Raises UsageError."""
        name = surface or SURFACES.get(operation_id) or ("realtime" if "realtime" in operation_id.lower() else None)
        if name is None:
            raise UsageError(f"{operation_id}: not an operation that streams; {', '.join(SURFACES)} do")
        self._surface: Surface = grammars.surface(name)
        self._selection = Selection()
        self._context = Context(spec, self._surface, operation_id, request or {}, self._mark)
        self._lines = self._surface.framing == "lines"
        self._parser: Parser | FrameParser = FrameParser() if self._lines else Parser()
        self._handler = self._surface.begin(self._context)
        self._take_event = self._handler.event
        self._schemas = _schemas(spec, self._surface)
        one = self._surface.alphabet.get("") if self._surface.key == "one" else None
        #: The validator of a surface with one kind of object.
        self._valid_one = self._schemas.validator(one).is_valid if one else None
        self._validators: dict[str, Any] = {}
        #: The validators of keys that were met, for surfaces with several kinds of objects.
        self._by_key: dict[Any, Any] = {}
        self._kinds: set[str] = set()
        self._by_event = self._surface.key == "event"
        self._sentinel_seen = False
        self._mute = False
        self._doubtful = False  # whether the body is a stream at all
        self._closed = False
        self._reply(status, content_type)

    @property
    def event_count(self) -> int:
        """Events so far, the sentinel included."""
        return self._context.number

    @property
    def accumulated(self) -> Any:
        """The object that the deltas add up to, None where they add up to none."""
        return self._handler.accumulated()

    @property
    def kinds(self) -> set[str]:
        """Kinds of events that came valid: `chat:`, `responses:response.created`."""
        return {f"{self._surface.name}:{key}" for key in self._kinds}

    @property
    def text(self) -> str:
        """The accumulated final text, bounded."""
        return self._handler.text()

    @property
    def events(self) -> tuple[StreamEvent, ...]:
        """A bounded selection in order, numbered: the first events, the last, and those around findings."""
        return self._selection.events(self._context.numbered())

    def feed(self, data: bytes, at_s: float = 0.0) -> list[Finding]:
        """Judge the next bytes of the body, which arrived `at_s` seconds after the request."""
        if self._doubtful:
            self._look_for_json(data)
        for item in self._parser.parse(data, at_s):
            self._take(item)
        return self._context.take() if self._context.found else []

    def close(self, *, complete: bool = True) -> list[Finding]:
        """The body has ended. `complete=False`: it was cut by us or the transport, so nothing is owed any more."""
        if self._closed:
            return []
        self._closed = True
        context = self._context
        if complete:
            context.ended = True
            for item in self._parser.finish():
                self._take(item)
            if not self._mute:
                self._handler.end()
                self._check_accumulated()
        return [*context.take(), *context.counted()]

    def _reply(self, status: int, content_type: str | None) -> None:
        """SSE-001, for a reply that was asked to stream."""
        media_type, _, parameters = (content_type or "").partition(";")
        media_type = media_type.strip().lower()
        if self._lines:
            return
        forbidden = self._surface.unstreamed(self._context.request)
        if forbidden is not None:
            self._mute = media_type != "text/event-stream"
            if not self._mute:
                self._context.report(forbidden, actual=f"media type {content_type}", where="Content-Type")
            return
        asked = self._context.request.get("stream") in (True, "true", "True")
        if not asked and media_type == "application/json" and status == 200:
            self._mute = True  # a plain answer to a plain request: nothing to judge
        elif status != 200:
            self._context.report("SSE-001", actual=f"status {status}", where="status")
            self._mute = True
        elif media_type != "text/event-stream":
            self._context.report("SSE-001", actual=f"media type {content_type!r}", where="Content-Type")
            self._doubtful = media_type == "application/json"
        elif charset := _charset(parameters):
            self._context.report("SSE-001", actual=f"charset {charset}", where="Content-Type")

    def _look_for_json(self, data: bytes) -> None:
        """A JSON object sent as JSON, where a stream was asked for, is one fault (SSE-001) and not ten."""
        text = data.lstrip()
        if text:
            self._doubtful = False
            self._mute = text[:1] == b"{"

    def _take(self, item: Raw | Problem) -> None:
        """One event: the straight way for a valid object of a surface with one schema, `_slow` for all else."""
        if self._mute:
            return
        if isinstance(item, Problem):
            self._problem(item)
            return
        context = self._context
        context.number += 1
        _, _, name, data, _ = item
        if context.number <= HEAD or len(data) > MAX_DATA:
            item = cut(item)
            self._selection.begin(item)
        context.recent.append(item)
        valid = self._valid_one
        if valid is not None:
            try:
                value, end = _scan(data, 0)
                if end == len(data) and value.__class__ is dict and valid(value):
                    if not self._kinds:
                        self._kinds.add("")
                    self._take_event(name, value)
                    return
            except _NOT_STRAIGHT:
                pass
        elif self._by_key:
            value = self._straight(name, data)
            if value is not None:
                self._take_event(name, value)
                return
        self._slow(name, data)

    def _straight(self, name: str | None, data: str) -> dict[str, Any] | None:
        """The object of an event whose key was met before, where it is valid; None for anything else."""
        try:
            value, end = _scan(data, 0)
            if end != len(data) or value.__class__ is not dict or "error" in value:
                return None
            valid = self._by_key.get(name if self._by_event else value.get("type"))
            return value if valid is not None and valid(value) else None
        except _NOT_STRAIGHT:
            return None

    def _problem(self, problem: Problem) -> None:
        where = f"event {problem.events_before + 1}, byte {problem.offset}"
        self._context.report(BROKEN_BY[problem.kind], actual=problem.detail, where=where)
        self._mute = self._mute or problem.kind is ProblemKind.TOO_LARGE

    def _slow(self, name: str | None, data: str) -> None:
        if self._sentinel_seen:
            self._context.report("SSE-008", actual=f"after [DONE]: {data}")
        elif data == SENTINEL and not self._lines:
            self._sentinel_seen = True
            self._valid_one = None
            self._by_key = {}
            self._handler.sentinel(name)
        else:
            self._json(name, data)

    def _json(self, name: str | None, data: str) -> None:
        loose = self._surface.loose(name)
        try:
            value = _decoder.decode(data)
        except (ValueError, RecursionError) as error:
            if not loose:
                self._no_json(name, data, str(error))
            return
        if loose:
            self._handler.event(name, value)
        elif not isinstance(value, dict):
            self._no_json(name, data, f"JSON {type(value).__name__}, not an object")
        else:
            self._handler.event(name, self._validated(name, value))

    def _no_json(self, name: str | None, data: str, why: str) -> None:
        letters = "".join(each for each in data if each.isalpha()).upper()
        sentinel = (letters == "DONE" and not data.startswith('"')) or data.startswith(SENTINEL)
        rule = self._surface.schema_rule if self._lines else "SSE-007" if sentinel else "SSE-006"
        self._context.report(rule, actual=f"{shorten(data, 160)} ({why})")
        if name is not None and name in self._surface.bare:
            self._handler.event(name, data)

    def _validated(self, name: str | None, value: dict[str, Any]) -> Any:
        """`value`, without its broken members where it breaks its schema."""
        if "error" in value and self._surface.exempt(value):
            return value
        key = self._surface.key
        of = "" if key == "one" else name if key == "event" else value.get("type")
        pointer = self._surface.alphabet.get(of) if isinstance(of, str) else None
        if pointer is None or not isinstance(of, str):
            return value
        if self._valid(pointer, value):
            self._kinds.add(of)
            self._by_key[of] = self._validators[pointer]
            return value
        broken = list(self._schemas.broken(pointer, value))
        self._report_schema(pointer, broken)
        return pruned(self._schemas, pointer, value, broken)

    def _valid(self, pointer: str, value: Any) -> bool:
        valid = self._validators.get(pointer)
        if valid is None:
            valid = self._validators[pointer] = self._schemas.validator(pointer).is_valid
        try:
            return bool(valid(value))
        except (ValueError, TypeError, RecursionError):  # a value that the fast validator cannot take
            return self._schemas.is_valid(pointer, value)

    def _mark(self) -> None:
        """Keep the event at hand and some before it for the report."""
        self._selection.mark(self._context.numbered())

    def _report_schema(self, pointer: str, broken: list[Broken]) -> None:
        said: dict[str, list[str]] = {}
        for each in broken:
            named = self._surface.refine(each)
            rules = (self._surface.schema_rule,) if named is None else (named,) if isinstance(named, str) else named
            for rule in rules:
                said.setdefault(rule, []).append(each.message)
        for rule, messages in said.items():
            self._context.report(rule, actual="; ".join(messages[:3]), spec_pointer=pointer)

    def _check_accumulated(self) -> None:
        pointer = self._surface.plain
        value = self._handler.accumulated() if pointer and not self._context.broken_must else None
        if pointer is None or value is None or self._context.spec.schemas.is_valid(pointer, value):
            return
        messages = [each.message for each in self._context.spec.schemas.broken(pointer, value)]
        self._context.report("stream/accumulated-schema", actual="; ".join(messages[:3]), spec_pointer=pointer)


def _charset(parameters: str) -> str | None:
    """A charset other than utf-8, None where it is right or absent."""
    for each in parameters.split(";"):
        name, _, value = each.partition("=")
        charset = value.strip().strip('"').lower()
        if name.strip().lower() == "charset" and charset not in {"utf-8", "utf8"}:
            return charset
    return None


def judge_stream(
    operation_id: str,
    request: Mapping[str, Any],
    status: int,
    content_type: str | None,
    body: bytes,
    *,
    spec: Spec | None = None,
    chunk_size: int | None = None,
) -> list[Finding]:
    """The findings of a recorded stream: from (operation id, request body, status, content type, bytes).

    `chunk_size`: bytes a feed; the findings do not depend on it. Without `spec` the bundled one is used.
    Raises UsageError for an operation that does not stream.
    """
    judge = StreamJudge(spec or _spec(), operation_id, request, status, content_type)
    findings: list[Finding] = []
    for chunk in _chunks(body, chunk_size):
        findings += judge.feed(chunk)
    return findings + judge.close()


def _chunks(body: bytes, size: int | None) -> Iterator[bytes]:
    step = size or max(1, len(body))
    return (body[start : start + step] for start in range(0, len(body), step))
