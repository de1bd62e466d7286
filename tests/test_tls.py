"""The target's certificate is verified; whoever turns that off is told so everywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tls_server import secure_server

LOUD = "NOT verified (--insecure)"


def contract(folder: Path, *arguments: str, module: str = "contract") -> subprocess.CompletedProcess[str]:
    """Run a module in a folder."""
    clean = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env={**clean, "OPENAI_API_KEY": "sk-test-key"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


SMOKE = ["--include", "listModels/minimal/*", "--depth", "smoke"]


def test_a_certificate_that_nobody_signed_is_refused(tmp_path: Path) -> None:
    """Nothing is sent: one line, exit 3."""
    with secure_server(tmp_path) as url:
        done = contract(tmp_path, "run", url, *SMOKE)
    assert done.returncode == 3
    assert len(done.stderr.strip().splitlines()) == 1
    assert "tls" in done.stderr
    assert "certificate" in done.stderr.lower()


def test_a_certificate_that_the_user_trusts_is_taken(tmp_path: Path) -> None:
    """--ca names it: the run judges, and nobody is warned."""
    with secure_server(tmp_path) as url:
        done = contract(tmp_path, "run", url, *SMOKE, "--ca", "certificate.pem")
    assert done.returncode == 0, done.stdout + done.stderr
    assert LOUD not in done.stdout + done.stderr + (tmp_path / "contract-report" / "report.html").read_text()


def test_insecure_is_loud(tmp_path: Path) -> None:
    """--insecure: a warning on stderr before anything is sent, and on every report."""
    with secure_server(tmp_path) as url:
        done = contract(tmp_path, "run", url, *SMOKE, "--insecure")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" in done.stderr
    assert LOUD in done.stderr
    assert LOUD in done.stdout
    assert LOUD in (tmp_path / "contract-report" / "report.html").read_text()
    assert "was NOT verified" in (tmp_path / "contract-report" / "summary.md").read_text()


@pytest.mark.parametrize("more", [[], ["-q"]])
def test_insecure_is_loud_in_pytest(tmp_path: Path, more: list[str]) -> None:
    """The warning stands in pytest's own output too, however quiet it is."""
    arguments = ["-p", "contract.plugin", "--pyargs", "contract.suite", "-p", "no:cacheprovider", *SMOKE, *more]
    with secure_server(tmp_path) as url:
        done = contract(tmp_path, *arguments, "--target", url, "--insecure", module="pytest")
    assert done.returncode == 0, done.stdout + done.stderr
    assert LOUD in done.stdout + done.stderr
