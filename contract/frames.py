"""Bytes -> frames, one JSON text a line: how WebSocket messages (Realtime) are recorded. Same shape as `sse.Parser`."""

from __future__ import annotations

from contract.sse import MAX_EVENT_BYTES, Problem, ProblemKind, Raw


class FrameParser:
    """Lines that end in LF (or CRLF); empty lines are skipped, the last one needs no end. Bounded by a line."""

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        """`max_event_bytes`: the longest frame that is kept."""
        self._limit = max_event_bytes
        self._partial = bytearray()
        self._lost = 0  # bytes of an over-long frame that were not kept
        self._offset = 0
        self._events = 0

    def parse(self, data: bytes, at_s: float = 0.0) -> list[Raw | Problem]:
        """The frames that `data` completes and the problems between them, in order."""
        items: list[Raw | Problem] = []
        *whole, rest = data.split(b"\n")
        for piece in whole:
            self._hold(piece)
            items += self._flush(at_s, 1)
        self._hold(rest)
        return items

    def finish(self) -> list[Raw | Problem]:
        """The last frame where the record does not end in a line end."""
        return self._flush(0.0, 0)

    def _hold(self, piece: bytes) -> None:
        room = self._limit - len(self._partial)
        self._partial += piece[:room]
        self._lost += max(0, len(piece) - room)

    def _flush(self, at_s: float, end: int) -> list[Raw | Problem]:
        line, lost, start = bytes(self._partial), self._lost, self._offset
        self._partial.clear()
        self._lost = 0
        self._offset += len(line) + lost + end
        if lost:
            return [Problem(ProblemKind.TOO_LARGE, start, self._events, f"more than {self._limit} bytes")]
        line = line.strip()
        if not line:
            return []
        items: list[Raw | Problem] = []
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            items.append(Problem(ProblemKind.UTF8, start + error.start, self._events, "no UTF-8"))
            text = line.decode("utf-8", "replace")
        self._events += 1
        return [*items, (start, at_s, None, text, None)]
