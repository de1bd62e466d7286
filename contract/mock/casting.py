"""Text to typed values: query, path and form values by their schemas (OpenAPI styles form and deepObject)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from contract import pointer
from contract.draft import Upload
from contract.mock.errors import invalid
from contract.operation import Parameter

_INTEGER = re.compile(r"-?\d{1,30}")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d{1,3})?")
_BOOLEANS = {"true": True, "false": False}


class Shape:
    """What a value of a schema may be, `$ref` and combinators looked through; `property` gives a member's shape."""

    def __init__(self, document: Mapping[str, Any], schema: Mapping[str, Any]) -> None:
        """`document` is where `$ref`s lead."""
        self._document = document
        self.nodes = list(_flat(document, schema))
        kinds = {kind for node in self.nodes for kind in _kinds(node)}
        self.kinds = frozenset(kinds)
        self.nullable = any(node.get("nullable") for node in self.nodes) or "null" in kinds

    @property
    def items(self) -> Shape:
        """The shape of an array's items."""
        return Shape(self._document, next((node["items"] for node in self.nodes if "items" in node), {}))

    def properties(self) -> dict[str, Shape]:
        """The declared members of an object."""
        found: dict[str, Shape] = {}
        for node in self.nodes:
            for name, schema in node.get("properties", {}).items():
                found.setdefault(name, Shape(self._document, schema))
        return found

    def cast(self, text: str) -> Any:
        """The value that `text` stands for; text where nothing else fits."""
        if "boolean" in self.kinds and text in _BOOLEANS:
            return _BOOLEANS[text]
        if "integer" in self.kinds and _INTEGER.fullmatch(text):
            return int(text)
        if "number" in self.kinds and _NUMBER.fullmatch(text):
            return float(text) if not _INTEGER.fullmatch(text) else int(text)
        if "object" in self.kinds and text[:1] == "{":
            try:
                return json.loads(text)
            except (ValueError, RecursionError):
                return text
        return text


def _flat(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    while "$ref" in schema:
        schema = pointer.resolve(document, schema["$ref"])
    yield schema
    for key in ("allOf", "anyOf", "oneOf"):
        for each in schema.get(key, []):
            yield from _flat(document, each)


def _kinds(node: Mapping[str, Any]) -> list[str]:
    kind = node.get("type", [])
    return [kind] if isinstance(kind, str) else list(kind)


class QueryCaster:
    """Casts the query strings of one operation."""

    def __init__(self, document: Mapping[str, Any], parameters: Iterable[Parameter]) -> None:
        """`parameters` are the operation's query parameters."""
        self._shapes = {each.name: (each, Shape(document, each.schema)) for each in parameters}
        #: Clients write arrays with and without brackets; both name the same parameter.
        self._alias = {name.removesuffix("[]"): name for name in self._shapes}
        self._alias |= {f"{name.removesuffix('[]')}[]": name for name in self._shapes}
        self.required = [each.name for each, _ in self._shapes.values() if each.required]

    def cast(self, query: bytes) -> dict[str, Any]:
        """The declared parameters that were sent. Raises ApiError (400) where the text is not UTF-8 or too long."""
        values: dict[str, Any] = {}
        try:
            pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=1000)
        except ValueError:
            raise invalid("The query string of your request could not be read.") from None
        for raw, text in pairs:
            name, _, member = raw.partition("[")
            if member not in {"", "]"} and name in self._shapes and member.endswith("]"):
                deep = values.setdefault(name, {})
                if isinstance(deep, dict):
                    deep[member[:-1]] = self._member(name, member[:-1], text)
            elif raw in self._alias:
                self._put(values, self._alias[raw], text)
        return values

    def _put(self, values: dict[str, Any], name: str, text: str) -> None:
        parameter, shape = self._shapes[name]
        if "array" in shape.kinds:
            items = shape.items
            texts = [text] if parameter.explode else text.split(",")
            values.setdefault(name, []).extend(items.cast(each) for each in texts)
        elif "object" in shape.kinds and text == "null" and shape.nullable:
            values[name] = None  # openapi.yaml:4308: `metadata=null`
        else:
            values[name] = shape.cast(text)

    def _member(self, name: str, member: str, text: str) -> Any:
        properties = self._shapes[name][1].properties()
        return properties[member].cast(text) if member in properties else text


def cast_form(properties: Mapping[str, Shape], parts: Iterable[tuple[str, str | Upload]]) -> dict[str, Any]:
    """Typed members of a multipart body; names with and without brackets, as clients write arrays."""
    body: dict[str, Any] = {}
    for raw, value in parts:
        name = next((each for each in (raw, raw.removesuffix("[]"), f"{raw}[]") if each in properties), raw)
        shape = properties.get(name)
        is_array = shape is not None and "array" in shape.kinds
        kind = shape.items if shape is not None and is_array else shape
        if value == "null" and shape is not None and shape.nullable:
            cast: Any = None  # a form has no other way to write it
        else:
            cast = value if isinstance(value, Upload) or kind is None else kind.cast(value)
        if is_array:
            body.setdefault(name, []).append(cast)
        else:
            body[name] = cast
    return body
