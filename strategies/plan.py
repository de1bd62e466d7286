"""The plan of an operation: every request that stands at or just past one of its constraints, checked by our validator.

A neighbour enters the plan only if the body around it is valid, it is refused under the corrected reading, and the
prose rules hold; what cannot be broken is listed with its reason, so that nothing is silently left out.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from contract import cache
from contract.draft import Upload
from contract.operation import Operation
from contract.spec import Spec
from strategies import bodies
from strategies.samples import sample
from strategies.views import Views

#: Media types whose values travel as text.
FORMS = frozenset({"multipart/form-data", "application/x-www-form-urlencoded"})
_FORMAT = "2"


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

    @cached_property
    def strict_views(self) -> Views:
        """Views of the strict reading: what it admits, every reading admits."""
        return Views(self.spec.strict)

    def plan(self, operation: Operation) -> Plan:
        """The plan of an operation: from memory, from the cache, or made now."""
        if operation.id not in self._plans:
            self._plans[operation.id] = self._load(operation.id) or self._made(operation)
        return self._plans[operation.id]

    def _made(self, operation: Operation) -> Plan:
        from strategies.planning import Maker  # compiles validators: only where no cache has the plan

        return Maker(self, operation).make()

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


def base_body(views: Views, operation: Operation) -> Any:
    """The template of an operation's minimal body: the table's, else the smallest instance of its schema."""
    known = bodies.minimal(operation.id)
    if known is not None:
        return copy.deepcopy(known)
    body = operation.body
    if body is None or body.media_type.schema_pointer is None:
        return None
    return sample(views, operation.id, body.media_type.schema_pointer)


def entries(plan: Plan) -> Iterator[Entry]:
    """Everything in a plan that is a request."""
    yield from plan.boundary
    yield from plan.invalid
