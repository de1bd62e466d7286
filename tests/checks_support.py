"""Exchanges for the tests of checks, made by hand."""

import json
from typing import Any

from contract import checks
from contract.case import Expect
from contract.exchange import Exchange, Request, Response
from contract.operation import Operation
from contract.spec import Spec, load
from contract.verdict import Finding

SPEC = load()
ENVELOPE = {"error": {"message": "no", "type": "invalid_request_error", "param": None, "code": None}}
MODELS = {"object": "list", "data": [{"id": "m", "object": "model", "created": 1, "owned_by": "o"}]}


def exchange(
    operation: Operation | str,
    status: int = 200,
    body: Any = b"",
    content_type: str | None = "application/json",
    headers: dict[str, str] | None = None,
    request_body: bytes | None = None,
    query: str = "",
    **changes: Any,
) -> Exchange:
    """An exchange; a body that is no bytes is written as JSON; ids of the path are `id-1`."""
    own = SPEC.operations[operation] if isinstance(operation, str) else operation
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    path = own.path
    for parameter in own.parameters_in("path"):
        path = path.replace("{" + parameter.name + "}", "id-1")
    sent = {"Content-Type": content_type, "x-request-id": "r-1", **(headers or {})}
    request = Request(own.method, f"http://host/v1{path}{query}", (), request_body)
    pairs = tuple((name, value) for name, value in sent.items() if value)
    return Exchange("e-1", own.id, request, Response(status, pairs, content, **changes))


def judged(
    operation: str, *args: Any, expect: Expect = Expect(), spec: Spec = SPEC, live: bool = False, **more: Any
) -> list[Finding]:
    """The findings on such an exchange."""
    own = spec.operations[operation]
    return checks.judge(spec, own, exchange(own, *args, **more), expect, live=live)


def broken(operation: str, *args: Any, **more: Any) -> list[tuple[str, str]]:
    """The rules broken, each with its strength."""
    return [(each.rule, str(each.keyword)) for each in judged(operation, *args, **more)]
