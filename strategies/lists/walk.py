"""Reading a list page by page, and what every page must hold by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contract.case import Expect, Kind, Stage
from contract.exchange import Exchange
from contract.operation import Operation
from contract.verdict import Keyword
from strategies.lists.table import Filled, draft

#: Pages that one walk reads at most: an account may hold more than a test may read.
MOST_PAGES = 30


@dataclass
class Walk:
    """What was read: elements in order, the exchange of the last page, whether the end was reached."""

    elements: list[Mapping[str, Any]] = field(default_factory=list)
    last: Exchange | None = None
    ended: bool = False
    pages: int = 0
    #: The cursor of the last element.
    after: str | None = None

    def ids(self, key: str = "id") -> list[str]:
        """The ids in the order in which they came."""
        return [str(each.get(key)) for each in self.elements]


def page(stage: Stage, operation: Operation, filled: Filled, **query: Any) -> tuple[dict[str, Any], Exchange]:
    """One page, judged by itself; ends the case where the target gives none."""
    exchange = stage.send(draft(operation, filled, **query), Expect(Kind.VALID))
    response = exchange.response
    if response is None or response.status != 200:
        stage.skip(f"{operation.id} answered {response.status if response else 'nothing'}: there is no list to judge")
    try:
        body = response.json()
    except (ValueError, RecursionError):
        body = None
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, list) or not all(isinstance(each, dict) for each in data):
        stage.skip(f"{operation.id} answered no list (its own case tells)")
    _page_holds(stage, exchange, body, query.get("limit", _default_limit(operation)))
    return body, exchange


def _default_limit(operation: Operation) -> Any:
    """The documented default of `limit`, None where there is none."""
    return next((each.schema.get("default") for each in operation.parameters_in("query") if each.name == "limit"), None)


def _page_holds(stage: Stage, exchange: Exchange, body: Mapping[str, Any], limit: Any) -> None:
    data = body["data"]
    if isinstance(limit, int) and len(data) > limit:
        stage.found(
            "list/limit", expected=f"at most {limit} elements", actual=f"{len(data)}", where="/data", exchange=exchange
        )
    if isinstance(limit, int) and body.get("has_more") is True and 0 < len(data) < limit:
        stage.found(
            "list/page-size", expected=f"{limit} elements", actual=f"{len(data)}", where="/data", exchange=exchange
        )
    for member, place in (("first_id", 0), ("last_id", -1)):
        named = body.get(member)
        if member in body and data and "id" in data[place] and named != data[place]["id"]:
            stage.found(
                "list/first-last",
                expected=repr(data[place]["id"]),
                actual=repr(named),
                where=f"/{member}",
                exchange=exchange,
                # Null names no wrong element; some lists admit it (openapi.yaml:23098) or do not declare the member.
                keyword=Keyword.SHOULD if named is None else None,
            )
    if body.get("has_more") is True and not data:
        stage.found(
            "list/has-more",
            expected="elements, or has_more false",
            actual="an empty page",
            where="/data",
            exchange=exchange,
        )


def walk(stage: Stage, operation: Operation, filled: Filled, *, limit: int, key: str = "id", **query: Any) -> Walk:
    """Read pages by `after` until the end, or until everything that the case made was seen and the page is over."""
    walked = Walk()
    after: str | None = None
    wanted = set(filled.made)
    while walked.pages < MOST_PAGES:
        body, exchange = page(stage, operation, filled, limit=limit, after=after, **query)
        walked.pages += 1
        walked.last = exchange
        listed = {str(each.get(key)) for each in body["data"]}
        if after is not None and after in listed:
            expected = f"elements after {after}"
            stage.found("list/after", expected=expected, actual=f"{after} too", where="/data", exchange=exchange)
        stuck = bool(listed) and listed <= set(walked.ids(key)) and walked.pages > 1
        walked.after = str(body["data"][-1].get(key)) if body["data"] else after
        # The element of the cursor is told already: it is no element that the list has twice.
        walked.elements += [each for each in body["data"] if after is None or str(each.get(key)) != after]
        if stuck:
            break  # the same elements again and again: told, and nothing more to come
        if body.get("has_more") is not True or not body["data"]:
            walked.ended = True
            break
        after = str(body["data"][-1].get(key))
        # A short page that promises more is followed: there must be something.
        full = len(body["data"]) >= limit
        if wanted and not filled.alone and full and wanted <= set(walked.ids(key)):
            break
    return walked
