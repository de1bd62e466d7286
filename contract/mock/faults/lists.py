"""Family `lists`: pages that are too long, out of order, incomplete or wrong about what comes next."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable
from typing import Any

from contract.mock.faults.kit import Make, answers, around, deaf, drop, pages, put, query, rows
from contract.mock.kernel import Call, Handler, Hooks, Json, Reply

_ASSISTANTS, _MESSAGES, _FILES, _STORES = "listAssistants", "listMessages", "listFiles", "listVectorStores"
Page = dict[str, Any]


def _named(page: Page) -> Page:
    """`first_id` and `last_id` by what the page holds."""
    if page["data"] and "first_id" in page:
        page["first_id"], page["last_id"] = page["data"][0]["id"], page["data"][-1]["id"]
    return page


def _data(on: str, change: Callable[[list[Any]], list[Any]]) -> Make:
    return pages(on, lambda _, page: _named({**page, "data": change(page["data"])}))


def _one_more(_: Call, query: dict[str, Any]) -> dict[str, Any]:
    return {**query, "limit": min(100, query["limit"] + 1)} if "limit" in query else query


def _one_less(_: Call, query: dict[str, Any]) -> dict[str, Any]:
    return {**query, "limit": max(1, query["limit"] - 1)} if "limit" in query else query


def _flipped(_: Call, query: dict[str, Any]) -> dict[str, Any]:
    return {**query, "order": "asc" if query.get("order", "desc") == "desc" else "desc"}


def _inclusive(on: str) -> Make:
    """The element that `after` names comes again."""

    def make() -> Hooks:
        seen: dict[str, Any] = {}

        def change(call: Call, page: Page) -> Page:
            cursor = call.query.get("after")
            seen.update({each["id"]: each for each in page["data"]})
            if cursor in seen:
                page["data"] = [seen[cursor], *page["data"]][: call.query.get("limit", 20)]
            return _named(page)

        return pages(on, change)()

    return make


def _turning(on: str) -> Make:
    """Every second page without `order` is the other way round."""

    def make() -> Hooks:
        count = itertools.count(1)

        def change(call: Call, page: Page) -> Page:
            turned = "order" not in call.query and next(count) % 2 == 0
            return _named({**page, "data": page["data"][::-1] if turned else page["data"]})

        return pages(on, change)()

    return make


def _skips(on: str) -> Make:
    """The first element after a cursor is left out."""
    return pages(
        on, lambda call, page: _named({**page, "data": page["data"][1:] if "after" in call.query else page["data"]})
    )


def _repeats(on: str) -> Make:
    """A page token leads to the same page again."""
    return query(on, lambda _, query: {name: value for name, value in query.items() if name != "page"})


def _far(on: str) -> Make:
    """What stands before a cursor begins at the head of the list, not beside the cursor."""

    def act(handler: Handler, call: Call) -> Reply:
        cursor = call.query.get("before")
        reply = handler(call)
        if cursor is None or not isinstance(reply, Json):
            return reply
        ordered = {"order": call.query["order"]} if "order" in call.query else {}
        whole = call.invoke(on, call.path, {**ordered, "limit": 100})
        if not isinstance(whole, Json):
            return reply
        ids = [each["id"] for each in whole.body["data"]]
        head = whole.body["data"][: ids.index(cursor)] if cursor in ids else []
        page = copy.deepcopy({**reply.body, "data": head[: call.query.get("limit", 20)]})
        return Json(_named(page), reply.status, reply.headers)

    return around(on, act)


FAULTS = rows(
    "lists",
    ("list-limit-ignored", _ASSISTANTS, "`limit` is ignored", "list/limit", deaf(_ASSISTANTS, "limit")),
    ("list-limit-ignored-messages", _MESSAGES, "`limit` is ignored", "list/limit", deaf(_MESSAGES, "limit")),
    ("list-limit-ignored-files", _FILES, "`limit` is ignored", "list/limit", deaf(_FILES, "limit")),
    ("list-limit-one-more", _STORES, "a page has one element too many", "list/limit", query(_STORES, _one_more)),
    (
        "list-limit-one-less",
        _MESSAGES,
        "a page has one element too few",
        "list/page-size",
        query(_MESSAGES, _one_less),
    ),
    (
        "list-default-limit",
        _MESSAGES,
        "without `limit` a page holds one element",
        "list/page-size",
        query(_MESSAGES, lambda _, q: {"limit": 1, **q}),
    ),
    ("list-order-ignored", _ASSISTANTS, "`order` is ignored", "list/order", deaf(_ASSISTANTS, "order")),
    ("list-order-ignored-messages", _MESSAGES, "`order` is ignored", "list/order", deaf(_MESSAGES, "order")),
    ("list-order-reversed", _STORES, "asc and desc are exchanged", "list/order", query(_STORES, _flipped)),
    (
        "list-default-order",
        _ASSISTANTS,
        "without `order` the oldest comes first",
        "list/default-order",
        query(_ASSISTANTS, lambda _, q: {"order": "asc", **q}),
    ),
    (
        "list-default-order-runs",
        "listRuns",
        "without `order` the oldest comes first",
        "list/default-order",
        query("listRuns", lambda _, q: {"order": "asc", **q}),
    ),
    ("list-unsorted", _MESSAGES, "a page is shuffled", "list/order", _data(_MESSAGES, lambda d: d[1:] + d[:1])),
    (
        "list-unstable",
        _STORES,
        "without `order` every second page is the other way round",
        "list/stable",
        _turning(_STORES),
    ),
    ("list-after-ignored", _ASSISTANTS, "`after` is ignored", "list/complete", deaf(_ASSISTANTS, "after")),
    ("list-after-ignored-files", _FILES, "`after` is ignored", "list/complete", deaf(_FILES, "after")),
    (
        "list-after-inclusive",
        _MESSAGES,
        "a page begins with the element of the cursor",
        "list/after",
        _inclusive(_MESSAGES),
    ),
    (
        "list-after-skips",
        _MESSAGES,
        "a page leaves out the element after the cursor",
        "list/complete",
        _skips(_MESSAGES),
    ),
    (
        "list-after-skips-stores",
        _STORES,
        "a page leaves out the element after the cursor",
        "list/complete",
        _skips(_STORES),
    ),
    ("list-before-ignored", _MESSAGES, "`before` is ignored", "list/before", deaf(_MESSAGES, "before")),
    ("list-before-ignored-stores", _STORES, "`before` is ignored", "list/before", deaf(_STORES, "before")),
    (
        "list-before-empty",
        _ASSISTANTS,
        "nothing stands before a cursor",
        "list/before",
        pages(_ASSISTANTS, lambda c, p: {**p, "data": [], "has_more": False} if "before" in c.query else p),
    ),
    (
        "list-has-more-false",
        _ASSISTANTS,
        "`has_more` is always false",
        "list/has-more",
        pages(_ASSISTANTS, lambda _, p: put("has_more", False)(p)),
    ),
    (
        "list-has-more-false-messages",
        _MESSAGES,
        "`has_more` is always false",
        "list/has-more",
        pages(_MESSAGES, lambda _, p: put("has_more", False)(p)),
    ),
    (
        "list-has-more-true",
        _MESSAGES,
        "`has_more` is always true",
        "list/has-more",
        pages(_MESSAGES, lambda _, p: put("has_more", True)(p)),
    ),
    (
        "list-has-more-true-stores",
        _STORES,
        "`has_more` is always true",
        "list/has-more",
        pages(_STORES, lambda _, p: put("has_more", True)(p)),
    ),
    (
        "list-has-more-full-page",
        _MESSAGES,
        "`has_more` is true wherever a page is full",
        "list/has-more",
        pages(_MESSAGES, lambda c, p: put("has_more", len(p["data"]) == c.query.get("limit", 20))(p)),
    ),
    (
        "list-has-more-dropped",
        _FILES,
        "`has_more` is missing",
        "body/contested",
        pages(_FILES, lambda _, p: drop("has_more")(p)),
    ),
    (
        "list-first-last-swapped",
        _ASSISTANTS,
        "`first_id` and `last_id` are exchanged",
        "list/first-last",
        pages(_ASSISTANTS, lambda _, p: {**p, "first_id": p["last_id"], "last_id": p["first_id"]}),
    ),
    (
        "list-last-id-wrong",
        _MESSAGES,
        "`last_id` is the first element",
        "list/first-last",
        pages(_MESSAGES, lambda _, p: {**p, "last_id": p["first_id"]}),
    ),
    (
        "list-doubled",
        _MESSAGES,
        "the last element of a page stands in it twice",
        "list/complete",
        pages(
            _MESSAGES,
            lambda c, p: _named(
                {**p, "data": [*p["data"][:-1], *p["data"][-2:-1], *p["data"][-1:]][: c.query.get("limit", 20)]}
            ),
        ),
    ),
    (
        "list-element-twice",
        "listRuns",
        "the first element of a page stands in it twice",
        "list/complete",
        _data("listRuns", lambda d: d[:1] + d),
    ),
    (
        "list-edge-dropped",
        _ASSISTANTS,
        "the last element of a page is left out",
        "lifecycle/listed",
        _data(_ASSISTANTS, lambda d: d[:-1] if len(d) > 1 else d),
    ),
    (
        "list-always-empty",
        "listRuns",
        "the list is always empty",
        "list/complete",
        pages("listRuns", lambda _, p: {**p, "data": [], "has_more": False}),
    ),
    (
        "list-empty-null",
        _MESSAGES,
        "a list without elements has `data: null`",
        "body/schema",
        pages(_MESSAGES, lambda _, p: p if p["data"] else {**p, "data": None}),
    ),
    (
        "list-empty-has-more",
        "listVectorStoreFiles",
        "a list without elements has a further page",
        "list/empty",
        pages("listVectorStoreFiles", lambda _, p: p if p["data"] else {**p, "has_more": True}),
    ),
    (
        "list-others",
        _MESSAGES,
        "a list holds an element of another parent",
        "list/complete",
        pages(
            _MESSAGES,
            lambda _, p: (
                _named({**p, "data": p["data"] + [{**e, "id": "msg_of_another_thread"} for e in p["data"][-1:]]})
                if not p["has_more"] and len(p["data"]) == 1
                else p
            ),
        ),
    ),
    ("list-filter-purpose", _FILES, "`purpose` is ignored", "list/filter", deaf(_FILES, "purpose")),
    (
        "list-filter-status",
        "listVectorStoreFiles",
        "`filter` is ignored",
        "list/filter",
        deaf("listVectorStoreFiles", "filter"),
    ),
    ("list-filter-run", _MESSAGES, "`run_id` is ignored", "list/filter", deaf(_MESSAGES, "run_id")),
    (
        "list-filter-metadata",
        "listChatCompletions",
        "`metadata` is ignored",
        "list/filter",
        deaf("listChatCompletions", "metadata"),
    ),
    (
        "list-filter-model",
        "listChatCompletions",
        "`model` is ignored",
        "list/filter",
        deaf("listChatCompletions", "model"),
    ),
    (
        "list-filter-audit",
        "list-audit-logs",
        "`event_types` is ignored",
        "list/filter",
        deaf("list-audit-logs", "event_types", "event_types[]"),
    ),
    (
        "list-filter-archived",
        "list-projects create-project",
        "`include_archived` is taken as true",
        "lifecycle/deleted-not-listed",
        query("list-projects", lambda _, q: {**q, "include_archived": True}),
    ),
    (
        "list-page-repeated",
        "usage-completions",
        "a page token leads to the first page again",
        "list/page-token",
        _repeats("usage-completions"),
    ),
    (
        "list-page-none",
        "usage-costs",
        "`next_page` is null where `has_more` is true",
        "list/page-token",
        pages("usage-costs", lambda _, p: {**p, "next_page": None}),
    ),
    (
        "list-page-reversed",
        "usage-embeddings",
        "buckets come latest first",
        "list/page-token",
        _data("usage-embeddings", lambda d: d[::-1]),
    ),
    (
        "list-page-gap",
        "usage-images",
        "the first bucket of a page is left out",
        "list/bucket-gap",
        _data("usage-images", lambda d: d[1:]),
    ),
    (
        "list-page-width",
        "usage-completions",
        "buckets are an hour wide whatever `bucket_width` says",
        "list/bucket",
        _data("usage-completions", lambda d: [{**e, "end_time": e["start_time"] + 3600} for e in d]),
    ),
    (
        "list-page-range",
        "usage-costs",
        "buckets from before `start_time` come too",
        "list/bucket",
        pages(
            "usage-costs",
            lambda c, p: (
                {
                    **p,
                    "data": [
                        {
                            **p["data"][0],
                            "start_time": c.query["start_time"] - 86400,
                            "end_time": c.query["start_time"],
                        },
                        *p["data"][1:],
                    ],
                }
                if p["data"]
                else p
            ),
        ),
    ),
    (
        "list-before-far",
        _ASSISTANTS,
        "`before` gives the beginning of the list",
        "list/previous-page",
        _far(_ASSISTANTS),
    ),
    (
        "list-limit-clipped",
        _MESSAGES,
        "a page never holds more than three",
        "list/page-size",
        query(_MESSAGES, lambda _, q: {**q, "limit": min(3, q.get("limit", 20))}),
    ),
    (
        "list-after-ascending",
        "listRuns",
        "`after` is ignored where `order` is asc",
        "list/after",
        query("listRuns", lambda _, q: {k: v for k, v in q.items() if k != "after" or q.get("order") != "asc"}),
    ),
    (
        "list-by-id",
        _STORES,
        "a page is sorted by id",
        "list/order",
        _data(_STORES, lambda d: sorted(d, key=lambda e: e["id"])),
    ),
    ("list-limit-ignored-users", "list-users", "`limit` is ignored", "list/limit", deaf("list-users", "limit")),
    ("list-after-ignored-invites", "list-invites", "`after` is ignored", "list/after", deaf("list-invites", "after")),
    (
        "list-after-ignored-events",
        "listFineTuningEvents",
        "`after` is ignored",
        "list/after",
        deaf("listFineTuningEvents", "after"),
    ),
    (
        "list-limit-ignored-jobs",
        "listPaginatedFineTuningJobs",
        "`limit` is ignored",
        "list/limit",
        deaf("listPaginatedFineTuningJobs", "limit"),
    ),
    (
        "list-after-skips-batches",
        "listBatches",
        "a page leaves out the element after the cursor",
        "list/complete",
        _skips("listBatches"),
    ),
    ("list-limit-ignored-items", "listInputItems", "`limit` is ignored", "list/limit", deaf("listInputItems", "limit")),
    ("list-order-ignored-items", "listInputItems", "`order` is ignored", "list/order", deaf("listInputItems", "order")),
    ("list-before-ignored-steps", "listRunSteps", "`before` is ignored", "list/before", deaf("listRunSteps", "before")),
    (
        "list-filter-batch-files",
        "listFilesInVectorStoreBatch",
        "`filter` is ignored",
        "list/filter",
        deaf("listFilesInVectorStoreBatch", "filter"),
    ),
    (
        "list-order-ignored-completions",
        "listChatCompletions",
        "`order` is ignored",
        "list/order",
        deaf("listChatCompletions", "order"),
    ),
    (
        "list-filter-audit-actor",
        "list-audit-logs",
        "`actor_ids` is ignored",
        "list/filter",
        deaf("list-audit-logs", "actor_ids", "actor_ids[]"),
    ),
    (
        "list-filter-audit-time",
        "list-audit-logs",
        "`effective_at` is ignored",
        "list/filter",
        deaf("list-audit-logs", "effective_at"),
    ),
    (
        "list-filter-audit-project",
        "list-audit-logs",
        "`project_ids` is ignored",
        "list/filter",
        deaf("list-audit-logs", "project_ids", "project_ids[]"),
    ),
    (
        "list-group-ignored",
        "usage-completions",
        "`group_by` is ignored",
        "list/filter",
        deaf("usage-completions", "group_by"),
    ),
    (
        "list-end-ignored",
        "usage-moderations",
        "`end_time` is ignored",
        "list/page-token",
        deaf("usage-moderations", "end_time"),
    ),
    (
        "list-page-past-end",
        "usage-audio-speeches",
        "`next_page` is given where nothing comes",
        "list/page-token",
        pages("usage-audio-speeches", lambda _, p: {**p, "next_page": p["next_page"] or "page_x"}),
    ),
    (
        "list-last-id-gone",
        "listFiles",
        "`last_id` names nothing in the page",
        "list/first-last",
        pages("listFiles", lambda _, p: {**p, "last_id": "file-gone"} if p["data"] else p),
    ),
    (
        "list-has-more-false-batches",
        "listBatches",
        "`has_more` is always false",
        "list/has-more",
        pages("listBatches", lambda _, p: {**p, "has_more": False}),
    ),
    (
        "list-oldest-only",
        "listBatches",
        "the newest element is left out of every list",
        "list/complete",
        pages("listBatches", lambda c, p: _named({**p, "data": p["data"][1:]}) if "after" not in c.query else p),
    ),
    (
        "list-permissions-order",
        "listFineTuningCheckpointPermissions",
        "`order` is ignored",
        "list/order",
        deaf("listFineTuningCheckpointPermissions", "order"),
    ),
    (
        "list-first-id-null",
        "listFiles",
        "`first_id` is null",
        "list/first-last",
        answers("listFiles", put("first_id", None)),
    ),
    (
        "list-after-ignored-members",
        "list-project-users",
        "`after` is ignored",
        "list/after",
        deaf("list-project-users", "after"),
    ),
    (
        "list-before-ignored-rates",
        "list-project-rate-limits",
        "`before` is ignored",
        "list/before",
        deaf("list-project-rate-limits", "before"),
    ),
    (
        "list-filter-jobs",
        "listPaginatedFineTuningJobs",
        "`metadata` is ignored",
        "list/filter",
        deaf("listPaginatedFineTuningJobs", "metadata"),
    ),
    (
        "list-filter-permissions",
        "listFineTuningCheckpointPermissions",
        "`project_id` is ignored",
        "list/filter",
        deaf("listFineTuningCheckpointPermissions", "project_id"),
    ),
    (
        "list-width-ignored",
        "usage-embeddings",
        "`bucket_width` is ignored",
        "list/bucket",
        deaf("usage-embeddings", "bucket_width"),
    ),
    (
        "list-filter-usage-models",
        "usage-completions",
        "`models` is ignored",
        "list/filter",
        deaf("usage-completions", "models"),
    ),
)  # fmt: skip - a table: one fault a row
