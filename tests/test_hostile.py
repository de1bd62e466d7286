"""Hostile and broken targets: each ends in time with a finding or `inconclusive`, and nothing of it runs anywhere."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hostile import PLAIN, STREAMS
from raw_server import RawServer
from worlds import QUICK, played

from contract.verdict import Outcome, Verdict
from reports import commands, record, terminal

CASES = {
    **dict.fromkeys(PLAIN, "listModels/minimal/request"),
    **dict.fromkeys(STREAMS, "createChatCompletion/stream/plain"),
}
#: Odd, but HTTP and JSON leave a server the freedom: what an ordinary client reads is right.
HARMLESS = {
    "length-too-short",
    "duplicate-keys",
    "script-in-json",
    "script-in-header",
    "ten-thousand-headers",
    "number-of-a-thousand-digits",
}
TOLD = {Outcome.FAIL, Outcome.WARN, Outcome.INCONCLUSIVE, Outcome.UNSUPPORTED}


def test_the_corpus_has_at_least_sixty_behaviours() -> None:
    """As many as promised, and none twice."""
    assert len(CASES) == len(PLAIN) + len(STREAMS) >= 60


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_target_ends_in_time_and_is_told(name: str, tmp_path: Path) -> None:
    """The case ends within the limit, never as our own error, and its reports carry nothing that could run."""
    started = time.monotonic()
    with RawServer({**PLAIN, **STREAMS}[name]) as url:
        done = played(url, CASES[name])
    elapsed = time.monotonic() - started
    assert elapsed < 2 * QUICK.total_s + 3
    assert done.verdict.outcome is not Outcome.ERROR, done.verdict.reason
    if name not in HARMLESS:
        assert done.verdict.outcome in TOLD, done.verdict
    _reports_are_inert(done.verdict, done.exchanges, tmp_path)


def _reports_are_inert(verdict: Verdict, exchanges: tuple[object, ...], out: Path) -> None:
    header = record.header(
        suite="0",
        spec={"title": "t", "version": "v", "sha256": "0" * 64, "path": "openapi.yaml"},
        target={"url": "http://127.0.0.1/v1", "profile": "full", "models": []},
        options={},
        seed=0,
        planned=[verdict.case],
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    path = out / "run.jsonl"
    with record.Writer(path) as writer:
        for line in (header, *(record.exchange(each) for each in exchanges), record.verdict(verdict)):  # type: ignore[arg-type]
            writer.write(line)
    run = record.read(path)
    commands.write_all(run, out, None)
    told = terminal.summary(run) + (out / "junit.xml").read_text() + (out / "summary.md").read_text()
    page = (out / "report.html").read_text()
    assert "\x1b" not in told + page
    assert "\x00" not in told + page
    assert "<script>window.pwned" not in page
    assert "<script>alert" not in page + told.replace("&lt;", "")
    assert path.stat().st_size < 2_000_000
    assert len(page) < 4_000_000


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system does not tell a process' peak")
def test_memory_stays_bounded() -> None:
    """A process that has played all of them has needed less than 300 MB at its peak."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("hostile_memory.py"))],
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    )
    assert int(done.stdout) < 300_000
