"""Error bodies: the envelope `{"error": {message, type, param, code}}` of the spec's ErrorResponse.

Strength: where an operation declares ErrorResponse for the status it is a MUST. The other 116 operations declare no
error at all, and no sentence of the spec says that all errors have this shape; but the envelope is the only one that
the spec knows and clients read `error.message`, so there it is a SHOULD.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract.case import Expect
from contract.checks.body import explained, judge_value
from contract.checks.json_text import JsonError, is_json, read
from contract.checks.made import answer, finding
from contract.checks.media_type import matched
from contract.checks.missing import unsupported
from contract.exchange import Exchange
from contract.operation import Operation
from contract.rules import Rule, register
from contract.spec import Spec
from contract.verdict import Finding, Keyword
from contract.wording import shorten

register(
    Rule(
        "error/envelope",
        Keyword.SHOULD,
        "An error body is the envelope: an object `error` with `message`, `type`, `param` and `code`, strings all, the "
        "last two or null.",
        "openapi.yaml:21231 (ErrorResponse), 21193 (Error)",
        'Answer {"error": {"message": "...", "type": "invalid_request_error", "param": null, "code": null}}.',
        "error",
    ),
    Rule(
        "error/media-type",
        Keyword.SHOULD,
        "An error body that is JSON is sent as JSON.",
        "openapi.yaml: responses 400 of 9 operations; RFC 9110 section 8.3",
        "Send `Content-Type: application/json` with every error.",
        "error",
    ),
    Rule(
        "error/declared",
        Keyword.MUST,
        "An error body is valid under the schema that the operation declares for its status.",
        "openapi.yaml: responses 400 of 9 operations, 404 of deleteResponse",
        'Answer {"error": {"message": "...", "type": "invalid_request_error", "param": null, "code": null}}.',
        "error",
    ),
)
ENVELOPE = "/components/schemas/ErrorResponse"


def check(spec: Spec, operation: Operation, exchange: Exchange, expect: Expect) -> Iterator[Finding]:  # noqa: ARG001 - one signature for all checks
    """Judge the body of a refusal or of a server's error."""
    response = answer(exchange)
    if response.status < 400 or exchange.request.method == "HEAD" or response.truncated:
        return
    routed = unsupported(operation, exchange) is None  # a router's own page is no answer of the operation
    at = _declared_schema(operation, response.status, response.media_type) if routed else None
    rule = "error/declared" if at else "error/envelope"
    home = at or (ENVELOPE if spec.overlays else "")
    if not home:
        return  # some other API: it has said nothing of its errors
    try:
        value = read(response.body).value
    except JsonError as error:
        shown = " ".join(response.body[:120].decode(errors="replace").split())
        actual = f"{response.content_type or 'no Content-Type'}, {error}: {shown}" if response.body else "no body"
        yield finding(
            rule, spec, exchange, at=home, expected="a JSON error body", actual=shorten(actual, 200), where="body"
        )
        return
    if not is_json(response.media_type):
        named = response.content_type or "no Content-Type"
        expected = "application/json"
        yield finding("error/media-type", spec, exchange, expected=expected, actual=named, where="Content-Type")
    if at and spec.overlays and spec.strict_schemas.is_valid(ENVELOPE, value):
        return  # deleteResponse declares the bare Error (openapi.yaml:9891); the envelope is as good
    yield from _judged(spec, exchange, rule, home, value)


def _judged(spec: Spec, exchange: Exchange, rule: str, home: str, value: Any) -> Iterator[Finding]:
    for kind, broken, reason in judge_value(spec, home, value):
        yield explained(rule if kind == "body/schema" else kind, spec, exchange, broken, reason)


def _declared_schema(operation: Operation, status: int, media_type: str) -> str | None:
    """The schema that an operation declares for an error; 5xx and undeclared ones have none."""
    declared = operation.answer(status)
    if declared is None:
        return None
    found = matched(declared.content, media_type) or matched(declared.content, "application/json")
    return found.schema_pointer if found else None
