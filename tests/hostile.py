"""Behaviours of hostile and broken servers, as scripts over a raw socket: name -> what it does."""

from __future__ import annotations

import gzip
import itertools
import json
import socket
import struct
import time
import zlib
from collections.abc import Callable, Iterable

from raw_server import Script, read_head, says, send_all

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
SSE = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
MODELS = json.dumps({"object": "list", "data": []}).encode()
CHUNK = (
    b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m",'
    b'"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":null}]}\n\n'
)


def _body(content: bytes, head: bytes = OK) -> Script:
    return says(head + b"Content-Length: %d\r\n\r\n" % len(content) + content)


def _ever(first: bytes, again: Callable[[], Iterable[bytes]], pause_s: float = 0.0) -> Script:
    def script(connection: socket.socket) -> None:
        read_head(connection)
        send_all(connection, itertools.chain([first], again()), pause_s)

    return script


def _repeat(piece: bytes) -> Callable[[], Iterable[bytes]]:
    return lambda: itertools.repeat(piece)


def _then_silence(first: bytes) -> Script:
    def script(connection: socket.socket) -> None:
        read_head(connection)
        send_all(connection, [first])
        time.sleep(3)

    return script


def _reset(first: bytes) -> Script:
    def script(connection: socket.socket) -> None:
        read_head(connection)
        send_all(connection, [first])
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return script


def _coded(name: bytes, content: bytes) -> Script:
    return says(OK + b"Content-Encoding: " + name + b"\r\n\r\n" + content)


def _model(identifier: str) -> bytes:
    entry = {"id": identifier, "object": "model", "created": 1, "owned_by": "x"}
    return json.dumps({"object": "list", "data": [entry]}).encode()


