"""Cases of lists: every element once over all pages, in order, within limits, from a cursor, by a filter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

from contract import checks
from contract.case import Case, Depth, Expect, Kind, Stage
from contract.operation import Operation
from contract.rules import Rule, register
from contract.spec import Spec
from contract.verdict import Keyword
from strategies import templates
from strategies.lists.table import BUCKETS, LISTINGS, Filled, Listing, draft
from strategies.lists.walk import Walk, page, walk
from strategies.scenes import prove_route

MUST, SHOULD = Keyword.MUST, Keyword.SHOULD
register(
    Rule(
        "list/complete",
        MUST,
        "Paging through a list gives every element once.",
        "openapi.yaml:82",
        "Continue strictly after the object that `after` names, and leave nothing out.",
        "list",
    ),
    Rule("list/limit", MUST, "A page holds at most `limit` elements.", "openapi.yaml:63", "Honour `limit`.", "list"),
    Rule(
        "list/page-size",
        SHOULD,
        "A page that is not the last holds as many elements as `limit`, or its default, says.",
        "openapi.yaml:63",
        "Fill the page before you say that there is more.",
        "list",
    ),
    Rule(
        "list/has-more",
        MUST,
        "`has_more` is true exactly where a further page has elements.",
        "openapi.yaml:23033",
        "Look one element further than the page.",
        "list",
    ),
    Rule(
        "list/first-last",
        MUST,
        "`first_id` and `last_id` name the first and the last element of the page.",
        "openapi.yaml:23033",
        "Take both from the page that is sent.",
        "list",
    ),
    Rule(
        "list/order",
        MUST,
        "`order` sorts a list by `created_at`: asc oldest first, desc newest first.",
        "openapi.yaml:70",
        "Sort before you cut the page.",
        "list",
    ),
    Rule(
        "list/default-order",
        MUST,
        "Without `order` a list comes in the documented default order.",
        "openapi.yaml:70",
        "Apply the default of the parameter.",
        "list",
    ),
    Rule(
        "list/stable",
        SHOULD,
        "The same request twice gives the same order.",
        "openapi.yaml:82",
        "Break ties of `created_at` by id.",
        "list",
    ),
    Rule(
        "list/after",
        MUST,
        "A page after an object begins with the next one and never repeats it.",
        "openapi.yaml:82",
        "Continue strictly after the cursor.",
        "list",
    ),
    Rule(
        "list/before",
        MUST,
        "A page before an object holds only elements that stand before it.",
        "openapi.yaml:91",
        "End strictly before the cursor.",
        "list",
    ),
    Rule(
        "list/previous-page",
        SHOULD,
        "A page before an object ends beside it: it is the previous page.",
        "openapi.yaml:91",
        "Take the last `limit` elements before the cursor, not the first of the list.",
        "list",
    ),
    Rule(
        "list/empty",
        MUST,
        "A list without elements is an empty array and has no further page.",
        "openapi.yaml:23033",
        "Answer `data: []` and `has_more: false`.",
        "list",
    ),
    Rule(
        "list/filter",
        MUST,
        "A filter leaves the elements that fit it, and no others.",
        "openapi.yaml:3414",
        "Apply the filter, or refuse it with 400.",
        "list",
    ),
    Rule(
        "list/bucket",
        MUST,
        "A bucket is as wide as `bucket_width` and lies in the time that was asked for.",
        "openapi.yaml:7335",
        "Cut the time from `start_time` to `end_time` into buckets of that width.",
        "list",
    ),
    Rule(
        "list/bucket-gap",
        SHOULD,
        "The buckets of a time range follow each other without a gap, those without results too.",
        "openapi.yaml:7335",
        "Answer a bucket for every day of the range.",
        "list",
    ),
    Rule(
        "list/page-token",
        MUST,
        "`next_page` leads through all buckets once, in order, and is null at the end.",
        "openapi.yaml:7816",
        "Continue after the last bucket of the page.",
        "list",
    ),
)  # fmt: skip - a table: one rule a line


class Play(Protocol):
    """What a case does."""

    def __call__(self, stage: Stage, operation: Operation, listing: Listing) -> None:
        """Send the requests and report what is wrong."""


def cases(spec: Spec, wanted: frozenset[str] | None = None) -> Iterator[Case]:
    """The cases of every list that the spec has; `wanted`: only those operations."""
    for listing in LISTINGS:
        operation = spec.operations.get(listing.operation)
        if operation is not None and (wanted is None or operation.id in wanted):
            yield from _of(operation, listing)
    for name in BUCKETS:
        operation = spec.operations.get(name)
        if operation is not None and (wanted is None or name in wanted):
            yield Case(
                f"{name}/list/pages",
                name,
                "Page tokens lead through all buckets once.",
                partial(_buckets, operation=operation),
                operation.safety,
                requests=8,
                rank=35,
            )


def _of(operation: Operation, listing: Listing) -> Iterator[Case]:
    names = {each.name for each in operation.parameters_in("query")}
    table: list[tuple[str, str, Play, int]] = [
        ("complete", "Paging through the list gives every element once.", _complete, 12),
        ("cursor-unknown", "A cursor that names nothing is refused, or gives a list.", _unknown_cursor, 1),
    ]
    if "order" in names:
        table.append(("order", "`order` sorts both ways and the default is the documented one.", _order, 12))
    if "before" in names:
        table.append(("before", "A page before an object ends before it.", _before, 8))
    if listing.empty is not None:
        table.append(("empty", "A list without elements is empty and has no further page.", _empty, 2))
    if listing.filters:
        table.append(("filter", "A filter leaves only what fits it.", _filter, 6))
    if listing.picks:
        table.append(("picked", "A filter leaves all that fits it.", _picked, 8))
    for name, statement, play, requests in table:
        yield Case(
            f"{operation.id}/list/{name}",
            operation.id,
            statement,
            partial(play, operation=operation, listing=listing),
            operation.safety,
            Depth.STANDARD,
            requests,
            rank=35,
        )


def _sure(stage: Stage, filled: Filled, judge: Callable[[], list[dict[str, Any]]]) -> None:
    """Report only what shows twice where others may change the list meanwhile."""
    found = judge()
    if found and not filled.alone:
        again = {each["rule"] for each in judge()}
        found = [each for each in found if each["rule"] in again]
    for each in found:
        stage.found(**each)


def _complete(stage: Stage, operation: Operation, listing: Listing) -> None:
    filled = listing.fill(stage, operation)
    walks: list[Walk] = []

    def judge() -> list[dict[str, Any]]:
        walked = walk(stage, operation, filled, limit=2, key=listing.key)
        page(stage, operation, filled)
        walks[:] = [walked]
        found = _full(stage, operation, filled) + _doubled(walked, listing.key)
        seen = set(walked.ids(listing.key))
        missing = [each for each in filled.made if each not in seen]
        if missing and walked.ended:
            found.append(
                _finding(
                    "list/complete",
                    walked,
                    "every object that was made",
                    f"{len(missing)} of {len(filled.made)} never listed: {missing[0]}",
                )
            )
        strangers = seen - set(filled.made)
        if filled.alone and strangers:
            found.append(_finding("list/complete", walked, "objects of this parent alone", f"also {min(strangers)}"))
        if len(walked.elements) > 1 and walked.pages == 1 and walked.ended and len(walked.elements) < len(filled.made):
            found.append(_finding("list/has-more", walked, "true before the last page", "false"))
        return found

    _sure(stage, filled, judge)
    _over(stage, operation, filled, walks[0])  # last: a target that refuses it ends the case


def _full(stage: Stage, operation: Operation, filled: Filled) -> list[dict[str, Any]]:
    """A page that holds all elements of a list exactly has nothing after it."""
    if not filled.alone or not filled.made:
        return []
    body, exchange = page(stage, operation, filled, limit=len(filled.made))
    if body.get("has_more") is not True or len(body["data"]) != len(filled.made):
        return []
    where = {"where": "/has_more", "exchange": exchange}
    return [{"rule": "list/has-more", "expected": "false: the page holds every element", "actual": "true", **where}]


def _over(stage: Stage, operation: Operation, filled: Filled, walked: Walk) -> None:
    """After the last object comes a page without any."""
    pages_on = "after" in {each.name for each in operation.parameters_in("query")}
    if not pages_on or not walked.ended or walked.after is None:
        return
    body, exchange = page(stage, operation, filled, limit=2, after=walked.after)
    if body["data"] and filled.alone:
        expected = "no element after the last one"
        stage.found("list/after", expected=expected, actual="more", where="/data", exchange=exchange)


def _doubled(walked: Walk, key: str) -> list[dict[str, Any]]:
    twice = [each for each, count in Counter(walked.ids(key)).items() if count > 1]
    return (
        [
            _finding(
                "list/complete",
                walked,
                "each element once",
                f"{twice[0]} came {Counter(walked.ids(key))[twice[0]]} times",
            )
        ]
        if twice
        else []
    )


def _finding(rule: str, walked: Walk, expected: str, actual: str) -> dict[str, Any]:
    return {"rule": rule, "expected": expected, "actual": actual, "where": "/data", "exchange": walked.last}


def _order(stage: Stage, operation: Operation, listing: Listing) -> None:
    filled = listing.fill(stage, operation)
    names = next(each for each in operation.parameters_in("query") if each.name == "order").schema.get(
        "enum", ["asc", "desc"]
    )
    ascending, descending = sorted(names, key=lambda name: not str(name).startswith("asc"))

    def judge() -> list[dict[str, Any]]:
        found = []
        read: dict[str, list[str]] = {}
        for order in (ascending, descending):
            walked = walk(stage, operation, filled, limit=100, key=listing.key, order=order)
            read[order] = [each for each in walked.ids(listing.key) if not filled.made or each in filled.made]
            found += _sorted(walked, listing, order, rising=order == ascending)
            found += _as_made(walked, filled, listing, order, rising=order == ascending)
            found += _next(stage, operation, filled, listing, order, walked)
            found += _first(stage, operation, filled, listing, order, walked)
        if not listing.time and len(set(read[ascending])) > 1 and read[ascending] == read[descending]:
            found.append(_finding("list/order", walked, "the other way round for the other order", "the same order"))
        default = walk(stage, operation, filled, limit=100, key=listing.key)
        mine = [each for each in default.ids(listing.key) if not filled.made or each in filled.made]
        again = walk(stage, operation, filled, limit=100, key=listing.key)
        repeated = [each for each in again.ids(listing.key) if not filled.made or each in filled.made]
        if mine != repeated and sorted(mine) == sorted(repeated):
            found.append(_finding("list/stable", again, "the order of the same request before", "another order"))
        distinct = read[ascending] != read[descending]
        documented = read.get(listing.default, mine)
        if distinct and default.ended and mine != documented and sorted(mine) == sorted(documented):
            found.append(_finding("list/default-order", default, listing.default, "another order"))
        return found

    _sure(stage, filled, judge)


def _next(
    stage: Stage, operation: Operation, filled: Filled, listing: Listing, order: str, walked: Walk
) -> list[dict[str, Any]]:
    """After the first object comes the second, in either order."""
    ids = walked.ids(listing.key)
    if len(ids) < 2 or not walked.ended or "after" not in {each.name for each in operation.parameters_in("query")}:
        return []
    body, exchange = page(stage, operation, filled, limit=1, order=order, after=ids[0])
    got = [str(each.get(listing.key)) for each in body["data"]]
    if got[:1] != [ids[0]]:
        return []
    where = {"where": "/data", "exchange": exchange}
    return [{"rule": "list/after", "expected": f"{ids[1]} after {ids[0]}, order={order}", "actual": str(got), **where}]


def _first(
    stage: Stage, operation: Operation, filled: Filled, listing: Listing, order: str, walked: Walk
) -> list[dict[str, Any]]:
    """A page of one begins like the whole list: it is sorted before it is cut."""
    ids = walked.ids(listing.key)
    if len(ids) < 2 or not walked.ended:
        return []
    body, exchange = page(stage, operation, filled, limit=1, order=order)
    got = [str(each.get(listing.key)) for each in body["data"]][:1]
    if got in ([], ids[:1]) or got[0] not in ids:
        return []
    where = {"where": "/data", "exchange": exchange}
    return [{"rule": "list/order", "expected": f"{ids[0]} first, order={order}", "actual": got[0], **where}]


def _sorted(walked: Walk, listing: Listing, order: str, *, rising: bool) -> list[dict[str, Any]]:
    times = [each.get(listing.time) for each in walked.elements] if listing.time else []
    if not times or not all(isinstance(each, int) for each in times):
        return []
    wanted = sorted(times, reverse=not rising)  # type: ignore[type-var] # integers, by the line above
    return (
        []
        if times == wanted
        else [
            _finding(
                "list/order",
                walked,
                f"{listing.time} {'rising' if rising else 'falling'} for order={order}",
                "another order",
            )
        ]
    )


def _as_made(walked: Walk, filled: Filled, listing: Listing, order: str, *, rising: bool) -> list[dict[str, Any]]:
    """The first object was made a second before the others: it stands at the right end."""
    mine = [each for each in walked.ids(listing.key) if each in filled.made]
    if len(mine) < 2 or not listing.time or len(mine) != len(filled.made):
        return []
    end = mine[0] if rising else mine[-1]
    if end == filled.made[0]:
        return []
    return [_finding("list/order", walked, f"the oldest object {'first' if rising else 'last'} for order={order}", end)]


def _before(stage: Stage, operation: Operation, listing: Listing) -> None:
    filled = listing.fill(stage, operation)

    def judge() -> list[dict[str, Any]]:
        whole, _ = page(stage, operation, filled, limit=100)
        ids = [str(each.get(listing.key)) for each in whole["data"]]
        if len(ids) < 2:
            stage.skip("the list holds fewer than two elements: there is nothing before or after")
        middle = ids[len(ids) // 2]
        body, exchange = page(stage, operation, filled, limit=100, before=middle)
        got = [str(each.get(listing.key)) for each in body["data"]]
        wrong = [each for each in got if each in ids and ids.index(each) >= ids.index(middle)]
        rule = {"rule": "list/before", "where": "/data", "exchange": exchange}
        if wrong:
            return [{**rule, "expected": f"only elements before {middle}", "actual": f"{wrong[0]} too"}]
        if not got:
            return [{**rule, "expected": f"the {ids.index(middle)} elements before {middle}", "actual": "none"}]
        body, exchange = page(stage, operation, filled, limit=1, before=ids[-1])
        got = [str(each.get(listing.key)) for each in body["data"]]
        if len(ids) > 2 and got and got != [ids[-2]]:
            where = {"where": "/data", "exchange": exchange}
            expected = f"{ids[-2]}, which stands beside {ids[-1]}"
            return [{"rule": "list/previous-page", "expected": expected, "actual": got[0], **where}]
        return []

    _sure(stage, filled, judge)


def _empty(stage: Stage, operation: Operation, listing: Listing) -> None:
    assert listing.empty is not None  # noqa: S101 - the case exists only then; for the type checker
    body, exchange = page(stage, operation, listing.empty(stage, operation))
    if body["data"]:
        stage.found(
            "list/empty", expected="[]", actual=f"{len(body['data'])} elements", where="/data", exchange=exchange
        )
    if body.get("has_more"):
        stage.found("list/empty", expected="false", actual="true", where="/has_more", exchange=exchange)


def _filter(stage: Stage, operation: Operation, listing: Listing) -> None:
    filled = listing.fill(stage, operation)
    for name, template, fits in listing.filters:
        value = templates.resolve(stage, template)
        body, exchange = page(stage, operation, filled, **{name: value, "limit": 100})
        wrong: Sequence[Mapping[str, Any]] = [each for each in body["data"] if not fits(each, value)]
        if wrong:
            stage.found(
                "list/filter",
                expected=f"only elements with {name}={value}",
                actual=f"{wrong[0].get(listing.key)} too",
                where="/data",
                exchange=exchange,
            )


def _picked(stage: Stage, operation: Operation, listing: Listing) -> None:
    """Values that elements have are asked for: these elements come, and no others."""
    filled = listing.fill(stage, operation)
    shapes = {each.name: each.schema.get("type") for each in operation.parameters_in("query")}

    def judge(name: str, member: str) -> list[dict[str, Any]]:
        whole, _ = page(stage, operation, filled, limit=100)
        has = [each[member] for each in whole["data"] if isinstance(each.get(member), str | int)]
        values = [*dict.fromkeys(has)][:2]
        pick = partial(_asked_for, stage, operation, filled, name, member)
        if shapes[name] == "array":
            return pick(values, values) if len(values) > 1 else []
        if shapes[name] == "object":
            return [each for value in values[:1] for each in _bounded(pick, value)]
        return pick(values[0], values[:1]) if values else []

    for name, member in listing.picks:
        _sure(stage, filled, partial(judge, name, member))


def _asked_for(
    stage: Stage, operation: Operation, filled: Filled, name: str, member: str, sent: Any, wanted: list[Any]
) -> list[dict[str, Any]]:
    """A filter that leaves the elements whose member is one of those `wanted`."""
    body, exchange = page(stage, operation, filled, **{name: sent, "limit": 100})
    came = [each.get(member) for each in body["data"]]
    rule = {"rule": "list/filter", "where": "/data", "exchange": exchange}
    if strange := [each for each in came if each not in wanted]:
        expected = f"only elements with {member} {' or '.join(map(str, wanted))} for {name}={sent}"
        return [{**rule, "expected": expected, "actual": f"{strange[0]} too"}]
    if body.get("has_more") is not True and (missing := [each for each in wanted if each not in came]):
        return [{**rule, "expected": f"elements with {member} {missing[0]} for {name}={sent}", "actual": "none"}]
    return []


def _bounded(pick: Callable[[Any, list[Any]], list[dict[str, Any]]], value: Any) -> list[dict[str, Any]]:
    """`gte` and `lte` admit their own bound, `gt` and `lt` do not."""
    beside = ({"gt": value, "lt": value + 1}, {"gt": value - 1, "lt": value})
    return pick({"gte": value, "lte": value}, [value]) or [each for sent in beside for each in pick(sent, [])]


def _unknown_cursor(stage: Stage, operation: Operation, listing: Listing) -> None:
    """The spec is silent on a cursor that names nothing: refused, or any list."""
    filled = listing.empty(stage, operation) if listing.empty else listing.fill(stage, operation)
    reason = "openapi.yaml:82 does not say what an unknown cursor gives"
    expect = Expect(Kind.EDGE, frozenset({200, 400, 404, 422}), reason)
    exchange = stage.send(draft(operation, filled, limit=1, after="contract-no-such-object"), expect)
    if checks.unsupported(operation, exchange):
        prove_route(stage, draft(operation, filled, limit=1))


def _buckets(stage: Stage, operation: Operation) -> None:
    """Five days in pages of two buckets: each bucket once, in order, no gap; the last page names none after it."""
    start = 86400 * (stage.random.randrange(20_000, 20_400))
    filled = Filled({})
    times: list[int] = []
    token: str | None = None
    for _ in range(8):
        given = {"start_time": start, "end_time": start + 5 * 86400, "bucket_width": "1d", "limit": 2, "page": token}
        body, exchange = page(stage, operation, filled, **given)
        new = [each.get("start_time") for each in body["data"]]
        token = body.get("next_page")
        if any(each in times for each in new) or new != sorted(new, key=str):
            stage.found(
                "list/page-token",
                expected="later buckets only",
                actual=f"start_time {new}",
                where="/data",
                exchange=exchange,
            )
            return
        times += new
        for each in body["data"]:
            begin, end = each.get("start_time"), each.get("end_time")
            if type(begin) is int and type(end) is int and (end - begin != 86400 or begin < start):
                expected = f"a day of those from {start} on"
                actual = f"{begin} to {end}"
                stage.found("list/bucket", expected=expected, actual=actual, where="/data", exchange=exchange)
                return
        if not body.get("has_more") and times != list(range(start, start + 5 * 86400, 86400)):
            expected, shown = "the five days", f"start_time {times}"
            stage.found("list/bucket-gap", expected=expected, actual=shown, where="/data", exchange=exchange)
        if not body.get("has_more"):
            if token:
                stage.found(
                    "list/page-token",
                    expected="no next_page at the end",
                    actual=token,
                    where="/next_page",
                    exchange=exchange,
                )
            return
        if not token:
            stage.found(
                "list/page-token",
                expected="a next_page, since has_more is true",
                actual=repr(token),
                where="/next_page",
                exchange=exchange,
            )
            return
    stage.found(
        "list/page-token",
        expected="an end after five days",
        actual="still has_more after 8 pages",
        where="/has_more",
        exchange=exchange,
    )
