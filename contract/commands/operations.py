"""`contract operations`: the operations of the spec."""

from __future__ import annotations

import argparse
from pathlib import Path

from contract.commands.output import table
from contract.spec import load


def add(parser: argparse.ArgumentParser) -> None:
    """`--json`, `--spec`."""
    parser.epilog = "example: contract operations --json | jq -r '.[] | select(.streams) | .id'"
    parser.add_argument("--json", action="store_true", help="as a JSON array")
    parser.add_argument("--spec", metavar="PATH", help="another OpenAPI document")


def run(arguments: argparse.Namespace) -> int:
    """Print the catalogue."""
    spec = load(Path(arguments.spec) if arguments.spec else None)
    rows = [
        {
            "id": each.id,
            "method": each.method,
            "path": each.path,
            "group": each.group,
            "safety": str(each.safety),
            "streams": each.streams,
            "line": each.line,
        }
        for each in spec.operations.values()
    ]
    table(rows, as_json=arguments.json, columns=("id", "method", "path", "safety", "line"))
    return 0
