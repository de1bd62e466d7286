"""Exchanges as lines of a record, and back: secrets out, bodies cut, streams as their events."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

from contract.exchange import Exchange, FaultKind, Request, Response, StreamEvent, TransportFault
from contract.redact import Redactor
from reports import spread

Line = dict[str, Any]
#: Bytes of a body that are kept; what is longer is cut and marked `truncated`.
BODY_LIMIT = 256 * 1024
#: Events of a stream that are kept.
EVENT_LIMIT = 2000


def exchange(
    exchange: Exchange, redactor: Redactor | None = None, *, case: str | None = None, limit: int = BODY_LIMIT
) -> Line:
    """An exchange's line, secrets out, bodies cut at `limit` bytes; `case` tells whose request it was."""
    hide = redactor or Redactor()
    sent, got, fault = exchange.request, exchange.response, exchange.error
    request: Line = {
        "method": sent.method,
        "url": hide.url(sent.url),
        "headers": hide.headers(sent.headers),
        **_body(sent.body or b"", hide, limit),
    }
    line: Line = {
        "kind": "exchange",
        "id": exchange.id,
        "operation": exchange.operation,
        "request": request,
        "response": _response(got, hide, limit) if got else None,
        "error": {"kind": str(fault.kind), "detail": hide.url(fault.detail)} if fault else None,
        "elapsed_s": round(exchange.elapsed_s, 6),
    }
    return {**line, "case": case} if case else line


def load_exchange(line: Line) -> Exchange:
    """An exchange from its line: what can be judged again. A stream's body is its events, written anew."""
    sent, got, fault = line["request"], line["response"], line["error"]
    return Exchange(
        id=line["id"],
        operation=line["operation"],
        request=Request(sent["method"], sent["url"], _pairs(sent["headers"]), _bytes(sent) or None),
        response=_load_response(got) if got else None,
        error=TransportFault(FaultKind(fault["kind"]), fault["detail"]) if fault else None,
        elapsed_s=line["elapsed_s"],
    )


def _body(data: bytes, hide: Redactor, limit: int, *, truncated: bool = False) -> Line:
    """`body` or `body_base64`, and `truncated` where something is missing; nothing for an empty body."""
    if not data:
        return {}
    cut = truncated or len(data) > limit
    try:
        text = hide.body(_decoded(data, cut=truncated), cut=truncated)
    except UnicodeDecodeError:
        kept = hide.data(data)[:limit]
        return {"body_base64": base64.b64encode(kept).decode(), **({"truncated": True} if cut else {})}
    if cut:
        text = text.encode("utf-8", "surrogatepass")[:limit].decode("utf-8", "ignore")
    return {"body": text, **({"truncated": True} if cut else {})}


def _decoded(data: bytes, *, cut: bool) -> str:
    """UTF-8; where the transport has cut a body its last character may be half."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        if cut and error.start >= len(data) - 3:
            return data[: error.start].decode()
        raise


def _response(response: Response, hide: Redactor, limit: int) -> Line:
    line: Line = {"status": response.status, "headers": hide.headers(response.headers)}
    cut = response.truncated
    if not response.events:
        return {**line, "truncated": cut, **_body(response.body, hide, limit, truncated=cut)}
    events: list[Line] = []
    left = limit
    for each in response.events[:EVENT_LIMIT]:
        left -= len(each.data)
        if left < 0:
            break
        events.append(_event(each, hide))
    line["events"] = events
    line["truncated"] = spread.hide(events, hide) or cut or len(events) < len(response.events)
    if not line["truncated"] and response.body and response.body != _stream(response.events):
        # The events do not tell how the bytes looked: BOM, comments, CRs, a block without its end, events left out.
        if len(response.body) <= limit:
            line["raw_base64"] = base64.b64encode(_raw(response.body, hide)).decode()
        else:
            line["truncated"] = True
    return line


def _raw(data: bytes, hide: Redactor) -> bytes:
    try:
        return hide.body(data.decode()).encode()
    except UnicodeDecodeError:
        return hide.data(data)


def _event(event: StreamEvent, hide: Redactor) -> Line:
    line: Line = {
        "offset": event.offset,
        "at_s": round(event.at_s, 6),
        "event": event.event if event.event is None else hide.text(event.event),
        "data": hide.body(event.data),
    }
    if event.id is not None:
        line["id"] = hide.text(event.id)
    if event.number is not None:
        line["number"] = event.number
    return line


def _stream(events: Iterable[StreamEvent]) -> bytes:
    """Events as an event stream in its plainest form."""
    blocks = []
    for each in events:
        names = (("event", each.event), ("id", each.id))
        fields = [f"{name}: {value}" for name, value in names if value is not None]
        fields += [f"data: {part}" for part in each.data.split("\n")]
        blocks.append("\n".join(fields) + "\n\n")
    return "".join(blocks).encode("utf-8", "surrogatepass")


def _pairs(headers: Iterable[Iterable[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in headers)


def _bytes(part: Line) -> bytes:
    if "body_base64" in part:
        return base64.b64decode(part["body_base64"])
    return str(part.get("body", "")).encode("utf-8", "surrogatepass")


def _load_response(line: Line) -> Response:
    events = None
    body = _bytes(line)
    if "events" in line:
        events = tuple(_load_event(each) for each in line["events"])
        body = base64.b64decode(line["raw_base64"]) if "raw_base64" in line else _stream(events)
    return Response(line["status"], _pairs(line["headers"]), body, line["truncated"], events)


def _load_event(line: Line) -> StreamEvent:
    return StreamEvent(line["offset"], line["at_s"], line["event"], line["data"], line.get("id"), line.get("number"))
