"""The kill matrix: the suite against every fault of the mock, and against the same server without it.

    python benchmarks/kill_matrix.py                     every fault, writes docs/kill-matrix.md
    python benchmarks/kill_matrix.py --faults 'list-*'   some of them, prints only
    python benchmarks/kill_matrix.py --until-meant       stop each at the rule meant for it (faster)

Per fault the cases of the operations where it shows are played at `--depth standard`, in the order of a run, for
`--seconds` at most once the rule meant for it has caught it (a fault that makes each answer time out would take an
hour). Killed: a finding that the server without the fault does not get from the same case. Exit status 1 where a bar
is missed: every fault killed, each by the rule meant for it, no failure on the server without faults.
"""

from __future__ import annotations

import argparse
import asyncio
import fnmatch
import multiprocessing
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from contract import spec as specs
from contract import wiring
from contract.budget import Budget, Caps
from contract.case import Case, Depth
from contract.cost import Prices
from contract.created import Ledger
from contract.exchange import Request
from contract.mock.app import create
from contract.mock.faults import Fault, catalogue, find
from contract.mock.server import listen
from contract.options import Options
from contract.runner import play
from contract.spec import Spec
from contract.target import Target
from contract.transport import Limits, Transport
from contract.verdict import Outcome
from contract.world import World

KEY = "sk-kill-matrix-0123456789"
_LIMITS = Limits(connect_s=5.0, idle_s=8.0, total_s=10.0, body_bytes=20_000_000, stream_bytes=20_000_000)
#: Mock seconds a real one: jobs end soon enough for a test and late enough to be cancelled.
_SPEED = 2.0


@dataclass
class Row:
    """What one fault, or the server without one, got."""

    name: str
    #: Rule -> its strength, in the order in which they came.
    rules: dict[str, str] = field(default_factory=dict)
    first: int = 0
    requests: int = 0
    cases: int = 0
    seconds: float = 0.0
    outcomes: dict[str, int] = field(default_factory=dict)
    #: (case, rule) of every finding.
    findings: set[tuple[str, str]] = field(default_factory=set)
    failed: list[str] = field(default_factory=list)
    #: True where cases were left out because the fault had been caught and took too long.
    stopped: bool = False


@cache
def spec() -> Spec:
    """The one document of all servers and worlds of this process: its validators are kept for good."""
    return specs.load()


@contextmanager
def serving(faults: Sequence[str] = (), key: str | None = None, *, count: list[int] | None = None) -> Iterator[str]:
    """The mock on a free loopback port, in a thread; yields its base URL. Requests are counted in `count[0]`."""
    import logging

    import uvicorn

    logging.getLogger("uvicorn.error").disabled = True  # faults break answers on purpose, it would tell of each
    mock = create(spec(), faults=faults, key=key, speed=_SPEED)

    async def counted(scope: Any, receive: Any, send: Any) -> None:
        if count is not None and scope["type"] == "http":
            count[0] += 1
        await mock(scope, receive, send)

    config = uvicorn.Config(counted, log_level="critical", access_log=False)
    server = uvicorn.Server(config)
    with listen("127.0.0.1", 0) as listener:
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        finally:
            server.should_exit = server.force_exit = True
            thread.join(5)


_ANY = "any"
#: Family of faults -> families of cases that are likely to meet them, for `--near`.
_NEAR = {
    "lists": ("list", "lifecycle"),
    "parameters": ("minimal", "parameter"),
    "state": ("lifecycle", "minimal"),
    "transport": ("minimal", "stream"),
    "schema": ("minimal", "parameter"),
    "status": ("minimal", "parameter"),
    "media-type": ("minimal", "stream"),
}


def cases_of(operations: Iterable[str], near: str = "") -> list[Case]:
    """The cases of a run with `--include` for those operations; `near`: those alone that suit a family of faults."""
    cases = wiring.cases(spec(), Options(include=tuple(operations), depth=Depth.STANDARD))
    if near == _ANY:
        likely = {each for families in _NEAR.values() for each in families}
    else:
        likely = set(_NEAR.get(near, ("stream",) if near.startswith("stream") else ()))
    return [case for case in cases if case.id.split("/")[1] in likely] if likely else cases


def judged(
    name: str,
    operations: Iterable[str],
    twin: frozenset[tuple[str, str]],
    *,
    meant: str = "",
    near: str = "",
    seconds: float = 0.0,
) -> Row:
    """Play the cases against a server with the fault `name` ("" for none); once the rule `meant` has caught it, for
    `seconds` at most from the start on.
    """
    row = Row(name)
    begun = time.monotonic()
    fault = find(name) if name else None
    key = KEY if fault is not None and fault.keyed else None
    with serving([name] if name else [], key) as url:
        world = world_of(url)
        try:
            for case in cases_of(operations, near):
                play_into(case, world, row, twin)
                if meant in row.rules and time.monotonic() - begun >= seconds:
                    row.stopped = True
                    break
        finally:
            world.transport.close()
    row.seconds = time.monotonic() - begun
    return row


