"""Feed the parser and every grammar with random bytes and random or mutated events: no exception, no hang, flat memory.

`python benchmarks/fuzz_streams.py [MINUTES] [SEED] [OPERATION]` spends MINUTES on each of the parser and the grammars
and exits 1 with the seed of the first stream that raised, took too long or left memory behind.
"""

from __future__ import annotations

import copy
import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from contract import grammars
from contract.classify import SURFACES
from contract.spec import Spec, load
from contract.sse import Parser
from contract.streams import StreamJudge

TESTS = Path(__file__).parent.parent / "tests"
#: Seconds that one stream of a few hundred events may take; megabytes that the process may grow after warming up.
SLOW, GROWTH = 5.0, 40.0
PIECES = [
    b"data",
    b"data: ",
    b"event: ",
    b"id:",
    b"retry",
    b":",
    b" ",
    b"\n",
    b"\n\n",
    b"\r",
    b"\r\n",
    b"[DONE]",
    b"{}",
]
PIECES += [b"\xef\xbb\xbf", b"\xf0\x9f", b"\xff", b"null", b'{"', b'"}', b"\0", "\u2028".encode(), b"x" * 5000]
VALUES: list[Any] = [None, True, 0, -1, 1, 2**63, 1.5, 1e300, "", "x", "[DONE]", "\ud800", [], {}, [None], {"": None}]
Seed = tuple[str, dict[str, Any], list[tuple[str | None, Any]]]


def corpus() -> dict[str, list[Seed]]:
    """Operation -> request and events of the right and broken streams of the tests."""
    sys.path.insert(0, str(TESTS))
    found: dict[str, list[Seed]] = {}
    for path in sorted(TESTS.glob("stream_cases_*.py")):
        for case in __import__(path.stem).CASES:
            for body in (case.breaking, case.twin):
                found.setdefault(case.operation, []).append(
                    (case.operation, case.request, events_of(body, framed_in_lines(case.operation)))
                )
    return found


def framed_in_lines(operation: str) -> bool:
    """True for recordings of one frame a line."""
    return grammars.surface(SURFACES.get(operation, "realtime")).framing == "lines"


def events_of(body: bytes, lines: bool) -> list[tuple[str | None, Any]]:
    """Names and decoded data of a recorded stream, an event stream or JSON lines."""
    if lines:
        return [(None, decoded(line.decode("utf-8", "replace"))) for line in body.split(b"\n") if line]
    return [(each.event, decoded(each.data)) for each in Parser().feed(body)]


