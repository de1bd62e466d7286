"""The command as a user meets it: exit status, one line for what is wrong, the files that it leaves."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from raw_server import RawServer, says

from contract.cli import COMMANDS


def contract(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder, with nothing of the caller's keys."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI_")}
    return subprocess.run(
        [sys.executable, "-m", "contract", *arguments],
        cwd=cwd,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def dead_url() -> str:
    """A base URL where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"http://127.0.0.1:{free.getsockname()[1]}/v1"


def test_a_run_against_the_embedded_mock_leaves_the_reports(tmp_path: Path) -> None:
    """Exit 0, a record with its footer, the page, JUnit and the summary."""
    done = contract("run", "--include", "listModels", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    out = tmp_path / "contract-report"
    assert {each.name for each in out.iterdir()} == {"run.jsonl", "report.html", "junit.xml", "summary.md"}
    lines = [json.loads(line) for line in (out / "run.jsonl").read_text().splitlines()]
    assert (lines[0]["kind"], lines[-1]["kind"], lines[-1]["exit_status"]) == ("run", "end", 0)


@pytest.mark.parametrize(
    ("arguments", "status", "says_what"),
    [
        (["run", "--spec", "nowhere.yaml"], 2, "nowhere.yaml"),
        (["run", "--spec", "broken.yaml"], 2, "broken.yaml"),
        (["run", "--include", "noSuchOperation"], 2, "noSuchOperation"),
        (["run", "--include", "listModels/no/such-case"], 2, "no/such-case"),
        (["run", "--exclude", "list*"], 0, ""),
        (["run", "--profile", "nothing"], 2, "nothing"),
        (["run", "--known-failures", "absent.txt"], 2, "absent.txt"),
        (["run", "--out", "taken"], 2, "taken"),
        (["run", "ftp://example.com"], 2, "base URL"),
        (["run", "--depth", "deep"], 2, "deep"),
        (["run", "--resume", "absent.jsonl"], 2, "absent.jsonl"),
        (["run", "--prices", "absent.toml", "--max-cost", "1"], 2, "absent.toml"),
        (["run", "http://nowhere.invalid/v1"], 3, "nowhere.invalid"),
        (["report", "absent.jsonl"], 2, "absent.jsonl"),
        (["diff", "a.jsonl", "b.jsonl"], 2, "a.jsonl"),
        (["rules", "NO-SUCH-RULE"], 2, "NO-SUCH-RULE"),
        (["mock", "--speed", "0"], 2, "--speed"),
        (["frobnicate"], 2, "frobnicate"),
        (["run", "--no-such-option"], 2, "--no-such-option"),
    ],
)  # fmt: skip
def test_wrong_input_is_one_line_and_a_status(
    tmp_path: Path, arguments: list[str], status: int, says_what: str
) -> None:
    """Each mistake is named in one line on stderr, without a traceback."""
    (tmp_path / "broken.yaml").write_text("openapi: [3.0.0\n")
    (tmp_path / "taken").write_text("a file, not a folder")
    if status == 0:
        arguments = [*arguments, "--include", "listModels", "--include", "retrieveModel", "--depth", "smoke"]
    done = contract(*arguments, cwd=tmp_path)
    assert done.returncode == status, done.stdout + done.stderr
    assert says_what in done.stderr
    if status:
        assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_a_dead_port_is_told_in_one_line(tmp_path: Path) -> None:
    """Nothing listens: exit 3, and the address stands in the line."""
    url = dead_url()
    done = contract("run", url, cwd=tmp_path)
    assert done.returncode == 3
    assert url in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_tls_error_is_told_in_one_line(tmp_path: Path) -> None:
    """Speaking https against a server that speaks no TLS: exit 3."""
    with RawServer(says(b"HTTP/1.1 200 OK\r\n\r\n")) as url:
        done = contract("run", url.replace("http://", "https://"), cwd=tmp_path)
    assert done.returncode == 3
    assert len(done.stderr.strip().splitlines()) == 1


def test_an_unwritable_folder_is_told_in_one_line(tmp_path: Path) -> None:
    """--out below a file cannot be made: exit 2."""
    (tmp_path / "file").write_text("")
    done = contract("run", "--out", "file/below", cwd=tmp_path)
    assert done.returncode == 2
    assert "--out" in done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str, tmp_path: Path) -> None:
    """--help exits 0 and shows how the command is called."""
    done = contract(command, "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert f"contract {command}" in done.stdout
    assert "example" in done.stdout


@pytest.mark.parametrize("catalogue", ["operations", "cases", "rules", "faults"])
def test_the_catalogues_are_json(catalogue: str, tmp_path: Path) -> None:
    """--json prints an array of objects."""
    done = contract(catalogue, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert rows
    assert all(isinstance(row, dict) for row in rows)


def test_the_plan_sends_nothing(tmp_path: Path) -> None:
    """--plan against a dead port still succeeds, and says what would be sent."""
    done = contract("run", dead_url(), "--plan", "--depth", "smoke", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "requests" in done.stdout
    assert "tokens" in done.stdout


def test_options_can_stand_in_contract_toml(tmp_path: Path) -> None:
    """The file chooses the case; the command line names nothing."""
    (tmp_path / "contract.toml").write_text('[run]\ninclude = ["listModels"]\ndepth = "smoke"\nout = "elsewhere"\n')
    done = contract("run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "elsewhere" / "run.jsonl").is_file()
