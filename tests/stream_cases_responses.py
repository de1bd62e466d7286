"""For each MUST and SHOULD of response streams: an edit of a right stream that breaks it."""

from __future__ import annotations

from typing import Any

import stream_cases_responses_members
import stream_cases_responses_states
from stream_builders_responses import (
    CITATION,
    REQUEST,
    USAGE,
    WITH_TOOLS,
    Events,
    add,
    also,
    asked,
    call,
    call_events,
    calling,
    case,
    citing,
    coding,
    drop,
    encoded,
    find,
    item,
    message,
    move,
    of,
    on,
    opened,
    plain,
    put,
    put_item,
    put_part,
    reasoning,
    refusal_part,
    refusing,
    searching,
    speaking,
    text,
    text_part,
    twice,
    two_parts,
)
from stream_case import StreamCase
from stream_cases_responses_states import ERROR

PLAIN, TWO, REFUSING = plain(), two_parts(), refusing()
CALL, CALLS = calling(), calling(2)
WRONG_SUM = {**USAGE, "total_tokens": 1}
DELTA = on("output_text.delta", content_index=0, delta="x")
FILE, WEB = searching("file_search_call"), searching()
OUTSIDE = {**CITATION, "end_index": 99}
TEXT_FORMAT = {"type": "json_object"}
SCHEMA_FORMAT = {"type": "json_schema", "name": "n", "schema": {"type": "object", "required": ["a"]}, "strict": True}


def final_output(*items: dict[str, Any]) -> Any:
    """Let the completed response hold these items."""
    return put("completed", output=list(items))


def nameless(events: Events) -> None:
    """Take the event field from the first event."""
    events[0]["_name"] = None


def misnamed(events: Events) -> None:
    """Name the first event like another type."""
    events[0]["_name"] = "response.in_progress"


def numbered(*numbers: int) -> Any:
    """Number the events."""

    def edit(events: Events) -> None:
        for event, number in zip(events, numbers, strict=False):
            event["sequence_number"] = number

    return edit


def broken_error(events: Events) -> None:
    """End by an error of the wrong shape."""
    events[-1] = {"type": "error", "error": {"message": "x"}}


def shared_index(events: Events) -> None:
    """Let the second item use the index of the first."""
    for event in events[6:-1]:
        event["output_index"] = 0


def fewer_deltas(events: Events) -> None:
    """Lose the second delta."""
    events.remove(find(events, "output_text.delta", 1))


ERRING: Events = [*opened(), ERROR]
ADDED = on("output_item.added", 0, None, item=message("in_progress"))
LATE = on("output_text.delta", content_index=0, delta="x")
NOT_JSON = plain("{", "x")

