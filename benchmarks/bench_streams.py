"""How fast and in how much memory streams are judged, on one core.

The bar: events judged a second against only `json.loads` and the compiled schema validator on the same events (0.6);
memory for 1,000,000 chat chunks under 50 MB above the start. `python benchmarks/bench_streams.py [EVENTS]`.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from contract.spec import Spec, load
from contract.streams import StreamJudge

POINTER = "/components/schemas/CreateChatCompletionStreamResponse"
HEAD: dict[str, Any] = {
    "id": "chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG",
    "object": "chat.completion.chunk",
    "created": 1742601600,
    "model": "gpt-4o-mini-2024-07-18",
    "system_fingerprint": "fp_44709d6fcb",
}
TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}


def chunk(delta: dict[str, Any], reason: str | None = None) -> str:
    """One chunk of choice 0 as compact JSON."""
    entry = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
    return json.dumps({**HEAD, "choices": [entry]}, separators=(",", ":"))


def text_events(count: int) -> Iterator[str]:
    """A plain text answer of `count` events."""
    yield chunk({"role": "assistant", "content": ""})
    for number in range(count - 2):
        yield chunk({"content": f" word{number % 1000}"})
    yield chunk({}, "stop")


def tool_events(count: int) -> Iterator[str]:
    """A tool call whose arguments come in `count` events."""
    call = {"index": 0, "id": "call_a", "type": "function", "function": {"name": "get_weather", "arguments": ""}}
    yield chunk({"role": "assistant", "content": None})
    yield chunk({"tool_calls": [call]})
    for number in range(count - 3):
        yield chunk({"tool_calls": [{"index": 0, "function": {"arguments": f"{number % 10}"}}]})
    yield chunk({}, "tool_calls")


def seconds(work: Callable[[], object], rounds: int = 5) -> float:
    """The best of some rounds."""
    best = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best


def judge(spec: Spec, request: dict[str, Any], reads: list[bytes]) -> StreamJudge:
    """A stream judged read by read; it has to be without a finding, or the numbers mean nothing."""
    made = StreamJudge(spec, "createChatCompletion", request, 200, "text/event-stream")
    findings = [finding for read in reads for finding in made.feed(read, 0.1)] + made.close()
    if findings:
        raise SystemExit(f"the benchmark's own stream is wrong: {findings[0]}")
    return made


def compare(spec: Spec, name: str, events: list[str], request: dict[str, Any], a_read: int) -> float:
    """Print events a second and the ratio for one stream, read `a_read` events at a time; the ratio."""
    valid = spec.schemas.validator(POINTER).is_valid
    frames = [f"data: {event}\n\n".encode() for event in [*events, "[DONE]"]]
    reads = [b"".join(frames[start : start + a_read]) for start in range(0, len(frames), a_read)]
    base = seconds(lambda: [valid(json.loads(event)) for event in events])
    ours = seconds(lambda: judge(spec, request, reads))
    count = len(events)
    print(
        f"{name:>6}, {a_read:>3} events a read: {count / ours:>9,.0f} events/s judged, "
        f"{count / base:>9,.0f} parsed and validated only, ratio {base / ours:.2f}"
    )
    return base / ours


def memory(spec: Spec, count: int) -> float:
    """Print and give the growth of the process over a stream of `count` chunks that is made as it is read."""
    made = StreamJudge(spec, "createChatCompletion", {"stream": True}, 200, "text/event-stream")
    before, started = rss_mb(), time.process_time()
    for event in text_events(count):
        made.feed(b"data: " + event.encode() + b"\n\n", 0.1)
    made.feed(b"data: [DONE]\n\n")
    made.close()
    grown = rss_mb() - before
    print(f"memory: {grown:.1f} MB for {count:,} chunks ({time.process_time() - started:.0f} s)")
    return grown


def rss_mb() -> float:
    """Resident megabytes now, the peak where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line = next(each for each in status.read_text().splitlines() if each.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def main() -> int:
    """Memory, then speed for plain text and tools; 0 where the bars hold."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    spec = load()
    grown = memory(spec, 1_000_000)  # first, while the process is small
    ratios = []
    for a_read in (1, 20):
        ratios.append(compare(spec, "plain", list(text_events(count)), {"stream": True}, a_read))
        ratios.append(compare(spec, "tools", list(tool_events(count)), {"stream": True, "tools": [TOOL]}, a_read))
    return 0 if grown < 50 and min(ratios) >= 0.6 else 1


if __name__ == "__main__":
    sys.exit(main())
