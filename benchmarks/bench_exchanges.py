"""Exchanges judged a second against a bare httpx loop that sends the same requests, one worker, in one run.

    python benchmarks/bench_exchanges.py [--pairs 3] [--include GLOB]

The mock runs in a process of its own, a new one for each side of each pair. One run at smoke depth is recorded, bodies
included; then run and loop take turns, and the median of the ratios counts (bar: 0.5). Ours is the whole of a run from
its first request to its last line: finding requests, pytest, judging, writing the record, cleaning up.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import httpx

from contract.cli import main as contract
from contract.exchange import Request
from contract.mock.server import Running
from contract.transport import Reply, Transport

BAR = 0.5
#: Mock seconds a real second: jobs end at once, or the run would mostly wait for them.
SPEED = 200.0


@dataclass(frozen=True)
class Measured:
    """What the pairs gave: exchanges a second of each side and the median ratio."""

    requests: int
    ours: float
    bare: float
    ratio: float
    #: Of the loop's statuses, how many are those of the run (ids are made anew, so a few differ).
    same: float


class Recorded:
    """Requests in the order in which a run sends them, with the statuses that they met."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.statuses: list[int] = []

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Note every request of this process until the block ends."""
        plain = Transport.open

        @contextmanager
        def noted(transport: Transport, request: Request, *, total_s: float | None = None) -> Iterator[Reply]:
            with plain(transport, request, total_s=total_s) as reply:
                self.requests.append(request)
                self.statuses.append(reply.status)
                yield reply

        Transport.open = noted  # type: ignore[method-assign]
        try:
            yield
        finally:
            Transport.open = plain  # type: ignore[method-assign]


def run(url: str, include: Sequence[str]) -> float:
    """Judge the mock at smoke depth; its seconds from the first request to the last line, as the record says."""
    os.environ["OPENAI_API_KEY"] = "bench"  # any key opens the mock
    globs = [part for glob in include for part in ("--include", glob)]
    with tempfile.TemporaryDirectory() as out, redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()) as said:
        status = contract(["run", url, "--depth", "smoke", "--workers", "1", "--out", out, *globs])
        end = json.loads(Path(out, "run.jsonl").read_text("utf-8").splitlines()[-1])
    if status != 0 or end["kind"] != "end":
        raise SystemExit(f"the run ended with status {status}: {said.getvalue()[-300:]}")
    seconds: float = end["duration_s"]
    return seconds


def replay(base: str, recorded: Recorded, old: str) -> tuple[list[int], float]:
    """Send the recorded requests as plainly as httpx can; the statuses and the seconds."""
    prepared = [(each.method, each.url.replace(old, base), dict(each.headers), each.body) for each in recorded.requests]
    statuses = []
    with httpx.Client(timeout=60) as client:
        started = time.perf_counter()
        for method, url, headers, body in prepared:
            statuses.append(client.request(method, url, headers=headers, content=body).status_code)
        return statuses, time.perf_counter() - started


def measure(pairs: int, include: Sequence[str] = ()) -> Measured:
    """Record once, then let run and loop take turns."""
    recorded = Recorded()
    with Running(speed=SPEED) as mock, recorded.listening():
        run(mock.url, include)
        old = mock.url
    rates: list[tuple[float, float]] = []
    same = 0
    for _ in range(pairs):
        with Running(speed=SPEED) as mock:
            ours = run(mock.url, include)
        with Running(speed=SPEED) as mock:
            statuses, bare = replay(mock.url, recorded, old)
        rates.append((len(recorded.requests) / ours, len(statuses) / bare))
        same = sum((Counter(statuses) & Counter(recorded.statuses)).values())
    ours, bare, ratio = (statistics.median(each) for each in zip(*((a, b, a / b) for a, b in rates), strict=True))
    return Measured(len(recorded.requests), ours, bare, ratio, same / len(recorded.requests))


def main() -> int:
    """0 where the bar holds."""
    made = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    made.add_argument("--pairs", type=int, default=3)
    made.add_argument("--include", action="append", default=[], metavar="GLOB")
    options = made.parse_args()
    found = measure(options.pairs, options.include)
    print(f"{found.requests} requests at smoke depth; {found.same:.0%} of the loop's statuses are those of the run")
    print(f"judged {found.ours:.0f}/s, bare httpx {found.bare:.0f}/s, ratio {found.ratio:.2f} (bar {BAR})")
    return 0 if found.ratio >= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
