"""Families `stream-responses` and `stream-runs`: events out of order, missing, doubled, at odds."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterator
from typing import Any

from contract.mock.faults.kit import (
    Make,
    doubled,
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
from contract.mock.kernel import Call, Hooks, Part
from contract.mock.streaming import DONE, NAMED_DONE, Frame

_ON, _RUN = "createResponse", "createRun"
_TEXT_DELTA, _TEXT_DONE = "response.output_text.delta", "response.output_text.done"
_ITEM, _ITEM_DONE = "response.output_item.added", "response.output_item.done"
_PART, _PART_DONE = "response.content_part.added", "response.content_part.done"
_ARGUMENTS, _COMPLETED = "response.function_call_arguments.done", "response.completed"
_MESSAGE_DELTA, _MESSAGE_DONE = "thread.message.delta", "thread.message.completed"


def _renamed(on: str, event: str, name: str) -> Make:
    def each(_: int, frame: Frame) -> list[Part]:
        if name_of(frame) != event:
            return [frame]
        data = {**frame.data, "type": name} if isinstance(frame.data, dict) and "type" in frame.data else frame.data
        return [Frame(data, name)]

    return events(on, each)


def _everywhere(on: str, member: str, change: Callable[[Any], Any]) -> Make:
    """A member of every event that has it."""
    return payloads(on, turn(member, change))


def _ended(on: str, *more: Part) -> Make:
    """More parts after the last one."""
    return streams(on, lambda _, parts: itertools.chain(parts, more))


def _until(on: str, event: str) -> Make:
    """Nothing from that event on."""

    def walk(_: Call, parts: Iterator[Part]) -> Iterator[Part]:
        return itertools.takewhile(lambda part: not isinstance(part, Frame) or name_of(part) != event, parts)

    return streams(on, walk)


def _counted(on: str, path: str, value: Callable[[int], Any], *, event: str = "") -> Make:
    def make() -> Hooks:
        count = itertools.count()
        return payloads(on, turn(path, lambda _: value(next(count)), absent=True), event=event)()

    return make


def _lost_delta(on: str, event: str) -> Make:
    """The first delta of each stream is lost."""

    def walk(_: Call, parts: Iterator[Part]) -> Iterator[Part]:
        lost = False
        for part in parts:
            if not lost and isinstance(part, Frame) and name_of(part) == event:
                lost = True
                continue
            yield part

    return streams(on, walk)


def _ids(path: str) -> Callable[[Any], Any]:
    return turn(path, lambda value: f"{value}_x")


def _extra_status(status: str, **more: Any) -> Callable[[Any], Any]:
    return lambda data: {**data, "response": {**copy.deepcopy(data["response"]), "status": status, **more}}


def _unnamed(on: str) -> Make:
    return events(on, lambda _, frame: [Frame(frame.data)])


def _misnamed(_: int, frame: Frame) -> list[Part]:
    return [Frame(frame.data, "message")]


FAULTS = (
    *rows(
        "stream-responses",
        ("stream-response-no-created", _ON, "no `response.created`", "RESP-004", left_out(_ON, "response.created")),
        (
            "stream-response-created-twice",
            _ON,
            "`response.created` twice",
            "RESP-004",
            doubled(_ON, "response.created"),
        ),
        (
            "stream-response-created-late",
            _ON,
            "`response.created` comes after `in_progress`",
            "RESP-004",
            swapped(_ON, "response.created", "response.in_progress"),
        ),
        (
            "stream-response-no-in-progress",
            _ON,
            "no `response.in_progress`",
            "RESP-005",
            left_out(_ON, "response.in_progress"),
        ),
        ("stream-response-no-end", _ON, "no terminal event", "RESP-006", left_out(_ON, _COMPLETED)),
        ("stream-response-two-ends", _ON, "two terminal events", "RESP-006", doubled(_ON, _COMPLETED)),
        (
            "stream-response-done-name",
            _ON,
            "`response.done` ends the stream",
            "RESP-001",
            _renamed(_ON, _COMPLETED, "response.done"),
        ),
        ("stream-response-cut", _ON, "the stream ends before the item does", "RESP-006", _until(_ON, _ITEM_DONE)),
        (
            "stream-response-status",
            _ON,
            "`response.completed` carries another status",
            "RESP-007",
            payloads(_ON, _extra_status("in_progress"), event=_COMPLETED),
        ),
        (
            "stream-response-status-stop",
            _ON,
            "the final status is stop",
            "RESP-001",
            payloads(_ON, _extra_status("stop"), event=_COMPLETED),
        ),
        (
            "stream-response-id-changes",
            _ON,
            "the response's id changes",
            "RESP-008",
            payloads(_ON, _ids("response/id"), event=_COMPLETED),
        ),
        (
            "stream-response-created-at",
            _ON,
            "`created_at` changes",
            "RESP-008",
            payloads(_ON, turn("response/created_at", lambda v: v + 7), event=_COMPLETED),
        ),
        (
            "stream-response-model",
            _ON,
            "`model` changes",
            "RESP-016",
            payloads(_ON, put("response/model", "other"), event=_COMPLETED),
        ),
        ("stream-response-sentinel", _ON, "`[DONE]` at the end", "RESP-009", _ended(_ON, DONE)),
        ("stream-response-no-names", _ON, "no `event` fields", "RESP-002", _unnamed(_ON)),
        ("stream-response-wrong-names", _ON, "`event` is always message", "RESP-003", events(_ON, _misnamed)),
        ("stream-response-no-item", _ON, "items are not announced", "RESP-020", left_out(_ON, _ITEM)),
        ("stream-response-item-not-done", _ON, "items are not closed", "RESP-022", left_out(_ON, _ITEM_DONE)),
        ("stream-response-item-done-twice", _ON, "items are closed twice", "RESP-022", doubled(_ON, _ITEM_DONE)),
        (
            "stream-response-item-late",
            _ON,
            "an item is announced after its part",
            "RESP-020",
            swapped(_ON, _ITEM, _PART),
        ),
        (
            "stream-response-item-id",
            _ON,
            "the id of an item changes",
            "RESP-023",
            payloads(_ON, _ids("item/id"), event=_ITEM_DONE),
        ),
        (
            "stream-response-item-status",
            _ON,
            "a done item is in progress",
            "RESP-025",
            payloads(_ON, put("item/status", "in_progress"), event=_ITEM_DONE),
        ),
        (
            "stream-response-item-index",
            _ON,
            "items count from 1",
            "RESP-021",
            _everywhere(_ON, "output_index", lambda v: v + 1),
        ),
        (
            "stream-response-index-zero",
            _ON,
            "`output_index` is always 0",
            "RESP-021",
            _everywhere(_ON, "output_index", lambda _: 0),
        ),
        (
            "stream-response-index-missing",
            _ON,
            "`output_index` is missing",
            "RESP-001",
            payloads(_ON, drop("output_index")),
        ),
        (
            "stream-response-delta-id",
            _ON,
            "deltas name another item",
            "RESP-024",
            payloads(_ON, _ids("item_id"), event=_TEXT_DELTA),
        ),
        (
            "stream-response-id-empty",
            _ON,
            "`item_id` is empty",
            "RESP-024",
            payloads(_ON, put("item_id", ""), event=_TEXT_DELTA),
        ),
        ("stream-response-no-part", _ON, "parts are not announced", "RESP-030", left_out(_ON, _PART)),
        ("stream-response-part-not-done", _ON, "parts are not closed", "RESP-032", left_out(_ON, _PART_DONE)),
        (
            "stream-response-part-index",
            _ON,
            "`content_index` counts from 1",
            "RESP-031",
            _everywhere(_ON, "content_index", lambda v: v + 1),
        ),
        (
            "stream-response-part-grows",
            _ON,
            "`content_index` grows with each delta",
            "RESP-030",
            _counted(_ON, "content_index", lambda i: i, event=_TEXT_DELTA),
        ),
        (
            "stream-response-part-differs",
            _ON,
            "the closed part is another text",
            "RESP-035",
            payloads(_ON, put("part/text", "x"), event=_PART_DONE),
        ),
        (
            "stream-response-part-filled",
            _ON,
            "the announced part is not empty",
            "RESP-040",
            payloads(_ON, put("part/text", "x"), event=_PART),
        ),
        ("stream-response-no-text-done", _ON, "texts are not closed", "RESP-033", left_out(_ON, _TEXT_DONE)),
        (
            "stream-response-text-empty",
            _ON,
            "the closed text is empty",
            "RESP-034",
            payloads(_ON, put("text", ""), event=_TEXT_DONE),
        ),
        ("stream-response-delta-lost", _ON, "a delta is lost", "RESP-034", _lost_delta(_ON, _TEXT_DELTA)),
        ("stream-response-delta-doubled", _ON, "deltas come twice", "RESP-034", doubled(_ON, _TEXT_DELTA)),
        ("stream-response-delta-late", _ON, "deltas come last", "RESP-006", moved(_ON, _TEXT_DELTA, last=True)),
        (
            "stream-response-delta-null",
            _ON,
            "a delta is null",
            "RESP-001",
            payloads(_ON, put("delta", None), event=_TEXT_DELTA),
        ),
        (
            "stream-response-item-text",
            _ON,
            "the closed item has another text",
            "RESP-036",
            payloads(_ON, put("item/content/*/text", "x"), event=_ITEM_DONE),
        ),
        (
            "stream-response-output-empty",
            _ON,
            "the final output is empty",
            "RESP-027",
            payloads(_ON, put("response/output", []), event=_COMPLETED),
        ),
        (
            "stream-response-output-order",
            _ON,
            "the final output is in another order",
            "RESP-027",
            payloads(_ON, turn("response/output", lambda v: v[::-1]), event=_COMPLETED),
        ),
        (
            "stream-response-output-text",
            _ON,
            "the final output has another text",
            "RESP-027",
            payloads(_ON, put("response/output/*/content/*/text", "x"), event=_COMPLETED),
        ),
        (
            "stream-response-arguments",
            _ON,
            "final arguments are not the sum of the deltas",
            "RESP-051",
            payloads(_ON, put("arguments", "{}"), event=_ARGUMENTS),
        ),
        ("stream-response-no-arguments-done", _ON, "arguments are not closed", "RESP-053", left_out(_ON, _ARGUMENTS)),
        (
            "stream-response-call-id",
            _ON,
            "`call_id` changes",
            "RESP-055",
            payloads(_ON, turn("item/call_id", lambda v: f"{v}x"), event=_ITEM_DONE),
        ),
        (
            "stream-response-usage-missing",
            _ON,
            "a completed response has no usage",
            "RESP-013",
            payloads(_ON, drop("response/usage"), event=_COMPLETED),
        ),
        (
            "stream-response-usage-sum",
            _ON,
            "the sum of the usage is wrong",
            "RESP-014",
            payloads(_ON, turn("response/usage/total_tokens", lambda v: v + 1), event=_COMPLETED),
        ),
        (
            "stream-response-usage-details",
            _ON,
            "details of the usage are missing",
            "RESP-001",
            payloads(_ON, drop("response/usage/output_tokens_details"), event=_COMPLETED),
        ),
        (
            "stream-response-sequence",
            _ON,
            "`sequence_number` is constant",
            "RESP-075",
            payloads(_ON, put("sequence_number", 0)),
        ),
        (
            "stream-response-error-set",
            _ON,
            "a completed response has an error",
            "RESP-011",
            payloads(_ON, put("response/error", {"code": "server_error", "message": "x"}), event=_COMPLETED),
        ),
        (
            "stream-response-unknown",
            _ON,
            "an event of an unknown type",
            "RESP-001",
            _renamed(_ON, "response.in_progress", "response.thinking"),
        ),
        (
            "stream-response-not-json",
            _ON,
            "an event is cut",
            "SSE-006",
            events(_ON, lambda i, f: [f.encode()[:-10] + b"\n\n"] if i == 2 else [f]),
        ),
        (
            "stream-response-incomplete-reason",
            _ON,
            "`response.incomplete` has no reason",
            "RESP-012",
            payloads(_ON, put("response/incomplete_details", None), event="response.incomplete"),
        ),
    ),
    *rows(
        "stream-runs",
        ("stream-run-no-done", _RUN, "no `done`", "RUN-002", events(_RUN, lambda _, f: [] if f == NAMED_DONE else [f])),
        ("stream-run-done-twice", _RUN, "`done` twice", "SSE-008", _ended(_RUN, NAMED_DONE)),
        (
            "stream-run-done-unnamed",
            _RUN,
            "`[DONE]` without its event name",
            "RUN-002",
            events(_RUN, lambda _, f: [DONE] if f == NAMED_DONE else [f]),
        ),
        (
            "stream-run-no-names",
            _RUN,
            "no `event` fields",
            "RUN-001",
            events(_RUN, lambda _, f: [Frame(f.data)] if f != NAMED_DONE else [f]),
        ),
        ("stream-run-no-created", _RUN, "no `thread.run.created`", "RUN-005", left_out(_RUN, "thread.run.created")),
        ("stream-run-no-queued", _RUN, "no `thread.run.queued`", "RUN-010", left_out(_RUN, "thread.run.queued")),
        ("stream-run-no-end", _RUN, "no terminal event", "RUN-009", left_out(_RUN, "thread.run.completed")),
        ("stream-run-two-ends", _RUN, "two terminal events", "RUN-008", doubled(_RUN, "thread.run.completed")),
        (
            "stream-run-status",
            _RUN,
            "the status is not that of the event",
            "RUN-007",
            payloads(_RUN, put("status", "queued"), event="thread.run.completed"),
        ),
        (
            "stream-run-id-changes",
            _RUN,
            "the run's id changes",
            "RUN-012",
            payloads(_RUN, _ids("id"), event="thread.run.completed"),
        ),
        (
            "stream-run-created-at",
            _RUN,
            "`created_at` changes",
            "RUN-013",
            payloads(_RUN, turn("created_at", lambda v: v + 9), event="thread.run.completed"),
        ),
        (
            "stream-run-usage-early",
            _RUN,
            "a queued run has a usage",
            "RUN-018",
            payloads(
                _RUN,
                put("usage", {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}),
                event="thread.run.queued",
            ),
        ),
        (
            "stream-run-usage-sum",
            _RUN,
            "the sum of the usage is wrong",
            "RUN-019",
            payloads(_RUN, turn("usage/total_tokens", lambda v: v + 1), event="thread.run.completed"),
        ),
        (
            "stream-run-usage-missing",
            _RUN,
            "a completed run has no usage",
            "RUN-020",
            payloads(_RUN, put("usage", None), event="thread.run.completed"),
        ),
        ("stream-run-no-step", _RUN, "steps are not announced", "RUN-030", left_out(_RUN, "thread.run.step.created")),
        ("stream-run-step-not-done", _RUN, "steps do not end", "RUN-034", left_out(_RUN, "thread.run.step.completed")),
        (
            "stream-run-step-status",
            _RUN,
            "the status of a step is not that of the event",
            "RUN-032",
            payloads(_RUN, put("status", "in_progress"), event="thread.run.step.completed"),
        ),
        (
            "stream-run-step-run",
            _RUN,
            "a step names another run",
            "RUN-036",
            payloads(_RUN, _ids("run_id"), event="thread.run.step.completed"),
        ),
        (
            "stream-run-no-message",
            _RUN,
            "messages are not announced",
            "RUN-050",
            left_out(_RUN, "thread.message.created"),
        ),
        ("stream-run-message-not-done", _RUN, "messages do not end", "RUN-034", left_out(_RUN, _MESSAGE_DONE)),
        (
            "stream-run-message-text",
            _RUN,
            "the final text is not the sum of the deltas",
            "RUN-052",
            payloads(_RUN, put("content/*/text/value", "x"), event=_MESSAGE_DONE),
        ),
        ("stream-run-delta-lost", _RUN, "a delta is lost", "RUN-052", _lost_delta(_RUN, _MESSAGE_DELTA)),
        (
            "stream-run-delta-id",
            _RUN,
            "deltas name another message",
            "RUN-059",
            payloads(_RUN, _ids("id"), event=_MESSAGE_DELTA),
        ),
        (
            "stream-run-delta-index",
            _RUN,
            "content counts from 1",
            "RUN-053",
            payloads(_RUN, turn("delta/content/*/index", lambda v: v + 1), event=_MESSAGE_DELTA),
        ),
        (
            "stream-run-message-filled",
            _RUN,
            "a created message has content",
            "RUN-054",
            payloads(
                _RUN,
                put("content", [{"type": "text", "text": {"value": "x", "annotations": []}}]),
                event="thread.message.created",
            ),
        ),
        (
            "stream-run-message-thread",
            _RUN,
            "a message names another thread",
            "RUN-056",
            payloads(_RUN, _ids("thread_id"), event=_MESSAGE_DONE),
        ),
        (
            "stream-run-delta-type",
            _RUN,
            "deltas have another `object`",
            "RUN-001",
            payloads(_RUN, put("object", "message.delta"), event=_MESSAGE_DELTA),
        ),
        (
            "stream-run-action-missing",
            _RUN,
            "a waiting run names no calls",
            "RUN-014",
            payloads(_RUN, put("required_action", None), event="thread.run.requires_action"),
        ),
        (
            "stream-run-not-json",
            _RUN,
            "an event is cut",
            "SSE-006",
            events(_RUN, lambda i, f: [f.encode()[:-10] + b"\n\n"] if i == 1 else [f]),
        ),
        (
            "stream-run-unknown",
            _RUN,
            "an event of an unknown name",
            "RUN-010",
            _renamed(_RUN, "thread.run.queued", "thread.run.waiting"),
        ),
        (
            "stream-submit-no-done",
            "submitToolOuputsToRun",
            "no `done` after tool outputs",
            "RUN-002",
            events("submitToolOuputsToRun", lambda _, f: [] if f == NAMED_DONE else [f]),
        ),
        (
            "stream-thread-no-thread",
            "createThreadAndRun",
            "no `thread.created`",
            "RUN-004",
            left_out("createThreadAndRun", "thread.created"),
        ),
    ),
)  # fmt: skip - a table: one fault a row
