"""The file of known failures: globs of case and rule, each with its reason, strict both ways.

One pattern a line: `case-glob rule-glob  # reason`. `*` stands for any text, `/` included; blank lines and lines that
begin with `#` are passed over. Every pattern has to be earned: one that no case of the suite matches is stale, one
whose cases were judged and no longer show the finding is an unexpected pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from contract.errors import UsageError
from contract.verdict import Finding, Outcome, Verdict
from reports.record import Run

_JUDGED = frozenset({Outcome.PASS, Outcome.WARN, Outcome.FAIL})


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line of the file."""

    case: str
    rule: str
    reason: str
    line: int

    def matches(self, case: str, rule: str) -> bool:
        """True where this pattern expects `rule` broken in `case`."""
        return fnmatchcase(case, self.case) and fnmatchcase(rule, self.rule)

    def __str__(self) -> str:
        """The line without its reason."""
        return f"{self.case} {self.rule}"


@dataclass(frozen=True, slots=True)
class Stale:
    """A pattern that was not earned, and why, in one line."""

    pattern: Pattern
    why: str


@dataclass(frozen=True, slots=True)
class KnownFailures:
    """The patterns of a file, in order; the first that matches speaks."""

    patterns: tuple[Pattern, ...] = ()

    def expected(self, verdict: Verdict, finding: Finding) -> str | None:
        """The reason why this finding is known, None where it is not."""
        return next((each.reason for each in self.patterns if each.matches(verdict.case, finding.rule)), None)

    def unexpected(self, verdict: Verdict) -> tuple[Finding, ...]:
        """The findings of a verdict that no pattern expects."""
        return tuple(each for each in verdict.findings if self.expected(verdict, each) is None)

    def counts(self, verdicts: Iterable[Verdict]) -> Mapping[Pattern, int]:
        """Pattern -> how many findings it matches."""
        found = dict.fromkeys(self.patterns, 0)
        for verdict in verdicts:
            for finding in verdict.findings:
                for pattern in self.patterns:
                    found[pattern] += pattern.matches(verdict.case, finding.rule)
        return found

    def stale(self, run: Run, catalogue: Iterable[str] = ()) -> list[Stale]:
        """Patterns that were not earned. `catalogue` names all cases of the suite, for runs that play only some;
        a pattern whose cases this run did not judge is left in peace.
        """
        played = {each.case: each.outcome for each in run.verdicts}
        known = {*catalogue, *run.header["planned"], *played}
        counts = self.counts(run.verdicts)
        found = []
        for pattern in self.patterns:
            judged = [case for case, out in played.items() if out in _JUDGED and fnmatchcase(case, pattern.case)]
            if not any(fnmatchcase(case, pattern.case) for case in known):
                found.append(Stale(pattern, "matches no case"))
            elif judged and not counts[pattern]:
                found.append(Stale(pattern, f"unexpected pass: {_names(judged)} no longer shows it"))
        return found


def load(path: Path) -> KnownFailures:
    """The patterns of a file. Raises UsageError naming the line that is none, has no reason or stands twice."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "no UTF-8 text"
        raise UsageError(f"{path}: cannot read the known failures ({why})") from error
    patterns: list[Pattern] = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        globs, _, reason = line.partition(" #")
        words = globs.split()
        if len(words) != 2 or not reason.strip():
            raise UsageError(f"{path}:{number}: write `case-glob rule-glob  # reason`")
        if any((each.case, each.rule) == tuple(words) for each in patterns):
            raise UsageError(f"{path}:{number}: this pattern stands above already")
        patterns.append(Pattern(words[0], words[1], reason.strip(), number))
    return KnownFailures(tuple(patterns))


def _names(cases: list[str]) -> str:
    return cases[0] if len(cases) == 1 else f"{cases[0]} and {len(cases) - 1} more"
