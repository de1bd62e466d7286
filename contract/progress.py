"""How far a run is: one line that is rewritten on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import time
from collections import Counter
from types import TracebackType
from typing import Self, TextIO

from contract.verdict import Outcome, Verdict

_PLAIN_EVERY_S = 10.0
_REDRAW_EVERY_S = 0.1


class Progress:
    """Cases done, requests, failures, time left."""

    def __init__(self, total: int, out: TextIO) -> None:
        """`total` cases; `out` is usually stderr, so that stdout can be piped."""
        self._total = total
        self._out = out
        self._terminal = out.isatty()
        self._done: Counter[Outcome] = Counter()
        self._started = time.monotonic()
        self._shown = self._started if not self._terminal else 0.0

    def __enter__(self) -> Self:
        """Nothing is shown yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the terminal's line clean."""
        if self._terminal:
            self._out.write("\r\x1b[K")
            self._out.flush()

    def verdict(self, verdict: Verdict, requests: int) -> None:
        """A case is done."""
        self._done[verdict.outcome] += 1
        now = time.monotonic()
        if now - self._shown < (_REDRAW_EVERY_S if self._terminal else _PLAIN_EVERY_S):
            return
        self._shown = now
        line = self.line(now - self._started, requests)
        self._out.write(f"\r{line}\x1b[K" if self._terminal else f"{line}\n")
        self._out.flush()

    def line(self, elapsed_s: float, requests: int) -> str:
        """The progress line after `elapsed_s` seconds."""
        done = sum(self._done.values())
        failed = self._done[Outcome.FAIL] + self._done[Outcome.ERROR]
        left = elapsed_s / done * (self._total - done) if done else 0.0
        return f"{done}/{self._total} cases, {requests} requests, {failed} failed, {_clock(left)} left"


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"
