"""What changed between two records of a target: broken, mended, new, gone, unstable.

Cases and rules are compared, never drawn values. Where the seeds differ, a case that meets a rule which the same
operation broke on the other side too is `unstable`: other values met the same defect.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from contract.verdict import Keyword, Outcome, Verdict
from reports import text
from reports.markdown import code, escape, table
from reports.record import Run

_JUDGED = frozenset({Outcome.PASS, Outcome.WARN, Outcome.FAIL})
#: Kind -> what it says, in the order in which they are told.
KINDS = {
    "broken": "held before and is broken now",
    "mended": "was broken before and holds now",
    "new": "was not judged before",
    "gone": "was judged before and was not played now",
    "unstable": "changed for a reason other than the target's answer to the same request",
    "warned": "a broken SHOULD that was not there before",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One case, and the rule where one is to blame; outcomes are None where the case is not in that record."""

    kind: str
    case: str
    operation: str | None
    before: Outcome | None
    after: Outcome | None
    rule: str | None = None
    summary: str = ""

    def to_json(self) -> dict[str, Any]:
        """The change as a JSON object."""
        before, after = (None if each is None else str(each) for each in (self.before, self.after))
        return {
            "kind": self.kind,
            "case": self.case,
            "operation": self.operation,
            "before": before,
            "after": after,
            "rule": self.rule,
            "summary": self.summary,
        }


@dataclass(frozen=True, slots=True)
class Diff:
    """All changes, sorted by kind, case and rule; `same` counts the cases without any."""

    old: Run
    new: Run
    changes: tuple[Change, ...] = ()
    same: int = 0

    def of(self, kind: str) -> list[Change]:
        """The changes of one kind."""
        return [each for each in self.changes if each.kind == kind]

    @property
    def broke(self) -> bool:
        """True where something is broken, or fails that was not judged before."""
        return bool(self.of("broken")) or any(each.after is Outcome.FAIL for each in self.of("new"))


@dataclass(frozen=True, slots=True)
class _Side:
    run: Run
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    #: (operation, rule) of every broken requirement.
    broken: frozenset[tuple[str | None, str]] = frozenset()

    @classmethod
    def of(cls, run: Run) -> _Side:
        """A record, ready to be looked up in."""
        broken = frozenset((each.operation, finding.rule) for each in run.verdicts for finding in each.findings)
        return cls(run, {each.case: each for each in run.verdicts}, broken)


def diff(old: Run, new: Run) -> Diff:
    """What changed from `old` to `new`."""
    before, after = _Side.of(old), _Side.of(new)
    same_seed = old.header["seed"] == new.header["seed"]
    found: list[Change] = []
    same = 0
    for case in sorted({*before.verdicts, *after.verdicts}):
        changes = list(_case(before, after, case, same_seed=same_seed))
        found += changes
        same += not changes
    order = list(KINDS)
    found.sort(key=lambda each: (order.index(each.kind), each.case, each.rule or ""))
    return Diff(old, new, tuple(found), same)


def _case(before: _Side, after: _Side, case: str, *, same_seed: bool) -> Iterator[Change]:
    was, now = before.verdicts.get(case), after.verdicts.get(case)
    if was is None or now is None or not {was.outcome, now.outcome} <= _JUDGED:
        kind = _unjudged(was, now)
        if kind:
            yield _change(kind, was, now, _first_rule(now if kind == "new" else was))
        return
    rules_was, rules_now = _rules(was), _rules(now)
    for rule in sorted(rules_now.keys() - rules_was.keys()):
        known = not same_seed and (now.operation, rule) in before.broken
        kind = "unstable" if known else "broken" if rules_now[rule] is Keyword.MUST else "warned"
        yield _change(kind, was, now, rule)
    for rule in sorted(rules_was.keys() - rules_now.keys()):
        known = not same_seed and (was.operation, rule) in after.broken
        yield _change("unstable" if known else "mended", was, now, rule)
    for rule in sorted(rules_was.keys() & rules_now.keys()):
        if rules_was[rule] is not rules_now[rule]:
            yield _change("broken" if rules_now[rule] is Keyword.MUST else "mended", was, now, rule)


