"""Recorded traffic -> exchanges: a `manifest.json`, a HAR file or the `run.jsonl` of an earlier run.

Nothing is judged here. What cannot be read becomes an `Unreadable` with one line that says what is wrong, so that the
other entries are judged all the same. Sources: HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract.errors import RecordError
from contract.exchange import Exchange, Headers, Request, Response
from contract.recorded_request import Finder, grouped
from contract.spec import Spec


@dataclass(frozen=True, slots=True)
class Recorded:
    """One exchange of a recording. `label` names it in the output: {"file": ...} or {"id": ...}."""

    label: Mapping[str, str]
    operation: str | None
    exchange: Exchange
    #: The decoded request body where the recording holds it decoded (a manifest does).
    request: Mapping[str, Any] | None = None
    #: Bytes a read, None: all at once. No verdict depends on it.
    feed: int | None = None
    #: False where only the content type of the answer was recorded.
    headers_known: bool = True
    #: Why there is nothing to judge, "" where there is.
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An input or one of its entries that cannot be read, and why, in one line."""

    label: Mapping[str, str]
    reason: str


def read(path: Path, spec: Spec) -> Iterator[Recorded | Unreadable]:
    """The exchanges of a file, by its name and shape."""
    if path.suffix == ".jsonl":
        yield from _run(path)
        return
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        yield Unreadable({"file": str(path)}, f"cannot be read ({error.strerror})")
    except (ValueError, RecursionError) as error:
        yield Unreadable({"file": str(path)}, f"no JSON ({error})")
    else:
        yield from _document(path, document, spec)


def _document(path: Path, document: Any, spec: Spec) -> Iterator[Recorded | Unreadable]:
    log = document.get("log") if isinstance(document, dict) else None
    if isinstance(log, dict) and isinstance(log.get("entries"), list):
        finder = Finder(spec)
        for number, entry in enumerate(log["entries"], 1):
            yield _safely({"id": f"{path.name}#{number}"}, lambda label, entry=entry: _har(label, entry, finder))
    elif isinstance(document, list):
        for number, entry in enumerate(document, 1):
            name = entry.get("file") if isinstance(entry, dict) else None
            label = {"file": name} if isinstance(name, str) else {"id": f"{path.name}#{number}"}
            yield _safely(label, lambda label, entry=entry: _manifest(label, entry, path.parent, spec))
    else:
        reason = "neither a manifest (a list of entries) nor a HAR file (an object with log.entries)"
        yield Unreadable({"file": str(path)}, reason)


def _safely(label: Mapping[str, str], make: Any) -> Recorded | Unreadable:
    """What `make` gives; an entry of the wrong shape is told, not raised."""
    try:
        recorded: Recorded = make(label)
    except RecordError as error:
        return Unreadable(label, str(error))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return Unreadable(label, f"not an entry of the expected shape ({type(error).__name__}: {error})")
    return recorded


def _manifest(label: Mapping[str, str], entry: Mapping[str, Any], home: Path, spec: Spec) -> Recorded:
    operation, name, http = entry.get("operationId"), entry.get("file"), entry.get("http")
    if not isinstance(operation, str):
        raise RecordError("the entry has no operationId")
    if not isinstance(name, str):
        raise RecordError("the entry has no file")
    if not isinstance(http, Mapping) or not isinstance(http.get("status"), int):
        raise RecordError("the entry has no http.status")
    known = spec.operations.get(operation)
    if known is None and not operation.startswith("realtime"):
        raise RecordError(f"{operation}: no operation of the spec; `contract operations` lists them")
    try:
        body = (home / name).read_bytes()
    except OSError as error:
        raise RecordError(f"the file cannot be read ({error.strerror})") from error
    request = entry.get("request")
    sent = Request(
        method=known.method if known else "GET",
        url=f"https://recorded.invalid{known.path if known else '/realtime'}",
        headers=(("content-type", "application/json"),),
        body=None if request is None else json.dumps(request).encode(),
    )
    content_type = http.get("contentType")
    headers: Headers = (("content-type", content_type),) if isinstance(content_type, str) else ()
    exchange = Exchange(name, operation, sent, Response(http["status"], headers, body))
    size = (entry.get("feed") or {}).get("size")
    feed = size if isinstance(size, int) and size > 0 else None
    asked = request if isinstance(request, Mapping) else {}
    return Recorded(label, operation, exchange, asked, feed, headers_known=False)


