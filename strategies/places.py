"""Places: every spot of a request that its schema reaches, each with a valid body around it.

A walk goes through members, items and union branches; it stops where a component contains itself, since nothing
new is said there. A branch that the smallest body does not take is named in the label: `messages.0:tool.role`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from strategies.samples import Path, sample
from strategies.views import Union, View, Views, json_type, kinds_of


class _Absent:
    """The value of a member that is not there."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()
Build = Callable[[Any], Any]
#: Members that tell the branches of a union apart.
_TAGS = ("type", "role", "object", "mode")


@dataclass(frozen=True, slots=True)
class Place:
    """A spot of a request. `build(value)` is the whole body with that value there; ABSENT leaves the member out."""

    path: Path
    label: str
    view: View
    value: Any
    build: Build
    #: The member may be left out.
    optional: bool
    #: Unions that were entered on the way; a value must miss every branch of the innermost to be refused.
    inside: tuple[Union, ...] = ()

    @property
    def where(self) -> str:
        """The JSON pointer of the place within the body."""
        return "".join(f"/{str(each).replace('~', '~0').replace('/', '~1')}" for each in self.path)


@dataclass(frozen=True)
class _Walk:
    views: Views
    operation_id: str

    def go(self, place: Place, seen: frozenset[str]) -> Iterator[Place]:
        view = place.view
        if seen & set(view.names):
            return
        seen = seen | set(view.names)
        yield place
        for union in view.unions:
            yield from self._union(union, place, seen)
        if isinstance(place.value, Mapping):
            yield from self._members(place, seen)
        elif isinstance(place.value, list) and view.items:
            yield from self._items(place, seen)

    def _members(self, place: Place, seen: frozenset[str]) -> Iterator[Place]:
        around = dict(place.value)
        view = place.view
        for name, at in view.properties.items():
            value = around.get(name, ABSENT)
            if value is ABSENT:
                value = sample(self.views, self.operation_id, at, (*place.path, name))
            yield from self.go(self._member(place, name, at, value, name not in view.required), seen)
        if view.extra:
            name = next((each for each in around if each not in view.properties), "contract")
            value = around.get(name, sample(self.views, self.operation_id, view.extra, (*place.path, name)))
            yield from self.go(self._member(place, name, view.extra, value, optional=True), seen)

    def _member(self, place: Place, name: str, at: str, value: Any, optional: bool) -> Place:
        rivals = _rivals(place.view, name)

        def build(changed: Any) -> Any:
            around = {key: each for key, each in place.value.items() if key != name and key not in rivals}
            return place.build(around if changed is ABSENT else {**around, name: changed})

        label = f"{place.label}.{name}" if place.label else name
        return Place((*place.path, name), label, self.views.at(at), value, build, optional, place.inside)

    def _items(self, place: Place, seen: frozenset[str]) -> Iterator[Place]:
        at = place.view.items
        assert at is not None  # noqa: S101 - told by the caller; for the type checker
        path = (*place.path, 0)
        item = place.value[0] if place.value else sample(self.views, self.operation_id, at, path)

        def build(changed: Any) -> Any:
            return place.build([changed, *place.value[1:]])

        label = f"{place.label}.0" if place.label else "0"
        yield from self.go(Place(path, label, self.views.at(at), item, build, False, place.inside), seen)

    def _union(self, union: Union, place: Place, seen: frozenset[str]) -> Iterator[Place]:
        taken = self.taken(union, place.value)
        names = self._names(union)
        for at, name in zip(union.branches, names, strict=True):
            view = self.views.at(at)
            label = place.label if at == taken else f"{place.label}:{name}"
            value = place.value
            if at != taken:
                value = sample(self.views, self.operation_id, at, place.path)
                if place.view.properties and isinstance(value, Mapping) and isinstance(place.value, Mapping):
                    value = {**place.value, **value}
            inside = (*place.inside, union)
            yield from self.go(Place(place.path, label, view, value, place.build, place.optional, inside), seen)

    def taken(self, union: Union, value: Any) -> str | None:
        """The branch that a value is an instance of, as its type and its tags tell."""
        return next((at for at in union.branches if self.fits(self.views.at(at), value)), None)

    def fits(self, view: View, value: Any) -> bool:
        """True where a value has the type and the tags of a view."""
        if view.unions and not view.types:
            return any(self.fits(self.views.at(at), value) for at in view.unions[0].branches)
        if view.values:
            return value in view.values
        if kinds_of(view) and json_type(value) not in {*kinds_of(view), *_wider(view)}:
            return False
        if isinstance(value, list) and value and view.items:
            return self.fits(self.views.at(view.items), value[0])
        if isinstance(value, Mapping):
            return self._tagged(view, value)
        return True

    def _tagged(self, view: View, value: Mapping[str, Any]) -> bool:
        if any(name not in value for name in view.required):
            return False
        tags = [name for name in _TAGS if name in view.properties and name in value]
        return all(self.fits(self.views.at(view.properties[name]), value[name]) for name in tags)

    def _names(self, union: Union) -> list[str]:
        names: list[str] = []
        for index, at in enumerate(union.branches):
            name = self._name(self.views.at(at)) or str(index)
            names.append(name if name not in names else f"{name}-{index}")
        return names

    def _name(self, view: View) -> str:
        """A branch's name: its tag, its component, its type."""
        for tag in _TAGS:
            if tag in view.properties and len(values := self.views.at(view.properties[tag]).values) == 1:
                return str(values[0])
        if view.names:
            return view.names[0].rpartition("/")[2]
        kind = "-".join(kinds_of(view)) or "any"
        if view.values:
            return "enum"
        inner = self.views.at(view.items) if view.items else None
        return f"{kind}-of-{self._name(inner)}" if inner else kind


def _rivals(view: View, name: str) -> set[str]:
    """Members that may not stand beside one: those of the other branches of a choice."""
    mine = [group for group in view.choices if name in group]
    return {each for group in view.choices for each in group if mine and each not in mine[0]}


def _wider(view: View) -> tuple[str, ...]:
    return ("integer",) if "number" in kinds_of(view) else ()


def walk(views: Views, operation_id: str, at: str, base: Any) -> Iterator[Place]:
    """Every place of a body whose schema stands at `at`; `base` is the smallest body, a template."""
    root = Place((), "", views.at(at), base, lambda value: value, optional=False)
    yield from _Walk(views, operation_id).go(root, frozenset())


def branches(views: Views, operation_id: str, place: Place, union: Union) -> Iterator[tuple[str, str, Any]]:
    """(pointer, name, smallest value) of each branch of a union at a place; the value there where a branch takes it."""
    walker = _Walk(views, operation_id)
    taken = walker.taken(union, place.value)
    for at, name in zip(union.branches, walker._names(union), strict=True):
        yield at, name, place.value if at == taken else sample(views, operation_id, at, place.path)
