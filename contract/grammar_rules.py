"""Rules of a stream surface as rows: short to write, registered all at once."""

from __future__ import annotations

from contract.rules import Rule, register
from contract.verdict import Keyword

MUST, SHOULD, MAY = Keyword.MUST, Keyword.SHOULD, Keyword.MAY

#: id, keyword, statement, source, then (MUST and SHOULD) how to mend it and, where disputed, why.
Row = tuple[str, Keyword, str, str] | tuple[str, Keyword, str, str, str] | tuple[str, Keyword, str, str, str, str]


def rule_rows(subject: str, *rows: Row) -> tuple[Rule, ...]:
    """Register `rows` under `subject`. Raises ValueError for a taken id or a disputed MUST."""
    made = tuple(_rule(subject, *row) for row in rows)
    return register(*made)


def _rule(
    subject: str, rule: str, keyword: Keyword, statement: str, source: str, mend: str = "", contested: str | None = None
) -> Rule:
    if contested and keyword is Keyword.MUST:
        raise ValueError(f"{rule}: a contested rule never fails a case, register it as SHOULD")
    return Rule(rule, keyword, statement, source, mend, subject, contested)
