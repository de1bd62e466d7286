"""What faults are made of: a row of the catalogue, and the hooks by which it gets into the server.

Every `make` gives hooks with a memory of their own: two servers with one fault share nothing.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from contract.mock.errors import ApiError
from contract.mock.kernel import Call, Handler, Hooks, Json, Part, Reply
from contract.mock.streaming import Frame

Edit = Callable[[Any], Any]
Operations = tuple[str, ...]
Make = Callable[[], Hooks]


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to be wrong: where it shows, in words, and the rule that is meant to catch it."""

    name: str
    family: str
    operations: Operations
    what: str
    rule: str
    make: Make = field(compare=False, repr=False)
    #: True where the server must have been started with a key for the fault to show.
    keyed: bool = False


def rows(family: str, *table: tuple[str, str | Operations, str, str, Make]) -> tuple[Fault, ...]:
    """Faults of one family from rows of name, operations (separated by spaces), what, rule, make."""
    return tuple(
        Fault(name, family, tuple(on.split()) if isinstance(on, str) else on, what, rule, make)
        for name, on, what, rule, make in table
    )


def steps(path: str) -> list[str]:
    """`choices/*/delta` as its steps."""
    return path.split("/")


def _holders(node: Any, path: list[str]) -> Iterator[tuple[Any, Any]]:
    """Each container and key that a path names in a value; `*` is every element of a list."""
    head, rest = path[0], path[1:]
    if isinstance(node, list):
        keys: Iterable[Any] = range(len(node)) if head == "*" else [int(head)] if len(node) > int(head) else []
    else:
        keys = [head] if isinstance(node, dict) and (head in node or not rest) else []
    for key in keys:
        if rest:
            yield from _holders(node[key], rest)
        else:
            yield node, key


def drop(path: str) -> Edit:
    """Take a member out wherever the path leads."""

    def edit(body: Any) -> Any:
        for holder, key in reversed(list(_holders(body, steps(path)))):
            if isinstance(holder, list) or key in holder:
                del holder[key]
        return body

    return edit


def put(path: str, value: Any) -> Edit:
    """Set a member wherever the path leads."""
    return turn(path, lambda _: copy.deepcopy(value), absent=True)


def turn(path: str, change: Edit, *, absent: bool = False) -> Edit:
    """Change a member by what it was; where it is absent too (as None) if `absent`."""

    def edit(body: Any) -> Any:
        for holder, key in list(_holders(body, steps(path))):
            if isinstance(holder, list):
                holder[key] = change(holder[key])
            elif key in holder or absent:
                holder[key] = change(holder.get(key))
        return body

    return edit


def answers(on: str, change: Edit) -> Make:
    """Another JSON body of the successes of some operations."""
    return replies(on, lambda _, reply: _edited(reply, change))


def _edited(reply: Reply, change: Edit) -> Reply:
    if not isinstance(reply, Json) or reply.status >= 300:
        return reply
    return Json(change(copy.deepcopy(reply.body)), reply.status, reply.headers)


def replies(on: str, change: Callable[[Call, Reply], Reply]) -> Make:
    """Another reply of some operations."""
    names = frozenset(on.split())

    def hook(call: Call, reply: Reply) -> Reply:
        return change(call, reply) if call.operation.id in names else reply

    return lambda: Hooks(reply=(hook,))


def around(on: str, act: Callable[[Handler, Call], Reply]) -> Make:
    """Something else instead of, before or after the handler of some operations."""
    names = frozenset(on.split())

    def hook(handler: Handler, call: Call) -> Reply:
        return act(handler, call) if call.operation.id in names else handler(call)

    return lambda: Hooks(around=(hook,))


def refusals(on: str, change: Callable[[Call | None, ApiError], Reply | None]) -> Make:
    """Another reply where some operations refuse; `*` for all, those without a route among them."""
    names = frozenset(on.split())

    def hook(call: Call | None, error: ApiError) -> Reply | None:
        if on == "*" or (call is not None and call.operation.id in names):
            return change(call, error)
        return None

    return lambda: Hooks(errors=(hook,))


def streams(on: str, change: Callable[[Call, Iterator[Part]], Iterator[Part]]) -> Make:
    """Another event stream of some operations."""
    names = frozenset(on.split())

    def hook(call: Call, parts: Iterable[Part]) -> Iterator[Part]:
        return change(call, iter(parts)) if call.operation.id in names else iter(parts)

    return lambda: Hooks(frames=(hook,))


