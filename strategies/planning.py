"""Making plans: at every place of a request, the values on either side of each constraint, checked by our validator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from contract.operation import Operation, Parameter
from strategies import neighbours, prose
from strategies.neighbours import Candidate
from strategies.places import Place, walk
from strategies.plan import FORMS, Entry, Left, Plan, Planner, base_body, filled
from strategies.samples import Path, sample
from strategies.views import View

_NO_BODY = "no valid body around the place could be made"


@dataclass
class Maker:
    """Makes the plan of one operation."""

    planner: Planner
    operation: Operation
    _names: set[str] = field(default_factory=set)
    _bodies: dict[str, str] = field(default_factory=dict)
    _broken: set[tuple[str, str]] = field(default_factory=set)

    def make(self) -> Plan:
        """The plan: parameters first, then the body."""
        plan = Plan()
        for parameter in self.operation.parameters:
            if parameter.location in {"query", "path"}:
                self._parameter(plan, parameter)
        body = self.operation.body
        if body is not None and body.media_type.schema_pointer is not None:
            self._body(plan, body.media_type.schema_pointer, typed=body.media_type.name not in FORMS)
        plan.left = _still_left(plan)
        return plan

    def _body(self, plan: Plan, at: str, *, typed: bool) -> None:
        base = base_body(self.planner.views, self.operation)
        for place in walk(self.planner.views, self.operation.id, at, base):
            found = self._around(place, place.value, at)
            if found is None:
                plan.left += [
                    Left(f"body.{place.label}", each.keyword, each.pointer, f"/body{place.where}", _NO_BODY)
                    for each in neighbours.invalid(place, typed=typed)
                ]
                continue
            body, path = found
            around = replace(place, path=path, value=_at(body, path))
            for candidate in neighbours.invalid(around, typed=typed):
                self._neighbour(plan, around, candidate, body, at, typed=typed)
            for candidate in neighbours.valid(place):
                self._edge(plan, place, candidate, at, typed=typed)

    def _around(self, place: Place, value: Any, at: str) -> tuple[Any, Path] | None:
        """The mended body with the value at the place, and where that is now; None where that is not possible."""
        body = place.build(value)
        for each in self._mended(body):
            path = next((path for path in _paths(place.path) if _is_there(_at(each, path), value)), None)
            if path is not None and self._fine(each) and self._valid(at, each):
                return each, path
        return None

    def _mended(self, body: Any) -> Iterator[Any]:
        if isinstance(body, dict):
            yield prose.mend(self.operation.id, body)
            yield prose.mend(self.operation.id, body, support=True)
        yield body

    def _fine(self, body: Any) -> bool:
        return not prose.broken(self.operation.id, body)

    def _valid(self, at: str, value: Any) -> bool:
        return self.planner.spec.schemas.is_valid(at, filled(value))

    def _certain(self, at: str, value: Any) -> bool:
        """True for what the strict reading admits too: nothing contested is sent as valid."""
        return self.planner.spec.strict_schemas.is_valid(at, filled(value))

    def _neighbour(self, plan: Plan, place: Place, candidate: Candidate, body: Any, at: str, *, typed: bool) -> None:
        where = f"/body{place.where}{candidate.below}"
        label = ".".join(each for each in ("body", place.label) if each)
        name = self._name(f"{label}{'.' if candidate.keyword == 'required' else '/'}{candidate.name}")
        wrong = [_put(body, place.path, each) for each in candidate.values]
        refused = [each for each in wrong if not self._valid(at, each)]
        clean = [each for each in refused if self._clean(body, each)]
        if not clean:
            reason = _reason(place, candidate, bool(refused), typed=typed)
            plan.left.append(Left(name, candidate.keyword, candidate.pointer, where, reason))
            return
        key = repr(clean[0])
        if key in self._bodies:
            reason = f"the same request as {self._bodies[key]}"
            plan.left.append(Left(name, candidate.keyword, candidate.pointer, where, reason))
            return
        self._bodies[key] = name
        self._names.add(name)
        contested = self._certain(at, clean[0])
        plan.invalid.append(
            Entry(
                name,
                candidate.keyword,
                candidate.pointer,
                where,
                clean[0],
                contested=contested,
                deep=len(place.path),
                first=self._first(candidate),
            )
        )

    def _first(self, candidate: Candidate) -> bool:
        key = (candidate.keyword, candidate.pointer + (candidate.below if candidate.keyword == "required" else ""))
        new = key not in self._broken
        self._broken.add(key)
        return new

    def _clean(self, around: Any, body: Any) -> bool:
        """True where no prose rule is broken that the body around did not break."""
        return not prose.broken(self.operation.id, body) or not self._fine(around)

    def _name(self, name: str) -> str:
        """The name, with a count only where a union reaches the same place twice by unnamed branches."""
        found, count = name, 2
        while found in self._names:
            found, count = f"{name}-{count}", count + 1
        return found

    def _edge(self, plan: Plan, place: Place, candidate: Candidate, at: str, *, typed: bool) -> None:
        if not typed and candidate.keyword == "nullable":
            return
        label = ".".join(each for each in ("body", place.label) if each)
        for value in candidate.values:
            found = self._around(place, value, at)
            if found is None or repr(found[0]) in self._bodies or not self._certain(at, found[0]):
                continue
            body = found[0]
            name = self._name(f"{label}/{candidate.name}")
            self._bodies[repr(body)] = name
            self._names.add(name)
            entry = Entry(name, candidate.keyword, candidate.pointer, f"/body{place.where}", body, deep=len(place.path))
            plan.boundary.append(entry)

    def _parameter(self, plan: Plan, parameter: Parameter) -> None:
        prefix = f"{parameter.location}.{parameter.name}"
        where = f"/{parameter.location}/{parameter.name}"
        at = parameter.schema_pointer
        if parameter.required and parameter.location == "query":
            entry = Entry(
                f"{prefix}/required",
                "required",
                f"{parameter.pointer}/required",
                where,
                None,
                parameter.name,
                parameter.location,
            )
            plan.invalid.append(entry)
        try:
            base = sample(self.planner.views, self.operation.id, at, (parameter.name,))
        except KeyError:
            return
        for place in walk(self.planner.views, self.operation.id, at, base):
            self._parameter_place(plan, parameter, place, prefix, where)

    def _parameter_place(self, plan: Plan, parameter: Parameter, place: Place, prefix: str, where: str) -> None:
        label = f"{prefix}.{place.label}" if place.label else prefix
        at, here = parameter.schema_pointer, where + place.where
        for candidate in neighbours.invalid(place, typed=False):
            wrong = [place.build(each) for each in candidate.values]
            refused = [each for each in wrong if not self._valid(at, each)]
            name = f"{label}/{candidate.name}"
            if refused and parameter.location == "query" and name not in self._names:
                self._names.add(name)
                contested = self._certain(at, refused[0])
                plan.invalid.append(
                    Entry(
                        name,
                        candidate.keyword,
                        candidate.pointer,
                        here,
                        refused[0],
                        parameter.name,
                        parameter.location,
                        contested,
                        len(place.path),
                    )
                )
            else:
                reason = _reason(place, candidate, bool(refused), typed=False)
                plan.left.append(Left(name, candidate.keyword, candidate.pointer, here, reason))
        if parameter.location == "path":
            return
        for candidate in neighbours.valid(place):
            value = place.build(candidate.values[0])
            name = f"{label}/{candidate.name}"
            if candidate.keyword == "nullable" or name in self._names or not self._valid(at, value):
                continue
            self._names.add(name)
            plan.boundary.append(
                Entry(name, candidate.keyword, candidate.pointer, here, value, parameter.name, parameter.location)
            )


def _reason(place: Place, candidate: Candidate, refused: bool, *, typed: bool) -> str:
    view: View = place.view
    if refused:
        return "cannot be broken without breaking a rule of the description too"
    if not typed and candidate.keyword in {"type", "oneOf", "anyOf", "null"}:
        return "travels as text, where every value is a string"
    if place.inside:
        return "another branch of the union around it admits every value"
    if candidate.keyword in {"oneOf", "anyOf"} and view.unions:
        return "the union admits a value of every JSON type"
    if candidate.keyword == "format":
        return "the format asserts nothing in JSON Schema"
    return "every value that breaks it is admitted elsewhere in the schema"


def _still_left(plan: Plan) -> list[Left]:
    """What is left out, once a constraint: one that some request breaks elsewhere in the operation stays listed too."""
    return list({(each.name, each.keyword, each.pointer): each for each in plan.left}.values())


def _at(body: Any, path: Path) -> Any:
    for each in path:
        try:
            body = body[each]
        except (KeyError, IndexError, TypeError):
            return _NOTHING
    return body


_NOTHING = object()


def _paths(path: Path) -> Iterator[Path]:
    """The path, and the same one entry further down a list: mending may put an entry before."""
    yield path
    for index, each in enumerate(path):
        if isinstance(each, int):
            yield (*path[:index], each + 1, *path[index + 1 :])


def _is_there(there: Any, value: Any) -> bool:
    """True for the value itself, or an object that mending has added members to."""
    if isinstance(value, dict) and isinstance(there, dict):
        return value.keys() <= there.keys()
    return type(there) is type(value) and bool(there == value)


def _put(body: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    head, rest = path[0], path[1:]
    if isinstance(body, list):
        return [_put(each, rest, value) if index == head else each for index, each in enumerate(body)]
    return {key: _put(each, rest, value) if key == head else each for key, each in body.items()}
