"""The plan of an operation: every request that stands at or just past one of its constraints, checked by our validator.

A neighbour enters the plan only if the body around it is valid, it is refused under the corrected reading, and the
prose rules hold; what cannot be broken is listed with its reason, so that nothing is silently left out.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from contract import cache
from contract.draft import Upload
from contract.operation import Operation, Parameter
from contract.spec import Spec
from strategies import bodies, neighbours, prose
from strategies.neighbours import Candidate
from strategies.places import Place, walk
from strategies.samples import sample
from strategies.views import View, Views

_FORMAT = "1"
_NO_BODY = "no valid body around the place could be made"
FORMS = frozenset({"multipart/form-data", "application/x-www-form-urlencoded"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One request of a plan. `body` is the whole body as a template, or the value of the parameter `parameter`."""

    name: str
    keyword: str
    pointer: str
    #: JSON pointer of the place: `/body/messages/0/role`, `/query/limit`.
    where: str
    body: Any
    parameter: str = ""
    #: `query` or `path` for a parameter.
    location: str = ""
    #: Refused by the corrected reading only or by the strict one only: no MUST may rest on it.
    contested: bool = False
    #: Members between the root and the place.
    deep: int = 0
    #: The first of the operation for its constraint.
    first: bool = True


@dataclass(frozen=True, slots=True)
class Left:
    """A constraint without a request that breaks it alone, and why."""

    name: str
    keyword: str
    pointer: str
    where: str
    reason: str


@dataclass
class Plan:
    """What there is to try on one operation."""

    invalid: list[Entry] = field(default_factory=list)
    boundary: list[Entry] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """For the cache."""
        return {name: [asdict(each) for each in getattr(self, name)] for name in ("invalid", "boundary", "left")}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Plan:
        """The inverse of `to_json`. Raises KeyError or TypeError on anything else."""
        return cls(
            [Entry(**each) for each in value["invalid"]],
            [Entry(**each) for each in value["boundary"]],
            [Left(**each) for each in value["left"]],
        )


def filled(template: Any) -> Any:
    """A template as the validators see it: lists and texts at their length, files as strings."""
    if isinstance(template, str):
        return "a" * int(template[6:-1]) if template.startswith("<text ") else template
    if isinstance(template, Upload):
        return template.filename
    if isinstance(template, list):
        return [filled(each) for each in template]
    if isinstance(template, dict):
        if "$repeat" in template:
            return [filled(template["item"])] * int(template["$repeat"])
        return {filled(name): filled(each) for name, each in template.items()}
    return template


class Planner:
    """Plans of one spec, kept in the cache between runs."""

    def __init__(self, spec: Spec) -> None:
        """Nothing is planned yet."""
        self.spec = spec
        self.views = Views(spec.corrected)
        self._plans: dict[str, Plan] = {}
        self._stored: dict[str, Any] | None = None

    def plan(self, operation: Operation) -> Plan:
        """The plan of an operation: from memory, from the cache, or made now."""
        if operation.id not in self._plans:
            self._plans[operation.id] = self._load(operation.id) or _Maker(self, operation).make()
        return self._plans[operation.id]

    def save(self) -> None:
        """Leave every plan made so far in the cache."""
        stored = self._read()
        fresh = {name: plan for name, plan in self._plans.items() if name not in stored}
        if fresh:
            cache.write(self._name, {**stored, **{name: plan.to_json() for name, plan in fresh.items()}})

    @property
    def _name(self) -> str:
        return f"plan-{_FORMAT}-{_code_key()}-{self.spec.key or self.spec.sha256}"

    def _read(self) -> dict[str, Any]:
        if self._stored is None:
            stored = cache.read(self._name)
            self._stored = stored if isinstance(stored, dict) else {}
        return self._stored

    def _load(self, identifier: str) -> Plan | None:
        try:
            return Plan.from_json(self._read()[identifier])
        except (KeyError, TypeError):
            return None


def _code_key() -> str:
    """Changes whenever the code that makes plans changes."""
    import hashlib
    from pathlib import Path

    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        stat = path.stat()
        digest.update(f"{path.name} {stat.st_mtime_ns} {stat.st_size};".encode())
    return digest.hexdigest()[:16]


@dataclass
class _Maker:
    planner: Planner
    operation: Operation
    _names: set[str] = field(default_factory=set)
    _bodies: dict[str, str] = field(default_factory=dict)
    _broken: set[tuple[str, str]] = field(default_factory=set)

    def make(self) -> Plan:
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
            body = self._around(place, place.value, at)
            if body is None:
                plan.left += [
                    Left(f"body.{place.label}", each.keyword, each.pointer, f"/body{place.where}", _NO_BODY)
                    for each in neighbours.invalid(place, typed=typed)
                ]
                continue
            around = replace(place, value=_at(body, place.path))
            for candidate in neighbours.invalid(around, typed=typed):
                self._neighbour(plan, place, candidate, body, at, typed=typed)
            for candidate in neighbours.valid(place):
                self._edge(plan, place, candidate, at, typed=typed)

    def _around(self, place: Place, value: Any, at: str) -> Any:
        """The mended body with the value at the place; None where that is not possible."""
        body = place.build(value)
        for each in self._mended(body):
            there = _at(each, place.path)
            same = there == value and type(there) is type(value)
            grown = isinstance(value, dict) and isinstance(there, dict) and value.keys() <= there.keys()
            if (same or grown) and self._fine(each) and self._valid(at, each):
                return each
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
        contested = self.planner.spec.strict_schemas.is_valid(at, filled(clean[0]))
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
            body = self._around(place, value, at)
            if body is None or repr(body) in self._bodies:
                continue
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
                contested = self.planner.spec.strict_schemas.is_valid(at, refused[0])
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


def base_body(views: Views, operation: Operation) -> Any:
    """The template of an operation's minimal body: the table's, else the smallest instance of its schema."""
    known = bodies.minimal(operation.id)
    if known is not None:
        return copy.deepcopy(known)
    body = operation.body
    if body is None or body.media_type.schema_pointer is None:
        return None
    return sample(views, operation.id, body.media_type.schema_pointer)


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
    return list({(each.name, each.keyword): each for each in plan.left}.values())


def _at(body: Any, path: tuple[str | int, ...]) -> Any:
    for each in path:
        try:
            body = body[each]
        except (KeyError, IndexError, TypeError):
            return _NOTHING
    return body


_NOTHING = object()


def _put(body: Any, path: tuple[str | int, ...], value: Any) -> Any:
    if not path:
        return value
    head, rest = path[0], path[1:]
    if isinstance(body, list):
        return [_put(each, rest, value) if index == head else each for index, each in enumerate(body)]
    return {key: _put(each, rest, value) if key == head else each for key, each in body.items()}


def entries(plan: Plan) -> Iterator[Entry]:
    """Everything in a plan that is a request."""
    yield from plan.boundary
    yield from plan.invalid
