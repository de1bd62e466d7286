import pytest
from stream_builders_realtime import Frames, encoded, find, greeting, plain, put
from stream_case import StreamCase, broken_rules, edited
from stream_cases_realtime import CASES, FREE

from contract.grammars.realtime.tables import ALPHABET
from contract.streams import judge_stream


def judged(body: bytes) -> set[str]:
    """The rules that a recorded session breaks."""
    return {each.rule for each in judge_stream("realtime", {}, 101, None, body)}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_broken_session_is_named_by_its_rule(case: StreamCase) -> None:
    """Every case of the table breaks the rule it stands for."""
    assert case.rule in broken_rules(case, case.breaking, case.request)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_twin_of_a_broken_session_is_clean(case: StreamCase) -> None:
    """The session before the edit breaks nothing at all."""
    assert broken_rules(case, case.twin, case.request) == set()


@pytest.mark.parametrize("name", FREE)
def test_a_freedom_of_sessions_gives_no_finding(name: str) -> None:
    """What the contract leaves open is never held against a server."""
    assert judged(encoded(FREE[name])) == set()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_findings_of_a_session_do_not_depend_on_the_chunks(case: StreamCase) -> None:
    """Whole, byte by byte and in sevens the findings are the same."""
    args = (case.operation, case.request, 101, None, case.breaking)
    whole = judge_stream(*args)
    assert [judge_stream(*args, chunk_size=size) for size in (1, 7)] == [whole, whole]


def test_frames_that_are_no_json_objects_break_the_first_rule() -> None:
    """A line that is no JSON, no object or the sentinel of other streams is no frame."""
    for line in (b"{", b"[1]", b"[DONE]"):
        assert "RT-001" in judged(encoded(greeting()) + line + b"\n")


def test_frames_of_any_shape_never_raise() -> None:
    """Every type without any member is judged, not crashed on."""
    frames: Frames = [{"type": kind} for kind in ALPHABET for _ in range(2)]
    assert judged(encoded(frames))


def test_the_last_frame_needs_no_line_end() -> None:
    """A record that ends without a newline loses nothing."""
    assert judged(encoded(plain()).rstrip(b"\n")) == set()


def test_what_the_wire_shows_and_the_schemas_forbid_is_not_reported() -> None:
    """An audio part in an item and a null previous_item_id are disputed readings."""
    frames = edited(plain(), put("conversation.item.created", previous_item_id=None))
    find(frames, "response.output_item.done")["item"]["content"] = [{"type": "audio", "transcript": "Hello"}]
    assert judged(encoded(frames)) == set()
