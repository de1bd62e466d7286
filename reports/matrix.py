"""Several targets side by side: a page of operations and targets, each cell opens the findings behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from contract.spec import Spec
from contract.verdict import Outcome, Verdict
from reports import page, text
from reports.causes import Cause, causes
from reports.html import excerpt, operation_rows
from reports.record import Run

_SCRIPTS = ("dom.js", "matrix.js")
_EXAMPLES = 3
_LONGEST = 400


def render(runs: Sequence[Run], spec: Spec | None = None) -> str:
    """The page as text; targets in the order given."""
    return page.render("matrix.html", _SCRIPTS, "Contract matrix", data(runs, spec))


def data(runs: Sequence[Run], spec: Spec | None) -> dict[str, Any]:
    """What the page draws; the shapes are those that `page/matrix.js` reads."""
    rows = dict.fromkeys(row for run in runs for row in operation_rows(run, spec))
    # A spec gives method and path; without one a run's own rows have neither.
    operations = [row for row in rows if row[1] or not any(other[0] == row[0] and other[1] for other in rows)]
    return {
        "operations": operations,
        "outcomes": [str(each) for each in Outcome],
        "targets": [_target(run, spec) for run in runs],
    }


def _target(run: Run, spec: Spec | None) -> dict[str, Any]:
    header = run.header
    by_operation: dict[str, list[Verdict]] = {}
    for each in run.verdicts:
        if each.operation:
            by_operation.setdefault(each.operation, []).append(each)
    return {
        "url": header["target"]["url"],
        "profile": header["target"]["profile"],
        "started_at": header["started_at"],
        "headline": text.headline(run),
        "finished": run.end is not None,
        "totals": text.totals(run),
        "cells": {operation: _cell(verdicts, spec) for operation, verdicts in by_operation.items()},
    }


def _cell(verdicts: list[Verdict], spec: Spec | None) -> dict[str, Any]:
    counted: dict[str, int] = {}
    reasons: dict[str, int] = {}
    for each in verdicts:
        counted[str(each.outcome)] = counted.get(str(each.outcome), 0) + 1
        if each.reason:
            said = f"{each.outcome}: {text.one_line(each.reason, _LONGEST)}"
            reasons[said] = reasons.get(said, 0) + 1
    return {
        "totals": counted,
        "causes": [_cause(each, spec) for each in causes(verdicts)],
        "reasons": sorted(reasons.items(), key=lambda each: (-each[1], each[0]))[:20],
    }


def _cause(cause: Cause, spec: Spec | None) -> dict[str, Any]:
    first = cause.occurrences[0].finding
    lines = excerpt(spec, cause.spec.line if cause.spec else None)
    return {
        "rule": cause.rule,
        "keyword": str(cause.keyword),
        "summary": cause.summary,
        "place": cause.place,
        "citation": text.citation(cause),
        "line": lines[1][lines[2] - lines[0]].strip() if lines else "",
        "expected": first.expected[:_LONGEST],
        "actual": first.actual[:_LONGEST],
        "cases": list(cause.cases[:_EXAMPLES]),
        "count": len(cause.cases),
    }
