"""The log probabilities of one choice (CHAT-040 to CHAT-044)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from contract.grammar import Context
from contract.grammars.chat.request import Asked

#: Entries that the accumulated object keeps.
_KEPT = 1000


class Logprobs:
    """Checks each entry's logprobs; content and token bytes are compared by digest at the finish."""

    __slots__ = ("_asked", "_bytes", "_content", "_context", "kept")

    def __init__(self, context: Context, asked: Asked) -> None:
        self._context = context
        self._asked = asked
        self._content = hashlib.sha256()
        #: None once there is nothing to compare: content without entries, a token without bytes.
        self._bytes: Any = hashlib.sha256() if asked.logprobs else None
        self.kept: dict[str, list[Any]] | None = None

    def take(self, logprobs: dict[str, Any] | None, content: str | None) -> None:
        """The logprobs beside one delta, and that delta's content."""
        if logprobs is not None and not self._asked.logprobs:
            self._context.report("CHAT-042", actual="logprobs that the request does not ask for", expected="null")
        entries = (logprobs or {}).get("content") or ()
        if self._asked.logprobs and content:
            self._content.update(content.encode(errors="surrogatepass"))
            if not entries:
                self._bytes = None
                self._context.report("CHAT-040", actual=f"no logprobs.content beside {content!r}")
        for each in entries:
            self._entry(each)
        self._keep("content", entries)
        for each in (refusals := (logprobs or {}).get("refusal") or ()):
            self._numbers(each)
        self._keep("refusal", refusals)

    def _entry(self, entry: dict[str, Any]) -> None:
        listed = entry.get("bytes")
        if listed is None:
            self._bytes = None
        elif self._bytes is not None:
            self._bytes.update(octets(listed))
        self._numbers(entry)

    def _numbers(self, entry: dict[str, Any]) -> None:
        top = entry.get("top_logprobs") or ()
        limit = self._asked.top_logprobs
        if limit is not None and len(top) > limit:
            self._context.report("CHAT-043", actual=f"{len(top)} entries", expected=f"at most {limit}")
        for each in (entry, *top):
            logprob = each.get("logprob", 0)
            if logprob > 0:
                self._context.report("CHAT-044", actual=f"logprob {logprob} of {each.get('token')!r}")

    def _keep(self, part: str, entries: Any) -> None:
        if entries:
            self.kept = self.kept or {"content": [], "refusal": []}
            self.kept[part] += entries[: _KEPT - len(self.kept[part])]

    def check_bytes(self, choice: int) -> None:
        """CHAT-041, once the choice has finished."""
        if self._bytes is not None and self._content.digest() != self._bytes.digest():
            self._context.report("CHAT-041", actual=f"the token bytes of choice {choice} are not its content")

    def plain(self) -> dict[str, Any] | None:
        """The logprobs as the plain answer has them, bounded."""
        return None if self.kept is None else {part: entries or None for part, entries in self.kept.items()}


def octets(listed: Iterable[float]) -> bytes:
    """The bytes of a list of integers (`104.0` is one in JSON); one that is no byte stands as `<256>`."""
    return b"".join(bytes([int(each)]) if 0 <= each < 256 else f"<{each}>".encode() for each in listed)
