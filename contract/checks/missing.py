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
from typing import Any
from urllib.parse import unquote

from contract.case import Expect, Kind
from contract.checks.made import path_match
from contract.checks.statuses import ACCESS
from contract.exchange import Exchange, Response
from contract.operation import Operation

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


def _route_missing(operation: Operation, exchange: Exchange, response: Response) -> bool:
    text = response.body[:20000].decode("utf-8", "replace")
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
