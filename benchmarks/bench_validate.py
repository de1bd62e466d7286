"""Validating the bodies of the spec's examples: this suite against `jsonschema` alone, in one run.

    python benchmarks/bench_validate.py

Both get the same converted document through one registry; compiling is measured apart. Prints the ratio (bar: 50)
and what compiling all schemas takes. Exit 1 when the bar is missed or a verdict differs.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from contract import examples
from contract.spec import Spec, load

BAR = 50
SECONDS = 2.0


def memory_mb() -> float:
    """Peak memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def rate(work: Callable[[], None]) -> float:
    """Rounds a second, over at least `SECONDS`; the first round is not counted."""
    work()
    rounds, started = 0, time.perf_counter()
    while time.perf_counter() - started < SECONDS:
        work()
        rounds += 1
    return rounds / (time.perf_counter() - started)


def compile_all(spec: Spec) -> tuple[int, float, float]:
    """Schemas of `components`, seconds and MB that compiling all of them takes."""
    schemas, names = spec.schemas, list(spec.corrected["components"]["schemas"])
    before, started = memory_mb(), time.perf_counter()
    for name in names:
        schemas.validator(f"/components/schemas/{name}")
    return len(names), time.perf_counter() - started, memory_mb() - before


def main() -> int:
    """Measure and print; 0 when the bar is met."""
    spec = load()
    bodies = [
        (each.schema, each.value)
        for each in examples.published(spec)
        if each.problem is None and each.schema is not None
    ]
    count, seconds, megabytes = compile_all(spec)
    registry: Registry[Any] = Registry().with_resource("urn:s", DRAFT202012.create_resource(spec.schemas.converted))
    slow = {at: Draft202012Validator({"$ref": f"urn:s#{at}"}, registry=registry) for at, _ in bodies}
    differing = [at for at, value in bodies if slow[at].is_valid(value) != spec.schemas.is_valid(at, value)]

    def ours() -> None:
        for at, value in bodies:
            spec.schemas.is_valid(at, value)

    def theirs() -> None:
        for at, value in bodies:
            slow[at].is_valid(value)

    fast, plain = rate(ours), rate(theirs)
    print(f"compile {count} schemas through one registry: {seconds:.3f} s, {megabytes:.0f} MB")
    print(f"validate {len(bodies)} example bodies: contract {fast * len(bodies):,.0f}/s, ", end="")
    print(f"jsonschema {plain * len(bodies):,.0f}/s, ratio {fast / plain:.0f} (bar {BAR})")
    print(f"verdicts that differ: {len(differing)}")
    return 0 if fast / plain >= BAR and not differing else 1


if __name__ == "__main__":
    sys.exit(main())
