"""Realtime sessions, right and broken: small builders, and edits of them."""

from __future__ import annotations

from typing import Any

from stream_case import Edit, StreamCase, edited, json_lines

Frames = list[dict[str, Any]]
ARGUMENTS = '{"location":"Oslo"}'
MODEL = "gpt-4o-realtime-preview"
USAGE = {"total_tokens": 3, "input_tokens": 1, "output_tokens": 2}
ERROR = {"type": "error", "error": {"type": "invalid_request_error", "code": None, "message": "x", "param": None}}


def greeting() -> Frames:
    """The two first frames."""
    session = {"id": "sess_1", "object": "realtime.session", "model": MODEL, "modalities": ["text"], "tools": []}
    conversation = {"id": "conv_1", "object": "realtime.conversation"}
    return [
        {"type": "session.created", "session": session},
        {"type": "conversation.created", "conversation": conversation},
    ]


def item(identifier: str = "item_1", *content: dict[str, Any], **members: Any) -> dict[str, Any]:
    """A message item of the assistant."""
    base = {"id": identifier, "object": "realtime.item", "type": "message", "role": "assistant"}
    return {**base, "content": list(content), **members}


def called(identifier: str = "item_1", arguments: str = "", **members: Any) -> dict[str, Any]:
    """A function_call item."""
    base = {"id": identifier, "object": "realtime.item", "type": "function_call", "call_id": "call_1"}
    return {**base, "name": "weather", "arguments": arguments, **members}


def created(item_: dict[str, Any], before: str = "") -> dict[str, Any]:
    """`conversation.item.created`."""
    return {"type": "conversation.item.created", "previous_item_id": before, "item": item_}


def on(kind: str, at: int = 0, identifier: str | None = "item_1", response: str = "resp_1", **members: Any) -> Any:
    """An event of an item of a response."""
    named = {} if identifier is None else {"item_id": identifier}
    return {"type": f"response.{kind}", "response_id": response, "output_index": at, **named, **members}


def begun(response: str = "resp_1") -> Frames:
    """A response that begins."""
    limits = [{"name": "requests", "limit": 9, "remaining": 8, "reset_seconds": 1}]
    inner = {"id": response, "object": "realtime.response", "output": []}
    return [{"type": "response.created", "response": inner}, {"type": "rate_limits.updated", "rate_limits": limits}]


def done(*output: dict[str, Any], response: str = "resp_1", status: str = "completed", **members: Any) -> Any:
    """`response.done`."""
    base = {"id": response, "object": "realtime.response", "status": status, "output": list(output), "usage": USAGE}
    return {"type": "response.done", "response": {**base, **members}}


def text_part() -> Frames:
    """A text part from added to done."""
    where = {"content_index": 0}
    return [
        on("content_part.added", part={"type": "text", "text": ""}, **where),
        on("text.delta", delta="Hel", **where),
        on("text.delta", delta="lo", **where),
        on("text.done", text="Hello", **where),
        on("content_part.done", part={"type": "text", "text": "Hello"}, **where),
    ]


def audio_part() -> Frames:
    """An audio part with its transcript from added to done."""
    where = {"content_index": 0}
    return [
        on("content_part.added", part={"type": "audio", "transcript": ""}, **where),
        on("audio_transcript.delta", delta="Hi", **where),
        on("audio.delta", delta="UklGRg==", **where),
        on("audio.done", **where),
        on("audio_transcript.done", transcript="Hi", **where),
        on("content_part.done", part={"type": "audio", "transcript": "Hi"}, **where),
    ]


def call_part() -> Frames:
    """The arguments of a function call."""
    where = {"call_id": "call_1"}
    return [
        on("function_call_arguments.delta", delta='{"location":', **where),
        on("function_call_arguments.delta", delta='"Oslo"}', **where),
        on("function_call_arguments.done", arguments=ARGUMENTS, **where),
    ]


def response(inner: Frames, first: dict[str, Any], last: dict[str, Any]) -> Frames:
    """A response with one item."""
    return [
        *begun(),
        on("output_item.added", identifier=None, item=first),
        created(first, "item_0"),
        *inner,
        on("output_item.done", identifier=None, item=last),
        done(last),
    ]


def user() -> Frames:
    """Something that the user typed."""
    content = {"type": "input_text", "text": "Hi"}
    return [created(item("item_0", content, role="user", status="completed"))]


def plain() -> Frames:
    """A session with a text answer."""
    last = item("item_1", {"type": "text", "text": "Hello"}, status="completed")
    return [*greeting(), *user(), *response(text_part(), item(), last)]


