from hypothesis import given
from hypothesis import strategies as st

from contract.frames import FrameParser
from contract.sse import Problem, ProblemKind, Raw

BODIES = st.lists(st.sampled_from([b"{}", b"\n", b"\r\n", b" ", b"\xff", b"12345678901"]), max_size=30).map(b"".join)


def items(chunks: list[bytes], limit: int = 1 << 20) -> list[Raw | Problem]:
    """Frames and problems of a record fed in chunks."""
    parser = FrameParser(limit)
    return [item for chunk in chunks for item in parser.parse(chunk)] + parser.finish()


@given(BODIES, st.integers(1, 9), st.sampled_from([10, 1000]))
def test_any_chunking_gives_the_same_frames(body: bytes, size: int, limit: int) -> None:
    """Chunks are the transport's business, also under a bound."""
    assert items([body[at : at + size] for at in range(0, len(body), size)], limit) == items([body], limit)


def test_a_frame_is_a_line_and_the_last_one_needs_no_end() -> None:
    """Empty lines are skipped; offsets point at the line."""
    assert items([b'{"a":1}\n\n{"b":2}']) == [(0, 0.0, None, '{"a":1}', None), (9, 0.0, None, '{"b":2}', None)]


def test_invalid_utf8_is_replaced_and_noted() -> None:
    """The frame still comes, after its problem."""
    problem, frame = items([b'{"\xff"}\n'])
    assert problem == Problem(ProblemKind.UTF8, 2, 0, "no UTF-8")
    assert isinstance(frame, tuple)
    assert frame[3] == '{"\ufffd"}'


def test_a_frame_over_the_limit_is_dropped_and_the_next_one_read() -> None:
    """Bounded memory, one problem, then all goes on."""
    found = items([b"x" * 50 + b"\n{}\n"], limit=10)
    assert found == [Problem(ProblemKind.TOO_LARGE, 0, 0, "more than 10 bytes"), (51, 0.0, None, "{}", None)]
