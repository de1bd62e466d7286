"""Usage and costs: what was consumed, in buckets of time, filtered, grouped and paged (`openapi.yaml:7317`, 5872).

The sums come from the meter (`contract.mock.meter`), so what a report says is what was done.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any, Final

from contract.mock.errors import invalid
from contract.mock.handlers import organization, prices
from contract.mock.kernel import Call, Json, Reply, route
from contract.mock.meter import KIND as METER

_WIDTHS: Final = {"1m": 60, "1h": 3_600, "1d": 86_400}
#: bucket_width -> (default, maximum) of `limit` (openapi.yaml:7807); costs have their own (openapi.yaml:5927).
_LIMITS: Final = {"1m": (60, 1440), "1h": (24, 168), "1d": (7, 31)}
_COST_LIMITS: Final = (7, 180)
#: Surface -> member of a result -> name of the amount that the meter keeps; requests are counted beside.
AMOUNTS: Final[Mapping[str, tuple[str, ...]]] = {
    "completions": (
        "input_tokens",
        "output_tokens",
        "input_cached_tokens",
        "input_audio_tokens",
        "output_audio_tokens",
    ),
    "embeddings": ("input_tokens",),
    "moderations": ("input_tokens",),
    "images": ("images",),
    "audio_speeches": ("characters",),
    "audio_transcriptions": ("seconds",),
    "vector_stores": ("usage_bytes",),
    "code_interpreter_sessions": ("num_sessions",),
}
#: Filter of the request -> what of a record it looks at.
_FILTERS: Final = {
    "project_ids": "project_id",
    "user_ids": "user_id",
    "api_key_ids": "api_key_id",
    "models": "model",
    "sources": "source",
    "sizes": "size",
}
_ORGANIZATION_WIDE: Final = frozenset({"vector_stores", "code_interpreter_sessions"})


def _records(call: Call) -> Iterable[dict[str, Any]]:
    """What the meter kept, with the project, user and key that it belongs to."""
    default = organization.seed(call)
    owners = _owners(call)  # any other token is the organization's owner, in the default project
    for each in call.store.list(METER):
        key, project = owners.get(each["key"], (default["owner"], default["project"]))
        source, _, size = each["detail"].partition(":")
        yield {
            **each,
            "project_id": project,
            "user_id": key,
            "api_key_id": each["key"],
            "source": source or None,
            "size": size or None,
        }


def _owners(call: Call) -> dict[str, tuple[str, str]]:
    """Key id -> the user or service account that owns it, and its project."""
    owners = {}
    for project in call.store.list(organization.PROJECT):
        for key in call.store.list(organization.PROJECT_KEY, project["id"]):
            owner = key["owner"]
            owners[key["id"]] = owner[owner["type"]]["id"], project["id"]
    return owners


def _wanted(call: Call, record: Mapping[str, Any]) -> bool:
    batch = call.query.get("batch")
    return (batch is None or record["batch"] == batch) and all(
        not call.query.get(name) or record[member] in call.query[name] for name, member in _FILTERS.items()
    )


def _buckets(call: Call, width: int, bounds: tuple[int, int]) -> tuple[list[tuple[int, int]], str]:
    """The page's buckets (start, end) and the cursor of the next page, empty where there is none."""
    query = call.query
    start, end = query["start_time"], query.get("end_time", call.now)
    if query.get("end_time") is not None and end <= start:
        raise invalid("'end_time' must be after 'start_time'.", "end_time")
    default, most = bounds
    limit = query.get("limit", default)
    if not 1 <= limit <= most:
        raise invalid(f"Invalid 'limit': {limit} is not between 1 and {most}.", "limit", "integer_out_of_range")
    first = start // width * width
    at = _position(query["page"], first, end, width) if "page" in query else first
    starts = [at + index * width for index in range(limit) if at + index * width < end]
    following = at + limit * width
    return [(each, each + width) for each in starts], _cursor(following) if following < end else ""


def _cursor(at: int) -> str:
    return "page_" + base64.urlsafe_b64encode(str(at).encode()).decode().rstrip("=")


