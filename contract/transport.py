"""The only client I/O: one request out, bytes in, all of it bounded in time and size (httpx over httpcore)."""

from __future__ import annotations

import contextlib
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import httpcore
import httpx

from contract.decoding import BadEncoding, decoder
from contract.exchange import FaultKind, Headers, Request, Response, TransportFault
from contract.target import Target


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and bytes that one exchange may take."""

    connect_s: float = 10.0
    idle_s: float = 30.0  # between two reads
    total_s: float = 60.0
    body_bytes: int = 64 * 1024 * 1024
    stream_bytes: int = 256 * 1024 * 1024
    stream_events: int = 2_000_000


class Fault(Exception):
    """A transport fault on its way to the exchange."""

    def __init__(self, kind: FaultKind, detail: str) -> None:
        """See `TransportFault`."""
        super().__init__(detail)
        self.fault = TransportFault(kind, detail)


class _Deadline(threading.local):
    """Monotonic second by which the exchange of this thread must be over."""

    at: float = float("inf")

    def left(self, timeout: float | None) -> float:
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the exchange took too long in all")
        return left if timeout is None else min(timeout, left)


class _BoundedStream(httpcore.NetworkStream):
    """A socket whose every read and write ends by the deadline: a byte a second does not keep us for ever."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return _BoundedStream(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _BoundedBackend(httpcore.NetworkBackend):
    def __init__(self, deadline: _Deadline) -> None:
        self._inner = httpcore.SyncBackend()
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(timeout)
        return _BoundedStream(self._inner.connect_tcp(host, port, left, local_address, socket_options), self._deadline)


@dataclass(slots=True)
class Reply:
    """An answer whose body is still on the way: status, headers, and decoded chunks with their arrival second."""

    status: int
    headers: Headers
    chunks: Iterator[tuple[float, bytes]]


class Transport:
    """A client for one target. Not shared between threads."""

    def __init__(self, target: Target, limits: Limits = Limits()) -> None:
        """Nothing is sent yet."""
        self.limits = limits
        self._deadline = _Deadline()
        context: ssl.SSLContext | bool = target.verify
        if target.verify and target.ca:
            context = ssl.create_default_context()
            context.load_verify_locations(target.ca)
        timeout = httpx.Timeout(limits.idle_s, connect=limits.connect_s)
        # No redirect is followed: a credential never travels to another origin, and a 3xx is judged as it is.
        self._client = httpx.Client(verify=context, timeout=timeout, follow_redirects=False)
        self._client.headers.clear()
        backend = _BoundedBackend(self._deadline)
        for transport in (self._client._transport, *self._client._mounts.values()):
            if isinstance(transport, httpx.HTTPTransport):
                # httpx has no public way to hand httpcore a network backend; test_transport holds this.
                transport._pool._network_backend = backend  # type: ignore[union-attr]

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def send(self, request: Request) -> tuple[Response | None, TransportFault | None]:
        """Send and read the whole body, up to `Limits.body_bytes`; never raises for what the target does."""
        response: Response | None = None
        body = bytearray()
        try:
            with self.open(request) as reply:
                response = Response(reply.status, reply.headers)
                for _, chunk in reply.chunks:
                    body += chunk
                    if len(body) > self.limits.body_bytes:
                        raise Fault(FaultKind.TOO_LARGE, f"the body passed {self.limits.body_bytes} bytes")
        except Fault as fault:
            if response is None:
                return None, fault.fault
            return Response(response.status, response.headers, bytes(body[:65536]), truncated=True), fault.fault
        return Response(response.status, response.headers, bytes(body)), None

    @contextlib.contextmanager
    def open(self, request: Request, *, total_s: float | None = None) -> Iterator[Reply]:
        """The answer as soon as its headers are there. Raises Fault, also while chunks are read."""
        started = time.monotonic()
        self._deadline.at = started + (total_s or self.limits.total_s)
        begun = False
        try:
            outgoing = self._client.build_request(
                request.method, request.url, headers=list(_wire_headers(request)), content=request.body
            )
            with contextlib.closing(self._client.send(outgoing, stream=True)) as answer:
                begun = True
                headers = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in answer.headers.raw)
                yield Reply(answer.status_code, headers, self._chunks(answer, started))
        except httpx.LocalProtocolError:
            raise  # a request that h11 refuses to write is our own fault, never the target's
        except (
            httpx.HTTPError,
            httpx.InvalidURL,
            httpcore.TimeoutException,
            UnicodeError,
            ValueError,
            OSError,
        ) as error:
            raise Fault(*_classify(error, begun)) from error

    def _chunks(self, answer: httpx.Response, started: float) -> Iterator[tuple[float, bytes]]:
        decode = decoder(answer.headers.get("content-encoding", ""), self.limits.stream_bytes)
        try:
            for raw in answer.iter_raw():
                for chunk in decode.feed(raw):
                    yield time.monotonic() - started, chunk
            decode.close()
        except BadEncoding as error:
            raise Fault(error.kind, str(error)) from error


def _wire_headers(request: Request) -> Iterator[tuple[bytes, bytes]]:
    names = {name.lower() for name, _ in request.headers}
    for name, value in (("accept", "*/*"), ("user-agent", "openapi-contract"), ("accept-encoding", "gzip, deflate")):
        if name not in names:
            yield name.encode(), value.encode()
    for name, value in request.headers:
        yield name.encode("ascii"), value.encode("utf-8", "surrogateescape")


def _classify(error: Exception, begun: bool) -> tuple[FaultKind, str]:  # noqa: PLR0911 - a table in disguise
    """Which fault an exception of the client is; the text is one line."""
    text = " ".join(str(error).split())[:200]
    causes = _causes(error)
    if any(isinstance(each, ssl.SSLError) for each in causes):
        return FaultKind.TLS, text
    if isinstance(error, httpx.ConnectTimeout):
        return FaultKind.CONNECT, "no connection in time"
    if isinstance(error, httpx.ConnectError | httpx.ProxyError):
        dns = any("Name or service not known" in str(e) or "name resolution" in str(e).lower() for e in causes)
        return (FaultKind.DNS if dns else FaultKind.CONNECT), text
    if isinstance(error, httpx.TimeoutException | httpcore.TimeoutException):
        return (FaultKind.STALLED, "the answer stopped") if begun else (FaultKind.TIMEOUT, "no answer in time")
    if isinstance(error, httpx.RemoteProtocolError):
        if begun:
            return FaultKind.TRUNCATED, text
        return (FaultKind.RESET if "without sending" in text else FaultKind.PROTOCOL), text
    if isinstance(error, httpx.ReadError | httpx.WriteError):
        return (FaultKind.TRUNCATED if begun else FaultKind.RESET), text or "connection lost"
    return (FaultKind.PROTOCOL), text or type(error).__name__


def _causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and len(found) < 10:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
