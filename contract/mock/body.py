"""Request bodies: bytes to values. JSON strictly (RFC 8259, no duplicate names, no NaN), multipart by RFC 7578."""

from __future__ import annotations

import json
import logging
import math
import re
from typing import Any, NoReturn

from contract.draft import Upload
from contract.mock.errors import ApiError, invalid

#: Deeper than any schema of the spec needs; beyond it validators and encoders recurse too far.
_MAX_DEPTH = 200
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_MAX_PARTS = 1000
#: Whole numbers up to here are exact as floats.
_EXACT = 2**53


def parse_json(content: bytes) -> Any:
    """The value of a JSON text. Raises ApiError (400)."""
    try:
        text = content.decode("utf-8")
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)[:200]
        raise invalid(f"We could not parse the JSON body of your request: {reason}.") from None
    if content.count(b"[") + content.count(b"{") > _MAX_DEPTH and _depth(text) > _MAX_DEPTH:
        raise invalid("We could not parse the JSON body of your request: nested too deeply.")
    if _SURROGATE.search(content):
        _refuse_surrogates(value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("an object has the same name twice")
    return value


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError("a number is too large")
    # JSON has one kind of number: 2.0 is an integer to a schema, and so it is to a handler.
    return int(value) if value.is_integer() and abs(value) < _EXACT else value


def _depth(text: str) -> int:
    depth = deepest = 0
    for character in re.sub(r'"(?:[^"\\]|\\.)*"', "", text):
        depth += (character in "[{") - (character in "]}")
        deepest = max(deepest, depth)
    return deepest


def _refuse_surrogates(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise invalid("We could not parse the JSON body of your request: a lone surrogate is no character.") from None


def parse_multipart(content: bytes, content_type: str) -> list[tuple[str, str | Upload]]:
    """Name and value of each part in order. Raises ApiError (400)."""
    from python_multipart.exceptions import FormParserError
    from python_multipart.multipart import MultipartParser, parse_options_header

    boundary = parse_options_header(content_type)[1].get(b"boundary")
    if not boundary:
        raise invalid("The multipart body has no boundary in its Content-Type.")
    # It warns of every bad body on standard error; the client is told, the operator need not be.
    logging.getLogger("python_multipart.multipart").disabled = True
    parts = _Parts()
    try:
        parser = MultipartParser(boundary, parts.callbacks())  # type: ignore[arg-type] # a plain dict of callables
        parser.write(content)
        parser.finalize()
    except (FormParserError, UnicodeDecodeError, ValueError) as error:
        raise invalid(f"We could not parse the multipart body of your request: {str(error)[:200]}.") from None
    if not parts.ended:
        raise invalid("We could not parse the multipart body of your request: it is cut off.")
    return parts.found


class _Parts:
    """Collects what the parser calls back."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str | Upload]] = []
        self.ended = False
        self._headers: dict[str, bytes] = {}
        self._name = self._value = b""
        self._data: list[bytes] = []

    def callbacks(self) -> dict[str, Any]:
        return {
            "on_part_begin": self._begin,
            "on_header_begin": self._header_begin,
            "on_header_field": self._field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_part_data": lambda data, start, end: self._data.append(data[start:end]),
            "on_part_end": self._end,
            "on_end": self._finish,
        }

    def _begin(self) -> None:
        self._headers, self._data = {}, []

    def _header_begin(self) -> None:
        self._name = self._value = b""

    def _field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._name.decode("latin-1").lower()] = self._value

    def _finish(self) -> None:
        self.ended = True

    def _end(self) -> None:
        from python_multipart.multipart import parse_options_header

        options = parse_options_header(self._headers.get("content-disposition", b""))[1]
        name, content = options.get(b"name"), b"".join(self._data)
        if name is None:
            raise ValueError("a part has no name")
        if len(self.found) >= _MAX_PARTS:
            raise ValueError("too many parts")
        filename = options.get(b"filename")
        if filename is None:
            self.found.append((name.decode(), content.decode()))
            return
        media_type = self._headers.get("content-type", b"application/octet-stream").decode("latin-1")
        self.found.append((name.decode(), Upload(filename.decode(errors="replace"), content, media_type)))


def too_large(limit: int) -> ApiError:
    """The 413 for a body over the limit."""
    return ApiError(413, f"The request body is larger than {limit} bytes.", code="request_too_large")
