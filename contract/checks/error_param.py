"""`param` of an error: where a server names a member, it is the one that the refused request got wrong.

The spec gives `param` a name and a type and says no more, so a finding is contested, and a name counts as wrong only
where it cannot be the server's own view of the request: a member that was not sent, or one that the schema requires
and that stands in every request which the operation accepts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from contract import pointer
from contract.case import Expect, Kind
from contract.checks.json_text import JsonError, read
from contract.checks.made import answer, asked, finding, required
from contract.exchange import Exchange
from contract.operation import Operation
from contract.rules import Rule, register
from contract.spec import Spec
from contract.verdict import Finding, Keyword
from contract.wording import shorten

register(
    Rule(
        "error/param",
        Keyword.SHOULD,
        "`param` of an error, where it names something, names the member that the request got wrong.",
        "openapi.yaml:21202 (Error.param)",
        "Put the path of the offending member into `param`, such as `messages[0].content`, or null.",
        "error",
        contested="the spec gives `param` a name and a type, and does not describe it",
    ),
)
_AT = "/components/schemas/Error/properties/param"
#: Refusals as invalid; others (404, 413, ...) may speak of something else than one member.
_INVALID = frozenset({400, 422})
#: Words for the request as a whole, and the member whose value decides what any other may be.
_ANY = frozenset({"body", "query", "path", "request", "data", "json", "form", "model"})
_WORD = re.compile(r"[A-Za-z_]\w*")
_PART = re.compile(rb'name="([^"\r\n]+)"')


def check(spec: Spec, operation: Operation, exchange: Exchange, expect: Expect) -> Iterator[Finding]:
    """Judge what a refusal of a request with one known fault says was at fault."""
    if expect.kind is not Kind.INVALID or answer(exchange).status not in _INVALID or not spec.overlays:
        return
    said = _said(exchange)
    wrong = _WORD.findall(".".join(pointer.tokens(expect.where)[1:]))
    # A constraint of the descriptions (`CHAT-13`, without a place in its name) may concern several members.
    if not said or not wrong or "/" not in expect.constraint:
        return
    words = _WORD.findall(said)
    if not {*words} & {*wrong, *_ANY} and (not words or _cannot_be(spec, operation, exchange, words[0])):
        expected = f"`{'.'.join(wrong)}`, a part of it, or null"
        yield finding(
            "error/param", spec, exchange, at=_AT, expected=expected, actual=shorten(said, 100), where="/error/param"
        )


def _said(exchange: Exchange) -> str:
    try:
        value = read(answer(exchange).body).value
    except JsonError:
        return ""  # the check of error bodies tells
    error = value.get("error") if isinstance(value, dict) else None
    param = error.get("param") if isinstance(error, dict) else None
    return param if isinstance(param, str) else ""


def _cannot_be(spec: Spec, operation: Operation, exchange: Exchange, name: str) -> bool:
    """True for a member that was not sent, or that is in every request and was right here."""
    at = operation.body.media_type.schema_pointer if operation.body else None
    if at is not None and name in required(spec, at):
        return True
    return name not in _sent(exchange) and name not in {each.name for each in operation.parameters_in("path")}


def _sent(exchange: Exchange) -> set[str]:
    """The names of the query and of the body's members."""
    names = {name for name, _ in parse_qsl(urlsplit(exchange.request.url).query, keep_blank_values=True)}
    names |= {found.decode(errors="replace") for found in _PART.findall(exchange.request.body or b"")}
    body = asked(exchange)
    return names | ({*body} if isinstance(body, dict) else set())
