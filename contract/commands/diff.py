"""`contract diff OLD NEW`: what changed between two records."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from contract import wiring


def add(parser: argparse.ArgumentParser) -> None:
    """Two records and a format."""
    parser.epilog = "example: contract diff last-night/run.jsonl contract-report/run.jsonl"
    parser.add_argument("old", type=Path, metavar="OLD")
    parser.add_argument("new", type=Path, metavar="NEW")
    parser.add_argument("--format", choices=("text", "json", "markdown"), default="text", help="default: %(default)s")


def run(arguments: argparse.Namespace) -> int:
    """Compare; returns 1 where something broke."""
    status: int = wiring.reporting().compare(arguments.old, arguments.new, arguments.format, sys.stdout.write)
    return status
