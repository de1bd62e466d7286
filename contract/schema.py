"""OpenAPI schema -> JSON Schema; verdicts by jsonschema-rs (fast), explanations by jsonschema (on failure only).

One registry holds the converted document; a validator is compiled per pointer, lazily.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jsonschema_rs

from contract import pointer

_URI = "urn:contract:spec"
#: Members of a schema object that hold schemas, by shape.
_ONE = ("items", "not", "additionalProperties")
_MANY = ("allOf", "anyOf", "oneOf")
_DROP = frozenset({"discriminator", "example", "examples", "default", "nullable", "externalDocs", "xml", "deprecated"})


@dataclass(frozen=True, slots=True)
class Broken:
    """One broken constraint of an instance, explained: a line that a person can act on."""

    where: str
    keyword: str
    expected: str
    actual: str
    message: str
    spec_pointer: str


class Schemas:
    """Validators for every schema of one reading of a document, by JSON pointer."""

    def __init__(self, document: dict[str, Any]) -> None:
        """`document` is an OpenAPI document of 3.0 (`nullable`) or 3.1 (JSON Schema as it is)."""
        self._document = document
        self._compiled: dict[str, Any] = {}

    @cached_property
    def converted(self) -> dict[str, Any]:
        """The document with every schema in JSON Schema 2020-12; pointers stay as they are."""
        if str(self._document.get("openapi", "")).startswith("3.1"):
            return self._document
        converted: dict[str, Any] = convert_document(self._document)
        return converted

    @cached_property
    def _registry(self) -> Any:
        return jsonschema_rs.Registry([(_URI, self.converted)])

    def validator(self, at: str) -> Any:
        """The compiled validator of the schema at pointer `at`."""
        if at not in self._compiled:
            schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$ref": f"{_URI}#{at}"}
            self._compiled[at] = jsonschema_rs.Draft202012Validator(schema, registry=self._registry)
        return self._compiled[at]

    def is_valid(self, at: str, instance: Any) -> bool:
        """True where `instance` (parsed JSON) is valid under the schema at `at`."""
        valid: bool = self.validator(at).is_valid(instance)
        return valid

    def broken(self, at: str, instance: Any) -> Iterator[Broken]:
        """Every broken constraint, unions explained by their nearest branch; slow, for failures only."""
        for error in self.validator(at).iter_errors(instance):
            yield Broken(
                where=pointer.from_path(error.instance_path),
                keyword=str(error.schema_path[-1]),
                expected="",
                actual="",
                message=error.message,
                spec_pointer=pointer.from_path(error.schema_path),
            )


def convert_document(node: Any) -> Any:
    """A copy of an OpenAPI 3.0 document in which `nullable` is honoured wherever it stands."""
    if isinstance(node, list):
        return [convert_document(each) for each in node]
    if not isinstance(node, dict):
        return node
    converted = {key: convert_document(value) for key, value in node.items() if key not in {"example", "examples"}}
    if converted.get("nullable") is True:
        return _nullable({key: value for key, value in converted.items() if key not in _DROP})
    return {key: value for key, value in converted.items() if key != "discriminator" or "propertyName" not in value}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    if isinstance(schema.get("type"), str):
        schema = {**schema, "type": [schema["type"], "null"]}
        if "enum" in schema and None not in schema["enum"]:
            schema["enum"] = [*schema["enum"], None]
        return schema
    return {"anyOf": [schema, {"type": "null"}]}
