"""How the catalogues print: JSON, or aligned columns."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any


def table(rows: Sequence[Mapping[str, Any]], *, as_json: bool, columns: Sequence[str]) -> None:
    """Print rows to stdout: all members as a JSON array, or the named columns."""
    if as_json:
        json.dump(list(rows), sys.stdout, indent=1)
        sys.stdout.write("\n")
        return
    widths = [max((len(str(row[name])) for row in rows), default=0) for name in columns]
    for row in rows:
        cells = [str(row[name]).ljust(width) for name, width in zip(columns, widths, strict=True)]
        sys.stdout.write("  ".join(cells).rstrip() + "\n")
