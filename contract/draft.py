"""Draft: a request before it meets a target: an operation, its values and a body, still as data.

`build` serialises it by the parameters' OpenAPI styles (form, simple, deepObject) and RFC 7578 (multipart).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode

from contract.exchange import Headers, Request
from contract.operation import Operation


@dataclass(frozen=True, slots=True)
class Upload:
    """A file part of a multipart body: real bytes with a name and a media type."""

    filename: str
    content: bytes
    media_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Draft:
    """Values of one request. `raw_body` overrides `body`: bytes sent as they are (malformed JSON and its like)."""

    operation: Operation
    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    media_type: str | None = None
    raw_body: bytes | None = None
    #: Set to send another method or path than the operation's (edge-of-HTTP cases).
    method: str | None = None
    url_path: str | None = None
    #: False: send no Authorization header; a string: that header value instead of the target's key.
    authorization: bool | str = True

    def but(self, **changes: Any) -> Draft:
        """A copy with members changed."""
        return replace(self, **changes)

    def build(self, base_url: str, headers: Headers = (), query: Mapping[str, str] | None = None) -> Request:
        """The request to `base_url` (which may have a path); `headers` and `query` are the target's own."""
        path = self.resolved_path
        pairs = [*self._query_pairs(), *(query or {}).items()]
        url = base_url.rstrip("/") + path + (f"?{urlencode(pairs)}" if pairs else "")
        media_type, content = self._content()
        own = {**self.operation.headers, **({"Content-Type": media_type} if media_type else {}), **self.headers}
        taken = {name.lower() for name in own}
        merged = (*((k, v) for k, v in headers if k.lower() not in taken), *own.items())
        return Request(self.method or self.operation.method, url, merged, content)

    @property
    def resolved_path(self) -> str:
        """The path below the base URL, parameters filled in and percent-encoded."""
        if self.url_path is not None:
            return self.url_path
        path = self.operation.path
        for name, value in self.path.items():
            path = path.replace("{" + name + "}", quote(str(value), safe=""))
        return path

    def _query_pairs(self) -> list[tuple[str, str]]:
        declared = {each.name: each for each in self.operation.parameters_in("query")}
        pairs: list[tuple[str, str]] = []
        for name, value in self.query.items():
            parameter = declared.get(name)
            deep = isinstance(value, Mapping)
            explode = parameter.explode if parameter else True
            if deep:
                # Without a style OpenAPI would flatten an object into bare names; every example sends brackets.
                pairs += [(f"{name}[{key}]", _text(each)) for key, each in value.items()]
            elif isinstance(value, list | tuple):
                pairs += [(name, _text(each)) for each in value] if explode else [(name, ",".join(map(_text, value)))]
            else:
                pairs.append((name, _text(value)))
        return pairs

    def _content(self) -> tuple[str | None, bytes | None]:
        declared = self.operation.body
        media_type = self.media_type or (declared.media_type.name if declared else None)
        if self.raw_body is not None:
            return media_type, self.raw_body
        if self.body is None:
            return None, None
        if media_type == "multipart/form-data":
            return _multipart(self.body)
        if media_type == "application/x-www-form-urlencoded":
            return media_type, urlencode(list(_fields(self.body))).encode()
        return media_type or "application/json", json.dumps(self.body, ensure_ascii=False).encode(
            "utf-8", "surrogatepass"
        )


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)


def _fields(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in body.items():
        if isinstance(value, list):
            yield from ((name, _text(each)) for each in value)
        else:
            yield name, json.dumps(value) if isinstance(value, Mapping) else _text(value)


def _multipart(body: Mapping[str, Any]) -> tuple[str, bytes]:
    """RFC 7578; the boundary comes from the content, so that one draft always gives the same bytes."""
    parts: list[tuple[str, bytes]] = []
    for name, value in body.items():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, Upload):
                head = f'name="{name}"; filename="{each.filename}"\r\nContent-Type: {each.media_type}'
                parts.append((head, each.content))
            else:
                text = json.dumps(each) if isinstance(each, Mapping) else _text(each)
                parts.append((f'name="{name}"', text.encode("utf-8", "surrogatepass")))
    digest = hashlib.sha256(b"".join(head.encode() + content for head, content in parts)).hexdigest()
    boundary = f"contract-{digest[:32]}"
    blocks = [
        f"--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n"
        for head, content in parts
    ]
    return f"multipart/form-data; boundary={boundary}", b"".join(blocks) + f"--{boundary}--\r\n".encode()
