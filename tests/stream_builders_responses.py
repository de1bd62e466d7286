"""Response streams, right and broken: small builders, and edits of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from stream_case import Edit, StreamCase, edited, sse

ARGUMENTS = '{"location":"Oslo"}'
USAGE = {
    "input_tokens": 37,
    "input_tokens_details": {"cached_tokens": 0},
    "output_tokens": 11,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 48,
}
TOOL = {"type": "function", "name": "weather", "description": "d", "parameters": {"type": "object"}, "strict": True}
REQUEST = {"model": "gpt-4o", "input": "Hello!", "stream": True}
WITH_TOOLS = {**REQUEST, "tools": [TOOL]}

Events = list[dict[str, Any]]


def response(status: str, output: Any = (), **members: Any) -> dict[str, Any]:
    """A response object in a status."""
    base: dict[str, Any] = {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "status": status,
        "error": {"code": "server_error", "message": "x"} if status == "failed" else None,
        "incomplete_details": {"reason": "max_output_tokens"} if status == "incomplete" else None,
        "instructions": None,
        "max_output_tokens": None,
        "model": "gpt-4o",
        "output": list(output),
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": None, "generate_summary": None},
        "temperature": 1.0,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "metadata": {},
    }
    if status == "completed":
        base["usage"] = USAGE
    return {**base, **members}


def on(kind: str, at: int = 0, identifier: str | None = "msg_1", **members: Any) -> dict[str, Any]:
    """An event of the item at an output_index."""
    named = {} if identifier is None else {"item_id": identifier}
    return {"type": f"response.{kind}", "output_index": at, **named, **members}


def of(status: str, output: Any = (), **members: Any) -> dict[str, Any]:
    """`response.created`, `.in_progress` or an end event."""
    state = "in_progress" if status == "created" else status
    return {"type": f"response.{status}", "response": response(state, output, **members)}


def opened() -> Events:
    """The two first events."""
    return [of("created"), of("in_progress")]


def text(value: str, annotations: Any = ()) -> dict[str, Any]:
    """An output_text part."""
    return {"type": "output_text", "text": value, "annotations": list(annotations)}


def message(status: str, *parts: dict[str, Any], identifier: str = "msg_1") -> dict[str, Any]:
    """A message item."""
    return {"id": identifier, "type": "message", "status": status, "role": "assistant", "content": list(parts)}


def call(status: str, arguments: str = ARGUMENTS, number: int = 1) -> dict[str, Any]:
    """A function_call item."""
    return {
        "id": f"fc_{number}",
        "type": "function_call",
        "status": status,
        "call_id": f"call_{number}",
        "name": "weather",
        "arguments": arguments,
    }


def item(events: Events, first: dict[str, Any], last: dict[str, Any], at: int = 0) -> Events:
    """Events between an item's added and its done."""
    added = on("output_item.added", at, None, item=first)
    return [added, *events, on("output_item.done", at, None, item=last)]


def text_part(*pieces: str, at: int = 0, part: int = 0, identifier: str = "msg_1", annotations: Any = ()) -> Events:
    """A text part from added to done."""
    whole, where = "".join(pieces), {"at": at, "identifier": identifier, "content_index": part}
    marks = [
        on("output_text.annotation.added", annotation_index=number, annotation=each, **where)
        for number, each in enumerate(annotations)
    ]
    return [
        on("content_part.added", part=text(""), **where),
        *(on("output_text.delta", delta=piece, **where) for piece in pieces),
        *marks,
        on("output_text.done", text=whole, **where),
        on("content_part.done", part=text(whole, annotations), **where),
    ]


def refusal_part(*pieces: str) -> Events:
    """A refusal part from added to done."""
    whole, where = "".join(pieces), {"content_index": 0}
    return [
        on("content_part.added", part={"type": "refusal", "refusal": ""}, **where),
        *(on("refusal.delta", delta=piece, **where) for piece in pieces),
        on("refusal.done", refusal=whole, **where),
        on("content_part.done", part={"type": "refusal", "refusal": whole}, **where),
    ]


def call_events(*pieces: str, at: int = 0, number: int = 1) -> Events:
    """A function_call item from added to done."""
    where = {"at": at, "identifier": f"fc_{number}"}
    inner = [on("function_call_arguments.delta", delta=piece, **where) for piece in pieces]
    inner.append(on("function_call_arguments.done", arguments=ARGUMENTS, **where))
    return item(inner, call("in_progress", "", number), call("completed", number=number), at)


def plain(*pieces: str) -> Events:
    """A response with one message."""
    pieces = pieces or ("Hel", "lo")
    final = message("completed", text("".join(pieces)))
    return [*opened(), *item(text_part(*pieces), message("in_progress"), final), of("completed", [final])]


def refusing() -> Events:
    """A response that refuses."""
    final = message("completed", {"type": "refusal", "refusal": "Sorry"})
    return [*opened(), *item(refusal_part("Sor", "ry"), message("in_progress"), final), of("completed", [final])]


def calling(count: int = 1) -> Events:
    """A response with function calls, one after the other."""
    numbers = range(1, count + 1)
    inner = [
        each for number in numbers for each in call_events('{"location":', '"Oslo"}', at=number - 1, number=number)
    ]
    return [*opened(), *inner, of("completed", [call("completed", number=number) for number in numbers])]


