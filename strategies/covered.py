"""Coverage of the request side: per operation its constraints, those that a request breaks, and why not the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from contract.spec import Spec
from strategies import prose
from strategies.plan import Left, Planner

_SAME = "the same request as "


@dataclass(frozen=True, slots=True)
class Row:
    """One operation. `breakable` = `broken` + `shared`; `left` are the constraints that no request can break."""

    operation: str
    #: Constraints with a request that breaks them and nothing else.
    broken: int
    #: Constraints whose request is another's too (a union and the type of its only object).
    shared: int
    left: tuple[Left, ...]
    #: Requests at the edge of what is valid.
    boundary: int
    #: Rules of the descriptions with a request that breaks them.
    prose: tuple[str, ...]

    @property
    def constraints(self) -> int:
        """All constraints of the operation's requests."""
        return self.broken + self.shared + len(self.left)


def coverage(spec: Spec) -> Iterator[Row]:
    """A row for each operation, in the order of the spec."""
    planner = Planner(spec)
    for operation in spec.operations.values():
        plan = planner.plan(operation)
        shared = [each for each in plan.left if each.reason.startswith(_SAME)]
        yield Row(
            operation=operation.id,
            broken=len(plan.invalid),
            shared=len(shared),
            left=tuple(each for each in plan.left if not each.reason.startswith(_SAME)),
            boundary=len(plan.boundary),
            prose=tuple(rule.id for rule in prose.rules_of(operation.id)),
        )
    planner.save()
