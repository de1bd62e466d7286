"""Text that deltas add up to, in bounded memory, and text shortened for people."""

from __future__ import annotations

import hashlib

#: Characters of an accumulated text that are kept; beyond it only length and digest go on.
MAX_TEXT = 1024 * 1024
_FOLD = 512  # pieces that are joined at a time: a million small strings cost ten times their text


class Text:
    """An accumulated text: kept whole up to `MAX_TEXT` characters, then known by length and digest."""

    __slots__ = ("_digest", "_parts", "_pending", "length")

    def __init__(self) -> None:
        #: Characters so far, the pending pieces not counted; use `len()`.
        self.length = 0
        self._parts: list[str] = []
        self._pending: list[str] = []
        self._digest: hashlib._Hash | None = None

    def add(self, piece: str) -> None:
        """Append a delta."""
        pending = self._pending
        pending.append(piece)
        if len(pending) >= _FOLD:
            self._fold()

    def _fold(self) -> None:
        joined = "".join(self._pending)
        self._pending.clear()
        before, self.length = self.length, self.length + len(joined)
        if self._digest is None and self.length > MAX_TEXT:
            self._digest = hashlib.sha256(_bytes("".join(self._parts)))
        if self._digest is not None:
            self._digest.update(_bytes(joined))
        if before < MAX_TEXT and joined:
            self._parts.append(joined[: MAX_TEXT - before])

    def __len__(self) -> int:
        """Characters so far."""
        self._fold()
        return self.length

    def __bool__(self) -> bool:
        """True once a character came."""
        return bool(self.length) or any(self._pending)

    @property
    def whole(self) -> bool:
        """True while `value` is all of the text."""
        self._fold()
        return self._digest is None

    @property
    def value(self) -> str:
        """The text, its first `MAX_TEXT` characters where it is longer."""
        self._fold()
        if len(self._parts) > 1:
            self._parts = ["".join(self._parts)]
        return self._parts[0] if self._parts else ""

    def equals(self, final: str) -> bool:
        """True where the deltas add up to `final`, whatever their length."""
        self._fold()
        if self.length != len(final):
            return False
        if self._digest is None:
            return self.value == final
        return self._digest.digest() == hashlib.sha256(_bytes(final)).digest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def shorten(text: str, limit: int) -> str:
    """`text` in one line of at most `limit` characters, its middle left out."""
    if len(text) > limit:
        half = (limit - 5) // 2
        text = f"{text[:half]} ... {text[-half:]}"
    return text.replace("\r", "\\r").replace("\n", "\\n")
