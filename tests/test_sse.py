import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from stream_case import StreamCase, broken_rules
from stream_cases_sse import ASKED, CASES, FREE, RIGHT

from contract import judge_stream
from contract.exchange import StreamEvent
from contract.rules import RULES
from contract.sse import Parser, Problem, ProblemKind, Raw
from contract.verdict import Keyword

TYPE = "text/event-stream"
#: Bytes that matter to the format, so that random bodies reach its corners.
PIECES = st.sampled_from(
    [
        b"data",
        b"event",
        b"id",
        b"retry",
        b":",
        b" ",
        b"\n",
        b"\r",
        b"\r\n",
        b"\n\n",
        b"\xef\xbb\xbf",
        b"\xf0\x9f",
        b"{}",
    ]
)
BODIES = st.lists(PIECES | st.binary(max_size=4), max_size=40).map(b"".join)


def events(body: bytes) -> list[StreamEvent]:
    """The events of a body fed whole."""
    parser = Parser()
    return parser.feed(body) + parser.close()


def data_of(body: bytes) -> list[str]:
    """The data of its events."""
    return [each.data for each in events(body)]


def items(chunks: list[bytes], limit: int = 1 << 20) -> list[Raw | Problem]:
    """Events and problems of a body fed in chunks."""
    parser = Parser(limit)
    return [item for chunk in chunks for item in parser.parse(chunk)] + parser.finish()


def cut(body: bytes, sizes: list[int]) -> list[bytes]:
    """`body` in pieces of these sizes, the rest at the end."""
    pieces = []
    for size in sizes:
        pieces.append(body[:size])
        body = body[size:]
    return [*pieces, body]


@given(BODIES, st.lists(st.integers(0, 9), max_size=60))
@example(b"\xef\xbb\xbfdata: a\r\n\r\n", [1, 1, 1, 6, 1, 1, 1])
@example(b"data: a\n\ndata: b\n\n", [9])
@example(b"data: a\r\ndata: b\r\n\r\n", [8, 9, 1, 1])
def test_any_chunking_gives_the_same_events_and_problems(body: bytes, sizes: list[int]) -> None:
    """The law of the parser: chunks are the transport's business."""
    whole = items([body])
    assert items(cut(body, sizes)) == whole
    assert items([body[at : at + 1] for at in range(len(body))]) == whole


@given(BODIES, st.lists(st.integers(0, 9), max_size=60))
def test_any_chunking_gives_the_same_events_under_a_small_limit(body: bytes, sizes: list[int]) -> None:
    """A bound of a few bytes drops the same blocks however they come."""
    assert items(cut(body, sizes), 12) == items([body], 12)


@given(BODIES)
def test_offsets_point_at_the_first_field_of_the_event(body: bytes) -> None:
    """Each event's offset is where its block begins, in order."""
    found = events(body)
    offsets = [each.offset for each in found]
    assert offsets == sorted(set(offsets))
    assert all(body[offset : offset + 1] not in {b"\n", b"\r", b":"} for offset in offsets)


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"], ids=["LF", "CR", "CRLF"])
def test_each_line_end_closes_a_line(end: bytes) -> None:
    """LF, CR and CRLF are one line end each."""
    assert data_of(end.join([b"data: a", b"data: b", b"", b"data: c", b"", b""])) == ["a\nb", "c"]


def test_data_lines_are_joined_by_line_feeds() -> None:
    """Several data lines are one event, empty ones included."""
    assert data_of(b"data: a\ndata\ndata: b\n\n") == ["a\n\nb"]


def test_an_empty_data_line_is_an_event_with_empty_data() -> None:
    """`data:` alone fills the buffer with a line feed, so it is dispatched (WHATWG's own example)."""
    assert data_of(b"data\n\ndata\ndata\n\ndata:\n\n") == ["", "\n", ""]


def test_just_one_space_after_the_colon_is_removed() -> None:
    """The second space is content."""
    assert data_of(b"data:a\n\ndata: a\n\ndata:  a\n\n") == ["a", "a", " a"]


def test_an_event_has_its_name_id_offset_and_time() -> None:
    """The last event field wins, the id lives on, one with a NUL is ignored."""
    parser = Parser()
    found = parser.feed(b": hi\n\nevent: a\nevent: b\nid: 1\ndata: x\n\nid: 2\0\ndata: y\n\n", 0.25)
    assert found == [StreamEvent(6, 0.25, "b", "x", "1"), StreamEvent(39, 0.25, None, "y", "1")]


