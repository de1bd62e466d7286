"""Why an instance breaks a schema, in lines that a person can act on.

A union is explained by one branch: the one that its constants (`type`, `object`, `role`, ...) select, else the one
that admits the instance's JSON type and is broken in the fewest places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contract import pointer
from contract.positions import local

#: Deeper parts of an instance are cut before it is explained.
_DEEP = 200
_WIDTH = 80
#: Members that tell the branches of a union apart, the most telling first.
_TAGS = ("type", "object", "event", "role", "kind")
#: Findings for one instance; a list of a million broken items needs no million lines.
MAX_FINDINGS = 50


@dataclass(frozen=True, slots=True)
class Explained:
    """One broken constraint; `schema_pointer` points into the converted document."""

    where: str
    keyword: str
    expected: str
    actual: str
    message: str
    schema_pointer: str
    #: The references that led there, the first one first: what holds the `$ref`.
    via: tuple[str, ...] = ()


class Explainer:
    """Explains instances under the schemas of one converted document."""

    def __init__(self, document: Mapping[str, Any], compile_: Callable[[str], Any]) -> None:
        """`compile_` gives the validator of a pointer into `document`."""
        self._document = document
        self._compile = compile_

    def explain(self, at: str, instance: Any) -> Iterator[Explained]:
        """At most `MAX_FINDINGS` broken constraints of `instance` under the schema at `at`."""
        for count, each in enumerate(self._walk(at, instance, "", "", (at,)), start=1):
            yield each
            if count >= MAX_FINDINGS:
                return

    def _walk(self, at: str, instance: Any, where: str, branch: str, via: tuple[str, ...]) -> Iterator[Explained]:
        for error in self._compile(at).iter_errors(instance):
            keyword = error.kind.name
            here = where + pointer.from_path(error.instance_path)
            part = pointer.resolve(instance, pointer.from_path(error.instance_path))
            schema_at = pointer.from_path(error.schema_path)
            path = (*via, *self._references(at, error.evaluation_path))
            if hasattr(error.kind, "context"):  # anyOf and oneOf
                yield from self._union(schema_at, part, here, path)
            else:
                expected, actual = _wording(error.kind, keyword, part)
                yield Explained(here, keyword, expected, actual, _line(here, expected, actual, branch), schema_at, path)

    def _union(self, at: str, instance: Any, where: str, via: tuple[str, ...]) -> Iterator[Explained]:
        keyword = at.rpartition("/")[2]
        branches = [f"{at}/{index}" for index in range(len(pointer.resolve(self._document, at)))]
        matching = [each for each in branches if self._compile(each).is_valid(instance)]
        if matching:
            names = " and ".join(self._name(each) for each in matching)
            expected, actual = "exactly one of the alternatives to match", f"{len(matching)} match ({names})"
            yield Explained(where, keyword, expected, actual, _line(where, expected, actual), at, via)
            return
        fitting = [each for each in branches if _admits(self._kinds(each), instance)]
        if not fitting:
            expected = _either(sorted({kind for each in branches for kind in self._kinds(each)}, key=_null_last))
            actual = show(instance)
            yield Explained(where, keyword, expected, actual, _line(where, expected, actual), at, via)
            return
        yield from self._nearest(at, fitting, instance, where, via)

    def _nearest(
        self, at: str, fitting: list[str], instance: Any, where: str, via: tuple[str, ...]
    ) -> Iterator[Explained]:
        for tag in self._tags(fitting, instance):
            allowed = {each: self._constants(each, tag) for each in fitting}
            accepting = [each for each in fitting if instance[tag] in (allowed[each] or ())]
            if accepting:
                fitting = accepting
            elif all(allowed[each] is not None for each in fitting):
                values = [value for each in fitting for value in allowed[each] or ()]
                expected, actual, here = _one_of(values), show(instance[tag]), pointer.join(where, tag)
                yield Explained(here, "enum", expected, actual, _line(here, expected, actual), at, via)
                return
        found = [list(self._walk(each, instance, where, self._name(each), via)) for each in fitting]
        yield from min(found, key=len)

    def _tags(self, branches: list[str], instance: Any) -> list[str]:
        """Members of the instance for which a branch declares constants; single constants of any name count."""
        if not isinstance(instance, dict):
            return []
        names = dict.fromkeys((*_TAGS, *(name for each in branches for name in _single(self._flat(each)))))
        return [name for name in names if name in instance and any(self._constants(each, name) for each in branches)]

    def _constants(self, at: str, name: str) -> list[Any] | None:
        """The values that a branch allows for a member, those of its own branches together; None for any."""
        flat = self._flat(at)
        for union in ("oneOf", "anyOf"):
            if isinstance(flat.get(union), list) and name not in flat["properties"]:
                found = [self._constants(f"{flat['at']}/{union}/{index}", name) for index in range(len(flat[union]))]
                return None if None in found else [value for each in found for value in each or ()]
        return _constants(flat, name)

    def _kinds(self, at: str) -> list[str]:
        """The JSON types that a branch admits; none for any."""
        flat = self._flat(at)
        for union in ("oneOf", "anyOf"):
            if isinstance(flat.get(union), list) and not _types(flat):
                found = [self._kinds(f"{flat['at']}/{union}/{index}") for index in range(len(flat[union]))]
                return [] if [] in found else [kind for each in found for kind in each]
        return _types(flat)

    def _references(self, at: str, path: Iterable[Any]) -> Iterator[str]:
        """The pointers of the `$ref`s that an evaluation from `at` went through."""
        for step in [*path][1:]:  # the first is the validator's own reference to `at`
            if step == "$ref":
                yield at
                at = local(pointer.resolve(self._document, at)["$ref"])
            else:
                at = pointer.join(at, step)

    def _flat(self, at: str) -> dict[str, Any]:
        """A schema with `$ref` and `allOf` folded in, shallowly: enough for its types and constants."""
        node = self._resolve(pointer.resolve(self._document, at))
        flat: dict[str, Any] = {"at": self._home(at)}
        pending, seen = [node], 0
        while pending and seen < 100:
            each, seen = pending.pop(), seen + 1
            properties = {**flat.get("properties", {}), **each.get("properties", {})}
            flat |= {key: value for key, value in each.items() if key not in {"allOf", "properties"}}
            flat["properties"] = {name: self._resolve(value) for name, value in properties.items()}
            pending += [self._resolve(branch) for branch in each.get("allOf", ())]
        return flat

    def _home(self, at: str) -> str:
        """Where the schema at `at` really stands, references followed."""
        for _ in range(100):
            node = pointer.resolve(self._document, at)
            if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
                break
            at = local(node["$ref"])
        return at

    def _resolve(self, node: Any) -> dict[str, Any]:
        for _ in range(100):
            if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
                break
            node = pointer.resolve(self._document, local(node["$ref"]))
        return node if isinstance(node, dict) else {}

    def _name(self, at: str) -> str:
        """What a person calls a branch: the component that it refers to, its title, or its place."""
        node = pointer.resolve(self._document, at)
        reference = node.get("$ref") if isinstance(node, dict) else None
        if isinstance(reference, str):
            return pointer.tokens(local(reference))[-1]
        return str(node.get("title") or "/".join(at.split("/")[-2:])) if isinstance(node, dict) else at


def _types(schema: Mapping[str, Any]) -> list[str]:
    if "type" in schema:
        return [schema["type"]] if isinstance(schema["type"], str) else list(schema["type"])
    for keyword in ("enum", "const"):
        if keyword in schema:
            values = schema[keyword] if keyword == "enum" else [schema[keyword]]
            return sorted({kind_of(each) for each in values})
    return []


def _admits(kinds: list[str], instance: Any) -> bool:
    kind = kind_of(instance)
    return not kinds or kind in kinds or (kind == "integer" and "number" in kinds)


def _constants(schema: Mapping[str, Any], name: str) -> list[Any] | None:
    """The values that a branch allows for a member, None where it does not list them."""
    member = schema.get("properties", {}).get(name)
    if not isinstance(member, Mapping):
        return None
    if "const" in member:
        return [member["const"]]
    values = member.get("enum")
    return list(values) if isinstance(values, list) else None


def _single(schema: Mapping[str, Any]) -> list[str]:
    return [name for name in schema.get("properties", {}) if len(_constants(schema, name) or ()) == 1]


def _wording(kind: Any, keyword: str, part: Any) -> tuple[str, str]:  # noqa: PLR0911 - one line for each keyword
    """What was expected and what was found."""
    if keyword == "required":
        return f"member `{shorten(kind.property)}`", "absent"
    if keyword in {"additionalProperties", "unevaluatedProperties"}:
        return "no undeclared members", ", ".join(f"`{shorten(each)}`" for each in kind.unexpected[:5])
    if keyword == "type":
        return _either(sorted(kind.types, key=_null_last)), show(part)
    if keyword == "enum":
        return _one_of(kind.options), show(part)
    if keyword == "const":
        return show(kind.expected_value), show(part)
    if keyword == "format":
        return f"format {kind.format}", show(part)
    if keyword in _PLAIN:
        return _PLAIN[keyword], show(part)
    wording = _BOUNDS.get(keyword)
    if wording:
        return wording.format(shorten(str(kind.value))), _measured(keyword, part)
    return f"{keyword} {show(kind.value)}" if hasattr(kind, "value") else keyword, show(part)


_PLAIN = {
    "falseSchema": "nothing here",
    "not": "a value that the schema does not exclude",
    "uniqueItems": "items that all differ",
    "contains": "an item of the wanted schema",
}
_BOUNDS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "minProperties": "at least {} members",
    "maxProperties": "at most {} members",
    "pattern": "text that matches {}",
}


def _measured(keyword: str, part: Any) -> str:
    if keyword.endswith(("Length", "Items", "Properties")):
        return f"{len(part)}"
    return show(part)


def _line(where: str, expected: str, actual: str, branch: str = "") -> str:
    beside = f" ({branch})" if branch else ""
    return f"{shorten(where, 200) or 'body'}: expected {expected}, got {actual}{beside}"


def _null_last(kind: str) -> tuple[bool, str]:
    return kind == "null", kind


def _either(kinds: Iterable[str]) -> str:
    return " or ".join(kinds)


def _one_of(values: Iterable[Any]) -> str:
    listed = list(dict.fromkeys(show(each) for each in values))
    shown = ", ".join(listed[:12])
    return shown if len(listed) == 1 else f"one of {shown}" + (", ..." if len(listed) > 12 else "")


def kind_of(value: Any) -> str:
    """The JSON type of a value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return (
            "integer" if isinstance(value, int) or (value == value // 1 if abs(value) < 1e300 else False) else "number"
        )
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"


def show(value: Any) -> str:
    """A value in a few words: shortened, on one line, without control characters."""
    if isinstance(value, str):
        return f"'{shorten(value)}'"
    if isinstance(value, list):
        return f"an array of {len(value)}"
    if isinstance(value, dict):
        names = ", ".join(shorten(str(name), 20) for name in list(value)[:5])
        return f"an object with {names}" + (", ..." if len(value) > 5 else "") if value else "an empty object"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    try:
        return shorten(str(value))
    except ValueError:  # more digits than Python writes
        return "a number of thousands of digits"


def shorten(text: str, width: int = _WIDTH) -> str:
    """At most `width` characters, all printable."""
    cut = text if len(text) <= width else text[: width - 3] + "..."
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in cut)


def tame(instance: Any, depth: int = _DEEP) -> Any:
    """A copy that any validator can take: no lone surrogates, nothing nested deeper than `depth`."""
    if isinstance(instance, str):
        return instance.encode("utf-8", "replace").decode("utf-8")
    if isinstance(instance, dict):
        return {tame(str(key)): tame(each, depth - 1) for key, each in instance.items()} if depth else None
    if isinstance(instance, list):
        return [tame(each, depth - 1) for each in instance] if depth else None
    return instance
