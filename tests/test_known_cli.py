"""Known failures and differences between runs, as the command line tells them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from contract.mock.server import Running

#: A fault of the mock that one operation shows.
FAULT = "status-500-read"
INCLUDE = ["--include", "listModels", "--include", "listAssistants", "--depth", "smoke"]


def contract(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    clean = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return subprocess.run(
        [sys.executable, "-m", "contract", *map(str, arguments)],
        cwd=cwd,
        env={**clean, "OPENAI_API_KEY": "sk-test-key"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def lines(record: Path) -> list[dict[str, Any]]:
    """The lines of a record."""
    return [json.loads(line) for line in record.read_text().splitlines()]


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The records of a right server and of a wrong one, judged under one name."""
    folder = tmp_path_factory.mktemp("records")
    for name, faults in (("right", ()), ("wrong", (FAULT,))):
        with Running(faults=faults) as running:
            done = contract("run", running.url, *INCLUDE, "--out", name, cwd=folder)
        assert done.returncode == (1 if faults else 0), done.stdout + done.stderr
    return {name: folder / name / "run.jsonl" for name in ("right", "wrong")}


@pytest.fixture(scope="module")
def broken(records: dict[str, Path]) -> set[tuple[str, str]]:
    """(case, rule) of every failure of the wrong server."""
    verdicts = [line for line in lines(records["wrong"]) if line["kind"] == "verdict"]
    found = {
        (line["case"], each["rule"]) for line in verdicts for each in line["findings"] if each["keyword"] == "MUST"
    }
    assert found
    return found


def judged_with(patterns: str, folder: Path, *faults: str) -> subprocess.CompletedProcess[str]:
    """A run with a file of known failures."""
    (folder / "known.txt").write_text(patterns)
    with Running(faults=faults) as running:
        return contract("run", running.url, *INCLUDE, "--known-failures", "known.txt", cwd=folder)


def known(broken: set[tuple[str, str]]) -> str:
    """The file that knows all of them."""
    return "".join(f"{case} {rule}  # reported upstream\n" for case, rule in sorted(broken))


def test_known_failures_do_not_fail_the_run(broken: set[tuple[str, str]], tmp_path: Path) -> None:
    """Every failure is known: exit 0, and the verdicts still say fail."""
    done = judged_with(known(broken), tmp_path, FAULT)
    assert done.returncode == 0, done.stdout + done.stderr
    outcomes = [line["outcome"] for line in lines(tmp_path / "contract-report" / "run.jsonl") if "outcome" in line]
    assert "fail" in outcomes
    assert "reported upstream" in (tmp_path / "contract-report" / "summary.md").read_text()


def test_one_failure_that_is_not_known_fails_the_run(broken: set[tuple[str, str]], tmp_path: Path) -> None:
    """All but one are known: exit 1."""
    done = judged_with(known(set(sorted(broken)[1:])), tmp_path, FAULT)
    assert done.returncode == 1, done.stdout + done.stderr


def test_an_unexpected_pass_fails_the_run(broken: set[tuple[str, str]], tmp_path: Path) -> None:
    """The server was mended: exit 1, and the line to take out is named."""
    done = judged_with(known(broken), tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "unexpected pass" in done.stdout


def test_a_pattern_that_matches_no_case_fails_the_run(broken: set[tuple[str, str]], tmp_path: Path) -> None:
    """A stale pattern: exit 1, and its line is named."""
    number = len(broken) + 1
    done = judged_with(known(broken) + "listNothing/* status/*  # gone long ago\n", tmp_path, FAULT)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"line {number}" in done.stdout
    assert "matches no case" in done.stdout


def test_a_pattern_for_cases_that_were_not_played_is_left_in_peace(
    broken: set[tuple[str, str]], tmp_path: Path
) -> None:
    """A run of a part of the suite does not call the other patterns stale."""
    done = judged_with(known(broken) + "createThread/* status/*  # elsewhere\n", tmp_path, FAULT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_line_without_a_reason_is_wrong_usage(tmp_path: Path) -> None:
    """Exit 2 and the number of the line, before anything is sent."""
    (tmp_path / "known.txt").write_text("# head\nlistModels/* status/*\n")
    done = contract("run", *INCLUDE, "--known-failures", "known.txt", cwd=tmp_path)
    assert done.returncode == 2
    assert "known.txt:2" in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [("right", "wrong", 1), ("wrong", "right", 0), ("right", "right", 0), ("wrong", "wrong", 0)],
)
@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_diff_exits_by_what_broke(
    records: dict[str, Path], tmp_path: Path, old: str, new: str, status: int, form: str
) -> None:
    """1 where something broke since; 0 where it was mended, or was broken before."""
    done = contract("diff", records[old], records[new], "--format", form, cwd=tmp_path)
    assert done.returncode == status, done.stdout + done.stderr
    assert done.stderr == ""
    assert ("listModels" in done.stdout) or old == new
