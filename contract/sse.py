"""Bytes -> events of a `text/event-stream` body: the WHATWG interpretation, incremental and without I/O.

Source: WHATWG HTML 9.2.5 (stream format) and 9.2.6 (interpretation). Whatever the chunking of the bytes, the
events and the problems are the same. A body that breaks the format never raises: it gives `Problem`s.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from contract.exchange import StreamEvent

BOM = b"\xef\xbb\xbf"
#: How a read begins that may consist of whole blocks in the plainest form.
_STRAIGHT = frozenset({b"data: ", b"event:"})
#: Default bound of one event block, in bytes: far above any text delta, room for base64 images and audio.
MAX_EVENT_BYTES = 8 * 1024 * 1024


class ProblemKind(StrEnum):
    """What the format of the body got wrong."""

    UTF8 = "utf8"  # bytes that are no UTF-8; read as U+FFFD
    UNTERMINATED = "unterminated"  # the body ended inside a block: the block is dropped
    LOST_PAYLOAD = "lost_payload"  # lines of unknown fields and no data line: nothing is dispatched
    NO_DATA = "no_data"  # only event, id or retry fields: nothing is dispatched
    TOO_LARGE = "too_large"  # a block over the bound: dropped


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of the format: byte offset in the body, number of events dispatched before, one line of detail."""

    kind: ProblemKind
    offset: int
    events_before: int
    detail: str = ""


#: The members of a `StreamEvent` in their order; the judge takes these, a dataclass an event costs too much.
Raw = tuple[int, float, "str | None", str, "str | None"]


