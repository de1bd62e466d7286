"""The only client I/O: one request out, bytes in, all of it bounded in time and size (httpcore).

No redirect is followed and no cookie is kept: a credential never travels to another origin, a 3xx is judged as it is,
and one case learns nothing from another.
"""

from __future__ import annotations

import contextlib
import logging
import os
import ssl
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import httpcore

from contract.decoding import BadEncoding, decoder
from contract.exchange import FaultKind, Headers, Request, Response, TransportFault
from contract.target import Target

#: Characters of a request target that stay as they are (RFC 3986 2.2, 2.3).
_SAFE = "%/?:@!$&'()*+,;=[]~"
#: Bytes that are held back to be sent at once.
_TOGETHER = 64 * 1024
_PORTS = {"http": 80, "https": 443}


# The client's own logger tells headers, keys included: nothing of it, not even where a user logs everything.
logging.getLogger("httpcore").setLevel(logging.WARNING)


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
    """A socket whose every read and write ends by the deadline: a byte a second does not keep us for ever.

    What is written goes out when an answer is waited for: a head and its body travel together.
    """

    def __init__(self, inner: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._inner = inner
        self._deadline = deadline
        self._waiting = b""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with contextlib.suppress(httpcore.WriteError):  # who stops listening may still have answered
            self._flush(timeout)
        return self._inner.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._waiting += buffer
        if len(self._waiting) > _TOGETHER:
            self._flush(timeout)

    def _flush(self, timeout: float | None) -> None:
        data, self._waiting = self._waiting, b""
        if data:
            self._inner.write(data, self._deadline.left(timeout))

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
        self._timeouts = {"connect": limits.connect_s, **dict.fromkeys(("read", "write", "pool"), limits.idle_s)}
        self._pool = _pool(target, _BoundedBackend(self._deadline))

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()

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
            outgoing = _outgoing(request, self._timeouts)
            with contextlib.closing(self._pool.handle_request(outgoing)) as answer:
                begun = True
                headers = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in answer.headers)
                yield Reply(answer.status, headers, self._chunks(answer, headers, started))
        except httpcore.LocalProtocolError:
            raise  # a request that h11 refuses to write is our own fault, never the target's
        except (
            httpcore.TimeoutException,
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.ProxyError,
            httpcore.UnsupportedProtocol,
            UnicodeError,
            ValueError,
            OSError,
        ) as error:
            raise Fault(*_classify(error, begun)) from error

    def _chunks(self, answer: httpcore.Response, headers: Headers, started: float) -> Iterator[tuple[float, bytes]]:
        encodings = ", ".join(value for name, value in headers if name.lower() == "content-encoding")
        decode = decoder(encodings, self.limits.stream_bytes)
        try:
            for raw in answer.iter_stream():
                for chunk in decode.feed(raw):
                    yield time.monotonic() - started, chunk
            decode.close()
        except BadEncoding as error:
            raise Fault(error.kind, str(error)) from error


def _pool(target: Target, backend: httpcore.NetworkBackend) -> httpcore.ConnectionPool:
    """Connections to the target, through the proxy that the environment names for it."""
    secure = target.url.startswith("https:")
    options: dict[str, Any] = {
        "ssl_context": _context(target) if secure else None,  # reading all certificates takes 40 ms
        "max_connections": 100,
        "max_keepalive_connections": 20,
        "keepalive_expiry": 5.0,
        "network_backend": backend,
    }
    proxy = _proxy(target.url)
    if proxy is None:
        return httpcore.ConnectionPool(**options)
    parts = urlsplit(proxy)
    auth = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    url = httpcore.URL(scheme=parts.scheme, host=parts.hostname or "", port=parts.port, target="/")
    kind = httpcore.SOCKSProxy if parts.scheme.startswith("socks") else httpcore.HTTPProxy
    return kind(proxy_url=url, proxy_auth=auth, **options)


def _context(target: Target) -> ssl.SSLContext:
    """How certificates are verified: by SSL_CERT_FILE, SSL_CERT_DIR or Mozilla's list, and by the target's own CA."""
    if not target.verify:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    if target.ca:
        context = ssl.create_default_context()
        context.load_verify_locations(target.ca)
        return context
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if file or folder:
        return ssl.create_default_context(cafile=file or None, capath=None if file else folder)
    import certifi

    return ssl.create_default_context(cafile=certifi.where())


def _proxy(url: str) -> str | None:
    """The proxy for a URL by HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, or the system's own settings."""
    if sys.platform not in {"win32", "darwin"} and not any(name.lower().endswith("_proxy") for name in os.environ):
        return None  # the module below takes 15 ms to import
    from urllib.request import getproxies, proxy_bypass

    parts, proxies = urlsplit(url), getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(parts.netloc):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _outgoing(request: Request, timeouts: dict[str, float]) -> httpcore.Request:
    """The request as httpcore takes it; what a request line cannot hold is percent-encoded."""
    parts = urlsplit(request.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    name = parts.hostname or ""
    host = name.encode("ascii" if name.isascii() else "idna")
    url = httpcore.URL(scheme=parts.scheme, host=host, port=parts.port, target=quote(target, safe=_SAFE))
    headers = list(_wire_headers(request))
    names = {name.lower() for name, _ in headers}
    if b"host" not in names:
        shown = b"[%b]" % host if b":" in host else host
        port = None if parts.port == _PORTS.get(parts.scheme) else parts.port
        headers.insert(0, (b"Host", b"%b:%d" % (shown, port) if port else shown))
    method = request.method.upper()
    if not names & {b"content-length", b"transfer-encoding"} and (request.body or method in {"POST", "PUT", "PATCH"}):
        headers.append((b"Content-Length", b"%d" % len(request.body or b"")))
    return httpcore.Request(
        method, url, headers=headers, content=request.body or None, extensions={"timeout": timeouts}
    )


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
    if isinstance(error, httpcore.ConnectTimeout):
        return FaultKind.CONNECT, "no connection in time"
    if isinstance(error, httpcore.ConnectError | httpcore.ProxyError):
        dns = any("Name or service not known" in str(e) or "name resolution" in str(e).lower() for e in causes)
        return (FaultKind.DNS if dns else FaultKind.CONNECT), text
    if isinstance(error, httpcore.TimeoutException):
        return (FaultKind.STALLED, "the answer stopped") if begun else (FaultKind.TIMEOUT, "no answer in time")
    if isinstance(error, httpcore.RemoteProtocolError):
        if begun:
            return FaultKind.TRUNCATED, text
        return (FaultKind.RESET if "without sending" in text else FaultKind.PROTOCOL), text
    if isinstance(error, httpcore.ReadError | httpcore.WriteError):
        return (FaultKind.TRUNCATED if begun else FaultKind.RESET), text or "connection lost"
    return (FaultKind.PROTOCOL), text or type(error).__name__


def _causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and len(found) < 10:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
