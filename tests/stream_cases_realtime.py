"""For each MUST and SHOULD of Realtime sessions: an edit of a right session that breaks it."""

from __future__ import annotations

from stream_builders_realtime import (
    ERROR,
    Frames,
    begun,
    calling,
    case,
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
    twice,
    user,
    without,
)
from stream_case import StreamCase

PLAIN, SPEAKING, CALLING, LISTENING = plain(), speaking(), calling(), listening()


def repeated_id(frames: Frames) -> None:
    """Give two frames one event_id."""
    frames[2]["event_id"] = frames[3]["event_id"] = "event_x"


def raw_audio(frames: Frames) -> None:
    """Put audio data into the final output."""
    output = find(frames, "response.done")["response"]["output"]
    output[0]["content"] = [{"type": "text", "audio": "UklGRg=="}]


CASES: list[StreamCase] = [
    case("RT-001", PLAIN, lambda frames: frames.append({"type": "conversation.item.added"}) or frames, "unknown type"),
    case("RT-001", PLAIN, put("response.text.delta", delta=None), "delta is null"),
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
    case("RT-006", PLAIN, drop("response.done"), "none"),
    case("RT-006", PLAIN, twice("response.done"), "two"),
    case("RT-007", PLAIN, drop("response.output_item.added"), "no item"),
    case("RT-007", PLAIN, drop("response.content_part.added"), "no part"),
    case("RT-007", PLAIN, put("response.text.delta", item_id="item_9"), "other id"),
    case("RT-007", CALLING, put("response.function_call_arguments.done", call_id="call_9"), "other call_id"),
    case("RT-008", PLAIN, drop("response.output_item.done"), "open item"),
    case("RT-008", PLAIN, drop("response.content_part.done"), "open part"),
    case("RT-008", PLAIN, drop("response.text.done"), "no text.done"),
    case("RT-008", SPEAKING, drop("response.audio.done"), "no audio.done"),
    case("RT-008", CALLING, drop("response.function_call_arguments.done"), "no arguments.done"),
    case("RT-008", PLAIN, twice("response.text.done"), "text.done twice"),
    case("RT-009", PLAIN, put("response.text.done", text="x"), "text"),
    case("RT-009", PLAIN, move("response.text.done", "response.text.delta"), "deltas after the text"),
    case("RT-009", SPEAKING, put("response.audio_transcript.done", transcript="x"), "transcript"),
    case("RT-009", CALLING, put("response.function_call_arguments.done", arguments="{}"), "arguments"),
    case("RT-010", PLAIN, put("response.done", output=[]), "empty"),
    case("RT-010", SPEAKING, raw_audio, "raw audio"),
    case("RT-011", PLAIN, lambda frames: find(frames, "response.done")["response"].pop("status") and None, "none"),
    case("RT-011", PLAIN, put("response.done", status_details={"type": "failed"}), "other details"),
    case("RT-012", LISTENING, drop("conversation.item.created")),
    case("RT-013", LISTENING, put("input_audio_buffer.speech_stopped", item_id="item_9"), "other item"),
    case("RT-013", LISTENING, drop("input_audio_buffer.speech_started"), "no start"),
    case("RT-014", PLAIN, move("rate_limits.updated", "response.text.done")),
    case("RT-015", PLAIN, put("response.done", usage={"total_tokens": 9, "input_tokens": 1, "output_tokens": 2})),
    case(
        "RT-016",
        LISTENING,
        put("conversation.item.input_audio_transcription.completed", transcript="x"),
    ),
    case("RT-018", PLAIN, put("conversation.item.created", 1, previous_item_id="item_9")),
    case("RT-018", PLAIN, put("conversation.item.created", 1, previous_item_id="item_1"), "itself"),
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
    "typed only": [*greeting(), *user()],
}
