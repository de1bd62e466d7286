"""`contract report RUN.jsonl`: render a record."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from contract import wiring
from contract.spec import load


def add(parser: argparse.ArgumentParser) -> None:
    """The record, the format, where to write."""
    parser.epilog = "example: contract report contract-report/run.jsonl --format markdown --out summary.md"
    parser.add_argument("record", type=Path, metavar="RUN.jsonl")
    parser.add_argument(
        "--format", choices=("html", "junit", "markdown", "json"), default="html", help="default: %(default)s"
    )
    parser.add_argument("--out", type=Path, metavar="PATH", help="file to write (default: html beside it, else stdout)")
    parser.add_argument(
        "--previous", type=Path, metavar="RUN.jsonl", help="an earlier record: since when a cause is there"
    )
    parser.add_argument("--known-failures", type=Path, metavar="FILE", help="file of failures that are known")
    parser.add_argument("--spec", type=Path, metavar="PATH", help="the OpenAPI document that was judged")


def run(arguments: argparse.Namespace) -> int:
    """Render; returns 0."""
    wiring.rules()  # their statements and remedies stand on the page
    status: int = wiring.reporting().report(
        arguments.record,
        arguments.format,
        arguments.out,
        load(arguments.spec),
        previous=arguments.previous,
        known=wiring.known_failures(arguments.known_failures),
        write=sys.stdout.write,
    )
    return status
