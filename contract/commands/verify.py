"""`contract verify PATH…`: judge recorded traffic, without a server."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def add(parser: argparse.ArgumentParser) -> None:
    """Files and `--json`."""
    parser.epilog = "example: contract verify recordings/manifest.json session.har contract-report/run.jsonl --json"
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="manifest.json, a .har or a run.jsonl")
    parser.add_argument("--json", action="store_true", help="one JSON line an exchange")


def run(arguments: argparse.Namespace) -> int:
    """Judge; returns 0, 1, 2 or 3."""
    from contract.verify import main

    return main(arguments.paths, arguments.json, sys.stdout)
