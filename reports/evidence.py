"""The exchanges that a page shows: the most telling first, cut to what a page can carry."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from contract.sse import Parser
from contract.verdict import Finding
from reports import curl, page, timeline
from reports.causes import Cause
from reports.record import Line, Run

#: Bytes of evidence on a page, and characters of one body: the page stays far below 15 MB.
_BUDGET = 6_000_000
_FIRST_BODY, _OTHER_BODY = 48_000, 6_000
_CURL = 40_000
_ROWS = 240
_HEADER = 2_000


class Shelf:
    """`exchanges` by id in the page's form; `sequences`: case -> ids of its exchanges in order."""

    def __init__(self, run: Run, causes: list[Cause]) -> None:
        """Every cause gets its first exchange before any gets its second."""
        self.exchanges: dict[str, Line] = {}
        self.sequences: dict[str, list[str]] = {}
        self._run = run
        self._marks = _marks(causes)
        self._left = _BUDGET
        self._key = str(run.header["options"].get("auth-env") or "OPENAI_API_KEY")
        by_case = _by_case(run)
        for place, (case, identifier) in _order(causes):
            for each in by_case.get(case, [identifier]):
                self._put(each, _FIRST_BODY if place == 0 else _OTHER_BODY)
            self._put(identifier, _FIRST_BODY if place == 0 else _OTHER_BODY)
            self.sequences[case] = by_case.get(case, [identifier])

    def _put(self, identifier: str, limit: int) -> None:
        if identifier in self.exchanges or identifier not in self._run.exchanges or self._left <= 0:
            return
        line = self._run.exchanges[identifier]
        shown = _shown(line, limit, self._marks.get(identifier, []), curl.line(line, self._key))
        self._left -= len(page.embed(shown).encode())
        if self._left > 0:
            self.exchanges[identifier] = shown


def _by_case(run: Run) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for identifier, line in run.exchanges.items():
        if "case" in line:
            found.setdefault(line["case"], []).append(identifier)
    return found


def _order(causes: list[Cause]) -> Iterator[tuple[int, tuple[str, str]]]:
    """(how many of the cause came before, (case, exchange id)): round by round over the causes."""
    columns = [[(o.verdict.case, o.finding.exchange) for o in cause.occurrences] for cause in causes]
    for place, row in enumerate(zip_longest(*columns)):
        for pair in row:
            if pair and pair[1]:
                yield place, (pair[0], pair[1])


def event_number(finding: Finding) -> int | None:
    """The 1-based number of the event that a finding names."""
    word, _, number = finding.where.rpartition("event ")
    return int(number) if number.isascii() and number.isdigit() and word in {"", "end, after "} else None


def _marks(causes: list[Cause]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for cause in causes:
        for each in cause.occurrences:
            finding, number = each.finding, event_number(each.finding)
            if finding.exchange and number:
                mark = {
                    "n": number,
                    "rule": finding.rule,
                    "keyword": str(finding.keyword),
                    "summary": finding.summary,
                    "allowed": list(finding.allowed[:40]),
                }
                marks = found.setdefault(finding.exchange, [])
                if mark not in marks:
                    marks.append(mark)
    return found


def _shown(line: Line, limit: int, marks: list[Line], command: str) -> Line:
    request, response = line["request"], line["response"]
    shown: Line = {
        "method": request["method"],
        "url": request["url"][:_HEADER],
        "request": _part(request, limit),
        "curl": command if len(command) <= _CURL else "",
        "error": line["error"],
        "elapsed_s": line["elapsed_s"],
        "response": None,
        "marks": marks,
    }
    if response is None:
        return shown
    headers = [[name[:_HEADER], value[:_HEADER]] for name, value in response["headers"][:100]]
    shown["response"] = {"status": response["status"], "headers": headers, **_part(response, limit)}
    return {**shown, **_stream(response, marks)} if "events" in response else shown


def _stream(response: Line, marks: list[Line]) -> Line:
    events = response["events"]
    marked = {mark["n"] for mark in marks}
    rows = [row.to_json() for row in timeline.rows(events, marked)]
    if len(rows) > _ROWS:
        near = {index for index, row in enumerate(rows) if any(abs(row[0] - n) <= 6 for n in marked)}
        rows = [row for index, row in enumerate(rows) if index < _ROWS // 2 or index >= len(rows) - 40 or index in near]
        rows = rows[: 2 * _ROWS]
    total = max((number for number, _ in timeline.numbered(events)), default=0)
    partial = response["truncated"] or total > len(events)
    return {"rows": rows, "total": total, "partial": partial, **_texts(response, events, partial=partial)}


def _texts(response: Line, events: list[Line], *, partial: bool) -> Line:
    """What the deltas of the whole stream add up to, where the record has all of it."""
    if partial and "raw_base64" in response:
        parser = Parser()
        parsed = [*parser.feed(base64.b64decode(response["raw_base64"])), *parser.close()]
        return {"texts": timeline.texts([{"data": each.data} for each in parsed]), "gaps": False}
    return {"texts": timeline.texts(events), "gaps": partial}


def _part(part: Line, limit: int) -> Line:
    kept: dict[str, Any] = {}
    for name in ("body", "body_base64"):
        if name in part:
            kept[name] = part[name][:limit]
            if len(part[name]) > limit:
                kept["cut"] = True
    if part.get("truncated"):
        kept["truncated"] = True
    return kept
