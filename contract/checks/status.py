"""Statuses: what an operation declares, what a situation allows, and whether a request was rightly taken or refused."""

from __future__ import annotations

from collections.abc import Iterator

from contract.case import Expect, Kind
from contract.checks.made import answer, finding
from contract.checks.statuses import ACCESS, BUSY, REFUSALS
from contract.exchange import Exchange
from contract.operation import Operation
from contract.rules import Rule, register
from contract.spec import Spec
from contract.verdict import Finding, Keyword
from contract.wording import shorten

register(
    Rule(
        "status/declared",
        Keyword.MUST,
        "A success has the status that the operation declares; redirects are no part of the API.",
        "openapi.yaml: responses of the operation; OpenAPI 3.0.3 Responses Object",
        "Answer 200 where the spec declares 200, for creations and deletions too.",
        "status",
    ),
    Rule(
        "status/plausible",
        Keyword.SHOULD,
        "A refusal has a status that fits its situation; the spec declares errors for 10 operations only.",
        "RFC 9110 section 15.5",
        "Use 400 for invalid requests, 401 and 403 for keys, 404 for unknown ids, 429 for limits.",
        "status",
    ),
    Rule(
        "status/expected",
        Keyword.MUST,
        "The answer has one of the statuses that the situation allows.",
        "RFC 9110 section 15",
        "Answer with one of the expected statuses.",
        "status",
    ),
    Rule(
        "status/server-error",
        Keyword.MUST,
        "No request makes the server fail: no 5xx but 501 for what it does not implement.",
        "RFC 9110 section 15.6.1",
        "Find the traceback of this request, and answer 4xx where the request is at fault.",
        "status",
    ),
    Rule(
        "request/minimal-refused",
        Keyword.MUST,
        "The minimal documented request of an operation is accepted.",
        "openapi.yaml: requestBody and parameters of the operation",
        "Accept the request; demand no member that the spec does not require.",
        "request",
    ),
    Rule(
        "request/valid-refused",
        Keyword.SHOULD,
        "A request that is valid by the spec is accepted.",
        "openapi.yaml: requestBody and parameters of the operation",
        "Accept what the schema admits, or ignore what has no meaning for the model.",
        "request",
    ),
    Rule(
        "request/invalid-accepted",
        Keyword.MUST,
        "A request that breaks a constraint of the spec is refused.",
        "openapi.yaml: the constraint named in the finding",
        "Validate the request and answer 400 with the error envelope.",
        "request",
    ),
)


def check(spec: Spec, operation: Operation, exchange: Exchange, expect: Expect) -> Iterator[Finding]:
    """Judge the status of an answer."""
    status = answer(exchange).status
    if status == 501:
        return
    if status >= 500:
        if status not in expect.statuses:
            yield _status("status/server-error", spec, operation, exchange, "no 5xx")
    elif expect.statuses:
        if status not in expect.statuses:
            yield _unexpected(spec, operation, exchange, expect)
    elif status >= 400:
        yield from _refused(spec, operation, exchange, expect)
    elif expect.kind is Kind.INVALID and answer(exchange).succeeded:
        yield _accepted(spec, operation, exchange, expect)
    elif expect.kind is not Kind.EDGE and operation.answer(status) is None:
        declared = ", ".join(each for each in operation.answers if each.startswith("2")) or "none"
        yield _status("status/declared", spec, operation, exchange, f"a declared status ({declared})")


def _refused(spec: Spec, operation: Operation, exchange: Exchange, expect: Expect) -> Iterator[Finding]:
    status = answer(exchange).status
    if expect.kind is Kind.EDGE or status in BUSY:
        return
    if status not in REFUSALS and str(status) not in operation.answers:
        yield _status("status/plausible", spec, operation, exchange, "a status of RFC 9110 that fits a refusal")
    elif expect.kind is not Kind.INVALID and status not in ACCESS:
        rule = "request/minimal-refused" if expect.kind is Kind.MINIMAL else "request/valid-refused"
        yield finding(
            rule,
            spec,
            exchange,
            at=operation.pointer,
            expected="2xx",
            actual=f"{status}: {_message(exchange)}",
            where="status",
        )


def _accepted(spec: Spec, operation: Operation, exchange: Exchange, expect: Expect) -> Finding:
    constraint = expect.constraint or "a constraint of the spec"
    return finding(
        "request/invalid-accepted",
        spec,
        exchange,
        at=expect.spec_pointer or operation.pointer,
        expected=f"a refusal (4xx): the request breaks {constraint}",
        actual=f"{answer(exchange).status}",
        where=expect.where or "status",
        keyword=expect.keyword,
    )


def _unexpected(spec: Spec, operation: Operation, exchange: Exchange, expect: Expect) -> Finding:
    allowed = ", ".join(map(str, sorted(expect.statuses)))
    return finding(
        "status/expected",
        spec,
        exchange,
        at=expect.spec_pointer or operation.pointer,
        expected=f"{allowed}" + (f" ({expect.reason})" if expect.reason else ""),
        actual=f"{answer(exchange).status}: {_message(exchange)}",
        where="status",
        keyword=expect.keyword,
    )


def _status(rule: str, spec: Spec, operation: Operation, exchange: Exchange, expected: str) -> Finding:
    actual = f"{answer(exchange).status}: {_message(exchange)}"
    return finding(
        rule, spec, exchange, at=f"{operation.pointer}/responses", expected=expected, actual=actual, where="status"
    )


def _message(exchange: Exchange) -> str:
    """The first words of an answer's body, for a person."""
    return shorten(" ".join(answer(exchange).body[:400].decode(errors="replace").split()), 160) or "no body"
