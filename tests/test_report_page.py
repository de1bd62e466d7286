from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import report_sample as sample

from reports import html, matrix, record

_CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.mark.skipif(not (_CHROMIUM and shutil.which("node")), reason="needs Chromium and node")
def test_the_pages_work_in_a_browser(tmp_path: Path) -> None:
    """In Chromium no page logs, asks for anything or runs what a server sent; keys and address do what they say."""
    run = record.read(sample.write(tmp_path / "run.jsonl"))
    pages = {"report.html": html.render(run), "matrix.html": matrix.render([run, run])}
    for name, text in pages.items():
        (tmp_path / name).write_text(text)
    check = [str(Path(__file__).with_name("page_check.mjs")), "--chromium", str(_CHROMIUM)]
    done = subprocess.run(
        ["node", *check, *(str(tmp_path / name) for name in pages)], capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    assert json.loads(done.stdout.split(b"\n}\n")[0] + b"}")["owned"] is False
