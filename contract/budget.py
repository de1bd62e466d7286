"""What a run may spend: requests, tokens, money, seconds and pace, shared by its processes through one small file.

A request is paid for before it is sent, at its safe estimate, and settled by the `usage` of its answer: the caps hold
whatever the target answers, as long as it keeps the limits that the request sets.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from contract.case import Ended
from contract.cost import Spent
from contract.verdict import Outcome


@dataclass(frozen=True, slots=True)
class Caps:
    """Hard limits; None means none. `rate` in requests a second, `until` as wall-clock seconds (time.time)."""

    requests: int | None = None
    tokens: int | None = None
    usd: float | None = None
    until: float | None = None
    rate: float | None = None

    def share(self, workers: int) -> Caps:
        """What each of so many workers may spend where they cannot count together: never more in all than the caps."""
        if workers == 1:
            return self
        return replace(
            self,
            requests=None if self.requests is None else self.requests // workers,
            tokens=None if self.tokens is None else self.tokens // workers,
            usd=None if self.usd is None else self.usd / workers,
            rate=None if self.rate is None else self.rate / workers,
        )

    @property
    def counted(self) -> bool:
        """True where a request has to be paid for."""
        return any(each is not None for each in (self.requests, self.tokens, self.usd, self.rate))


class Budget:
    """Counts what was spent. With a `ledger` file every process that opens it shares the same count."""

    def __init__(self, caps: Caps = Caps(), ledger: Path | None = None) -> None:
        """`ledger` is created where it does not exist."""
        self.caps = caps
        self._ledger = ledger
        self._spent: dict[str, Any] = {"requests": 0, "tokens": 0, "usd": 0.0, "next_at": 0.0}

    def take(self, estimate: Spent = Spent()) -> None:
        """Pay for one request, waiting for its turn. Raises Ended (skipped) where the budget does not allow it."""
        caps = self.caps
        if caps.until is not None and time.time() >= caps.until:
            raise Ended(Outcome.SKIPPED, "budget: --max-time is over")
        if not caps.counted:
            return
        with self._shared() as spent:
            if caps.requests is not None and spent["requests"] >= caps.requests:
                raise Ended(Outcome.SKIPPED, f"budget: --max-requests {caps.requests} is spent")
            if caps.tokens is not None and spent["tokens"] + estimate.tokens > caps.tokens:
                raise Ended(Outcome.SKIPPED, f"budget: --max-tokens {caps.tokens} leaves too little for this request")
            if caps.usd is not None and spent["usd"] + estimate.usd > caps.usd:
                raise Ended(Outcome.SKIPPED, f"budget: --max-cost {caps.usd} leaves too little for this request")
            spent["requests"] += 1
            spent["tokens"] += estimate.tokens
            spent["usd"] += estimate.usd
            turn = max(time.time(), spent["next_at"])
            if caps.rate is not None:
                spent["next_at"] = turn + 1 / caps.rate
        time.sleep(max(0.0, turn - time.time()))

    def settle(self, estimate: Spent, actual: Spent) -> None:
        """Replace the estimate of one request by what it did cost."""
        if self.caps.tokens is None and self.caps.usd is None:
            return
        with self._shared() as spent:
            spent["tokens"] += actual.tokens - estimate.tokens
            spent["usd"] += actual.usd - estimate.usd

    def left_s(self) -> float | None:
        """Seconds until `--max-time` is over, None without one."""
        return None if self.caps.until is None else max(0.0, self.caps.until - time.time())

    @contextmanager
    def _shared(self) -> Iterator[dict[str, Any]]:
        """The count under a lock; kept as it was where the block raises."""
        if self._ledger is None:
            yield self._spent
            return
        handle = os.open(self._ledger, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            text = os.read(handle, 4096)
            spent = {**self._spent, **(json.loads(text) if text else {})}
            yield spent
            os.lseek(handle, 0, os.SEEK_SET)
            os.ftruncate(handle, 0)
            os.write(handle, json.dumps(spent).encode())
        finally:
            os.close(handle)
