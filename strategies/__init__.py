"""How requests are found: resources, minimal and boundary requests, invalid neighbours, streams, the edge of HTTP."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contract.case import Case
    from contract.spec import Spec
    from strategies.covered import Row


def cases(spec: Spec, operations: Iterable[str] | None = None) -> Iterator[Case]:
    """The cases of those operations, None for all of them. Raises ValueError where an id is taken twice."""
    from strategies import catalogue

    return catalogue.cases(spec, operations)


def through(spec: Spec, globs: Sequence[str], operations: Sequence[str]) -> Iterator[Case]:
    """Cases of `operations` that go through an operation which a glob names: lifecycles begin at another one."""
    from contract.profile import matches
    from strategies import lifecycles

    for case in lifecycles.cases(spec, frozenset(operations)):
        if any(matches(each, globs) for each in case.also):
            yield case


def coverage(spec: Spec) -> Iterator[Row]:
    """Per operation: its constraints, how many a request breaks, and why the others are left out."""
    from strategies import covered

    return covered.coverage(spec)
