"""`--plan`: what a run would send, with its cost and what it would make, without sending anything."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from contract import spec, wiring
from contract.asking import possible_at_a_distance
from contract.case import Case
from contract.cost import Prices, Spent
from contract.created import Removal
from contract.draft import Draft
from contract.operation import Operation, Safety
from contract.options import Options
from contract.target import MILD, is_loopback

#: The prompt that the suite's own requests come to, and the answer that they allow.
_TYPICAL = {"model": "*", "messages": [{"role": "user", "content": "x" * 200}], "max_tokens": 200}


def show(options: Options) -> int:
    """Print the plan; returns 0. Raises UsageError and SpecError."""
    loaded = spec.load(Path(options.spec) if options.spec else None)
    cases = wiring.cases(loaded, options)
    prices = Prices(Path(options.prices) if options.prices else None)
    for line in lines(cases, loaded.operations, options, wiring.removals(), prices):
        sys.stdout.write(line + "\n")
    return 0


def lines(
    cases: Sequence[Case],
    operations: Mapping[str, Operation],
    options: Options,
    removals: Mapping[str, Removal],
    prices: Prices,
) -> list[str]:
    """The plan as lines of text."""
    near = options.target is None or is_loopback(options.target)
    allowed = frozenset(Safety) if near else MILD | frozenset(options.allow)
    sent = [case for case in cases if near or _sendable(case, operations, allowed, removals)]
    requests = sum(case.requests for case in sent)
    spent = _estimate(sent, operations, prices)
    told = [
        f"target    {options.target or 'the embedded mock'}",
        f"cases     {len(sent)} of {len(cases)} planned ({_counts(str(each.depth) for each in sent)})",
        f"classes   {_counts(str(each.safety) for each in sent)}",
        f"requests  about {requests}, prerequisites aside"
        + (f"; at most {options.max_requests}" if options.max_requests else ""),
        f"tokens    about {spent.tokens}" + (f"; at most {options.max_tokens}" if options.max_tokens else ""),
        f"cost      about {spent.usd:.2f} USD" + (f"; at most {options.max_cost:.2f} USD" if options.max_cost else ""),
    ]
    told += _made(sent, removals)
    if len(sent) < len(cases):
        left = Counter(str(case.safety) for case in cases if case not in sent)
        told.append(f"not sent  {sum(left.values())} cases for safety: {_counts(left.elements())} (see --allow)")
    return told


def _sendable(
    case: Case, operations: Mapping[str, Operation], allowed: frozenset[Safety], removals: Mapping[str, Removal]
) -> bool:
    if case.safety in allowed:
        return True
    operation = operations.get(case.operation or "")
    return operation is not None and possible_at_a_distance(operation, case.safety, removals, operations)


def _estimate(cases: Sequence[Case], operations: Mapping[str, Operation], prices: Prices) -> Spent:
    tokens, usd = 0, 0.0
    for case in cases:
        operation = operations.get(case.operation or "")
        if operation is None or "/invalid/" in case.id or "/edge/" in case.id:
            continue  # a refused request costs nothing
        each = prices.at_most(Draft(operation, body=_TYPICAL))
        tokens += each.tokens * case.requests
        usd += each.usd * case.requests
    return Spent(tokens, usd)


def _made(cases: Sequence[Case], removals: Mapping[str, Removal]) -> list[str]:
    made: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    for case in cases:
        removal = removals.get(case.operation or "")
        if removal is not None and "/invalid/" not in case.id and "/edge/" not in case.id:
            (made if removal.remove else kept)[removal.kind] += case.requests
    told = [f"makes     at most {_pairs(made)}, and removes them"] if made else []
    return [*told, *([f"leaves    at most {_pairs(kept)}: the API cannot remove them"] if kept else [])]


def _counts(names: Any) -> str:
    return _pairs(Counter(names)) or "none"


def _pairs(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
