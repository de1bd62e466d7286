"""Streams of runs, right and broken: small builders, and for each rule an edit of a right stream."""

from __future__ import annotations

from typing import Any

from stream_case import Edit, Event, StreamCase, edited, sse

CALL = "call_1"
ARGUMENTS = '{"location":"Oslo"}'
USAGE = {"prompt_tokens": 345, "completion_tokens": 11, "total_tokens": 356}
IDS = {"assistant_id": "asst_1", "thread_id": "thread_1"}
DONE: Event = ("done", "[DONE]")


def thread() -> dict[str, Any]:
    """A thread object."""
    return {"id": "thread_1", "object": "thread", "created_at": 1, "metadata": {}, "tool_resources": {}}


def run(status: str, **members: Any) -> dict[str, Any]:
    """A run object in a status."""
    base = {
        "id": "run_1",
        "object": "thread.run",
        "created_at": 1,
        **IDS,
        "status": status,
        "started_at": None,
        "expires_at": 600,
        "cancelled_at": 9 if status == "cancelled" else None,
        "failed_at": 9 if status == "failed" else None,
        "completed_at": 9 if status == "completed" else None,
        "required_action": None,
        "last_error": {"code": "server_error", "message": "x"} if status == "failed" else None,
        "model": "gpt-4o",
        "instructions": "",
        "tools": [],
        "metadata": {},
        "temperature": 1.0,
        "top_p": 1.0,
        "max_completion_tokens": None,
        "max_prompt_tokens": None,
        "truncation_strategy": {"type": "auto", "last_messages": None},
        "incomplete_details": {"reason": "max_completion_tokens"} if status == "incomplete" else None,
        "usage": USAGE if status in {"completed", "incomplete", "failed", "cancelled", "expired"} else None,
        "response_format": "auto",
        "tool_choice": "auto",
        "parallel_tool_calls": True,
    }
    return {**base, **members}


def step(status: str, kind: str = "message_creation", calls: Any = (), **members: Any) -> dict[str, Any]:
    """A run step: of a message, or of tool calls."""
    details: dict[str, Any] = {"type": kind}
    if kind == "message_creation":
        details["message_creation"] = {"message_id": "msg_1"}
    else:
        details["tool_calls"] = list(calls)
    base = {
        "id": "step_1",
        "object": "thread.run.step",
        "created_at": 2,
        "run_id": "run_1",
        **IDS,
        "type": kind,
        "status": status,
        "cancelled_at": 9 if status == "cancelled" else None,
        "completed_at": 9 if status == "completed" else None,
        "expired_at": 9 if status == "expired" else None,
        "failed_at": 9 if status == "failed" else None,
        "last_error": {"code": "server_error", "message": "x"} if status == "failed" else None,
        "step_details": details,
        "metadata": None,
        "usage": USAGE if status == "completed" else None,
    }
    return {**base, **members}


def message(status: str, content: Any = (), **members: Any) -> dict[str, Any]:
    """A message of the assistant."""
    base = {
        "id": "msg_1",
        "object": "thread.message",
        "created_at": 2,
        **IDS,
        "run_id": "run_1",
        "status": status,
        "incomplete_details": {"reason": "max_tokens"} if status == "incomplete" else None,
        "incomplete_at": 9 if status == "incomplete" else None,
        "completed_at": 9 if status == "completed" else None,
        "role": "assistant",
        "content": list(content),
        "attachments": [],
        "metadata": {},
    }
    return {**base, **members}


def text(value: str) -> dict[str, Any]:
    """A text part of a message."""
    return {"type": "text", "text": {"value": value, "annotations": []}}


def message_delta(*parts: dict[str, Any], at: str = "msg_1") -> Event:
    """A `thread.message.delta` of parts with their index."""
    return ("thread.message.delta", {"id": at, "object": "thread.message.delta", "delta": {"content": list(parts)}})


def text_delta(value: str, index: int = 0) -> dict[str, Any]:
    """A text part of a delta."""
    return {"index": index, "type": "text", "text": {"value": value}}


def step_delta(*calls: dict[str, Any], kind: str = "tool_calls", at: str = "step_1") -> Event:
    """A `thread.run.step.delta` of tool calls with their index."""
    details = {"type": kind, "tool_calls": list(calls)}
    data = {"id": at, "object": "thread.run.step.delta", "delta": {"step_details": details}}
    return ("thread.run.step.delta", data)


def call(arguments: str, index: int = 0, **members: Any) -> dict[str, Any]:
    """A later fragment of a function call."""
    return {"index": index, "type": "function", "function": {"arguments": arguments}, **members}


def opening(index: int = 0, at: str = CALL) -> dict[str, Any]:
    """The first fragment of a function call."""
    return {"index": index, "type": "function", "id": at, "function": {"name": "weather", "arguments": ""}}


