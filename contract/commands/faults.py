"""`contract faults`: what the mock can be given with `--fault`."""

from __future__ import annotations

import argparse

from contract.commands.output import table


def add(parser: argparse.ArgumentParser) -> None:
    """`--json`."""
    parser.epilog = "example: contract mock --fault \"$(contract faults | awk 'NR==1 {print $1}')\""
    parser.add_argument("--json", action="store_true", help="as a JSON array")


def run(arguments: argparse.Namespace) -> int:
    """Print the catalogue."""
    from contract.mock.faults import catalogue

    rows = [
        {
            "name": each.name,
            "family": each.family,
            "operations": list(each.operations),
            "what": each.what,
            "rule": each.rule,
        }
        for each in catalogue()
    ]
    table(rows, as_json=arguments.json, columns=("name", "family", "what"))
    return 0