CASES: list[StreamCase] = [
    case("RESP-001", PLAIN, put("output_text.delta", delta=1), "delta is no string"),
    case("RESP-001", PLAIN, lambda events: find(events, "completed")["response"].pop("id") and None, "no id"),
    case("RESP-001", PLAIN, put("completed", object="chat.completion"), "another object"),
    case("RESP-001", PLAIN, add({"type": "response.thinking"}, "completed"), "an unknown type"),
    case("RESP-002", PLAIN, nameless),
    case("RESP-003", PLAIN, misnamed),
    case("RESP-004", PLAIN, drop("created"), "none"),
    case("RESP-004", PLAIN, twice("created"), "two"),
    case("RESP-004", PLAIN, add(DELTA, "created"), "late"),
    case("RESP-005", PLAIN, drop("in_progress")),
    case("RESP-006", PLAIN, drop("completed"), "no end"),
    case("RESP-006", PLAIN, twice("completed"), "two ends"),
    case("RESP-006", ERRING, lambda events: events.append(of("failed")), "after an error"),
    case("RESP-007", PLAIN, put("created", status="completed")),
    case("RESP-007", PLAIN, put("completed", status="incomplete"), "completed but incomplete"),
    case("RESP-008", PLAIN, put("completed", id="resp_2"), "id"),
    case("RESP-008", PLAIN, put("in_progress", created_at=2), "created_at"),
    case("RESP-010", PLAIN, put("in_progress", output=[message("completed", text("x"))])),
    case("RESP-011", PLAIN, put("completed", error={"code": "server_error", "message": "x"}), "one too many"),
    case("RESP-011", [*opened(), of("failed")], put("failed", error=None), "none where it is due"),
    case("RESP-012", [*opened(), of("incomplete")], put("incomplete", incomplete_details=None)),
    case("RESP-012", PLAIN, put("completed", incomplete_details={"reason": "content_filter"}), "completed"),
    case("RESP-013", PLAIN, lambda events: find(events, "completed")["response"].pop("usage") and None, "none"),
    case("RESP-013", PLAIN, put("in_progress", usage=USAGE), "early"),
    case("RESP-014", PLAIN, put("completed", usage=WRONG_SUM)),
    asked("RESP-015", PLAIN, {**REQUEST, "max_output_tokens": 10}, {**REQUEST, "max_output_tokens": 11}),
    case("RESP-016", PLAIN, put("completed", model="other")),
    case("RESP-020", PLAIN, drop("output_item.added")),
    case("RESP-021", CALLS, shared_index, "one index for all", WITH_TOOLS),
    case("RESP-021", PLAIN, put("output_item.added", output_index=1), "from 1"),
    case("RESP-022", PLAIN, drop("output_item.done"), "none"),
    case("RESP-022", PLAIN, twice("output_item.done"), "two"),
    case("RESP-023", PLAIN, put_item("output_item.done", id="msg_2"), "the id of the done item"),
    case("RESP-023", PLAIN, final_output(message("completed", text("Hello"), identifier="x")), "the final id"),
    case("RESP-024", PLAIN, put("output_text.delta", item_id="msg_2")),
    case("RESP-025", PLAIN, put_item("output_item.added", status="completed"), "added"),
    case("RESP-025", CALL, put_item("output_item.done", status="in_progress"), "done", WITH_TOOLS),
    case("RESP-026", PLAIN, add(LATE, "completed")),
    case("RESP-027", PLAIN, final_output(), "empty"),
    case("RESP-027", CALLS, final_output(call("completed", number=2), call("completed")), "order", WITH_TOOLS),
    case("RESP-027", PLAIN, final_output(message("completed", text("Hullo"))), "other text"),
    case("RESP-030", PLAIN, drop("content_part.added")),
    case(
        "RESP-031", PLAIN, also(*(put(kind, content_index=1) for kind in ("content_part.added", "output_text.delta")))
    ),
    case("RESP-034", PLAIN, put("output_text.done", text=""), "empty"),
    case("RESP-034", PLAIN, fewer_deltas, "a delta is lost"),
    case("RESP-035", PLAIN, put_part("content_part.done", text="Hullo"), "text"),
    case("RESP-035", citing(), put_part("content_part.done", annotations=[]), "annotations"),
    case("RESP-035", REFUSING, put_part("content_part.done", refusal="x"), "refusal"),
    case("RESP-036", PLAIN, put_item("output_item.done", content=[]), "empty"),
    case("RESP-036", TWO, put_item("output_item.done", content=[text("c"), text("ab")]), "order"),
    case(
        "RESP-037", PLAIN, add(on("refusal.delta", content_index=0, delta="x"), "output_text.done"), "a refusal event"
    ),
    case("RESP-038", REFUSING, put("refusal.done", refusal="x"), "other text"),
    case("RESP-039", TWO, add(DELTA, "output_item.done"), "after content_part.done"),
    case("RESP-041", citing(), put("output_text.annotation.added", 1, annotation_index=2)),
    case("RESP-042", citing(CITATION), lambda _: citing(OUTSIDE)),
    case("RESP-051", CALL, put("function_call_arguments.delta", 1, delta="}"), "", WITH_TOOLS),
    case("RESP-052", CALL, put_item("output_item.done", arguments="{}"), "", WITH_TOOLS),
    case("RESP-053", CALL, drop("function_call_arguments.done"), "none", WITH_TOOLS),
    case("RESP-053", CALL, twice("function_call_arguments.done"), "two", WITH_TOOLS),
    case("RESP-053", CALL, move("function_call_arguments.done", "function_call_arguments.delta"), "early", WITH_TOOLS),
    case("RESP-054", CALL, put_item("output_item.added", arguments="{}"), "", WITH_TOOLS),
    case("RESP-055", CALL, put_item("output_item.done", call_id="call_9"), "call_id", WITH_TOOLS),
    case("RESP-055", CALL, put_item("output_item.added", name="time"), "name", WITH_TOOLS),
    asked("RESP-056", CALL, REQUEST, WITH_TOOLS, "no tools"),
    asked("RESP-056", CALL, {**WITH_TOOLS, "tool_choice": "none"}, WITH_TOOLS, "none"),
    asked("RESP-057", CALLS, {**WITH_TOOLS, "parallel_tool_calls": False}, WITH_TOOLS),
    case("RESP-060", FILE, move("file_search_call.completed", "file_search_call.searching"), "order"),
    case("RESP-061", PLAIN, add(on("web_search_call.completed"), "content_part.added"), "on a message"),
    case("RESP-062", WEB, drop("web_search_call.in_progress")),
    case("RESP-063", coding(), put("code_interpreter_call.code.done", code="x"), "other code"),
    case("RESP-063", coding(), move("code_interpreter_call.completed", "code_interpreter_call.interpreting"), "order"),
    case("RESP-064", coding(), put("code_interpreter_call.code.delta", response_id="resp_2"), "code"),
    case("RESP-064", speaking(), put("audio.done", response_id="resp_2"), "audio"),
    case("RESP-065", speaking(), put("audio.delta", delta="***"), "no base64"),
    case("RESP-065", speaking(), move("audio.transcript.done", "audio.transcript.delta"), "early"),
    case("RESP-070", ERRING, broken_error),
    asked("RESP-071", NOT_JSON, {**REQUEST, "text": {"format": TEXT_FORMAT}}, note="no JSON"),
    asked("RESP-071", plain("{}"), {**REQUEST, "text": {"format": SCHEMA_FORMAT}}, note="no match"),
    case("RESP-075", PLAIN, numbered(0, 1, 1, 2)),
]


