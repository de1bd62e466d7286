"""report.html: one self-contained page, a pure function of a run (and of the spec, for the lines it cites)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contract.rules import RULES
from contract.spec import Spec
from contract.verdict import Outcome, Verdict
from reports import page, text
from reports.causes import Cause, Occurrence, causes
from reports.evidence import Shelf
from reports.known import KnownFailures
from reports.record import Run

_SCRIPTS = ("dom.js", "evidence.js", "report.js", "findings.js", "tables.js")
_OUTCOMES = [str(each) for each in Outcome]
_LINES_BEFORE, _LINES_AFTER = 3, 12
#: Characters of one text of a finding, and of all of them together; with many findings each gets less.
_CELL, _ALL_CELLS = 1200, 3_000_000
#: Findings of one cause that keep what the grammar allowed and the events around.
_DETAILED = 40
#: Findings on a page; where there are more, every cause shows its first ones and says how many it has.
_FINDINGS, _FEWEST = 25_000, 20


def render(run: Run, spec: Spec | None = None, previous: Run | None = None, known: KnownFailures | None = None) -> str:
    """The page as text. `previous` is an earlier record, for since when a cause is there."""
    title = f"{run.header['target']['url']}: contract report"
    return page.render("report.html", _SCRIPTS, title, data(run, spec, previous, known))


def data(run: Run, spec: Spec | None, previous: Run | None, known: KnownFailures | None) -> dict[str, Any]:
    """What the page draws, as plain JSON values; the shapes are those that `page/report.js` reads."""
    found = causes(run.verdicts)
    operations = operation_rows(run, spec)
    places = {row[0]: index for index, row in enumerate(operations)}
    reasons = list(dict.fromkeys(each.reason for each in run.verdicts if each.reason))
    reason_places = {reason: index for index, reason in enumerate(reasons)}
    numbers = {each.case: index for index, each in enumerate(run.verdicts)}
    shelf = Shelf(run, found)
    findings = sum(len(each.occurrences) for each in found)
    share = min(1.0, _FINDINGS / max(1, findings))
    texts = 3 * min(findings, _FINDINGS) + len(reasons)
    limit = min(_CELL, max(60, _ALL_CELLS // max(1, texts)))
    before = _before(previous)
    return {
        "meta": _meta(run),
        "left": _left(run),
        "totals": text.totals(run),
        "coverage": text.coverage(run),
        "outcomes": _OUTCOMES,
        "operations": operations,
        "reasons": [each[:limit] for each in reasons],
        "cases": [_case(each, places, reason_places) for each in run.verdicts],
        "rules": _rules(found),
        "causes": [_cause(each, numbers, limit, share, spec) | _seen(each, before, known) for each in found],
        "exchanges": shelf.exchanges,
        "sequences": {str(numbers[case]): ids for case, ids in shelf.sequences.items() if case in numbers},
    }


def operation_rows(run: Run, spec: Spec | None) -> list[tuple[str, str, str]]:
    """(id, method, path) of every operation of the spec, and of any other that the run names."""
    rows = {each.id: (each.id, each.method, each.path) for each in spec.operations.values()} if spec else {}
    for verdict in run.verdicts:
        if verdict.operation and verdict.operation not in rows:
            rows[verdict.operation] = (verdict.operation, "", "")
    return list(rows.values())


def excerpt(spec: Spec | None, line: int | None) -> tuple[int, list[str], int] | None:
    """(first line number, lines, marked line number) of the contract around `line`: the block that it opens."""
    if spec is None or not line:
        return None
    lines = _lines(spec)
    if not 1 <= line <= len(lines):
        return None
    first = max(1, line - _LINES_BEFORE)
    depth = _indent(lines[line - 1])
    last = line
    while last < min(len(lines), line + _LINES_AFTER) and (
        not lines[last].strip() or _indent(lines[last]) > depth or last < line + _LINES_BEFORE
    ):
        last += 1
    return first, [each[:_CELL] for each in lines[first - 1 : last]], line


def _lines(spec: Spec) -> list[str]:
    return spec.text.split("\n")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _meta(run: Run) -> dict[str, Any]:
    header, end = run.header, run.end or {}
    return {
        "url": header["target"]["url"],
        "profile": header["target"]["profile"],
        "models": [str(each) for each in header["target"]["models"] or ()],
        "spec": header["spec"],
        "suite": header["suite"],
        "seed": header["seed"],
        "started_at": header["started_at"],
        "planned": len(header["planned"]),
        "finished": run.end is not None,
        "left": len(end.get("left", ())),
        **({"warning": text.UNVERIFIED} if text.unverified(run) else {}),
        **{name: end.get(name, 0) for name in ("duration_s", "requests", "events", "tokens")},
    }


def _left(run: Run) -> list[str]:
    left = (run.end or {}).get("left", ())
    return [f"{each.get('kind', '')} {' '.join(map(str, each.get('path', {}).values()))}".strip() for each in left]


def _case(verdict: Verdict, places: Mapping[str, int], reasons: Mapping[str, int]) -> list[Any]:
    return [
        verdict.case,
        places[verdict.operation] if verdict.operation else -1,
        _OUTCOMES.index(verdict.outcome),
        reasons[verdict.reason] if verdict.reason else -1,
        verdict.requests,
        round(verdict.duration_s, 3),
    ]


def _rules(found: list[Cause]) -> dict[str, list[str]]:
    """Rule id -> statement, how to mend it, source, why it is contested."""
    known = {each.rule: RULES[each.rule] for each in found if each.rule in RULES}
    return {name: [rule.statement, rule.mend, rule.source, rule.contested or ""] for name, rule in known.items()}


def cause_id(cause: Cause) -> str:
    """A short name of a cause that stays the same from run to run."""
    pointer = cause.spec.pointer if cause.spec else ""
    return hashlib.sha256(f"{cause.rule}\n{pointer}\n{cause.place}".encode("utf-8", "replace")).hexdigest()[:10]


def _before(previous: Run | None) -> tuple[str, set[str]] | None:
    if previous is None:
        return None
    day = datetime.fromisoformat(previous.header["started_at"]).date().isoformat()
    return day, {cause_id(each) for each in causes(previous.verdicts)}


def _since(cause: Cause, before: tuple[str, set[str]] | None) -> str:
    if before is None:
        return ""
    day, seen = before
    return f"since {day} or before" if cause_id(cause) in seen else f"new since {day}"


def _seen(cause: Cause, before: tuple[str, set[str]] | None, known: KnownFailures | None) -> dict[str, Any]:
    """Since when a cause is there, and the reasons of those findings that are known (by their place)."""
    patterns = known or KnownFailures()
    reasons = [patterns.expected(each.verdict, each.finding) for each in cause.occurrences]
    told = {str(index): reason for index, reason in enumerate(reasons) if reason}
    return {"since": _since(cause, before), "known": told}


def _cause(cause: Cause, numbers: Mapping[str, int], limit: int, share: float, spec: Spec | None) -> dict[str, Any]:
    most = min(len(cause.occurrences), max(_FEWEST, int(len(cause.occurrences) * share)))
    occurrences = enumerate(cause.occurrences[:most])
    return {
        "id": cause_id(cause),
        "rule": cause.rule,
        "keyword": str(cause.keyword),
        "place": cause.place,
        "summary": cause.summary,
        "spec": [cause.spec.pointer, cause.spec.line] if cause.spec else None,
        "excerpt": excerpt(spec, cause.spec.line if cause.spec else None),
        "found": [_occurrence(each, cause, numbers, limit, index < _DETAILED) for index, each in occurrences],
        "count": len(cause.cases),
        "more": len(cause.occurrences) - most,
    }


def _occurrence(each: Occurrence, cause: Cause, numbers: Mapping[str, int], limit: int, detailed: bool) -> list[Any]:
    finding = each.finding
    row: list[Any] = [
        numbers[each.verdict.case],
        finding.summary[:limit] if finding.summary != cause.summary else "",
        finding.expected[:limit],
        finding.actual[:limit],
        finding.where[:_CELL],
        finding.exchange,
    ]
    if detailed and (finding.allowed or finding.excerpt):
        row += [list(finding.allowed[:40]), [line[:400] for line in finding.excerpt[:12]]]
    return row
