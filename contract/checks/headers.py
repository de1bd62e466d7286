"""Headers: those that a response declares, and those that a client of this API counts on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from contract import pointer
from contract.case import Expect
from contract.checks.made import answer, finding
from contract.exchange import Exchange, header
from contract.operation import Operation
from contract.positions import local
from contract.rules import Rule, register
from contract.spec import Spec
from contract.verdict import Finding, Keyword
from contract.wording import shorten

register(
    Rule(
        "header/declared",
        Keyword.MUST,
        "A header that the response declares has a value of its schema, and is there where it is required.",
        "OpenAPI 3.0.3 Response Object, Header Object",
        "Send the header as the spec describes it.",
        "headers",
    ),
    Rule(
        "header/request-id",
        Keyword.SHOULD,
        "An error answer carries `x-request-id`, so that it can be traced.",
        "the original API sends it on every answer; the spec is silent",
        "Send a unique `x-request-id` with every answer.",
        "headers",
        contested="the spec does not mention the header",
    ),
    Rule(
        "header/retry-after",
        Keyword.SHOULD,
        "A 429 says when to come back.",
        "RFC 6585 section 4, RFC 9110 section 10.2.3",
        "Send `Retry-After` in seconds with every 429.",
        "headers",
    ),
)
#: Framing is HTTP's business, not the API's (RFC 9112 6, RFC 9113 8.2.2); OpenAPI ignores Content-Type here.
_FRAMING = frozenset({"transfer-encoding", "connection", "content-length", "keep-alive", "trailer", "content-type"})


def check(spec: Spec, operation: Operation, exchange: Exchange, expect: Expect) -> Iterator[Finding]:  # noqa: ARG001 - one signature for all checks
    """Judge the headers of an answer."""
    response = answer(exchange)
    declared = operation.answer(response.status)
    if declared is not None:
        for name, raw in declared.headers.items():
            if name.lower() not in _FRAMING:
                at = pointer.join(declared.pointer, "headers", name)
                yield from _declared(spec, exchange, name, at, raw)
    if response.status >= 400 and spec.overlays and not header(response.headers, "x-request-id"):
        yield finding(
            "header/request-id", spec, exchange, expected="x-request-id", actual="absent", where="x-request-id"
        )
    if response.status == 429:
        yield from limited(spec, exchange)


def limited(spec: Spec, exchange: Exchange) -> Iterator[Finding]:
    """Judge a 429: when to come back (RFC 6585 4). Asked of those too after which the request was sent again."""
    if not header(answer(exchange).headers, "retry-after"):
        yield finding(
            "header/retry-after", spec, exchange, expected="Retry-After", actual="absent", where="Retry-After"
        )


def _declared(spec: Spec, exchange: Exchange, name: str, at: str, raw: Mapping[str, Any]) -> Iterator[Finding]:
    if isinstance(raw.get("$ref"), str):
        at = local(raw["$ref"])
        raw = pointer.resolve(spec.corrected, at)
    value = header(answer(exchange).headers, name)
    if value is None:
        if raw.get("required") is True:
            yield finding("header/declared", spec, exchange, at=at, expected=name, actual="absent", where=name)
        return
    schema_at = f"{at}/schema"
    if "schema" not in raw or any(spec.schemas.is_valid(schema_at, each) for each in _readings(value)):
        return
    for broken in islice(spec.schemas.broken(schema_at, _readings(value)[-1]), 1):
        yield finding(
            "header/declared",
            spec,
            exchange,
            at=schema_at,
            expected=broken.expected,
            actual=shorten(value),
            where=name,
        )


def _readings(value: str) -> list[Any]:
    """What a header's text may mean: a string, and the number or boolean or list that it spells (style `simple`)."""
    readings: list[Any] = [value]
    if value in {"true", "false"}:
        readings.append(value == "true")
    for number in (int, float):
        try:
            readings.append(number(value))
            break
        except ValueError:
            continue
    return [*readings, [each.strip() for each in value.split(",")], readings[-1]]
