"""What the descriptions demand and no schema says: rules that one request can break, each with its pointer and line.

A rule is data with three functions on the values of a request: `broken` tells, `mend` makes a valid request obey,
`breaks` makes an obeying request disobey this rule alone. All three work on templates as on filled bodies and leave
ill-typed values to the schema.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from contract.draft import Draft
from contract.verdict import Keyword


@dataclass(slots=True)
class Values:
    """What of a request the rules look at; functions of a rule may change it."""

    operation: str
    body: Any = None
    query: dict[str, Any] = field(default_factory=dict)


Broken = Callable[[Values], bool]
Change = Callable[[Values], None]


@dataclass(frozen=True, slots=True)
class ProseRule:
    """One rule of `prose_rules.json`. `keyword`: MUST where the text says must, MAY where it only advises."""

    id: str
    pointer: str
    line: int
    quote: str
    statement: str
    keyword: Keyword
    operations: tuple[str, ...]
    broken: Broken
    mend: Change
    breaks: Change
    #: Rules that its neighbour cannot help breaking too, and why.
    also: tuple[str, ...] = ()
    #: Another way of mending: adds what the member needs where `mend` takes the member away.
    support: Change | None = None
    #: Another way of breaking: the other end of a range.
    beyond: Change | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A rule without its text: what the modules `prose_*` list."""

    id: str
    operations: tuple[str, ...]
    broken: Broken
    mend: Change
    breaks: Change
    keyword: Keyword = Keyword.SHOULD
    also: tuple[str, ...] = ()
    support: Change | None = None
    beyond: Change | None = None


#: Decidable on one request by the inventory, and yet without a request that breaks them.
UNBREAKABLE = {
    "RT-9": "speaks of an event on a WebSocket, which no operation of the spec takes",
    "ASST-12": "speaks of how a stream ends, not of the request",
    "ASST-5": "tells a default that depends on the model; every value of the schema obeys",
    "USE-3": "tells what true, false and absent mean; every value of the schema obeys",
}


@cache
def texts() -> Mapping[str, Mapping[str, Any]]:
    """Pointer, line, quote and statement of every rule by id."""
    source = Path(__file__).with_name("prose_rules.json")
    return {each["id"]: each for each in json.loads(source.read_text("utf-8"))}


@cache
def rules() -> tuple[ProseRule, ...]:
    """Every rule that a request can break, in the order of the inventory."""
    from strategies import (
        prose_admin,
        prose_assistants,
        prose_chat,
        prose_functions,
        prose_media,
        prose_names,
        prose_responses,
        prose_text,
    )

    rows = {
        row.id: row
        for module in (
            prose_names,
            prose_chat,
            prose_functions,
            prose_text,
            prose_responses,
            prose_media,
            prose_assistants,
            prose_admin,
        )
        for row in module.ROWS
    }
    return tuple(_rule(rows[name], text) for name, text in texts().items() if name in rows)


def _rule(row: Row, text: Mapping[str, Any]) -> ProseRule:
    return ProseRule(
        row.id,
        text["pointer"],
        text["line"],
        text["quote"],
        text["rule"],
        row.keyword,
        row.operations,
        row.broken,
        row.mend,
        row.breaks,
        row.also,
        row.support,
        row.beyond,
    )


@cache
def rules_of(operation_id: str) -> tuple[ProseRule, ...]:
    """The rules that requests of an operation can break."""
    return tuple(rule for rule in rules() if operation_id in rule.operations)


def broken(operation_id: str, body: Any, query: Mapping[str, Any] | None = None) -> list[ProseRule]:
    """The rules that a request breaks; advice (MAY) is not counted."""
    values = Values(operation_id, body, dict(query or {}))
    return [rule for rule in rules_of(operation_id) if rule.keyword is not Keyword.MAY and rule.broken(values)]


def mend(operation_id: str, body: Any, *, support: bool = False) -> Any:
    """A copy of a schema-valid body that obeys every rule, advice too.

    `support`: rather add what a member needs (`stream` for `stream_options`) than take the member away.
    """
    values = Values(operation_id, copy.deepcopy(body))
    for _ in range(3):  # one rule's mending may touch another's: three rounds settle every pair of them
        open_rules = [rule for rule in rules_of(operation_id) if rule.broken(values)]
        for rule in open_rules:
            (rule.support if support and rule.support else rule.mend)(values)
        if not open_rules:
            break
    return values.body


def breaking(
    rule: ProseRule, operation_id: str, body: Any, query: Mapping[str, Any] | None = None, breaks: Change | None = None
) -> Values:
    """Body and query of a request that breaks the rule (by `breaks`, if given), made from one that obeys."""
    values = Values(operation_id, copy.deepcopy(body), dict(query or {}))
    (breaks or rule.breaks)(values)
    return values


def broken_by(rule: ProseRule, draft: Draft) -> bool:
    """True where a draft as it will be sent breaks the rule: with the target's own models it may not."""
    return rule.broken(Values(draft.operation.id, draft.body, dict(draft.query)))


def forbids(draft: Draft) -> str | None:
    """The rule that a draft breaks as it will be sent, None where it breaks none; advice aside."""
    values = Values(draft.operation.id, draft.body, dict(draft.query))
    rules = rules_of(draft.operation.id)
    return next((rule.id for rule in rules if rule.keyword is not Keyword.MAY and rule.broken(values)), None)


def broken_rules(operation_id: str, values: Values) -> Iterable[str]:
    """Ids of all rules that values break, advice too."""
    return [rule.id for rule in rules_of(operation_id) if rule.broken(values)]
