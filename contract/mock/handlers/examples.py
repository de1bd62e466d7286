"""Examples mode: any well-formed request is answered 200 with a valid example, whatever id it names."""

from __future__ import annotations

import re
from typing import Any, Final

from contract.mock.examples import Examples
from contract.mock.kernel import Binary, Call, Events, Json, Reply, fallback

_known: dict[str, Examples] = {}

#: Paths whose answer is the very thing that the last parameter names.
_NAMED: Final = re.compile(r"\{(\w+)\}(/(?:cancel|complete|archive|submit_tool_outputs))?$")


@fallback("examples")
def answer(call: Call) -> Reply:
    """The operation's example, with the id that was asked for; a stream where the request asks for one."""
    known = _known.setdefault(call.spec.sha256, Examples(call.spec))
    if isinstance(call.body, dict) and call.body.get("stream") is True and call.operation.streams:
        return Events(known.stream(call))
    answered = call.operation.answer(200)
    content = answered.content if answered else {}
    media = next(iter(content), None)
    if media is not None and media != "application/json":
        return Binary(b"example", media)
    return Json(_with_id(call, known.body(call.operation)))


def _with_id(call: Call, body: Any) -> Any:
    named = _NAMED.search(call.operation.path)
    if named and isinstance(body, dict) and isinstance(body.get("id"), str):
        return {**body, "id": call.path[named[1]]}
    return body
