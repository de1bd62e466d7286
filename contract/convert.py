"""OpenAPI 3.0 schemas -> JSON Schema 2020-12, inside schema positions only; pointers stay as they are.

Source: OpenAPI 3.0.3 "Schema Object" and "Fixed Fields". `nullable` is honoured wherever it stands, beside `$ref`,
`enum` and combinators too: by the letter (3.0.3 proposal 2019-10-31) it acts only beside `type`, and documents that
write it elsewhere mean null. A document that forbids null that way would only earn false alarms.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from contract import pointer
from contract.positions import MANY, NAMED, ONE, every, outermost

#: Annotations that JSON Schema validators need not see; `discriminator` never changes a verdict (3.0.3).
_DROP = frozenset({"nullable", "discriminator", "example", "examples", "xml", "externalDocs"})
_RANGES = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}


def is_31(document: Mapping[str, Any]) -> bool:
    """True where the schemas of a document are JSON Schema 2020-12 already (OpenAPI 3.1 and later)."""
    return not str(document.get("openapi", "")).startswith("3.0")


def document(source: dict[str, Any]) -> dict[str, Any]:
    """A copy of an OpenAPI document with every schema in JSON Schema 2020-12."""
    if is_31(source):
        return _without_anchors(source)
    replaced = {at: schema(each) for at, each in outermost(source)}
    converted: dict[str, Any] = _copy(source, "", replaced)
    return converted


def _without_anchors(source: dict[str, Any]) -> dict[str, Any]:
    """References by `$anchor` as pointers: a validator finds no anchors outside of JSON Schema's own positions."""
    anchors = {each["$anchor"]: at for at, each in every(source) if isinstance(each, dict) and "$anchor" in each}
    if not anchors:
        return source
    copied: dict[str, Any] = json.loads(json.dumps(source))
    for _, each in every(copied):
        name = each.get("$ref", "")[1:] if isinstance(each, dict) and isinstance(each.get("$ref", ""), str) else ""
        if name in anchors:
            each["$ref"] = f"#{anchors[name]}"
    return copied


def _copy(node: Any, at: str, replaced: Mapping[str, Any]) -> Any:
    if at in replaced:
        return replaced[at]
    if isinstance(node, dict):
        return {key: _copy(each, pointer.join(at, key), replaced) for key, each in node.items()}
    if isinstance(node, list):
        return [_copy(each, pointer.join(at, index), replaced) for index, each in enumerate(node)]
    return node


def schema(source: Any) -> Any:
    """One schema object of OpenAPI 3.0 as JSON Schema 2020-12."""
    if not isinstance(source, dict):
        return source
    if isinstance(source.get("$ref"), str):  # its siblings are ignored (3.0.3 "Reference Object"), null aside
        converted = {"$ref": source["$ref"]}
    else:
        converted = {key: _keyword(key, value) for key, value in source.items() if key not in _DROP}
        _bounds(converted)
        _range(converted)
    return _nullable(converted) if _admits_null(source) else converted


def _keyword(key: str, value: Any) -> Any:
    if key in ONE:
        return schema(value)
    if key in MANY and isinstance(value, list):
        return [schema(each) for each in value]
    if key in NAMED and isinstance(value, dict):
        return {name: schema(each) for name, each in value.items()}
    return value


def _bounds(converted: dict[str, Any]) -> None:
    """Boolean `exclusiveMinimum` (JSON Schema draft 4) -> the number itself."""
    for inclusive, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        flag = converted.get(exclusive)
        if isinstance(flag, bool):
            del converted[exclusive]
            if flag and inclusive in converted:
                converted[exclusive] = converted.pop(inclusive)


def _range(converted: dict[str, Any]) -> None:
    """`int32` and `int64` bound an integer (OpenAPI 3.0.3 "Data Types"); tighter bounds of the schema stay."""
    name = converted.get("format")
    if converted.get("type") != "integer" or not isinstance(name, str) or name not in _RANGES:
        return
    low, high = _RANGES[name]
    if "exclusiveMinimum" not in converted:
        converted["minimum"] = max(low, converted.get("minimum", low))
    if "exclusiveMaximum" not in converted:
        converted["maximum"] = min(high, converted.get("maximum", high))


def _admits_null(source: Mapping[str, Any]) -> bool:
    if source.get("nullable") is True:
        return True
    # `allOf: [$ref, {nullable: true}]` is how some say "that, or null".
    return any(
        isinstance(each, dict) and each.get("nullable") is True and _says_nothing(each)
        for each in source.get("allOf", ())
    )


def _says_nothing(branch: Mapping[str, Any]) -> bool:
    return not branch.keys() - {"nullable", "description", "title", "deprecated", "default"}


def _nullable(converted: dict[str, Any]) -> dict[str, Any]:
    if isinstance(converted.get("type"), str) and not converted.keys() & {"$ref", "allOf", "anyOf", "oneOf", "not"}:
        converted["type"] = [converted["type"], "null"]
        if "enum" in converted and None not in converted["enum"]:
            converted["enum"] = [*converted["enum"], None]
        return converted
    if "type" not in converted and None in converted.get("enum", ()):
        return converted
    for union in ("anyOf", "oneOf"):
        if any(isinstance(each, dict) and each.get("enum") == [None] for each in converted.get(union, ())):
            return converted  # null stands among its branches already
    return {"anyOf": [converted, {"type": "null"}]}


def is_wrapped(converted: Any) -> bool:
    """True for what the conversion makes of a nullable schema without a plain type: that schema, or null."""
    return (
        isinstance(converted, dict) and converted.keys() == {"anyOf"} and converted["anyOf"][-1:] == [{"type": "null"}]
    )