def speaking() -> Frames:
    """A session with a spoken answer."""
    return [*greeting(), *user(), *response(audio_part(), item(), item(status="completed"))]


def calling() -> Frames:
    """A session with a function call."""
    return [*greeting(), *user(), *response(call_part(), called(), called(arguments=ARGUMENTS, status="completed"))]


def two_calls() -> Frames:
    """A session with two function calls at once, their arguments interleaved."""
    names = ("item_1", "item_2")
    whole = [called(name, ARGUMENTS, call_id=f"call_{name}", status="completed") for name in names]
    added = [
        on("output_item.added", at, None, item=called(name, call_id=f"call_{name}")) for at, name in enumerate(names)
    ]

    def both(kind: str, **members: Any) -> Frames:
        named = enumerate(names)
        return [
            on(f"function_call_arguments.{kind}", at, name, call_id=f"call_{name}", **members) for at, name in named
        ]

    return [
        *greeting(),
        *user(),
        *begun(),
        *added,
        *both("delta", delta='{"location":'),
        *both("delta", delta='"Oslo"}'),
        *both("done", arguments=ARGUMENTS),
        *(on("output_item.done", at, None, item=item_) for at, item_ in enumerate(whole)),
        done(*whole),
    ]


def dictating() -> Frames:
    """A session in which three recordings of two items are transcribed at once."""
    parts = [("item_0", 0), ("item_0", 1), ("item_1", 0)]

    def each(state: str, **members: Any) -> Frames:
        return [transcribed(state, item_id=name, content_index=at, **members) for name, at in parts]

    begun_ = each("delta", delta="He")
    first, *others = each("completed", transcript="Hey")
    return [*greeting(), *user(), *begun_, {**first, "transcript": "He"}, *each("delta", delta="y")[1:], *others]


def listening() -> Frames:
    """A session in which the user speaks and is transcribed."""
    heard = item("item_0", {"type": "input_audio", "transcript": None}, role="user", status="completed")
    heard["content"][0].pop("transcript")
    return [
        *greeting(),
        {"type": "input_audio_buffer.speech_started", "audio_start_ms": 0, "item_id": "item_0"},
        {"type": "input_audio_buffer.speech_stopped", "audio_end_ms": 9, "item_id": "item_0"},
        {"type": "input_audio_buffer.committed", "previous_item_id": "", "item_id": "item_0"},
        created(heard),
        transcribed("delta", delta="He"),
        transcribed("delta", delta="y"),
        transcribed("completed", transcript="Hey"),
    ]


def transcribed(state: str, **members: Any) -> dict[str, Any]:
    """An event of the transcription of what the user said."""
    kind = f"conversation.item.input_audio_transcription.{state}"
    return {"type": kind, "item_id": "item_0", "content_index": 0, **members}


def encoded(frames: Frames) -> bytes:
    """The session as JSON lines; a frame without an event_id gets one."""
    return json_lines({"event_id": f"event_{number}", **frame} for number, frame in enumerate(frames))


def find(frames: Frames, kind: str, nth: int = 0) -> dict[str, Any]:
    """The nth frame of a type."""
    return [each for each in frames if each["type"] == kind][nth]


def put(kind: str, nth: int = 0, **members: Any) -> Edit:
    """An edit that sets members of a frame (of its response, where it has one)."""

    def edit(frames: Frames) -> None:
        frame = find(frames, kind, nth)
        frame.get("response", frame).update(members)

    return edit


def drop(kind: str, nth: int = 0) -> Edit:
    """An edit that removes a frame."""
    return lambda frames: frames.remove(find(frames, kind, nth))


def without(*kinds: str) -> Edit:
    """An edit that removes all frames of these types."""
    return lambda frames: [each for each in frames if each["type"] not in kinds]


def twice(kind: str) -> Edit:
    """An edit that repeats a frame at once."""
    return lambda frames: frames.insert(frames.index(find(frames, kind)), find(frames, kind))


def move(kind: str, before: str, nth: int = 0) -> Edit:
    """An edit that moves a frame before the first of another type."""

    def edit(frames: Frames) -> None:
        frame = find(frames, kind, nth)
        frames.remove(frame)
        frames.insert(frames.index(find(frames, before)), frame)

    return edit


def case(rule: str, base: Frames, edit: Edit, note: str = "") -> StreamCase:
    """A case whose twin is the session before the edit."""
    breaking, twin = encoded(edited(base, edit)), encoded(base)
    return StreamCase(rule, "realtime", breaking, twin, {"model": "m"}, status=101, content_type="", note=note)
