"""Case: a promise with a name that never changes, and the stage on which it is played.

A case id is `operation/family/name` in kebab-case below the operation id: `createChatCompletion/stream/n-2`.
Never a drawn value, never a position: known failures and history hold on to it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NoReturn, Protocol

from contract.draft import Draft
from contract.exchange import Exchange
from contract.operation import Operation, Safety
from contract.spec import Spec
from contract.verdict import Finding, Keyword, Outcome


class Depth(StrEnum):
    """How much is tried: a case runs at its own depth and at every deeper one."""

    SMOKE = "smoke"
    STANDARD = "standard"
    NIGHTLY = "nightly"


DEPTHS = (Depth.SMOKE, Depth.STANDARD, Depth.NIGHTLY)


class Kind(StrEnum):
    """What a request is expected to meet."""

    MINIMAL = "minimal"  # the minimal documented request: a refusal is a failure
    VALID = "valid"  # valid but maybe odd: a proper 4xx is a warning at most
    INVALID = "invalid"  # breaks exactly one named constraint: must be refused
    EDGE = "edge"  # the edge of HTTP: any answer of `statuses`, never 5xx, hang or leak


@dataclass(frozen=True, slots=True)
class Expect:
    """What an answer is judged against, beside the spec."""

    kind: Kind = Kind.VALID
    #: Allowed statuses where the spec is silent, with the reason; empty: by `kind`.
    statuses: frozenset[int] = frozenset()
    reason: str = ""
    #: For INVALID: the constraint that is broken, its JSON pointer in the spec, the strength of its source and
    #: where in the request it is broken (`/body/n`, `/query/limit`).
    constraint: str = ""
    spec_pointer: str = ""
    keyword: Keyword = Keyword.MUST
    where: str = ""


class Ended(Exception):
    """A case ends here without a judgement: raised by `Stage.skip`, `unsupported` and `inconclusive`."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        """`reason` is one line for the report."""
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason


@dataclass(frozen=True, slots=True)
class StreamReply:
    """A judged stream: the exchange, what the grammar found, and the object that its deltas add up to."""

    exchange: Exchange
    findings: tuple[Finding, ...]
    accumulated: Any = None


class Stage(Protocol):
    """What a case gets when it is played. Every request goes through it: budget, record, safety, cleanup."""

    spec: Spec
    depth: Depth
    #: Seeded by (run seed, case id): the same in every process and order.
    random: random.Random
    #: What was exchanged so far, in order: the sequence that a finding's report shows.
    exchanges: list[Exchange]

    def start_over(self) -> None:
        """Forget findings and exchanges: a search for a shorter failing sequence begins again."""
        ...

    def operation(self, identifier: str) -> Operation:
        """The operation with that id. Ends the case as `unsupported` where the spec has none."""
        ...

    def send(self, draft: Draft, expect: Expect = Expect(), *, judge: bool = True) -> Exchange:
        """Send a draft and judge the answer by all checks; findings join the verdict. Ends the case where the
        target could not be asked, does not have the route, or the budget is spent.
        """
        ...

    def stream(self, draft: Draft, expect: Expect = Expect()) -> StreamReply:
        """Send a draft that asks for an event stream and judge it event by event as it arrives."""
        ...

    def resource(self, kind: str, **wants: Any) -> Mapping[str, Any]:
        """A resource of that kind on the target, found or made once and shared; cases must not change it."""
        ...

    def fresh(self, kind: str, **wants: Any) -> Mapping[str, Any]:
        """A resource of that kind made for this case alone; removed at the end of the run if still there."""
        ...

    def model(self, capability: str) -> str:
        """A model of the target for `chat`, `completions`, `embeddings`, `audio`, `image`, ... ."""
        ...

    def wait(self, seconds: float) -> None:
        """Let time pass on the target (polling); counts against `--max-time`."""
        ...

    def found(
        self,
        rule: str,
        *,
        expected: str = "",
        actual: str = "",
        where: str = "",
        exchange: Exchange | None = None,
        spec_pointer: str | None = None,
        summary: str | None = None,
        keyword: Keyword | None = None,
    ) -> None:
        """Add a finding; strength and sentence come from the rule, unless `keyword` and `summary` replace them."""
        ...

    def skip(self, reason: str) -> NoReturn:
        """End the case as `skipped`."""
        ...

    def unsupported(self, reason: str) -> NoReturn:
        """End the case as `unsupported`."""
        ...

    def inconclusive(self, reason: str) -> NoReturn:
        """End the case as `inconclusive`."""
        ...


@dataclass(frozen=True, slots=True)
class Case:
    """One promise. `play` does the work on a stage; everything else is data for plans, filters and catalogues."""

    id: str
    operation: str | None
    statement: str
    play: Callable[[Stage], None] = field(compare=False)
    safety: Safety = Safety.READ
    depth: Depth = Depth.STANDARD
    #: Most requests that it sends, resources that it needs aside (for `--plan`).
    requests: int = 1
    #: Lower runs first when the budget is short.
    rank: int = 50
    #: Operations beside `operation` that it exercises (lifecycles).
    also: tuple[str, ...] = ()
    #: Constraint covered: JSON pointer of the spec (for the coverage table); "" for none.
    constraint: str = ""
