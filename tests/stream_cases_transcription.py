"""For each MUST and SHOULD of transcription streams: a stream that breaks it and its twin; and the freedoms."""

from __future__ import annotations

from typing import Any

from stream_builders_chat import ERROR, no_key
from stream_case import Event, StreamCase, sse

LOGPROBS = {"include[]": ["logprobs"]}


def entry(token: str, octets: int | None = None) -> dict[str, Any]:
    """One entry of logprobs; `octets`: how many of its bytes are listed."""
    return {"token": token, "logprob": -0.5, "bytes": list(token.encode()[:octets])}


def delta(text: str, **more: Any) -> Event:
    """A delta without an event name."""
    return None, {"type": "transcript.text.delta", "delta": text, **more}


def done(text: str, **more: Any) -> Event:
    """The done event."""
    return None, {"type": "transcript.text.done", "text": text, **more}


def right() -> list[Event]:
    """A right transcript."""
    return [delta("I"), delta(" see"), done("I see")]


def scored(last: Any = None, second: Any = None) -> list[Event]:
    """A right transcript with logprobs; `last` and `second` replace those of the done event and the second delta."""
    both = [entry("I"), entry(" see")]
    return [
        delta("I", logprobs=both[:1]),
        delta(" see", logprobs=both[1:] if second is None else second),
        done("I see", logprobs=both if last is None else last),
    ]


def case(
    rule: str, breaking: list[Event], twin: list[Event], *, note: str = "", twin_request: Any = None, **asked: Any
) -> StreamCase:
    """A case of createTranscription; `asked` are members of the request."""
    request = {"model": "gpt-4o-transcribe", "file": "@audio.mp3", "stream": True, **asked}
    return StreamCase(
        rule,
        "createTranscription",
        sse(breaking),
        sse(twin),
        request,
        twin_request=None if twin_request is None else {**request, **twin_request},
        note=note,
    )


FAILED: Event = (None, ERROR)
NO_TEXT: Event = (None, {"type": "transcript.text.done"})
NAMED: list[Event] = [(data["type"], data) for _, data in right()]

CASES = [
    case("TRN-001", [(None, {"type": "transcript.text.delta"}), *right()], right(), note="no delta"),
    case("TRN-001", [(None, {"type": "transcription.chunk"}), *right()], right(), note="unknown type"),
    case("TRN-001", [(None, {"text": "I see"}), *right()], right(), note="no type"),
    case("TRN-001", [*right()[:2], NO_TEXT], right(), note="no text"),
    case(
        "TRN-001", [*scored()[:2], (None, no_key(scored()[2][1], "text"))], scored(), note="no scored text", **LOGPROBS
    ),
    case("TRN-001", [(None, no_key(scored()[0][1], "delta")), *scored()], scored(), note="no scored delta", **LOGPROBS),
    case("TRN-001", scored(second=[no_key(entry(" see"), "token")]), scored(), note="no token", **LOGPROBS),
    case("TRN-002", right()[:2], right(), note="none"),
    case("TRN-002", [], right(), note="nothing at all"),
    case("TRN-002", [*right(), done("I see")], right(), note="two"),
    case("TRN-002", [*right(), done("I saw")], right(), note="two that differ"),
    case("TRN-002", [*right(), delta(" more")], right(), note="delta after it"),
    case("TRN-003", [done("I see")], right()),
    case("TRN-004", [*right()[:2], done("I saw")], right()),
    case("TRN-004", [*right()[:2], done("")], right(), note="empty"),
    case("TRN-005", scored(), scored(), twin_request=LOGPROBS),
    case("TRN-005", scored(), scored(), twin_request={"include": ["logprobs"]}, note="include without brackets"),
    case("TRN-005", scored(), scored(), twin_request={"include[]": "logprobs"}, note="one string"),
    case("TRN-006", right(), scored(), **LOGPROBS),
    case("TRN-006", [right()[0], *scored()[1:]], scored(), note="one delta", **LOGPROBS),
    case("TRN-007", scored(last=[entry("I"), {**entry(" see"), "logprob": -0.7}]), scored(), **LOGPROBS),
    case(
        "TRN-007",
        scored(last=[entry(" see"), entry("I")]),
        scored(last=[dict(reversed(each.items())) for each in (entry("I"), entry(" see"))]),
        note="order",
        **LOGPROBS,
    ),
    case("TRN-008", scored(second=[entry(" saw")]), scored(), note="both", **LOGPROBS),
    case("TRN-008", scored(last=[entry("I"), entry(" see\N{EURO SIGN}", 5)]), scored(), note="cut", **LOGPROBS),
    case(
        "TRN-008", scored(second=[entry(" see", 0), no_key(entry("x"), "bytes")]), scored(), note="no bytes", **LOGPROBS
    ),
    case("TRN-008", scored(second=[{**entry(" see"), "token": " saw"}]), scored(), note="token", **LOGPROBS),
    case("TRN-008", scored(second=[{**entry(" see"), "bytes": [1]}]), scored(), note="bytes", **LOGPROBS),
    case("TRN-009", [("message", right()[0][1]), *right()[1:]], NAMED),
    case("TRN-011", right(), right(), model="whisper-1", twin_request={"model": "gpt-4o-transcribe"}),
    case("TRN-012", [delta("I"), (None, {"error": "boom"})], [delta("I"), FAILED]),
    case("TRN-012", [delta("I"), FAILED, done("you")], [delta("I"), FAILED], note="ends after all"),
    case("TRN-012", [delta("I"), FAILED, FAILED], [delta("I"), FAILED], note="twice"),
    *(
        case("TRN-012", [*before, FAILED, delta("a")], [*before, FAILED], note=f"goes on after {len(before)} events")
        for before in (right()[:0], right()[:1], right())
    ),
]

#: What the contract leaves open -> a stream that uses it.
FREE: dict[str, list[Event]] = {
    "TRN-010, a sentinel": [*right(), (None, "[DONE]")],
    "TRN-009, names": NAMED,
    "a member named error": [delta("I", **ERROR), *right()[1:]],
    "an empty transcript": [done("")],
    "an error under its name": [delta("I"), ("error", ERROR)],
}
