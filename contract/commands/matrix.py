"""`contract matrix RUN.jsonl…`: several targets side by side."""

from __future__ import annotations

import argparse
from pathlib import Path

from contract import wiring
from contract.spec import load


def add(parser: argparse.ArgumentParser) -> None:
    """The records and the page."""
    parser.epilog = "example: contract matrix vllm/run.jsonl ollama/run.jsonl --out matrix.html"
    parser.add_argument("records", nargs="+", type=Path, metavar="RUN.jsonl")
    parser.add_argument("--out", type=Path, default=Path("matrix.html"), metavar="PATH", help="default: %(default)s")


def run(arguments: argparse.Namespace) -> int:
    """Write the page; returns 0."""
    status: int = wiring.reporting().side_by_side(arguments.records, arguments.out, load())
    return status
