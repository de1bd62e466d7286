"""Faults: ways in which the mock can be wrong, for tests of the suite itself and of clients (`contract mock --fault`).

A fault changes one thing; everything else stays right. One module a family; a row names the operations where it shows
and the rule that is meant to catch it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import cache

from contract.errors import UsageError
from contract.mock.faults.kit import Fault, merged
from contract.mock.kernel import Hooks

__all__ = ["Fault", "catalogue", "find", "hooks"]


@cache
def catalogue() -> tuple[Fault, ...]:
    """Every fault, family by family; names are unique."""
    from contract.mock.faults import (
        bodies,
        bodies_more,
        errors,
        leniency,
        lists,
        meant,
        narrow,
        narrow_parameters,
        parameters,
        parameters_more,
        state,
        state_more,
        transport,
        wire_chat,
        wire_late,
        wire_more,
    )

    answers = (bodies, bodies_more, errors, leniency)
    conduct = (state, state_more, lists, parameters, parameters_more, narrow, narrow_parameters, meant)
    families = (*answers, *conduct, wire_chat, wire_more, wire_late, transport)
    return tuple(fault for family in families for fault in family.FAULTS)


def find(name: str) -> Fault:
    """The fault of that name. Raises UsageError, which names the nearest one."""
    known = {fault.name: fault for fault in catalogue()}
    if name not in known:
        near = difflib.get_close_matches(name, known, 1, 0.4)
        hint = f"did you mean {near[0]!r}?" if near else "see `contract faults`"
        raise UsageError(f"no fault {name!r}: {hint}")
    return known[name]


def hooks(names: Iterable[str]) -> Hooks:
    """The hooks of those faults, with a memory of their own. Raises UsageError on an unknown name."""
    return merged([find(name).make() for name in names])
