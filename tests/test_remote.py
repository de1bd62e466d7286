"""pytest-xdist's workers elsewhere: other interpreters, other folders, and ones that share no file with the run."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from forwarding import Forwarder

import contract
from contract.budget import Caps
from contract.mock.server import Running
from contract.options import Options
from contract.session import Session

pytestmark = pytest.mark.long

SOME = ["listModels", "createThread", "createFile"]
INCLUDE = [part for each in SOME for part in ("--include", each)]
SUITE = ["-p", "contract.plugin", "--pyargs", "contract.suite", "-q", "-p", "no:cacheprovider"]
LISTS = ["/assistants", "/files", "/vector_stores"]


def environment() -> dict[str, str]:
    """The caller's environment with keys that are none; warnings of execnet's own server are its own."""
    clean = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return {**clean, "OPENAI_API_KEY": "sk-test-key", "OPENAI_ADMIN_KEY": "sk-test-admin"}


def judge(folder: Path, url: str, *arguments: str) -> dict[str, str]:
    """Run the suite with pytest in a folder; case id -> outcome."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *SUITE, "--target", url, *INCLUDE, "--depth", "smoke", *arguments],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    return {line["case"]: line["outcome"] for line in lines(folder) if line["kind"] == "verdict"}


def lines(folder: Path) -> list[dict[str, Any]]:
    """The lines of the record in a folder."""
    return [json.loads(line) for line in (folder / "contract-report" / "run.jsonl").read_text().splitlines()]


def left_on(url: str) -> list[str]:
    """Ids of everything removable that stands in a list of the target."""
    key = {"Authorization": "Bearer sk-test-key"}
    pages = (httpx.get(url + path, headers=key, params={"limit": 100}, trust_env=False).json() for path in LISTS)
    return [each["id"] for page in pages for each in page["data"]]


@pytest.fixture(scope="module")
def mock() -> Iterator[str]:
    """A mock of these tests' own."""
    with Running(speed=20.0) as running:
        yield running.url


@pytest.fixture(scope="module")
def alone(mock: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The verdicts of one process."""
    return judge(tmp_path_factory.mktemp("alone"), mock)


@pytest.fixture(scope="module")
def interpreter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another interpreter that can import the suite."""
    folder = tmp_path_factory.mktemp("interpreter")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / "bin" / "python"
    own = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    paths = f"{Path(contract.__file__).parent.parent}\n{sysconfig.get_path('purelib')}\n"
    (Path(own.stdout.strip()) / "paths.pth").write_text(paths)
    return python


@contextmanager
def host(python: Path, folder: Path) -> Iterator[str]:
    """A worker's host, as xdist sees it: an execnet server that shares nothing with the run; its `--tx`."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder.mkdir()
    command = [python, "-m", "execnet.script.socketserver", f"127.0.0.1:{port}"]
    process = subprocess.Popen(command, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        _wait_for(process, port)
        yield f"socket=127.0.0.1:{port}"
    finally:
        process.kill()
        process.communicate()


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    hexed = f"{port:04X}"
    for _ in range(500):
        # Asking the table of sockets, for the server takes every connection for a run.
        if f":{hexed} 00000000:0000 0A" in Path("/proc/net/tcp").read_text() or process.poll() is not None:
            return
        time.sleep(0.02)


@pytest.fixture
def hosts(interpreter: Path, tmp_path: Path) -> Iterator[list[str]]:
    """Arguments for two workers on hosts of their own."""
    if not Path("/proc/net/tcp").is_file():
        pytest.skip("needs /proc/net/tcp to know when the other hosts listen")
    with ExitStack() as stack:
        names = [stack.enter_context(host(interpreter, tmp_path / f"host-{number}")) for number in (1, 2)]
        yield ["--dist", "load", *(part for name in names for part in ("--tx", name))]


def test_workers_in_other_interpreters_and_folders_judge_the_same(
    mock: str, alone: dict[str, str], interpreter: Path, tmp_path: Path
) -> None:
    """Relative options hold in another folder, and every verdict is that of one process."""
    (tmp_path / "mine.toml").write_text('operations = ["*"]\n')
    (tmp_path / "contract.toml").write_text('[run]\nprofile = "./mine.toml"\n')
    (tmp_path / "other").mkdir()
    workers = ["--dist", "load", "--tx", f"popen//python={interpreter}", "--tx", "popen//chdir=other"]
    assert judge(tmp_path, mock, *workers) == alone
    assert left_on(mock) == []
    assert "created" in [line["kind"] for line in lines(tmp_path)]


def test_workers_on_other_hosts_judge_the_same(
    mock: str, alone: dict[str, str], hosts: list[str], tmp_path: Path
) -> None:
    """What they make is noted in the controller's record, whole and in order, and removed."""
    assert judge(tmp_path, mock, *hosts) == alone
    assert left_on(mock) == []
    kinds = [line["kind"] for line in lines(tmp_path)]
    assert kinds.count("intent") >= kinds.count("created") > 0


def test_workers_on_other_hosts_share_the_caps(mock: str, hosts: list[str], tmp_path: Path) -> None:
    """Without a ledger that all of them reach each gets its share: together they never pass --max-requests."""
    with Forwarder(mock) as front:
        outcomes = judge(tmp_path, front.url, *hosts, "--max-requests", "5")
    removed = sum(line["kind"] == "created" and bool(line["remove"]) for line in lines(tmp_path))
    assert 4 <= len(front.seen) <= 5 + 1 + removed
    assert "skipped" in outcomes.values()


@pytest.mark.parametrize("workers", [1, 2, 3, 7])
def test_shares_never_add_up_to_more_than_the_caps(workers: int) -> None:
    """Whole numbers are rounded down; a cap that is none stays none."""
    share = Caps(requests=10, tokens=100, usd=0.5, rate=3.0).share(workers)
    assert (share.requests or 0) * workers <= 10
    assert (share.tokens or 0) * workers <= 100
    assert (share.usd or 0) * workers <= 0.5 + 1e-9
    assert (share.rate or 0) * workers <= 3.0 + 1e-9
    assert Caps().share(workers) == Caps()


def test_time_left_travels_not_the_clock() -> None:
    """A host whose clock is wrong ends when the run does: seconds are sent, no point in time."""
    session = Session(Options(), {}, until=time.time() + 50, record="run.jsonl")
    values = json.loads(session.to_worker(split=2, remote=True))
    there = Session.from_worker(json.dumps({**values, "until": 0.0}))
    assert there.until is not None
    assert 40 < there.until - time.time() <= 50
    assert (there.notes, there.ledger, there.split) == ([], None, 2)
