"""`contract cleanup RUN.jsonl`: remove what a run that died left on its target."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def add(parser: argparse.ArgumentParser) -> None:
    """The record; credentials come from the same options as in `contract run`."""
    parser.epilog = "example: contract cleanup contract-report/run.jsonl"
    parser.add_argument("record", type=Path, metavar="RUN.jsonl")
    parser.add_argument("--auth-env", metavar="NAME", help="environment variable that holds the key")
    parser.add_argument("--admin-auth-env", metavar="NAME", help="environment variable that holds the admin key")
    parser.add_argument("--header", action="append", metavar="'K: V'", help="sent with every request")
    parser.add_argument("--query", action="append", metavar="'k=v'", help="added to every URL")
    parser.add_argument("--insecure", action="store_const", const=True, help="do not verify the TLS certificate")
    parser.add_argument("--ca", metavar="FILE", help="file of certificates (PEM) to trust beside the system's")


def run(arguments: argparse.Namespace) -> int:
    """Returns 0 where nothing is left that could be removed, else 1."""
    from contract import cleanup, wiring
    from contract.session import Session

    header = wiring.record().read(arguments.record).header
    names = ("auth_env", "admin_auth_env", "header", "query", "insecure", "ca")
    raw = {name: value for name in names if (value := getattr(arguments, name)) is not None}
    session = Session.of_record(header, raw, arguments.record)
    removable, _ = cleanup.leftovers(arguments.record)
    left = cleanup.from_record(session)
    for each in left:
        sys.stdout.write(f"left: {each['kind']} {each['path']}: {each['why']}\n")
    failed = sum(each["why"] != cleanup.NO_WAY for each in left)
    sys.stdout.write(f"removed {len(removable) - failed} of {len(removable)} objects\n")
    return 1 if failed else 0