def decoded(data: str) -> Any:
    """JSON where it is, text where it is none."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return data[:100]


def mutated(dice: random.Random, value: Any, depth: int = 0) -> Any:
    """`value` with some member changed, dropped, doubled or swapped for anything."""
    if depth > 6 or dice.random() < 0.1:
        return copy.deepcopy(dice.choice(VALUES))
    if isinstance(value, dict) and value:
        name = dice.choice(list(value))
        if dice.random() < 0.15:
            return {key: each for key, each in value.items() if key != name}
        return {**value, name: mutated(dice, value[name], depth + 1)}
    if isinstance(value, list) and value:
        at = dice.randrange(len(value))
        if dice.random() < 0.2:
            return value[:at] + value[at + 1 :] if dice.random() < 0.5 else [*value, value[at]]
        return [*value[:at], mutated(dice, value[at], depth + 1), *value[at + 1 :]]
    return copy.deepcopy(dice.choice(VALUES)) if dice.random() < 0.7 else value


def shuffled(dice: random.Random, events: list[tuple[str | None, Any]]) -> list[tuple[str | None, Any]]:
    """`events` with some dropped, doubled, moved, renamed or mutated."""
    events = list(events)
    for _ in range(dice.randint(1, 6)):
        if not events:
            break
        at = dice.randrange(len(events))
        name, data = events[at]
        change = dice.randrange(6)
        if change == 0:
            del events[at]
        elif change == 1:
            events.insert(dice.randrange(len(events) + 1), events[at])
        elif change == 2:
            events.insert(dice.randrange(len(events)), events.pop(at))
        elif change == 3:
            events[at] = (dice.choice(events)[0], data)
        else:
            events[at] = (name, mutated(dice, data))
    return events


def encoded(events: list[tuple[str | None, Any]], lines: bool) -> bytes:
    """The bytes of events; surrogates go out as JSON escapes."""
    texts = [(name, data if isinstance(data, str) else json.dumps(data)) for name, data in events]
    if lines:
        return b"".join(text.encode("utf-8", "replace") + b"\n" for _, text in texts)
    heads = [(f"event: {name}\n" if isinstance(name, str) else "") + f"data: {text}\n\n" for name, text in texts]
    return "".join(heads).encode("utf-8", "replace")


def noise(dice: random.Random, body: bytes) -> bytes:
    """`body` with bytes changed and pieces of the format thrown in."""
    for _ in range(dice.randint(0, 4)):
        at = dice.randrange(len(body) + 1)
        piece = dice.choice(PIECES) if dice.random() < 0.8 else dice.randbytes(dice.randint(1, 8))
        body = body[:at] + piece + body[at + dice.randint(0, 3) :]
    return body


def fed(dice: random.Random, body: bytes, feed: Callable[[bytes], object]) -> None:
    """`body` in chunks of random sizes."""
    size = dice.choice([1, 7, 64, 1000, 1 << 20])
    for start in range(0, len(body), size):
        feed(body[start : start + size])


def parse_random(dice: random.Random) -> None:
    """One random body through the parser, whole and in chunks, with the same result."""
    body = b"".join(dice.choice(PIECES) for _ in range(dice.randint(0, 200)))
    limit = dice.choice([10, 100, 1 << 20])
    whole, cut = Parser(limit), Parser(limit)
    expected = [*whole.parse(body), *whole.finish()]
    found: list[Any] = []
    fed(dice, body, lambda chunk: found.extend(cut.parse(chunk)))
    if [*found, *cut.finish()] != expected:
        raise AssertionError("the chunks change what is parsed")


def judge_random(spec: Spec, dice: random.Random, seeds: list[Seed]) -> None:
    """One mutated stream through the judge of its operation."""
    operation, request, events = dice.choice(seeds)
    if dice.random() < 0.3:
        request = mutated(dice, request)
        request = request if isinstance(request, dict) else {}
    body = noise(dice, encoded(shuffled(dice, events), framed_in_lines(operation)))
    judge = StreamJudge(spec, operation, request, 200, "text/event-stream")
    fed(dice, body, judge.feed)
    judge.close(complete=dice.random() < 0.9)
    json.dumps([judge.accumulated, judge.text, [each.data for each in judge.events]])


def rounds(name: str, minutes: float, seed: int, work: Callable[[random.Random], None]) -> int:
    """Work for `minutes`; prints rounds and growth. Exits with the seed of what goes wrong."""
    end, count, base = time.monotonic() + minutes * 60, 0, 0.0
    while time.monotonic() < end:
        number = seed + count
        started = time.monotonic()
        try:
            work(random.Random(number))  # noqa: S311 - the seed has to give the stream again
        except Exception as error:
            error.add_note(f"{name}, seed {number}")
            raise
        if time.monotonic() - started > SLOW:
            raise SystemExit(f"{name}: seed {number} took {time.monotonic() - started:.1f} s")
        count += 1
        if count == 500:
            base = megabytes()
    growth = megabytes() - base if base else 0.0
    print(f"{name:>24}: {count:>8,} streams, memory {growth:+.1f} MB after the first 500", flush=True)
    if growth > GROWTH:
        raise SystemExit(f"{name}: memory grew by {growth:.1f} MB")
    return count


def megabytes() -> float:
    """Resident memory now, 0 where the system does not tell."""
    status = Path("/proc/self/status")
    text = status.read_text() if status.exists() else "VmRSS: 0 kB"
    return int(next(line for line in text.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


def main() -> None:
    """The parser, then each operation; with a third argument only what it names."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
    spec = load()
    print(f"{minutes} minutes each, seed {seed}")
    only = sys.argv[3] if len(sys.argv) > 3 else ""
    if only in {"", "parser"}:
        rounds("parser", minutes, seed, parse_random)
    for operation, seeds in corpus().items():
        if only not in {"", operation}:
            continue
        rounds(operation, minutes, seed, lambda dice, seeds=seeds: judge_random(spec, dice, seeds))  # type: ignore[misc]


if __name__ == "__main__":
    main()