def _position(cursor: str, first: int, end: int, width: int) -> int:
    """The start of the bucket that a cursor names. Raises ApiError 400 for one that no page of this query gave."""
    encoded = cursor.removeprefix("page_")
    try:
        at = int(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    except ValueError:
        at = -1
    if _cursor(at) != cursor or not first < at < end or (at - first) % width:
        raise invalid(f"Invalid 'page': '{cursor[:100]}' is not the next_page of this query.", "page")
    return at


def _page(call: Call, width: int, bounds: tuple[int, int], results: Any) -> Reply:
    """The answer; `results(start, end)` gives a bucket's results."""
    buckets, following = _buckets(call, width, bounds)
    data = []
    for start, end in buckets:
        found = results(start, end)
        # The schema requires `result`, the documentation and every client know `results`: both are sent.
        shared = {"object": "bucket", "start_time": start, "end_time": end}
        data.append({**shared, "results": found, "result": found})
    return Json({"object": "page", "data": data, "has_more": bool(following), "next_page": following})


def _groups(
    call: Call, records: Iterable[Mapping[str, Any]], start: int, end: int
) -> dict[tuple[Any, ...], list[Mapping[str, Any]]]:
    """Records of a bucket by the values of `group_by`."""
    grouped: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for each in records:
        if start <= each["minute"] < end:
            grouped.setdefault(tuple(each[name] for name in call.query.get("group_by", ())), []).append(each)
    return grouped


def _members(call: Call, surface: str) -> list[str]:
    """What a result says it was grouped by: everything that the operation can group by, null where it did not."""
    declared = next(each for each in call.operation.parameters if each.name == "group_by")
    names: list[str] = declared.schema["items"]["enum"]
    return names if surface not in _ORGANIZATION_WIDE else ["project_id"]


def _usage(call: Call, surface: str) -> Reply:
    width = call.query.get("bucket_width", "1d")
    records = [each for each in _records(call) if each["surface"] == surface and _wanted(call, each)]

    def results(start: int, end: int) -> list[dict[str, Any]]:
        return [
            _result(call, surface, values, group)
            for values, group in sorted(_groups(call, records, start, end).items(), key=repr)
        ]

    return _page(call, _WIDTHS[width], _LIMITS[width], results)


def _result(call: Call, surface: str, values: tuple[Any, ...], group: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    kept = list(group)
    named = dict(zip(call.query.get("group_by", ()), values, strict=True))
    sums = {name: round(sum(each["amounts"].get(name, 0) for each in kept)) for name in AMOUNTS[surface]}
    result = {"object": f"organization.usage.{surface}.result", **sums}
    if surface == "code_interpreter_sessions":
        result["sessions"] = result["num_sessions"]  # required, and not declared (openapi.yaml:33482)
    if surface not in _ORGANIZATION_WIDE:
        result["num_model_requests"] = sum(each["requests"] for each in kept)
    return result | {name: named.get(name) for name in _members(call, surface)}


@route(
    "usage-completions",
    "usage-embeddings",
    "usage-moderations",
    "usage-images",
    "usage-audio-speeches",
    "usage-audio-transcriptions",
    "usage-vector-stores",
    "usage-code-interpreter-sessions",
)
def get_usage(call: Call) -> Reply:
    """What one surface consumed."""
    return _usage(call, call.operation.path.rpartition("/")[2])


@route("usage-costs")
def get_costs(call: Call) -> Reply:
    """What everything cost, at the prices of `prices`."""
    lines = [
        {**each, "line_item": name, "cost": cost}
        for each in _records(call)
        if _wanted(call, each)
        for name, cost in prices.lines(each)
    ]

    def results(start: int, end: int) -> list[dict[str, Any]]:
        return [
            _cost(call, values, group) for values, group in sorted(_groups(call, lines, start, end).items(), key=repr)
        ]

    return _page(call, _WIDTHS["1d"], _COST_LIMITS, results)


def _cost(call: Call, values: tuple[Any, ...], group: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    named = dict(zip(call.query.get("group_by", ()), values, strict=True))
    return {
        "object": "organization.costs.result",
        "amount": {"value": round(sum(each["cost"] for each in group), 10), "currency": "usd"},
        "line_item": named.get("line_item"),
        "project_id": named.get("project_id"),
    }
