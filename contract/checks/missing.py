"""Telling what a target does not have, or does not let us use, from what it does wrongly.

The rule for a 404, in this order:
1. A JSON error with a `code` or `param`, such as `model_not_found`, speaks of an object: the route is there.
2. A message of the kinds that routers send ("Cannot GET /...", "Invalid URL", "404 page not found", "Not Found" and
   no more) speaks of the route: it is missing.
3. Any other JSON error speaks of an object; so does a text that names an id of the request's path.
4. What is left, HTML and empty bodies among it, is a router's own page: the route is missing.
A 405 says that the method is not offered on a route, a 501 that nothing is: both are taken at their word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any
from urllib.parse import unquote

from contract.case import Expect, Kind
from contract.checks.made import asked, path_match, schema_at
from contract.checks.statuses import ACCESS
from contract.exchange import Exchange, Response
from contract.operation import Operation
from contract.spec import Spec

_ROUTER = re.compile(
    r"cannot (get|post|delete|put|patch)\b"
    r"|(invalid|unknown|unrecognized|unsupported) (request )?(url|route|path|endpoint)"
    r"|(route|path|endpoint|url|page|resource|handler)( [\"'`]?/\S*)? (was |is )?"
    r"(not found|not supported|not implemented)"
    r"|no (such |matching )?(route|handler|endpoint)|no route matche|page not found|nothing matches the given uri"
    r"|requested url was not found",
    re.IGNORECASE,
)
#: llama.cpp's word for an unknown route; where the API has files it may mean one of them.
_FILE = re.compile(r"\W*file not found\W*", re.IGNORECASE)
#: Words for a model that is not there.
_MODEL = re.compile(
    r"model_not_found|\b(invalid|unknown|no such|unsupported) model\b"
    r"|\bmodel\b[^.]{0,80}\b(not (be )?(found|exist|available|supported|recognized)|does(n't| not) exist)",
    re.IGNORECASE,
)
_MODEL_PART = re.compile(rb'name="?model"?\r\n(?:[^\r\n]+\r\n)*\r\n([^\r\n]*)\r\n', re.IGNORECASE)
_BARE = re.compile(r"\W*(404)?\W*(not[ _]found|notfound|notfounderror|404)?\W*", re.IGNORECASE)


def unsupported(operation: Operation, exchange: Exchange) -> str | None:
    """Why the target does not have this operation, None where it has."""
    response = exchange.response
    if response is None:
        return None
    if response.status == 501:
        return "the target answers 501: not implemented"
    if response.status == 405:
        return f"the target answers 405: no {operation.method} on this route"
    if response.status == 404 and _route_missing(operation, exchange, response):
        return "the target answers 404: no such route"
    return None


def denied(exchange: Exchange, expect: Expect) -> str | None:
    """Why nothing can be said: a request that was to be accepted met a lack of rights. None where it did not."""
    response = exchange.response
    if response is None or expect.statuses or expect.kind not in {Kind.MINIMAL, Kind.VALID}:
        return None
    return f"the target answers {response.status}: the key does not reach this" if response.status in ACCESS else None


def made_up(spec: Spec, exchange: Exchange, expect: Expect, path: Collection[str]) -> str | None:
    """Why nothing can be said: a 404 for the path of a document without overlays, whose ids may be made up."""
    response = exchange.response
    if response is None or response.status != 404 or not path or spec.overlays or expect.statuses:
        return None
    return None if expect.kind is Kind.EDGE else "the target answers 404: nothing is known that the path would name"


def without_model(
    spec: Spec, operation: Operation, exchange: Exchange, expect: Expect, models: Collection[str | None]
) -> str | None:
    """Why nothing can be said: a valid request was refused for a model that the target does not list (`models`).

    A request that names none means the default of its schema. A listed model that is refused is a finding.
    """
    response = exchange.response
    if response is None or expect.statuses or expect.kind not in {Kind.MINIMAL, Kind.VALID}:
        return None
    if response.status not in {400, 404, 422} or len(response.body) > 20000:
        return None
    text = response.body.decode(errors="replace")
    name = _model_asked(exchange) or _model_by_default(spec, operation)
    if name in models or not _MODEL.search(text):
        return None
    return f"the target has no model {name}" if name else "the target refuses the model that it takes by itself"


def _model_asked(exchange: Exchange) -> str | None:
    """The `model` of a request, as JSON or as a form field."""
    if found := _MODEL_PART.search(exchange.request.body or b""):
        return found[1].decode(errors="replace")
    body = asked(exchange)
    name = body.get("model") if isinstance(body, dict) else None
    return name if isinstance(name, str) else None


def _model_by_default(spec: Spec, operation: Operation) -> str | None:
    """The default that the schema of the request gives `model`."""
    if operation.body is None or operation.body.media_type.schema_pointer is None:
        return None
    schema = schema_at(spec, operation.body.media_type.schema_pointer)
    model = schema.get("properties", {}).get("model", {})
    return model.get("default") if isinstance(model, dict) else None


def _route_missing(operation: Operation, exchange: Exchange, response: Response) -> bool:
    text = response.body[:20000].decode(errors="replace")
    try:
        parsed = json.loads(response.body) if len(response.body) <= 20000 else None
    except (ValueError, RecursionError):
        parsed = None
    message = text
    if isinstance(parsed, dict | str):
        error = parsed.get("error", parsed) if isinstance(parsed, dict) else {}
        if isinstance(error, dict) and _of_object(error):
            return False
        message = _message(parsed)
    if _ROUTER.search(message) or _BARE.fullmatch(message):
        return True
    if _FILE.fullmatch(message) and "file" not in operation.path:
        return True
    if isinstance(parsed, dict):
        return False
    return not any(each in text for each in _identifiers(operation, exchange))


def _of_object(error: dict[str, Any]) -> bool:
    """True for a `param`, or a `code` that is a word of the API's own."""
    code, param = error.get("code"), error.get("param")
    words = isinstance(code, str) and not _BARE.fullmatch(code) and not _ROUTER.search(code.replace("_", " "))
    return words or (isinstance(param, str) and bool(param))


def _message(parsed: Any) -> str:
    """The words of a JSON error, whatever its shape."""
    for _ in range(4):
        if not isinstance(parsed, dict):
            break
        parsed = next((parsed[name] for name in ("error", "message", "detail", "msg") if parsed.get(name)), "")
    return parsed if isinstance(parsed, str) else json.dumps(parsed)


def _identifiers(operation: Operation, exchange: Exchange) -> list[str]:
    """The values of the path's parameters in the request."""
    found = path_match(operation, exchange)
    return [unquote(each) for each in found.groups()] if found else []
