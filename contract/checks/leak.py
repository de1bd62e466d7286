"""Leaks: what an error tells of the server's inside, or of somebody else.

Only what cannot come from the request counts: whatever the client sent may be quoted back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from contract.case import Expect
from contract.checks.made import answer, finding
from contract.exchange import Exchange
from contract.operation import Operation
from contract.rules import Rule, register
from contract.spec import Spec
from contract.verdict import Finding, Keyword
from contract.wording import shorten

register(
    Rule(
        "error/leak",
        Keyword.MUST,
        "An error tells nothing of the server's inside: no stack trace, no path of its files, no words of its "
        "database, no key of somebody else.",
        "OWASP API Security Top 10 2023, API8; RFC 9110 section 17",
        "Catch exceptions at the edge; log the details and answer with a message of your own.",
        "error",
    ),
)
#: Bytes of a body that are searched.
_MOST = 100_000
_DEEPEST = 20
_TRACE = re.compile(
    r"Traceback \(most recent call last\)"
    r'|File "[^"\n]+", line \d+'
    r"|\bat [\w$.<>]+\([\w$]+\.(?:java|kt|scala):\d+\)"
    r"|\bat [^\n]{1,200}\((?:/|file:|node:|[A-Z]:\\)[^\n)]+:\d+:\d+\)"
    r"|goroutine \d+ \[running\]"
    r"|panicked at "
    r"|\bin [^\n]{1,200}\.cs:line \d+"
    r"|\.rb:\d+:in [`']"
    r"|Stack trace:\s+#0 "
)
_DATABASE = re.compile(
    r"\b(?:psycopg2?|sqlite3|pymysql|asyncpg|sqlalchemy)\.[\w.]*(?:Error|Undefined|Exception)\w*"
    r"|SQLSTATE\[|\bORA-\d{5}\b|You have an error in your SQL syntax"
)
_PATH = re.compile(
    r"(?<![\w:/.-])/(?:home|root|srv|usr|opt|var|etc|mnt|Users|workspace)/[\w.@-]+(?:/[\w.@-]+)+"
    r"|(?<![\w:/.-])/[\w.@/-]+/(?:site-packages|dist-packages|node_modules)/[\w.@/-]+"
    r"|(?<![\w:/.-])/(?:app|code|src)/[\w.@/-]+\.(?:py|js|ts|go|rb|java|rs|php|yaml|yml|env|json)\b"
    r"|\b[A-Z]:\\(?:Users|inetpub|Program Files|Windows)\\[^\s\"']+"
)
_KEY = re.compile(r"\bsk-[A-Za-z0-9_-]{20,}\b")
_KINDS = (
    ("a stack trace", _TRACE),
    ("words of a database", _DATABASE),
    ("a path of the server", _PATH),
    ("a key that was not sent", _KEY),
)


def check(spec: Spec, operation: Operation, exchange: Exchange, expect: Expect) -> Iterator[Finding]:  # noqa: ARG001 - one signature for all checks
    """Judge what a refusal or an error of the server says."""
    response = answer(exchange)
    if response.status < 400:
        return
    text = _text(response.body)
    sent = _sent(exchange)
    for kind, pattern in _KINDS:
        for found in pattern.finditer(text):
            if found.group() not in sent:
                actual = kind if pattern is _KEY else f"{kind}: {shorten(' '.join(found.group().split()), 120)}"
                yield finding("error/leak", spec, exchange, expected="a message", actual=actual, where="body")
                return


def _text(body: bytes) -> str:
    """What a person reads in a body: every string of it where it is JSON, else its text."""
    try:
        return "\n".join(_strings(json.loads(body[:_MOST]), 0))
    except (ValueError, RecursionError):
        return body[:_MOST].decode(errors="replace")


def _strings(value: Any, deep: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list) and deep < _DEEPEST:
        for each in (*value, *value.values()) if isinstance(value, dict) else value:
            yield from _strings(each, deep + 1)


def _sent(exchange: Exchange) -> str:
    """Everything that the client said."""
    request = exchange.request
    headers = " ".join(value for _, value in request.headers)
    raw = (request.body or b"").decode(errors="replace")
    return f"{unquote(request.url)} {headers} {_text(request.body or b'')} {raw}"
