"""The catalogue of rules: one id for pass and fail, its statement, its strength and where the contract says so.

Whoever checks a rule registers it (`register`) in the module that checks it; a duplicate id raises.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from contract.verdict import Keyword


@dataclass(frozen=True, slots=True)
class Rule:
    """One requirement: `id` never changes, `statement` is the sentence that reports show."""

    id: str
    keyword: Keyword
    statement: str
    #: openapi.yaml line, RFC or WHATWG section, as text: "openapi.yaml:16559", "RFC 9110 15.5.6".
    source: str
    #: One line: how the author of a server mends it.
    mend: str = ""
    #: "status", "schema", "stream/chat", ...: the family, used for grouping.
    subject: str = ""
    #: Why the reading is disputed; a contested rule never fails a case.
    contested: str | None = None


RULES: dict[str, Rule] = {}


def register(*rules: Rule) -> tuple[Rule, ...]:
    """Add rules to the catalogue and return them. Raises ValueError on an id that is taken."""
    for rule in rules:
        if rule.id in RULES:
            raise ValueError(f"rule id {rule.id!r} is registered twice")
        RULES[rule.id] = rule
    return rules


def of_subject(subjects: Iterable[str]) -> list[Rule]:
    """Rules whose subject is one of `subjects`, in order of registration."""
    wanted = set(subjects)
    return [rule for rule in RULES.values() if rule.subject in wanted]
