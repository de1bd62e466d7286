"""Where schemas stand in an OpenAPI document, and where `$ref`s do: names and example values are told from keywords.

A property may be called `nullable`, `example` or `$ref`, and an example may hold anything; none of those is a keyword.
Sources: OpenAPI 3.0.3 and 3.1.0, "Components", "Media Type", "Parameter" and "Schema Object".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from contract import pointer
from contract.errors import SpecError

#: Keywords of a schema whose value is one schema, a list of schemas, a map of names to schemas.
ONE = frozenset(
    {"items", "not", "additionalProperties", "additionalItems", "contains", "propertyNames", "if", "then", "else"}
    | {"unevaluatedItems", "unevaluatedProperties", "contentSchema"}
)
MANY = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
NAMED = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
#: Maps of names outside schemas: their keys are no keywords.
_MAPS = frozenset({"headers", "content", "responses", "callbacks", "encoding", "links", "parameters", "pathItems"})
_MAPS |= {"requestBodies", "securitySchemes", "paths", "webhooks", "schemas"}
#: Values that are data, never structure.
_DATA = frozenset({"example", "examples", "default", "enum", "const", "mapping", "variables"})


def subschemas(schema: dict[str, Any]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """The schemas directly inside a schema, each with its relative path."""
    for key, value in schema.items():
        if key in ONE and isinstance(value, dict):
            yield (key,), value
        elif key in MANY and isinstance(value, list):
            yield from (((key, index), each) for index, each in enumerate(value))
        elif key in NAMED and isinstance(value, dict):
            yield from (((key, name), each) for name, each in value.items())


def outermost(document: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every schema that stands in no other schema: (JSON pointer, schema)."""
    stack: list[tuple[str, Any, bool]] = [("", document, False)]
    while stack:
        at, node, names = stack.pop()
        if isinstance(node, list):
            stack += [(pointer.join(at, index), each, False) for index, each in enumerate(node)]
        elif isinstance(node, dict):
            for key, value in node.items():
                here = pointer.join(at, key)
                if at == "/components/schemas" or (key == "schema" and not names):
                    yield here, value
                elif names:
                    stack.append((here, value, False))
                elif key not in _DATA and not key.startswith("x-"):
                    stack.append((here, value, key in _MAPS and isinstance(value, dict)))


def every(document: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every schema of the document, nested ones included: (JSON pointer, schema)."""
    stack = list(outermost(document))
    while stack:
        at, schema = stack.pop()
        yield at, schema
        if isinstance(schema, dict):
            stack += [(pointer.join(at, *path), each) for path, each in subschemas(schema)]


def references(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Every `$ref` that is a reference: (pointer of the object that holds it, target)."""
    schemas = {at for at, _ in outermost(document)}
    for at, schema in every(document):
        if isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
            yield at, schema["$ref"]
    stack: list[tuple[str, Any, bool]] = [("", document, False)]
    while stack:
        at, node, names = stack.pop()
        if at in schemas:
            continue
        if isinstance(node, list):
            stack += [(pointer.join(at, index), each, False) for index, each in enumerate(node)]
        elif isinstance(node, dict):
            if not names and isinstance(node.get("$ref"), str):
                yield at, node["$ref"]
            for key, value in node.items():
                if names or (key not in _DATA and not key.startswith("x-")):
                    stack.append((pointer.join(at, key), value, not names and key in _MAPS))


def local(reference: str) -> str:
    """The JSON pointer of a reference inside the document; `#` and percent-encoding are undone."""
    return unquote(reference.removeprefix("#"))


def check_references(document: dict[str, Any], name: str) -> None:
    """Raise SpecError for a reference that leaves the document, leads nowhere or only to itself."""
    anchors = {each.get("$anchor") for _, each in every(document) if isinstance(each, dict)}
    for at, target in references(document):
        if not target.startswith("#"):
            raise SpecError(f"{name}: $ref {target!r} at {at} leaves the document; bundle the spec into one file")
        if target[1:2] in {"", "/"} or target[1:] not in anchors:
            _follow(document, at, target, name)


def _follow(document: dict[str, Any], at: str, target: str, name: str) -> None:
    """Go from reference to reference until something else stands there."""
    seen, here = {at}, local(target)
    while True:
        if here in seen:
            raise SpecError(f"{name}: $ref {target!r} at {at} leads in a circle")
        seen.add(here)
        try:
            if here[:1] not in {"", "/"}:
                raise KeyError(here)
            node = pointer.resolve(document, here)
        except KeyError:
            raise SpecError(f"{name}: $ref {target!r} at {at} points to nothing") from None
        if not (isinstance(node, dict) and isinstance(node.get("$ref"), str)):
            return
        here = local(node["$ref"])
