"""The race: schemathesis' own command line and this suite against the same faults with the same number of requests.

    python benchmarks/race.py                      the faults of FAULTS, writes docs/race.md
    python benchmarks/race.py --faults 'list-*'    those of FAULTS that match, prints only

Schemathesis goes first, as well set as we know how: all checks, all phases, every operation concerned in one run (so
that its stateful phase can link them), the corrected spec (the published one fails its own examples), a right key in
the header and a server that refuses wrong ones, no stop at the first failure, a fixed seed. Its requests are counted
where they arrive, and the suite gets that number as its budget, `--depth standard`. What either reports on the server
without the fault does not count as found.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from kill_matrix import KEY, cases_of, models, play_into, serving, world_of
from kill_matrix import Row as Played

from contract import spec as specs
from contract.budget import Caps
from contract.mock.faults import catalogue, find

#: A spread over all families, on small and large operations.
FAULTS = (
    "schema-list-element-null",
    "schema-member-twice",
    "schema-embedding-strings",
    "schema-moderation-category-dropped",
    "schema-null-body",
    "schema-created-milliseconds-thread",
    "status-500-read",
    "status-422-valid",
    "status-404-created",
    "media-type-text",
    "media-type-html",
    "media-type-missing",
    "error-empty-object",
    "error-message-list",
    "error-js-trace",
    "error-status-404-200",
    "lenient-missing-input",
    "lenient-enum-format",
    "lenient-items-type",
    "lenient-minimum-dimensions",
    "lenient-everything",
    "lenient-unknown-model",
    "lenient-no-key",
    "state-id-reused",
    "state-default-tools",
    "list-limit-ignored",
    "list-order-ignored",
    "list-after-ignored",
    "list-has-more-false",
    "list-first-last-swapped",
    "list-page-repeated",
    "list-page-width",
    "parameter-embedding-dimensions",
    "parameter-embedding-index",
    "parameter-moderation-first",
    "parameter-embedding-usage",
    "transport-cut",
    "transport-gzip-plain",
    "transport-length-long",
    "transport-latin-1",
    "stream-no-done",
    "stream-response-no-end",
)  # fmt: skip - a few in a line
#: Test cases of schemathesis per operation and phase.
EXAMPLES = 10
_PHASES = "examples,coverage,fuzzing,stateful"
Signs = frozenset[tuple[str, ...]]
#: Of one server without faults: their signs, ours, the cases of ours that failed, the requests they took.
Twin = tuple[Signs, Signs, list[str], int]


@dataclass(frozen=True)
class Lap:
    """What both found of one fault, each beyond what it reports without."""

    name: str
    theirs: tuple[str, ...]
    their_requests: int
    ours: tuple[str, ...]
    our_requests: int


@cache
def _spec_file() -> str:
    path = Path(tempfile.mkdtemp(prefix="contract-race-")) / "openapi.json"
    path.write_text(json.dumps(specs.load().corrected), encoding="utf-8")
    return str(path)


def schemathesis(operations: Iterable[str], faults: Sequence[str]) -> tuple[Signs, int]:
    """The failures of one run of `st`, and the requests that arrived."""
    arrived = [0]
    report = Path(_spec_file()).parent / f"{os.getpid()}.ndjson"
    with serving(faults, KEY, count=arrived) as url:
        command = [str(Path(sys.executable).parent / "st"), "run", _spec_file(), "--url", url]
        command += [part for each in operations for part in ("--include-operation-id", each)]
        command += ["--checks", "all", "--phases", _PHASES, "--max-examples", str(EXAMPLES), "--seed", "1"]
        command += ["--continue-on-failure", "--no-shrink", "--header", f"Authorization: Bearer {KEY}"]
        command += ["--request-timeout", "8", "--suppress-health-check", "all", "--warnings", "off", "--no-color"]
        command += ["--report", "ndjson", "--report-ndjson-path", str(report)]
        subprocess.run(command, capture_output=True, cwd=report.parent, timeout=600, check=False)
    signs = frozenset(_signs(report)) if report.exists() else frozenset()
    report.unlink(missing_ok=True)
    return signs, arrived[0]


def _signs(report: Path) -> Iterable[tuple[str, ...]]:
    """One sign a kind of failure: operation, check, and the status or the network error in its words."""
    for line in report.read_text(encoding="utf-8").splitlines():
        for failure in _failures(json.loads(line)):
            words = str(failure.get("message", "")).splitlines()
            detail = words[0] if failure["type"] in {"UndefinedStatusCode", "ServerError"} and words else ""
            yield failure["type"], str(failure.get("operation", "")), detail


def _failures(node: Any) -> Iterable[dict[str, Any]]:
    if isinstance(node, dict):
        failure = node.get("failure")
        if isinstance(failure, dict) and "type" in failure:
            yield failure
        for each in node.values():
            yield from _failures(each)
    elif isinstance(node, list):
        for each in node:
            yield from _failures(each)


def suite(operations: Iterable[str], faults: Sequence[str], requests: int | None) -> tuple[Signs, int, list[str]]:
    """What the suite finds within that many requests: (case, rule) pairs, requests taken, failed cases."""
    row = Played(",".join(faults))
    with serving(faults, KEY) as url:
        world = world_of(url, Caps(requests=requests))
        for case in cases_of(operations):
            play_into(case, world, row, frozenset())
        world.transport.close()
    return frozenset(row.findings), row.requests, row.failed


def _twin(operations: tuple[str, ...]) -> Twin:
    theirs, requests = schemathesis(operations, [])
    ours, _, failed = suite(operations, [], None)
    return theirs, ours, failed, requests


def _lap(name: str, their_twin: Signs, our_twin: Signs) -> Lap:
    operations = find(name).operations
    theirs, budget = schemathesis(operations, [name])
    ours, taken, _ = suite(operations, [name], budget)
    rules = sorted({rule for case, rule in ours - our_twin})
    return Lap(name, tuple(sorted({sign[0] for sign in theirs - their_twin})), budget, tuple(rules), taken)


def race(names: Sequence[str], processes: int) -> tuple[list[Lap], dict[tuple[str, ...], Twin]]:
    """A lap a fault, and both twins by operations."""
    sets = sorted({find(name).operations for name in names})
    _ = _spec_file(), models()
    with ProcessPoolExecutor(processes, multiprocessing.get_context("fork")) as pool:
        twins = dict(zip(sets, pool.map(_twin, sets), strict=True))
        of = [twins[find(name).operations] for name in names]
        laps = list(pool.map(_lap, names, [each[0] for each in of], [each[1] for each in of]))
    return laps, twins


def document(laps: Sequence[Lap], twins: dict[tuple[str, ...], Twin], seconds: float) -> str:
    """docs/race.md."""
    theirs = [lap for lap in laps if lap.theirs]
    ours = [lap for lap in laps if lap.ours]
    missed = [lap.name for lap in theirs if not lap.ours]
    false = {sign for each in twins.values() for sign in each[0]}
    failed = [case for each in twins.values() for case in each[2]]
    return "\n".join(
        [
            "# The race",
            "",
            "Schemathesis' own command line and this suite against the same faults of the mock with the same number of",
            "requests. Written by `python benchmarks/race.py`, which says how both were set.",
            "",
            "| what | schemathesis | this suite |",
            "|---|---|---|",
            f"| faults found, of {len(laps)} | {len(theirs)} | {len(ours)} |",
            f"| found by it alone | {len(missed)} | {len([lap for lap in ours if not lap.theirs])} |",
            f"| failures on the server without faults | {len(false)} kinds | {len(failed)} |",
            f"| requests | {sum(lap.their_requests for lap in laps)} | {sum(lap.our_requests for lap in laps)} |",
            "",
            f"Found by schemathesis and not by the suite: {', '.join(missed) or 'nothing'}.",
            f"It took {seconds / 60:.0f} min.",
            "",
            "| fault | schemathesis | requests | this suite | requests |",
            "|---|---|---|---|---|",
            *(_line(lap) for lap in laps),
            "",
        ]
    )


def _line(lap: Lap) -> str:
    more = f" and {len(lap.ours) - 3} more" if len(lap.ours) > 3 else ""
    ours = (", ".join(lap.ours[:3]) or "nothing") + more
    return (
        f"| `{lap.name}` | {', '.join(lap.theirs) or 'nothing'} | {lap.their_requests} | {ours} | {lap.our_requests} |"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where the suite finds all that schemathesis finds, and twice as many, without a failure on the twin."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faults", action="append", default=[], metavar="GLOB", help="only these (repeatable)")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--out", type=Path, help="where to write (default: docs/race.md for the whole race)")
    chosen = parser.parse_args(arguments)
    known = {fault.name for fault in catalogue()}
    names = [each for each in FAULTS if not chosen.faults or any(fnmatch.fnmatch(each, glob) for glob in chosen.faults)]
    assert known.issuperset(names)  # noqa: S101 - a typing slip in the table above
    begun = time.monotonic()
    laps, twins = race(names, chosen.processes)
    text = document(laps, twins, time.monotonic() - begun)
    print(text)
    out = chosen.out or (None if chosen.faults else Path(__file__).parent.parent / "docs" / "race.md")
    if out:
        out.write_text(text, encoding="utf-8")
    theirs, ours = sum(bool(lap.theirs) for lap in laps), sum(bool(lap.ours) for lap in laps)
    missed = any(lap.theirs and not lap.ours for lap in laps)
    return 0 if not missed and ours >= 2 * theirs and not any(each[2] for each in twins.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
