"""What a recorded request was: the operation that it names, and its body as the members that a schema knows."""

from __future__ import annotations

from collections.abc import Mapping
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from contract.exchange import Request, header
from contract.spec import Spec


class Finder:
    """Finds operations by method and path; whatever stands before the path of the spec is a base path."""

    def __init__(self, spec: Spec) -> None:
        self._templates: dict[str, list[tuple[list[str], str]]] = {}
        for operation in spec.operations.values():
            segments = operation.path.strip("/").split("/")
            self._templates.setdefault(operation.method, []).append((segments, operation.id))

    def find(self, request: Request) -> str | None:
        """The operation whose path ends the request's: the longest, then the one with the most literal segments."""
        path = [unquote(each) for each in urlsplit(request.url).path.strip("/").split("/")]
        fitting = [
            (len(template), sum(not _is_parameter(each) for each in template), identifier)
            for template, identifier in self._templates.get(request.method, ())
            if _fits(template, path)
        ]
        return max(fitting)[2] if fitting else None


def _fits(template: list[str], path: list[str]) -> bool:
    tail = path[len(path) - len(template) :] if len(path) >= len(template) else []
    pairs = zip(template, tail, strict=True) if tail else ()
    return bool(tail) and all(said if _is_parameter(due) else said == due for due, said in pairs)


def _is_parameter(segment: str) -> bool:
    return segment.startswith("{")


def members(request: Request) -> Mapping[str, Any]:
    """The body of a request as an object: JSON, a form or multipart fields (files by name); {} where it is none."""
    kind = (header(request.headers, "content-type") or "").lower()
    if request.body is None:
        return {}
    if kind.startswith("multipart/form-data"):
        fields = _multipart(request.body, header(request.headers, "content-type") or "")
    elif kind.startswith("application/x-www-form-urlencoded"):
        fields = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    else:
        fields = []
    decoded = grouped(fields) if fields else request.json()
    return decoded if isinstance(decoded, Mapping) else {}


def grouped(fields: list[tuple[str, str]]) -> dict[str, Any]:
    """Fields by name; a name that ends in `[]` or comes twice holds a list."""
    found: dict[str, Any] = {}
    for name, value in fields:
        if name in found:
            found[name] = [*(found[name] if isinstance(found[name], list) else [found[name]]), value]
        else:
            found[name] = [value] if name.endswith("[]") else value
    return found


def _multipart(body: bytes, content_type: str) -> list[tuple[str, str]]:
    """The fields of a multipart body (RFC 7578), files told by their name alone."""
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    fields = []
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        if isinstance(name, str):
            payload = part.get_payload(decode=True)
            text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
            fields.append((name, f"@{part.get_filename()}" if part.get_filename() else text))
    return fields
