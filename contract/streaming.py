"""A live event stream: read as it arrives under limits of time, bytes and events, judged event by event."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from contract.case import StreamReply
from contract.draft import Draft
from contract.exchange import Exchange, FaultKind, Request, Response, TransportFault
from contract.spec import Spec
from contract.streams import StreamJudge
from contract.transport import Fault, Limits, Reply, Transport
from contract.verdict import Finding

#: Bytes of a stream that an exchange keeps for the report.
_KEPT = 256 * 1024


@dataclass(frozen=True, slots=True)
class LiveReply(StreamReply):
    """A `StreamReply` with its number of events."""

    events: int = 0
    kinds: frozenset[str] = frozenset()


def read_stream(
    transport: Transport, spec: Spec, draft: Draft, request: Request, identifier: str, limits: Limits | None = None
) -> LiveReply:
    """Send `request`, judge what comes; never raises for what the target does."""
    limits = limits or transport.limits
    started = time.monotonic()
    try:
        with transport.open(request) as reply:
            return _judged(reply, spec, draft, request, identifier, limits, started)
    except Fault as fault:
        exchange = Exchange(identifier, draft.operation.id, request, None, fault.fault, time.monotonic() - started)
        return LiveReply(exchange, ())


def _judged(
    reply: Reply, spec: Spec, draft: Draft, request: Request, identifier: str, limits: Limits, started: float
) -> LiveReply:
    content_type = next((value for name, value in reply.headers if name.lower() == "content-type"), "")
    judge = StreamJudge(spec, draft.operation.id, draft.body, reply.status, content_type)
    findings: list[Finding] = []
    kept = bytearray()
    size = 0
    error: TransportFault | None = None
    try:
        for at_s, chunk in _bounded(reply.chunks, judge, limits):
            size += len(chunk)
            kept += chunk[: max(0, _KEPT - len(kept))]
            findings += judge.feed(chunk, at_s)
    except Fault as fault:
        error = fault.fault
    findings += judge.close(complete=error is None)
    response = Response(reply.status, reply.headers, bytes(kept), size > len(kept), tuple(judge.events))
    exchange = Exchange(identifier, draft.operation.id, request, response, error, time.monotonic() - started)
    named = tuple(_of(each, identifier) for each in findings) if 200 <= reply.status < 300 else ()
    return LiveReply(exchange, named, judge.accumulated, judge.event_count, frozenset(judge.kinds))


def _bounded(
    chunks: Iterator[tuple[float, bytes]], judge: StreamJudge, limits: Limits
) -> Iterator[tuple[float, bytes]]:
    for at_s, chunk in chunks:
        if judge.event_count > limits.stream_events:
            raise Fault(FaultKind.TOO_LARGE, f"the stream passed {limits.stream_events} events")
        yield at_s, chunk


def _of(finding: Finding, exchange: str) -> Finding:
    return replace(finding, exchange=exchange)
