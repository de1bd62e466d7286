"""What a run may spend: requests, seconds and pace, shared by all its processes through one small file."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract.case import Ended
from contract.verdict import Outcome


@dataclass(frozen=True, slots=True)
class Caps:
    """Hard limits; None means none. `rate` in requests a second, `until` as wall-clock seconds (time.time)."""

    requests: int | None = None
    until: float | None = None
    rate: float | None = None


class Budget:
    """Counts what was spent. With a `ledger` file every process that opens it shares the same count."""

    def __init__(self, caps: Caps = Caps(), ledger: Path | None = None) -> None:
        """`ledger` is created where it does not exist."""
        self._caps = caps
        self._ledger = ledger
        self._spent: dict[str, Any] = {"requests": 0, "next_at": 0.0}

    def take(self) -> None:
        """Pay for one request, waiting for its turn. Raises Ended (skipped) where the budget is spent."""
        if self._caps.until is not None and time.time() >= self._caps.until:
            raise Ended(Outcome.SKIPPED, "budget: --max-time is over")
        if self._caps.requests is None and self._caps.rate is None:
            return
        with self._shared() as spent:
            if self._caps.requests is not None and spent["requests"] >= self._caps.requests:
                raise Ended(Outcome.SKIPPED, f"budget: --max-requests {self._caps.requests} is spent")
            spent["requests"] += 1
            turn = max(time.time(), spent["next_at"])
            if self._caps.rate is not None:
                spent["next_at"] = turn + 1 / self._caps.rate
        time.sleep(max(0.0, turn - time.time()))

    def left_s(self) -> float | None:
        """Seconds until `--max-time` is over, None without one."""
        return None if self._caps.until is None else max(0.0, self._caps.until - time.time())

    @contextmanager
    def _shared(self) -> Iterator[dict[str, Any]]:
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
