"""How checks make findings, and what they ask of a request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from contract import pointer
from contract.checks.json_text import JsonError, is_json, read
from contract.exchange import Exchange, Response
from contract.operation import Operation
from contract.positions import local
from contract.rules import RULES
from contract.spec import Spec
from contract.verdict import Finding, Keyword, Place
from contract.wording import shorten

_STREAM_PART = re.compile(rb'name="?stream"?\r\n(?:[^\r\n]+\r\n)*\r\n(true|1)\r\n', re.IGNORECASE)


def finding(  # noqa: PLR0913 - the members of a finding, all but one by name
    rule: str,
    spec: Spec,
    exchange: Exchange,
    *,
    at: str = "",
    expected: str,
    actual: str,
    where: str,
    summary: str = "",
    keyword: Keyword | None = None,
) -> Finding:
    """A finding of a registered rule; `at` is a JSON pointer of the spec, `keyword` replaces the rule's strength."""
    known = RULES[rule]
    place = Place(at, spec.line(at)) if at else None
    return Finding(
        rule=rule,
        keyword=keyword or known.keyword,
        summary=summary or known.statement,
        expected=expected,
        actual=actual,
        where=shorten(where, 300),
        spec=place,
        exchange=exchange.id,
    )


def answer(exchange: Exchange) -> Response:
    """The response of an exchange that is being judged."""
    if exchange.response is None:
        raise ValueError("an exchange without a response has nothing to judge")
    return exchange.response


def told(spec: Spec, exchange: Exchange) -> Any:
    """The JSON of a success that came whole, for what is promised of the API's objects beside their schemas.

    None for other answers, for what is no JSON (the check of bodies tells), and for a document without the overlays
    of the published API, which makes no such promise.
    """
    response = answer(exchange)
    if not response.succeeded or response.truncated or not spec.overlays or not is_json(response.media_type):
        return None
    try:
        return read(response.body).value
    except JsonError:
        return None


def asked(exchange: Exchange) -> Any:
    """The JSON of a request, None where it has none or one that is nested too deeply to be read."""
    try:
        return exchange.request.json()
    except RecursionError:
        return None


def asked_for_stream(exchange: Exchange) -> bool:
    """True where the request has `stream: true`, as JSON or as a form field."""
    request = exchange.request
    if request.body and _STREAM_PART.search(request.body):
        return True
    body = asked(exchange)
    return isinstance(body, dict) and body.get("stream") is True


def objects(value: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """An answer's object and those of its list `data`, each with its JSON pointer."""
    if not isinstance(value, dict):
        return
    yield "", value
    data = value.get("data")
    for index, each in enumerate(data if isinstance(data, list) else []):
        if isinstance(each, dict):
            yield f"/data/{index}", each


def schema_at(spec: Spec, at: str) -> dict[str, Any]:
    """The corrected schema at a pointer, through its references; empty where it is none."""
    schema = pointer.resolve(spec.corrected, at)
    while isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
        schema = pointer.resolve(spec.corrected, local(schema["$ref"]))
    return schema if isinstance(schema, dict) else {}


def required(spec: Spec, at: str) -> frozenset[str]:
    """The members that the corrected schema at a pointer requires, those of the parts of an `allOf` too."""
    return _required(spec, schema_at(spec, at))


def _required(spec: Spec, schema: Mapping[str, Any]) -> frozenset[str]:
    if "$ref" in schema:
        return required(spec, local(schema["$ref"]))
    return frozenset(schema.get("required", ())).union(*(_required(spec, part) for part in schema.get("allOf", ())))


def path_match(operation: Operation, exchange: Exchange) -> re.Match[str] | None:
    """The request's path under the operation's template, below whatever path the base URL has; groups are the ids."""
    path = urlsplit(exchange.request.url).path
    for template in (operation.path, *operation.also_paths):
        pattern = re.sub(r"\\\{[^}]*\\\}", "([^/]+)", re.escape(template))
        if found := re.search(pattern + r"/?$", path):
            return found
    return None


def off_route(operation: Operation, exchange: Exchange) -> bool:
    """True where a request was sent on purpose to another method or path than the operation's."""
    return exchange.request.method != operation.method or path_match(operation, exchange) is None
