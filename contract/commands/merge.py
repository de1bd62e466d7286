"""`contract merge RUN.jsonl…`: records of shards into one."""

from __future__ import annotations

import argparse
from pathlib import Path

from contract import coverage, wiring
from contract.options import Options
from contract.session import writable
from contract.spec import load


def add(parser: argparse.ArgumentParser) -> None:
    """The records and the folder for what they come to."""
    parser.epilog = "example: contract merge shard-1/run.jsonl shard-2/run.jsonl --out contract-report"
    parser.add_argument("records", nargs="+", type=Path, metavar="RUN.jsonl")
    parser.add_argument("--out", type=Path, default=Path("contract-report"), metavar="DIR", help="default: %(default)s")
    parser.add_argument("--known-failures", type=Path, metavar="FILE", help="file of failures that are known")


def run(arguments: argparse.Namespace) -> int:
    """Merge and render; returns the exit status that one run would have had."""
    out = writable(arguments.out)
    header = wiring.record().read(arguments.records[0]).header
    path = header["options"].get("spec")
    spec = load(Path(path) if path else None)
    options = {name.replace("-", "_"): value for name, value in header["options"].items()}
    whole = Options().merged({name: value for name, value in options.items() if name not in {"shard", "resume"}})
    reporting = wiring.reporting()
    merged = reporting.merge(
        arguments.records,
        out / "run.jsonl",
        lambda verdicts: coverage.counted(spec, wiring.cases(spec, whole), verdicts),
    )
    wiring.rules()  # their statements and remedies stand on the page
    known = wiring.known_failures(arguments.known_failures)
    reporting.write_all(merged, out, spec, known=known)
    wiring.show_summary(out / "run.jsonl")
    return int(merged.end["exit_status"]) if merged.end else 3
