"""Family `transport`: answers that are cut, late, of the wrong length or not encoded as they say."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from contract.mock.faults.kit import Make, replies, rows, streams
from contract.mock.kernel import Binary, Call, Events, Hooks, Json, Part, Reply
from contract.mock.streaming import dumps

_CHAT = "createChatCompletion"
_WHOLE, _TIME = "transport/complete", "transport/in-time"
#: Longer than anybody waits.
_EVER_S = 3600.0


def _bytes(on: str, change: Callable[[bytes], tuple[bytes, dict[str, str]]]) -> Make:
    """Other bytes and headers of JSON answers."""

    def act(_: Call, reply: Reply) -> Reply:
        if not isinstance(reply, Json):
            return reply
        content, headers = change(dumps(reply.body).encode())
        return Binary(content, "application/json", {**reply.headers, **headers}, reply.status)

    return replies(on, act)


def _parts(on: str, change: Callable[[bytes], Iterator[Part]]) -> Make:
    """A JSON answer piece by piece."""

    def act(_: Call, reply: Reply) -> Reply:
        if not isinstance(reply, Json):
            return reply
        headers = {**reply.headers, "content-type": "application/json"}
        return Events(change(dumps(reply.body).encode()), reply.status, headers)

    return replies(on, act)


def _cut(content: bytes) -> Iterator[Part]:
    yield content[: len(content) // 2]
    yield 0.05
    raise ConnectionAbortedError("cut on purpose")


def _stalled(content: bytes) -> Iterator[Part]:
    yield content[: len(content) // 2]
    yield _EVER_S


def _dripping(content: bytes) -> Iterator[Part]:
    for each in content:
        yield bytes([each])
        yield 5.0


def _endless(content: bytes) -> Iterator[Part]:
    yield content[:-1]
    while True:
        yield b" " * 1_000_000


def _silent(_: bytes) -> Iterator[Part]:
    yield _EVER_S


def _after(on: str, count: int, then: Callable[[], Iterator[Part]]) -> Make:
    """The first parts of a stream, and something else."""

    def walk(_: Call, parts: Iterator[Part]) -> Iterator[Part]:
        for index, part in enumerate(parts):
            if index == count:
                break
            yield part
        yield from then()

    return streams(on, walk)


def _abort() -> Iterator[Part]:
    yield 0.05
    raise ConnectionAbortedError("cut on purpose")


def _wait() -> Iterator[Part]:
    yield _EVER_S


def _half_event() -> Iterator[Part]:
    yield b'data: {"id":"chatcmpl-1","obj'


def _reset(method: str, path: str) -> Make:
    """The connection is closed before any byte of an answer."""

    def wrap(scope: Any, send: Any) -> Any:
        async def sent(message: dict[str, Any]) -> None:
            transport = getattr(getattr(send, "__self__", None), "transport", None)
            if transport is not None:
                transport.abort()
                return
            await send(message)

        return sent if (scope["method"], scope["path"]) == (method, path) else send

    return lambda: Hooks(send=(wrap,))


def _bomb(_: bytes) -> tuple[bytes, dict[str, str]]:
    return gzip.compress(bytes(200_000_000), 1), {"content-encoding": "gzip"}


def _sound(on: str, change: Callable[[bytes], Iterator[Part]]) -> Make:
    """Bytes that are no JSON, piece by piece."""

    def act(_: Call, reply: Reply) -> Reply:
        if not isinstance(reply, Binary):
            return reply
        return Events(change(reply.content), reply.status, {**reply.headers, "content-type": reply.media_type})

    return replies(on, act)


def _encoded(on: str, coding: str) -> Make:
    """An event stream that says it is encoded, and is not."""

    def act(_: Call, reply: Reply) -> Reply:
        if not isinstance(reply, Events):
            return reply
        return Events(reply.frames, reply.status, {**reply.headers, "content-encoding": coding})

    return replies(on, act)


FAULTS = rows(
    "transport",
    (
        "transport-cut",
        "listModels",
        "the connection ends in the middle of an answer",
        _WHOLE,
        _parts("listModels", _cut),
    ),
    ("transport-cut-chat", _CHAT, "the connection ends in the middle of an answer", _WHOLE, _parts(_CHAT, _cut)),
    (
        "transport-reset",
        "createThread",
        "the connection is closed before an answer",
        _WHOLE,
        _reset("POST", "/v1/threads"),
    ),
    (
        "transport-length-long",
        "createEmbedding",
        "Content-Length is larger than the body",
        _WHOLE,
        _bytes("createEmbedding", lambda c: (c, {"content-length": str(len(c) + 20)})),
    ),
    (
        "transport-length-short",
        "listModels",
        "the body is cut, and Content-Length agrees",
        "body/json",
        _bytes("listModels", lambda c: (c[:-20], {"content-length": str(len(c) - 20)})),
    ),
    (
        "transport-gzip-plain",
        "listModels",
        "plain JSON as Content-Encoding: gzip",
        _WHOLE,
        _bytes("listModels", lambda c: (c, {"content-encoding": "gzip"})),
    ),
    (
        "transport-gzip-cut",
        "retrieveModel",
        "gzip without its end",
        _WHOLE,
        _bytes("retrieveModel", lambda c: (gzip.compress(c)[:-9], {"content-encoding": "gzip"})),
    ),
    (
        "transport-gzip-checksum",
        "createModeration",
        "gzip with a wrong checksum",
        _WHOLE,
        _bytes("createModeration", lambda c: (gzip.compress(c)[:-8] + bytes(8), {"content-encoding": "gzip"})),
    ),
    (
        "transport-deflate-plain",
        "createThread",
        "plain JSON as Content-Encoding: deflate",
        _WHOLE,
        _bytes("createThread", lambda c: (c, {"content-encoding": "deflate"})),
    ),
    (
        "transport-deflate-gzip",
        "getThread",
        "deflate that says it is gzip",
        _WHOLE,
        _bytes("getThread", lambda c: (zlib.compress(c), {"content-encoding": "gzip"})),
    ),
    (
        "transport-gzip-unsaid",
        "retrieveModel",
        "gzip without Content-Encoding",
        "body/json",
        _bytes("retrieveModel", lambda c: (gzip.compress(c), {})),
    ),
    (
        "transport-encoding-unknown",
        "listModels",
        "a Content-Encoding that nobody knows",
        _WHOLE,
        _bytes("listModels", lambda c: (c, {"content-encoding": "rot13"})),
    ),
    (
        "transport-utf-16",
        "retrieveModel",
        "JSON in UTF-16",
        "body/json",
        _bytes("retrieveModel", lambda c: (c.decode().encode("utf-16"), {})),
    ),
    (
        "transport-latin-1",
        "createThread",
        "JSON that is no UTF-8",
        "body/json",
        _bytes("createThread", lambda c: (c[:-1] + b',"note":"\xe9"}', {})),
    ),
    (
        "transport-bomb",
        "listModels",
        "200 MB of zeros in 200 KB of gzip",
        "transport/bounded",
        _bytes("listModels", _bomb),
    ),
    (
        "transport-endless",
        "createModeration",
        "a body without end",
        "transport/bounded",
        _parts("createModeration", _endless),
    ),
    ("transport-silent", "retrieveModel", "no body comes", _TIME, _parts("retrieveModel", _silent)),
    (
        "transport-stall",
        "listModels",
        "an answer stops in the middle and never goes on",
        _TIME,
        _parts("listModels", _stalled),
    ),
    (
        "transport-drip",
        "createThread",
        "an answer comes byte by byte, five seconds each",
        _TIME,
        _parts("createThread", _dripping),
    ),
    ("transport-stream-cut", _CHAT, "the connection ends in the middle of a stream", _WHOLE, _after(_CHAT, 3, _abort)),
    (
        "transport-stream-cut-response",
        "createResponse",
        "the connection ends in the middle of a stream",
        _WHOLE,
        _after("createResponse", 4, _abort),
    ),
    ("transport-stream-stall", _CHAT, "a stream stops and never goes on", _TIME, _after(_CHAT, 3, _wait)),
    (
        "transport-stream-half-event",
        _CHAT,
        "a stream ends in the middle of an event",
        "SSE-003",
        _after(_CHAT, 3, _half_event),
    ),
    (
        "transport-cut-file",
        "downloadFile",
        "the connection ends in the middle of a file",
        "transport/complete",
        _sound("downloadFile", _cut),
    ),
    (
        "transport-gzip-twice",
        "listFiles",
        "gzip in gzip that says it once",
        "body/json",
        _bytes("listFiles", lambda c: (gzip.compress(gzip.compress(c)), {"content-encoding": "gzip"})),
    ),
    (
        "transport-brotli-plain",
        "getThread",
        "plain JSON as Content-Encoding: br",
        "transport/complete",
        _bytes("getThread", lambda c: (c, {"content-encoding": "br"})),
    ),
    (
        "transport-gzip-more",
        "listBatches",
        "something follows the gzip",
        "transport/complete",
        _bytes("listBatches", lambda c: (gzip.compress(c) + b"<html>", {"content-encoding": "gzip"})),
    ),
    (
        "transport-gzip-empty",
        "getAssistant",
        "nothing as Content-Encoding: gzip",
        "body/present",
        _bytes("getAssistant", lambda _: (b"", {"content-encoding": "gzip", "content-length": "0"})),
    ),
    (
        "transport-length-zero",
        "createVectorStore",
        "Content-Length is 0",
        "body/present",
        _bytes("createVectorStore", lambda _: (b"", {"content-length": "0"})),
    ),
    (
        "transport-stream-stall-run",
        "createThreadAndRun",
        "a stream stops and never goes on",
        "transport/in-time",
        _after("createThreadAndRun", 3, _wait),
    ),
    (
        "transport-stream-silent",
        "createResponse",
        "a stream opens and no event comes",
        "transport/in-time",
        _after("createResponse", 0, _wait),
    ),
    (
        "transport-stream-half-heard",
        "createTranscription",
        "a stream ends in the middle of an event",
        "SSE-003",
        _after("createTranscription", 2, _half_event),
    ),
)  # fmt: skip - a table: one fault a row
