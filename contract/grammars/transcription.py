"""createTranscription: deltas, then one done event with the whole text.

Stream = Delta { Delta } Done [ "[DONE]" ] | { Delta } Error

Not in the table: the final text (TRN-004), the log probabilities (TRN-005 to TRN-008), event names (TRN-009),
models that do not stream (TRN-011).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from contract.grammar import Break, Context, Machine, Surface, Table, Text
from contract.grammar_rules import MAY, MUST, SHOULD, rule_rows
from contract.grammars.chat.logprobs import octets
from contract.grammars.in_stream_error import is_error, well_formed

RULES = rule_rows(
    "stream/transcription",
    (
        "TRN-001",
        MUST,
        "Each data object validates against CreateTranscriptionResponseStreamEvent.",
        "openapi.yaml:20625",
        "Send only `transcript.text.delta` and `transcript.text.done` objects of the schema's shape.",
    ),
    (
        "TRN-002",
        MUST,
        "Exactly one transcript.text.done ends the transcript; no transcript event follows it.",
        'openapi.yaml:33011 ("Emitted when the transcription is complete")',
        "Send one `transcript.text.done` after the last delta, for the whole file and not for each piece of audio.",
    ),
    (
        "TRN-003",
        MUST,
        "The first event is a transcript.text.delta.",
        'openapi.yaml:32974 ("This is also the first event emitted when the transcription starts")',
        "Send the text as deltas before the done event.",
    ),
    (
        "TRN-004",
        MUST,
        "The text of the done event equals all deltas put together.",
        'openapi.yaml:33012 ("Contains the complete transcription text")',
        "Fill `text` from the very strings that went out as deltas, spaces included.",
    ),
    (
        "TRN-005",
        MUST,
        "logprobs occur only where the request has include[]=logprobs.",
        'openapi.yaml:32993, 33031 ("Only included if")',
        "Leave `logprobs` out unless the request asks for them.",
    ),
    (
        "TRN-006",
        SHOULD,
        "With include[]=logprobs every event carries logprobs.",
        "openapi.yaml:32993; example at 828",
        "Attach the log probabilities of its tokens to each event.",
    ),
    (
        "TRN-007",
        SHOULD,
        "The logprobs of the done event are those of the deltas, put together.",
        "openapi.yaml:828 (example)",
        "Collect the entries of the deltas and repeat them in the done event.",
    ),
    (
        "TRN-008",
        SHOULD,
        "The tokens (and bytes) of an event's logprobs equal its text.",
        "openapi.yaml:828 (example)",
        "Send with each delta the entries of just the tokens it holds.",
    ),
    (
        "TRN-009",
        SHOULD,
        "An `event` field, where there is one, equals the object's type.",
        "openapi.yaml:828 (the example has none); the official SDK accepts `transcript.*`",
        "Name the event as `type` does, or leave the name out.",
    ),
    ("TRN-010", MAY, "A `[DONE]` follows the done event.", "openapi.yaml:718 (silent); the real API sends one"),
    (
        "TRN-011",
        MUST,
        "No event stream for the model whisper-1: `stream` is ignored.",
        'openapi.yaml:20590 ("Streaming is not supported for the `whisper-1` model and will be ignored")',
        "Answer whisper-1 with plain JSON.",
    ),
    (
        "TRN-012",
        SHOULD,
        "A failure inside the stream is an ErrorResponse object and ends it.",
        "openapi.yaml:21231 (ErrorResponse); the official SDK",
        'Send `data: {"error": {"type", "message", "param", "code"}}` and nothing but [DONE] after it.',
    ),
)

DELTA, DONE = "transcript.text.delta", "transcript.text.done"
_SCHEMAS = "/components/schemas/"

STREAM = Table(
    name="the transcript",
    start="new",
    moves={
        "new": {DELTA: "open", "error": "failed"},
        "open": {DELTA: "open", DONE: "done", "error": "failed"},
        "done": {"error": "failed"},
        "failed": {},
    },
    breaks={
        ("new", DONE): Break("TRN-003", "done"),
        ("done", "*"): Break("TRN-002"),
        ("failed", "*"): Break("TRN-012"),
    },
    owed={"new": "TRN-002", "open": "TRN-002"},
)


class Transcript:
    """One stream of a transcription."""

    def __init__(self, context: Context) -> None:
        """`context.request` is the decoded multipart body: `include[]` as a list or one string."""
        self._context = context
        self._machine = Machine(STREAM)
        self._deltas = Text()
        self._done: dict[str, Any] | None = None
        self._wants_logprobs = _asks_logprobs(context.request)
        self._logprobs: Any = hashlib.sha256()  # of the deltas' entries; None once a delta had none
        self._text = ""  # of deltas whose last character is still in pieces
        self._bytes = b""

    def event(self, name: str | None, value: dict[str, Any]) -> None:
        """A delta, a done event or an error."""
        kind = value.get("type")
        if is_error(value):
            self._error(value)
            return
        if name is not None and name != kind:
            self._context.report("TRN-009", actual=f"event {name}, type {kind}", expected=f"event {kind}")
        if kind == DELTA:
            self._delta(value)
        elif kind == DONE:
            self._finish(value)
        else:
            self._context.report("TRN-001", actual=f"type {kind!r}", allowed=self._machine.allowed())

    def sentinel(self, name: str | None) -> None:
        """Allowed, not asked for (TRN-010)."""

    def end(self) -> None:
        """A done event is owed unless an error ended the stream."""
        self._machine.leave(self._context)

    def accumulated(self) -> Any:
        """The plain answer, once the done event came."""
        if self._done is None:
            return None
        return {key: value for key, value in self._done.items() if key in {"text", "logprobs"}}

    def text(self) -> str:
        """The deltas so far."""
        return self._deltas.value

    def _error(self, value: dict[str, Any]) -> None:
        if self._machine.step(self._context, "error") and not well_formed(self._context, value):
            self._context.report("TRN-012", actual=json.dumps(value))

    def _delta(self, value: dict[str, Any]) -> None:
        if self._machine.step(self._context, DELTA):
            self._deltas.add(value.get("delta", ""))
            self._check_logprobs(value, "delta")

    def _finish(self, value: dict[str, Any]) -> None:
        final = value.get("text")
        if self._machine.state == "new" and final == "":
            self._machine.state = "open"  # an empty transcript has no delta to send: the text does not say
        over = self._machine.state in {"done", "failed"}
        self._machine.step(self._context, DONE)
        if over:
            return
        self._done = value
        if isinstance(final, str) and not self._deltas.equals(final):
            self._context.report("TRN-004", expected=f"{self._deltas.value!r}", actual=f"{final!r}")
        self._check_logprobs(value, "text")

    def _check_logprobs(self, value: dict[str, Any], member: str) -> None:
        """Logprobs beside the text in `member`."""
        present = "logprobs" in value
        if not self._wants_logprobs:
            if present:
                self._context.report("TRN-005", actual=f"logprobs on {value.get('type')}")
            return
        if not present:
            self._logprobs = None
            self._context.report("TRN-006", actual=f"no logprobs on {value.get('type')}")
            return
        entries = value["logprobs"]
        text, tokens = value.get(member), [each.get("token") for each in entries]
        if text is not None and None not in tokens:  # TRN-001 where one of them is missing
            self._check_tokens(entries, text, "".join(tokens), member == "text")
        if self._logprobs is not None:
            self._compare_logprobs(entries, member == "text")

    def _compare_logprobs(self, entries: list[Any], whole: bool) -> None:
        """TRN-007: what the deltas had one by one, the done event has as a whole."""
        known = hashlib.sha256() if whole else self._logprobs
        for each in entries:
            known.update(_canonical(each))
        if whole and known.digest() != self._logprobs.digest():
            self._context.report("TRN-007", actual=f"{len(entries)} entries that are not those of the deltas")

    def _check_tokens(self, entries: Any, text: str, tokens: str, whole: bool) -> None:
        """TRN-008. Bytes decide where they are sent: a character may be spread over two tokens or two events."""
        listed = [each.get("bytes") for each in entries]
        held_text, held = ("", b"") if whole else (self._text, self._bytes)
        if entries and all(isinstance(each, list) for each in listed):
            raw = held + b"".join(map(octets, listed))
            self._text, self._bytes = "", b""
            said = held_text + text
            if raw != said.encode(errors="surrogatepass"):
                if not whole and _unfinished(raw):
                    self._text, self._bytes = said, raw
                    return
                self._context.report("TRN-008", expected=repr(said), actual=f"bytes {raw!r}")
                return
        if tokens != text and "\\x" not in tokens and not held:
            self._context.report("TRN-008", expected=repr(text), actual=f"tokens {tokens!r}")


def _unfinished(raw: bytes) -> bool:
    """True where `raw` ends inside a character."""
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return False


def _canonical(entry: Any) -> bytes:
    return json.dumps(entry, sort_keys=True).encode()


def _asks_logprobs(request: Mapping[str, Any]) -> bool:
    wanted = request.get("include[]", request.get("include"))
    return wanted == "logprobs" or (isinstance(wanted, list) and "logprobs" in wanted)


def _unstreamed(request: Mapping[str, Any]) -> str | None:
    return "TRN-011" if request.get("model") == "whisper-1" else None


SURFACE = Surface(
    name="transcription",
    alphabet={DELTA: f"{_SCHEMAS}TranscriptTextDeltaEvent", DONE: f"{_SCHEMAS}TranscriptTextDoneEvent"},
    begin=Transcript,
    schema_rule="TRN-001",
    key="type",
    plain=f"{_SCHEMAS}CreateTranscriptionResponseJson",
    unstreamed=_unstreamed,
)
