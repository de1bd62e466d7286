"""What a rule of a stream is proved with: a stream that breaks it and a near twin that does not."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

#: An event of a stream under construction: its SSE name (None: data only) and its data (a string goes out as it is).
Event = tuple[str | None, Any]
Edit = Callable[[list[Any]], Any]


@dataclass(frozen=True)
class StreamCase:
    """One rule, an operation, a request, the bytes that break it and the bytes of the twin."""

    rule: str
    operation: str
    breaking: bytes
    twin: bytes
    request: dict[str, Any] = field(default_factory=dict)
    #: The twin's own request, where it is the request that makes the difference.
    twin_request: dict[str, Any] | None = None
    status: int = 200
    content_type: str = "text/event-stream"
    note: str = ""

    def __str__(self) -> str:
        """The rule and what is wrong, for test ids."""
        return f"{self.rule} {self.note}".strip()


def sse(events: Iterable[Event]) -> bytes:
    """An event stream of `events`, LF line ends."""
    return b"".join(_block(name, data) for name, data in events)


def _block(name: str | None, data: Any) -> bytes:
    text = data if isinstance(data, str) else json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {text}\n\n".encode()


def json_lines(frames: Iterable[Any]) -> bytes:
    """One frame a line, as a Realtime session is recorded."""
    return b"".join(json.dumps(frame, separators=(",", ":")).encode() + b"\n" for frame in frames)


def edited(events: list[Any], edit: Edit) -> list[Any]:
    """A deep copy of `events`, changed in place by `edit` (or replaced by what it returns)."""
    copy = json.loads(json.dumps(events))
    copy = [tuple(each) if isinstance(each, list) else each for each in copy]
    return edit(copy) or copy


def broken_rules(case: StreamCase, body: bytes, request: dict[str, Any], chunk_size: int | None = None) -> set[str]:
    """The rules that the findings of a stream name."""
    from contract.streams import judge_stream

    content_type = case.content_type
    found = judge_stream(case.operation, request, case.status, content_type, body, chunk_size=chunk_size)
    return {each.rule for each in found}


JUNK: list[Any] = [None, True, 0, -1, 10**30, 1.5, "", "x", "\ud800", [], [None], {}, {"type": "x"}]


def spoilt(value: Any, drawn: random.Random) -> Any:
    """A copy of JSON with a member or an element somewhere lost or replaced."""
    if isinstance(value, dict) and value:
        copy = dict(value)
        name = drawn.choice(list(copy))
        if drawn.random() < 0.2:
            del copy[name]
        else:
            copy[name] = drawn.choice(JUNK) if drawn.random() < 0.3 else spoilt(copy[name], drawn)
        return copy
    if isinstance(value, list) and value:
        copied = list(value)
        at = drawn.randrange(len(copied))
        copied[at] = spoilt(copied[at], drawn)
        return copied
    return drawn.choice(JUNK)
