from pathlib import Path

import pytest
from stream_builders_chat import (
    COUNTED,
    ERROR,
    TOOLS,
    calls,
    chunk,
    counted,
    finish,
    hello,
    more,
    opens,
    role,
    said,
    scored,
    stream,
    token,
    weather,
)
from stream_case import StreamCase, broken_rules
from stream_cases_chat import CASES, FREE

from contract import judge_stream
from contract.grammars import surface
from contract.pointer import resolve
from contract.rules import RULES
from contract.spec import Spec, load
from contract.streams import StreamJudge
from contract.verdict import Finding, Keyword

TYPE = "text/event-stream"


def judged(body: bytes, **asked: object) -> list[Finding]:
    """The findings of a chat stream."""
    return judge_stream("createChatCompletion", {"stream": True, **asked}, 200, TYPE, body)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_broken_chat_stream_is_named_by_its_rule(case: StreamCase) -> None:
    """Every case of the table breaks the rule it stands for."""
    assert case.rule in broken_rules(case, case.breaking, case.request)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_twin_of_a_broken_chat_stream_is_clean(case: StreamCase) -> None:
    """The near twin breaks nothing at all."""
    assert broken_rules(case, case.twin, case.twin_request or case.request) == set()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_findings_of_a_chat_stream_do_not_depend_on_the_chunks(case: StreamCase) -> None:
    """Whole, byte by byte and in sevens the findings are the same."""
    args = ("createChatCompletion", case.request, 200, TYPE, case.breaking)
    whole = judge_stream(*args)
    assert [judge_stream(*args, chunk_size=size) for size in (1, 7)] == [whole, whole]


@pytest.mark.parametrize("rule", FREE)
def test_a_freedom_of_chat_streams_gives_no_finding(rule: str) -> None:
    """What the contract leaves open is never held against a server."""
    asked, chunks = FREE[rule]
    assert RULES[rule].keyword is Keyword.MAY
    assert judged(stream(chunks), **asked) == []


def test_an_error_excuses_what_the_stream_would_owe() -> None:
    """After an in-stream error neither finish_reason nor usage nor [DONE] is asked for (CHAT-075)."""
    assert judged(stream([{**role(), "usage": None}, ERROR], done=False), n=2, **COUNTED) == []


def test_usage_null_that_nobody_asked_for_never_fails_a_case() -> None:
    """The reading is contested: CHAT-033 warns, with its reason in the catalogue."""
    found = judged(stream([{**each, "usage": None} for each in hello()]))
    assert {str(each.keyword) for each in found} == {"SHOULD"}
    assert RULES["CHAT-033"].contested


def test_a_finding_says_where_what_was_allowed_and_what_came_before() -> None:
    """A finding on the fifth event names it, the symbols of the machine and the events up to it."""
    found = judged(stream([*hello(), said("more")]))[0]
    assert (found.rule, found.where) == ("CHAT-017", "event 5")
    assert found.spec is not None
    assert found.spec.line == 18261
    assert len(found.excerpt) == 4
    assert "more" in found.excerpt[-1]


def test_refused_symbols_come_with_the_allowed_ones() -> None:
    """After the usage chunk only an error or [DONE] is allowed, and the finding says so."""
    found = judged(stream([*counted(hello()), counted(hello())[0]]), **COUNTED)
    assert next(each for each in found if each.rule == "CHAT-030").allowed == ("error", "[DONE]")


def test_a_rule_broken_in_every_chunk_is_told_a_few_times_and_counted() -> None:
    """Fifty changing ids give three findings and one that counts the others."""
    chunks = [{**said("a"), "id": f"chatcmpl-{number}"} for number in range(2, 52)]
    found = [each for each in judged(stream([role(), *chunks, finish()])) if each.rule == "CHAT-004"]
    assert len(found) == 4
    assert found[-1].actual.startswith("47 more of 50")


