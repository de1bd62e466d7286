"""An instance of a JSON Schema, for structured outputs and the arguments of function calls."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from contract import pointer
from contract.mock.patterns import matching

_MAX_DEPTH = 12
#: Values, and characters of a string, that one instance may have.
_MOST_VALUES = 5000
_MOST_CHARACTERS = 100_000
_FORMATS: Mapping[str, Callable[[Random], str]] = {
    "date": lambda chance: f"20{chance.randint(10, 29)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
    "time": lambda chance: f"{chance.randint(0, 23):02}:{chance.randint(0, 59):02}:00Z",
    "date-time": lambda chance: f"20{chance.randint(10, 29)}-0{chance.randint(1, 9)}-1{chance.randint(0, 9)}T12:00:00Z",
    "duration": lambda chance: f"PT{chance.randint(1, 59)}M",
    "email": lambda chance: f"user{chance.randint(1, 99)}@example.com",
    "hostname": lambda _: "example.com",
    "ipv4": lambda chance: f"192.0.2.{chance.randint(1, 254)}",
    "ipv6": lambda chance: f"2001:db8::{chance.randint(1, 9999)}",
    "uuid": lambda chance: f"{chance.getrandbits(32):08x}-0000-4000-8000-{chance.getrandbits(48):012x}",
    "uri": lambda chance: f"https://example.com/{chance.randint(1, 999)}",
}


class NoInstanceError(ValueError):
    """The schema cannot be satisfied here: it contradicts itself or asks for what this server does not make."""


def instance(schema: Any, chance: Random, words: list[str]) -> Any:
    """A value that is valid under `schema`; strings are made of `words`. Raises NoInstanceError."""
    import jsonschema_rs

    try:
        validator = jsonschema_rs.validator_for(schema, retriever=_refuse_to_fetch)
    except (ValueError, RecursionError) as error:
        raise NoInstanceError(str(error).splitlines()[0][:200]) from None
    for _ in range(8):
        try:
            made = _Maker(schema, chance, words or ["text"]).make(schema, 0)
            if validator.is_valid(made):
                return made
        except (LookupError, TypeError, ValueError, AttributeError, RecursionError):
            continue
    raise NoInstanceError("no instance of the schema was found")


def _refuse_to_fetch(uri: str) -> Any:
    raise NoInstanceError(f"a $ref leads out of the schema: {uri[:100]}")


class _Maker:
    def __init__(self, root: Any, chance: Random, words: list[str]) -> None:
        self.left = _MOST_VALUES
        self.root = root
        self.chance = chance
        self.words = words

    def make(self, schema: Any, depth: int) -> Any:
        if not isinstance(schema, dict):
            return {}
        self.left -= 1
        if depth > 4 * _MAX_DEPTH or self.left < 0:
            raise NoInstanceError("the schema never ends")
        schema = self._resolved(schema, depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self.chance.choice(schema["enum"])
        kind = self._kind(schema, depth)
        makers = {
            "object": self._object,
            "array": self._array,
            "string": self._string,
            "integer": self._integer,
            "number": self._number,
            "boolean": lambda *_: self.chance.random() < 0.5,
            "null": lambda *_: None,
        }
        return makers[kind](schema, depth)

    def _resolved(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        """`$ref`, `allOf` and one branch of a union folded into one schema."""
        for _ in range(_MAX_DEPTH):
            if "$ref" in schema:
                target = pointer.resolve(self.root, schema["$ref"].removeprefix("#"))
                schema = _merged({key: value for key, value in schema.items() if key != "$ref"}, target)
            elif "allOf" in schema:
                rest = {key: value for key, value in schema.items() if key != "allOf"}
                for each in schema["allOf"]:
                    rest = _merged(rest, self._resolved(each, depth))
                schema = rest
            elif "anyOf" in schema or "oneOf" in schema:
                key = "anyOf" if "anyOf" in schema else "oneOf"
                branch = self._branch(schema[key], depth)
                schema = _merged({name: value for name, value in schema.items() if name != key}, branch)
            else:
                return schema
        return schema

    def _branch(self, branches: list[Any], depth: int) -> Any:
        if depth < _MAX_DEPTH // 2:
            return self.chance.choice(branches)
        # Deep down the smallest branch ends a recursion: null before anything that has members.
        return min(branches, key=lambda each: len(json.dumps(each)))

    def _kind(self, schema: Mapping[str, Any], depth: int) -> str:
        kind = schema.get("type")
        if isinstance(kind, list):
            real = [each for each in kind if each != "null"]
            return str(self.chance.choice(real) if real and depth < _MAX_DEPTH else kind[-1])
        if isinstance(kind, str):
            return kind
        hints = {"properties": "object", "required": "object", "items": "array", "minimum": "number"}
        return next((value for key, value in hints.items() if key in schema), "string")

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        properties = schema.get("properties", {})
        required = schema.get("required", [])
        names = list(properties) if depth < _MAX_DEPTH // 2 else [name for name in properties if name in required]
        made = {name: self.make(properties[name], depth + 1) for name in names}
        extra = schema.get("additionalProperties", True)
        for name in required:
            if name not in made:
                made[name] = self.make(extra, depth + 1) if isinstance(extra, dict) else self._word()
        if schema.get("minProperties", 0) > self.left:
            raise NoInstanceError("an object is too large")
        while len(made) < schema.get("minProperties", 0):
            made[f"key{len(made)}"] = self.make(extra, depth + 1) if isinstance(extra, dict) else self._word()
        return made

    def _array(self, schema: Mapping[str, Any], depth: int) -> list[Any]:
        fixed = [self.make(each, depth + 1) for each in schema.get("prefixItems", [])]
        least = schema.get("minItems", 0)
        if least > self.left:
            raise NoInstanceError("an array is too long")
        size = max(least, min(schema.get("maxItems", 3), self.chance.randint(1, 3) if depth < _MAX_DEPTH // 2 else 0))
        made: list[Any] = fixed
        for _ in range(20 * size):
            if len(made) >= size:
                break
            value = self.make(schema.get("items", {"type": "string"}), depth + 1)
            if not schema.get("uniqueItems") or value not in made:
                made.append(value)
        return made

    def _string(self, schema: Mapping[str, Any], depth: int) -> str:  # noqa: ARG002 - all makers share one form
        if "pattern" in schema:
            return matching(schema["pattern"], self.chance)
        if schema.get("format") in _FORMATS:
            return _FORMATS[schema["format"]](self.chance)
        least, most = schema.get("minLength", 0), schema.get("maxLength", 10_000)
        if least > _MOST_CHARACTERS:
            raise NoInstanceError("a string is too long")
        text = self._word()
        while len(text) < least:
            text += f" {self._word()}"
        return text[:most]

    def _integer(self, schema: Mapping[str, Any], depth: int) -> int:  # noqa: ARG002 - all makers share one form
        low, high = _bounds(schema)
        step = schema.get("multipleOf", 1)
        low, high = int(-(-low // step)), int(high // step)
        return int(self.chance.randint(low, max(low, high)) * step)

    def _number(self, schema: Mapping[str, Any], depth: int) -> float:
        if "multipleOf" in schema:
            return self._integer(schema, depth)
        low, high = _bounds(schema, 1e-6)
        return min(high, max(low, round(self.chance.uniform(low, high), 2)))

    def _word(self) -> str:
        return self.chance.choice(self.words)


def _bounds(schema: Mapping[str, Any], gap: float = 1) -> tuple[float, float]:
    low = schema.get("minimum", schema["exclusiveMinimum"] + gap if "exclusiveMinimum" in schema else None)
    high = schema.get("maximum", schema["exclusiveMaximum"] - gap if "exclusiveMaximum" in schema else None)
    if low is None:
        low = min(0, high) if high is not None else 0
    return low, high if high is not None else low + 100


def _merged(one: Mapping[str, Any], other: Any) -> dict[str, Any]:
    if not isinstance(other, dict):
        return dict(one)
    merged = {**other, **one}
    if "properties" in one and "properties" in other:
        merged["properties"] = {**other["properties"], **one["properties"]}
    if "required" in one and "required" in other:
        merged["required"] = [*one["required"], *(each for each in other["required"] if each not in one["required"])]
    return merged
