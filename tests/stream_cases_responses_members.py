"""Response streams whose members disagree where a first look sees nothing: several items, long ones, odd ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stream_builders_responses import (
    CITATION,
    REQUEST,
    USAGE,
    WITH_TOOLS,
    Events,
    add,
    also,
    call,
    calling,
    case,
    citing,
    coding,
    drop,
    encoded,
    find,
    item,
    message,
    of,
    on,
    opened,
    plain,
    put,
    put_item,
    put_part,
    refusing,
    searching,
    text,
    text_part,
    twice,
)
from stream_case import StreamCase

PLAIN, REFUSING = plain(), refusing()
LATE = on("output_text.delta", content_index=0, delta="x")
FINAL = message("completed", text("Hello"))
PART = {"type": "refusal", "refusal": "Hello"}
#: A message too long to be kept.
LONG = "x" * 70_000


def pair(rule: str, breaking: Events, twin: Events, note: str, request: Any = REQUEST) -> StreamCase:
    """A case of two streams."""
    return StreamCase(rule, "createResponse", encoded(breaking), encoded(twin), request, note=note)


def output(*items: dict[str, Any]) -> Any:
    """Let the completed response hold these items."""
    return put("completed", output=list(items))


def after(events: Events, event: dict[str, Any]) -> Events:
    """The events, and one after the end."""
    return [*events, event]


def responses() -> Iterator[StreamCase]:
    """Members of the response, events without a type, and what comes after the end."""
    yield case("RESP-001", PLAIN, add({"delta": "x"}, "completed"), "no type")
    yield case("RESP-006", PLAIN, lambda events: after(events, LATE), "a delta after the end, which is told once")
    yield case("RESP-013", PLAIN, put("created", usage=USAGE), "with the first event")
    strange = [{**each, "response_id": "resp_2"} if "response_id" in each else each for each in coding()]
    yield pair("RESP-064", strange, coding(), "another id, the same everywhere")


def ends() -> Iterator[StreamCase]:
    """The final output: of a failed and of an incomplete response, with open items, with long ones."""
    both = [on("output_item.added", at, None, item=message("in_progress", identifier=f"msg_{at}")) for at in (0, 1)]
    whole = [message("completed", identifier=f"msg_{at}") for at in (0, 1)]
    closed = [on("output_item.done", at, None, item=each) for at, each in enumerate(whole)]
    yield pair(
        "RESP-022",
        [*opened(), *both, of("completed", [])],
        [*opened(), *both, *closed, of("completed", whole)],
        "two items open",
    )
    partial = message("incomplete", text("Hel"))
    for state, twin in (
        ("incomplete", [*opened(), both[0], of("incomplete", [partial])]),
        ("incomplete", [*PLAIN[:-1], of("incomplete", [FINAL])]),
        ("completed", [*PLAIN[:-1], of("failed")]),
    ):
        yield pair("RESP-027", [*PLAIN[:-1], of(state)], twin, f"{state} without its item")
    yield case("RESP-027", plain(LONG), output(message("completed", text(f"{LONG}y"))), "a long item")
    yield case(
        "RESP-023", PLAIN, put_item("output_item.done", **{**call("completed"), "id": "msg_1"}), "the type when done"
    )
    yield case("RESP-023", PLAIN, output({**call("completed"), "id": "msg_1"}), "the type in the end")
    yield case(
        "RESP-020",
        PLAIN,
        also(drop("output_item.added"), output({**FINAL, "id": "msg_2"})),
        "never added, and another in the end",
    )


def tools() -> Iterator[StreamCase]:
    """Searches without their events; two code interpreter calls, and the items after them."""
    for kind in ("file_search_call", "web_search_call"):
        for order in (("searching",), ()):
            yield pair("RESP-062", searching(kind, order), searching(kind), f"{kind}: {' '.join(order) or 'no event'}")
    first = coding()[2:-1]
    second = [{**each, "output_index": 1} for each in first]
    done = message("completed", text("a"))

    def ended(calls: Events, at: int) -> Events:
        return [
            *opened(),
            *calls,
            *item(text_part("a", at=at), message("in_progress"), done, at),
            of("completed", [done]),
        ]

    mixed = [each for both in zip(first, second, strict=True) for each in both]
    yield pair("RESP-021", ended(mixed, 3), ended(mixed, 2), "a message after two calls of the code interpreter")
    yield pair("RESP-021", ended(first, 2), ended(first, 1), "a message after one call of the code interpreter")
    yield pair("RESP-063", [*opened(), *mixed, mixed[-1], of("completed")], [*opened(), *mixed, of("completed")], "two")
    empty = on("function_call_arguments.delta", identifier="fc_1", delta="")
    alone = calling()
    for piece in alone[3:5]:
        alone.remove(piece)
    yield pair("RESP-051", [*alone[:3], empty, *alone[3:]], alone, "an empty delta and then arguments", WITH_TOOLS)


def parts() -> Iterator[StreamCase]:
    """Parts that begin with content, that change their type, or whose text was never said whole."""
    for base, members in (
        (REFUSING, {"refusal": "Sor"}),
        (PLAIN, {"annotations": [CITATION]}),
        (PLAIN, {"text": "Hel"}),
    ):
        yield case("RESP-040", base, put_part("content_part.added", **members), f"{', '.join(members)} at the start")
    yield case("RESP-037", PLAIN, put("content_part.done", part=PART), "a text part ends as a refusal")
    yield case(
        "RESP-035",
        PLAIN,
        also(drop("output_text.done"), put_part("content_part.done", text="Hullo")),
        "not what the deltas add up to",
    )

    def other_end(events: Events) -> None:
        twice("content_part.done")(events)
        again = dict(find(events, "content_part.done"), part=text("Hullo"))
        events[events.index(find(events, "content_part.done")) + 1] = again

    yield case("RESP-032", PLAIN, other_end, "another second end, which is told once")
    for said, last in (("Hello", 5), ("H\uffff", 2), ("H\U0001f600llo", 6)):
        outside, inside = (cited(said, {**CITATION, "start_index": 1, "end_index": end}) for end in (last + 1, last))
        yield pair("RESP-042", outside, inside, f"one character too far of {last}")
    backwards = {**CITATION, "start_index": 2, "end_index": 1}
    negative = {**CITATION, "start_index": -1}
    nothing = {**CITATION, "start_index": 2, "end_index": 2}
    for wrong, note in ((backwards, "backwards"), (negative, "negative")):
        yield pair("RESP-042", citing(wrong), citing(nothing), note)


def cited(said: str, annotation: dict[str, Any]) -> Events:
    """A message of a text with an annotation."""
    final = message("completed", text(said, [annotation]))
    inner = text_part(said, annotations=[annotation])
    return [*opened(), *item(inner, message("in_progress"), final), of("completed", [final])]


CASES = [*responses(), *ends(), *tools(), *parts()]
