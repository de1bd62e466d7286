"""One state machine for every resource that is created, read, listed, changed and deleted.

A fixed sequence first (the shortest that shows each promise), then hypothesis' rule-based machine over the same steps:
it finds sequences that nobody thought of and shrinks them to the shortest that fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from contract.case import Case, Depth, Ended, Stage
from contract.exchange import Exchange
from contract.operation import Safety
from contract.spec import Spec
from strategies.lifecycles import rules
from strategies.lifecycles.model import Broken, Model
from strategies.lifecycles.table import RESOURCES, Resource

__all__ = ["cases", "rules"]
#: Examples of the machine and steps of each, by depth.
_EXAMPLES = {Depth.SMOKE: (1, 6), Depth.STANDARD: (2, 8), Depth.NIGHTLY: (12, 16)}
#: Requests after which a search for a shorter sequence ends.
_SHRINKING = 400


def cases(spec: Spec, wanted: frozenset[str] | None = None) -> Iterator[Case]:
    """Two cases a resource: the fixed sequence and the machine."""
    for resource in RESOURCES:
        operation = spec.operations.get(resource.create)
        if operation is None or (wanted is not None and operation.id not in wanted):
            continue
        steps = [resource.get, resource.list, resource.change, resource.delete]
        also = tuple(each for each in steps if each is not None)
        safety = Safety.ADMIN if operation.safety is Safety.ADMIN else Safety.WRITE
        title = resource.kind.replace("_", " ")
        yield Case(
            f"{operation.id}/lifecycle/{resource.kind}",
            operation.id,
            f"A {title} is created, read, listed, changed and deleted, and each step shows in the next.",
            partial(_fixed, resource=resource),
            safety,
            requests=12,
            rank=30,
            also=also,
        )
        yield Case(
            f"{operation.id}/lifecycle/{resource.kind}-any-order",
            operation.id,
            f"The steps of a {title} hold in any order.",
            partial(_machine, resource=resource),
            safety,
            requests=20,
            rank=70,
            also=also,
        )


def _fixed(stage: Stage, resource: Resource) -> None:
    model = Model(stage, resource)
    model.begin()
    try:
        first = model.create()
        model.read(first)
        second = model.create() if resource.own_id else first
        model.listed()
        model.change(first)
        model.read(first)
        if resource.change is not None:
            model.listed()
        model.read(second)
        model.delete(first)
        model.read(first)
        model.listed()
        if second is not first:
            model.read(second)
            model.delete(second)
    except Broken as broken:
        stage.found(**broken.found)


class _Stop(BaseException):
    """Leaves hypothesis at once: the case has ended, or the search has cost enough. Not an Exception on purpose."""

    def __init__(self, ended: Ended | None = None) -> None:
        super().__init__()
        self.ended = ended


def _machine(stage: Stage, resource: Resource) -> None:
    from hypothesis import HealthCheck, Phase, settings
    from hypothesis import seed as seeded
    from hypothesis.stateful import run_state_machine_as_test

    examples, steps = _EXAMPLES[stage.depth]
    last: list[Broken] = []
    shown: list[Exchange] = []
    machine = seeded(stage.random.randrange(2**32))(_machine_class(stage, resource, last, shown))
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        report_multiple_bugs=False,
    )
    try:
        run_state_machine_as_test(machine, settings=chosen)
    except _Stop as stop:
        if stop.ended is not None and not last:
            raise stop.ended from None
    except Broken:
        pass  # it stands in `last`, with the sequence that shows it
    if last:
        stage.start_over()
        stage.exchanges += shown
        stage.found(**last[-1].found)


def _machine_class(stage: Stage, resource: Resource, last: list[Broken], shown: list[Exchange]) -> type:  # noqa: C901 - one rule of the machine a step
    from hypothesis import strategies as st
    from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

    spent = [0]

    def step(action: Callable[[], Any]) -> None:
        if last:
            spent[0] += 1
            if spent[0] > _SHRINKING:
                raise _Stop
        try:
            action()
        except Ended as ended:
            raise _Stop(ended) from None
        except Broken as broken:
            last.append(broken)
            shown[:] = stage.exchanges
            raise

    class Machine(RuleBasedStateMachine):
        """Steps on one resource; which object they concern is drawn."""

        def __init__(self) -> None:
            super().__init__()
            stage.start_over()
            self.model = Model(stage, resource)

        @initialize()
        def begin(self) -> None:
            """A parent and a first object."""
            step(self.model.begin)
            step(self.model.create)

        @rule()
        def create(self) -> None:
            """One more, up to four."""
            if len(self.model.made) < 4 and resource.own_id:
                step(self.model.create)

        @rule(which=st.integers(0, 3))
        def read(self, which: int) -> None:
            """Any of them, dead or alive."""
            step(partial(self.model.read, self._of(which)))

        @rule(which=st.integers(0, 3))
        def change(self, which: int) -> None:
            """Any that is alive."""
            step(partial(self.model.change, self._of(which)))

        @rule(which=st.integers(0, 3))
        def delete(self, which: int) -> None:
            """Any that is alive."""
            step(partial(self.model.delete, self._of(which)))

        @rule()
        def listing(self) -> None:
            """All of them."""
            step(self.model.listed)

        def _of(self, which: int) -> Any:
            return self.model.made[which % len(self.model.made)]

        def teardown(self) -> None:
            """What is left is removed with everything else that the run made."""

    return Machine
