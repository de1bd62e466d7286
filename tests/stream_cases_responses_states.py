"""Response streams whose events come where the life of the response, of a part or of a tool call has no place for them.

Each case names the order of the events; its twin is the next order that is right.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations_with_replacement

from stream_builders_responses import (
    REQUEST,
    WITH_TOOLS,
    add,
    also,
    calling,
    case,
    coding,
    drop,
    encoded,
    of,
    on,
    opened,
    plain,
    reasoning,
    refusing,
    searching,
    speaking,
    text,
    twice,
)
from stream_case import StreamCase, edited

CREATED, IN_PROGRESS = opened()
COMPLETED, FAILED = of("completed"), of("failed")
ERROR = {"type": "error", "code": None, "message": "x", "param": None}
#: Events that belong to no item: whatever comes of them is the response's own.
SPOKEN, WRITTEN = speaking()[4:6]
_WORDS = {
    "created": CREATED,
    "in_progress": IN_PROGRESS,
    "spoken": SPOKEN,
    "written": WRITTEN,
    "completed": COMPLETED,
    "failed": FAILED,
    "error": ERROR,
}


def lives() -> Iterator[StreamCase]:
    """What comes first, twice, too late or not at all in the life of a response."""
    for rule, order, twin in (
        ("RESP-004", "completed", "error"),
        ("RESP-004", "spoken created completed", "created in_progress completed"),
        ("RESP-004", "spoken in_progress created completed", "created in_progress completed"),
        ("RESP-004", "spoken written created in_progress completed", "created in_progress completed"),
        ("RESP-005", "spoken in_progress in_progress completed", "created in_progress completed"),
        ("RESP-005", "created completed", "created in_progress completed"),
        ("RESP-005", "created failed", "created error"),
        ("RESP-005", "created in_progress in_progress completed", "created in_progress completed"),
        ("RESP-006", "spoken", "error"),
        ("RESP-006", "created", "created error"),
        ("RESP-006", "spoken error failed", "error"),
        ("RESP-006", "error failed", "error"),
        ("RESP-006", "created error failed", "created error"),
        ("RESP-006", "created in_progress error failed", "created in_progress error"),
        ("RESP-006", "created in_progress completed created", "created in_progress completed"),
        ("RESP-006", "created in_progress completed in_progress", "created in_progress completed"),
    ):
        events, right = ([_WORDS[word] for word in each.split()] for each in (order, twin))
        yield StreamCase(rule, "createResponse", encoded(events), encoded(right), REQUEST, note=f"({order})")


def parts() -> Iterator[StreamCase]:
    """The end of a part of each type: twice, missing, or before what it ends."""
    for base, head, rule in ((plain(), "output_text", "RESP-033"), (refusing(), "refusal", "RESP-038")):
        late = on(f"{head}.delta", content_index=0, delta="")
        yield case(rule, base, twice(f"{head}.done"), f"two {head}.done")
        yield case(rule, base, drop(f"{head}.done"), f"no {head}.done")
        yield case("RESP-032", base, twice("content_part.done"), f"two ends of {head}")
        yield case("RESP-032", base, drop("content_part.done"), f"{head} said, not ended")
        yield case("RESP-032", base, also(drop(f"{head}.done"), drop("content_part.done")), f"{head} open")
        yield case("RESP-039", base, add(late, "content_part.done"), f"a delta of {head} after its done")
        yield case("RESP-039", base, add(late, "output_item.done"), f"a delta of {head} after its part")


_STATES = ("in_progress", "searching", "completed")


def searches() -> Iterator[StreamCase]:
    """Each state of a search that comes again, or after a later one."""
    back = [(later, sooner) for sooner, later in combinations_with_replacement(_STATES, 2)]
    back += [("in_progress", "completed", "searching"), ("in_progress", "searching", "searching")]
    back.append((*_STATES, "searching"))
    right = [_STATES, ("in_progress", "completed"), ("searching", "completed"), ("completed",)]
    for kind, rule in (("file_search_call", "RESP-060"), ("web_search_call", "RESP-061")):
        for number, order in enumerate(back):
            twin = searching(kind, right[number % len(right)], "failed")
            note = f"({' '.join(order)})"
            events = searching(kind, order, "failed")
            yield StreamCase(rule, "createResponse", encoded(events), encoded(twin), REQUEST, note=note)


def codes() -> Iterator[StreamCase]:
    """Each step of a code interpreter call where it has no place."""
    for order, twin in (
        ("delta done", "in_progress delta done"),
        ("done", "in_progress done"),
        ("done interpreting", "in_progress done interpreting"),
        ("delta interpreting", "in_progress delta done interpreting"),
        ("interpreting", "in_progress interpreting"),
        ("completed in_progress", "in_progress completed"),
        ("completed completed", "in_progress completed"),
        ("in_progress in_progress", "in_progress"),
        ("in_progress delta interpreting", "in_progress delta done interpreting completed"),
        ("in_progress delta completed", "in_progress delta done completed"),
        ("in_progress done delta", "in_progress delta done"),
        ("in_progress delta done delta", "in_progress delta delta done"),
        ("in_progress delta done done", "in_progress delta done"),
        ("in_progress delta done interpreting interpreting", "in_progress delta done interpreting"),
        ("in_progress interpreting delta", "in_progress interpreting"),
        ("in_progress interpreting completed completed", "in_progress interpreting completed"),
        ("in_progress completed interpreting", "in_progress completed"),
    ):
        events, right = (coding(*each.split()) for each in (order, twin))
        note = f"({order})"
        yield StreamCase("RESP-063", "createResponse", encoded(events), encoded(right), REQUEST, note=note)


def sounds() -> Iterator[StreamCase]:
    """Audio and its transcript: more after the end, or no end though the response is complete."""
    base = speaking()
    for head in ("audio", "audio.transcript"):
        late = {"type": f"response.{head}.delta", "response_id": "resp_1", "delta": ""}
        yield case("RESP-065", base, twice(f"{head}.done"), f"two {head}.done")
        yield case("RESP-065", base, add(late, "completed"), f"{head} goes on")
        broken_off = edited(base, drop(f"{head}.done"))
        cut = [*broken_off[:-1], of("incomplete")]
        note = f"{head} complete without its end"
        yield StreamCase("RESP-065", "createResponse", encoded(broken_off), encoded(cut), REQUEST, note=note)


def strangers() -> Iterator[StreamCase]:
    """Events of one type of item on an item of another."""
    text_delta = {"content_index": 0, "delta": "x"}
    bases = {
        "message": (plain(), "msg_1"),
        "function_call": (calling(), "fc_1"),
        "file_search_call": (searching("file_search_call"), "s_1"),
        "web_search_call": (searching("web_search_call"), "s_1"),
        "reasoning": (reasoning(), "rs_1"),
    }
    for rule, event, own, members in (
        ("RESP-037", "content_part.added", "message", {"content_index": 0, "part": text("")}),
        ("RESP-037", "content_part.done", "message", {"content_index": 0, "part": text("")}),
        ("RESP-037", "output_text.delta", "message", text_delta),
        ("RESP-037", "refusal.delta", "message", text_delta),
        ("RESP-050", "function_call_arguments.delta", "function_call", {"delta": "x"}),
        ("RESP-050", "function_call_arguments.done", "function_call", {"arguments": "x"}),
        ("RESP-060", "file_search_call.searching", "file_search_call", {}),
        ("RESP-061", "web_search_call.searching", "web_search_call", {}),
    ):
        for kind, (base, identifier) in bases.items():
            if kind != own:
                edit = add(on(event, 0, identifier, **members), "output_item.done")
                yield case(rule, base, edit, f"{event} on a {kind}", WITH_TOOLS)


CASES = [*strangers(), *lives(), *parts(), *searches(), *codes(), *sounds()]
