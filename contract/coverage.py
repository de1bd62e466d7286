"""How much of the contract a run tried: every share with its denominator and, where it is short, what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from contract import branches, grammars
from contract.case import Case
from contract.operation import Operation
from contract.spec import Spec
from contract.verdict import Outcome, Verdict

_JUDGED = frozenset({Outcome.PASS, Outcome.WARN, Outcome.FAIL})


def of(spec: Spec, cases: Sequence[Case], verdicts: Iterable[Verdict], met: Iterable[str] = ()) -> dict[str, Any]:
    """Kind -> `{"judged": n, "of": m}`: operations, cases, request constraints, response branches, stream events.

    `met`: branches and kinds of events as `contract.branches.Tracker` gives them.
    """
    planned = {case.operation for case in cases} - {None}
    operations = [spec.operations[name] for name in planned if name is not None and name in spec.operations]
    return {**counted(spec, cases, verdicts), **observed(spec, operations, frozenset(met))}


def counted(spec: Spec, cases: Sequence[Case], verdicts: Iterable[Verdict]) -> dict[str, Any]:
    """What the verdicts alone tell: operations, cases, request constraints."""
    outcome = {verdict.case: verdict.outcome for verdict in verdicts}
    judged = {case.operation for case in cases if outcome.get(case.id) in _JUDGED} - {None}
    planned = {case.operation for case in cases} - {None}
    constraints = {case.constraint for case in cases if case.constraint}
    tried = {case.constraint for case in cases if case.constraint and outcome.get(case.id) in _JUDGED}
    return {
        "operations": {"judged": len(judged), "planned": len(planned), "of": len(spec.operations)},
        "cases": {
            "judged": sum(each in _JUDGED for each in outcome.values()),
            "of": len(outcome.keys() | {c.id for c in cases}),
        },
        "constraints": {"judged": len(tried), "of": len(constraints)},
    }


def observed(spec: Spec, operations: Sequence[Operation], met: frozenset[str]) -> Mapping[str, Any]:
    """Response branches and stream events of the operations that were planned, with those not met."""
    kinds = {
        f"{name}:{key}"
        for name in {o.surface for o in operations if o.surface}
        for key in grammars.surface(name).alphabet
    }
    possible = {branch for each in operations for branch in branches.possible(spec, each)}
    return {
        name: {"judged": len(every & met), "of": len(every), "missing": sorted(every - met)}
        for name, every in (("branches", possible), ("events", kinds))
        if every
    }
