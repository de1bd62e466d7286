"""Media types: the answer's Content-Type is one that the operation declares for its status."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from contract.case import Expect
from contract.checks.made import answer, asked_for_stream, finding
from contract.exchange import Exchange
from contract.operation import MediaType, Operation
from contract.rules import Rule, register
from contract.spec import Spec
from contract.verdict import Finding, Keyword
from contract.wording import shorten

register(
    Rule(
        "media-type/declared",
        Keyword.MUST,
        "A success has a media type that the operation declares.",
        "openapi.yaml: content of the response; RFC 9110 section 8.3",
        "Send the Content-Type of the spec, `application/json` for nearly all.",
        "media-type",
    ),
    Rule(
        "media-type/unasked-stream",
        Keyword.MUST,
        "Only a request with `stream: true` is answered by an event stream.",
        "openapi.yaml:17866 (`stream`, default false)",
        "Take `stream` as false where it is absent, and answer with one JSON object.",
        "media-type",
    ),
)


def matched(content: Mapping[str, MediaType], name: str) -> MediaType | None:
    """The declared media type for a concrete one: exact first, then `audio/*`, then `*/*`."""
    for candidate in (name, f"{name.partition('/')[0]}/*", "*/*"):
        for declared, media_type in content.items():
            if declared.partition(";")[0].strip().lower() == candidate:
                return media_type
    return None


def check(spec: Spec, operation: Operation, exchange: Exchange, expect: Expect) -> Iterator[Finding]:  # noqa: ARG001 - one signature for all checks
    """Judge the media type of a success; error bodies are judged by what they say."""
    response = answer(exchange)
    declared = operation.answer(response.status)
    if not response.succeeded or declared is None or not declared.content:
        return
    if not response.body and not response.events and not response.truncated:
        return  # the body check says so
    name = response.media_type
    if name == "text/event-stream" and operation.streams and not asked_for_stream(exchange):
        yield finding(
            "media-type/unasked-stream",
            spec,
            exchange,
            at=f"{declared.pointer}/content",
            expected="one JSON object: the request does not ask for a stream",
            actual=name,
            where="Content-Type",
        )
    elif matched(declared.content, name) is None:
        yield finding(
            "media-type/declared",
            spec,
            exchange,
            at=f"{declared.pointer}/content",
            expected=" or ".join(declared.content),
            actual=shorten(response.content_type) or "no Content-Type",
            where="Content-Type",
        )
