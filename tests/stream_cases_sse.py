"""For each MUST and SHOULD of the event-stream layer: bytes that break it and their twin; and the freedoms."""

from __future__ import annotations

from stream_builders_chat import ERROR, compact, hello, stream
from stream_case import StreamCase

ASKED = {"model": "model-1", "messages": [], "stream": True}
RIGHT = stream(hello())


def case(rule: str, breaking: bytes, twin: bytes = RIGHT, note: str = "", **head: object) -> StreamCase:
    """A case of createChatCompletion."""
    return StreamCase(rule, "createChatCompletion", breaking, twin, ASKED, note=note, **head)  # type: ignore[arg-type]


def framed(data: str) -> bytes:
    """A right stream with one more event before its sentinel."""
    return RIGHT.replace(b"data: [DONE]", f"data: {data}\n\ndata: [DONE]".encode())


def ended(sentinel: str) -> bytes:
    """A right stream with another sentinel."""
    return RIGHT.replace(b"data: [DONE]", sentinel.encode())


#: Status and content type are those of the broken reply; its twin has 200 and text/event-stream.
REPLIES = [
    case("SSE-001", RIGHT, note="content type", content_type="application/json"),
    case("SSE-001", RIGHT, note="no content type", content_type=""),
    case("SSE-001", RIGHT, note="charset", content_type="text/event-stream; charset=iso-8859-1"),
    case("SSE-001", RIGHT, note="status", status=201),
]

BODIES = [
    case("SSE-002", RIGHT.replace(b"Hel", b"H\xe9l"), note="latin-1"),
    case("SSE-002", RIGHT.replace(b"Hel", b"\xf0\x9f"), note="cut character"),
    case("SSE-002", b": \xff\n\n" + RIGHT, b": \xc3\xa9\n\n" + RIGHT, note="in a comment"),
    case("SSE-003", RIGHT[:-1], note="one line end"),
    case("SSE-003", RIGHT[:-2], note="no line end"),
    case("SSE-003", RIGHT + b"data: {", RIGHT + b": bye", note="a comment may be cut"),
    case("SSE-004", compact(hello()[0]).encode() + b"\n\n" + RIGHT, note="bare JSON"),
    case("SSE-004", RIGHT.replace(b"data: [DONE]", b"[DONE]"), note="bare sentinel"),
    case("SSE-004", b"error: {}\n\n" + RIGHT, b"error: {}\n" + RIGHT, note="beside data"),
    case("SSE-005", b"event: ping\n\n" + RIGHT, b": ping\n\n" + RIGHT),
    case("SSE-005", b"id: 1\nretry: 5\n\n" + RIGHT, b"id: 1\nretry: 5\n" + RIGHT, note="id and retry"),
    case("SSE-006", framed("{"), note="truncated"),
    case("SSE-006", framed("null"), note="null"),
    case("SSE-006", framed('{"a": NaN}'), note="NaN"),
    case("SSE-006", framed("{}{}"), note="two objects"),
    case("SSE-006", framed("[1]"), note="an array"),
    case("SSE-006", framed(""), note="empty"),
    case("SSE-006", ended('data: "[DONE]"'), note="sentinel as a JSON string"),
    case("SSE-006", framed("[" * 100_000), note="far too deep"),
    case("SSE-007", ended("data:  [DONE]"), note="two spaces"),
    case("SSE-007", ended("data: DONE"), note="no brackets"),
    case("SSE-007", ended("data: [done]"), note="lower case"),
    case("SSE-007", ended("data: [DONE] "), note="space behind"),
    case("SSE-007", ended("data: [DONE][DONE]"), note="doubled"),
    case("SSE-008", RIGHT + b"data: [DONE]\n\n", note="twice"),
    case("SSE-008", RIGHT + stream([ERROR], done=False), RIGHT + b": end\n\n", note="event after it"),
]

CASES = [*REPLIES, *BODIES]

#: MAY rule -> bytes that use the freedom.
FREE = {
    "SSE-020": b"".join(
        line + (b"\n", b"\r", b"\r\n")[number % 3] for number, line in enumerate(RIGHT.split(b"\n")[:-1])
    ),
    "SSE-021": b": hi\n:\n\n" + RIGHT.replace(b"data: ", b": in between\ndata: "),
    "SSE-022": b"\xef\xbb\xbf" + RIGHT,
    "SSE-023": RIGHT.replace(b',"choices"', b',\ndata: "choices"'),
    "SSE-024": RIGHT.replace(b"data: ", b"data:"),
    "SSE-025": RIGHT.replace(b"data: ", b"id: 7\nretry: 100\ndata: "),
    "SSE-026": RIGHT.replace(b"Hel", "H\N{LATIN SMALL LETTER E WITH ACUTE}l".encode()),
    "SSE-027": RIGHT.replace(b"data: ", b"colour: red\ndata: "),
    "SSE-028": b"\n\n\n" + RIGHT.replace(b"\n\n", b"\n\n\n\n"),
    "SSE-029": RIGHT.replace(b"Hel", "H\u2028\u2029\x85l".encode()),
}