def test_a_byte_order_mark_is_stripped_once() -> None:
    """A second one is part of a field name, so its line is unknown and its payload lost."""
    mark = b"\xef\xbb\xbf"
    assert data_of(mark + b"data: a\n\n") == ["a"]
    assert items([mark + mark + b"data: a\n\n"]) == [Problem(ProblemKind.LOST_PAYLOAD, 0, 0, "\ufeffdata")]


def test_an_open_block_is_dropped_at_the_end() -> None:
    """What no empty line closed was never sent; the problem quotes it."""
    parser = Parser()
    assert parser.feed(b"data: a\n\nevent: b\ndata: c") + parser.close() == [StreamEvent(0, 0.0, None, "a")]
    assert parser.problems == [Problem(ProblemKind.UNTERMINATED, 9, 1, "event: b / data: c")]


def test_invalid_utf8_is_replaced_and_noted_with_its_offset() -> None:
    """The event still comes, with U+FFFD in the place of the broken bytes."""
    parser = Parser()
    assert [each.data for each in parser.feed(b"data: a\xffb\n\n")] == ["a\ufffdb"]
    assert parser.problems == [Problem(ProblemKind.UTF8, 7, 0, "byte 0xff")]


def test_a_block_over_the_limit_is_dropped_and_the_next_one_read() -> None:
    """One huge line or many small ones: one problem, bounded memory, then all goes on."""
    many = b"data: 12345\n" * 10 + b"\ndata: x\n\n"
    line = b"data: " + b"1" * 100 + b"\n\ndata: x\n\n"
    for body in (many, line):
        parser = Parser(max_event_bytes=50)
        assert [each.data for each in parser.feed(body)] == ["x"]
        assert [each.kind for each in parser.problems] == [ProblemKind.TOO_LARGE]


def test_a_line_that_never_ends_is_not_hoarded() -> None:
    """Far more bytes than the limit are counted, not kept."""
    parser = Parser(max_event_bytes=1000)
    for _ in range(1000):
        parser.feed(b"x" * 1000)
    assert len(parser._partial) == 1000  # the one open line; nothing public tells its size
    parser.close()
    assert [each.kind for each in parser.problems] == [ProblemKind.TOO_LARGE]


def test_time_is_linear_in_the_length_of_a_line() -> None:
    """Sixteen times the bytes, in small chunks, take nowhere near 256 times as long."""

    def seconds(count: int) -> float:
        parser = Parser()
        started = time.process_time()
        for _ in range(count):
            parser.feed(b"data: 0123456789" * 4)
        parser.close()
        return time.process_time() - started

    small = max(seconds(2_000), 0.001)
    assert seconds(32_000) < 100 * small


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_broken_event_stream_is_named_by_its_rule(case: StreamCase) -> None:
    """Every case of the table breaks the rule it stands for."""
    found = judge_stream(case.operation, ASKED, case.status, case.content_type, case.breaking)
    assert case.rule in {each.rule for each in found}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_twin_of_a_broken_event_stream_is_clean(case: StreamCase) -> None:
    """The near twin breaks nothing at all."""
    assert judge_stream(case.operation, ASKED, 200, TYPE, case.twin) == []


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_findings_of_an_event_stream_do_not_depend_on_the_chunks(case: StreamCase) -> None:
    """In sevens and in pieces of three hundred bytes the broken rules are the same."""
    args = (case.operation, ASKED, case.status, case.content_type, case.breaking)
    whole = judge_stream(*args)
    assert [judge_stream(*args, chunk_size=size) for size in (7, 300)] == [whole, whole]


@pytest.mark.parametrize("rule", FREE)
@pytest.mark.parametrize("size", [None, 1])
def test_a_freedom_of_event_streams_gives_no_finding(rule: str, size: int | None) -> None:
    """What WHATWG leaves open is never held against a server."""
    assert RULES[rule].keyword is Keyword.MAY
    assert judge_stream("createChatCompletion", ASKED, 200, TYPE, FREE[rule], chunk_size=size) == []


@pytest.mark.parametrize("parameters", ["; charset=utf-8", ";charset=UTF-8", '; charset="utf-8"', "; foo=bar"])
def test_parameters_of_the_media_type_are_allowed(parameters: str) -> None:
    """A charset has to be utf-8, others say nothing."""
    assert judge_stream("createChatCompletion", ASKED, 200, TYPE + parameters, RIGHT) == []


def test_a_plain_answer_to_a_plain_request_is_not_judged() -> None:
    """Without `stream: true` JSON is the right answer."""
    assert judge_stream("createChatCompletion", {}, 200, "application/json", b"{}") == []


def test_a_named_case_tells_its_rules_through_the_shared_driver() -> None:
    """The table's driver and the public function agree."""
    assert "SSE-008" in broken_rules(CASES[-1], CASES[-1].breaking, ASKED)
