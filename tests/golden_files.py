"""Golden files: what a renderer must say to the letter. `GOLDEN=write pytest …` writes them anew, for review."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def check(name: str, said: str) -> None:
    """`said` is what golden file `name` holds."""
    path = FOLDER / name
    if os.environ.get("GOLDEN") == "write":
        path.write_bytes(said.encode())
    assert said == path.read_bytes().decode()