def _unjudged(was: Verdict | None, now: Verdict | None) -> str | None:
    """The kind of a change where one side did not judge the case; None: nothing to say."""
    then = was.outcome if was else None
    here = now.outcome if now else None
    if then == here:
        return None
    if here in _JUDGED:
        return "new"
    if then is Outcome.UNSUPPORTED:
        return "gone" if now is None else "unstable"
    if then in _JUDGED and here is Outcome.UNSUPPORTED:
        return "broken" if then is not Outcome.FAIL else "unstable"
    if then in _JUDGED:
        return "gone" if here in {None, Outcome.SKIPPED} else "unstable"
    return None if {then, here} <= {None, Outcome.SKIPPED} else "unstable"


def _rules(verdict: Verdict) -> dict[str, Keyword]:
    """Broken rules with the strongest keyword of each."""
    found: dict[str, Keyword] = {}
    for each in verdict.findings:
        if found.get(each.rule) is not Keyword.MUST:
            found[each.rule] = each.keyword
    return found


def _first_rule(verdict: Verdict | None) -> str | None:
    rules = _rules(verdict) if verdict else {}
    return next((rule for rule, keyword in rules.items() if keyword is Keyword.MUST), next(iter(rules), None))


def _change(kind: str, was: Verdict | None, now: Verdict | None, rule: str | None) -> Change:
    known = now or was
    if known is None:
        raise ValueError("a change needs a verdict")
    sides = [each for each in (now, was) if each]
    summaries = [finding.summary for side in sides for finding in side.findings if finding.rule == rule]
    summary = next(iter(summaries), "") or next((each.reason for each in sides if each.reason), "")
    outcomes = (was.outcome if was else None, now.outcome if now else None)
    return Change(kind, known.case, known.operation, *outcomes, rule, summary)


def render_json(found: Diff) -> str:
    """One JSON document: counts, and the changes by kind."""
    document = {
        "old": _side(found.old),
        "new": _side(found.new),
        "counts": {kind: len(found.of(kind)) for kind in KINDS} | {"same": found.same},
        **{kind: [each.to_json() for each in found.of(kind)] for kind in KINDS},
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _side(run: Run) -> dict[str, Any]:
    header = run.header
    return {"target": header["target"]["url"], "seed": header["seed"], "started_at": header["started_at"]}


def render_text(found: Diff, limit: int = 20) -> str:
    """For a terminal: counts first, then at most `limit` changes of each kind."""
    lines = [headline(found), *_cut_off(found), ""]
    for kind, changes in _told(found):
        lines.append(f"{kind} ({len(changes)}): {KINDS[kind]}")
        for each in changes[:limit]:
            says = f", {each.rule}: {each.summary}" if each.rule else f", {each.summary}" if each.summary else ""
            lines.append("  " + text.one_line(f"{each.case}: {_arrow(each)}{says}", 200))
        if len(changes) > limit:
            lines.append(f"  and {len(changes) - limit} more")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def render_markdown(found: Diff, limit: int = 100) -> str:
    """For the summary of a CI job."""
    parts = [f"# {headline(found)}", *_cut_off(found)]
    for kind, changes in _told(found):
        rows = [
            (code(each.case), _arrow(each), code(each.rule or ""), escape(each.summary, 120))
            for each in changes[:limit]
        ]
        more = f"\n\nAnd {len(changes) - limit} more." if len(changes) > limit else ""
        inner = table(("case", "outcome", "rule", "what it says"), rows)
        parts.append(f"## {kind.capitalize()} ({len(changes)}): {KINDS[kind]}\n\n{inner}{more}")
    return "\n\n".join(parts) + "\n"


def headline(found: Diff) -> str:
    """The counts in one line."""
    counts = [f"{len(changes)} {kind}" for kind, changes in _told(found)]
    return f"{', '.join(counts) or 'No change'}, {text.many(found.same, 'case')} the same"


def _cut_off(found: Diff) -> list[str]:
    """A word of warning where one of the runs did not reach its end."""
    names = [name for name, run in (("old", found.old), ("new", found.new)) if run.end is None]
    return [f"The {name} run was cut off: some cases were only not reached." for name in names]


def _told(found: Diff) -> Iterable[tuple[str, list[Change]]]:
    return ((kind, changes) for kind in KINDS if (changes := found.of(kind)))


def _arrow(change: Change) -> str:
    return f"{change.before or 'absent'} → {change.after or 'absent'}"
