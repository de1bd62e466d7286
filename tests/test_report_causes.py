from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.exchange import Exchange, Request, Response, StreamEvent
from contract.sse import Parser
from contract.verdict import Finding, Keyword, Outcome, Place, Verdict
from reports import page, record, timeline
from reports.causes import FOLD, by_rule, causes, normal_place
from reports.evidence import event_number


def _verdict(number: int, *findings: Finding) -> Verdict:
    return Verdict(f"op/case-{number}", f"op{number % 3}", Outcome.FAIL, None, findings)


@pytest.mark.parametrize(
    ("where", "place"),
    [
        ("/data/0/id", "/data/*/id"),
        ("/data/10", "/data/*"),
        ("/data/v1/2x", "/data/v1/2x"),
        ("event 12", "event"),
        ("end, after event 3", "end"),
        ("stream", "event"),
        ("Content-Type", "content-type"),
        ("", ""),
    ],
)
def test_places_forget_what_differs_from_case_to_case(where: str, place: str) -> None:
    """Array indices and event numbers do not tell causes apart, names do."""
    assert normal_place(where) == place


def test_causes_are_told_by_rule_line_and_place() -> None:
    """Same rule, same line of the contract, same place: one cause; MUST before SHOULD, many cases before few."""
    may = Finding("B", Keyword.SHOULD, "s", where="/x")
    found = causes(
        [
            _verdict(1, Finding("A", Keyword.MUST, "s", where="/a/0", spec=Place("/p"))),
            _verdict(2, Finding("A", Keyword.MUST, "s", where="/a/1", spec=Place("/p")), may),
            _verdict(3, Finding("A", Keyword.MUST, "s", where="/a/1", spec=Place("/q")), may),
            _verdict(4, may),
        ]
    )
    assert [(each.rule, each.place, len(each.cases), len(each.operations)) for each in found] == [
        ("A", "/a/*", 2, 2),
        ("A", "/a/*", 1, 1),
        ("B", "/x", 3, 3),
    ]


def test_a_rule_broken_in_many_places_is_one_group() -> None:
    """From `FOLD` causes on a rule's causes are told together, and groups sort by the cases that they break."""
    spread = [_verdict(n, Finding("A", Keyword.MUST, "s", where=f"/m{n}")) for n in range(FOLD)]
    few = [_verdict(10 + n, Finding("B", Keyword.MUST, "s", where=f"/m{n}")) for n in range(FOLD - 1)]
    often = [_verdict(20 + n, Finding("C", Keyword.MUST, "s")) for n in range(9)]
    groups = by_rule(causes([*spread, *few, *often]))
    assert [(each.first.rule, len(each.causes), len(each.cases)) for each in groups] == [
        ("C", 1, 9),
        ("A", FOLD, FOLD),
        *[("B", 1, 1)] * (FOLD - 1),
    ]


@pytest.mark.parametrize(
    ("where", "number"), [("event 7", 7), ("end, after event 7", 7), ("event x", None), ("/event 7", None), ("", None)]
)
def test_a_place_in_a_stream_gives_its_event(where: str, number: int | None) -> None:
    """Only places of streams name an event."""
    assert event_number(Finding("r", Keyword.MUST, "s", where=where)) == number


def _events(*data: str, name: str | None = None) -> list[dict[str, object]]:
    return [{"offset": 0, "at_s": n / 10, "event": name, "data": each} for n, each in enumerate(data)]


@pytest.mark.parametrize(
    ("data", "part", "text"),
    [
        ('{"choices":[{"index":1,"delta":{"content":"a"}}]}', "choice 1 content", "a"),
        ('{"choices":[{"index":0,"text":"a"}]}', "choice 0", "a"),
        ('{"choices":[{"index":0,"delta":{"refusal":"no"}}]}', "choice 0 refusal", "no"),
        (
            '{"choices":[{"index":0,"delta":{"tool_calls":[{"index":2,"function":{"arguments":"{"}}]}}]}',
            "choice 0 tool call 2",
            "{",
        ),
        (
            '{"type":"response.output_text.delta","item_id":"i","output_index":0,"content_index":0,"delta":"a"}',
            "response.output_text i 0 0",
            "a",
        ),
        ('{"type":"transcript.text.delta","delta":"a"}', "transcript.text", "a"),
        ('{"id":"msg_1","delta":{"content":[{"index":0,"text":{"value":"a"}}]}}', "msg_1 0", "a"),
        (
            '{"id":"s","delta":{"step_details":{"tool_calls":[{"index":0,"function":{"arguments":"a"}}]}}}',
            "s tool call 0",
            "a",
        ),
    ],
)
def test_deltas_of_every_surface_add_up(data: str, part: str, text: str) -> None:
    """The texts of a stream are joined by the part that they belong to, whatever the surface."""
    events = _events(data, data)
    assert timeline.texts(events) == {part: text * 2}
    assert [(row.first, row.last) for row in timeline.rows(events)] == [(1, 2)]


def test_a_marked_event_stands_alone() -> None:
    """An event with a finding is not folded, nor are its neighbours into it; numbers of a selection are kept."""
    data = '{"choices":[{"index":0,"delta":{"content":"a"}}]}'
    events = _events(*[data] * 5)
    assert [(row.first, row.last) for row in timeline.rows(events, {3})] == [(1, 2), (3, 3), (4, 5)]
    for event, number in zip(events, (1, 2, 90, 91, 92), strict=True):
        event["number"] = number
    assert [(row.first, row.last) for row in timeline.rows(events)] == [(1, 2), (90, 92)]


@given(
    st.lists(
        st.text() | st.sampled_from(['{"choices":[{}]}', '{"delta":1}', "[1]", "[DONE]", '{"choices":[{"delta":[]}]}'])
    )
)
def test_any_stream_has_a_timeline(data: list[str]) -> None:
    """Whatever a server sends, every event is in exactly one row."""
    rows = timeline.rows(_events(*data))  # type: ignore[arg-type]
    assert [number for row in rows for number in range(row.first, row.last + 1)] == list(range(1, len(data) + 1))


def test_recorded_streams_give_what_their_bytes_say() -> None:
    """A stream of a record, written anew, parses to the same events."""
    events = (StreamEvent(0, 0.1, "a.b", "one\ntwo", "7"), StreamEvent(9, 0.2, None, "", None))
    line = record.exchange(Exchange("x", None, Request("GET", "/"), Response(200, (), b"", False, events)))
    loaded = record.load_exchange(line).response
    assert loaded is not None
    parser = Parser()
    parsed = [*parser.feed(loaded.body), *parser.close()]
    assert [(each.event, each.data) for each in parsed] == [("a.b", "one\ntwo"), (None, "")]


def test_the_page_scripts_are_package_data() -> None:
    """What the pages are made of lies in the package, so that an installed suite has it."""
    names = {each.name for each in Path(page.__file__).parent.iterdir()}
    assert {"shell.html", "report.html", "matrix.html", "page.css", "dom.js", "findings.js", "matrix.js"} <= names
