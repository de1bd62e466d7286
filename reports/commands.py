"""What `contract report`, `merge`, `diff` and `matrix` do, as functions of plain values; the reports of a run."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from contract.errors import RecordError, UsageError
from contract.spec import Spec
from reports import html, junit, markdown, record
from reports.known import KnownFailures
from reports.record import Run

if TYPE_CHECKING:
    from reports.merge import Recount

#: Format of `contract report` -> the name that it has beside a record.
FORMATS = {"html": "report.html", "junit": "junit.xml", "markdown": "summary.md", "json": "report.json"}


def write_all(
    run: Run, out: Path, spec: Spec | None, *, previous: Run | None = None, known: KnownFailures | None = None
) -> None:
    """Write report.html, junit.xml and summary.md to `out`. `previous` tells since when a cause is there, `known`
    which findings are expected. Raises RecordError where a file cannot be written.
    """
    _write(out / FORMATS["html"], html.render(run, spec, previous, known))
    _write(out / FORMATS["junit"], junit.render(run, known))
    _write(out / FORMATS["markdown"], markdown.render(run, known))


def report(
    path: Path,
    form: str,
    out: Path | None,
    spec: Spec | None,
    *,
    previous: Path | None = None,
    known: KnownFailures | None = None,
    write: Callable[[str], object] | None = None,
) -> int:
    """Render a record in one of `FORMATS`. Without `out` a page goes beside the record, all else to `write`."""
    run = record.read(path)
    said = render(run, form, spec, record.read(previous) if previous else None, known)
    if out is None and (form == "html" or write is None):
        out = path.with_name(FORMATS[form])
    if out is None and write is not None:
        write(said)
    elif out is not None:
        _write(out / FORMATS[form] if out.is_dir() else out, said)
    return 0


def render(
    run: Run, form: str, spec: Spec | None, previous: Run | None = None, known: KnownFailures | None = None
) -> str:
    """A run in one of `FORMATS`. Raises UsageError on any other."""
    match form:
        case "html":
            return html.render(run, spec, previous, known)
        case "junit":
            return junit.render(run, known)
        case "markdown":
            return markdown.render(run, known)
        case "json":
            return as_json(run)
    raise UsageError(f"--format {form}: choose one of {', '.join(FORMATS)}")


def as_json(run: Run) -> str:
    """The run as one JSON document."""
    document = {
        "run": run.header,
        "exchanges": list(run.exchanges.values()),
        "verdicts": [each.to_json() for each in run.verdicts],
        "notes": list(run.others),
        "end": run.end,
    }
    return json.dumps(document, indent=1, ensure_ascii=True) + "\n"


def merge(paths: Sequence[Path], out: Path, recount: Recount | None = None) -> Run:
    """Write the records of shards as one record to `out`; returns it, its exit status is in `end`."""
    from reports import merge as merging  # a run needs none of merge, diff and matrix

    if any(out.resolve() == path.resolve() for path in paths):
        raise UsageError(f"--out {out}: is one of the records to be merged")
    merged = merging.merge([record.read(path) for path in paths], recount)
    with record.Writer(out) as writer:
        for line in merged.lines():
            writer.write(line)
    return merged


def compare(old: Path, new: Path, form: str, write: Callable[[str], object]) -> int:
    """Say what changed between two records as text, json or markdown; 1 where something broke."""
    from reports import diff

    renderers = {"text": diff.render_text, "json": diff.render_json, "markdown": diff.render_markdown}
    if form not in renderers:
        raise UsageError(f"--format {form}: choose one of {', '.join(renderers)}")
    found = diff.diff(record.read(old), record.read(new))
    write(renderers[form](found))
    return 1 if found.broke else 0


def side_by_side(paths: Sequence[Path], out: Path, spec: Spec | None) -> int:
    """Write the page of operations and targets to `out`."""
    from reports import matrix

    if not paths:
        raise UsageError("no record: give the run.jsonl of each target")
    _write(out, matrix.render([record.read(path) for path in paths], spec))
    return 0


def _write(path: Path, said: str) -> None:
    """All of a file or nothing: a full disk leaves no half page."""
    name = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(said.encode("utf-8", "replace"))
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError as error:
        if name:
            Path(name).unlink(missing_ok=True)
        raise RecordError(f"{path}: cannot write the report ({error.strerror}); choose another --out") from error
