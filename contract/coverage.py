"""How much of the contract a run tried: every share with its denominator."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from contract.case import Case
from contract.spec import Spec
from contract.verdict import Outcome, Verdict

_JUDGED = frozenset({Outcome.PASS, Outcome.WARN, Outcome.FAIL})


def of(spec: Spec, cases: Sequence[Case], verdicts: Iterable[Verdict]) -> dict[str, Any]:
    """`{"operations": {"judged": n, "planned": n, "of": n}, "cases": …, "constraints": …}`."""
    outcome = {verdict.case: verdict.outcome for verdict in verdicts}
    judged = {case.operation for case in cases if outcome.get(case.id) in _JUDGED} - {None}
    planned = {case.operation for case in cases} - {None}
    constraints = {case.constraint for case in cases if case.constraint}
    tried = {case.constraint for case in cases if case.constraint and outcome.get(case.id) in _JUDGED}
    return {
        "operations": {"judged": len(judged), "planned": len(planned), "of": len(spec.operations)},
        "cases": {"judged": sum(each in _JUDGED for each in outcome.values()), "of": len(cases)},
        "constraints": {"judged": len(tried), "of": len(constraints)},
    }
