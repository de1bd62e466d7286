"""The only client I/O: bounded in time and size, whatever the target does."""

from __future__ import annotations

import gzip
import itertools
import socket
import threading
import time
import zlib

import pytest
from raw_server import RawServer, Script, read_head, says, send_all

from contract.exchange import FaultKind, Request, Response, TransportFault
from contract.target import Target
from contract.transport import Limits, Transport

LIMITS = Limits(connect_s=1.0, idle_s=0.5, total_s=1.0, body_bytes=100_000, stream_bytes=200_000)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def ask(script: Script, limits: Limits = LIMITS) -> tuple[Response | None, TransportFault | None, float]:
    """Send one GET to a raw server; the answer, the fault, and the seconds it took."""
    with RawServer(script) as url:
        transport = Transport(Target(url), limits)
        started = time.monotonic()
        response, fault = transport.send(Request("GET", f"{url}/models"))
        elapsed = time.monotonic() - started
        transport.close()
    return response, fault, elapsed


def test_a_whole_answer_has_no_fault() -> None:
    """Status, headers and body arrive as sent."""
    response, fault, _ = ask(says(HEAD + b"Content-Length: 2\r\n\r\n{}"))
    assert fault is None
    assert response is not None
    assert (response.status, response.body, response.media_type) == (200, b"{}", "application/json")


def _drip(connection: socket.socket) -> None:
    read_head(connection)
    send_all(connection, (bytes([each]) for each in itertools.cycle(b"HTTP/1.1 200 OK\r\nX: ")), 0.05)


def _drip_body(connection: socket.socket) -> None:
    read_head(connection)
    send_all(connection, itertools.chain([HEAD + b"Content-Length: 100000\r\n\r\n"], itertools.repeat(b"x")), 0.05)


