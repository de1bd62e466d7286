"""The record of a run: JSON lines, written while the run goes on, secrets already out (`record.schema.json`).

`Writer` appends, `read` gives a `Run`; `header`, `exchange`, `verdict` and `end` make the lines. A run that was killed
is a readable record without an `end`; only its last line may be cut.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from contract.errors import RecordError
from contract.exchange import Exchange, FaultKind, Request, Response, StreamEvent, TransportFault
from contract.redact import Redactor
from contract.verdict import Verdict

Line = dict[str, Any]
SCHEMA = 1
#: Bytes of a body that are kept; what is longer is cut and marked `truncated`.
BODY_LIMIT = 256 * 1024
#: Events of a stream that are kept.
EVENT_LIMIT = 2000


@dataclass(frozen=True, slots=True)
class Run:
    """A record that was read. `end` is None where the run was cut off. Where a case was judged twice (a resumed
    run) its last verdict counts. `others` are whole lines of kinds beside the four, such as objects created.
    """

    header: Line
    exchanges: Mapping[str, Line] = field(default_factory=dict)
    verdicts: tuple[Verdict, ...] = ()
    end: Line | None = None
    others: tuple[Line, ...] = ()

    def lines(self) -> Iterable[Line]:
        """The run as lines of a record again."""
        yield self.header
        yield from self.others
        yield from self.exchanges.values()
        yield from (each.to_json() for each in self.verdicts)
        if self.end is not None:
            yield self.end


class Writer:
    """Appends lines to a record: one write a line, so that `kill -9` cuts the last one at most."""

    def __init__(self, path: Path, *, resume: bool = False) -> None:
        """Starts a record anew; with `resume` goes on where it ends (a cut last line is dropped).
        Raises RecordError where it cannot be written or another run is writing it.
        """
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0), 0o644)
        except OSError as error:
            raise _unwritable(path, error) from error
        try:
            self._lock()
            if path.is_file():  # not a device or a pipe
                os.ftruncate(self._file, _whole_lines(path) if resume else 0)
        except OSError as error:
            self.close()
            raise _unwritable(path, error) from error
        except RecordError:
            self.close()
            raise

    def write(self, line: Line) -> None:
        """Append one line. Raises RecordError where the disk is full or gone."""
        rest = memoryview(encode(line))
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def close(self) -> None:
        """Close the file; closing twice is fine."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> Self:
        """The writer itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close."""
        self.close()

    def _lock(self) -> None:
        try:
            import fcntl
        except ImportError:  # no such lock on this system
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise RecordError(f"{self.path}: another run is writing here; choose another --out") from error


def encode(line: Line) -> bytes:
    """A line as it stands in the file: compact JSON in UTF-8 and a line feed."""
    text = json.dumps(line, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:  # a lone surrogate stands in some string
        return json.dumps(line, separators=(",", ":")).encode() + b"\n"


def read(path: Path) -> Run:
    """The run of a record. A last line cut in the middle is left out; raises RecordError naming any other bad line."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RecordError(f"{path}: cannot read the record ({error.strerror})") from error
    whole, _, rest = data.rpartition(b"\n")
    raw = whole.split(b"\n") if whole else []
    lines = [_parsed(path, number, each) for number, each in enumerate(raw, 1)]
    if rest and (last := _maybe(rest)) is not None:
        lines.append(_checked(path, len(raw) + 1, last))
    return _run(path, lines)


def header(
    *,
    suite: str,
    spec: Mapping[str, Any],
    target: Mapping[str, Any],
    options: Mapping[str, Any],
    seed: int,
    planned: Iterable[str],
    started_at: datetime | None = None,
    redactor: Redactor | None = None,
) -> Line:
    """The first line. `spec` has title, version, sha256 and path; `target` url, profile and models."""
    hide = redactor or Redactor()
    at = (started_at or datetime.now(UTC)).astimezone(UTC)
    return {
        "kind": "run",
        "schema": SCHEMA,
        "suite": suite,
        "spec": dict(spec),
        "target": {**hide.value(target), "url": hide.url(str(target["url"]))},
        "options": hide.value(options),
        "seed": seed,
        "started_at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "planned": list(planned),
    }


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


def verdict(verdict: Verdict, redactor: Redactor | None = None) -> Line:
    """A verdict's line, secrets out."""
    line: Line = (redactor or Redactor()).value(verdict.to_json())
    return line


def end(
    verdicts: Iterable[Verdict],
    *,
    duration_s: float,
    requests: int,
    events: int,
    tokens: int,
    coverage: Mapping[str, Any],
    exit_status: int,
) -> Line:
    """The last line. `coverage` maps a kind of thing to `{"judged": n, "of": m}`, `"missing": [names]` beside it."""
    totals: dict[str, int] = {}
    for each in verdicts:
        totals[str(each.outcome)] = totals.get(str(each.outcome), 0) + 1
    return {
        "kind": "end",
        "duration_s": round(duration_s, 6),
        "totals": totals,
        "requests": requests,
        "events": events,
        "tokens": tokens,
        "coverage": dict(coverage),
        "exit_status": exit_status,
    }


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


def schema() -> Line:
    """The published JSON Schema of one line."""
    document: Line = json.loads(Path(__file__).with_name("record.schema.json").read_text("utf-8"))
    return document


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
    line["truncated"] = cut or len(events) < len(response.events)
    if not line["truncated"] and response.body and response.body != _stream(response.events):
        # The events do not tell how the bytes looked: BOM, comments, CRs, a block without its end.
        line["raw_base64"] = base64.b64encode(_raw(response.body, hide)).decode()
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


def _run(path: Path, lines: list[Line]) -> Run:
    if not lines or lines[0]["kind"] != "run":
        raise RecordError(f"{path}: no record of a run (its first line must have kind 'run')")
    verdicts: dict[str, Verdict] = {}
    exchanges: dict[str, Line] = {}
    others: list[Line] = []
    for number, line in enumerate(lines[1:], 2):
        match line["kind"]:
            case "run":
                raise RecordError(f"{path}:{number}: a second first line; use `contract merge` to join records")
            case "exchange":
                exchanges[line["id"]] = line
            case "verdict":
                verdicts[line["case"]] = Verdict.from_json(line)
            case "end":
                continue
            case _:
                others.append(line)
    last = lines[-1] if lines[-1]["kind"] == "end" else None
    return Run(lines[0], exchanges, tuple(verdicts.values()), last, tuple(others))


def _parsed(path: Path, number: int, raw: bytes) -> Line:
    try:
        line = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise RecordError(f"{path}:{number}: no line of a record ({error})") from error
    return _checked(path, number, line)


def _maybe(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _checked(path: Path, number: int, line: Any) -> Line:
    error = next(_validator().iter_errors(line), None)
    if error is not None:
        where = "/".join(str(each) for each in error.instance_path) or "the line"
        message = str(error.message)
        raise RecordError(f"{path}:{number}: no line of a record ({where}: {message[:200]})")
    checked: Line = line
    return checked


@cache
def _validator() -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(schema())


def _whole_lines(path: Path) -> int:
    """Bytes up to the end of the last whole line."""
    return path.read_bytes().rfind(b"\n") + 1


def _unwritable(path: Path, error: OSError) -> RecordError:
    return RecordError(f"{path}: cannot write the record ({error.strerror}); make room or choose another --out")
