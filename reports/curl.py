"""A request of a record as a `curl` command that can be pasted into bash and run; keys come from the environment."""

from __future__ import annotations

import re
from typing import Any

#: What curl sets itself, or what would contradict the body it sends.
_OWN = frozenset({"content-length", "host", "connection", "transfer-encoding", "accept-encoding"})
_MARKER = re.compile(r"\[redacted:([A-Za-z_][A-Za-z0-9_]*)\]")
#: Characters that a terminal would not take from a paste as they are.
_UNPASTEABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
#: A single argument may have 128 KiB on Linux; beyond that the body goes through a pipe.
_LONGEST = 100_000


def line(exchange: dict[str, Any], key: str = "OPENAI_API_KEY") -> str:
    """The command for an exchange's line of a record. A body that the record holds in part is announced. `key` is the
    environment variable for a credential whose origin the record does not tell.
    """
    request = exchange["request"]
    first, parts = "curl", _headers(request, key)
    body, piped = _body(request)
    if piped:
        first = f"printf %s {body} | base64 -d | curl"
        parts.append("--data-binary @-")
    elif body:
        parts.append(f"--data-raw {body}")
    method = _method(request["method"], has_body=bool(body))
    head = " ".join(each for each in (first, _flags(exchange), method, quote(request["url"])) if each)
    command = " \\\n  ".join([head, *parts])
    if request.get("truncated"):
        return f"# The record holds only the beginning of this body.\n{command}"
    return command


def quote(text: str) -> str:
    """`text` as one word of bash; a redacted secret with a name becomes its environment variable."""
    pieces = _MARKER.split(text)
    if len(pieces) == 1:
        return _single(text)
    if not re.search(r'["$`\\!]', "".join(pieces[::2])):
        return '"' + _MARKER.sub(r"$\1", text) + '"' if _bounded(pieces) else '"' + _MARKER.sub(r"${\1}", text) + '"'
    words = [f'"${piece}"' if index % 2 else _single(piece) for index, piece in enumerate(pieces)]
    return "".join(word for word in words if word != "''")


def _bounded(pieces: list[str]) -> bool:
    """True where no name would run into the text behind it."""
    return not any(re.match(r"\w", each) for each in pieces[2::2])


def _single(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _flags(exchange: dict[str, Any]) -> str:
    """`-i` shows status and headers, `-N` a stream as it comes; the rest keeps curl from rewriting the URL."""
    url = exchange["request"]["url"]
    raw = [("-g", re.search(r"[\[\]{}]", url)), ("--path-as-is", "/." in url), ("-N", _streams(exchange))]
    return " ".join(["-sSi", *(flag for flag, wanted in raw if wanted)])


def _streams(exchange: dict[str, Any]) -> bool:
    response = exchange.get("response") or {}
    headers = [*exchange["request"]["headers"], *response.get("headers", [])]
    asked = any(name.lower() in {"accept", "content-type"} and "event-stream" in value for name, value in headers)
    return asked or "events" in response or '"stream":true' in exchange["request"].get("body", "").replace(" ", "")


def _method(method: str, *, has_body: bool) -> str:
    if method == "HEAD":
        return "--head"
    return "" if method == ("POST" if has_body else "GET") else f"-X {quote(method)}"


def _headers(request: dict[str, Any], key: str) -> list[str]:
    pairs = [(name, _named(name, value, key)) for name, value in request["headers"] if name.lower() not in _OWN]
    # `Name;` is how curl is told to send a header without a value.
    parts = [f"-H {quote(f'{name}: {value}' if value else f'{name};')}" for name, value in pairs]
    has_body = "body" in request or "body_base64" in request
    if has_body and not any(name.lower() == "content-type" for name, _ in pairs):
        parts.append("-H 'Content-Type:'")  # else curl would claim a form
    if any(name.lower() == "accept-encoding" for name, _ in request["headers"]):
        parts.append("--compressed")
    return parts


def _named(name: str, value: str, key: str) -> str:
    return value.replace("[redacted]", f"[redacted:{key}]") if name.lower() == "authorization" else value


def _body(request: dict[str, Any]) -> tuple[str, bool]:
    """The quoted body ("" for none) and whether it has to go through `base64 -d`."""
    if "body_base64" in request:
        return quote(request["body_base64"]), True
    text = request.get("body", "")
    if not text:
        return "", False
    if _UNPASTEABLE.search(text) or len(text.encode()) > _LONGEST:
        import base64

        return quote(base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()), True
    return quote(text), False
