"""One Realtime session: its responses, the audio buffer, transcriptions, and ids.

Not in the tables, because it compares members: RT-004 to RT-007, RT-010 to RT-018.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contract.grammar import Context, Machine, Text
from contract.grammars.realtime.items import Items
from contract.grammars.realtime.tables import ALPHABET, SESSION, SYMBOLS
from contract.grammars.recent import Recent

_STATUSES = frozenset({"completed", "cancelled", "failed", "incomplete"})
#: Ids that a session remembers: enough for hours of talk, and bounded.
_REMEMBERED = 65_536
_TRANSCRIPTION = "conversation.item.input_audio_transcription."


class Session:
    """The handler of one session's server events."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._machine = Machine(SESSION)
        self._events = Recent(_REMEMBERED)
        self._items = Recent(_REMEMBERED)
        self._responses: dict[str, Items] = {}
        self._closed = Recent(_REMEMBERED)
        self._committed: dict[str, None] = {}
        #: The item_id of the speech that has started and not stopped ("" where it was left out).
        self._speech: str | None = None
        self._transcripts: dict[tuple[Any, Any], Text] = {}
        self._text = Text()

    def event(self, name: str | None, value: Any) -> None:  # noqa: ARG002 - frames have no event field
        """One frame."""
        kind = value.get("type")
        known = isinstance(kind, str) and kind in ALPHABET
        self._machine.step(self._context, kind if known and kind in SYMBOLS else "other", f"{kind}")
        self._unique(value.get("event_id"))
        if known:
            self._dispatch(kind, value)
        else:
            self._context.report("RT-001", expected="a type of RealtimeServerEvent", actual=f"{kind!r}")

    def _dispatch(self, kind: str, value: Mapping[str, Any]) -> None:
        if kind == "response.created":
            self._open(value.get("response", {}).get("id"))
        elif kind == "response.done":
            if "response" in value:
                self._done(value["response"])
        elif kind.startswith("response."):
            self._inside(kind, value)
        elif kind.startswith(_TRANSCRIPTION):
            self._transcription(kind.removeprefix(_TRANSCRIPTION), value)
        elif kind.startswith("conversation.item."):
            self._item(kind, value)
        elif kind.startswith("input_audio_buffer."):
            self._buffer(kind, value)
        elif kind == "rate_limits.updated":
            self._limits()

    def _unique(self, identifier: Any) -> None:
        if not isinstance(identifier, str):
            return
        if identifier in self._events:
            self._context.report("RT-004", expected="an event_id of its own", actual=f"{identifier!r} again")
        self._events.add(identifier)

    def _open(self, identifier: Any) -> None:
        if identifier is None:
            return
        if identifier in self._responses or identifier in self._closed:
            self._context.report("RT-005", expected="a response of its own", actual=f"{identifier} again")
        self._responses.setdefault(identifier, Items(self._context, self._text))

    def _find(self, identifier: Any, name: str) -> Items | None:
        items = self._responses.get(identifier)
        if items is None and identifier is not None:
            said = "is done" if identifier in self._closed else "was never created"
            self._context.report("RT-005", actual=f"{name} of response {identifier!r}, which {said}")
        return items

    def _inside(self, kind: str, value: Mapping[str, Any]) -> None:
        items = self._find(value.get("response_id"), kind)
        if items is None:
            return
        if kind == "response.output_item.added":
            self._know(value.get("item", {}).get("id"))
            items.added(value)
        elif kind == "response.output_item.done":
            items.done(value)
        else:
            items.part(kind, value)

    def _done(self, response: Mapping[str, Any]) -> None:
        identifier, report = response.get("id"), self._context.report
        items = self._find(identifier, "response.done")
        if identifier in self._closed:
            report("RT-006", expected="one response.done", actual=f"another one of {identifier}")
        if items is not None and identifier is not None:
            items.end(response.get("output"))
            del self._responses[identifier]
            self._closed.add(identifier)
        status, details = response.get("status"), response.get("status_details") or {}
        if status not in _STATUSES:
            report("RT-011", expected=f"a status of {', '.join(sorted(_STATUSES))}", actual=f"{status!r}")
        elif details.get("type", status) != status:
            report("RT-011", expected=f"status_details.type {status!r}", actual=f"{details['type']!r}")
        usage = response.get("usage") or {}
        spent, output, total = (usage.get(f"{part}_tokens") for part in ("input", "output", "total"))
        if spent is not None and output is not None and total is not None and spent + output != total:
            report("RT-015", expected=f"total_tokens {spent + output}", actual=f"{total}")

    def _know(self, identifier: Any) -> None:
        if isinstance(identifier, str):
            self._items.add(identifier)

    def _previous(self, value: Mapping[str, Any], itself: Any = None) -> None:
        before = value.get("previous_item_id")
        if before and (before == itself or (before not in self._items and not self._items.forgets)):
            self._context.report("RT-018", expected="an item that was created before", actual=f"{before!r}")

    def _item(self, kind: str, value: Mapping[str, Any]) -> None:
        identifier: Any = value.get("item", {}).get("id")
        if kind == "conversation.item.created":
            self._previous(value, identifier)
            self._committed.pop(identifier, None)
        self._know(identifier)

    def _buffer(self, kind: str, value: Mapping[str, Any]) -> None:
        identifier = value.get("item_id", "")
        if kind.endswith("speech_started"):
            self._speech = identifier
        elif kind.endswith("speech_stopped"):
            actual = f"speech_stopped of {identifier!r}"
            if self._speech is None:
                self._context.report("RT-013", expected="speech_started before", actual=actual)
            elif identifier and self._speech and identifier != self._speech:
                self._context.report("RT-013", expected=f"speech_stopped of {self._speech!r}", actual=actual)
            self._speech = None
        elif kind.endswith("committed"):
            self._previous(value)
            if identifier:
                self._committed.setdefault(identifier)

    def _transcription(self, state: str, value: Mapping[str, Any]) -> None:
        """RT-016; a delta may leave its content_index out, which nobody has seen to be any other than 0."""
        key = (value.get("item_id"), value.get("content_index", 0))
        if state == "delta":
            self._transcripts.setdefault(key, Text()).add(value.get("delta", ""))
            return
        text = self._transcripts.pop(key, None)
        if text is None or state != "completed" or "transcript" not in value:
            return
        if not text.equals(value["transcript"]):
            self._context.report("RT-016", expected=f"{text.value!r}", actual=f"{value['transcript']!r}")

    def _limits(self) -> None:
        if not any(items.none_yet for items in self._responses.values()):
            self._context.report("RT-014", expected="right after response.created", actual="no response has just begun")

    def sentinel(self, name: str | None) -> None:
        """Frames know no sentinel: a line `[DONE]` is no JSON and never comes here."""

    def end(self) -> None:
        """The session ended."""
        self._machine.leave(self._context)
        for identifier in self._responses:
            self._context.report("RT-006", expected="response.done", actual=f"none of {identifier}")
        for identifier in self._committed:
            self._context.report("RT-012", expected=f"conversation.item.created of {identifier!r}", actual="none")

    def accumulated(self) -> Any:
        """A session adds up to no single object."""
        return None

    def text(self) -> str:
        """The texts and transcripts of the responses."""
        return self._text.value
