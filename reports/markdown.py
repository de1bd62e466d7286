"""summary.md: the run on one page of Markdown, for the summary of a CI job."""

from __future__ import annotations

import re
from collections.abc import Iterable

from contract.verdict import Verdict
from reports import text
from reports.causes import Cause, Group, by_rule, causes
from reports.known import KnownFailures
from reports.record import Run

_CAUSES = 50
_REASONS = 20
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#|~!&@])")


def render(run: Run, known: KnownFailures | None = None) -> str:
    """The summary; causes first, then operations, then what was not judged."""
    found = causes(run.verdicts)
    parts = [_head(run), _causes(found, known), _operations(run.verdicts), _unjudged(run.verdicts)]
    return "\n\n".join(part for part in parts if part) + "\n"


def escape(value: str, limit: int = 160) -> str:
    """Text that Markdown and HTML take as it stands, on one line."""
    return _SPECIAL.sub(lambda match: f"&#{ord(match.group())};", text.one_line(value, limit))


def code(value: str, limit: int = 160) -> str:
    """The same in a code font."""
    return f"<code>{escape(value, limit)}</code>" if value else ""


def table(head: tuple[str, ...], rows: Iterable[Iterable[str]], right: tuple[int, ...] = ()) -> str:
    """A Markdown table; columns in `right` are aligned to the right."""
    ruler = ["---:" if index in right else "---" for index in range(len(head))]
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ruler, *rows])


def _head(run: Run) -> str:
    header = run.header
    counted = text.totals(run)
    spec = f"{escape(header['spec']['title'])} {escape(header['spec']['version'])}"
    when = f"seed {header['seed']}, started {escape(header['started_at'])}; {text.took(run)}."
    target = code(header["target"]["url"])
    lines = [f"# {text.headline(run)}", "", f"Target {target}, {spec}, {when}", ""]
    if text.unverified(run):
        lines += [f"**{text.UNVERIFIED}**", ""]
    if run.end is None:
        lines += ["**The run was cut off.**", ""]
    total = sum(counted.values())
    rows = [(outcome, f"{count:,}", f"of {total:,}") for outcome, count in counted.items()]
    rows += [(name, f"{done:,}", f"of {of:,}") for name, done, of in text.coverage(run)]
    return "\n".join([*lines, table(("what", "cases", ""), rows, (1,))])


def _causes(found: list[Cause], known: KnownFailures | None) -> str:
    if not found:
        return "## Findings by cause\n\nNone."
    groups = by_rule(found)
    rows = [_group(each, known) for each in groups[:_CAUSES]]
    head = ("", "what is broken", "rule", "where", "contract", "cases", "for example")
    rest = sum(len(each.causes) for each in groups[_CAUSES:])
    more = f"\n\nAnd {text.many(rest, 'more cause')}." if rest else ""
    return f"## Findings by cause\n\n{text.many(len(found), 'cause')}.\n\n{table(head, rows, (5,))}{more}"


def _group(group: Group, known: KnownFailures | None) -> tuple[str, ...]:
    cause, size = group.first, len(group.causes)
    first = cause.occurrences[0]
    reason = known.expected(first.verdict, first.finding) if known else None
    said = f" Got: {escape(first.finding.actual, 120)}" if first.finding.actual and size == 1 else ""
    note = f" (known: {escape(reason)})" if reason else ""
    return (
        str(cause.keyword),
        f"{escape(cause.summary)}{said}{note}",
        code(cause.rule),
        code(cause.place, 80) if size == 1 else f"{size} places",
        code(text.citation(cause)) if size == 1 else "",
        f"{len(group.cases):,}",
        code(group.cases[0]),
    )


def _operations(verdicts: Iterable[Verdict]) -> str:
    counted: dict[str, dict[str, int]] = {}
    for each in verdicts:
        outcomes = counted.setdefault(each.operation or "none", {})
        outcomes[str(each.outcome)] = outcomes.get(str(each.outcome), 0) + 1
    shown = [outcome for outcome in text.ORDER if any(outcome in each for each in counted.values())]
    rows = [
        [code(operation), *(f"{outcomes[each]:,}" if each in outcomes else "" for each in shown)]
        for operation, outcomes in sorted(counted.items())
    ]
    if not rows:
        return ""
    right = tuple(range(1, len(shown) + 1))
    inner = table(("operation", *shown), rows, right)
    return f"<details><summary>Operations ({len(rows)})</summary>\n\n{inner}\n\n</details>"


def _unjudged(verdicts: Iterable[Verdict]) -> str:
    groups: dict[tuple[str, str], int] = {}
    for each in verdicts:
        if each.reason:
            key = (str(each.outcome), each.reason)
            groups[key] = groups.get(key, 0) + 1
    if not groups:
        return ""
    ordered = sorted(groups.items(), key=lambda each: (-each[1], each[0]))
    rows = [(outcome, escape(reason), f"{count:,}") for (outcome, reason), count in ordered[:_REASONS]]
    more = f"\n\nAnd {text.many(len(ordered) - _REASONS, 'more reason')}." if len(ordered) > _REASONS else ""
    return f"## Not judged, and why\n\n{table(('outcome', 'reason', 'cases'), rows, (2,))}{more}"
