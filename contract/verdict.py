"""What is said of a target: findings, outcomes and verdicts. Plain values; no I/O and no prose beyond one line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Keyword(StrEnum):
    """Strength of a requirement (RFC 2119): a broken MUST fails a case, a broken SHOULD warns."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


class Outcome(StrEnum):
    """What became of a case, from best to worst in `SEVERITY`."""

    PASS = "pass"  # noqa: S105 - an outcome, no password
    WARN = "warn"
    FAIL = "fail"
    UNSUPPORTED = "unsupported"
    SKIPPED = "skipped"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"


SEVERITY: tuple[Outcome, ...] = (
    Outcome.PASS,
    Outcome.SKIPPED,
    Outcome.UNSUPPORTED,
    Outcome.INCONCLUSIVE,
    Outcome.WARN,
    Outcome.FAIL,
    Outcome.ERROR,
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the contract says so: a JSON pointer into `openapi.yaml` and its 1-based line."""

    pointer: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken requirement. `where` is a JSON pointer into the body, a header name or `event N`."""

    rule: str
    keyword: Keyword
    summary: str
    expected: str = ""
    actual: str = ""
    where: str = ""
    spec: Place | None = None
    exchange: str | None = None
    #: For streams: what the grammar allowed at that event, and the events around it (already shortened).
    allowed: tuple[str, ...] = ()
    excerpt: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The outcome that this finding alone would give a case."""
        return Outcome.FAIL if self.keyword is Keyword.MUST else Outcome.WARN

    def to_json(self) -> dict[str, Any]:
        """The record's form (`docs/record.schema.json`)."""
        spec = {"pointer": self.spec.pointer, "line": self.spec.line} if self.spec else None
        line: dict[str, Any] = {
            "rule": self.rule,
            "keyword": str(self.keyword),
            "summary": self.summary,
            "expected": self.expected,
            "actual": self.actual,
            "where": self.where,
            "spec": spec,
            "exchange": self.exchange,
        }
        if self.allowed:
            line["allowed"] = list(self.allowed)
        if self.excerpt:
            line["excerpt"] = list(self.excerpt)
        return line

    @classmethod
    def from_json(cls, line: dict[str, Any]) -> Finding:
        """The inverse of `to_json`."""
        spec = line.get("spec")
        return cls(
            rule=line["rule"],
            keyword=Keyword(line["keyword"]),
            summary=line["summary"],
            expected=line.get("expected", ""),
            actual=line.get("actual", ""),
            where=line.get("where", ""),
            spec=Place(spec["pointer"], spec["line"]) if spec else None,
            exchange=line.get("exchange"),
            allowed=tuple(line.get("allowed", ())),
            excerpt=tuple(line.get("excerpt", ())),
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one case. `reason` explains every outcome that is neither pass, warn nor fail."""

    case: str
    operation: str | None
    outcome: Outcome
    reason: str | None = None
    findings: tuple[Finding, ...] = ()
    requests: int = 0
    duration_s: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """The record's form (`"kind": "verdict"`)."""
        return {
            "kind": "verdict",
            "case": self.case,
            "operation": self.operation,
            "outcome": str(self.outcome),
            "reason": self.reason,
            "findings": [finding.to_json() for finding in self.findings],
            "requests": self.requests,
            "duration_s": round(self.duration_s, 6),
        }

    @classmethod
    def from_json(cls, line: dict[str, Any]) -> Verdict:
        """The inverse of `to_json`."""
        return cls(
            case=line["case"],
            operation=line["operation"],
            outcome=Outcome(line["outcome"]),
            reason=line["reason"],
            findings=tuple(Finding.from_json(each) for each in line["findings"]),
            requests=line["requests"],
            duration_s=line["duration_s"],
        )


def worst(findings: Iterable[Finding]) -> Outcome:
    """The outcome of a case that was judged: the worst of its findings, `pass` without any."""
    return max((each.outcome for each in findings), key=SEVERITY.index, default=Outcome.PASS)
