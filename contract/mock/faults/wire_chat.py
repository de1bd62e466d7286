"""Family `stream-chat`, `stream-completions`, `stream-transcription`: what real servers did to these streams."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterator
from typing import Any

from contract.mock.faults.kit import (
    Edit,
    Make,
    doubled,
    drop,
    events,
    left_out,
    moved,
    payloads,
    put,
    rows,
    streams,
    turn,
)
from contract.mock.kernel import Call, Hooks, Part
from contract.mock.streaming import DONE, Frame, dumps

_CHAT, _TEXT, _HEARD = "createChatCompletion", "createCompletion", "createTranscription"
_DELTA, _CALLS = "choices/*/delta", "choices/*/delta/tool_calls"


def _end(on: str, *parts: Part) -> Make:
    """Something else instead of `[DONE]`."""
    return events(on, lambda _, frame: list(parts) if frame == DONE else [frame])


def _counted(on: str, path: str, value: Callable[[int], Any]) -> Make:
    """A member that counts chunks."""

    def make() -> Hooks:
        count = itertools.count()
        return payloads(on, turn(path, lambda _: value(next(count)), absent=True))()

    return make


def _where(test: Callable[[Any], bool], change: Edit) -> Edit:
    return lambda data: change(data) if test(data) else data


def _choices(data: Any) -> list[Any]:
    return [each for each in data.get("choices", []) if isinstance(each, dict)]


def _finishes(data: Any) -> bool:
    return any(each.get("finish_reason") for each in _choices(data))


def _says(data: Any) -> bool:
    return any((each.get("delta") or {}).get("content") for each in _choices(data))


def _calls(data: Any) -> bool:
    return any((each.get("delta") or {}).get("tool_calls") for each in _choices(data))


def _kept(on: str, test: Callable[[Any], bool]) -> Make:
    """Only chunks that pass."""
    return events(on, lambda _, frame: [frame] if not isinstance(frame.data, dict) or test(frame.data) else [])


def _added(on: str, test: Callable[[Any], bool], more: Callable[[Any], list[Any]]) -> Make:
    """After each chunk that passes, more chunks made from it."""

    def each(_: int, frame: Frame) -> list[Part]:
        if not isinstance(frame.data, dict) or not test(frame.data):
            return [frame]
        return [frame, *(Frame(data, frame.event) for data in more(copy.deepcopy(frame.data)))]

    return events(on, each)


def _raw(on: str, change: Callable[[bytes], bytes], *, only: int | None = None) -> Make:
    """Other bytes of each frame, or of one."""

    def each(index: int, frame: Frame) -> list[Part]:
        return [change(frame.encode()) if only is None or index == only else frame]

    return events(on, each)


def _joined_data(on: str) -> Make:
    """Two chunks in one event."""

    def walk(_: Call, parts: Iterator[Part]) -> Iterator[Part]:
        frames = list(parts)
        dicts = [part for part in frames if isinstance(part, Frame) and isinstance(part.data, dict)][:2]
        yield f"data: {' '.join(dumps(each.data) for each in dicts)}\n\n".encode()
        yield from (part for part in frames if part not in dicts)

    return streams(on, walk)


def _after_finish(data: Any) -> list[Any]:
    late = put("choices/*/finish_reason", None)(put(f"{_DELTA}", {"content": " late"})(data))
    return [late]


def _error_then_silence(on: str) -> Make:
    def walk(_: Call, parts: Iterator[Part]) -> Iterator[Part]:
        yield from itertools.islice(parts, 2)
        yield b'data: {"error": "overloaded"}\n\n'
        yield DONE

    return streams(on, walk)


def _usage_anyway(data: Any) -> Any:
    return (
        {**data, "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}} if _choices(data) else data
    )


def _with_stop(call: Call, parts: Iterator[Part]) -> Iterator[Part]:
    stop = call.body.get("stop")
    word = stop[0] if isinstance(stop, list) and stop else stop
    for part in parts:
        if isinstance(word, str) and isinstance(part, Frame) and isinstance(part.data, dict) and _says(part.data):
            yield Frame(turn(f"{_DELTA}/content", lambda v: f"{v}{word}")(copy.deepcopy(part.data)), part.event)
        else:
            yield part


FAULTS = (
    *rows(
        "stream-chat",
        ("stream-no-done", _CHAT, "no `[DONE]`", "CHAT-002", _end(_CHAT)),
        ("stream-done-twice", _CHAT, "`[DONE]` twice", "SSE-008", _end(_CHAT, DONE, DONE)),
        ("stream-done-bare", _CHAT, "`[DONE]` without `data:`", "SSE-004", _end(_CHAT, b"[DONE]\n\n")),
        ("stream-done-no-brackets", _CHAT, "`data: DONE`", "SSE-007", _end(_CHAT, b"data: DONE\n\n")),
        ("stream-done-unclosed", _CHAT, "`[DONE]` without the empty line", "SSE-003", _end(_CHAT, b"data: [DONE]\n")),
        ("stream-only-done", _CHAT, "nothing but `[DONE]`", "CHAT-009", _kept(_CHAT, lambda _: False)),
        (
            "stream-id-changes",
            _CHAT,
            "another id in each chunk",
            "CHAT-004",
            _counted(_CHAT, "id", lambda i: f"chatcmpl-{i}"),
        ),
        (
            "stream-created-changes",
            _CHAT,
            "`created` is the time of the chunk",
            "CHAT-005",
            _counted(_CHAT, "created", lambda i: 1700000000 + i),
        ),
        ("stream-created-missing", _CHAT, "`created` is missing", "CHAT-001", payloads(_CHAT, drop("created"))),
        (
            "stream-created-float",
            _CHAT,
            "`created` has a fraction",
            "CHAT-001",
            payloads(_CHAT, put("created", 1700000000.25)),
        ),
        (
            "stream-model-changes",
            _CHAT,
            "`model` changes",
            "CHAT-007",
            _counted(_CHAT, "model", lambda i: f"model-{i}"),
        ),
        ("stream-model-null", _CHAT, "`model` is null", "CHAT-001", payloads(_CHAT, put("model", None))),
        (
            "stream-object-wrong",
            _CHAT,
            "`object` is chat.completion",
            "CHAT-006",
            payloads(_CHAT, put("object", "chat.completion")),
        ),
        ("stream-object-empty", _CHAT, "`object` is empty", "CHAT-006", payloads(_CHAT, put("object", ""))),
        (
            "stream-fingerprint-changes",
            _CHAT,
            "`system_fingerprint` changes",
            "CHAT-008",
            _counted(_CHAT, "system_fingerprint", lambda i: f"fp_{i}"),
        ),
        (
            "stream-event-name",
            _CHAT,
            "events have a name",
            "CHAT-003",
            events(_CHAT, lambda _, f: [Frame(f.data, "message")] if isinstance(f.data, dict) else [f]),
        ),
        (
            "stream-index-counts",
            _CHAT,
            "`index` counts chunks",
            "CHAT-010",
            _counted(_CHAT, "choices/*/index", lambda i: i),
        ),
        ("stream-index-zero", _CHAT, "`index` is always 0", "CHAT-009", payloads(_CHAT, put("choices/*/index", 0))),
        (
            "stream-index-one",
            _CHAT,
            "`index` begins at 1",
            "CHAT-010",
            payloads(_CHAT, turn("choices/*/index", lambda v: v + 1)),
        ),
        ("stream-role-missing", _CHAT, "no delta has a role", "CHAT-012", payloads(_CHAT, drop(f"{_DELTA}/role"))),
        (
            "stream-role-repeated",
            _CHAT,
            "every delta has the role",
            "CHAT-013",
            payloads(_CHAT, _where(_says, put(f"{_DELTA}/role", "assistant"))),
        ),
        (
            "stream-role-user",
            _CHAT,
            "the role is user",
            "CHAT-014",
            payloads(_CHAT, turn(f"{_DELTA}/role", lambda _: "user")),
        ),
        (
            "stream-role-null",
            _CHAT,
            "the role is null in later deltas",
            "CHAT-001",
            payloads(_CHAT, _where(_says, put(f"{_DELTA}/role", None))),
        ),
        (
            "stream-delta-missing",
            _CHAT,
            "a choice has no delta",
            "CHAT-001",
            payloads(_CHAT, _where(_finishes, drop(_DELTA))),
        ),
        (
            "stream-message-for-delta",
            _CHAT,
            "choices have `message` instead of `delta`",
            "CHAT-001",
            payloads(
                _CHAT,
                lambda d: {
                    **d,
                    "choices": [{("message" if k == "delta" else k): v for k, v in c.items()} for c in d["choices"]],
                },
            ),
        ),
        (
            "stream-finish-missing",
            _CHAT,
            "`finish_reason` is null to the end",
            "CHAT-015",
            payloads(_CHAT, put("choices/*/finish_reason", None)),
        ),
        (
            "stream-finish-key-missing",
            _CHAT,
            "`finish_reason` is absent before the end",
            "CHAT-001",
            payloads(_CHAT, _where(lambda d: not _finishes(d), drop("choices/*/finish_reason"))),
        ),
        (
            "stream-finish-empty",
            _CHAT,
            "`finish_reason` is empty before the end",
            "CHAT-001",
            payloads(_CHAT, turn("choices/*/finish_reason", lambda v: v or "")),
        ),
        (
            "stream-finish-twice",
            _CHAT,
            "the finish chunk comes twice",
            "CHAT-016",
            _added(_CHAT, _finishes, lambda d: [d]),
        ),
        (
            "stream-finish-unknown",
            _CHAT,
            "`finish_reason` is abort",
            "CHAT-001",
            payloads(_CHAT, turn("choices/*/finish_reason", lambda v: v and "abort")),
        ),
        (
            "stream-finish-stop-tools",
            _CHAT,
            "a tool call ends with stop",
            "CHAT-020",
            payloads(_CHAT, turn("choices/*/finish_reason", lambda v: "stop" if v == "tool_calls" else v)),
        ),
        (
            "stream-finish-tools-always",
            _CHAT,
            "a text ends with tool_calls",
            "CHAT-019",
            payloads(_CHAT, turn("choices/*/finish_reason", lambda v: "tool_calls" if v == "stop" else v)),
        ),
        (
            "stream-finish-first",
            _CHAT,
            "the finish reason is in every chunk",
            "CHAT-016",
            payloads(_CHAT, put("choices/*/finish_reason", "stop")),
        ),
        (
            "stream-after-finish",
            _CHAT,
            "content follows the finish reason",
            "CHAT-017",
            _added(_CHAT, _finishes, _after_finish),
        ),
        (
            "stream-empty-after-finish",
            _CHAT,
            "an empty delta follows the finish reason",
            "CHAT-018",
            _added(_CHAT, _finishes, lambda d: [put("choices/*/finish_reason", None)(put(_DELTA, {})(d))]),
        ),
        (
            "stream-choices-empty",
            _CHAT,
            "an empty chunk comes first",
            "CHAT-034",
            events(_CHAT, lambda i, f: [Frame({**copy.deepcopy(f.data), "choices": []}), f] if i == 0 else [f]),
        ),
        (
            "stream-tool-index-missing",
            _CHAT,
            "tool calls have no index",
            "CHAT-022",
            payloads(_CHAT, drop(f"{_CALLS}/*/index")),
        ),
        (
            "stream-tool-index-zero",
            _CHAT,
            "every tool call has index 0",
            "CHAT-026",
            payloads(_CHAT, turn(f"{_CALLS}/*/index", lambda _: 0)),
        ),
        (
            "stream-tool-index-one",
            _CHAT,
            "tool calls count from 1",
            "CHAT-023",
            payloads(_CHAT, turn(f"{_CALLS}/*/index", lambda v: v + 1)),
        ),
        ("stream-tool-id-missing", _CHAT, "tool calls have no id", "CHAT-024", payloads(_CHAT, drop(f"{_CALLS}/*/id"))),
        (
            "stream-tool-name-missing",
            _CHAT,
            "tool calls have no name",
            "CHAT-024",
            payloads(_CHAT, drop(f"{_CALLS}/*/function/name")),
        ),
        (
            "stream-tool-type-missing",
            _CHAT,
            "tool calls have no type",
            "CHAT-024",
            payloads(_CHAT, drop(f"{_CALLS}/*/type")),
        ),
        (
            "stream-tool-id-repeated",
            _CHAT,
            "the name of a tool call comes in every fragment",
            "CHAT-025",
            payloads(_CHAT, turn(f"{_CALLS}/*/function", lambda v: {**v, "name": "get_weather"})),
        ),
        (
            "stream-tool-id-changes",
            _CHAT,
            "the id of a tool call changes",
            "CHAT-026",
            _counted(_CHAT, f"{_CALLS}/*/id", lambda i: f"call_{i}"),
        ),
        (
            "stream-tool-id-null",
            _CHAT,
            "later fragments have `id: null`",
            "CHAT-001",
            payloads(_CHAT, turn(f"{_CALLS}/*", lambda v: {"id": None, **v})),
        ),
        (
            "stream-tool-calls-object",
            _CHAT,
            "`tool_calls` is an object",
            "CHAT-001",
            payloads(_CHAT, turn(_CALLS, lambda v: v[0] if v else {})),
        ),
        (
            "stream-tool-arguments-object",
            _CHAT,
            "arguments are an object",
            "CHAT-001",
            payloads(_CHAT, turn(f"{_CALLS}/*/function/arguments", lambda _: {"city": "Paris"})),
        ),
        (
            "stream-tool-unoffered",
            _CHAT,
            "a tool is called that was not offered",
            "CHAT-028",
            payloads(
                _CHAT,
                _where(
                    _says,
                    turn(
                        _DELTA,
                        lambda v: {
                            **v,
                            "tool_calls": [
                                {
                                    "index": 0,
                                    "id": "call_1",
                                    "type": "function",
                                    "function": {"name": "x", "arguments": "{}"},
                                }
                            ],
                        },
                    ),
                ),
            ),
        ),
        (
            "stream-usage-missing",
            _CHAT,
            "the usage chunk does not come",
            "CHAT-030",
            _kept(_CHAT, lambda d: not d.get("usage")),
        ),
        (
            "stream-usage-key-absent",
            _CHAT,
            "other chunks lack `usage: null`",
            "CHAT-031",
            payloads(_CHAT, lambda d: d if d.get("usage") else drop("usage")(d)),
        ),
        ("stream-usage-unasked", _CHAT, "every chunk has a usage", "CHAT-032", payloads(_CHAT, _usage_anyway)),
        (
            "stream-usage-null-unasked",
            _CHAT,
            "`usage: null` unasked",
            "CHAT-033",
            payloads(_CHAT, lambda d: {"usage": None, **d}),
        ),
        (
            "stream-usage-sum",
            _CHAT,
            "the sum of the usage is wrong",
            "CHAT-035",
            payloads(_CHAT, turn("usage", lambda v: v and {**v, "total_tokens": 1})),
        ),
        (
            "stream-usage-choices",
            _CHAT,
            "the usage chunk has no `choices`",
            "CHAT-001",
            payloads(_CHAT, lambda d: drop("choices")(d) if d.get("usage") else d),
        ),
        (
            "stream-logprobs-missing",
            _CHAT,
            "log probabilities are missing",
            "CHAT-040",
            payloads(_CHAT, put("choices/*/logprobs", None)),
        ),
        (
            "stream-logprobs-positive",
            _CHAT,
            "log probabilities are positive",
            "CHAT-044",
            payloads(_CHAT, turn("choices/*/logprobs/content/*/logprob", lambda _: 0.5)),
        ),
        (
            "stream-logprobs-no-refusal",
            _CHAT,
            "logprobs lack `refusal`",
            "CHAT-001",
            payloads(_CHAT, drop("choices/*/logprobs/refusal")),
        ),
        ("stream-not-json", _CHAT, "a chunk is cut", "SSE-006", _raw(_CHAT, lambda b: b[:-12] + b"\n\n", only=1)),
        (
            "stream-single-quotes",
            _CHAT,
            "chunks are Python, not JSON",
            "SSE-006",
            events(_CHAT, lambda _, f: [Frame(repr(f.data))] if isinstance(f.data, dict) else [f]),
        ),
        (
            "stream-nan",
            _CHAT,
            "a chunk holds NaN",
            "SSE-006",
            events(_CHAT, lambda i, f: [Frame(dumps(f.data)[:-1] + ',"x":NaN}')] if i == 1 else [f]),
        ),
        (
            "stream-null-payload",
            _CHAT,
            "an event is null",
            "SSE-006",
            events(_CHAT, lambda i, f: [f, Frame("null")] if i == 0 else [f]),
        ),
        (
            "stream-event-huge",
            _CHAT,
            "an event is nine megabytes long",
            "stream/event-size",
            events(_CHAT, lambda i, f: [f, Frame("x" * 9_000_000)] if i == 0 else [f]),
        ),
        (
            "stream-role-tool",
            _CHAT,
            "the role is tool",
            "CHAT-014",
            payloads(_CHAT, turn(f"{_DELTA}/role", lambda _: "tool")),
        ),
        ("stream-two-in-one", _CHAT, "two chunks in one event", "SSE-006", _joined_data(_CHAT)),
        (
            "stream-bare-lines",
            _CHAT,
            "JSON lines without `data:`",
            "SSE-004",
            _raw(_CHAT, lambda b: b.removeprefix(b"data: ")),
        ),
        (
            "stream-utf-8-broken",
            _CHAT,
            "a character is cut",
            "SSE-002",
            _raw(_CHAT, lambda b: b.replace(b'"content":"', b'"content":"\xe2\x82')),
        ),
        ("stream-no-empty-line", _CHAT, "events end with one line end", "SSE-003", _raw(_CHAT, lambda b: b[:-1])),
        (
            "stream-error-field",
            _CHAT,
            "an error comes in an `error` field",
            "SSE-004",
            _end(_CHAT, b'error: {"message": "overloaded"}\n\n'),
        ),
        ("stream-error-string", _CHAT, "an error in the stream is a string", "CHAT-060", _error_then_silence(_CHAT)),
        (
            "stream-content-number",
            _CHAT,
            "content of a delta is a number",
            "CHAT-001",
            payloads(_CHAT, turn(f"{_DELTA}/content", lambda v: 7 if v else v)),
        ),
        ("stream-stop-in-content", _CHAT, "the stop sequence is streamed", "CHAT-052", streams(_CHAT, _with_stop)),
    ),
    *rows(
        "stream-completions",
        ("stream-text-no-done", _TEXT, "no `[DONE]`", "CMPL-002", _end(_TEXT)),
        (
            "stream-text-id-changes",
            _TEXT,
            "another id in each chunk",
            "CMPL-004",
            _counted(_TEXT, "id", lambda i: f"cmpl-{i}"),
        ),
        (
            "stream-text-created-changes",
            _TEXT,
            "`created` is the time of the chunk",
            "CMPL-005",
            _counted(_TEXT, "created", lambda i: 1700000000 + i),
        ),
        (
            "stream-text-object",
            _TEXT,
            "`object` is text_completion.chunk",
            "CMPL-006",
            payloads(_TEXT, put("object", "text_completion.chunk")),
        ),
        (
            "stream-text-model-changes",
            _TEXT,
            "`model` changes",
            "CMPL-007",
            _counted(_TEXT, "model", lambda i: f"model-{i}"),
        ),
        (
            "stream-text-index-zero",
            _TEXT,
            "`index` is always 0",
            "CMPL-008",
            payloads(_TEXT, put("choices/*/index", 0)),
        ),
        (
            "stream-text-finish-missing",
            _TEXT,
            "`finish_reason` is null to the end",
            "CMPL-009",
            payloads(_TEXT, put("choices/*/finish_reason", None)),
        ),
        (
            "stream-text-finish-twice",
            _TEXT,
            "the finish chunk comes twice",
            "CMPL-010",
            _added(_TEXT, _finishes, lambda d: [d]),
        ),
        (
            "stream-text-after-finish",
            _TEXT,
            "text follows the finish reason",
            "CMPL-011",
            _added(
                _TEXT, _finishes, lambda d: [put("choices/*/finish_reason", None)(put("choices/*/text", " late")(d))]
            ),
        ),
        (
            "stream-text-usage-missing",
            _TEXT,
            "the usage chunk does not come",
            "CMPL-012",
            _kept(_TEXT, lambda d: not d.get("usage")),
        ),
        (
            "stream-text-event-name",
            _TEXT,
            "events have a name",
            "CMPL-003",
            events(_TEXT, lambda _, f: [Frame(f.data, "completion")] if isinstance(f.data, dict) else [f]),
        ),
        (
            "stream-text-as-chat",
            _TEXT,
            "chunks look like those of chat",
            "CMPL-001",
            payloads(
                _TEXT,
                lambda d: {
                    **d,
                    "choices": [
                        {"index": c["index"], "delta": {"content": c["text"]}, "finish_reason": None}
                        for c in d["choices"]
                    ],
                },
            ),
        ),
        ("stream-text-not-json", _TEXT, "a chunk is cut", "SSE-006", _raw(_TEXT, lambda b: b[:-12] + b"\n\n", only=1)),
        (
            "stream-text-empty-choices",
            _TEXT,
            "an empty chunk comes first",
            "CMPL-015",
            events(_TEXT, lambda i, f: [Frame({**copy.deepcopy(f.data), "choices": []}), f] if i == 0 else [f]),
        ),
    ),
    *rows(
        "stream-transcription",
        (
            "stream-heard-no-done",
            _HEARD,
            "no `transcript.text.done`",
            "TRN-002",
            left_out(_HEARD, "transcript.text.done"),
        ),
        (
            "stream-heard-done-twice",
            _HEARD,
            "`transcript.text.done` twice",
            "TRN-002",
            doubled(_HEARD, "transcript.text.done"),
        ),
        (
            "stream-heard-done-first",
            _HEARD,
            "`transcript.text.done` comes first",
            "TRN-003",
            moved(_HEARD, "transcript.text.done"),
        ),
        (
            "stream-heard-text-differs",
            _HEARD,
            "the final text is not the sum of the deltas",
            "TRN-004",
            payloads(_HEARD, put("text", "Something else."), event="transcript.text.done"),
        ),
        (
            "stream-heard-delta-missing",
            _HEARD,
            "a delta has no `delta`",
            "TRN-001",
            payloads(_HEARD, drop("delta"), event="transcript.text.delta"),
        ),
        (
            "stream-heard-type",
            _HEARD,
            "events are of an unknown type",
            "TRN-001",
            payloads(_HEARD, put("type", "transcription.chunk"), event="transcript.text.delta"),
        ),
        (
            "stream-heard-as-chat",
            _HEARD,
            "events look like chunks of chat",
            "TRN-001",
            payloads(
                _HEARD,
                lambda d: {"object": "transcription.chunk", "choices": [{"delta": {"content": d.get("delta", "")}}]},
            ),
        ),
        (
            "stream-heard-not-json",
            _HEARD,
            "an event is cut",
            "SSE-006",
            _raw(_HEARD, lambda b: b[:-8] + b"\n\n", only=0),
        ),
    ),
)  # fmt: skip - a table: one fault a row
