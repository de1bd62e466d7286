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
        errors,
        leniency,
        lists,
        narrow,
        parameters,
        state,
        transport,
        wire_chat,
        wire_more,
    )

    families = (bodies, errors, leniency, state, lists, parameters, narrow, wire_chat, wire_more, transport)
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
