"""Checks: pure functions of (spec, operation, exchange, expectation) to findings, one module a subject.

Event streams are judged by `contract.grammars`; transport faults by the stage; everything else of an answer here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from contract.case import Expect, Kind
from contract.checks import (
    body,
    choices,
    echo,
    error_body,
    error_param,
    headers,
    leak,
    media_type,
    same,
    states,
    status,
    sums,
    values,
)
from contract.checks.headers import limited
from contract.checks.made import off_route
from contract.checks.missing import denied, made_up, unsupported, without_model
from contract.exchange import Exchange
from contract.operation import Operation
from contract.spec import Spec
from contract.verdict import Finding

__all__ = ["CHECKS", "OFF_ROUTE", "denied", "judge", "limited", "made_up", "unsupported", "without_model"]

Check = Callable[[Spec, Operation, Exchange, Expect], Iterator[Finding]]
_ANY = Expect()
CHECKS: tuple[Check, ...] = (
    status.check,
    media_type.check,
    headers.check,
    body.check,
    sums.check,
    choices.check,
    error_body.check,
    error_param.check,
    leak.check,
)
#: For answers to requests that were just sent: recorded and printed ones may stand under any path.
LIVE: tuple[Check, ...] = (same.check, echo.check, states.check, values.check)
#: For requests to another method or path than the operation's: its answers are not declared by it.
OFF_ROUTE: tuple[Check, ...] = (status.check, error_body.check, leak.check)


def judge(
    spec: Spec, operation: Operation, exchange: Exchange, expect: Expect = _ANY, *, live: bool = False
) -> list[Finding]:
    """Every finding on an answer that came whole; none where there is no answer. Never raises."""
    if exchange.response is None:
        return []
    checks = (
        OFF_ROUTE
        if expect.kind is Kind.EDGE and off_route(operation, exchange)
        else (*CHECKS, *LIVE)
        if live
        else CHECKS
    )
    if expect.kind is Kind.INVALID and exchange.response.succeeded:
        checks = (status.check,)  # what comes of a request that should have been refused is no second defect
    return [finding for check in checks for finding in check(spec, operation, exchange, expect)]
