"""Lifecycles: what was created is there, what was changed stays changed, what was deleted is gone."""

from __future__ import annotations

from collections.abc import Iterator

from contract.case import Case
from contract.spec import Spec


def cases(spec: Spec, wanted: frozenset[str] | None = None) -> Iterator[Case]:
    """The lifecycles that begin with one of the operations `wanted` (None: all)."""
    from strategies.lifecycles import chains, crud

    yield from crud.cases(spec, wanted)
    yield from chains.cases(spec, wanted)
