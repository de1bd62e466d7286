"""Situation: one way to be odd, as a change of a request that would work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from contract.case import Stage
from contract.draft import Draft
from contract.operation import Operation
from contract.spec import Spec
from contract.verdict import Keyword

#: The id of nothing.
NO_SUCH = "contract-no-such-id"
Change = Callable[[Stage, Draft], Draft | list[Draft]]


def always(_: Spec, __: Operation) -> bool:
    """For situations that every operation can be in."""
    return True


@dataclass(frozen=True, slots=True)
class Situation:
    """`statuses` are those allowed, for `reason`; never a 5xx."""

    name: str
    statement: str
    change: Change
    statuses: frozenset[int]
    reason: str
    keyword: Keyword = Keyword.MUST
    applies: Callable[[Spec, Operation], bool] = always
    #: Runs at standard depth on every operation.
    usual: bool = False
    #: The body of a working request is sent along.
    body: bool = True
    #: Needs no object on the target.
    unaddressed: bool = False
    #: About the key.
    key: bool = False
    #: Sends much, which costs tokens where it is read.
    large: bool = False
    requests: int = 1
    where: str = ""
