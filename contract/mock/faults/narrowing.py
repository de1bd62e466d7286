"""What narrow faults are made of: a fault that holds for some requests only, or from some request on."""

from __future__ import annotations

import copy
import itertools
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from contract.mock.errors import ApiError
from contract.mock.faults.kit import Edit, Make, around, drop, pages, put, refusals, replies
from contract.mock.kernel import Binary, Call, Handler, Hooks, Json, Reply

Asked = Mapping[str, Any]


def body(call: Call) -> dict[str, Any]:
    """The members of a request's body, none where it is no object."""
    return call.body if isinstance(call.body, dict) else {}


def times(but: str = "") -> Callable[[Asked], int]:
    """Counts how often the same words have come, this time included, the member `but` aside."""
    seen: Counter[str] = Counter()

    def count(body: Asked) -> int:
        words = repr({name: each for name, each in body.items() if name != but})
        seen[words] += 1
        return seen[words]

    return count


def when(on: str, asked: Callable[[Asked], bool], change: Callable[[dict[str, Any]], dict[str, Any]]) -> Make:
    """Some requests are taken for others."""

    def act(handler: Handler, call: Call) -> Reply:
        if asked(body(call)):
            call.body = change(copy.deepcopy(body(call)))
        return handler(call)

    return around(on, act)


def silently(on: str, asked: Callable[[Asked], bool], member: str, instead: Any = None) -> Make:
    """A member is taken for another value (None: as if it were not there); the answer tells the one that was sent."""

    def act(handler: Handler, call: Call) -> Reply:
        sent = copy.deepcopy(body(call))
        if member not in sent or not asked(sent):
            return handler(call)
        call.body = drop(member)(body(call)) if instead is None else {**body(call), member: instead}
        reply = handler(call)
        if isinstance(reply, Json) and reply.status < 300:
            return Json({**reply.body, member: sent[member]}, reply.status, reply.headers)
        return reply

    return around(on, act)


def again(on: str, asked: Callable[[Asked], bool], change: Edit, *, but: str = "") -> Make:
    """From the second time on that some words come, the member `but` aside, the answer is another."""

    def make() -> Hooks:
        count = times(but)

        def changed(call: Call, reply: Reply) -> Reply:
            if not asked(body(call)) or not isinstance(reply, Json) or reply.status >= 300 or count(body(call)) < 2:
                return reply
            return Json(change(copy.deepcopy(reply.body)), reply.status, reply.headers)

        return replies(on, changed)()

    return make


def said(name: str, value: Any) -> Callable[[Asked], bool]:
    """Requests for a plain answer in which a member has that value."""
    return lambda body: not body.get("stream") and body.get(name) == value


def unstreamed(body: Asked) -> bool:
    """Requests for a plain answer."""
    return not body.get("stream")


def plain(on: str, *members: str) -> Make:
    """Members of requests that ask for no stream are ignored."""

    def deaf(body: dict[str, Any]) -> dict[str, Any]:
        for each in members:
            body = drop(each)(body)
        return body

    return when(on, lambda body: not body.get("stream"), deaf)


def answered(on: str, asked: Callable[[Asked], bool], change: Edit) -> Make:
    """Other answers to some requests."""

    def changed(call: Call, reply: Reply) -> Reply:
        if not isinstance(reply, Json) or reply.status >= 300 or not asked(body(call)):
            return reply
        return Json(change(copy.deepcopy(reply.body)), reply.status, reply.headers)

    return replies(on, changed)


def anything(_: Asked) -> bool:
    """Every request."""
    return True


def refused(on: str, member: str, status: int) -> Make:
    """The refusals of one member have another status."""

    def change(_: Call | None, error: ApiError) -> Reply | None:
        return Json(error.body, status) if error.param == member else None

    return refusals(on, change)


def at_first(on: str, most: int, asked: Callable[[Asked], bool], change: Edit) -> Make:
    """Some requests are taken for others the first times that they come in the same words."""

    def make() -> Hooks:
        count = times()
        return when(on, lambda body: asked(body) and count(body) <= most, change)()

    return make


def second(on: str, change: Edit, *, but: str) -> Make:
    """Requests are taken for others from the second time on that the same words come, the member `but` aside."""

    def make() -> Hooks:
        count = times(but)
        return when(on, lambda body: count(body) > 1, change)()

    return make


def plain_texts(messages: Any, least: int = 1) -> bool:
    """Messages of text alone, so many at least."""
    texts = isinstance(messages, list) and all(type(each.get("content")) is str for each in messages)
    return texts and len(messages) >= least


