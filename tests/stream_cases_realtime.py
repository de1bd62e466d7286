"""For each MUST and SHOULD of Realtime sessions: an edit of a right session that breaks it."""

from __future__ import annotations

from typing import Any

from stream_builders_realtime import (
    ERROR,
    Frames,
    begun,
    calling,
    case,
    created,
    dictating,
    done,
    drop,
    find,
    greeting,
    item,
    listening,
    move,
    plain,
    put,
    speaking,
    transcribed,
    twice,
    two_calls,
    user,
    without,
)
from stream_case import Edit, StreamCase, edited

PLAIN, SPEAKING, CALLING, LISTENING = plain(), speaking(), calling(), listening()
TWO_CALLS, DICTATING = two_calls(), dictating()
#: A text part without a single delta.
SILENT = without("response.text.delta")(edited(PLAIN, put("response.text.done", text="")))
#: An item after one that only a response has announced.
AFTER = [*edited(PLAIN, drop("conversation.item.created", 1)), created(item("item_2", role="user"), "item_1")]


def repeated_id(frames: Frames) -> None:
    """Give two frames one event_id."""
    frames[2]["event_id"] = frames[3]["event_id"] = "event_x"


def second(kind: str, **members: Any) -> Edit:
    """Set members of the second frame of a type."""
    return put(kind, 1, **members)


def content(*parts: Any) -> Edit:
    """Let the closed item hold these parts."""
    return lambda frames: find(frames, "response.output_item.done")["item"].update(content=list(parts))


def raw_audio(frames: Frames) -> None:
    """Put audio data into the final output."""
    output = find(frames, "response.done")["response"]["output"]
    output[0]["content"] = [{"type": "text", "audio": "UklGRg=="}]


