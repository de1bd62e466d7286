from typing import Any

import pytest
from stream_builders_responses import (
    REQUEST,
    Events,
    add,
    encoded,
    item,
    message,
    of,
    on,
    opened,
    plain,
    refusal_part,
    text,
    text_part,
)
from stream_case import StreamCase, broken_rules, edited
from stream_cases_responses import CASES, FREE

from contract.grammars.responses.tables import ALPHABET, RESPONSE
from contract.spec import load
from contract.streams import StreamJudge, judge_stream


def judged(events: Events, request: dict[str, Any] | None = None) -> set[str]:
    """The rules that a stream of events breaks."""
    found = judge_stream("createResponse", request or REQUEST, 200, "text/event-stream", encoded(events))
    return {each.rule for each in found}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_broken_response_stream_is_named_by_its_rule(case: StreamCase) -> None:
    """Every case of the table breaks the rule it stands for."""
    assert case.rule in broken_rules(case, case.breaking, case.request)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_twin_of_a_broken_response_stream_is_clean(case: StreamCase) -> None:
    """The stream before the edit (or for the other request) breaks nothing at all."""
    assert broken_rules(case, case.twin, case.twin_request or case.request) == set()


@pytest.mark.parametrize("name", FREE)
def test_a_freedom_of_response_streams_gives_no_finding(name: str) -> None:
    """What the contract leaves open is never held against a server."""
    assert judged(*FREE[name]) == set()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_findings_of_a_response_stream_do_not_depend_on_the_chunks(case: StreamCase) -> None:
    """Whole, byte by byte and in sevens the findings are the same."""
    args = (case.operation, case.request, 200, "text/event-stream", case.breaking)
    whole = judge_stream(*args)
    assert [judge_stream(*args, chunk_size=size) for size in (1, 7)] == [whole, whole]


CITY = {"type": "object", "required": ["city"]}


@pytest.mark.parametrize(
    ("format_", "said", "found"),
    [
        ({"type": "json_object"}, '{"a": 1}', set()),
        ({"type": "json_object"}, "Hello", {"RESP-071"}),
        ({"type": "json_schema", "name": "n", "schema": CITY, "strict": True}, '{"a": 1}', {"RESP-071"}),
        ({"type": "json_schema", "name": "n", "schema": CITY}, '{"a": 1}', {"RESP-071"}),
        ({"type": "json_schema", "name": "n", "schema": CITY, "strict": False}, '{"a": 1}', set()),
        ({"type": "json_schema", "name": "n", "schema": CITY, "strict": False}, "Hello", {"RESP-071"}),
    ],
)
def test_text_is_the_json_that_was_asked_for(format_: dict[str, Any], said: str, found: set[str]) -> None:
    """Of its schema too, but where the request says that the schema is a wish."""
    assert judged(plain(said), {**REQUEST, "text": {"format": format_}}) == found


def test_an_answer_that_refuses_in_part_owes_no_json() -> None:
    """The text beside a refusal is no answer."""
    refusal = [{**each, "content_index": 1} if "content_index" in each else each for each in refusal_part("Sor", "ry")]
    final = message("completed", text("Hello"), {"type": "refusal", "refusal": "Sorry"})
    events = [
        *opened(),
        *item([*text_part("Hel", "lo"), *refusal], message("in_progress"), final),
        of("completed", [final]),
    ]
    assert judged(events, {**REQUEST, "text": {"format": {"type": "json_object"}}}) == set()
    assert judged(plain("Hello"), {**REQUEST, "text": {"format": {"type": "json_object"}}}) == {"RESP-071"}


def test_an_unknown_type_and_a_sentinel_are_only_warned_of() -> None:
    """Later versions add types and many servers send [DONE]: contested readings never fail a case."""
    events = edited(plain(), add({"type": "response.thinking"}, "completed"))
    body = encoded(events) + b"data: [DONE]\n\n"
    found = judge_stream("createResponse", REQUEST, 200, "text/event-stream", body)
    assert {(each.rule, str(each.keyword)) for each in found} == {("RESP-001", "SHOULD"), ("RESP-009", "SHOULD")}


def test_many_contested_findings_stay_warnings() -> None:
    """Findings that are only counted keep the keyword of those that are shown."""
    events = plain()
    events[3:3] = [{"type": "response.thinking"}] * 9
    found = judge_stream("createResponse", REQUEST, 200, "text/event-stream", encoded(events))
    assert {str(each.keyword) for each in found} == {"SHOULD"}


def test_the_judge_tells_the_final_response_and_the_text() -> None:
    """What the stream adds up to is the final response; its text is that of the deltas."""
    judge = StreamJudge(load(), "createResponse", REQUEST, 200, "text/event-stream")
    judge.feed(encoded(plain()))
    judge.close()
    assert (judge.accumulated["status"], judge.text) == ("completed", "Hello")


def test_findings_say_what_was_allowed_at_the_event() -> None:
    """A refused event comes with what the life of the part allowed there."""
    events = plain()
    late = on("output_text.delta", content_index=0, delta="x")
    body = encoded(edited(events, add(late, "content_part.done")))
    found = judge_stream("createResponse", REQUEST, 200, "text/event-stream", body)
    assert [(each.rule, each.allowed) for each in found] == [("RESP-039", ("part.done",))]


def test_without_a_known_request_no_tool_is_called_unasked() -> None:
    """A recording that lost its request breaks nothing that only the request can tell."""
    from stream_builders_responses import calling

    found = judge_stream("createResponse", {}, 200, "text/event-stream", encoded(calling()))
    assert found == []


def test_every_state_of_a_response_is_a_state_of_the_table() -> None:
    """Whatever a move or a break leads to is a state with moves of its own."""
    targets = {state for moves in RESPONSE.moves.values() for state in moves.values()}
    targets |= {broken.then for broken in RESPONSE.breaks.values() if broken.then}
    assert targets <= RESPONSE.moves.keys()


def test_events_of_any_shape_never_raise() -> None:
    """Every event of the alphabet without any member is judged, not crashed on."""
    events = [{"type": "response.created"}, *({"type": kind} for kind in ALPHABET for _ in range(2))]
    assert judged(events)


def test_a_request_that_is_none_raises_nothing() -> None:
    """A format that is no object, or whose type is a list, asks for nothing that could be judged."""
    body = b'event: response.completed\ndata: {"type":"response.completed","response":{"output":[]}}\n\n'
    for odd in (["json_schema"], {"type": ["json_schema"]}, {"type": {}}, 7):
        request = {"stream": True, "text": {"format": odd}}
        assert judge_stream("createResponse", request, 200, "text/event-stream", body)
