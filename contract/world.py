"""World: what outlives a case within one process: connection, budget, shared resources, what was created."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from contract.branches import Tracker
from contract.budget import Budget
from contract.case import Depth, Stage
from contract.cost import Prices
from contract.created import Ledger
from contract.spec import Spec
from contract.target import Target
from contract.transport import Transport


class Provider(Protocol):
    """How resources are found and made; `strategies.resources` is one."""

    def find_or_make(self, stage: Stage, kind: str, *, fresh: bool, wants: Mapping[str, Any]) -> Mapping[str, Any]:
        """A resource of that kind, as the target described it."""
        ...


@dataclass
class World:
    """One a process. `models`: what the target lists; `model`: what `--model` says; `name` keeps exchange ids apart."""

    spec: Spec
    target: Target
    transport: Transport
    provider: Provider
    budget: Budget
    ledger: Ledger
    prices: Prices
    depth: Depth = Depth.STANDARD
    seed: int = 0
    models: tuple[str, ...] = ()
    model: tuple[str, ...] = ()
    name: str = "main"
    #: True once the target has answered anything.
    answered: bool = False
    shared: dict[Any, Mapping[str, Any]] = field(default_factory=dict)
    tracker: Tracker = field(init=False)
    _ids: Any = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        """Coverage is counted from the first answer on."""
        self.tracker = Tracker(self.spec)

    def next_id(self) -> str:
        """An exchange id, unique in the run."""
        return f"{self.name}-{next(self._ids)}"