def _hundreds(connection: socket.socket) -> None:
    read_head(connection)
    send_all(connection, itertools.repeat(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"), 0.01)


def _silent(connection: socket.socket) -> None:
    read_head(connection)
    time.sleep(3)


def _header_flood(connection: socket.socket) -> None:
    read_head(connection)
    send_all(connection, itertools.chain([b"HTTP/1.1 200 OK\r\n"], itertools.repeat(b"X-A: " + b"y" * 8000 + b"\r\n")))


def _endless(connection: socket.socket) -> None:
    read_head(connection)
    send_all(connection, itertools.chain([HEAD + b"\r\n"], itertools.repeat(b"x" * 10_000)))


@pytest.mark.parametrize(
    ("script", "kinds"),
    [
        (_silent, {FaultKind.TIMEOUT}),
        (_drip, {FaultKind.TIMEOUT, FaultKind.PROTOCOL}),
        (_drip_body, {FaultKind.STALLED}),
        (_hundreds, {FaultKind.TIMEOUT}),
        (_header_flood, {FaultKind.PROTOCOL}),
        (_endless, {FaultKind.TOO_LARGE}),
        (says(b""), {FaultKind.RESET}),
        (says(HEAD + b"Content-Length: 50\r\n\r\n{}"), {FaultKind.TRUNCATED}),
        (says(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{}"), {FaultKind.TRUNCATED}),
        (says(HEAD + b"Content-Length: x\r\n\r\n{}"), {FaultKind.PROTOCOL}),
        (says(b"hello, I am no HTTP server\r\n\r\n"), {FaultKind.PROTOCOL}),
        (says(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"), {FaultKind.ENCODING}),
        (says(HEAD + b"Content-Encoding: br\r\nContent-Length: 2\r\n\r\n{}"), {FaultKind.ENCODING}),
        (
            says(HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"x" * 90_000, mtime=0)[:-12]),
            {FaultKind.ENCODING},
        ),
        (
            says(HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(bytes(50_000_000), mtime=0)),
            {FaultKind.TOO_LARGE},
        ),
    ],
)
def test_a_broken_answer_is_a_fault_of_its_kind_in_time(script: Script, kinds: set[FaultKind]) -> None:
    """Each way to be broken ends within the limit and is named."""
    _, fault, elapsed = ask(script)
    assert fault is not None
    assert fault.kind in kinds
    assert elapsed < LIMITS.total_s + 1.5


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("gzip", gzip.compress(b'{"a": 1}', mtime=0)),
        ("deflate", zlib.compress(b'{"a": 1}')),
        ("deflate", zlib.compress(b'{"a": 1}')[2:-4]),
        ("identity", b'{"a": 1}'),
    ],
)
def test_what_was_asked_for_is_decoded(name: str, data: bytes) -> None:
    """Both gzip and both spellings of deflate give the body that was encoded."""
    response, fault, _ = ask(says(HEAD + b"Content-Encoding: " + name.encode() + b"\r\n\r\n" + data))
    assert fault is None
    assert response is not None
    assert response.json() == {"a": 1}


def test_a_redirect_is_not_followed() -> None:
    """A 302 is an answer like any other, and no second request carries the key elsewhere."""
    response, fault, _ = ask(
        says(b"HTTP/1.1 302 Found\r\nLocation: http://example.invalid/\r\nContent-Length: 0\r\n\r\n")
    )
    assert fault is None
    assert response is not None
    assert response.status == 302


def test_a_dead_port_is_a_connect_fault() -> None:
    """Nothing listens: the target could not be asked."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    transport = Transport(Target(f"http://127.0.0.1:{port}/v1"), LIMITS)
    response, fault = transport.send(Request("GET", f"http://127.0.0.1:{port}/v1/models"))
    transport.close()
    assert response is None
    assert fault is not None
    assert fault.kind is FaultKind.CONNECT


def test_a_host_without_an_address_is_a_dns_fault() -> None:
    """The name does not resolve (RFC 2606 keeps .invalid free)."""
    transport = Transport(Target("http://nowhere.invalid/v1"), LIMITS)
    _, fault = transport.send(Request("GET", "http://nowhere.invalid/v1/models"))
    transport.close()
    assert fault is not None
    assert fault.kind is FaultKind.DNS


def test_a_stream_is_read_as_it_arrives() -> None:
    """The first chunk is there before the server has sent the second."""
    gate = threading.Event()

    def script(connection: socket.socket) -> None:
        read_head(connection)
        send_all(connection, [b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n"])
        gate.wait(1)
        send_all(connection, [b"data: 2\n\n"])

    with RawServer(script) as url:
        transport = Transport(Target(url), LIMITS)
        with transport.open(Request("GET", f"{url}/models")) as reply:
            first = next(reply.chunks)
            gate.set()
            rest = [chunk for _, chunk in reply.chunks]
        transport.close()
    assert first[1] == b"data: 1\n\n"
    assert b"".join(rest) == b"data: 2\n\n"


def _heard(
    requests: list[Request], target: str | None = None, answer: bytes = HEAD + b"Content-Length: 2\r\n\r\n{}"
) -> list[bytes]:
    """The heads that a server hears when the requests (with `{}` for its URL) are sent on one transport."""
    heads: list[bytes] = []

    def script(connection: socket.socket) -> None:
        while head := read_head(connection):
            heads.append(head)
            send_all(connection, [answer])

    with RawServer(script) as url:
        transport = Transport(Target(target or url), LIMITS)
        for each in requests:
            transport.send(Request(each.method, each.url.replace("{}", url), each.headers, each.body))
        transport.close()
    return heads


def test_what_goes_over_the_wire_is_the_request() -> None:
    """Host with its port, a length for every body, an empty one for a POST without, the target percent-encoded."""
    get = Request("GET", "{}/models/\u00e9 x?a=1&b=%20", (("X-Own", "1"),))
    bare, full = Request("POST", "{}/files"), Request("POST", "{}/files", (), b"{}")
    first, second, third = _heard([get, bare, full])
    line, *headers = first.split(b"\r\n")
    assert line == b"GET /v1/models/%C3%A9%20x?a=1&b=%20 HTTP/1.1"
    assert headers[0].startswith(b"Host: 127.0.0.1:")
    assert b"X-Own: 1" in headers
    assert b"content-length" not in first.lower()
    assert b"Content-Length: 0\r\n" in second
    assert b"Content-Length: 2\r\n" in third
    assert third.endswith(b"\r\n\r\n{}")  # in one piece: a second one would only wake the server twice


def test_no_cookie_is_kept() -> None:
    """What a server sets in one case does not come back in another."""
    answer = HEAD + b"Set-Cookie: session=abc\r\nContent-Length: 2\r\n\r\n{}"
    heads = _heard([Request("GET", "{}/models")] * 2, answer=answer)
    assert len(heads) == 2
    assert b"cookie" not in heads[1].lower()


def test_the_environment_names_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP_PROXY is asked with its credentials, unless NO_PROXY names the target's host."""
    answer = HEAD + b"Content-Length: 2\r\n\r\n{}"
    heads: list[bytes] = []

    def script(connection: socket.socket) -> None:
        heads.append(read_head(connection))
        send_all(connection, [answer])

    with RawServer(script) as url:
        proxy = url.removesuffix("/v1").replace("http://", "http://me:word@")
        monkeypatch.setenv("http_proxy", proxy)
        monkeypatch.setenv("no_proxy", "spared.invalid")
        kinds = []
        for name in ("far", "spared"):
            transport = Transport(Target(f"http://{name}.invalid/v1"), LIMITS)
            kinds.append(transport.send(Request("GET", f"http://{name}.invalid/v1/models"))[1])
            transport.close()
    assert kinds[0] is None
    assert kinds[1] is not None
    assert kinds[1].kind is FaultKind.DNS
    assert heads[0].startswith(b"GET http://far.invalid/v1/models HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic bWU6d29yZA==" in heads[0]
