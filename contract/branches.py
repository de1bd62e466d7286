"""Branches of answers: the alternatives of unions in response schemas, and which of them a run has met.

A branch is the JSON pointer of an alternative (`…/oneOf/1`) of a union that has at least two.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract import pointer
from contract.operation import Operation
from contract.schema import Schemas
from contract.spec import Spec

_UNIONS = ("oneOf", "anyOf")
_DEEPEST = 40


def possible(spec: Spec, operation: Operation) -> set[str]:
    """Every branch that the 200 answers of an operation can take."""
    found: set[str] = set()
    seen: set[str] = set()
    for at in _schemas(operation):
        _collect(spec, at, found, seen)
    return found


def met(spec: Spec, operation: Operation, body: Any) -> set[str]:
    """The branches that a JSON answer takes: those whose alternative is valid for the value that stands there."""
    found: set[str] = set()
    for at in _schemas(operation):
        _walk(spec.schemas, spec, at, body, found, 0)
    return found


def shape(body: Any) -> frozenset[str]:
    """What tells answers of one shape from others, cheaply: member names and the constants that select branches."""
    seen: set[str] = set()
    stack = [("", body, 0)]
    while stack and len(seen) < 500:
        at, node, depth = stack.pop()
        if isinstance(node, dict) and depth < _DEEPEST:
            for name, value in node.items():
                kind = value if name in {"type", "object", "role", "status"} and isinstance(value, str) else ""
                seen.add(f"{at}/{name}:{type(value).__name__}:{kind}"[:200])
                stack.append((f"{at}/{name}"[:120], value, depth + 1))
        elif isinstance(node, list):
            stack += [(f"{at}/*"[:120], each, depth + 1) for each in node[:20]]
    return frozenset(seen)


def _schemas(operation: Operation) -> Iterator[str]:
    answer = operation.answers.get("200")
    for name, media in answer.content.items() if answer else ():
        if "json" in name and media.schema_pointer:
            yield media.schema_pointer


def _resolved(spec: Spec, at: str) -> tuple[str, Any]:
    node = pointer.resolve(spec.corrected, at)
    while isinstance(node, dict) and isinstance(node.get("$ref"), str):
        at = node["$ref"].removeprefix("#")
        node = pointer.resolve(spec.corrected, at)
    return at, node


def _parts(node: Any, at: str) -> Iterator[tuple[str, str]]:
    """(pointer, how it applies: a member name, "*" for items and other members, "" for the same value)."""
    for name in node.get("properties", {}):
        yield pointer.join(at, "properties", name), name
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), dict):
            yield pointer.join(at, key), "*"
    for key in ("allOf", *_UNIONS):
        for index in range(len(node.get(key, ()))):
            yield pointer.join(at, key, index), ""


def _collect(spec: Spec, at: str, found: set[str], seen: set[str]) -> None:
    at, node = _resolved(spec, at)
    if at in seen or not isinstance(node, dict):
        return
    seen.add(at)
    for key in _UNIONS:
        alternatives = node.get(key, ())
        if len(alternatives) > 1:
            found |= {pointer.join(at, key, index) for index in range(len(alternatives))}
    for each, _ in _parts(node, at):
        _collect(spec, each, found, seen)


def _walk(schemas: Schemas, spec: Spec, at: str, value: Any, found: set[str], depth: int) -> None:  # noqa: C901 - one walk over one kind of node
    at, node = _resolved(spec, at)
    if not isinstance(node, dict) or depth > _DEEPEST:
        return
    for key in _UNIONS:
        alternatives = node.get(key, ())
        for index in range(len(alternatives)):
            branch = pointer.join(at, key, index)
            if schemas.is_valid(branch, value):
                if len(alternatives) > 1:
                    found.add(branch)
                _walk(schemas, spec, branch, value, found, depth + 1)
    for each, how in _parts(node, at):
        if how == "" and "/allOf/" in each[len(at) :]:
            _walk(schemas, spec, each, value, found, depth + 1)
        elif how == "*":
            inner = value if isinstance(value, list) else []
            for item in inner[:20]:
                _walk(schemas, spec, each, item, found, depth + 1)
        elif how and isinstance(value, dict) and how in value:
            _walk(schemas, spec, each, value[how], found, depth + 1)


class Tracker:
    """What the answers of one process have met; `take` gives what is new since it was last asked."""

    def __init__(self, spec: Spec) -> None:
        """Nothing is met yet."""
        self._spec = spec
        self._shapes: set[tuple[str, frozenset[str]]] = set()
        self._met: set[str] = set()
        self._new: set[str] = set()

    def answer(self, operation: Operation, body: Any) -> None:
        """A 2xx JSON answer; one of a shape that was seen before costs next to nothing."""
        key = (operation.id, shape(body))
        if key not in self._shapes:
            self._shapes.add(key)
            self._add(met(self._spec, operation, body))

    def events(self, kinds: set[str]) -> None:
        """Kinds of stream events (`chat:`, `responses:response.created`) that arrived valid."""
        self._add(kinds)

    def take(self) -> list[str]:
        """New since the last call, sorted."""
        new, self._new = sorted(self._new), set()
        return new

    def _add(self, found: set[str]) -> None:
        self._new |= found - self._met
        self._met |= found
