import json
from pathlib import Path

import pytest
from stream_builders_chat import COUNTED, ERROR, stream
from stream_case import StreamCase, broken_rules
from stream_cases_completions import CASES, chunk, counted, scored, scores, several, text

from contract import judge_stream
from contract.spec import load
from contract.streams import StreamJudge
from contract.verdict import Finding

TYPE = "text/event-stream"


def judged(body: bytes, content_type: str = TYPE, **asked: object) -> list[Finding]:
    """The findings of a completion stream."""
    return judge_stream("createCompletion", {"prompt": "Say", "stream": True, **asked}, 200, content_type, body)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_broken_completion_stream_is_named_by_its_rule(case: StreamCase) -> None:
    """Every case of the table breaks the rule it stands for."""
    assert case.rule in broken_rules(case, case.breaking, case.request)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_twin_of_a_broken_completion_stream_is_clean(case: StreamCase) -> None:
    """The near twin breaks nothing at all."""
    assert broken_rules(case, case.twin, case.twin_request or case.request) == set()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_findings_of_a_completion_stream_do_not_depend_on_the_chunks(case: StreamCase) -> None:
    """Whole, byte by byte and in sevens the findings are the same."""
    args = ("createCompletion", case.request, 200, TYPE, case.breaking)
    whole = judge_stream(*args)
    assert [judge_stream(*args, chunk_size=size) for size in (1, 7)] == [whole, whole]


def test_choices_of_several_prompts_may_interleave() -> None:
    """Two prompts with two choices each stream in any order."""
    whole = several(4)
    assert judged(stream(whole[::3] + whole[1::3] + whole[2::3]), prompt=["a", "b"], n=2) == []


def test_an_error_excuses_what_the_stream_would_owe() -> None:
    """After an in-stream error nothing more is asked for."""
    assert judged(stream([chunk("a"), ERROR], done=False), n=2) == []


def test_best_of_may_be_answered_without_a_stream() -> None:
    """A plain answer to a request that cannot be streamed is right, not a wrong content type."""
    assert judged(b"{}", "application/json", best_of=3) == []


def test_the_chunks_add_up_to_the_plain_answer() -> None:
    """The accumulated object is a text_completion with the whole text and its logprobs."""
    judge = StreamJudge(load(), "createCompletion", {"prompt": "Say", "stream": True, "logprobs": 0}, 200, TYPE)
    assert judge.feed(stream(scored(scores("This", " is")))) + judge.close() == []
    choice = judge.accumulated["choices"][0]
    assert (choice["text"], choice["logprobs"]["tokens"]) == ("This is", ["This", " is"])
    assert judge.text == "This is"


def test_an_unfinished_stream_adds_up_to_nothing() -> None:
    """Without a finish_reason there is no plain answer to compare with."""
    judge = StreamJudge(load(), "createCompletion", {"prompt": "Say", "stream": True}, 200, TYPE)
    assert (judge.text, judge.accumulated) == ("", None)
    judge.feed(stream([chunk("a")], done=False))
    assert (judge.text, judge.accumulated) == ("a", None)


def test_a_flood_of_log_probabilities_is_kept_in_part() -> None:
    """The accumulated object holds the first thousand tokens, however they came."""
    judge = StreamJudge(load(), "createCompletion", {"prompt": "Say", "stream": True, "logprobs": 0}, 200, TYPE)
    flood = [chunk("ab" * 300, logprobs=scores(*("ab",) * 300, at=600 * number)) for number in range(5)]
    assert judge.feed(stream([*flood, chunk("", "stop")])) + judge.close() == []
    kept = judge.accumulated["choices"][0]["logprobs"]
    assert {name: len(values) for name, values in kept.items()} == dict.fromkeys(scores(), 1000)
    assert kept["text_offset"] == list(range(0, 2000, 2))


@pytest.mark.parametrize(
    "asked",
    [{"n": True}, {"n": "2"}, {"max_tokens": "1"}, {"logprobs": True}, {"logprobs": "1"}, {"stop": [1, ""]}],
    ids=str,
)
def test_what_a_completion_request_says_in_a_wrong_type_is_not_asked_for(asked: dict[str, object]) -> None:
    """A request that a lenient server took binds its stream to nothing that it does not say rightly."""
    assert judged(stream(text()), **asked) == []


def test_a_spec_that_nobody_corrected_admits_null_where_the_prose_does_and_nowhere_else(tmp_path: Path) -> None:
    """An unfinished choice and a chunk before the last have null; the members keep their types for all that."""
    names = ("CreateCompletionResponse", "CompletionUsage")
    schemas = {name: load().published["components"]["schemas"][name] for name in names}
    document = {"openapi": "3.0.0", "info": {}, "paths": {}, "components": {"schemas": schemas}}
    elsewhere = tmp_path / "openapi.yaml"
    elsewhere.write_text(json.dumps(document))
    spec = load(elsewhere)
    asked = {"prompt": "Say", "stream": True, **COUNTED}
    right = counted(text())
    wrong = [chunk("a", usage="none"), chunk("b", 5), {**chunk("c", usage=None), "choices": [{"index": 0}]}]
    for chunks, rules in ((right, []), ([*wrong, *right], ["CMPL-001"] * 3)):
        judge = StreamJudge(spec, "createCompletion", asked, 200, TYPE)
        found = [*judge.feed(stream(chunks)), *judge.close()]
        assert [each.rule for each in found if each.rule != "CMPL-013"] == rules


def test_max_tokens_null_sets_no_bound() -> None:
    """Null is not the default of 16; what it means is not said."""
    usage = {"prompt_tokens": 1, "completion_tokens": 99, "total_tokens": 100}
    chunks = [{**each, "usage": None} for each in text()] + [{**text()[0], "choices": [], "usage": usage}]
    assert judged(stream(chunks), max_tokens=None, stream_options={"include_usage": True}) == []