def world_of(url: str, caps: Caps = Caps()) -> World:
    """A world for the mock at `url`, everything allowed."""
    target = Target(url, KEY, KEY, allowed=frozenset(wiring.SAFETIES))
    ledger = Ledger(wiring.removals(), spec().operations, lambda _: None)
    transport = Transport(target, _LIMITS)
    return World(spec(), target, transport, wiring.provider(), Budget(caps), ledger, Prices(), models=models())


@cache
def models() -> tuple[str, ...]:
    """What the mock lists, as a run would have asked for it before its first case."""
    with serving() as url:
        transport = Transport(Target(url), _LIMITS)
        response, _ = transport.send(Request("GET", f"{url}/models", (("Authorization", f"Bearer {KEY}"),)))
        transport.close()
        return tuple(each["id"] for each in response.json()["data"]) if response else ()


def play_into(case: Case, world: World, row: Row, twin: frozenset[tuple[str, str]]) -> bool:
    """Play one case into a row; True where it found something that the twin does not have."""
    verdict = play(case, world).verdict
    row.cases += 1
    row.requests += verdict.requests
    row.outcomes[verdict.outcome] = row.outcomes.get(verdict.outcome, 0) + 1
    if verdict.outcome in {Outcome.FAIL, Outcome.ERROR}:
        row.failed.append(f"{case.id}: {verdict.reason or ', '.join(each.rule for each in verdict.findings)}")
    new = [each for each in verdict.findings if (case.id, each.rule) not in twin]
    row.findings |= {(case.id, each.rule) for each in verdict.findings}
    for each in new:
        row.rules.setdefault(each.rule, str(each.keyword))
    if new and not row.first:
        row.first = row.requests
    return bool(new)


def _twin(operation: str, near: bool) -> Row:
    return judged("", [operation], frozenset(), near=_ANY if near else "")


def _one(name: str, twin: frozenset[tuple[str, str]], seconds: float, near: bool) -> Row:
    fault = find(name)
    near_family = fault.family if near else ""
    return judged(name, fault.operations, twin, meant=fault.rule, near=near_family, seconds=seconds)


def matrix(
    faults: Sequence[Fault], *, seconds: float, near: bool = False, processes: int = 2
) -> tuple[dict[str, Row], list[Row]]:
    """Twins by operation, and a row a fault, in the order of the catalogue."""
    operations = sorted({each for fault in faults for each in fault.operations})
    _ = spec(), models()
    with ProcessPoolExecutor(processes, multiprocessing.get_context("fork")) as pool:
        twins = dict(zip(operations, pool.map(_twin, operations, [near] * len(operations)), strict=True))
        known = frozenset(pair for twin in twins.values() for pair in twin.findings)
        names, count = [each.name for each in faults], len(faults)
        rows = pool.map(_one, names, [known] * count, [seconds] * count, [near] * count)
        return twins, list(_told(rows))


