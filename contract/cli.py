"""The `contract` command: reads the arguments, calls one subcommand, turns errors into one line and a status."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from typing import NoReturn

from contract.errors import ContractError

#: Subcommand -> (module in `contract.commands`, one line for the overview).
COMMANDS = {
    "run": ("run", "judge the API at a base URL, the embedded mock without one"),
    "mock": ("mock", "serve the embedded reference server"),
    "verify": ("verify", "judge recorded traffic, without a server"),
    "report": ("report", "render a record"),
    "merge": ("merge", "put the records of shards together"),
    "diff": ("diff", "what broke, what was mended, what is new between two records"),
    "matrix": ("matrix", "several targets side by side"),
    "cleanup": ("cleanup", "remove what a run that died left on its target"),
    "operations": ("operations", "list the operations of the spec"),
    "cases": ("cases", "list the cases, lists, lifecycles and parameters that a run plays"),
    "rules": ("rules", "list the rules, or explain one"),
    "faults": ("faults", "list the faults that the mock can be given"),
}


class _Parser(argparse.ArgumentParser):
    """Errors in one line, with what to do; exit status 2."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see `{self.prog} --help`)\n")


def parser(only: str | None = None) -> argparse.ArgumentParser:
    """The argument parser; with `only`, that subcommand alone is loaded in full."""
    from contract.wiring import version

    top = _Parser(
        prog="contract",
        description="Contract tests for the OpenAI API and for every server that claims to speak it.",
        epilog="example: contract run http://localhost:8000/v1 --profile chat",
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"openapi-contract {version()}")
    subs = top.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=_Parser)
    for name, (module, line) in COMMANDS.items():
        sub = subs.add_parser(
            name,
            help=line,
            description=f"{line[0].upper()}{line[1:]}.",
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if only in {None, name}:
            importlib.import_module(f"contract.commands.{module}").add(sub)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status of `docs/interface.md`."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    only = next((each for each in given if each in COMMANDS), None)
    parsed = parser(only or "none").parse_args(given)
    try:
        status: int = importlib.import_module(f"contract.commands.{COMMANDS[parsed.command][0]}").run(parsed)
    except ContractError as error:
        print(f"contract: {error}", file=sys.stderr)  # noqa: T201 - the command's own voice
        return error.exit_status
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        print("contract: interrupted", file=sys.stderr)  # noqa: T201 - the command's own voice
        return 130
    return status