def ended_by_done() -> StreamCase:
    """RESP-009: the twin has no sentinel."""
    whole = case("RESP-009", PLAIN, lambda events: events)
    return StreamCase("RESP-009", "createResponse", whole.twin + b"data: [DONE]\n\n", whole.twin, REQUEST)


CASES += [*stream_cases_responses_states.CASES, *stream_cases_responses_members.CASES]
CASES.append(ended_by_done())
CASES.append(StreamCase("RESP-004", "createResponse", b"", encoded(PLAIN), REQUEST, note="an empty stream"))

_TWO_MESSAGES = [message("completed", text("a")), message("completed", text("b"), identifier="msg_2")]
_FIRST = item(text_part("a"), message("in_progress"), _TWO_MESSAGES[0])
_SECOND = item(
    text_part("b", at=1, identifier="msg_2"), message("in_progress", identifier="msg_2"), _TWO_MESSAGES[1], 1
)
#: Streams that use a freedom of the contract or stand near a limit: no finding may come of them.
FREE: dict[str, tuple[Events, dict[str, Any]]] = {
    "items interleave (RESP-072)": (
        [
            *opened(),
            *(each for pair in zip(_FIRST, _SECOND, strict=True) for each in pair),
            of("completed", _TWO_MESSAGES),
        ],
        REQUEST,
    ),
    "arguments without deltas (RESP-073)": (
        [*opened(), *call_events(), of("completed", [call("completed")])],
        WITH_TOOLS,
    ),
    "more members (RESP-074)": ([{**each, "obfuscation": "x"} for each in PLAIN], REQUEST),
    "code without an item (RESP-066)": (coding(), REQUEST),
    "audio": (speaking(), REQUEST),
    "refusal in JSON mode": (REFUSING, {**REQUEST, "text": {"format": TEXT_FORMAT}}),
    "sequence numbers": ([{**each, "sequence_number": at} for at, each in enumerate(PLAIN)], REQUEST),
    "failed at once": ([*opened(), of("failed")], REQUEST),
    "an error first of all": ([ERROR], REQUEST),
    "incomplete with an open item": ([*opened(), ADDED, of("incomplete")], REQUEST),
    "code before a message": (
        [
            *coding()[:-1],
            *item(text_part("a", at=1), message("in_progress"), _TWO_MESSAGES[0], 1),
            of("completed", [_TWO_MESSAGES[0]]),
        ],
        REQUEST,
    ),
    "reasoning": (reasoning(), REQUEST),
    "refusal in two pieces": (
        [
            *opened(),
            *item(
                refusal_part("a", "b"),
                message("in_progress"),
                message("completed", {"type": "refusal", "refusal": "ab"}),
            ),
            of("completed", [message("completed", {"type": "refusal", "refusal": "ab"})]),
        ],
        REQUEST,
    ),
}
