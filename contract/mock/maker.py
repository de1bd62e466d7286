"""Values of a schema: made from nothing, or mended from an example that breaks it. Deterministic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import yaml

from contract import pointer

#: "Nothing of this value can be kept": the caller drops the member, or makes one where it is required.
LOST: Final = object()
_SCALARS: Final[Mapping[str, Any]] = {"string": "string", "integer": 1, "number": 1.0, "boolean": True}
_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
}
_DEEP = 12


def flow(text: str) -> Any:
    """JSON with trailing commas, bare keys or `...`: all of it is YAML. Raises yaml.YAMLError."""
    return yaml.load(text, Loader=yaml.CSafeLoader)


class Maker:
    """Makes and mends values of schemas of one document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def _flat(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """A schema with its `$ref` followed and its `allOf` merged into one."""
        while "$ref" in schema:
            schema = pointer.resolve(self._document, schema["$ref"].removeprefix("#"))
        flat = {key: value for key, value in schema.items() if key != "allOf"}
        for part in schema.get("allOf", []):
            for key, value in self._flat(part).items():
                if key == "properties":
                    flat[key] = {**flat.get(key, {}), **value}
                elif key == "required":
                    flat[key] = [*flat.get(key, []), *value]
                else:
                    flat.setdefault(key, value)
        return flat

    def _branches(self, schema: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The branches of a union, each with what stands beside it: that holds for every branch."""
        beside = {key: value for key, value in schema.items() if key not in {"oneOf", "anyOf"}}
        return [self._flat({"allOf": [each, beside]}) for each in (*schema.get("oneOf", ()), *schema.get("anyOf", ()))]

    def make(self, schema: Mapping[str, Any], depth: int = 0) -> Any:
        """The smallest useful value: required members, one item, the first branch."""
        schema = self._flat(schema)
        if "enum" in schema:
            return schema["enum"][0]
        if depth > _DEEP:
            return LOST
        if (shown := self._shown(schema)) is not LOST:
            return shown
        if branches := self._branches(schema):
            return next((made for each in branches if (made := self.make(each, depth + 1)) is not LOST), LOST)
        return self._make_plain(schema, depth)

    def _make_plain(self, schema: Mapping[str, Any], depth: int) -> Any:
        if schema.get("type") == "object" or "properties" in schema:
            return self._object(schema, {}, depth)
        if schema.get("type") == "array":
            item = self.make(schema.get("items", {}), depth + 1)
            return [] if item is LOST else [item] * max(1, schema.get("minItems", 1))
        return self._scalar(schema)

    def _shown(self, schema: Mapping[str, Any]) -> Any:
        """The example of a schema that documents an object (`x-oaiMeta.example`), mended; LOST where it has none."""
        try:
            value = flow(schema.get("x-oaiMeta", {}).get("example", ""))
        except yaml.YAMLError:
            return LOST
        return self.mend(schema, value) if isinstance(value, dict) else LOST

    def _scalar(self, schema: Mapping[str, Any]) -> Any:
        kind = schema.get("type", "string")
        given = schema.get("example", schema.get("default"))
        if _is(given, kind):
            return given
        value = _SCALARS[kind]
        if kind in {"integer", "number"}:
            value = max(value, schema.get("minimum", value))
            value = min(value, schema.get("maximum", value))
        return value

    def _object(self, schema: Mapping[str, Any], value: Mapping[str, Any], depth: int) -> Any:
        """An object with what can be kept of `value` and every required member."""
        properties = schema.get("properties", {})
        open_ = schema.get("additionalProperties", True)
        kept = {}
        for name, each in value.items():
            rule = properties.get(name, open_)
            mended = self.mend(rule, each, depth + 1) if isinstance(rule, Mapping) else (each if rule else LOST)
            if mended is not LOST and name != "...":
                kept[name] = mended
        for name in schema.get("required", []):
            if name not in kept and name in properties:
                kept[name] = self.make(properties[name], depth + 1)
            elif name not in kept:
                kept[name] = 1
        return LOST if LOST in kept.values() else kept

    def mend(self, schema: Mapping[str, Any], value: Any, depth: int = 0) -> Any:
        """What can be kept of `value` under a schema, completed; LOST where that is nothing."""
        schema = self._flat(schema)
        if value is None:
            return None if schema.get("nullable") and "type" in schema and "enum" not in schema else LOST
        if "enum" in schema:
            return value if value in schema["enum"] else schema["enum"][0]
        if branches := self._branches(schema):
            fits = [each for each in branches if self._fits(each, value)]
            return self.mend(fits[0], value, depth + 1) if fits else LOST
        return self._mend_plain(schema, value, depth)

    def _mend_plain(self, schema: Mapping[str, Any], value: Any, depth: int) -> Any:
        kind = schema.get("type", "object" if "properties" in schema else None)
        if kind and not _is(value, kind):
            return LOST
        if isinstance(value, dict):
            return self._object(schema, value, depth)
        if isinstance(value, list):
            items = (self.mend(schema.get("items", {}), each, depth + 1) for each in value if each != {"...": None})
            return [each for each in items if each is not LOST]
        return value

    def _fits(self, branch: Mapping[str, Any], value: Any) -> bool:
        """True where the branch is of the value's type and its constants agree."""
        if "oneOf" in branch or "anyOf" in branch:
            return any(self._fits(each, value) for each in self._branches(branch))
        if "enum" in branch:
            return value in branch["enum"]
        if not _is(value, branch.get("type", "object" if "properties" in branch else "")):
            return False
        return not isinstance(value, dict) or all(
            value.get(name) in flat["enum"]
            for name, each in branch.get("properties", {}).items()
            if "enum" in (flat := self._flat(each)) and (name in value or name in {"type", "object", "role"})
        )


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES.get(kind, ()))
