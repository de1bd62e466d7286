"""`contract cases`: what a run plays."""

from __future__ import annotations

import argparse

from contract.commands.output import table
from contract.options import load


def add(parser: argparse.ArgumentParser) -> None:
    """`--json` and the options of `contract run` that choose cases."""
    parser.epilog = "example: contract cases --include 'createChatCompletion/stream/*' --depth nightly"
    parser.add_argument("--json", action="store_true", help="as a JSON array")
    parser.add_argument("--include", action="append", metavar="GLOB", help="only operations or cases whose id matches")
    parser.add_argument("--exclude", action="append", metavar="GLOB", help="not these")
    parser.add_argument("--depth", metavar="DEPTH", help="smoke, standard or nightly (default: nightly)")
    parser.add_argument("--profile", metavar="NAME|FILE", help="what the target claims (default: full)")
    parser.add_argument("--spec", metavar="PATH", help="another OpenAPI document")


def run(arguments: argparse.Namespace) -> int:
    """Print the catalogue."""
    from pathlib import Path

    from contract import wiring
    from contract.spec import load as load_spec

    names = ("include", "exclude", "profile", "spec")
    chosen = {name: getattr(arguments, name) for name in names} | {"depth": arguments.depth or "nightly"}
    options = load(chosen)
    spec = load_spec(Path(options.spec) if options.spec else None)
    rows = [
        {
            "id": case.id,
            "operation": case.operation,
            "also": list(case.also),
            "safety": str(case.safety),
            "depth": str(case.depth),
            "requests": case.requests,
            "statement": case.statement,
        }
        for case in wiring.cases(spec, options)
    ]
    table(rows, as_json=arguments.json, columns=("id", "safety", "depth", "statement"))
    return 0
