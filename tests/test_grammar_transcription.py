import json

import pytest
from stream_case import StreamCase, broken_rules, sse
from stream_cases_transcription import CASES, FREE, LOGPROBS, delta, done, entry, right

from contract import judge_stream
from contract.grammars import surface
from contract.spec import load
from contract.streams import StreamJudge

TYPE = "text/event-stream"
ASKED = {"model": "gpt-4o-transcribe", "stream": True}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_broken_transcription_stream_is_named_by_its_rule(case: StreamCase) -> None:
    """Every case of the table breaks the rule it stands for."""
    assert case.rule in broken_rules(case, case.breaking, case.request)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_twin_of_a_broken_transcription_stream_is_clean(case: StreamCase) -> None:
    """The near twin breaks nothing at all."""
    assert broken_rules(case, case.twin, case.twin_request or case.request) == set()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_findings_of_a_transcription_stream_do_not_depend_on_the_chunks(case: StreamCase) -> None:
    """Whole, byte by byte and in sevens the findings are the same."""
    args = ("createTranscription", case.request, 200, TYPE, case.breaking)
    whole = judge_stream(*args)
    assert [judge_stream(*args, chunk_size=size) for size in (1, 7)] == [whole, whole]


@pytest.mark.parametrize("name", FREE)
def test_a_freedom_of_transcription_streams_gives_no_finding(name: str) -> None:
    """What the contract leaves open is never held against a server."""
    assert judge_stream("createTranscription", ASKED, 200, TYPE, sse(FREE[name])) == []


def test_whisper_may_answer_plain_json_to_a_request_to_stream() -> None:
    """`stream` is ignored for whisper-1, so the content type is right."""
    asked = {"model": "whisper-1", "stream": "true"}
    assert judge_stream("createTranscription", asked, 200, "application/json", b'{"text":"I"}') == []


def test_a_character_split_over_two_events_is_compared_whole() -> None:
    """The bytes of a delta that ends inside a character wait for the next one."""
    raw = "\N{GRINNING FACE}".encode()
    halves = [{"token": "x", "logprob": 0, "bytes": list(part)} for part in (raw[:2], raw[2:])]
    events = [
        delta("", logprobs=halves[:1]),
        delta("\N{GRINNING FACE}", logprobs=halves[1:]),
        done("\N{GRINNING FACE}", logprobs=[{**entry("\N{GRINNING FACE}"), "token": "\\xf0\\x9f"}]),
    ]
    found = judge_stream("createTranscription", {**ASKED, **LOGPROBS}, 200, TYPE, sse(events))
    assert {each.rule for each in found} == {"TRN-007"}


def test_the_done_event_is_compared_on_its_own() -> None:
    """Bytes that still wait for the rest of their character are no part of the final text."""
    smile = "\N{GRINNING FACE}"
    half = {**entry(smile), "bytes": list(smile.encode()[:2])}
    events = [delta("", logprobs=[half]), done(smile, logprobs=[entry(smile)])]
    found = judge_stream("createTranscription", {**ASKED, **LOGPROBS}, 200, TYPE, sse(events))
    assert {each.rule for each in found} == {"TRN-004", "TRN-007"}


def test_half_a_surrogate_pair_is_text_like_any_other() -> None:
    """JSON can escape it, so its bytes are compared with it and nothing raises."""
    half = {"token": "\ud800", "logprob": -1, "bytes": [0xED, 0xA0, 0x80]}
    events = [json.dumps(each) for _, each in (delta("\ud800", logprobs=[half]), done("\ud800", logprobs=[half]))]
    body = sse([(None, each) for each in events])
    assert judge_stream("createTranscription", {**ASKED, **LOGPROBS}, 200, TYPE, body) == []


def test_the_deltas_add_up_to_the_plain_answer() -> None:
    """The accumulated object is the done event's text."""
    judge = StreamJudge(load(), "createTranscription", ASKED, 200, TYPE)
    assert judge.feed(sse(right())) + judge.close() == []
    assert (judge.accumulated, judge.text) == ({"text": "I see"}, "I see")


def test_the_alphabet_holds_every_event_that_the_spec_declares() -> None:
    """The members of the union in the operation's answer are the alphabet."""
    spec = load()
    union = spec.published["components"]["schemas"]["CreateTranscriptionResponseStreamEvent"]["anyOf"]
    assert {each["$ref"] for each in union} == {f"#{at}" for at in surface("transcription").alphabet.values()}
