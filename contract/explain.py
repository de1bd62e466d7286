"""Why an instance breaks a schema, in lines that a person can act on.

A union is explained by one branch: the one that its constants (`type`, `object`, `role`, ...) select, else the one
that admits the instance's JSON type and is broken in the fewest places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from contract import pointer
from contract.positions import local
from contract.wording import either, kind_of, line, null_last, one_of, show, wording

#: Members that tell the branches of a union apart, the most telling first.
_TAGS = ("type", "object", "event", "role", "kind")
#: Findings for one instance; a list of a million broken items needs no million lines.
MAX_FINDINGS = 50
#: Branches of unions that are walked for one instance, and unions that are looked through for their constants.
_BRANCHES = 2000
_NESTED = 4


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
        self._left = _BRANCHES

    def explain(self, at: str, instance: Any) -> Iterator[Explained]:
        """At most `MAX_FINDINGS` broken constraints of `instance` under the schema at `at`."""
        self._left = _BRANCHES
        try:
            found = list(islice(self._walk(at, instance, "", "", (at,)), MAX_FINDINGS))
        except (KeyError, TypeError, ValueError, RecursionError):
            # Identifiers and anchors of 3.1 schemas can lead where pointers do not: say it without branches.
            found = list(islice(self._plain(at, instance), MAX_FINDINGS))
        yield from found

    def _plain(self, at: str, instance: Any) -> Iterator[Explained]:
        """Errors as the validator tells them, unions unexplained."""
        for error in self._compile(at).iter_errors(instance):
            where, keyword = pointer.from_path(error.instance_path), error.kind.name
            expected, actual = f"what `{keyword}` of the schema wants", show(error.instance)
            yield Explained(where, keyword, expected, actual, line(where, expected, actual), at)

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
                expected, actual = wording(error.kind, keyword, part)
                yield Explained(here, keyword, expected, actual, line(here, expected, actual, branch), schema_at, path)

    def _union(self, at: str, instance: Any, where: str, via: tuple[str, ...]) -> Iterator[Explained]:
        keyword = at.rpartition("/")[2]
        branches = [f"{at}/{index}" for index in range(len(pointer.resolve(self._document, at)))]
        matching = [each for each in branches if self._compile(each).is_valid(instance)]
        if matching:
            names = " and ".join(self._name(each) for each in matching)
            expected, actual = "exactly one of the alternatives to match", f"{len(matching)} match ({names})"
            yield Explained(where, keyword, expected, actual, line(where, expected, actual), at, via)
            return
        fitting = [each for each in branches if _admits(self._kinds(each), instance)]
        if not fitting:
            expected = either(sorted({kind for each in branches for kind in self._kinds(each)}, key=null_last))
            actual = show(instance)
            yield Explained(where, keyword, expected, actual, line(where, expected, actual), at, via)
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
                expected, actual, here = one_of(values), show(instance[tag]), pointer.join(where, tag)
                yield Explained(here, "enum", expected, actual, line(here, expected, actual), at, via)
                return
        self._left -= len(fitting)
        if self._left < 0:  # unions in unions in unions: what was said of the others is enough
            expected = either(self._name(each) for each in fitting)
            actual = show(instance)
            yield Explained(where, at.rpartition("/")[2], expected, actual, line(where, expected, actual), at, via)
            return
        found = [list(self._walk(each, instance, where, self._name(each), via)) for each in fitting]
        yield from min(found, key=len)

    def _tags(self, branches: list[str], instance: Any) -> list[str]:
        """Members of the instance for which a branch declares constants; single constants of any name count."""
        if not isinstance(instance, dict):
            return []
        names = dict.fromkeys((*_TAGS, *(name for each in branches for name in _single(self._flat(each)))))
        return [name for name in names if name in instance and any(self._constants(each, name) for each in branches)]

    def _constants(self, at: str, name: str, depth: int = _NESTED) -> list[Any] | None:
        """The values that a branch allows for a member, those of its own branches together; None for any."""
        flat = self._flat(at)
        for union in ("oneOf", "anyOf"):
            if isinstance(flat.get(union), list) and name not in flat["properties"] and depth:
                branches = [f"{flat['at']}/{union}/{index}" for index in range(len(flat[union]))]
                found = [self._constants(each, name, depth - 1) for each in branches]
                return None if None in found else [value for each in found for value in each or ()]
        return _constants(flat, name)

    def _kinds(self, at: str, depth: int = _NESTED) -> list[str]:
        """The JSON types that a branch admits; none for any."""
        flat = self._flat(at)
        for union in ("oneOf", "anyOf"):
            if isinstance(flat.get(union), list) and not _types(flat) and depth:
                found = [self._kinds(f"{flat['at']}/{union}/{index}", depth - 1) for index in range(len(flat[union]))]
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