def test_findings_come_with_the_event_that_breaks_the_rule() -> None:
    """Nothing waits for the end of the stream that can be said before."""
    judge = StreamJudge(_spec(), "createChatCompletion", {"stream": True}, 200, TYPE)
    assert judge.feed(stream(hello(), done=False)) == []
    assert [each.rule for each in judge.feed(stream([said("late")], done=False))] == ["CHAT-017"]


def test_a_stream_cut_by_the_transport_owes_nothing() -> None:
    """`close(complete=False)` asks for neither finish_reason nor [DONE]."""
    judge = StreamJudge(_spec(), "createChatCompletion", {"stream": True}, 200, TYPE)
    judge.feed(stream([role(), said("a")], done=False))
    assert judge.close(complete=False) == []


def test_the_deltas_add_up_to_the_plain_answer() -> None:
    """Content, tool calls and usage stand in the accumulated object as the plain answer has them."""
    judge = StreamJudge(_spec(), "createChatCompletion", {"stream": True, **TOOLS, **COUNTED}, 200, TYPE)
    chunks = calls(opens(), more('{"city":'), opens(1, "call_2"), more('"Rome"}'), more("{}", 1))
    assert judge.feed(stream(counted(chunks))) + judge.close() == []
    message = judge.accumulated["choices"][0]["message"]
    assert [each["function"]["arguments"] for each in message["tool_calls"]] == ['{"city":"Rome"}', "{}"]
    assert judge.accumulated["usage"]["total_tokens"] == 9


def test_what_follows_the_finish_reason_is_no_part_of_the_answer() -> None:
    """A choice ends with its first finish_reason, whatever a server sends for it afterwards."""
    judge = StreamJudge(_spec(), "createChatCompletion", {"stream": True}, 200, TYPE)
    judge.feed(stream([*hello(), said("more"), finish("length")]))
    choice = judge.accumulated["choices"][0]
    assert (choice["message"]["content"], choice["finish_reason"]) == ("Hello", "stop")


def test_a_tool_call_without_a_name_adds_up_to_what_came() -> None:
    """What the answer needs and no fragment gave is empty; the id is the first one."""
    judge = StreamJudge(_spec(), "createChatCompletion", {"stream": True, **TOOLS}, 200, TYPE)
    judge.feed(stream(calls(more("{"), more("}"), {**more("", 1), "id": "call_1"}, {**more("", 1), "id": "call_2"})))
    told = judge.accumulated["choices"][0]["message"]["tool_calls"]
    assert told == [
        {"id": "", "type": "function", "function": {"name": "", "arguments": "{}"}},
        {"id": "call_1", "type": "function", "function": {"name": "", "arguments": ""}},
    ]


def test_an_unfinished_stream_adds_up_to_nothing() -> None:
    """Without a finish_reason there is no plain answer to compare with."""
    judge = StreamJudge(_spec(), "createChatCompletion", {"stream": True}, 200, TYPE)
    judge.feed(stream([role(), said("a")], done=False))
    assert judge.accumulated is None
    assert judge.text == "a"


def test_a_stream_without_chunks_adds_up_to_nothing() -> None:
    """Before the first choice there is neither a text nor an answer."""
    judge = StreamJudge(_spec(), "createChatCompletion", {"stream": True}, 200, TYPE)
    assert (judge.text, judge.accumulated) == ("", None)


@pytest.mark.parametrize(
    ("pieces", "name", "arguments"),
    [
        ([{"arguments": "{"}, {"name": "f"}, {"arguments": "}"}], "f", "{}"),
        ([{"name": "f", "arguments": "{}"}, {"name": "f"}], "f", "{}"),
        ([{"arguments": "{}"}], "", "{}"),
    ],
)
def test_a_function_call_adds_up_from_any_pieces(pieces: list[object], name: str, arguments: str) -> None:
    """Name and arguments of the deprecated call come in any order; what never came is empty."""
    judge = StreamJudge(_spec(), "createChatCompletion", {"stream": True, "functions": [{}]}, 200, TYPE)
    chunks = [role(), *(chunk({"function_call": each}) for each in pieces), finish("function_call")]
    assert judge.feed(stream(chunks)) + judge.close() == []
    message = judge.accumulated["choices"][0]["message"]
    assert message["function_call"] == {"name": name, "arguments": arguments}


