"""An event without its broken members: what is left can be judged as if the others had never been sent."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from contract import pointer
from contract.schema import Broken, Schemas

#: Explanations are bounded, so a value with very many faults takes several rounds.
_PRUNINGS = 8


def pruned(schemas: Schemas, at: str, value: Any, broken: Iterable[Broken]) -> Any:
    """A copy of `value` without its broken members: what is left has the right types, but may lack required ones."""
    value = copy.deepcopy(value)
    broken = list(broken)
    for _ in range(_PRUNINGS):
        places = sorted({each.where for each in broken if each.keyword != "required"}, key=_depth, reverse=True)
        if not places:
            return value
        if "" in places:
            return {}
        for where in places:
            _remove(value, where)
        broken = list(schemas.broken(at, value))
    return {}


def _depth(where: str) -> tuple[int, str, int]:
    """Deepest places first, and in a list the last first: removing one moves those behind it."""
    parent, _, token = where.rpartition("/")
    return where.count("/"), parent, int(token) if token.isdigit() else 0


def _remove(value: Any, where: str) -> None:
    parent, _, _ = where.rpartition("/")
    try:
        node = pointer.resolve(value, parent)
        token = pointer.tokens(where)[-1]
        del node[int(token) if isinstance(node, list) else token]
    except (KeyError, IndexError, TypeError, ValueError):
        return  # gone with a broken parent
