"""A cache of parsed documents in the user's cache directory: a help for start-up time, never needed.

Files are written whole or not at all; what cannot be read, written or understood is as good as absent.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

#: Files kept; the oldest go first. One spec takes five.
_KEEP = 40


def directory() -> Path | None:
    """The cache directory of this suite: XDG on Unix, the platform's own elsewhere; None without a home."""
    chosen = os.environ.get("XDG_CACHE_HOME")
    try:
        if chosen and Path(chosen).is_absolute():
            return Path(chosen) / "openapi-contract"
        if sys.platform == "win32":
            return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "openapi-contract"
        if sys.platform == "darwin":
            return Path.home() / "Library" / "Caches" / "openapi-contract"
        return Path.home() / ".cache" / "openapi-contract"
    except RuntimeError:
        return None


def read(name: str) -> Any:
    """The JSON value stored under `name`, None where there is none that can be read."""
    home = directory()
    if home is None:
        return None
    try:
        return json.loads((home / f"{name}.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return None


def write(name: str, value: Any) -> None:
    """Store a JSON value under `name`; a failure is silent, the next start is only slower."""
    home = directory()
    if home is None:
        return
    import tempfile  # 3 ms, and only needed where something is stored

    with contextlib.suppress(OSError, ValueError, TypeError):
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, temporary = tempfile.mkstemp(dir=home, suffix=".tmp")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                json.dump(value, stream, separators=(",", ":"))
            Path(temporary).replace(home / f"{name}.json")
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        _prune(home)


def _prune(home: Path) -> None:
    files = sorted(home.glob("*.json"), key=lambda each: each.stat().st_mtime, reverse=True)
    for each in files[_KEEP:]:
        each.unlink(missing_ok=True)
