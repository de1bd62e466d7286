"""Findings grouped by root cause: one defect that breaks forty cases is one entry."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from contract.verdict import Finding, Keyword, Place, Verdict

_NUMBER = re.compile(r"(?<=/)\d+(?=/|$)")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A finding with the case that met it."""

    verdict: Verdict
    finding: Finding


@dataclass(frozen=True, slots=True)
class Cause:
    """What is broken: the same rule, the same line of the contract, the same place in the answer."""

    rule: str
    keyword: Keyword
    spec: Place | None
    place: str
    occurrences: tuple[Occurrence, ...]

    @property
    def summary(self) -> str:
        """The sentence of the first finding."""
        return self.occurrences[0].finding.summary

    @property
    def cases(self) -> tuple[str, ...]:
        """Ids of the cases, in order, each once."""
        return tuple(dict.fromkeys(each.verdict.case for each in self.occurrences))

    @property
    def operations(self) -> tuple[str, ...]:
        """Ids of the operations, in order, each once."""
        return tuple(dict.fromkeys(each.verdict.operation for each in self.occurrences if each.verdict.operation))


#: From so many causes on, the causes of one rule are told as one group.
FOLD = 4


@dataclass(frozen=True, slots=True)
class Group:
    """Causes that are told together: all of one rule where it is broken in many places, else a single one."""

    causes: tuple[Cause, ...]

    @property
    def first(self) -> Cause:
        """The cause that breaks the most cases."""
        return self.causes[0]

    @property
    def cases(self) -> tuple[str, ...]:
        """Ids of the cases, in order, each once."""
        return tuple(dict.fromkeys(case for each in self.causes for case in each.cases))


def by_rule(found: Iterable[Cause]) -> list[Group]:
    """Causes grouped for a reader; broken MUSTs first, then by how many cases they break."""
    rules: dict[tuple[str, Keyword], list[Cause]] = {}
    for each in found:
        rules.setdefault((each.rule, each.keyword), []).append(each)
    groups: list[Group] = []
    for causes in rules.values():
        groups += [Group(tuple(causes))] if len(causes) >= FOLD else [Group((each,)) for each in causes]
    return sorted(groups, key=lambda each: (_RANK[each.first.keyword], -len(each.cases), each.first.rule))


def normal_place(where: str) -> str:
    """A place without what differs from case to case: array indices and event numbers."""
    if where.startswith("/"):
        return _NUMBER.sub("*", where)
    for prefix in ("event ", "end, after event "):
        if where.startswith(prefix):
            return prefix.split()[0].rstrip(",")
    # "stream" counts what a stream broke beyond the findings that are shown: the same cause.
    return "event" if where == "stream" else where.lower()


def causes(verdicts: Iterable[Verdict]) -> list[Cause]:
    """The causes behind all findings: broken MUSTs first, then by how many cases they break."""
    groups: dict[tuple[str, str, str], list[Occurrence]] = {}
    for verdict in verdicts:
        for finding in verdict.findings:
            pointer = finding.spec.pointer if finding.spec else ""
            key = (finding.rule, pointer, normal_place(finding.where))
            groups.setdefault(key, []).append(Occurrence(verdict, finding))
    found = [_cause(place, occurrences) for (_, _, place), occurrences in groups.items()]
    return sorted(found, key=lambda each: (_RANK[each.keyword], -len(each.cases), each.rule, each.place))


_RANK = {Keyword.MUST: 0, Keyword.SHOULD: 1, Keyword.MAY: 2}


def _cause(place: str, occurrences: list[Occurrence]) -> Cause:
    first = min((each.finding for each in occurrences), key=lambda each: _RANK[each.keyword])
    return Cause(first.rule, first.keyword, first.spec, place, tuple(occurrences))
