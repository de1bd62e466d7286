"""The record of a run: JSON lines, written while the run goes on, secrets already out (`record.schema.json`).

`Writer` appends, `read` gives a `Run`; `header`, `exchange`, `verdict` and `end` make the lines. A run that was killed
is a readable record without an `end`; only its last line may be cut.
"""

from __future__ import annotations

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
from contract.redact import Redactor
from contract.verdict import Verdict
from reports.exchanges import BODY_LIMIT, Line, exchange, load_exchange

__all__ = [
    "BODY_LIMIT",
    "SCHEMA",
    "Line",
    "Run",
    "Writer",
    "encode",
    "end",
    "exchange",
    "header",
    "load_exchange",
    "read",
    "schema",
    "verdict",
]

SCHEMA = 1


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


def schema() -> Line:
    """The published JSON Schema of one line."""
    document: Line = json.loads(Path(__file__).with_name("record.schema.json").read_text("utf-8"))
    return document


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
