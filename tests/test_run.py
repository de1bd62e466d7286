"""A run as a whole, on the embedded mock: workers, shards, budgets, interruption, what is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from forwarding import Forwarder

from contract.mock.server import Running

#: A few operations of every kind; the whole catalogue is for the nightly job.
SOME = ["listModels", "createAssistant", "getThread", "createFile", "deleteVectorStore", "createEmbedding"]
INCLUDE = [part for each in SOME for part in ("--include", each)]
LISTS = ["/assistants", "/files", "/vector_stores", "/chat/completions"]


@pytest.fixture(scope="module")
def mock() -> Iterator[str]:
    """A mock of these tests' own."""
    with Running(speed=20.0) as running:
        yield running.url


def command(*arguments: str) -> list[str]:
    """The command line of `contract`."""
    return [sys.executable, "-m", "contract", *arguments]


def environment(**more: str) -> dict[str, str]:
    """The caller's environment with keys that are none."""
    clean = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return {**clean, "OPENAI_API_KEY": "sk-test-key", "OPENAI_ADMIN_KEY": "sk-test-admin", **more}


def contract(*arguments: str, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        command(*arguments),
        cwd=cwd,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def lines(record: Path) -> list[dict[str, Any]]:
    """The lines of a record; each of them is whole."""
    return [json.loads(line) for line in record.read_text().splitlines()]


def verdicts(record: Path) -> dict[str, str]:
    """Case id -> outcome."""
    return {line["case"]: line["outcome"] for line in lines(record) if line["kind"] == "verdict"}


def left_on(url: str) -> list[str]:
    """Ids of everything removable that stands in a list of the target."""
    key = {"Authorization": "Bearer sk-test-key"}
    pages = (httpx.get(url + path, headers=key, params={"limit": 100}).json() for path in LISTS)
    return [each["id"] for page in pages for each in page["data"]]


@pytest.fixture(scope="module")
def whole(mock: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The record of one run with one worker."""
    folder = tmp_path_factory.mktemp("whole")
    done = contract("run", mock, *INCLUDE, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "contract-report" / "run.jsonl"


def test_two_workers_give_the_same_verdicts(mock: str, whole: Path, tmp_path: Path) -> None:
    """The number of processes changes nothing but the time."""
    done = contract("run", mock, *INCLUDE, "--workers", "2", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert verdicts(tmp_path / "contract-report" / "run.jsonl") == verdicts(whole)


def test_pytest_gives_the_same_verdicts(mock: str, whole: Path, tmp_path: Path) -> None:
    """`pytest --pyargs contract.suite --target URL` is the same run."""
    arguments = ["-p", "contract.plugin", "--pyargs", "contract.suite", "--target", mock, *INCLUDE, "-q"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert verdicts(tmp_path / "contract-report" / "run.jsonl") == verdicts(whole)


def test_shards_merged_are_one_run(mock: str, whole: Path, tmp_path: Path) -> None:
    """Four shards share the cases out without doubling or losing one."""
    parts = []
    for part in range(1, 5):
        done = contract("run", mock, *INCLUDE, "--shard", f"{part}/4", "--out", f"part-{part}", cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        parts.append(str(tmp_path / f"part-{part}" / "run.jsonl"))
    done = contract("merge", *parts, "--out", "merged", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert verdicts(tmp_path / "merged" / "run.jsonl") == verdicts(whole)
    total = sum(len(verdicts(Path(each))) for each in parts)
    assert total == len(verdicts(whole))


#: Cases that draw, and cases that make objects.
SOME = [part for each in ("generated", "lifecycle", "edge") for part in ("--include", f"createAssistant/{each}/*")]


def test_the_same_seed_sends_the_same_requests(tmp_path: Path) -> None:
    """Two runs on two fresh mocks send the same methods and paths in the same order, ids included."""
    seen = []
    for index in range(2):
        with Running(speed=20.0) as running, Forwarder(running.url) as front:
            done = contract("run", front.url, *SOME, "--out", f"out-{index}", cwd=tmp_path)
            assert done.returncode == 0, done.stdout + done.stderr
            seen.append(list(front.seen))
    assert seen[0] == seen[1]


@pytest.mark.parametrize("workers", ["1", "4"])
def test_max_requests_is_never_passed(mock: str, tmp_path: Path, workers: str) -> None:
    """The server counts at most the cap, cleanup and the question for the models aside; the rest is skipped."""
    with Forwarder(mock) as front:
        done = contract("run", front.url, *INCLUDE, "--max-requests", "25", "--workers", workers, cwd=tmp_path)
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    record = lines(tmp_path / "contract-report" / "run.jsonl")
    removed = sum(line["kind"] == "created" and bool(line["remove"]) for line in record)
    assert 25 <= len(front.seen) <= 25 + 1 + removed
    skipped = [line for line in record if line["kind"] == "verdict" and line["outcome"] == "skipped"]
    assert any("--max-requests 25" in line["reason"] for line in skipped)


@pytest.mark.parametrize("workers", ["1", "4"])
def test_max_tokens_is_never_passed(mock: str, tmp_path: Path, workers: str) -> None:
    """What the answers say that they cost stays below the cap; the rest is skipped, and some of it was judged."""
    include = ["--include", "createChatCompletion/boundary/*", "--include", "createCompletion/boundary/*"]
    done = contract("run", mock, *include, "--max-tokens", "9000", "--workers", workers, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    record = lines(tmp_path / "contract-report" / "run.jsonl")
    assert 0 < record[-1]["tokens"] <= 9000
    skipped = [line for line in record if line["kind"] == "verdict" and line["outcome"] == "skipped"]
    assert any("--max-tokens 9000" in line["reason"] for line in skipped)


def test_nothing_removable_is_left_after_a_run(tmp_path: Path) -> None:
    """Every object that the run made and that can be removed is gone."""
    with Running(speed=20.0) as running:
        contract("run", running.url, *INCLUDE, cwd=tmp_path)
        assert left_on(running.url) == []


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_reports_and_cleans_up(tmp_path: Path, sign: signal.Signals) -> None:
    """Ctrl-C and SIGTERM end the run with the report of what was done, and nothing is left."""
    with Running(speed=20.0) as running:
        process = _started(running.url, tmp_path, 20)
        process.send_signal(sign)
        process.wait(60)
        record = tmp_path / "contract-report" / "run.jsonl"
        assert lines(record)[-1]["kind"] == "end"
        assert (record.parent / "report.html").is_file()
        assert left_on(running.url) == []


def test_after_a_kill_cleanup_removes_what_is_left(tmp_path: Path) -> None:
    """A kill -9 leaves a readable record; `contract cleanup` removes what it names."""
    with Running(speed=20.0) as running:
        process = _started(running.url, tmp_path, 60)
        process.kill()
        process.wait(60)
        record = tmp_path / "contract-report" / "run.jsonl"
        done = contract("cleanup", str(record), cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        assert left_on(running.url) == []


def test_a_killed_run_goes_on_where_it_stopped(mock: str, whole: Path, tmp_path: Path) -> None:
    """Killed three times and resumed: the verdicts are those of one run, and no line is lost or broken."""
    record = tmp_path / "contract-report" / "run.jsonl"
    process = _started(mock, tmp_path, 30)
    process.kill()
    process.wait(60)
    for more in (60, 100):
        process = _started(mock, tmp_path, more, "--resume", str(record))
        process.kill()
        process.wait(60)
    done = contract("run", "--resume", str(record), cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert verdicts(record) == verdicts(whole)


def _started(url: str, folder: Path, requests: int, *more: str) -> subprocess.Popen[bytes]:
    """A run that has written about so many lines of its record."""
    target = more or (url, *INCLUDE)
    process = subprocess.Popen(command("run", *target), cwd=folder, env=environment(), stderr=subprocess.DEVNULL)
    record = folder / "contract-report" / "run.jsonl"
    for _ in range(600):
        if record.is_file() and record.read_bytes().count(b"\n") >= requests:
            break
        if process.poll() is not None:
            break
        time.sleep(0.02)
    return process


def test_a_distant_target_is_never_sent_destroy_or_admin(mock: str, tmp_path: Path) -> None:
    """Through a proxy that stands for a distant host: no admin request, and no deletion but of what the run made."""
    with Forwarder(mock) as front:
        proxy = front.url.removesuffix("/v1")
        arguments = ["run", "http://api.contract.test/v1", *INCLUDE, "--include", "list-users", "--depth", "smoke"]
        done = contract(*arguments, cwd=tmp_path, http_proxy=proxy)
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    assert front.seen
    record = lines(tmp_path / "contract-report" / "run.jsonl")
    made = {value for line in record if line["kind"] == "created" for value in line["path"].values()}
    assert [path for _, path in front.seen if "/organization/" in path] == []
    deleted = [path for method, path in front.seen if method == "DELETE"]
    assert [path for path in deleted if not any(each in path for each in made)] == []
    assert left_on(mock) == []


def test_two_runs_in_one_folder_do_not_mix(mock: str, tmp_path: Path) -> None:
    """The second says in one line that another run is writing there."""
    process = _started(mock, tmp_path, 5)
    done = contract("run", mock, "--include", "listModels", cwd=tmp_path)
    process.kill()
    process.wait(60)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "another run" in done.stderr
