"""Peak memory of a full standard run on one worker, against a mock in another process.

    python benchmarks/bench_memory.py [--depth standard] [--include GLOB]

Prints the peak of resident memory of the run's process as the system counts it (bar: 400 MB).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from contract.mock.server import Running

ROOT = Path(__file__).parent.parent
BAR_MB = 400
#: Runs the command that it is given and prints the peak of that child alone: other children of ours are not counted.
PROBE = """
import resource, subprocess, sys
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@dataclass(frozen=True)
class Measured:
    """What the run took."""

    peak_mb: float
    status: int
    cases: int
    requests: int
    seconds: float


def measure(depth: str = "standard", include: Sequence[str] = ()) -> Measured:
    """One run of its own process."""
    globs = [part for glob in include for part in ("--include", glob)]
    with tempfile.TemporaryDirectory() as folder, Running(speed=10.0) as mock:
        command = [sys.executable, "-m", "contract", "run", mock.url, "--depth", depth, "--workers", "1"]
        environment = {**os.environ, "OPENAI_API_KEY": "bench", "PYTHONPATH": str(ROOT)}
        probe = [sys.executable, "-c", PROBE, *command, "--out", f"{folder}/out", *globs]
        done = subprocess.run(probe, env=environment, cwd=folder, capture_output=True, text=True, check=True)
        lines = Path(folder, "out", "run.jsonl").read_text("utf-8").splitlines()
    status, peak = (int(each) for each in done.stdout.split()[-2:])
    end = json.loads(lines[-1])
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024  # bytes there, kilobytes elsewhere
    return Measured(peak / unit, status, sum(end["totals"].values()), end["requests"], end["duration_s"])


def main() -> int:
    """0 where the bar holds."""
    made = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    made.add_argument("--depth", default="standard")
    made.add_argument("--include", action="append", default=[], metavar="GLOB")
    options = made.parse_args()
    found = measure(options.depth, options.include)
    print(
        f"peak memory: {found.peak_mb:.0f} MB (bar {BAR_MB}) for {found.cases} cases, {found.requests} requests, ",
        end="",
    )
    print(f"{found.seconds:.0f} s, exit status {found.status}")
    return 0 if found.peak_mb < BAR_MB else 1


if __name__ == "__main__":
    sys.exit(main())
