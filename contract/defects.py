"""The list of the spec's defects as Markdown: `python -m contract.defects > docs/spec-defects.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from contract import loading, overlay
from contract.spec import overlay_paths

_HEAD = """\
# Defects of openapi.yaml

What the published spec gets wrong, and what the suite reads instead. Each line is one defect, corrected by an
OpenAPI Overlay document in `contract/overlays/`. A *certain* correction holds in every reading: without it the spec
contradicts itself. A *contested* one rests on the spec's own prose or examples against its own schema: both are
allowed, and an answer that keeps only one of them earns at most a warning (`body/contested`).

This file is written by `python -m contract.defects`; a test compares the two.
"""


def render(paths: Iterable[Path]) -> str:
    """The list, one table an overlay document."""
    lines = [_HEAD, *_summary([action for path in paths for action in overlay.read(path)])]
    for path in paths:
        title = loading.parse(path.read_bytes(), path.name).document["info"]["title"]
        lines += ["", f"## {title}", "", f"`contract/overlays/{path.name}`", ""]
        lines += ["| defect | line | certainty | where | reason |", "|---|---|---|---|---|"]
        lines += _rows(overlay.read(path))
    return "\n".join(lines) + "\n"


def _summary(actions: list[overlay.Action]) -> Iterator[str]:
    contested = {each.defect for each in actions if each.contested}
    everything = {each.defect for each in actions}
    yield f"{len(everything)} defects: {len(everything - contested)} certain, {len(contested)} contested."


def _rows(actions: list[overlay.Action]) -> Iterator[str]:
    seen: dict[str, Any] = {}
    for each in actions:
        if each.defect not in seen:
            seen[each.defect] = each
            certainty = "contested" if each.contested else "certain"
            cells = (f"`{each.defect}`", str(each.line), certainty, f"`{each.target}`", each.reason)
            yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    sys.stdout.write(render(overlay_paths()))