def events(on: str, change: Callable[[int, Frame], Iterable[Part]]) -> Make:
    """Each frame of the streams of some operations by another one, none or several; it is the fault's own copy."""

    def walk(_: Call, parts: Iterator[Part]) -> Iterator[Part]:
        for index, part in enumerate(parts):
            if isinstance(part, Frame):
                yield from change(index, Frame(copy.deepcopy(part.data), part.event))
            else:
                yield part

    return streams(on, walk)


def payloads(on: str, change: Edit, *, event: str = "", first: int = 0) -> Make:
    """The JSON payloads of the streams of some operations, changed; those of one event name or `type` alone."""

    def each(index: int, frame: Frame) -> Iterable[Part]:
        if not isinstance(frame.data, dict) or index < first or (event and name_of(frame) != event):
            return [frame]
        return [Frame(change(frame.data), frame.event)]

    return events(on, each)


def name_of(frame: Frame) -> str:
    """The event's name: its `event` field, else the `type` of its payload."""
    typed = frame.data.get("type", "") if isinstance(frame.data, dict) else ""
    return frame.event or str(typed)


def left_out(on: str, event: str) -> Make:
    """No event of that name."""
    return events(on, lambda _, frame: [] if name_of(frame) == event else [frame])


def doubled(on: str, event: str) -> Make:
    """Each event of that name twice."""
    return events(on, lambda _, frame: [frame, frame] if name_of(frame) == event else [frame])


def moved(on: str, event: str, *, last: bool = False) -> Make:
    """The events of that name first of all, or last of all."""

    def walk(_: Call, parts: Iterator[Part]) -> Iterator[Part]:
        kept: list[Part] = [Frame(copy.deepcopy(p.data), p.event) if isinstance(p, Frame) else p for p in parts]
        chosen: list[Part] = [part for part in kept if isinstance(part, Frame) and name_of(part) == event]
        others = [part for part in kept if part not in chosen]
        yield from (others + chosen if last else chosen + others)

    return streams(on, walk)


def deaf(on: str, *names: str) -> Make:
    """Members of the body (`a/b` for a nested one) and query parameters as if they had not been sent."""

    def act(handler: Handler, call: Call) -> Reply:
        body = copy.deepcopy(call.body) if isinstance(call.body, dict) else call.body
        for name in names:
            body = drop(name)(body) if isinstance(body, dict) else body
        call.body = body
        call.query = {name: value for name, value in call.query.items() if name not in names}
        return handler(call)

    return around(on, act)


def swapped(on: str, first: str, second: str) -> Make:
    """The first event of one name changes places with the first of another."""

    def walk(_: Call, parts: Iterator[Part]) -> Iterator[Part]:
        kept = list(parts)
        names = [name_of(part) if isinstance(part, Frame) else "" for part in kept]
        if first in names and second in names:
            one, two = names.index(first), names.index(second)
            kept[one], kept[two] = kept[two], kept[one]
        yield from kept

    return streams(on, walk)


def pages(on: str, change: Callable[[Call, dict[str, Any]], dict[str, Any]]) -> Make:
    """Another page: it is the fault's own copy."""

    def act(handler: Handler, call: Call) -> Reply:
        reply = handler(call)
        if not isinstance(reply, Json) or not isinstance(reply.body, dict):
            return reply
        return Json(change(call, copy.deepcopy(reply.body)), reply.status, reply.headers)

    return around(on, act)


def query(on: str, change: Callable[[Call, dict[str, Any]], dict[str, Any]]) -> Make:
    """The list of another query."""

    def act(handler: Handler, call: Call) -> Reply:
        call.query = change(call, dict(call.query))
        return handler(call)

    return around(on, act)


def both(*makes: Make) -> Make:
    """The hooks of several at once."""
    return lambda: merged(make() for make in makes)


def merged(several: Iterable[Hooks]) -> Hooks:
    """All hooks in one, in order."""
    every = list(several)
    return Hooks(
        refusal=tuple(each for hooks in every for each in hooks.refusal),
        reply=tuple(each for hooks in every for each in hooks.reply),
        frames=tuple(each for hooks in every for each in hooks.frames),
        send=tuple(each for hooks in every for each in hooks.send),
        around=tuple(each for hooks in every for each in hooks.around),
        errors=tuple(each for hooks in every for each in hooks.errors),
    )
