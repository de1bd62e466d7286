"""Odd requests: valid by the schema and far from anything a person would write, drawn by schemathesis.

Undeclared members, control characters, extremes: a server may refuse them, and must neither fail nor hang.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from contract.case import Case, Depth, Expect, Kind, Stage
from contract.operation import Operation
from strategies import generated, prose
from strategies.bodies import HINTS, OWN_HINTS
from strategies.plan import Planner, base_body
from strategies.scenes import required_query, scene

EXAMPLES = 8
_EXPECT = Expect(
    Kind.EDGE,
    frozenset({200, 400, 404, 409, 413, 422}),
    "valid by the schema, and odd enough to be refused",
)


def cases(planner: Planner, operation: Operation) -> Iterator[Case]:
    """The case of one operation, where it takes JSON."""
    if operation.body is None or "json" not in operation.body.media_type.name:
        return

    def play(stage: Stage) -> None:
        query = required_query(planner.views, operation)
        for body in draw(planner, operation, EXAMPLES, stage.random.randrange(2**32)):
            stage.send(scene(stage, operation.id, valid=True).draft(body, query), _EXPECT)

    yield Case(
        id=f"{operation.id}/generated/odd",
        operation=operation.id,
        statement="Requests that are valid by the schema and odd are taken or properly refused.",
        play=play,
        safety=operation.safety,
        depth=Depth.NIGHTLY,
        requests=EXAMPLES,
        rank=46,
    )


def draw(planner: Planner, operation: Operation, count: int, seed: int) -> list[Any]:
    """At most that many bodies (templates) that both readings of the schema admit and no rule forbids."""
    base = base_body(planner.views, operation)
    drawn = (
        prose.mend(operation.id, _with_ids(each, base, operation.id)) for each in _raw(planner, operation, count, seed)
    )
    return [each for each in drawn if not _streams(each) and generated.obeys(planner, operation, each)]


def _streams(body: Any) -> bool:
    return isinstance(body, dict) and body.get("stream") is True


def _raw(planner: Planner, operation: Operation, count: int, seed: int) -> list[Any]:
    """JSON bodies as schemathesis draws them."""
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded
    from schemathesis import GenerationMode

    strategy = _loaded(planner)[operation.path][operation.method].as_strategy(generation_mode=GenerationMode.POSITIVE)
    found: list[Any] = []

    @seeded(seed)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(case: Any) -> None:
        if isinstance(case.body, dict):
            found.append(case.body)

    collect()
    return found


@lru_cache(maxsize=1)
def _loaded(planner: Planner) -> Any:
    """The strict reading as schemathesis loads it, once a process (half a second)."""
    import schemathesis

    return schemathesis.openapi.from_dict(planner.spec.strict)


def _with_ids(body: Any, base: Any, operation_id: str) -> Any:
    """The body with the target's own ids and models where it has made-up ones; angle brackets cannot be templates."""
    if isinstance(body, dict):
        known = base if isinstance(base, Mapping) else {}
        return {_plain(name): _member(name, each, known.get(name), operation_id) for name, each in body.items()}
    if isinstance(body, list):
        return [_with_ids(each, None, operation_id) for each in body]
    return _plain(body)


def _member(name: str, value: Any, known: Any, operation_id: str) -> Any:
    for hint in (known, OWN_HINTS.get(operation_id, {}).get(name, HINTS.get(name))):
        if "<" in repr(hint) and type(hint) is type(value):
            return hint
    return _with_ids(value, known, operation_id)


def _plain(value: Any) -> Any:
    return value.replace("<", "(") if isinstance(value, str) else value
