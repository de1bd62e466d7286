"""Families of event streams again: what the fewest clients notice, on every surface."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterator
from typing import Any

from contract.mock.faults.kit import (
    Edit,
    Make,
    drop,
    events,
    left_out,
    moved,
    name_of,
    payloads,
    put,
    rows,
    streams,
    swapped,
    turn,
)
from contract.mock.kernel import Call, Part
from contract.mock.streaming import DONE, NAMED_DONE, Frame

_CHAT, _TEXT, _HEARD = "createChatCompletion", "createCompletion", "createTranscription"
_RESPONSE, _RUN = "createResponse", "createRun"
_MESSAGE_DELTA, _MESSAGE_DONE = "thread.message.delta", "thread.message.completed"
_COMPLETED, _TEXT_DELTA = "response.completed", "response.output_text.delta"


def _growing(on: str, event: str, path: str) -> Make:
    """Each delta repeats what came before it (one text a choice or part)."""

    def walk(_: Call, parts: Iterator[Part]) -> Iterator[Part]:
        so_far: dict[Any, str] = {}
        for part in parts:
            if not isinstance(part, Frame) or not isinstance(part.data, dict) or (event and name_of(part) != event):
                yield part
                continue
            data = copy.deepcopy(part.data)
            key = [each.get("index") for each in data.get("choices", [])] or data.get("item_id")

            def more(value: Any, key: str = str(key)) -> Any:
                if not isinstance(value, str):
                    return value
                so_far[key] = so_far.get(key, "") + value
                return so_far[key]

            yield Frame(turn(path, more)(data), part.event)

    return streams(on, walk)


def _each(on: str, test: Callable[[dict[str, Any]], bool], change: Edit) -> Make:
    """Another payload where one passes."""
    return payloads(on, lambda data: change(data) if test(data) else data)


def _choice(data: dict[str, Any]) -> dict[str, Any]:
    return next(iter(data.get("choices") or [{}]), {})


def _ends(data: dict[str, Any]) -> bool:
    return bool(_choice(data).get("finish_reason"))


def _dropped(on: str, test: Callable[[dict[str, Any]], bool]) -> Make:
    return events(on, lambda _, f: [] if isinstance(f.data, dict) and test(f.data) else [f])


def _instead_of_done(on: str, *parts: Part) -> Make:
    return events(on, lambda _, frame: list(parts) if frame == DONE else [frame])


def _sorted(on: str, test: Callable[[Part], bool], *, last: bool) -> Make:
    """Parts that pass come first of all, or last of all."""

    def walk(_: Call, parts: Iterator[Part]) -> Iterator[Part]:
        kept = list(parts)
        chosen = [part for part in kept if test(part)]
        others = [part for part in kept if not test(part)]
        yield from (others + chosen if last else chosen + others)

    return streams(on, walk)


def _usage(part: Part) -> bool:
    return isinstance(part, Frame) and isinstance(part.data, dict) and bool(part.data.get("usage"))


def _broken_off(on: str, *after: Part) -> Make:
    """The first three parts and something else."""
    return streams(on, lambda _, parts: itertools.chain(itertools.islice(parts, 3), after))


def _last_call_fragment(_: Call, parts: Iterator[Part]) -> Iterator[Part]:
    """The last fragment of the arguments is lost."""
    kept = list(parts)
    last = None
    for place, part in enumerate(kept):
        if (
            isinstance(part, Frame)
            and isinstance(part.data, dict)
            and (_choice(part.data).get("delta") or {}).get("tool_calls")
        ):
            last = place
    yield from (part for place, part in enumerate(kept) if place != last)


def _completed_anyway(data: dict[str, Any]) -> dict[str, Any]:
    """`response.incomplete` as if it were complete."""
    if data.get("type") != "response.incomplete":
        return data
    response = {**data["response"], "status": "completed", "incomplete_details": None}
    return {**data, "type": _COMPLETED, "response": response}


def _renaming(on: str, change: Edit) -> Make:
    def each(_: int, frame: Frame) -> list[Part]:
        if not isinstance(frame.data, dict):
            return [frame]
        data = change(frame.data)
        return [Frame(data, data.get("type") if frame.event else None)]

    return events(on, each)


def _raw(on: str, change: Callable[[bytes], bytes]) -> Make:
    return events(on, lambda _, frame: [change(frame.encode())])


def _without_last(data: dict[str, Any]) -> dict[str, Any]:
    output = data["response"]["output"][:-1]
    return {**data, "response": {**data["response"], "output": output}}


def _short_error(on: str, at: int, part: Part) -> Make:
    return streams(on, lambda _, parts: itertools.chain(itertools.islice(parts, at), [part], [DONE]))


def _old_call(data: dict[str, Any]) -> dict[str, Any]:
    """`tool_calls` as the deprecated `function_call`."""
    for choice in data.get("choices", []):
        calls = (choice.get("delta") or {}).pop("tool_calls", None)
        if calls:
            choice["delta"]["function_call"] = calls[0].get("function", {})
    return data


def _created_again(parts: Iterator[Part]) -> Iterator[Part]:
    for place, part in enumerate(parts):
        if place == 0 and isinstance(part, Frame) and isinstance(part.data, dict):
            yield Frame({**part.data, "status": "queued"}, "thread.run.created")
        yield part


FAULTS = (
    *rows(
        "stream-chat",
        (
            "stream-usage-before-end",
            _CHAT,
            "the usage chunk comes first",
            "CHAT-030",
            _sorted(_CHAT, _usage, last=False),
        ),
        (
            "stream-usage-after-done",
            _CHAT,
            "the usage chunk comes after `[DONE]`",
            "SSE-008",
            _sorted(_CHAT, _usage, last=True),
        ),
        (
            "stream-tool-arguments-cut",
            _CHAT,
            "the last fragment of the arguments is lost",
            "parameter/createChatCompletion/tools",
            streams(_CHAT, _last_call_fragment),
        ),
        (
            "stream-content-grows",
            _CHAT,
            "each delta repeats the text before it",
            "CHAT-053",
            _growing(_CHAT, "", "choices/*/delta/content"),
        ),
        (
            "stream-done-object",
            _CHAT,
            '`{"done": true}` ends the stream',
            "CHAT-002",
            _instead_of_done(_CHAT, Frame({"done": True})),
        ),
        (
            "stream-error-event",
            _CHAT,
            "an error event ends the stream of a valid request",
            "stream/to-its-end",
            _broken_off(
                _CHAT,
                Frame(
                    {"error": {"message": "overloaded", "type": "server_error", "param": None, "code": None}}, "error"
                ),
            ),
        ),
        ("stream-id-empty", _CHAT, "`id` is empty", "lifecycle/id-unique", payloads(_CHAT, put("id", ""))),
        (
            "stream-delta-null",
            _CHAT,
            "the finish chunk has `delta: null`",
            "CHAT-001",
            _each(_CHAT, _ends, put("choices/*/delta", None)),
        ),
        (
            "stream-data-twice",
            _CHAT,
            "`data: data:`",
            "SSE-006",
            _raw(_CHAT, lambda b: b.replace(b"data: ", b"data: data: ", 1)),
        ),
        (
            "stream-logprob-tokens",
            _CHAT,
            "log probabilities are those of other tokens",
            "parameter/createChatCompletion/logprobs",
            payloads(_CHAT, put("choices/*/logprobs/content/*/token", "x")),
        ),
        (
            "stream-usage-zero",
            _CHAT,
            "the usage is all zero",
            "usage/counted",
            _each(
                _CHAT,
                lambda d: bool(d.get("usage")),
                put("usage", {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}),
            ),
        ),
        (
            "stream-created-milliseconds",
            _CHAT,
            "`created` is in milliseconds",
            "body/seconds",
            payloads(_CHAT, turn("created", lambda v: v * 1000)),
        ),
        (
            "stream-function-call",
            _CHAT,
            "tools are called as the old `function_call`",
            "CHAT-019",
            payloads(_CHAT, _old_call),
        ),
    ),
    *rows(
        "stream-completions",
        (
            "stream-text-grows",
            _TEXT,
            "each chunk repeats the text before it",
            "CMPL-020",
            _growing(_TEXT, "", "choices/*/text"),
        ),
        (
            "stream-text-logprobs-null",
            _TEXT,
            "log probabilities are missing",
            "CMPL-019",
            payloads(_TEXT, put("choices/*/logprobs", None)),
        ),
        (
            "stream-text-error",
            _TEXT,
            "an error ends the stream of a valid request",
            "stream/to-its-end",
            _short_error(
                _TEXT,
                2,
                b'data: {"error": {"message": "overloaded", "type": "server_error", "param": null, "code": null}}\n\n',
            ),
        ),
        (
            "stream-text-usage-unasked",
            _TEXT,
            "a usage chunk comes unasked",
            "CMPL-004",
            events(
                _TEXT,
                lambda _, f: (
                    [f]
                    if f != DONE
                    else [
                        Frame(
                            {
                                "id": "cmpl-1",
                                "object": "text_completion",
                                "created": 1700000000,
                                "model": "m",
                                "choices": [],
                                "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
                            }
                        ),
                        f,
                    ]
                ),
            ),
        ),
        (
            "stream-text-finish-first",
            _TEXT,
            "`finish_reason` stands in the first chunk too",
            "CMPL-010",
            payloads(_TEXT, put("choices/*/finish_reason", "stop")),
        ),
    ),
    *rows(
        "stream-transcription",
        (
            "stream-heard-after-done",
            _HEARD,
            "a delta follows the final text",
            "TRN-002",
            events(
                _HEARD,
                lambda _, f: (
                    [f, Frame({"type": "transcript.text.delta", "delta": " more"}, f.event and "transcript.text.delta")]
                    if name_of(f) == "transcript.text.done"
                    else [f]
                ),
            ),
        ),
        (
            "stream-heard-grows",
            _HEARD,
            "each delta repeats the text before it",
            "TRN-004",
            _growing(_HEARD, "transcript.text.delta", "delta"),
        ),
        (
            "stream-heard-text-missing",
            _HEARD,
            "the final event has no text",
            "TRN-001",
            payloads(_HEARD, drop("text"), event="transcript.text.done"),
        ),
        (
            "stream-heard-logprobs-dropped",
            _HEARD,
            "log probabilities that were asked for are missing",
            "TRN-006",
            payloads(_HEARD, drop("logprobs")),
        ),
        (
            "stream-heard-named-message",
            _HEARD,
            "`event` is always message",
            "TRN-009",
            events(_HEARD, lambda _, f: [Frame(f.data, "message")]),
        ),
    ),
    *rows(
        "stream-responses",
        (
            "stream-response-metadata",
            "createResponse",
            "`metadata` is lost",
            "body/echo",
            payloads("createResponse", put("response/metadata", {})),
        ),
        (
            "stream-response-instructions",
            "createResponse",
            "`instructions` are lost",
            "body/echo",
            payloads("createResponse", put("response/instructions", None)),
        ),
        (
            "stream-response-previous",
            "createResponse",
            "`previous_response_id` is lost",
            "body/echo",
            payloads("createResponse", put("response/previous_response_id", None)),
        ),
        (
            "stream-response-tools",
            "createResponse",
            "`tools` are lost",
            "body/echo",
            payloads("createResponse", put("response/tools", [])),
        ),
        (
            "stream-response-created-completed",
            _RESPONSE,
            "a created response is completed",
            "RESP-007",
            payloads(_RESPONSE, put("response/status", "completed"), event="response.created"),
        ),
        (
            "stream-response-part-done-early",
            _RESPONSE,
            "a part is closed before its text",
            "RESP-033",
            swapped(_RESPONSE, "response.content_part.done", "response.output_text.done"),
        ),
        (
            "stream-response-item-done-early",
            _RESPONSE,
            "an item is closed before its part",
            "RESP-032",
            swapped(_RESPONSE, "response.output_item.done", "response.content_part.done"),
        ),
        (
            "stream-response-ping",
            _RESPONSE,
            "a `ping` event comes in between",
            "RESP-001",
            events(_RESPONSE, lambda i, f: [f, Frame({"type": "ping"}, "ping")] if i == 2 else [f]),
        ),
        (
            "stream-response-cut-completed",
            _RESPONSE,
            "a response that the limit cut is completed",
            "parameter/createResponse/max_output_tokens",
            _renaming(_RESPONSE, _completed_anyway),
        ),
        (
            "stream-response-no-arguments",
            _RESPONSE,
            "no deltas of arguments, and `arguments` of the closed item is empty",
            "RESP-027",
            payloads(_RESPONSE, put("item/arguments", ""), event="response.output_item.done"),
        ),
        (
            "stream-response-item-kind",
            _RESPONSE,
            "a closed item is of another type than the announced one",
            "RESP-023",
            _each(
                _RESPONSE,
                lambda d: d.get("type") == "response.output_item.added" and d["item"]["type"] == "function_call",
                lambda d: {
                    **d,
                    "item": {
                        "id": d["item"]["id"],
                        "type": "message",
                        "role": "assistant",
                        "content": [],
                        "status": "in_progress",
                    },
                },
            ),
        ),
        (
            "stream-response-grows",
            _RESPONSE,
            "each delta repeats the text before it",
            "RESP-034",
            _growing(_RESPONSE, _TEXT_DELTA, "delta"),
        ),
        (
            "stream-response-item-ids-in-output",
            _RESPONSE,
            "items of the final output have other ids",
            "RESP-023",
            payloads(_RESPONSE, turn("response/output/*/id", lambda v: f"{v}_y"), event=_COMPLETED),
        ),
        (
            "stream-response-output-status",
            _RESPONSE,
            "items of the final output are in progress",
            "RESP-027",
            payloads(_RESPONSE, put("response/output/*/status", "in_progress"), event=_COMPLETED),
        ),
    ),
    *rows(
        "stream-runs",
        (
            "stream-run-metadata",
            "createRun",
            "`metadata` is lost",
            "body/echo",
            payloads("createRun", lambda d: put("metadata", {})(d) if d.get("object") == "thread.run" else d),
        ),
        (
            "stream-run-instructions",
            "createRun",
            "`instructions` are lost",
            "body/echo",
            payloads("createRun", lambda d: put("instructions", "")(d) if d.get("object") == "thread.run" else d),
        ),
        (
            "stream-run-step-usage",
            "createRun",
            "a completed step has no usage",
            "body/state",
            payloads("createRun", put("usage", None), event="thread.run.step.completed"),
        ),
        (
            "stream-run-step-completed-at",
            "createRun",
            "a completed step has no `completed_at`",
            "body/state",
            payloads("createRun", put("completed_at", None), event="thread.run.step.completed"),
        ),
        (
            "stream-run-message-late",
            _RUN,
            "a message is announced after its first delta",
            "RUN-050",
            swapped(_RUN, "thread.message.created", _MESSAGE_DELTA),
        ),
        (
            "stream-run-no-message-progress",
            _RUN,
            "no `thread.message.in_progress`",
            "RUN-050",
            left_out(_RUN, "thread.message.in_progress"),
        ),
        (
            "stream-run-no-progress",
            _RUN,
            "no `thread.run.in_progress`",
            "RUN-011",
            left_out(_RUN, "thread.run.in_progress"),
        ),
        (
            "stream-run-done-early",
            _RUN,
            "`done` comes before the run ends",
            "SSE-008",
            _sorted(_RUN, lambda p: isinstance(p, Frame) and name_of(p) == "thread.run.completed", last=True),
        ),
        (
            "stream-run-message-role",
            _RUN,
            "a message is of the user",
            "RUN-056",
            _each(_RUN, lambda d: d.get("object") == "thread.message", put("role", "user")),
        ),
        (
            "stream-run-message-run",
            _RUN,
            "a message names no run",
            "RUN-056",
            _each(_RUN, lambda d: d.get("object") == "thread.message", put("run_id", None)),
        ),
        (
            "stream-run-step-delta-lost",
            _RUN,
            "deltas of steps are lost",
            "RUN-040",
            left_out(_RUN, "thread.run.step.delta"),
        ),
        (
            "stream-run-message-after",
            _RUN,
            "messages end after the run",
            "RUN-034",
            moved(_RUN, _MESSAGE_DONE, last=True),
        ),
        (
            "stream-run-done-json",
            _RUN,
            "`done` carries an empty object",
            "RUN-002",
            events(_RUN, lambda _, f: [Frame({}, "done")] if f == NAMED_DONE else [f]),
        ),
        (
            "stream-run-grows",
            _RUN,
            "each delta repeats the text before it",
            "RUN-052",
            _growing(_RUN, _MESSAGE_DELTA, "delta/content/*/text/value"),
        ),
        (
            "stream-run-step-details",
            _RUN,
            "a step's message is another one than the stream's",
            "RUN-057",
            payloads(_RUN, put("step_details/message_creation/message_id", "msg_another")),
        ),
        (
            "stream-thread-other",
            "createThreadAndRun",
            "the run is of another thread than the one created",
            "RUN-012",
            payloads("createThreadAndRun", put("id", "thread_another"), event="thread.created"),
        ),
        (
            "stream-submit-created",
            "submitToolOuputsToRun",
            "the run is created again after tool outputs",
            "RUN-001",
            streams("submitToolOuputsToRun", lambda _, parts: _created_again(parts)),
        ),
    ),
)  # fmt: skip - a table: one fault a row
