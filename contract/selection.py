"""The events of a stream that the report shows: the first, the last and those around findings, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable

from contract.exchange import StreamEvent
from contract.sse import Raw

#: Events kept from the start; before each finding; around findings in all. The last ones are the context's.
HEAD, AROUND, MAX_MARKED = 40, 2, 200
#: Characters of an event's data that are kept.
MAX_DATA = 4096


class Selection:
    """Which events are kept, by their 1-based number."""

    __slots__ = ("_head", "_marked")

    def __init__(self) -> None:
        self._head: list[Raw] = []
        self._marked: dict[int, Raw] = {}

    def begin(self, raw: Raw) -> None:
        """One of the first events; those after the first `HEAD` are passed over."""
        if len(self._head) < HEAD:
            self._head.append(raw)

    def mark(self, recent: Iterable[tuple[int, Raw]]) -> None:
        """A finding: keep the newest of the last events."""
        if len(self._marked) < MAX_MARKED:
            self._marked |= dict(list(recent)[-AROUND - 1 :])

    def events(self, recent: Iterable[tuple[int, Raw]]) -> tuple[StreamEvent, ...]:
        """All that is kept, `recent` included, in order."""
        chosen = dict(enumerate(self._head, 1)) | self._marked | dict(recent)
        return tuple(StreamEvent(*raw, number=number) for number, raw in sorted(chosen.items()))


def cut(raw: Raw) -> Raw:
    """`raw` with no more data than is kept."""
    offset, at_s, name, data, last_id = raw
    if len(data) <= MAX_DATA:
        return raw
    return offset, at_s, name, f"{data[:MAX_DATA]} ... [{len(data)} characters]", last_id
