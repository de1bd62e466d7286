"""Values made from JSON Schema: arguments of function calls and answers in `json_schema` format. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

_DEEP = 8
_SCALARS: Mapping[str, Any] = {"integer": 1, "number": 1.5, "boolean": True, "null": None}


def instance(schema: Any, rng: Random, text: str, root: Mapping[str, Any] | None = None, depth: int = 0) -> Any:
    """A value that fits the common part of JSON Schema: types, const, enum, bounds, members, unions, `$ref`s."""
    if not isinstance(schema, Mapping):
        return text
    home = schema if root is None else root
    if "$ref" in schema:
        return instance(_followed(home, schema["$ref"]), rng, text, home, depth + 1) if depth < _DEEP else None
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return rng.choice(schema["enum"])
    for union in ("anyOf", "oneOf", "allOf"):
        if schema.get(union):
            merged = _merged(schema, union)
            return instance(merged, rng, text, home, depth + 1)
    return _typed(schema, rng, text, home, depth)


def _merged(schema: Mapping[str, Any], union: str) -> dict[str, Any]:
    rest = {name: value for name, value in schema.items() if name != union}
    branches = schema[union] if union == "allOf" else schema[union][:1]
    for branch in branches:
        shared = {**rest.get("properties", {}), **branch.get("properties", {})}
        required = [*rest.get("required", []), *branch.get("required", [])]
        rest = {**rest, **branch, **({"properties": shared, "required": required} if shared else {})}
    return rest


def _typed(schema: Mapping[str, Any], rng: Random, text: str, home: Mapping[str, Any], depth: int) -> Any:
    kind = schema.get("type", "object" if "properties" in schema else "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        names = schema.get("properties", {}) if depth < _DEEP else {}
        return {name: instance(each, rng, text, home, depth + 1) for name, each in names.items()}
    if kind == "array":
        length = max(1, schema.get("minItems", 1)) if depth < _DEEP else schema.get("minItems", 0)
        return [instance(schema.get("items", {}), rng, text, home, depth + 1) for _ in range(length)]
    if kind in {"integer", "number"}:
        return _number(schema, kind)
    if kind == "string":
        return _string(schema, text)
    return _SCALARS.get(kind)


def _number(schema: Mapping[str, Any], kind: str) -> int | float:
    low, high = schema.get("minimum", schema.get("exclusiveMinimum")), schema.get("maximum")
    value = _SCALARS[kind] if low is None else low + ("exclusiveMinimum" in schema)
    if high is not None:
        value = min(value, high)
    return int(value) if kind == "integer" else float(value)


def _string(schema: Mapping[str, Any], text: str) -> str:
    filled = text or "text"
    least = schema.get("minLength", 0)
    filled += "." * (least - len(filled))
    return filled[: schema.get("maxLength", len(filled))]


def _followed(home: Mapping[str, Any], reference: str) -> Any:
    """A local `$ref` of the schema, `{}` where it leads nowhere."""
    node: Any = home
    for part in reference.removeprefix("#").split("/")[1:]:
        node = node.get(part, {}) if isinstance(node, Mapping) else {}
    return node
