"""Every row of every table is needed: without it some stream of the corpus is judged otherwise.

A grammar is a table that code walks, so a row that no stream notices is a rule that nobody saw at work. The corpus is
the one of `test_stream_rules.py`: a stream that breaks a rule and its twin, for each rule and each way to break it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest
from stream_case import StreamCase
from test_stream_rules import CASES

from contract.grammar import Break, Machine, Table
from contract.streams import judge_stream

#: Streams of a bound's size take long and walk no row that a short one does not.
SHORT = [case for case in CASES if len(case.breaking) < 20_000 and len(case.twin) < 20_000]


def judgement(case: StreamCase) -> list[Any]:
    """What is found in both streams of a case, and what the table allowed there."""
    asked = case.request if case.twin_request is None else case.twin_request
    found = []
    for body, request in ((case.breaking, case.request), (case.twin, asked)):
        judged = judge_stream(case.operation, request, case.status, case.content_type, body)
        found.append([(each.rule, each.where, each.actual, each.allowed) for each in judged])
    return found


@cache
def walks() -> dict[str, tuple[Table, list[StreamCase]]]:
    """Table -> the cases whose streams walk it, by the name of the table and of the first operation that has it."""
    met: dict[int, tuple[Table, list[StreamCase]]] = {}
    begin = Machine.__init__
    at_hand: list[StreamCase] = []

    def noted(self: Machine, table: Table) -> None:
        begin(self, table)
        cases = met.setdefault(id(table), (table, []))[1]
        if at_hand[-1:] != cases[-1:]:
            cases.append(at_hand[-1])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Machine, "__init__", noted)
        for case in SHORT:
            at_hand.append(case)
            judgement(case)
    return {f"{table.name} of {cases[0].operation}": (table, cases) for table, cases in met.values()}


#: A word for a change, the mapping that it changes, the key there, and the value instead (None: no such row).
Change = tuple[str, dict[Any, Any], Any, Any]


def changes(table: Table) -> Iterator[Change]:
    """Every row taken out, and every row that leads elsewhere made to stay."""
    for state, moves in table.moves.items():
        for symbol, target in list(moves.items()):
            yield f"{state} -- {symbol} -> {target}", _open(moves), symbol, None
            if target != state:
                yield f"{state} -- {symbol} -> {target}, not staying", _open(moves), symbol, state
    for key, broken in list(table.breaks.items()):
        yield f"{key} breaks {broken.rule}", _open(table.breaks), key, None
        if broken.then:
            yield f"{key} breaks {broken.rule}, then {broken.then}", _open(table.breaks), key, Break(broken.rule)
    for state, rule in list(table.owed.items()):
        yield f"{state} owes {rule}", _open(table.owed), state, None


def _open(mapping: Mapping[Any, Any]) -> dict[Any, Any]:
    assert isinstance(mapping, dict)
    return mapping


def unnoticed(table: Table, cases: list[StreamCase]) -> Iterator[str]:
    """Changes that leave what is found as it is; an exception is a change."""
    right = [judgement(case) for case in cases]
    for told, mapping, key, instead in changes(table):
        whole = dict(mapping)
        if instead is None:
            del mapping[key]
        else:
            mapping[key] = instead
        try:
            if _same(right, cases):
                yield told
        finally:
            mapping.clear()
            mapping.update(whole)


def _same(right: list[Any], cases: list[StreamCase]) -> bool:
    try:
        return all(judgement(case) == found for case, found in zip(cases, right, strict=True))
    except KeyError:
        return False


@pytest.mark.parametrize("name", sorted(walks()))
def test_every_row_of_a_table_is_noticed(name: str) -> None:
    """Taken out or made to lead nowhere, it changes what is found in some stream of the corpus."""
    assert list(unnoticed(*walks()[name])) == []