class Parser:
    """An event-stream parser. `feed` bytes as they come, then `close`; time is linear in the bytes.

    Memory is bounded by `max_event_bytes` (one open block); a larger block is dropped and gives one problem.
    """

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        """`max_event_bytes`: the longest line and the longest block that are kept."""
        self.problems: list[Problem] = []
        self._limit = max_event_bytes
        self._events = 0
        self._items: list[Raw | Problem] = []
        self._at = 0.0
        self._partial = bytearray()  # the open line
        self._partial_dropped = 0  # bytes of an over-long line that were not kept
        self._offset = 0  # of the next line
        self._skip_lf = False
        self._idle = True  # between two blocks, nothing held back
        self._first_line = True
        self._last_id: str | None = None
        self._clear()

    def _clear(self) -> None:
        self._data: list[bytes] = []
        self._event: bytes | None = None
        self._unknown: bytes | None = None
        self._start = -1  # offset of the block's first field, -1 while it has none
        self._size = 0
        self._dropped = False

    def feed(self, data: bytes, at_s: float = 0.0) -> list[StreamEvent]:
        """The events that `data` completes; `at_s` is the time of arrival, in seconds since the request."""
        return [StreamEvent(*item) for item in self.parse(data, at_s) if isinstance(item, tuple)]

    def close(self) -> list[StreamEvent]:
        """Tell the end of the body. An open block is dropped (a problem), so no event comes of it."""
        self.finish()
        return []

    def parse(self, data: bytes, at_s: float = 0.0) -> list[Raw | Problem]:
        """As `feed`, but events as plain tuples with the problems between them, in order."""
        if self._idle and data[:6] in _STRAIGHT and data[-2:] == b"\n\n" and b"\r" not in data:
            blocks = self._whole_blocks(data, at_s)
            if blocks is not None:
                return blocks
        self._at = at_s
        if self._skip_lf and data:
            self._skip_lf = False
            if data[:1] == b"\n":
                data = data[1:]
                self._offset += 1
        if b"\n" in data or b"\r" in data:
            self._split(data)
        else:
            self._hold(data)
        self._idle = self._start < 0 and not (self._partial or self._skip_lf)
        items, self._items = self._items, []
        return items

    def finish(self) -> list[Raw | Problem]:
        """Tell the end of the body: the problems of what was left open."""
        if self._partial:
            line = self._join(b"")
            if line is None:
                self._oversize()
            elif line := (line.removeprefix(BOM) if self._first_line else line):
                self._line(line)
        if self._start >= 0 and not self._dropped:
            self._problem(ProblemKind.UNTERMINATED, self._start, self._describe())
            if self._unknown is not None and not self._data:
                self._problem(ProblemKind.LOST_PAYLOAD, self._start, self._describe())
        self._clear()
        items, self._items = self._items, []
        return items

    def _hold(self, data: bytes) -> None:
        """Keep a piece of a line that is still open, within the bound."""
        room = self._limit - len(self._partial)
        self._partial += data[:room]
        self._partial_dropped += max(0, len(data) - room)

    def _whole_blocks(self, data: bytes, at: float) -> list[Raw | Problem] | None:
        """The events of whole blocks of one `data` line, perhaps behind an `event` line; None: another form."""
        if len(data) > self._limit:
            return None
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            return None
        offset, last = self._offset, self._last_id
        if data[:1] == b"d" and data.find(b"\n") == len(data) - 2:
            self._first_line = False
            self._events += 1
            self._offset = offset + len(data)
            return [(offset, at, None, text[6:-2], last)]
        items: list[Raw | Problem] = []
        for block in text[:-2].split("\n\n"):
            name, field = None, block
            if block[:7] == "event: ":
                name, _, field = block[7:].partition("\n")
            if field[:6] != "data: " or "\n" in field:
                return None
            items.append((offset, at, name or None, field[6:], last))
            offset += (len(block) if block.isascii() else len(block.encode())) + 2
        self._first_line = False
        self._events += len(items)
        self._offset = offset
        return items

    def _split(self, data: bytes) -> None:
        """Cut `data` into lines (LF, CR or CRLF); the last piece stays open where it has no end."""
        lines = data.splitlines(keepends=True)
        tail = lines[-1]
        self._skip_lf = tail[-1:] == b"\r"
        rest = b"" if tail[-1:] in {b"\n", b"\r"} else lines.pop()
        for piece in lines:
            size = len(piece)
            line: bytes | None = piece.rstrip(b"\r\n")
            if self._partial:
                size += len(self._partial) + self._partial_dropped
                line = self._join(piece.rstrip(b"\r\n"))
            self._complete(line, size)
        self._hold(rest)

    def _join(self, line: bytes) -> bytes | None:
        """The open line with its last piece; None where it is over the bound."""
        whole = len(self._partial) + self._partial_dropped + len(line) <= self._limit
        joined = bytes(self._partial) + line if whole else None
        self._partial.clear()
        self._partial_dropped = 0
        return joined

    def _complete(self, line: bytes | None, size: int) -> None:
        """A line with its end (None: too long to keep); `size` bytes of the body belong to it."""
        if line is None or len(line) > self._limit:
            self._oversize()
        else:
            if self._first_line:
                line = line.removeprefix(BOM)
            if line:
                self._line(line)
            else:
                self._dispatch()
        self._first_line = False
        self._offset += size

    def _oversize(self) -> None:
        if not self._dropped:
            self._problem(ProblemKind.TOO_LARGE, self._offset, f"more than {self._limit} bytes")
        self._dropped = True
        self._data = []
        if self._start < 0:
            self._start = self._offset

    def _line(self, line: bytes) -> None:
        """One line that is not empty: a comment or a field (WHATWG 9.2.6)."""
        if not line.isascii():
            self._check_utf8(line)
        if line[:1] == b":":
            return
        if self._start < 0:
            self._start = self._offset
        self._size += len(line)
        if self._size > self._limit:
            self._oversize()
        if self._dropped:
            return
        name, _, value = line.partition(b":")
        self._field(name, value[1:] if value[:1] == b" " else value)

    def _field(self, name: bytes, value: bytes) -> None:
        if name == b"data":
            self._data.append(value)
        elif name == b"event":
            self._event = value
        elif name == b"id":
            if b"\0" not in value:
                self._last_id = value.decode("utf-8", "replace")
        elif name != b"retry" and self._unknown is None:
            self._unknown = name

    def _check_utf8(self, line: bytes) -> None:
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            self._problem(ProblemKind.UTF8, self._offset + error.start, f"byte 0x{line[error.start]:02x}")

    def _dispatch(self) -> None:
        """The end of a block: an event where it has data, else perhaps a problem."""
        if self._start >= 0:
            if self._data:
                data = b"\n".join(self._data).decode("utf-8", "replace")
                name = self._event.decode("utf-8", "replace") if self._event else None
                self._items.append((self._start, self._at, name, data, self._last_id))
                self._events += 1
            elif self._unknown is not None:
                self._problem(ProblemKind.LOST_PAYLOAD, self._start, self._describe())
            elif not self._dropped:
                self._problem(ProblemKind.NO_DATA, self._start, self._describe())
            self._clear()

    def _describe(self) -> str:
        """The open block in a few words."""
        fields = [b"event: " + self._event] if self._event is not None else []
        fields += [b"data: " + self._data[0]] if self._data else []
        fields += [self._unknown] if self._unknown is not None else []
        return " / ".join(each[:80].decode("utf-8", "replace") for each in fields) or "id or retry only"

    def _problem(self, kind: ProblemKind, offset: int, detail: str) -> None:
        problem = Problem(kind, offset, self._events, detail)
        self._items.append(problem)
        if len(self.problems) < 100:
            self.problems.append(problem)