def function(at: str = CALL, **members: Any) -> dict[str, Any]:
    """A whole function call, as `required_action` lists it."""
    return {"id": at, "type": "function", "function": {"name": "weather", "arguments": ARGUMENTS, **members}}


def required(*calls: dict[str, Any]) -> dict[str, Any]:
    """The `required_action` of a run."""
    return {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": list(calls)}}


def opened(operation: str) -> list[Event]:
    """The events up to in_progress."""
    events: list[Event] = [("thread.run.queued", run("queued")), ("thread.run.in_progress", run("in_progress"))]
    if operation == "submitToolOuputsToRun":
        return [("thread.run.step.completed", step("completed", "tool_calls", [], id="step_0")), *events]
    events = [("thread.run.created", run("queued")), *events]
    return [("thread.created", thread()), *events] if operation == "createThreadAndRun" else events


def begun(kind: str = "message_creation") -> list[Event]:
    """A step created and in progress, with its message where it has one."""
    events: list[Event] = [
        ("thread.run.step.created", step("in_progress", kind)),
        ("thread.run.step.in_progress", step("in_progress", kind)),
    ]
    if kind == "message_creation":
        events += [(f"thread.message.{name}", message("in_progress")) for name in ("created", "in_progress")]
    return events


def ended(status: str = "completed") -> list[Event]:
    """The end of a run and of its stream."""
    return [(f"thread.run.{status}", run(status)), DONE]


def plain(operation: str = "createRun") -> list[Event]:
    """A run that answers with one message."""
    return [
        *opened(operation),
        *begun(),
        message_delta(text_delta("Hel")),
        message_delta(text_delta("lo")),
        ("thread.message.completed", message("completed", [text("Hello")])),
        ("thread.run.step.completed", step("completed")),
        *ended(),
    ]


def acting() -> list[Event]:
    """A run that wants a function called."""
    return [
        *opened("createRun"),
        *begun("tool_calls"),
        step_delta(opening()),
        step_delta(call('{"location":')),
        step_delta(call('"Oslo"}')),
        ("thread.run.requires_action", run("requires_action", required_action=required(function()))),
        DONE,
    ]


def coding() -> list[Event]:
    """A run whose step interprets code and ends."""
    whole = {"id": "call_ci", "type": "code_interpreter", "code_interpreter": {"input": "1+1", "outputs": []}}
    first = {"index": 0, "type": "code_interpreter", "id": "call_ci", "code_interpreter": {"input": "1+"}}
    later = {"index": 0, "type": "code_interpreter", "code_interpreter": {"input": "1"}}
    return [
        *opened("createRun"),
        *begun("tool_calls"),
        step_delta(first),
        step_delta(later),
        ("thread.run.step.completed", step("completed", "tool_calls", [whole])),
        *ended(),
    ]


def cut(status: str = "incomplete") -> list[Event]:
    """A run that ends early, its message and step closed first."""
    step_end = "expired" if status == "incomplete" else status
    return [
        *opened("createRun"),
        *begun(),
        message_delta(text_delta("Hel")),
        ("thread.message.incomplete", message("incomplete", [text("Hel")])),
        (f"thread.run.step.{step_end}", step(step_end)),
        *ended(status),
    ]


def troubled() -> list[Event]:
    """A run that an error ends."""
    failure = {"type": "server_error", "message": "x", "code": None, "param": None}
    return [*opened("createRun"), ("error", failure), DONE]


def find(events: list[Event], name: str) -> Any:
    """The data of the first event of that name (with or without `thread.`)."""
    return next(data for each, data in events if each in {name, f"thread.{name}"})


def index(events: list[Event], name: str) -> int:
    """The position of the first event of that name."""
    return next(at for at, (each, _) in enumerate(events) if each in {name, f"thread.{name}"})


def put(name: str, **members: Any) -> Edit:
    """An edit that sets members of the first event of that name."""
    return lambda events: find(events, name).update(members)


def drop(name: str) -> Edit:
    """An edit that removes the first event of that name."""
    return lambda events: events.pop(index(events, name)) and events


def twice(name: str) -> Edit:
    """An edit that repeats the first event of that name at once."""
    return lambda events: events.insert(index(events, name), events[index(events, name)])


def move(name: str, before: str) -> Edit:
    """An edit that moves the first event of one name before the first of another."""

    def edit(events: list[Event]) -> None:
        event = events.pop(index(events, name))
        events.insert(index(events, before), event)

    return edit


def add(event: Event, before: str) -> Edit:
    """An edit that puts an event before the first one of that name."""
    return lambda events: events.insert(index(events, before), event)


def case(rule: str, base: list[Event], edit: Edit, note: str = "", operation: str = "createRun") -> StreamCase:
    """A case whose twin is the stream before the edit."""
    request = {"assistant_id": "asst_1", "stream": True}
    return StreamCase(rule, operation, sse(edited(base, edit)), sse(base), request, note=note)
