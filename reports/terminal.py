"""The end of a run in a terminal: at most 40 lines, the causes first, then what to do next."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TextIO

from contract.verdict import Keyword
from reports import text
from reports.causes import Cause, Group, by_rule, causes
from reports.known import Stale
from reports.record import Run

LINES = 40
_CAUSES = 10
_STALE = 4
_COLOURS = {"fail": 31, "error": 35, "warn": 33, "pass": 32, "inconclusive": 35, "unsupported": 34, "skipped": 90}


def summary(
    run: Run, out: Path | None = None, *, colour: bool = False, width: int = 100, stale: list[Stale] | None = None
) -> str:
    """The summary as text without a last line feed. `out` is the folder of the reports, for the hint."""
    paint = _Paint(colour)
    found = causes(run.verdicts)
    lines = [paint.bold(f"{text.headline(run)} on {text.one_line(run.header['target']['url'], 80)}"), ""]
    if text.unverified(run):
        lines[1:] = [paint(text.UNVERIFIED, 31), ""]
    groups = by_rule(found)
    for group in groups[:_CAUSES]:
        lines += _group(group, width, paint)
    rest = sum(len(each.causes) for each in groups[_CAUSES:])
    if rest:
        lines.append(f"  and {text.many(rest, 'more cause')}")
    if found:
        lines.append("")
    for each in (stale or [])[:_STALE]:
        lines.append(text.one_line(f"known failures, line {each.pattern.line}: {each.pattern} {each.why}", width))
    if stale and len(stale) > _STALE:
        lines.append(f"  and {len(stale) - _STALE} more")
    lines += [*_counts(run, paint), *_left(run, width), "", *_next(run, found, out)]
    return "\n".join(lines[:LINES])


def wants_colour(stream: TextIO) -> bool:
    """True on a terminal that takes colours and where nobody set `NO_COLOR` (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def show(run: Run, stream: TextIO, out: Path | None = None, stale: list[Stale] | None = None) -> None:
    """Write the summary to `stream`, as wide as it is."""
    width = min(shutil.get_terminal_size((100, 24)).columns, 120) if stream.isatty() else 100
    said = summary(run, out, colour=wants_colour(stream), width=max(width, 60), stale=stale)
    encoding = stream.encoding or "utf-8"
    stream.write(said.encode(encoding, "replace").decode(encoding) + "\n")


class _Paint:
    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def __call__(self, said: str, code: int) -> str:
        return f"\x1b[{code}m{said}\x1b[0m" if self._colour else said

    def bold(self, said: str) -> str:
        return self(said, 1)

    def soft(self, said: str) -> str:
        return self(said, 2)


def _group(group: Group, width: int, paint: _Paint) -> list[str]:
    cause, size = group.first, len(group.causes)
    strength = paint(f"{cause.keyword:<6}", 31 if cause.keyword is Keyword.MUST else 33)
    first = cause.occurrences[0].finding
    said = f"{cause.summary} Got: {first.actual}" if first.actual and size == 1 else cause.summary
    places = [cause.place, text.citation(cause)] if size == 1 else [f"{size} causes"]
    details = [cause.rule, *places, f"{text.many(len(group.cases), 'case')}, such as {group.cases[0]}"]
    return [
        f"{strength} {text.one_line(said, width - 7)}",
        "       " + paint.soft(text.one_line(" · ".join(each for each in details if each), width - 7)),
    ]


def _counts(run: Run, paint: _Paint) -> list[str]:
    counted = text.totals(run)
    shares = [f"{count:,} {paint(outcome, _COLOURS[outcome])}" for outcome, count in counted.items()]
    lines = [f"{', '.join(shares) or 'nothing'} of {text.many(sum(counted.values()), 'case')}"]
    covered = [f"{name.lower()} {done:,} of {of:,}" for name, done, of in text.coverage(run)]
    if covered:
        lines.append(f"covered: {', '.join(covered)}")
    return [*lines, f"took: {text.took(run)}"]


def _left(run: Run, width: int) -> list[str]:
    left = (run.end or {}).get("left", ())
    if not left:
        return []
    names = ", ".join(" ".join([str(each.get("kind", "")), *map(str, each.get("path", {}).values())]) for each in left)
    return [text.one_line(f"left on the target: {names}", width)]


def _next(run: Run, found: list[Cause], out: Path | None) -> list[str]:
    folder = out or Path("contract-report")
    counted = text.totals(run)
    if run.end is None:
        return [f"Next: contract run --resume {folder / 'run.jsonl'} goes on where it stopped."]
    if counted.get("error"):
        return [f"Next: the suite itself broke; report it with the lines of kind verdict in {folder / 'run.jsonl'}."]
    if not text.judged_cases(counted):
        return ["Next: nothing was judged; look at the reasons above, then at the URL and the key."]
    if found:
        return [
            f"Next: open {folder / 'report.html'} for each answer with its curl line;",
            f"      contract rules {found[0].rule} tells how to mend the first.",
        ]
    return [f"Next: keep {folder / 'run.jsonl'}; contract diff tells what changes from here."]
