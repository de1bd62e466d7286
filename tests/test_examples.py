"""The spec's own examples, judged: none fails for a reason other than a listed defect."""

from collections import Counter

import pytest

from contract import examples
from contract.checks.body import judge_value
from contract.examples import mend
from contract.spec import load

SPEC = load()
EXAMPLES = examples.published(SPEC)
READ = [each for each in EXAMPLES if each.problem is None and each.schema is not None]
#: Not repairable without guessing: a string without its closing quote and a missing value (openapi.yaml:4242).
UNREADABLE = {"createFineTuningJob"}
#: `code_interpreter_call: {}` stands for an object that was left out (openapi.yaml:29774, 29808, 29844).
ELIDED = {
    "ResponseCodeInterpreterCallCompletedEvent",
    "ResponseCodeInterpreterCallInProgressEvent",
    "ResponseCodeInterpreterCallInterpretingEvent",
}


def test_all_printed_examples_are_found() -> None:
    """As many examples as the document prints: answers, errors and objects; streams give their events one by one."""
    text = SPEC.text
    kinds = Counter(each.kind for each in EXAMPLES)
    assert len({each.pointer for each in EXAMPLES if each.kind != "error"}) >= 280
    assert kinds["object"] >= 130
    assert kinds["event"] >= 100
    assert kinds["error"] == text.count("error_response:")


def test_only_listed_examples_are_unreadable() -> None:
    """What cannot be read is told, and is no more than what is listed."""
    assert {each.owner for each in EXAMPLES if each.problem} == UNREADABLE


@pytest.mark.parametrize("example", READ, ids=lambda each: f"{each.owner}-{each.kind}-{SPEC.line(each.pointer)}")
def test_an_example_breaks_nothing_but_listed_defects(example: examples.Example) -> None:
    """Under the corrected reading each is valid; what the strict one breaks has a contested correction's reason."""
    assert example.schema is not None
    for rule, broken, reason in judge_value(SPEC, example.schema, example.value):
        if example.owner in ELIDED and broken.where == "/code_interpreter_call":
            continue
        assert rule == "body/contested", broken.message
        assert reason, broken.message


def test_the_published_reading_would_fail_many() -> None:
    """Without the corrections the examples break the schemas by the dozen: the test above can fail."""
    from contract.schema import Schemas

    published = Schemas(SPEC.published)
    failing = {
        each.owner for each in READ if _has(each.schema) and not published.is_valid(str(each.schema), each.value)
    }
    assert len(failing) > 60


def _has(at: str | None) -> bool:
    return (
        at is not None
        and "event-stream" not in at
        and "x-oaiMeta" not in at
        and "responses~1{response_id}/delete" not in at
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1,}', {"a": 1}),
        ('{"a": [1, 2,],}', {"a": [1, 2]}),
        ('{"a": 1, ...}', {"a": 1}),
        ('{"a": [1, ...]}', {"a": [1]}),
        ('{"a": [{"b": 1}, { ... }, ...]}', {"a": [{"b": 1}]}),
        ('{"a": {...}, "b": 1}', {"b": 1}),
        ('{"a": 1 "b": 2}', {"a": 1, "b": 2}),
        ("{a: 1}", {"a": 1}),
        ('{"a": 1 // one\n}', {"a": 1}),
        ('{"a": "x, ..."}', {"a": "x, ..."}),
        ('{"a": [0.1, .... (1536 floats total)\n]}', {"a": [0.1]}),
    ],
)
def test_slips_of_printed_json_are_mended(text: str, value: object) -> None:
    """Trailing and missing commas, ellipses, comments and bare keys; strings stay as they are."""
    assert mend(text) == value


@pytest.mark.parametrize("text", ["", "{", '{"a": }', "data: x", '{"a": "b}'])
def test_what_cannot_be_mended_is_an_error(text: str) -> None:
    """No guessing."""
    with pytest.raises(ValueError):  # noqa: PT011 - its text is the JSON reader's
        mend(text)
