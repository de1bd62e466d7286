"""Checks: pure functions of (spec, operation, exchange, expectation) to findings, one module a subject.

Event streams are judged by `contract.grammars`; transport faults by the stage; everything else of an answer here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from contract.case import Expect
from contract.checks import body, error_body, headers, media_type, status
from contract.checks.missing import denied, unsupported
from contract.exchange import Exchange
from contract.operation import Operation
from contract.spec import Spec
from contract.verdict import Finding

__all__ = ["CHECKS", "denied", "judge", "unsupported"]

Check = Callable[[Spec, Operation, Exchange, Expect], Iterator[Finding]]
_ANY = Expect()
CHECKS: tuple[Check, ...] = (status.check, media_type.check, headers.check, body.check, error_body.check)


def judge(spec: Spec, operation: Operation, exchange: Exchange, expect: Expect = _ANY) -> list[Finding]:
    """Every finding on an answer that came whole; none where there is no answer. Never raises."""
    if exchange.response is None:
        return []
    return [finding for check in CHECKS for finding in check(spec, operation, exchange, expect)]
