"""Today's newest official client drives the mock through the same tests as the one of the spec's day."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent / "test_openai_client.py"

pytestmark = pytest.mark.skipif(
    "CONTRACT_CONFORMANCE" not in os.environ, reason="needs PyPI: set CONTRACT_CONFORMANCE or run `tox -e conformance`"
)


def test_the_newest_client_passes_the_tests_of_the_older_one(tmp_path):
    """Installed beside, the newest release is what the tests import, and all of them pass."""
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--target", tmp_path, "openai"], check=True)
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path}
    asked = subprocess.run(
        [sys.executable, "-c", "import openai; print(openai.__file__)"],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    assert asked.stdout.startswith(str(tmp_path))
    command = [sys.executable, "-m", "pytest", "-q", "-o", "addopts=", "-p", "contract.plugin", TESTS]
    ran = subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stdout[-5000:]
    assert "skipped" not in ran.stdout
