"""`contract rules [RULE-ID]`: the rules, or one of them explained."""

from __future__ import annotations

import argparse
import difflib
import sys
from dataclasses import asdict

from contract.commands.output import table
from contract.errors import UsageError


def add(parser: argparse.ArgumentParser) -> None:
    """An optional rule id, `--json`."""
    parser.epilog = "example: contract rules CHAT-002"
    parser.add_argument("rule", nargs="?", metavar="RULE-ID", help="explain this one")
    parser.add_argument("--json", action="store_true", help="as a JSON array")


def run(arguments: argparse.Namespace) -> int:
    """Print the catalogue or one rule. Raises UsageError for a rule that is none."""
    from contract import wiring

    rules = wiring.rules()
    if arguments.rule is None:
        rows = [{**asdict(rule), "keyword": str(rule.keyword)} for rule in rules.values()]
        table(rows, as_json=arguments.json, columns=("id", "keyword", "statement"))
        return 0
    rule = rules.get(arguments.rule)
    if rule is None:
        near = difflib.get_close_matches(arguments.rule, rules, 1)
        hint = f"; did you mean {near[0]}?" if near else " (see `contract rules`)"
        raise UsageError(f"no rule {arguments.rule!r}{hint}")
    if arguments.json:
        table([{**asdict(rule), "keyword": str(rule.keyword)}], as_json=True, columns=())
        return 0
    lines = [f"{rule.id}  {rule.keyword}  {rule.subject}", "", rule.statement, "", f"source:  {rule.source}"]
    lines += [f"mend:    {rule.mend}"] if rule.mend else []
    lines += [f"contested, so never a failure: {rule.contested}"] if rule.contested else []
    sys.stdout.write("\n".join(lines) + "\n")
    return 0