def greeting(body: Asked) -> bool:
    """The minimal chat request."""
    said = body.get("messages")
    return set(body) == {"model", "messages"} and said == [{"role": "user", "content": "Say hello."}]


def later(on: str, asked: Callable[[Asked], bool], change: Edit) -> Make:
    """All but the first of some requests are taken for others."""

    def make() -> Hooks:
        count = itertools.count()
        return when(on, lambda body: asked(body) and next(count) > 0, change)()

    return make


def texts(prompt: Any) -> bool:
    """Several prompts."""
    return isinstance(prompt, list) and bool(prompt) and isinstance(prompt[0], str)


def plain_greeting(body: Asked) -> bool:
    """A greeting that is to be stored, without metadata."""
    return not body.get("metadata") and body.get("input") == "Say hello." and bool(body.get("store"))


def once(on: str, error: ApiError) -> Make:
    """The first request is refused, as by a server that is still waking up."""

    def make() -> Hooks:
        seen: list[Call] = []

        def act(handler: Handler, call: Call) -> Reply:
            seen.append(call)
            if len(seen) == 1:
                raise error
            return handler(call)

        return around(on, act)()

    return make


def same_again(create: str, get: str, parameter: str) -> Make:
    """What is made a second time in the same words is the object of the first time, while that is there."""

    def make() -> Hooks:
        made: dict[str, str] = {}

        def act(handler: Handler, call: Call) -> Reply:
            words = repr(body(call))
            if words in made:
                try:
                    return call.invoke(get, {**call.path, parameter: made[words]})
                except ApiError:
                    del made[words]
            reply = handler(call)
            if isinstance(reply, Json):
                made[words] = reply.body["id"]
            return reply

        return around(create, act)()

    return make


def gone_at_once(create: str, delete: str, parameter: str, asked: Callable[[Asked], bool]) -> Make:
    """Some of what is made is removed at once."""

    def act(handler: Handler, call: Call) -> Reply:
        reply = handler(call)
        if isinstance(reply, Json) and asked(body(call)):
            call.invoke(delete, {**call.path, parameter: reply.body["id"]})
        return reply

    return around(create, act)


def cursor_again(on: str) -> Make:
    """A page after an element begins with that element, and has room for it."""

    def make() -> Hooks:
        seen: dict[str, Any] = {}

        def act(handler: Handler, call: Call) -> Reply:
            cursor = seen.get(call.query.get("after", ""))
            if cursor:
                call.query = {**call.query, "limit": max(1, call.query.get("limit", 20) - 1)}
            reply = handler(call)
            if not isinstance(reply, Json):
                return reply
            seen.update({each["id"]: each for each in reply.body["data"]})
            data = [cursor, *reply.body["data"]] if cursor else reply.body["data"]
            return Json({**reply.body, "data": data, "first_id": data[0]["id"] if data else None}, reply.status)

        return around(on, act)()

    return make


def turning(on: str) -> Make:
    """Every second long page without `order` and cursor is the other way round."""

    def make() -> Hooks:
        count = itertools.count(1)

        def change(call: Call, page: dict[str, Any]) -> dict[str, Any]:
            bare = call.query.get("limit") == 100 and not {"order", "after", "before"} & {*call.query}
            if bare and next(count) % 2 == 0 and page["data"]:
                data = page["data"][::-1]
                return {**page, "data": data, "first_id": data[0]["id"], "last_id": data[-1]["id"]}
            return page

        return pages(on, change)()

    return make


def stray(call: Call, page: dict[str, Any]) -> dict[str, Any]:
    """An empty page of files has one."""
    stray = {
        "id": "file-stray",
        "object": "vector_store.file",
        "created_at": 1,
        "usage_bytes": 0,
        "status": "completed",
        "vector_store_id": call.path["vector_store_id"],
        "last_error": None,
    }
    if page["data"] or {"filter", "after"} & call.query.keys():
        return page
    return {**page, "data": [stray], "first_id": stray["id"], "last_id": stray["id"]}


def hollow(_: Call, page: dict[str, Any]) -> dict[str, Any]:
    """The last page is empty."""
    return page if page["has_more"] else {**page, "data": []}


def emptied(reply: Reply) -> Reply:
    """A success without a body."""
    return Binary(b"", "application/json", {}, 200) if isinstance(reply, Json) and reply.status < 300 else reply


def wide_index(body: Any) -> Any:
    """The only choice has index 1."""
    return put("choices/0/index", 1)(body) if len(body["choices"]) == 1 else body
