"""CONTRIBUTING.md is true: its change is made here in a copy, and does what the page says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
if not (ROOT / "CONTRIBUTING.md").is_file():
    pytest.skip("no checkout", allow_module_level=True)

GUIDE = (ROOT / "CONTRIBUTING.md").read_text()
STEP = re.compile(
    r"^In `(?P<file>[^`]+)`, before `(?P<line>[^\n]+)`:\n\n```python\n(?P<code>.*?)^```", re.MULTILINE | re.DOTALL
)
IGNORED = shutil.ignore_patterns("__pycache__", "golden", ".*")
RULE = "header/retry-after-value"
LAYER = "test_the_middle_has_no_socket_and_no_clock"
FAULT = "error-429-retry-after-words"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project in which the change of the guide is made."""
    folder = tmp_path_factory.mktemp("copy")
    for name in ("contract", "strategies", "reports", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=IGNORED)
    for name in ("pyproject.toml", "openapi.yaml"):
        shutil.copy(ROOT / name, folder / name)
    for step in STEP.finditer(GUIDE):
        path = folder / step["file"]
        text = path.read_text()
        assert text.count("\n" + step["line"]) == 1, f"{step['file']}: where is {step['line']!r}?"
        path.write_text(text.replace("\n" + step["line"], "\n" + step["code"] + step["line"]))
    return folder


def execute(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a module of the copy."""
    clean = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        env={**clean, "PYTHONPATH": str(folder), "OPENAI_API_KEY": "sk-test-key"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def mock(copy: Path) -> Iterator[str]:
    """The copy's mock with the new fault."""
    process = subprocess.Popen(
        [sys.executable, "-m", "contract", "mock", "--port", "0", "--fault", FAULT],
        cwd=copy,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    yield process.stdout.readline().split()[-1]
    process.terminate()
    process.communicate(timeout=30)


def test_the_guide_has_its_steps() -> None:
    """Rule, import, check, test and fault are found as the reader finds them."""
    assert len(STEP.findall(GUIDE)) == 5


def test_the_new_test_passes_and_the_old_ones_too(copy: Path) -> None:
    """Step 3: the check is right on both twins, and the layers hold."""
    done = execute(copy, "pytest", "-q", "tests/test_checks_headers.py", f"tests/test_layers.py::{LAYER}")
    assert done.returncode == 0, done.stdout[-3000:]


def test_the_new_rule_is_explained(copy: Path) -> None:
    """Step 5: `contract rules` knows it."""
    assert "HTTP date" in execute(copy, "contract", "rules", RULE).stdout


def test_the_new_fault_is_caught_by_the_new_rule(copy: Path, mock: str) -> None:
    """Step 5: the run fails and names the rule."""
    done = execute(copy, "contract", "run", mock, "--include", "createThread/edge/*")
    assert done.returncode == 1, done.stdout + done.stderr
    assert RULE in (copy / "contract-report" / "run.jsonl").read_text()


def test_the_mock_without_faults_passes(copy: Path) -> None:
    """Step 5: no false alarm."""
    done = execute(copy, "contract", "run", "--include", "createThread/edge/*", "--include", "listModels")
    assert done.returncode == 0, done.stdout + done.stderr