def _told(rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        fault = find(row.name)
        sign = "ok " if fault.rule in row.rules else "ALIVE" if not row.rules else "other"
        if sign != "ok ":
            print(f"{sign:6}{row.name}: meant {fault.rule}, got {', '.join(row.rules) or '-'} ({row.seconds:.0f} s)")
            sys.stdout.flush()
        yield row


def alone(rows: Sequence[Row]) -> dict[str, list[str]]:
    """Rule -> the faults, played to their end, that it alone caught."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if len(row.rules) == 1 and not row.stopped:
            found[next(iter(row.rules))].append(row.name)
    return found


def without_fault(rows: Sequence[Row]) -> list[str]:
    """Rules that caught no fault at all; those of event streams have a corpus of their own."""
    caught = {rule for row in rows for rule in row.rules}
    return sorted(each.id for each in wiring.rules().values() if each.id not in caught and "/" in each.id)


def _left(count: int) -> list[str]:
    return [
        f"{count} of the faults were left once their rule had caught them, because they took too long or the run was",
        "to be short: what a later case finds of them is not listed, and no rule counts as their only one.",
        "",
    ]


_NEARBY = [
    "This run was made with `--near`: it played the families of cases that suit a family of faults (`_NEAR` in the",
    "script), so counts of requests are lower than in a whole run, and operations are judged by those families alone.",
    "",
]


def document(
    faults: Sequence[Fault],
    twins: dict[str, Row],
    rows: Sequence[Row],
    seconds: float,
    *,
    near: bool = False,
) -> str:
    """docs/kill-matrix.md."""
    stopped = sum(row.stopped for row in rows)
    killed = [row for row in rows if row.rules]
    meant = [row for row in rows if find(row.name).rule in row.rules]
    clean = [each for each in twins.values() if not each.failed]
    firsts = sorted(row.first for row in killed)
    lines = [
        "# Kill matrix",
        "",
        "Every fault of the mock (`contract mock --fault NAME`) against the suite at `--depth standard`, only the",
        "operations where the fault shows, beside the same server without the fault. Written by",
        "`tox -e kill` (`python benchmarks/kill_matrix.py`); nothing here is written by hand.",
        "",
        *(_left(stopped) if stopped else []),
        *(_NEARBY if near else []),
        "| what | measured |",
        "|---|---|",
        f"| faults | {len(rows)} in {len({each.family for each in faults})} families |",
        f"| killed | {len(killed)} of {len(rows)} ({_percent(len(killed), len(rows))}) |",
        f"| by the rule meant | {len(meant)} of {len(rows)} ({_percent(len(meant), len(rows))}) |",
        f"| operations without a fault that pass | {len(clean)} of {len(twins)} |",
        f"| rules that caught a fault which no other caught | {_singly(rows)} |",
        f"| killed by a MUST | {sum('MUST' in row.rules.values() for row in rows)} |",
        f"| requests until the first finding | median {_middle(firsts)}, most {max(firsts, default=0)} |",
        f"| requests an operation takes | median {_middle(sorted(each.requests for each in twins.values()))} |",
        f"| took | {seconds / 60:.0f} min on two cores |",
        "",
        "## Rules",
        "",
        "A rule beside those of event streams (which `tests/test_stream_rules.py` breaks one by one), the faults it",
        "caught, and one that it alone caught, where there is one.",
        "",
        "| rule | faults caught | alone |",
        "|---|---|---|",
        *_rule_lines(rows),
        "",
        *_uncaught(rows),
        "## Faults",
        "",
        "| fault | family | meant | caught by | requests until the first finding |",
        "|---|---|---|---|---|",
        *(_line(find(row.name), row) for row in rows),
        "",
    ]
    return "\n".join(lines)


def _singly(rows: Sequence[Row]) -> str:
    caught = {rule for row in rows for rule in row.rules if "/" in rule}
    return f"{len(caught & {*alone(rows)})} of {len(caught)}"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "none"


def _middle(values: Sequence[int]) -> int:
    return values[len(values) // 2] if values else 0


def _rule_lines(rows: Sequence[Row]) -> Iterator[str]:
    counts = Counter(rule for row in rows for rule in row.rules if "/" in rule)
    single = alone(rows)
    for rule, count in sorted(counts.items()):
        yield f"| `{rule}` | {count} | {single[rule][0] if single.get(rule) else ''} |"


def _uncaught(rows: Sequence[Row]) -> list[str]:
    missing = without_fault(rows)
    if not missing:
        return []
    reasons = [f"- `{each}`: {_REASONS.get(each, 'none yet')}" for each in missing]
    return ["Rules that no fault of the mock breaks, and why:", "", *reasons, ""]


#: Rules that are proven elsewhere, and where.
_REASONS = {
    "stream/accumulated-schema": "what the mock's chunks can be made to say breaks a rule of its own first; "
    "tests/test_grammar.py breaks it alone",
    "header/declared": "this spec declares no header but `Transfer-Encoding`, which is HTTP's business; "
    "the rule is for other specs, and tests/test_checks_headers.py breaks it",
}


def _line(fault: Fault, row: Row) -> str:
    shown = [f"**{each}**" if each == fault.rule else each for each in row.rules]
    more = f" and {len(shown) - 6} more" if len(shown) > 6 else ""
    first = sorted(shown, key=lambda each: not each.startswith("**"))[:6]
    return f"| `{fault.name}` | {fault.family} | {fault.rule} | {', '.join(first) or 'ALIVE'}{more} | {row.first} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where every bar holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faults", action="append", default=[], metavar="GLOB", help="only these (repeatable)")
    parser.add_argument("--until-meant", action="store_true", help="stop each fault at the rule meant for it")
    parser.add_argument("--seconds", type=float, default=60.0, help="most for a fault that is caught (default: 60)")
    parser.add_argument("--near", action="store_true", help="likely cases alone: for work on faults, prints only")
    parser.add_argument("--processes", type=int, default=4, help="each waits more than it works")
    parser.add_argument("--out", type=Path, help="where to write (default: docs/kill-matrix.md for the whole matrix)")
    chosen = parser.parse_args(arguments)
    faults = [f for f in catalogue() if not chosen.faults or any(fnmatch.fnmatch(f.name, g) for g in chosen.faults)]
    begun = time.monotonic()
    seconds = 0.0 if chosen.until_meant or chosen.near else chosen.seconds
    twins, rows = matrix(faults, seconds=seconds, near=chosen.near, processes=chosen.processes)
    text = document(faults, twins, rows, time.monotonic() - begun, near=chosen.near)
    out = chosen.out or (
        None if chosen.faults or chosen.near else Path(__file__).parent.parent / "docs" / "kill-matrix.md"
    )
    if out:
        out.write_text(text, encoding="utf-8")
    for twin in twins.values():
        for failed in twin.failed:
            print(f"twin  {failed}")
    kept = all(find(row.name).rule in row.rules for row in rows) and not any(each.failed for each in twins.values())
    print(text[text.index("| what") : text.index("## Rules")])
    return 0 if kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
