"""What a run may spend, shared by all its processes."""

from __future__ import annotations

import multiprocessing
import time
from pathlib import Path

import pytest

from contract.budget import Budget, Caps
from contract.case import Ended
from contract.verdict import Outcome


def _spend(ledger: str, counts: multiprocessing.Queue[int]) -> None:
    budget = Budget(Caps(requests=50), Path(ledger))
    taken = 0
    try:
        while True:
            budget.take()
            taken += 1
    except Ended:
        counts.put(taken)


def test_requests_are_never_overspent_by_several_processes(tmp_path: Path) -> None:
    """Four processes on one ledger take exactly the cap between them."""
    context = multiprocessing.get_context("spawn")
    counts = context.Queue()
    workers = [context.Process(target=_spend, args=(str(tmp_path / "ledger"), counts)) for _ in range(4)]
    for each in workers:
        each.start()
    total = sum(counts.get(timeout=30) for _ in workers)
    for each in workers:
        each.join()
    assert total == 50


def test_a_spent_budget_skips_with_its_reason() -> None:
    """The case that finds the budget spent says which one."""
    budget = Budget(Caps(requests=1))
    budget.take()
    with pytest.raises(Ended, match="--max-requests 1") as caught:
        budget.take()
    assert caught.value.outcome is Outcome.SKIPPED


def test_time_that_is_over_skips() -> None:
    """No request is sent after --max-time."""
    with pytest.raises(Ended, match="--max-time"):
        Budget(Caps(until=time.time() - 1)).take()


def test_a_rate_spaces_requests() -> None:
    """Five requests at 50 a second take at least four intervals."""
    budget = Budget(Caps(rate=50))
    started = time.monotonic()
    for _ in range(5):
        budget.take()
    assert time.monotonic() - started >= 4 / 50 - 0.005