BOMB = bytes(30_000_000)
#: Played by listModels.
PLAIN: dict[str, Script] = {
    "never-answers": _then_silence(b""),
    "closes-at-once": lambda connection: connection.close(),
    "closes-after-the-request": says(b""),
    "one-byte-a-moment": _ever(b"", lambda: (bytes([b]) for b in OK + b"\r\n" + b" " * 100_000), 0.05),
    "headers-without-end": _ever(b"HTTP/1.1 200 OK\r\n", _repeat(b"X-Filler: " + b"y" * 500 + b"\r\n")),
    "headers-then-silence": _then_silence(OK),
    "body-without-end": _ever(OK + b"\r\n", _repeat(b" " * 65536)),
    "body-drips": _ever(OK + b"Content-Length: 5000\r\n\r\n", _repeat(b" "), 0.05),
    "chunks-without-end": _ever(
        OK + b"Transfer-Encoding: chunked\r\n\r\n", _repeat(b"400\r\n" + b" " * 1024 + b"\r\n")
    ),
    "body-then-silence": _then_silence(OK + b"Content-Length: 50\r\n\r\n{"),
    "length-too-long": says(OK + b"Content-Length: 500\r\n\r\n" + MODELS),
    "length-too-short": says(OK + b"Content-Length: 5\r\n\r\n" + MODELS),
    "length-negative": says(OK + b"Content-Length: -5\r\n\r\n" + MODELS),
    "length-no-number": says(OK + b"Content-Length: many\r\n\r\n" + MODELS),
    "length-twice": says(OK + b"Content-Length: 5\r\nContent-Length: 9\r\n\r\n" + MODELS),
    "length-huge": says(OK + b"Content-Length: 99999999999999999999\r\n\r\n" + MODELS),
    "cut-in-status-line": says(b"HTTP/1.1 20"),
    "cut-in-headers": says(OK + b"X-Half: "),
    "cut-in-body": says(OK + b"Content-Length: 30\r\n\r\n" + MODELS[:10]),
    "cut-in-chunk-size": says(OK + b"Transfer-Encoding: chunked\r\n\r\n1"),
    "cut-in-chunk": says(OK + b"Transfer-Encoding: chunked\r\n\r\n20\r\n{"),
    "chunks-without-last": says(OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"),
    "chunk-size-no-number": says(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"),
    "chunk-extension-huge": says(
        OK + b"Transfer-Encoding: chunked\r\n\r\n2;" + b"x" * 200_000 + b"\r\n{}\r\n0\r\n\r\n"
    ),
    "reset-before-answer": _reset(b""),
    "reset-in-headers": _reset(OK),
    "reset-in-body": _reset(OK + b"Content-Length: 500\r\n\r\n{"),
    "gzip-bomb": _coded(b"gzip", gzip.compress(BOMB)),
    "deflate-bomb": _coded(b"deflate", zlib.compress(BOMB)),
    "gzip-bomb-in-a-bomb": _coded(b"gzip, gzip", gzip.compress(gzip.compress(BOMB))),
    "brotli-unasked": _coded(b"br", b"\x8b\x02\x80{}\x03"),
    "gzip-that-is-none": _coded(b"gzip", MODELS),
    "gzip-cut": _coded(b"gzip", gzip.compress(MODELS)[:-9]),
    "encoding-unknown": _coded(b"rot13", MODELS),
    "utf-8-broken": _body(b'{"object": "list", "data": ["\xff\xfe\xc0"]}'),
    "utf-16": _body('{"object": "list", "data": 1}'.encode("utf-16")),
    "nul-in-body": _body(b'{"object": "list", "data": ["\x00"]}'),
    "nul-in-header": says(OK + b"X-Nul: a\x00b\r\nContent-Length: 2\r\n\r\n{}"),
    "header-line-of-a-megabyte": says(OK + b"X-Long: " + b"x" * 1_000_000 + b"\r\n\r\n" + MODELS),
    "ten-thousand-headers": says(OK + b"".join(b"X-%d: y\r\n" % i for i in range(10_000)) + b"\r\n" + MODELS),
    "redirect-to-itself": says(b"HTTP/1.1 302 Found\r\nLocation: /v1/models\r\nContent-Length: 0\r\n\r\n"),
    "redirect-to-a-foreign-host": says(
        b"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://evil.invalid/v1\r\nContent-Length: 0\r\n\r\n"
    ),
    "redirect-to-a-file": says(b"HTTP/1.1 301 Moved\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n"),
    "http-0.9": says(b"<html>hello</html>"),
    "garbage": says(bytes(range(256)) * 40),
    "hundreds-without-end": _ever(b"", _repeat(b"HTTP/1.1 100 Continue\r\n\r\n"), 0.005),
    "switching-protocols": _then_silence(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"
    ),
    "http-version-9": says(b"HTTP/9.9 200 OK\r\n\r\n" + MODELS),
    "status-999": says(b"HTTP/1.1 999 What\r\nContent-Type: application/json\r\n\r\n" + MODELS),
    "status-no-number": says(b"HTTP/1.1 abc OK\r\n\r\n" + MODELS),
    "html-with-script": _body(
        b"<html><script>alert(1)</script></html>", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
    ),
    "script-in-json": _body(_model("</script><script>window.pwned=1</script><img src=x onerror=alert(1)>")),
    "script-in-header": says(OK + b"X-Evil: </script><script>alert(1)</script>\r\nContent-Length: 2\r\n\r\n{}"),
    "ansi-escapes": _body(
        b'{"error": {"message": "\\u001b[2J\\u001b]0;owned\\u0007\\u001b[31mred", '
        b'"type": "x", "param": null, "code": null}}',
        b"HTTP/1.1 500 Oops\r\nContent-Type: application/json\r\n",
    ),
    "raw-ansi-escapes": _body(b"\x1b[2J\x1b]0;owned\x07", b"HTTP/1.1 500 \x1b[31m\r\nContent-Type: text/plain\r\n"),
    "json-a-million-deep": _body(b"[" * 1_000_000 + b"]" * 1_000_000),
    "json-a-million-deep-inside": _body(b'{"object": "list", "data": ' + b"[" * 500_000 + b"]" * 500_000 + b"}"),
    "number-of-a-thousand-digits": _body(
        b'{"object": "list", "data": [{"id": "x", "object": "model", "owned_by": "y", "created": '
        + b"9" * 1000
        + b"}]}"
    ),
    "number-of-ten-thousand-digits": _body(b'{"object": "list", "created": ' + b"9" * 10_000 + b"}"),
    "number-beyond-float": _body(b'{"object": 1e999999}'),
    "nan": _body(b'{"object": "list", "data": NaN}'),
    "duplicate-keys": _body(b'{"object": "list", "data": 1, "data": []}'),
    "id-with-dots-and-quotes": _body(
        _model("../../etc/passwd\"'; rm -rf / #").replace(b'"owned_by": "x"', b'"owned_by": 7')
    ),
    "string-of-megabytes": _body(b'{"object": "' + b"x" * 3_000_000 + b'", "data": []}'),
    "empty-200": says(OK + b"Content-Length: 0\r\n\r\n"),
    "no-content-204": says(b"HTTP/1.1 204 No Content\r\n\r\n"),
    "null": _body(b"null"),
    "array": _body(b"[]"),
    "media-type-missing": says(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(MODELS) + MODELS),
    "media-type-nonsense": _body(MODELS, b"HTTP/1.1 200 OK\r\nContent-Type: \xff;;;=\r\n"),
    "stack-trace": _body(
        b'Traceback (most recent call last):\n  File "/srv/app/main.py", line 3\nKeyError',
        b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain\r\n",
    ),
}
#: Played by a chat stream.
STREAMS: dict[str, Script] = {
    "stream-without-any-event": says(SSE),
    "stream-then-silence": _then_silence(SSE),
    "stream-one-event-then-silence": _then_silence(SSE + CHUNK),
    "stream-without-end": _ever(SSE, _repeat(CHUNK * 50)),
    "stream-of-comments": _ever(SSE, _repeat(b": keep-alive\n\n"), 0.005),
    "stream-line-without-end": _ever(SSE + b"data: ", _repeat(b"x" * 65536)),
    "stream-event-without-end": _ever(SSE, _repeat(b"data: x\n" * 1000)),
    "stream-broken-utf-8": says(SSE + CHUNK + b"data: \xff\xfe\n\n"),
    "stream-reset": _reset(SSE + CHUNK),
    "stream-cut": says(SSE + CHUNK[:40]),
    "stream-gzip-bomb": says(SSE[:-2] + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(BOMB)),
    "stream-script": says(SSE + CHUNK.replace(b'"x"', b'"</script><script>window.pwned=1</script>"')),
    "stream-json-a-million-deep": says(SSE + b"data: " + b"[" * 1_000_000 + b"\n\n"),
    "stream-nul": says(SSE + b"data: \x00\nid: \x00\n\n"),
}
