"""Bodies: JSON that is JSON, and of the schema that the operation declares for its status and media type.

Two readings judge together: what breaks both is a MUST; what breaks only one of them rests on a contested correction
of the spec and is a SHOULD, with the reason of that correction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from contract import overlay, pointer
from contract.case import Expect
from contract.checks.json_text import JsonError, is_json, read
from contract.checks.made import answer, finding
from contract.checks.media_type import matched
from contract.exchange import Exchange
from contract.operation import MediaType, Operation
from contract.rules import Rule, register
from contract.schema import Broken, Schemas
from contract.spec import Spec
from contract.verdict import Finding, Keyword
from contract.wording import shorten

register(
    Rule(
        "body/present",
        Keyword.MUST,
        "An answer has a body where the operation declares one.",
        "openapi.yaml: content of the response",
        "Send the object that the operation returns.",
        "body",
    ),
    Rule(
        "body/json",
        Keyword.MUST,
        "A JSON answer is JSON text: UTF-8 without a byte order mark, no NaN, no member twice in one object.",
        "RFC 8259 sections 4, 6, 8.1",
        "Write the body with a JSON library that refuses NaN and Infinity.",
        "body",
    ),
    Rule(
        "body/schema",
        Keyword.MUST,
        "The body of an answer is valid under the schema that the operation declares.",
        "openapi.yaml: schema of the response",
        "Send every required member, of the declared type, with null only where it is admitted.",
        "body",
    ),
    Rule(
        "body/contested",
        Keyword.SHOULD,
        "The body is valid under every reading of the spec where the spec contradicts itself.",
        "openapi.yaml and docs/spec-defects.md",
        "Send what both the schema and the examples of the spec admit.",
        "body",
        contested="the spec's schema and its own prose or examples disagree",
    ),
    Rule(
        "body/format",
        Keyword.SHOULD,
        "A string has the format that its schema names.",
        "OpenAPI 3.0.3 Data Types; JSON Schema 2020-12 validation 7.1 (format is an annotation by default)",
        "Send a value of the format, such as an absolute URI.",
        "body",
    ),
)
#: Keywords that say the same of a value in different words; a reading may wrap one in another.
_OF_VALUE = frozenset({"type", "enum", "const", "anyOf", "oneOf"})


def check(spec: Spec, operation: Operation, exchange: Exchange, expect: Expect) -> Iterator[Finding]:  # noqa: ARG001 - one signature for all checks
    """Judge the body of a success; event streams and error bodies are judged elsewhere."""
    response = answer(exchange)
    declared = operation.answer(response.status)
    if not response.succeeded or declared is None or response.truncated:
        return
    if not response.body:
        if response.events is None and _demanded(spec, declared.content.values()):
            at = f"{declared.pointer}/content"
            yield finding("body/present", spec, exchange, at=at, expected="a body", actual="none", where="body")
        return
    media_type = matched(declared.content, response.media_type)
    if media_type is not None and is_json(response.media_type) and not _bytes(spec, media_type):
        yield from _json(spec, exchange, media_type)


def _bytes(spec: Spec, media_type: MediaType) -> bool:
    """True where the declared schema is a file's content, which may look like JSON and need not be."""
    if media_type.schema_pointer is None:
        return "*" in media_type.name
    schema = pointer.resolve(spec.corrected, media_type.schema_pointer)
    return isinstance(schema, dict) and schema.get("format") in {"binary", "byte"}


def _demanded(spec: Spec, media_types: Iterable[MediaType]) -> bool:
    """True where a body is declared under both readings, and is not bytes that may be none."""
    return any(
        is_json(each.name) and each.schema_pointer is not None and _stands(spec.strict_schemas, each.schema_pointer)
        for each in media_types
    )


def _stands(schemas: Schemas, at: str) -> bool:
    try:
        schemas.validator(at)
    except KeyError:
        return False
    return True


def _json(spec: Spec, exchange: Exchange, media_type: MediaType) -> Iterator[Finding]:
    try:
        text = read(answer(exchange).body)
    except JsonError as error:
        yield finding(
            "body/json", spec, exchange, at=media_type.pointer, expected="JSON", actual=str(error), where="body"
        )
        return
    for fault in text.faults:
        yield finding("body/json", spec, exchange, at=media_type.pointer, expected="JSON", actual=fault, where="body")
    if media_type.schema_pointer is not None:
        for rule, broken, reason in judge_value(spec, media_type.schema_pointer, text.value):
            yield explained(rule, spec, exchange, broken, reason)


def explained(rule: str, spec: Spec, exchange: Exchange, broken: Broken, reason: str) -> Finding:
    """The finding for a broken constraint; a contested one says why."""
    summary = broken.message + (f"; contested: {reason}" if reason else "")
    return finding(
        rule,
        spec,
        exchange,
        at=broken.spec_pointer,
        expected=broken.expected,
        actual=broken.actual,
        where=broken.where,
        summary=shorten(summary, 600),
    )


def judge_value(spec: Spec, at: str, value: object) -> Iterator[tuple[str, Broken, str]]:
    """What a value breaks under both readings: (rule, broken constraint, reason where contested)."""
    lenient = list(spec.schemas.broken(at, value))
    strict = lenient
    if spec.strict_schemas is not spec.schemas:
        strict = list(spec.strict_schemas.broken(at, value)) if _stands(spec.strict_schemas, at) else []
    for each in lenient:
        if each.keyword == "format":
            yield "body/format", each, ""
        elif _among(each, strict):
            yield "body/schema", each, ""
        else:
            yield "body/contested", each, overlay.reason(spec.actions, (each.spec_pointer, *each.via), each.expected)
    for each in strict:
        if not _among(each, lenient):
            yield "body/contested", each, overlay.reason(spec.actions, (each.spec_pointer, *each.via), each.expected)


def _among(broken: Broken, others: list[Broken]) -> bool:
    return any(
        broken.where == each.where
        and (
            (broken.keyword, broken.expected) == (each.keyword, each.expected)
            or {broken.keyword, each.keyword} <= _OF_VALUE
        )
        for each in others
    )
