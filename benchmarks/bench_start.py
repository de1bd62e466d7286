"""Start: `contract run --include listModels` on the embedded mock against schemathesis loading the same spec.

    python benchmarks/bench_start.py [--pairs 9]

Whole processes, taking turns; the median of the ratios counts (bar: 1.5). The other side is
`python -c "import schemathesis; schemathesis.openapi.from_path('openapi.yaml')"`. Each side runs once before the first
pair, so that both find their byte code and caches written.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from contract.spec import bundled_path

ROOT = Path(__file__).parent.parent
BAR = 1.5


@dataclass(frozen=True)
class Measured:
    """Median seconds of each side and the median ratio."""

    ours: float
    theirs: float
    ratio: float


def seconds(command: Sequence[str], environment: dict[str, str], folder: str) -> float:
    """How long a process takes; it has to end well."""
    started = time.perf_counter()
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, check=False)
    took = time.perf_counter() - started
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr[-300:].decode()}")
    return took


def measure(pairs: int) -> Measured:
    """Time both sides in turns."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPATH"] = str(ROOT)
        ours = [sys.executable, "-m", "contract", "run", "--include", "listModels", "--out", f"{folder}/out"]
        load = f"import schemathesis; schemathesis.openapi.from_path({str(bundled_path())!r})"
        theirs = [sys.executable, "-c", load]
        found = [(seconds(ours, environment, folder), seconds(theirs, environment, folder)) for _ in range(pairs + 1)][
            1:
        ]
    mine, other = (statistics.median(side) for side in zip(*found, strict=True))
    return Measured(mine, other, statistics.median(a / b for a, b in found))


def main() -> int:
    """0 where the bar holds."""
    made = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    made.add_argument("--pairs", type=int, default=9)
    found = measure(made.parse_args().pairs)
    print(f"start: contract {found.ours:.2f} s, schemathesis {found.theirs:.2f} s, ", end="")
    print(f"ratio {found.ratio:.2f} (bar {BAR} at most)")
    return 0 if found.ratio <= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
