"""A world without pytest, options and files: for tests that play single cases against any server."""

from __future__ import annotations

from functools import cache
from typing import Any

from contract import spec, wiring
from contract.budget import Budget, Caps
from contract.case import Case, Depth
from contract.cost import Prices
from contract.created import Ledger
from contract.runner import Played, play
from contract.target import Target
from contract.transport import Limits, Transport
from contract.world import World

QUICK = Limits(
    connect_s=1.0, idle_s=0.4, total_s=1.0, body_bytes=4_000_000, stream_bytes=4_000_000, stream_events=5_000
)


@cache
def contract_spec() -> spec.Spec:
    """One spec for all worlds of a process: its validators are compiled once."""
    return spec.load()


def world(
    url: str,
    *,
    limits: Limits = QUICK,
    caps: Caps = Caps(),
    notes: list[dict[str, Any]] | None = None,
    models: tuple[str, ...] = ("gpt-4o-mini", "text-embedding-3-small"),
    depth: Depth = Depth.STANDARD,
) -> World:
    """A world for the target at `url`, everything allowed; what it creates is noted in `notes`."""
    loaded = contract_spec()
    target = Target(url, "sk-canary-0123456789", "sk-admin-canary-0123456789", allowed=frozenset(wiring.SAFETIES))
    ledger = Ledger(wiring.removals(), loaded.operations, (notes if notes is not None else []).append)
    return World(
        loaded,
        target,
        Transport(target, limits),
        wiring.provider(),
        Budget(caps),
        ledger,
        Prices(),
        models=models,
        depth=depth,
    )


def find(case_id: str) -> Case:
    """The case of that id."""
    import strategies

    operation = case_id.partition("/")[0]
    return next(each for each in strategies.cases(contract_spec(), [operation]) if each.id == case_id)


def played(url: str, case_id: str, **options: Any) -> Played:
    """Play one case against a URL."""
    here = world(url, **options)
    try:
        return play(find(case_id), here)
    finally:
        here.transport.close()
