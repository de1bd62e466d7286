"""Views: a schema of an OpenAPI document as request finders need it: `$ref` followed, `allOf` merged, null told apart.

Every constraint keeps the JSON pointer of the document where it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contract import pointer
from contract.positions import local

#: Keywords with a value of their own that a request can break.
BOUNDS = (
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern",
    "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "enum", "const", "format",
)  # fmt: skip
_SCALARS = frozenset({"string", "number", "integer", "boolean"})


@dataclass(frozen=True, slots=True)
class Union:
    """A `oneOf` or `anyOf`: the pointer of the keyword and of its branches."""

    keyword: str
    pointer: str
    branches: tuple[str, ...]


@dataclass(slots=True)
class View:
    """One place's schema. Maps give keyword or member -> (value, pointer of the schema that says so)."""

    pointer: str
    types: tuple[str, ...] = ()
    type_pointer: str = ""
    nullable: bool = False
    bounds: dict[str, tuple[Any, str]] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    required: dict[str, str] = field(default_factory=dict)
    items: str | None = None
    extra: str | None = None
    closed: str | None = None
    unions: list[Union] = field(default_factory=list)
    #: Sets of members of which one must be there (branches of a union that say nothing else).
    choices: list[tuple[str, ...]] = field(default_factory=list)
    #: Components that the view was put together from: a walk stops where it meets one again.
    names: tuple[str, ...] = ()
    default: Any = None
    description: str = ""

    def bound(self, keyword: str, otherwise: Any = None) -> Any:
        """The value of a bound."""
        return self.bounds[keyword][0] if keyword in self.bounds else otherwise

    @property
    def values(self) -> list[Any]:
        """The values of `enum` or `const` without null; empty where any value goes."""
        listed = [self.bound("const")] if "const" in self.bounds else list(self.bound("enum", ()))
        return [each for each in listed if each is not None]


class Views:
    """Views of one document, made when first asked for."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """`document`: OpenAPI 3.0 or 3.1."""
        self._document = document
        self._known: dict[str, View] = {}

    def at(self, where: str) -> View:
        """The view of the schema at a pointer. Raises KeyError where none stands."""
        if where not in self._known:
            view = View(where)
            self._collect(view, where, ())
            self._known[where] = view
        return self._known[where]

    def _collect(self, view: View, where: str, seen: tuple[str, ...]) -> None:
        schema = pointer.resolve(self._document, where)
        if not isinstance(schema, Mapping) or where in seen:
            return
        seen = (*seen, where)
        view.nullable = view.nullable or schema.get("nullable") is True
        view.default = schema.get("default") if view.default is None else view.default
        view.description = view.description or str(schema.get("description", ""))
        if isinstance(schema.get("$ref"), str):
            target = local(schema["$ref"])
            view.names = (*view.names, target)
            self._collect(view, target, seen)
        self._own(view, where, schema)
        for index, part in enumerate(schema.get("allOf", ())):
            if isinstance(part, Mapping):
                self._collect(view, pointer.join(where, "allOf", index), seen)

    def _own(self, view: View, where: str, schema: Mapping[str, Any]) -> None:
        self._typed(view, where, schema)
        for keyword in BOUNDS:
            if keyword in schema and keyword not in view.bounds:
                _bound(view, keyword, schema, where)
        properties = schema.get("properties")
        for name in properties if isinstance(properties, Mapping) else ():
            view.properties.setdefault(name, pointer.join(where, "properties", name))
        required = schema.get("required")
        for name in required if isinstance(required, list) else ():
            view.required.setdefault(name, where)
        if isinstance(schema.get("items"), Mapping):
            view.items = view.items or f"{where}/items"
        extra = schema.get("additionalProperties")
        if extra is False:
            view.closed = view.closed or where
        elif isinstance(extra, Mapping) and extra:
            view.extra = view.extra or f"{where}/additionalProperties"
        for keyword in ("oneOf", "anyOf"):
            if isinstance(schema.get(keyword), list):
                self._union(view, keyword, where, schema[keyword])

    def _typed(self, view: View, where: str, schema: Mapping[str, Any]) -> None:
        declared = schema.get("type")
        types = [declared] if isinstance(declared, str) else list(declared or ())
        if "null" in types or None in schema.get("enum", ()):
            view.nullable = True
        types = [each for each in types if each != "null"]
        if types and not view.types:
            view.types, view.type_pointer = tuple(types), where

    def _union(self, view: View, keyword: str, where: str, branches: list[Any]) -> None:
        kept = []
        for index, branch in enumerate(branches):
            if _only_null(branch):
                view.nullable = True
            elif _only_requires(branch):
                view.choices.append(tuple(branch["required"]))
            else:
                kept.append(pointer.join(where, keyword, index))
        if len(kept) == 1 and len(branches) > 1:
            self._collect(view, kept[0], (where,))  # `anyOf: [X, null]` is how 3.1 says nullable
        elif kept:
            view.unions.append(Union(keyword, where, tuple(kept)))


def _only_null(branch: Any) -> bool:
    """True for a branch that admits nothing but null."""
    if not isinstance(branch, Mapping):
        return False
    says = set(branch) - {"description", "title", "default", "deprecated"}
    nothing_else = says <= {"nullable", "type", "enum"} and branch.get("enum", [None]) == [None]
    return branch.get("type") == "null" or (nothing_else and (branch.get("nullable") is True or "enum" in says))


def _only_requires(branch: Any) -> bool:
    """True for a branch that says no more than which members must be there."""
    return isinstance(branch, Mapping) and set(branch) == {"required"}


def _bound(view: View, keyword: str, schema: Mapping[str, Any], where: str) -> None:
    value = schema[keyword]
    if keyword in {"exclusiveMinimum", "exclusiveMaximum"} and isinstance(value, bool):
        inclusive = "minimum" if keyword == "exclusiveMinimum" else "maximum"
        if value and inclusive in schema:
            view.bounds.pop(inclusive, None)
            view.bounds[keyword] = (schema[inclusive], where)
        return
    view.bounds[keyword] = (value, where)


def kinds_of(view: View) -> tuple[str, ...]:
    """The JSON types that a schema admits, told from its keywords where it has no `type`; empty: any."""
    if view.types:
        return view.types
    if view.properties or view.closed:
        return ("object",)
    if view.values:
        return tuple({json_type(each) for each in view.values})
    return ("array",) if view.items else ()


def json_type(value: Any) -> str:
    """The JSON type of a value: an integral number is an `integer`."""
    if isinstance(value, bool):
        return "boolean"
    for kind, types in _PYTHON.items():
        if isinstance(value, types):
            return kind
    return "null"


_PYTHON: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (float,),
    "object": (dict,),
    "array": (list, tuple),
}
