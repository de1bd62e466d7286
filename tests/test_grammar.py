import dataclasses
import functools
from collections.abc import Sequence
from typing import Any

import pytest
import stream_cases_chat
import stream_cases_completions
import stream_cases_sse
import stream_cases_transcription
from hypothesis import given, settings
from hypothesis import strategies as st
from stream_builders_chat import HEAD, chunk, finish, hello, role, said, stream
from stream_case import StreamCase

from contract import grammars, judge_stream
from contract import spec as specs
from contract.errors import UsageError
from contract.grammar import Break, Context, Machine, Table, Text
from contract.grammar_rules import MUST, rule_rows
from contract.grammar_text import MAX_TEXT, shorten
from contract.grammars.recent import Recent
from contract.pruning import pruned
from contract.rules import RULES, of_subject
from contract.spec import Spec
from contract.streams import StreamJudge
from contract.verdict import Keyword

TYPE = "text/event-stream"
CASES: dict[str, Sequence[StreamCase]] = {
    "stream/sse": stream_cases_sse.CASES,
    "stream/chat": stream_cases_chat.CASES,
    "stream/completions": stream_cases_completions.CASES,
    "stream/transcription": stream_cases_transcription.CASES,
}
CORPUS = [each for cases in CASES.values() for each in cases]
#: Freedoms that are shown by a test of their own: an error that ends a stream early, a sentinel after a transcript.
TOLD = {"CHAT-075", "TRN-010"}

DOOR = Table(
    name="the door",
    start="closed",
    moves={"closed": {"open": "ajar"}, "ajar": {"close": "closed", "lock": "locked"}, "locked": {}},
    breaks={("closed", "close"): Break("CHAT-016"), ("locked", "*"): Break("CHAT-017", "closed")},
    owed={"ajar": "CHAT-015"},
)


@functools.cache
def load() -> Spec:
    """The bundled spec, loaded once."""
    return specs.load()


def context() -> Context:
    """A context without a stream."""
    return Context(load(), grammars.surface("chat"), "createChatCompletion", {})


@pytest.mark.parametrize("subject", CASES)
def test_every_must_and_should_has_a_stream_that_breaks_it(subject: str) -> None:
    """A rule that nothing breaks would be a rule that nobody knows to work."""
    grammars.load_all()
    owed = {rule.id for rule in of_subject([subject]) if rule.keyword is not Keyword.MAY}
    assert owed == {case.rule for case in CASES[subject]}


def test_every_freedom_has_a_stream_that_uses_it() -> None:
    """A MAY is proved by a stream that takes it and gives no finding."""
    grammars.load_all()
    freedoms = {rule.id for rule in of_subject(CASES) if rule.keyword is Keyword.MAY}
    assert freedoms == {*stream_cases_sse.FREE, *stream_cases_chat.FREE, *TOLD}


def test_every_rule_of_a_stream_says_how_to_mend_it_and_where_it_stands() -> None:
    """The catalogue explains each MUST and SHOULD: a statement, a source, a mending; disputed ones never fail."""
    grammars.load_all()
    rules = [rule for rule in RULES.values() if rule.subject.startswith("stream")]
    assert len(rules) > 200
    assert all(rule.statement and rule.source for rule in rules)
    assert all(rule.mend for rule in rules if rule.keyword is not Keyword.MAY)
    assert not [rule.id for rule in rules if rule.contested and rule.keyword is Keyword.MUST]


@settings(max_examples=40)
@given(st.sampled_from(CORPUS), st.data())
def test_any_chunking_gives_the_same_findings(case: StreamCase, data: st.DataObject) -> None:
    """The law of the judge: where the transport cuts is no business of the verdict's."""
    body = data.draw(st.sampled_from([case.breaking, case.twin]))
    body = body if len(body) < 20_000 else case.twin
    cuts = sorted(data.draw(st.sets(st.integers(0, len(body)), max_size=12)))
    judge = StreamJudge(load(), case.operation, case.request, case.status, case.content_type)
    found = [each for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True) for each in judge.feed(body[a:b])]
    args = (case.operation, case.request, case.status, case.content_type, body)
    assert found + judge.close() == judge_stream(*args, spec=load())


def test_a_machine_moves_by_its_table() -> None:
    """A symbol that the table knows moves the machine and says nothing."""
    where, machine = context(), Machine(DOOR)
    assert machine.step(where, "open")
    assert (machine.state, machine.allowed(), where.take()) == ("ajar", ("close", "lock"), [])


def test_a_machine_reports_what_its_table_refuses() -> None:
    """The exact pair wins over the wildcard, and a break may lead on to another state."""
    where, machine = context(), Machine(DOOR)
    assert not machine.step(where, "close")
    assert machine.state == "closed"
    machine.step(where, "open")
    machine.step(where, "lock")
    assert not machine.step(where, "open", "somebody opened a locked door")
    assert machine.state == "closed"
    assert [each.rule for each in where.take()] == ["CHAT-016", "CHAT-017"]


def test_a_machine_left_open_breaks_what_its_state_owes() -> None:
    """The end of the stream is a symbol too."""
    where, machine = context(), Machine(DOOR)
    assert machine.leave(where)
    machine.step(where, "open")
    assert not machine.leave(where)
    assert [each.rule for each in where.take()] == ["CHAT-015"]


def test_one_finding_a_rule_and_place() -> None:
    """A rule that is broken twice by one event is told once."""
    where = context()
    where.report("CHAT-004", actual="a")
    where.report("CHAT-004", actual="b")
    where.report("CHAT-004", actual="c", where="somewhere else")
    assert [each.actual for each in where.take()] == ["a", "c"]


def test_a_freedom_cannot_be_reported() -> None:
    """To report a MAY is a mistake of the suite, not of the target."""
    with pytest.raises(ValueError, match="CHAT-071"):
        context().report("CHAT-071")


