"""One request and what came back, as values: they can be saved, loaded and judged again without the server."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Headers = tuple[tuple[str, str], ...]


def header(headers: Headers, name: str) -> str | None:
    """The first value of header `name` (any case), or None."""
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), None)


class FaultKind(StrEnum):
    """Why no whole answer came. The first group means that the target could not be asked."""

    CONNECT = "connect"
    DNS = "dns"
    TLS = "tls"
    TIMEOUT = "timeout"  # no byte of an answer in time
    RESET = "reset"  # connection lost before any byte of an answer
    # From here on the target did answer, and wrongly.
    TRUNCATED = "truncated"  # body shorter than announced, or cut
    STALLED = "stalled"  # the answer began and then nothing came in time
    PROTOCOL = "protocol"  # not HTTP, bad framing, bad header
    ENCODING = "encoding"  # broken Content-Encoding
    TOO_LARGE = "too_large"  # over the limit of bytes or events, a bomb included
    REDIRECT = "redirect"  # redirect loop, or to another origin


@dataclass(frozen=True, slots=True)
class TransportFault:
    """What went wrong between the socket and the body; `detail` is one line without secrets."""

    kind: FaultKind
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it goes over the wire; `url` is absolute and has its query."""

    method: str
    url: str
    headers: Headers = ()
    body: bytes | None = None

    def json(self) -> Any:
        """The body as JSON, None where there is none or it is no JSON."""
        try:
            return json.loads(self.body) if self.body else None
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One event of a stream as it arrived: byte offset in the body, seconds since the request was sent."""

    offset: int
    at_s: float
    event: str | None
    data: str
    id: str | None = None
    #: 1-based place in the stream, where the events are a selection.
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """An answer. For streams `events` holds a bounded selection and `body` is cut: see `truncated`."""

    status: int
    headers: Headers = ()
    body: bytes = b""
    truncated: bool = False
    events: tuple[StreamEvent, ...] | None = None

    @property
    def succeeded(self) -> bool:
        """True for a 2xx (RFC 9110 15.3)."""
        return 200 <= self.status < 300

    @property
    def content_type(self) -> str:
        """The Content-Type header as sent, "" where there is none."""
        return header(self.headers, "content-type") or ""

    @property
    def media_type(self) -> str:
        """The media type alone: lower case, without parameters."""
        return self.content_type.partition(";")[0].strip().lower()

    def json(self) -> Any:
        """The body as JSON. Raises ValueError where it is none."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request, its answer (None where none came) and the fault of the transport, if any."""

    id: str
    operation: str | None
    request: Request
    response: Response | None = None
    error: TransportFault | None = None
    elapsed_s: float = 0.0
