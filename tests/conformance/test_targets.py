"""Servers that nobody here wrote, installed from the registries and judged: `tox -e conformance`.

Every distinct finding was checked by hand against the raw answer and the spec (docs/targets.md); one that is not on the
list beside the target's configuration fails here until somebody has looked at it.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from contract.mock.server import Running

HERE = Path(__file__).parent / "targets"
VERSIONS = {
    "aimock": "@copilotkit/aimock@1.43.0",
    "litellm": "litellm[proxy]==1.106.2",
    "llama-cpp-python": "llama-cpp-python[server]==0.3.36",
    "mockllm": "mockllm==0.0.8",
}
KEY = "sk-contract-conformance-key"
#: Seconds that a target may take to start, and a run may last.
START_S, RUN_S = 120, 2400

pytestmark = pytest.mark.skipif(
    "CONTRACT_CONFORMANCE" not in os.environ,
    reason="needs npm and PyPI: set CONTRACT_CONFORMANCE or run `tox -e conformance`",
)


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def from_pypi(home: Path, name: str, *more: str) -> Path:
    """The program of a package in an environment of its own; skips where the registry cannot be reached."""
    venv.create(home / "venv", with_pip=True)
    programs = home / "venv" / ("Scripts" if os.name == "nt" else "bin")
    asked = subprocess.run([programs / "python", "-m", "pip", "install", "-q", VERSIONS[name], *more], check=False)
    if asked.returncode:
        pytest.skip(f"{VERSIONS[name]} could not be installed from PyPI")
    return programs / name


def from_npm(home: Path, name: str) -> Path:
    """The program of a package below `home`; skips without npm and where the registry cannot be reached."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    asked = subprocess.run([npm, "install", "--silent", "--no-fund", "--prefix", home, VERSIONS[name]], check=False)
    if asked.returncode:
        pytest.skip(f"{VERSIONS[name]} could not be installed from npm")
    return home / "node_modules" / ".bin" / name


@contextlib.contextmanager
def started(command: list[str | Path], folder: Path, port: int, **variables: str) -> Iterator[str]:
    """The base URL of a server that answers, ended with the block."""
    server = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **variables},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await(server, port)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(10)
        server.kill()


def _await(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert server.poll() is None, f"the server ended with {server.returncode}"
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/models", timeout=5).close()
        except urllib.error.HTTPError:
            return  # it answers, be it a refusal
        except OSError:
            time.sleep(0.3)
        else:
            return
    pytest.fail(f"the server did not answer within {START_S} s")


def judged(url: str, out: Path, *options: str, key: str = KEY) -> list[Mapping[str, object]]:
    """The lines of the record of a standard run against a URL."""
    command = [sys.executable, "-m", "contract", "run", url, "--depth", "standard", "--out", str(out), *options]
    ran = subprocess.run(
        command,
        env={**os.environ, "OPENAI_API_KEY": key},
        check=False,
        capture_output=True,
        text=True,
        timeout=RUN_S,
    )
    assert ran.returncode == 1, ran.stdout[-3000:] + ran.stderr[-3000:]
    return [json.loads(line) for line in (out / "run.jsonl").read_text(encoding="utf-8").splitlines()]


def reviewed(name: str) -> set[tuple[str, str, str]]:
    """(strength, rule, operation) of every finding that somebody has looked at."""
    lines = (HERE / name / "reviewed.txt").read_text(encoding="utf-8").splitlines()
    heads = [line.partition(": ") for line in lines if line and not line.startswith("#")]
    return {(*head.split(" ", 1), operation) for head, _, operations in heads for operation in operations.split()}


def check(name: str, lines: list[Mapping[str, object]]) -> None:
    """No finding outside the list, no fault of ours, the whole of the plan judged."""
    verdicts = [line for line in lines if line["kind"] == "verdict"]
    found = {
        (finding["keyword"], finding["rule"], str(verdict["operation"]))
        for verdict in verdicts
        for finding in verdict["findings"]
    }
    known = reviewed(name)
    assert [verdict["case"] for verdict in verdicts if verdict["outcome"] == "error"] == []
    assert sorted(found - known) == []
    assert len(found & known) > len(known) / 2, "most of what was reviewed is gone: was the target judged at all?"
    assert [verdict["case"] for verdict in verdicts if verdict["outcome"] == "skipped" and not verdict["reason"]] == []
    assert lines[-1]["kind"] == "end"


def test_aimock_has_no_finding_that_nobody_has_reviewed(tmp_path):
    """`@copilotkit/aimock` with fixtures for chat, tools, JSON, images and audio, its key check on."""
    program, port = from_npm(tmp_path, "aimock"), free_port()
    command = [program, "-c", "config.json", "-p", str(port)]
    with started(command, HERE / "aimock", port) as url:
        check("aimock", judged(url, tmp_path / "out", key="contract-conformance"))


def test_litellm_has_no_finding_that_nobody_has_reviewed(tmp_path):
    """`litellm[proxy]`: its own mock for chat, the embedded mock as the upstream of everything else."""
    program, port = from_pypi(tmp_path, "litellm"), free_port()
    command = [program, "--config", "config.yaml", "--port", str(port), "--host", "127.0.0.1"]
    with Running() as upstream:
        variables = {
            "LITELLM_MASTER_KEY": KEY,
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "OPENAI_BASE_URL": upstream.url,
            "OPENAI_API_KEY": "sk-upstream",
        }
        with started(command, HERE / "litellm", port, **variables) as url:
            check("litellm", judged(url, tmp_path / "out"))


def test_mockllm_has_no_finding_that_nobody_has_reviewed(tmp_path):
    """`mockllm`: chat alone, no list of models, so the model is named."""
    program, port = from_pypi(tmp_path, "mockllm"), free_port()
    command = [program, "start", "--responses", "responses.yml", "--host", "127.0.0.1", "--port", str(port)]
    with started(command, HERE / "mockllm", port) as url:
        check("mockllm", judged(url, tmp_path / "out", "--profile", "chat", "--model", "gpt-4o-mini"))


def test_llama_cpp_python_has_no_finding_that_nobody_has_reviewed(tmp_path):
    """`llama-cpp-python[server]`: llama.cpp itself, compiled here, on a tiny model of random weights."""
    python = from_pypi(tmp_path, "llama-cpp-python", "gguf==0.19.0").with_name("python")
    folder, port = HERE / "llama-cpp-python", free_port()
    subprocess.run([python, folder / "make_model.py", tmp_path / "tiny.gguf"], check=True)
    command = [python, "-m", "llama_cpp.server", "--config_file", folder / "config.json"]
    with started(command, tmp_path, port, PORT=str(port)) as url:
        check("llama-cpp-python", judged(url, tmp_path / "out"))