def _har(label: Mapping[str, str], entry: Mapping[str, Any], finder: Finder) -> Recorded:
    sent, got = entry["request"], entry["response"]
    request = Request(str(sent["method"]).upper(), sent["url"], _pairs(sent), _posted(sent.get("postData") or {}))
    if not isinstance(got["status"], int):
        raise RecordError(f"the status {got['status']!r} is no number")
    operation = finder.find(request)
    messages = entry.get("_webSocketMessages")
    if isinstance(messages, list) and request.url.partition("?")[0].rstrip("/").endswith("/realtime"):
        frames = [str(each.get("data", "")) for each in messages if each.get("type") == "receive"]
        response = Response(101, (), "".join(f"{frame}\n" for frame in frames).encode("utf-8", "surrogatepass"))
        return Recorded(label, "realtime", Exchange(label["id"], "realtime", request, response), {})
    body, missing = _content(got.get("content") or {})
    response = Response(got["status"], _pairs(got), body)
    reason = ""
    if operation is None:
        reason = f"{request.method} {request.url.partition('?')[0]} is no operation of the spec"
    elif not got["status"]:
        reason = "no answer was recorded"
    elif missing:
        reason = "the body was not recorded"
    return Recorded(label, operation, Exchange(label["id"], operation, request, response), reason=reason)


def _pairs(message: Mapping[str, Any]) -> Headers:
    return tuple((str(each["name"]), str(each["value"])) for each in message.get("headers") or ())


def _posted(data: Mapping[str, Any]) -> bytes | None:
    """The body of a recorded request: its text, or its form fields as an object."""
    if isinstance(data.get("text"), str) and data["text"]:
        return _text(data)
    fields = [(str(each["name"]), str(each.get("value", ""))) for each in data.get("params") or ()]
    return json.dumps(grouped(fields)).encode() if fields else None


def _content(content: Mapping[str, Any]) -> tuple[bytes, bool]:
    """The recorded body, and whether it is missing although there was one."""
    if not isinstance(content.get("text"), str):
        size = content.get("size")
        return b"", isinstance(size, int) and size > 0
    return _text(content), False


def _text(part: Mapping[str, Any]) -> bytes:
    if part.get("encoding") != "base64":
        return str(part["text"]).encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(part["text"], validate=True)
    except (binascii.Error, ValueError) as error:
        raise RecordError(f"the body is marked as base64 and is none ({error})") from error


def _run(path: Path) -> Iterator[Recorded | Unreadable]:
    from contract import wiring

    record = wiring.record()
    try:
        run = record.read(path)
    except OSError as error:
        yield Unreadable({"file": str(path)}, f"cannot be read ({error.strerror})")
        return
    except (RecordError, UnicodeError) as error:
        said = str(error).removeprefix(str(path)).lstrip(": ")
        yield Unreadable({"file": str(path)}, f"line {said}" if said[:1].isdigit() else said)
        return
    for identifier, line in run.exchanges.items():
        yield _safely({"id": identifier}, lambda label, line=line: _earlier(label, record.load_exchange(line)))


def _earlier(label: Mapping[str, str], exchange: Exchange) -> Recorded:
    response, reason = exchange.response, ""
    if response is None:
        reason = f"no answer came ({exchange.error.kind if exchange.error else 'unknown'})"
    elif exchange.operation is None:
        reason = "the exchange belongs to no operation"
    elif response.truncated:
        reason = "only a part of the answer was recorded"
    return Recorded(label, exchange.operation, exchange, reason=reason)
