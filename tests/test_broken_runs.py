"""Runs that are cut off in every way: a full disk, a signal at a bad moment, a kill; one clear line each."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from raw_server import RawServer, read_head

INCLUDE = ["--include", "listModels", "--include", "createThread"]


def environment() -> dict[str, str]:
    """The caller's environment without keys and proxies."""
    names = ("openai_", "http_proxy", "https_proxy", "all_proxy")
    return {name: value for name, value in os.environ.items() if not name.lower().startswith(names)}


def started(
    folder: Path, *arguments: str, script: str = "-m contract", limit: int | None = None
) -> subprocess.Popen[str]:
    """`contract` in a folder; files may grow to `limit` bytes."""

    def small_files() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.Popen(
        [sys.executable, *script.split(), *arguments],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=small_files,  # noqa: PLW1509 - no thread of ours runs while it is started
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """(exit status, stderr) of a process that is let run to its end."""
    _, stderr = process.communicate(timeout=120)
    return process.returncode, stderr


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("limit", [100, 30_000])
def test_a_full_disk_is_one_line(tmp_path: Path, limit: int, workers: str) -> None:
    """Where the record cannot be written on, the run ends with what to do, and what was written stays readable."""
    status, said = ended(started(tmp_path, "run", *INCLUDE, "--workers", workers, limit=limit))
    assert status == 2
    # On a slow machine plain progress lines stand before it.
    told = [line for line in said.splitlines() if " cases, " not in line]
    assert len(told) == 1, said
    assert "cannot write the record" in said
    assert "--out" in said
    if limit > 100:
        status, said = ended(started(tmp_path, "report", "contract-report/run.jsonl", "--out", "page.html"))
        assert (status, said) == (0, "")


def test_a_page_that_does_not_fit_is_one_line(tmp_path: Path) -> None:
    """The record is whole; the report says that it could not be written, and leaves no half page."""
    status, said = ended(started(tmp_path, "run", "--include", "listModels", "--depth", "smoke", limit=30_000))
    assert status == 2
    assert len(said.strip().splitlines()) == 1, said
    lines = (tmp_path / "contract-report" / "run.jsonl").read_text().splitlines()
    assert json.loads(lines[-1])["kind"] == "end"
    assert [each.name for each in (tmp_path / "contract-report").iterdir() if each.name.startswith(".")] == []
    assert not (tmp_path / "contract-report" / "report.html").exists()


def test_a_record_with_a_broken_line_is_told_by_its_number(tmp_path: Path) -> None:
    """A line cut at the end is passed over; one that is broken in the middle is named."""
    ended(started(tmp_path, "run", "--include", "listModels", "--depth", "smoke"))
    record = tmp_path / "contract-report" / "run.jsonl"
    whole = record.read_bytes()
    record.write_bytes(whole[:-30])
    status, said = ended(started(tmp_path, "report", str(record), "--out", "page.html"))
    assert (status, said) == (0, "")
    lines = whole.splitlines(keepends=True)
    record.write_bytes(b"".join([lines[0], lines[1][:40] + b"\n", *lines[2:]]))
    for command in (["report"], ["verify"], ["cleanup"], ["diff", str(record)], ["run", "--resume"]):
        status, said = ended(started(tmp_path, *command, str(record)))
        assert status == 2, said
        assert len(said.strip().splitlines()) == 1, said
        assert ":2:" in said or "line 2:" in said


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_question_for_the_models_is_one_line(tmp_path: Path, sign: signal.Signals) -> None:
    """Ctrl-C and SIGTERM while the target does not answer the first request end the command at once."""
    asked = threading.Event()

    def silent(connection: object) -> None:
        read_head(connection)  # type: ignore[arg-type]  # the server's own socket
        asked.set()
        time.sleep(20)

    with RawServer(silent) as url:
        process = started(tmp_path, "run", url)
        assert asked.wait(60)
        process.send_signal(sign)
        status, said = ended(process)
    assert (status, said) == (130, "contract: interrupted\n")


#: `contract` that gets a signal while it does what is named.
SIGNALLED = """
import os, signal, sys
from contract import {module}
from contract.cli import main
inner = {module}.{function}
def signalled({arguments}):
    os.kill(os.getpid(), signal.SIGTERM)
    return inner({arguments})
{module}.{function} = signalled
if __name__ == "__main__":
    sys.exit(main())
"""


@pytest.mark.parametrize(
    ("module", "function", "arguments"),
    [("wiring", "cases", "spec, options"), ("plugin", "pytest_generate_tests", "metafunc")],
)
def test_a_signal_while_cases_are_collected_is_told(tmp_path: Path, module: str, function: str, arguments: str) -> None:
    """SIGTERM before the first case: no traceback, no pass, nothing of ours goes on."""
    (tmp_path / "signalled.py").write_text(SIGNALLED.format(module=module, function=function, arguments=arguments))
    process = started(tmp_path, "run", "--include", "listModels", script="signalled.py")
    said_out, said = process.communicate(timeout=120)
    assert process.returncode in {3, 130}
    assert "Traceback" not in said + said_out
    assert "interrupted" in said or "Nothing could be judged" in said_out


def test_a_kill_takes_the_embedded_mock_along(tmp_path: Path) -> None:
    """Kill -9 of a run ends the mock that it had started."""
    process = started(tmp_path, "run")
    record = tmp_path / "contract-report" / "run.jsonl"
    for _ in range(1500):
        if record.is_file() and record.read_bytes().count(b"\n") > 3:
            break
        time.sleep(0.02)
    port = int(json.loads(record.read_text().splitlines()[0])["target"]["url"].split(":")[2].split("/")[0])
    process.kill()
    process.communicate(timeout=60)
    assert _gone(port)


def _gone(port: int) -> bool:
    """True when nothing listens on a port any more."""
    import socket

    for _ in range(250):
        try:
            socket.create_connection(("127.0.0.1", port), 0.5).close()
        except OSError:
            return True
        time.sleep(0.02)
    return False
