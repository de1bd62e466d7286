"""All benchmarks in one run: prints their ratios and writes them to docs/benchmarks.md with the command and the date.

    python benchmarks/run.py [--prism 'npx --yes @stoplight/prism-cli@5'] [--only NAME ...] [--out PATH]

Each is a script of its own beside this one; seconds differ from machine to machine, ratios hardly do.
"""

from __future__ import annotations

import argparse
import os
import platform
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent


@dataclass(frozen=True)
class Benchmark:
    """A script beside this one, what it measures and what it has to reach."""

    script: str
    title: str
    bar: str
    arguments: tuple[str, ...] = ()


BENCHMARKS = {
    "start": Benchmark(
        "bench_start.py",
        "Start: `contract run --include listModels` on the embedded mock, whole process, against schemathesis imported "
        "and the same spec loaded with it",
        "at most 1.5 x",
    ),
    "exchanges": Benchmark(
        "bench_exchanges.py",
        "Exchanges judged a second at smoke depth, mock in another process, one worker, against a bare httpx loop that "
        "sends the same requests",
        "at least 0.5 x",
    ),
    "validate": Benchmark(
        "bench_validate.py", "Validating the bodies of the spec's examples against `jsonschema` alone", "at least 50 x"
    ),
    "streams": Benchmark(
        "bench_streams.py",
        "Events judged a second against only `json.loads` and the compiled validator on the same events, and memory "
        "for 1,000,000 chunks from memory",
        "at least 0.6 x, under 50 MB",
    ),
    "stream-memory": Benchmark(
        "bench_stream_memory.py", "Memory for a chat stream of 1,000,000 chunks read from a socket", "under 50 MB"
    ),
    "memory": Benchmark("bench_memory.py", "Peak memory of a full standard run on one worker", "under 400 MB"),
    "mock": Benchmark(
        "bench_mock.py",
        "The mock's requests a second and p99 against Prism 5 on the same requests, 16 connections",
        "at least 2 x and at most 0.5 x",
    ),
}


@dataclass(frozen=True)
class Result:
    """What a script printed, how it ended and how long it took."""

    name: str
    command: str
    said: str
    status: int
    seconds: float


def play(name: str, extra: Sequence[str]) -> Result:
    """Run one benchmark in a process of its own."""
    chosen = BENCHMARKS[name]
    arguments = [f"benchmarks/{chosen.script}", *chosen.arguments, *extra]
    started = time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    said = done.stdout.strip() or done.stderr.strip()[-400:]
    return Result(name, shlex.join(["python", *arguments]), said, done.returncode, time.perf_counter() - started)


def page(results: Sequence[Result], command: str, at: datetime) -> str:
    """The results as Markdown."""
    lines = [
        "# Benchmarks",
        "",
        f"Written by `{command}` on {at:%Y-%m-%d %H:%M} UTC, Python {platform.python_version()},",
    ]
    lines += [f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores.", ""]
    lines += ["Ratios come from both sides in the same run, taking turns where it says pairs; compare ratios, not"]
    lines += ["seconds. None of this is a timed test.", ""]
    for each in results:
        chosen = BENCHMARKS[each.name]
        held = "held" if each.status == 0 else f"**not held** (exit status {each.status})"
        lines += [f"## {each.name}", "", f"{chosen.title}. Bar: {chosen.bar}; {held}, {each.seconds:.0f} s.", ""]
        lines += ["```", f"$ {each.command}", each.said, "```", ""]
    left = [name for name in BENCHMARKS if name not in {each.name for each in results}]
    lines += [f"Not in this run: {', '.join(left)}.", ""] if left else []
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where every bar holds."""
    made = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    made.add_argument("--prism", metavar="COMMAND", help="runs Prism's CLI; without it the mock is measured alone")
    made.add_argument("--only", nargs="+", choices=BENCHMARKS, default=list(BENCHMARKS), metavar="NAME")
    made.add_argument("--out", type=Path, default=ROOT / "docs" / "benchmarks.md")
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = made.parse_args(given)
    results = []
    for name in options.only:
        results.append(play(name, ["--prism", options.prism] if options.prism and name == "mock" else []))
        print(f"{name}:\n{results[-1].said}\n", flush=True)
    options.out.write_text(
        page(results, shlex.join(["python", "benchmarks/run.py", *given]), datetime.now(UTC)), "utf-8"
    )
    print(f"written: {options.out}")
    return 1 if any(each.status for each in results) else 0


if __name__ == "__main__":
    sys.exit(main())
