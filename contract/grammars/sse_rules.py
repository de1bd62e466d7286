"""The rules of the event-stream layer, shared by every surface but Realtime, and the suite's own of any stream."""

from __future__ import annotations

from contract.grammar_rules import MAY, MUST, SHOULD, rule_rows
from contract.sse import ProblemKind

RULES = rule_rows(
    "stream/sse",
    (
        "SSE-001",
        MUST,
        "A streamed reply is `200` with media type `text/event-stream` (parameters allowed; a charset is utf-8).",
        'openapi.yaml:718, 1936, 8818; 18550, 20084, 20318, 32723 ("server-sent events"); WHATWG HTML 9.2.5',
        "Send status 200 and `Content-Type: text/event-stream` before the first event.",
    ),
    (
        "SSE-002",
        MUST,
        "The body is valid UTF-8.",
        'WHATWG HTML 9.2.5 ("always encoded as UTF-8")',
        "Hold back the bytes of an unfinished character until its last token; encode as UTF-8.",
    ),
    (
        "SSE-003",
        MUST,
        "Every event block is closed by an empty line; a block cut by the end of the body was never sent.",
        "WHATWG HTML 9.2.6; the official SDK does not dispatch it either",
        "Write two line ends after every event, the last one included.",
    ),
    (
        "SSE-004",
        MUST,
        "Payload travels in `data` fields only; a block with other field names and no `data` line dispatches nothing.",
        'openapi.yaml:14763 ("Each event in a server-sent events stream has an `event` and `data`"); WHATWG HTML 9.2.6',
        "Begin every line of the payload with `data: `, errors included.",
    ),
    (
        "SSE-005",
        SHOULD,
        "No block is made only of `event`, `id` or `retry` fields: WHATWG ignores it, the official SDK dies of it.",
        "openai-python _streaming.py, SSEDecoder.decode",
        "Send a comment line (`:`) as keep-alive, not a block without data.",
    ),
    (
        "SSE-006",
        MUST,
        "The data of every event is exactly one RFC 8259 JSON text, an object; only the sentinel is exempt.",
        "openapi.yaml:14763 and the schemas of the media types; RFC 8259 2 and 6",
        "Serialise one object an event; no NaN or Infinity, nothing before or after it.",
    ),
    (
        "SSE-007",
        MUST,
        "The sentinel is exactly the six characters `[DONE]` after at most one space.",
        "openapi.yaml:21018, 21029 (DoneEvent), 16559, 18553",
        "End the stream with `data: [DONE]`.",
    ),
    (
        "SSE-008",
        MUST,
        "The sentinel is the last thing dispatched: no event and no second sentinel follows it.",
        'openapi.yaml:18553 ("terminated by"), 20084, 21030 ("Occurs when a stream ends")',
        "Send `data: [DONE]` once, after everything else, and close the body.",
    ),
    ("SSE-020", MAY, "Lines end in LF, CR or CRLF, also mixed in one stream.", "WHATWG HTML 9.2.5"),
    ("SSE-021", MAY, "Comment lines (`:` first) stand anywhere, also alone as keep-alive.", "WHATWG HTML 9.2.6, 9.2.7"),
    ("SSE-022", MAY, "One leading UTF-8 byte order mark is stripped.", "WHATWG HTML 9.2.5"),
    ("SSE-023", MAY, "One event is split over several `data` lines, joined by LF.", "WHATWG HTML 9.2.6"),
    ("SSE-024", MAY, "The space after the colon is optional; exactly one is removed.", "WHATWG HTML 9.2.6"),
    ("SSE-025", MAY, "`id` and `retry` fields stand in a block that has data.", "WHATWG HTML 9.2.6"),
    ("SSE-026", MAY, "Transport chunks split anywhere, also inside CRLF and inside a character.", "WHATWG HTML 9.2.6"),
    ("SSE-027", MAY, "Unknown field names beside a data line are ignored.", "WHATWG HTML 9.2.6"),
    ("SSE-028", MAY, "Surplus empty lines between events dispatch nothing.", "WHATWG HTML 9.2.6"),
    ("SSE-029", MAY, "U+2028, U+2029 and U+0085 inside a line are content, not line ends.", "WHATWG HTML 9.2.5"),
)

OWN = rule_rows(
    "stream",
    (
        "stream/event-size",
        SHOULD,
        "An event is small enough to be judged (8 MiB); a larger one ends the judging of its stream.",
        "the suite's own bound",
        "Split large payloads over several deltas.",
    ),
    (
        "stream/accumulated-schema",
        MUST,
        "The object that the deltas add up to validates against the schema of the plain answer.",
        "openapi.yaml:18046, 18609, 20598 (the non-stream answers of the same operations)",
        "Send in the deltas whatever the plain answer requires.",
    ),
)

#: What a problem of the format breaks.
BROKEN_BY = {
    ProblemKind.UTF8: "SSE-002",
    ProblemKind.UNTERMINATED: "SSE-003",
    ProblemKind.LOST_PAYLOAD: "SSE-004",
    ProblemKind.NO_DATA: "SSE-005",
    ProblemKind.TOO_LARGE: "stream/event-size",
}
