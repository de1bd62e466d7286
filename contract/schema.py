"""Validators for the schemas of a document: verdicts by jsonschema-rs, fast; explanations on failure only.

One registry holds the converted document; a validator is compiled per pointer, lazily. Formats are asserted as far
as a document names ones that JSON Schema knows (`uri`, `date-time`, ...); `binary`, `float` and their like assert
nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any
from urllib.parse import quote

import jsonschema_rs

from contract import convert, explain, pointer, wording
from contract.errors import SpecError

_URI = "urn:contract:spec"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True, slots=True)
class Broken:
    """One broken constraint of an instance, explained: a line that a person can act on."""

    where: str
    keyword: str
    expected: str
    actual: str
    message: str
    spec_pointer: str
    #: The pointers of the `$ref`s that led there, the first one first.
    via: tuple[str, ...] = ()


class Schemas:
    """Validators for every schema of one reading of a document, by JSON pointer."""

    def __init__(self, document: dict[str, Any]) -> None:
        """`document` is an OpenAPI document of 3.0 (`nullable`) or 3.1 (JSON Schema as it is)."""
        self._document = document
        self._compiled: dict[str, Any] = {}

    @cached_property
    def converted(self) -> dict[str, Any]:
        """The document with every schema in JSON Schema 2020-12."""
        return convert.document(self._document)

    @cached_property
    def _registry(self) -> Any:
        return jsonschema_rs.Registry([(_URI, self.converted)], draft=jsonschema_rs.Draft202012)

    def validator(self, at: str) -> Any:
        """The compiled validator of the schema at pointer `at` of the document. Raises KeyError where none stands,
        SpecError for one that is broken (a pattern that is no regular expression, a bound that is no number).
        """
        if at not in self._compiled:
            self._compiled[at] = self._compile(self._to_converted(at))
        return self._compiled[at]

    def is_valid(self, at: str, instance: Any) -> bool:
        """True where `instance` (parsed JSON) is valid under the schema at `at`; no instance makes it raise."""
        try:
            valid: bool = self.validator(at).is_valid(instance)
        except (UnicodeError, ValueError, RecursionError):
            valid = self.validator(at).is_valid(wording.tame(instance))
        return valid

    def broken(self, at: str, instance: Any) -> Iterator[Broken]:
        """Every broken constraint, unions explained by their nearest branch; slow, for failures only."""
        if self.is_valid(at, instance):
            return
        seen: set[tuple[str, str, str]] = set()
        explainer = explain.Explainer(self.converted, self._compile)
        for each in explainer.explain(self._to_converted(at), wording.tame(instance)):
            identity = (each.where, each.keyword, each.expected)
            if identity in seen:
                continue
            seen.add(identity)
            yield Broken(
                where=each.where,
                keyword=each.keyword,
                expected=each.expected,
                actual=each.actual,
                message=each.message,
                spec_pointer=self._to_document(each.schema_pointer),
                via=tuple(self._to_document(step) for step in each.via),
            )

    @cache  # noqa: B019 - a `Schemas` lives as long as its spec, and that as long as the process
    def _compile(self, at: str) -> Any:
        """The validator of a pointer into the converted document."""
        schema = {"$schema": _DIALECT, "$ref": f"{_URI}#{quote(at, safe='/~')}"}
        try:
            return jsonschema_rs.Draft202012Validator(schema, registry=self._registry, validate_formats=True)
        except (ValueError, jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
            problem = wording.shorten(" ".join(str(error).split()), 200)
            raise SpecError(f"the schema at {at} is no usable schema: {problem}") from error

    def _to_converted(self, at: str) -> str:
        """A pointer of the document in the converted one, where a nullable schema may stand below `anyOf/0`."""
        node, here = self.converted, ""
        for token in pointer.tokens(at):
            if isinstance(node, dict) and token not in node and convert.is_wrapped(node):
                node, here = node["anyOf"][0], f"{here}/anyOf/0"
            node, here = pointer.resolve(node, pointer.join("", token)), pointer.join(here, token)
        return here

    def _to_document(self, at: str) -> str:
        """The inverse of `_to_converted`; what only the conversion added becomes its nearest ancestor."""
        source: Any = self._document
        node: Any = self.converted
        here, tokens = "", pointer.tokens(at)
        while tokens:
            if convert.is_wrapped(node) and tokens[:2] == ["anyOf", "0"] and "anyOf" not in source:
                node, tokens = node["anyOf"][0], tokens[2:]
                continue
            step = pointer.join("", tokens.pop(0))
            try:
                source, node = pointer.resolve(source, step), pointer.resolve(node, step)
            except KeyError:
                break
            here += step
        return here