CASES: list[StreamCase] = [
    case("RT-001", PLAIN, lambda frames: frames.append({"type": "conversation.item.added"}) or frames, "unknown type"),
    case("RT-001", PLAIN, put("response.text.delta", delta=None), "delta is null"),
    case("RT-001", PLAIN, put("rate_limits.updated", type=5), "type is a number"),
    case("RT-001", PLAIN, put("rate_limits.updated", type=[]), "type is an array"),
    case("RT-001", PLAIN, content({"type": "video"}), "a part of an unknown type"),
    case("RT-001", PLAIN, content({"type": "audio", "text": 1}), "audio with a text that is none"),
    case("RT-001", PLAIN, put("response.content_part.done", part={"type": "video"}), "a part of a response"),
    case("RT-001", PLAIN, put("conversation.item.created", previous_item_id=1), "previous_item_id is a number"),
    case("RT-002", PLAIN, drop("session.created"), "none"),
    case("RT-002", PLAIN, lambda frames: frames.append(frames[0]) or frames, "two"),
    case("RT-002", PLAIN, twice("session.created"), "two, before the conversation"),
    case("RT-002", [ERROR], lambda frames: frames.clear(), "nothing came at all"),
    case("RT-002", [ERROR, ERROR], lambda frames: frames.pop() and [*user(), *frames], "an item before the error"),
    case("RT-003", PLAIN, drop("conversation.created"), "none"),
    case("RT-003", [ERROR, *greeting()], drop("conversation.created"), "none after an error"),
    case("RT-003", greeting(), drop("conversation.created"), "nothing more"),
    case("RT-003", PLAIN, move("conversation.created", "response.created"), "late"),
    case("RT-004", PLAIN, repeated_id),
    case("RT-005", PLAIN, drop("response.created"), "never created"),
    case("RT-005", PLAIN, move("response.done", "response.output_item.done"), "already done"),
    case("RT-005", PLAIN, twice("response.created"), "created twice"),
    case(
        "RT-005",
        PLAIN,
        lambda frames: [*frames, *begun(), find(frames, "response.done")],
        "created again once it is done",
    ),
    case("RT-005", PLAIN, put("response.text.delta", response_id="resp_9"), "another response"),
    case("RT-006", PLAIN, drop("response.done"), "none"),
    case("RT-006", PLAIN, twice("response.done"), "two"),
    case("RT-007", PLAIN, drop("response.output_item.added"), "no item"),
    case("RT-007", PLAIN, drop("response.content_part.added"), "no part"),
    case("RT-007", PLAIN, put("response.text.delta", item_id="item_9"), "other id"),
    case("RT-007", PLAIN, put("response.text.delta", output_index=1), "other output_index"),
    case("RT-007", PLAIN, put("response.text.delta", content_index=1), "other content_index"),
    case("RT-007", PLAIN, put("response.output_item.done", output_index=1), "another one is done"),
    case("RT-007", PLAIN, put("response.output_item.done", item=item("item_9")), "other id when it is done"),
    case("RT-007", PLAIN, twice("response.output_item.added"), "an output_index twice"),
    case("RT-007", PLAIN, twice("response.output_item.done"), "done twice"),
    case("RT-007", PLAIN, move("response.text.delta", "response.done"), "after the item was done"),
    case("RT-007", CALLING, put("response.output_item.added", item=item()), "arguments of a message"),
    case("RT-007", CALLING, put("response.function_call_arguments.done", call_id="call_9"), "other call_id"),
    case("RT-008", PLAIN, drop("response.output_item.done"), "open item"),
    case("RT-008", PLAIN, drop("response.content_part.done"), "open part"),
    case("RT-008", PLAIN, drop("response.text.done"), "no text.done"),
    case("RT-008", SILENT, drop("response.text.done"), "neither deltas nor text.done"),
    case("RT-008", TWO_CALLS, drop("response.output_item.done", 1), "the second of two items is open"),
    case("RT-008", SPEAKING, drop("response.audio.done"), "no audio.done"),
    case("RT-008", CALLING, drop("response.function_call_arguments.done"), "no arguments.done"),
    case("RT-008", PLAIN, twice("response.text.done"), "text.done twice"),
    case("RT-009", PLAIN, put("response.text.done", text="x"), "text"),
    case("RT-009", PLAIN, move("response.text.done", "response.text.delta"), "deltas after the text"),
    case("RT-009", SPEAKING, put("response.audio_transcript.done", transcript="x"), "transcript"),
    case("RT-009", CALLING, put("response.function_call_arguments.done", arguments="{}"), "arguments"),
    case("RT-009", TWO_CALLS, second("response.function_call_arguments.delta", delta="{}"), "of the second call"),
    case("RT-010", PLAIN, put("response.done", output=[]), "empty"),
    case("RT-010", PLAIN, put("response.done", output=[item("item_9")]), "another item"),
    case("RT-010", PLAIN, put("response.done", output=[item(), item("item_9")]), "one item too many"),
    case("RT-010", TWO_CALLS, lambda frames: frames[-1]["response"]["output"].reverse(), "out of order"),
    case("RT-010", SPEAKING, raw_audio, "raw audio"),
    case("RT-011", PLAIN, lambda frames: find(frames, "response.done")["response"].pop("status") and None, "none"),
    case("RT-011", PLAIN, put("response.done", status_details={"type": "failed"}), "other details"),
    case("RT-012", LISTENING, drop("conversation.item.created")),
    case("RT-013", LISTENING, put("input_audio_buffer.speech_stopped", item_id="item_9"), "other item"),
    case("RT-013", LISTENING, drop("input_audio_buffer.speech_started"), "no start"),
    case("RT-013", LISTENING, twice("input_audio_buffer.speech_stopped"), "two stops"),
    case("RT-014", PLAIN, move("rate_limits.updated", "response.text.done")),
    case("RT-015", PLAIN, put("response.done", usage={"total_tokens": 9, "input_tokens": 1, "output_tokens": 2})),
    case(
        "RT-016",
        LISTENING,
        put("conversation.item.input_audio_transcription.completed", transcript="x"),
    ),
    *(
        case(
            "RT-016", DICTATING, put("conversation.item.input_audio_transcription.delta", at, delta="x"), f"delta {at}"
        )
        for at in range(5)
    ),
    case("RT-018", PLAIN, put("conversation.item.created", 1, previous_item_id="item_9")),
    case("RT-018", PLAIN, put("conversation.item.created", 1, previous_item_id="item_1"), "itself"),
    case("RT-018", AFTER, second("conversation.item.created", previous_item_id="item_9"), "after nothing"),
    case("RT-018", LISTENING, put("input_audio_buffer.committed", previous_item_id="item_9"), "a recording"),
]

_CUT = item("item_1", {"type": "text", "text": "Hello"}, status="incomplete")
#: Sessions that use a freedom of the contract or stand near a limit: no finding may come of them.
FREE: dict[str, Frames] = {
    "an error in between (RT-017)": [*PLAIN[:4], ERROR, *PLAIN[4:]],
    "an error and nothing else": [ERROR],
    "nothing asked yet": greeting(),
    "transcript without deltas": without("conversation.item.input_audio_transcription.delta")(list(LISTENING)),
    "status in_progress (OV-06)": [
        *PLAIN[:3],
        {"type": "response.created", "response": {**PLAIN[3]["response"], "status": "in_progress"}},
        *PLAIN[4:],
    ],
    "cancelled, all closed": [
        *PLAIN[:-2],
        {**PLAIN[-2], "item": _CUT},
        done(_CUT, status="cancelled", status_details={"type": "cancelled", "reason": "client_cancelled"}),
    ],
    "two responses at once": [
        *PLAIN[:-1],
        *begun("resp_2"),
        PLAIN[-1],
        done(response="resp_2"),
    ],
    "speech": SPEAKING,
    "call": CALLING,
    "arguments all at once": without("response.function_call_arguments.delta")(list(CALLING)),
    "two calls": TWO_CALLS,
    "dictating": DICTATING,
    "a delta that says nothing": [*LISTENING[:-1], transcribed("delta"), LISTENING[-1]],
    "typed only": [*greeting(), *user()],
}