def two_parts() -> Events:
    """A message with two text parts."""
    final = message("completed", text("ab"), text("c"))
    parts = [*text_part("a", "b"), *text_part("c", part=1)]
    return [*opened(), *item(parts, message("in_progress"), final), of("completed", [final])]


CITATION = {"type": "url_citation", "url": "https://x.example", "title": "A", "start_index": 0, "end_index": 2}


def citing(*annotations: dict[str, Any]) -> Events:
    """A message with annotations."""
    annotations = annotations or (CITATION, CITATION)
    final = message("completed", text("Hello", annotations))
    parts = text_part("Hello", annotations=annotations)
    return [*opened(), *item(parts, message("in_progress"), final), of("completed", [final])]


def searching(
    kind: str = "web_search_call",
    order: Sequence[str] = ("in_progress", "searching", "completed"),
    status: str = "completed",
) -> Events:
    """A search that tells states in an order."""
    extra = {"queries": ["q"]} if kind == "file_search_call" else {}
    states = [on(f"{kind}.{state}", identifier="s_1") for state in order]
    first, last = ({"id": "s_1", "type": kind, "status": each, **extra} for each in ("in_progress", status))
    return [*opened(), *item(states, first, last), of("completed", [last])]


def reasoning() -> Events:
    """A response with a reasoning item alone, which has no events between its added and its done."""
    only = {"id": "rs_1", "type": "reasoning", "summary": []}
    return [*opened(), *item([], only, only), of("completed", [only])]


def coding(*steps: str) -> Events:
    """A code interpreter call, which has no item; each step tells the code that the deltas before it add up to."""
    code, told = "", []
    for step in steps or ("in_progress", "delta", "delta", "done", "interpreting", "completed"):
        kind, members = step, {}
        if step == "delta":
            piece = "1" if code else "1+"
            code, kind, members = code + piece, "code.delta", {"delta": piece}
        elif step == "done":
            kind, members = "code.done", {"code": code}
        else:
            inner = {"id": "ci_1", "type": "code_interpreter_call", "code": code, "status": step, "results": []}
            members = {"code_interpreter_call": inner}
        told.append(on(f"code_interpreter_call.{kind}", identifier=None, response_id="resp_1", **members))
    return [*opened(), *told, of("completed")]


def speaking() -> Events:
    """Audio with a transcript."""

    def told(kind: str, **members: Any) -> dict[str, Any]:
        return {"type": f"response.{kind}", "response_id": "resp_1", **members}

    return [
        *opened(),
        told("audio.delta", delta="UklGRg=="),
        told("audio.transcript.delta", delta="Hi"),
        told("audio.done"),
        told("audio.transcript.done"),
        of("completed"),
    ]


def encoded(events: Events) -> bytes:
    """The stream, each event named by its type."""
    return sse((each.pop("_name", each.get("type")), each) for each in (dict(event) for event in events))


def find(events: Events, kind: str, nth: int = 0) -> dict[str, Any]:
    """The nth event of a type."""
    return [each for each in events if each["type"] == f"response.{kind}"][nth]


def put(kind: str, nth: int = 0, **members: Any) -> Edit:
    """An edit that sets members of the nth event of a type (of its response, where it has one)."""

    def edit(events: Events) -> None:
        event = find(events, kind, nth)
        event.get("response", event).update(members)

    return edit


def put_item(kind: str, nth: int = 0, **members: Any) -> Edit:
    """An edit that sets members of the item of an event."""
    return lambda events: find(events, kind, nth)["item"].update(members)


def put_part(kind: str, nth: int = 0, **members: Any) -> Edit:
    """An edit that sets members of the part of an event."""
    return lambda events: find(events, kind, nth)["part"].update(members)


def drop(kind: str, nth: int = 0) -> Edit:
    """An edit that removes an event."""
    return lambda events: events.remove(find(events, kind, nth))


def twice(kind: str, nth: int = 0) -> Edit:
    """An edit that repeats an event at once."""
    return lambda events: events.insert(events.index(find(events, kind, nth)), find(events, kind, nth))


def move(kind: str, before: str, nth: int = 0) -> Edit:
    """An edit that moves an event before the first of another type."""

    def edit(events: Events) -> None:
        event = find(events, kind, nth)
        events.remove(event)
        events.insert(events.index(find(events, before)), event)

    return edit


def add(event: dict[str, Any], before: str) -> Edit:
    """An edit that puts an event before the first of a type."""
    return lambda events: events.insert(events.index(find(events, before)), event)


def also(*edits: Edit) -> Edit:
    """Several edits, one after the other."""

    def edit(events: Events) -> None:
        for each in edits:
            each(events)

    return edit


def case(rule: str, base: Events, edit: Callable[[Any], Any], note: str = "", request: Any = REQUEST) -> StreamCase:
    """A case whose twin is the stream before the edit."""
    return StreamCase(rule, "createResponse", encoded(edited(base, edit)), encoded(base), request, note=note)


def asked(rule: str, events: Events, request: Any, twin: Any = REQUEST, note: str = "") -> StreamCase:
    """A case whose twin is the same stream for another request."""
    return StreamCase(rule, "createResponse", encoded(events), encoded(events), request, twin, note=note)