def test_a_flood_of_log_probabilities_is_kept_in_part() -> None:
    """The accumulated object holds the first thousand entries, however they came."""
    judge = StreamJudge(_spec(), "createChatCompletion", {"stream": True, "logprobs": True}, 200, TYPE)
    flood = [scored("a" * 300, *(token("a", -number) for _ in range(300))) for number in range(5)]
    assert judge.feed(stream([role(), *flood, finish()])) + judge.close() == []
    kept = judge.accumulated["choices"][0]["logprobs"]["content"]
    assert [each["logprob"] for each in kept] == [-number for number in (0, 1, 2, 3) for _ in range(300)][:1000]


def test_nothing_is_fetched_for_a_schema_of_the_request(tmp_path: Path) -> None:
    """A promised schema that points to a file or an address promises nothing."""
    elsewhere = tmp_path / "schema.json"
    elsewhere.write_text('{"required": ["a"]}')
    form = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"$ref": elsewhere.as_uri()}}}
    assert judged(stream(hello("{}")), response_format=form) == []


def test_a_character_split_over_two_tokens_is_compared_whole() -> None:
    """The bytes of a choice are put together before they are compared with its content."""
    raw = "\N{GRINNING FACE}".encode()
    parts = [scored("", token("a", octets=raw[:2])), scored("\N{GRINNING FACE}", token("b", octets=raw[2:]))]
    assert judged(stream([role(), *parts, finish()]), logprobs=True) == []


def test_a_json_schema_that_is_not_strict_promises_json_only() -> None:
    """`strict: false` gives the schema up, not the JSON."""
    asked = {"type": "json_schema", "json_schema": {"name": "n", "strict": False, "schema": {"required": ["a"]}}}
    assert judged(stream(hello('{"b":1}')), response_format=asked) == []
    assert {each.rule for each in judged(stream(hello("{")), response_format=asked)} == {"CHAT-053"}


def test_an_event_with_broken_members_is_judged_by_the_others() -> None:
    """A chunk whose logprobs break the schema still carries its finish_reason."""
    chunks = [role(), said("a"), {**chunk({}, "stop"), "service_tier": 5}]
    assert {each.rule for each in judged(stream(chunks))} == {"CHAT-001"}


def test_the_chat_alphabet_has_the_one_schema_that_the_spec_declares() -> None:
    """The media type of the operation's answer and the alphabet name the same schema."""
    spec = _spec()
    declared = spec.operations["createChatCompletion"].answers["200"].content["text/event-stream"]
    pointer = next(iter(surface("chat").alphabet.values()))
    at = declared.schema_pointer
    assert at is not None
    assert resolve(spec.published, at)["$ref"] == f"#{pointer}"


def test_arguments_of_a_tool_call_may_come_in_any_number_of_pieces() -> None:
    """No fragment but the first needs more than an index and arguments."""
    assert judged(stream(weather(*'{"city":"Rome"}')), **TOOLS) == []


def _spec() -> Spec:
    return load()


def test_a_flood_of_tool_calls_is_bounded() -> None:
    """Some thousands of calls are followed, the others are passed over."""
    judge = StreamJudge(_spec(), "createChatCompletion", {"stream": True, **TOOLS}, 200, TYPE)
    flood = calls(*(opens(number, f"call_{number}") for number in range(4200)))
    assert judge.feed(stream(flood)) + judge.close() == []
    assert len(judge.accumulated["choices"][0]["message"]["tool_calls"]) == 4096