def test_a_disputed_must_cannot_be_registered() -> None:
    """Contested readings never fail a case."""
    with pytest.raises(ValueError, match="SHOULD"):
        rule_rows("stream/none", ("NONE-001", MUST, "statement", "source", "mend", "disputed"))


@given(st.lists(st.text(max_size=5), max_size=2000))
@settings(max_examples=20)
def test_text_is_the_sum_of_its_pieces(pieces: list[str]) -> None:
    """However many pieces, length and value are those of the joined text."""
    text = Text()
    for piece in pieces:
        text.add(piece)
    whole = "".join(pieces)
    assert (text.value, len(text), bool(text), text.whole) == (whole, len(whole), bool(whole), True)
    assert text.equals(whole)
    assert not text.equals(whole + "x")


def test_a_text_over_the_bound_is_still_compared_exactly() -> None:
    """Beyond the bound the text is known by length and digest."""
    text = Text()
    for _ in range(1100):
        text.add("x" * 1000)
    assert (len(text), len(text.value), text.whole) == (1_100_000, MAX_TEXT, False)
    assert text.equals("x" * 1_100_000)
    assert not text.equals("x" * 1_099_999 + "y")


def test_shortening_keeps_both_ends_in_one_line() -> None:
    """The middle goes, line ends are written out."""
    assert shorten("a\nb", 10) == "a\\nb"
    assert shorten("a" * 50 + "z" * 50, 15) == "aaaaa ... zzzzz"


def test_pruning_takes_out_just_what_is_broken() -> None:
    """Wrong members go, right ones stay, also where many are wrong at once."""
    schemas, at = load().schemas, "/components/schemas/CreateChatCompletionStreamResponse"
    entries = [{"index": 0, "delta": {"content": number}, "finish_reason": "no"} for number in range(40)]
    value = {**HEAD, "created": "now", "choices": entries}
    left = pruned(schemas, at, value, schemas.broken(at, value))
    assert left == {**{k: v for k, v in HEAD.items() if k != "created"}, "choices": [{"index": 0, "delta": {}}] * 40}


def test_a_memory_of_ids_forgets_the_oldest_first_and_says_so() -> None:
    """Bounded memory: a thousand and 24 ids unless another limit is set; knowing one again makes it no newer."""
    for memory, limit in ((Recent(), 1024), (Recent(2), 2)):
        for number in [*range(limit), 0]:
            memory.add(f"id_{number}")
        assert ("id_0" in memory, memory.forgets) == (True, False)
        memory.add("one more")
        assert [each in memory for each in ("id_0", "id_1", "one more")] == [False, True, True]
        assert memory.forgets is True


def test_only_operations_that_stream_can_be_judged() -> None:
    """Any other operation is a mistake of the caller, told in one line."""
    with pytest.raises(UsageError, match="listModels"):
        judge_stream("listModels", {}, 200, TYPE, b"")


def test_the_report_keeps_the_ends_and_what_findings_name() -> None:
    """Of a long stream the first events, the last and those around a finding are kept, with their numbers."""
    chunks = [role(), *(said(str(number)) for number in range(500)), finish()]
    chunks[200] = {**chunks[200], "id": "chatcmpl-2"}
    judge = StreamJudge(load(), "createChatCompletion", {"stream": True}, 200, TYPE)
    judge.feed(stream(chunks), 0.5)
    judge.close()
    numbers = [each.number for each in judge.events]
    assert numbers == [*range(1, 41), 199, 200, 201, *range(484, 504)]
    assert [each.data for each in judge.events][-1] == "[DONE]"
    assert (judge.event_count, judge.events[0].at_s) == (503, 0.5)


def test_a_huge_event_is_cut_in_the_report_but_judged_whole() -> None:
    """What is kept of an event's data is bounded."""
    judge = StreamJudge(load(), "createChatCompletion", {"stream": True}, 200, TYPE)
    assert judge.feed(stream(hello("x" * 100_000))) + judge.close() == []
    assert max(len(each.data) for each in judge.events) < 5000
    assert len(judge.text) == 100_000


def test_an_event_over_the_parsers_limit_ends_the_judging() -> None:
    """The suite's own bound warns once and blames the stream for nothing else."""
    body = stream([role(), said("x" * 9_000_000)], done=False)
    found = judge_stream("createChatCompletion", {"stream": True}, 200, TYPE, body, chunk_size=65536)
    assert [(each.rule, str(each.keyword)) for each in found] == [("stream/event-size", "SHOULD")]


def test_a_wrong_sum_of_deltas_is_told_by_the_plain_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the deltas add up to is validated against the schema of the plain answer."""
    surface = dataclasses.replace(grammars.surface("chat"), plain="/components/schemas/ListModelsResponse")
    monkeypatch.setattr(grammars, "surface", lambda _: surface)
    found = judge_stream("createChatCompletion", {"stream": True}, 200, TYPE, stream(hello()))
    assert [each.rule for each in found] == ["stream/accumulated-schema"]


@pytest.mark.parametrize(
    "data",
    [
        '{"id": "\\ud800"}',
        '{"\\udfff": 1}',
        "1e999",
        '{"a": 1e999}',
        "[" * 5000,
        '{"a":' * 2000 + "1" + "}" * 2000,
        "1" * 5000,
    ],
    ids=["surrogate", "surrogate key", "huge", "infinite", "deep array", "deep object", "long number"],
)
def test_strange_json_never_raises(data: str) -> None:
    """Whatever the target sends is a finding, not an exception."""
    events: list[Any] = [role(), data, chunk({}, "stop")]
    found = judge_stream("createChatCompletion", {"stream": True}, 200, TYPE, stream(events))
    assert found
