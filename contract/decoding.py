"""Content-Encoding, undone under a limit: a bomb ends at the limit, not in memory (RFC 9110 section 8.4)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from contract.exchange import FaultKind

_STEP = 1 << 20


class BadEncoding(Exception):
    """The bytes are not what Content-Encoding says, or more than the limit."""

    def __init__(self, kind: FaultKind, detail: str) -> None:
        """`kind` is ENCODING or TOO_LARGE."""
        super().__init__(detail)
        self.kind = kind


class Identity:
    """No encoding: chunks pass through and are counted."""

    def __init__(self, limit: int) -> None:
        """`limit` in bytes, decoded."""
        self._left = limit

    def feed(self, raw: bytes) -> Iterator[bytes]:
        """Decoded chunks of `raw`. Raises BadEncoding over the limit."""
        yield self._counted(raw)

    def close(self) -> None:
        """The body is over. Raises BadEncoding where it stops in the middle."""

    def _counted(self, chunk: bytes) -> bytes:
        self._left -= len(chunk)
        if self._left < 0:
            raise BadEncoding(FaultKind.TOO_LARGE, "the decoded body passed the limit")
        return chunk


class Inflate(Identity):
    """gzip and deflate, the latter with and without its zlib header."""

    def __init__(self, limit: int, window: int) -> None:
        """`window`: zlib's `wbits`."""
        super().__init__(limit)
        self._window = window
        self._zlib = zlib.decompressobj(window)
        self._raw_tried = window != zlib.MAX_WBITS
        self._fed = False

    def feed(self, raw: bytes) -> Iterator[bytes]:
        """See `Identity.feed`."""
        while raw:
            if self._zlib.eof:
                self._next_member(raw)
            try:
                chunk = self._zlib.decompress(raw, _STEP)
            except zlib.error as error:
                if self._fed or self._raw_tried:
                    raise BadEncoding(FaultKind.ENCODING, f"broken compressed body ({error})") from None
                self._zlib, self._raw_tried = zlib.decompressobj(-zlib.MAX_WBITS), True
                continue
            self._fed = True
            raw = self._zlib.unused_data if self._zlib.eof else self._zlib.unconsumed_tail
            if chunk:
                yield self._counted(chunk)

    def _next_member(self, raw: bytes) -> None:
        """What follows the end: another member of a gzip (RFC 1952 section 2.2), or nothing that may stand there."""
        if self._window != zlib.MAX_WBITS | 16 or raw[:1] != b"\x1f":
            raise BadEncoding(FaultKind.ENCODING, "something follows the compressed body")
        self._zlib = zlib.decompressobj(self._window)

    def close(self) -> None:
        """See `Identity.close`."""
        if not self._zlib.eof and self._fed:
            raise BadEncoding(FaultKind.ENCODING, "the compressed body stops in the middle")


class Unknown(Identity):
    """A coding that was not asked for: nothing of the body can be read."""

    def __init__(self, name: str) -> None:
        """`name` as the server sent it."""
        super().__init__(0)
        self._name = name

    def feed(self, raw: bytes) -> Iterator[bytes]:  # noqa: ARG002 - the interface of a decoder
        """Always raises BadEncoding."""
        raise BadEncoding(FaultKind.ENCODING, f"Content-Encoding {self._name[:40]!r} was not asked for")


def decoder(encoding: str, limit: int) -> Identity:
    """The decoder for a Content-Encoding header value."""
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        return Identity(limit)
    if name in {"gzip", "x-gzip"}:
        return Inflate(limit, zlib.MAX_WBITS | 16)
    if name == "deflate":
        return Inflate(limit, zlib.MAX_WBITS)
    return Unknown(name)
