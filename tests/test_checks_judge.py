"""The judge as a whole: it never raises, and it is the same for the same exchange."""

from dataclasses import replace
from typing import Any

import pytest
from checks_support import SPEC, broken, exchange
from hypothesis import given
from hypothesis import strategies as st

from contract import checks, examples, pointer
from contract.case import Expect, Kind
from contract.rules import RULES
from contract.verdict import Keyword

OPERATIONS = sorted(SPEC.operations)
MEDIA = st.sampled_from(
    ["application/json", "text/html", "text/event-stream", "audio/mpeg", "", ";", "application/x+json"]
)
ANSWERS = [
    each
    for each in examples.published(SPEC)
    if each.kind == "response" and each.problem is None and "application~1json" in str(each.schema)
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)


@given(
    st.sampled_from(OPERATIONS),
    st.sampled_from([200, 201, 204, 301, 400, 401, 404, 405, 418, 429, 500, 501]) | st.integers(100, 999),
    st.binary(max_size=60) | JSON,
    MEDIA,
    st.sampled_from(list(Kind)),
)
def test_judging_never_raises(operation: str, status: int, body: Any, media_type: str, kind: Kind) -> None:
    """Law: whatever a target answers, there are findings and no exception; each names a registered rule."""
    own = exchange(operation, status, body, media_type)
    found = checks.judge(SPEC, SPEC.operations[operation], own, Expect(kind))
    checks.unsupported(SPEC.operations[operation], own)
    checks.denied(own, Expect(kind))
    for each in found:
        assert each.rule in RULES
        assert each.summary
        assert each.exchange == own.id
        assert all(text.isprintable() for text in (each.summary, each.expected, each.actual, each.where))
        assert not (RULES[each.rule].contested and each.keyword is Keyword.MUST)


@pytest.mark.parametrize("example", ANSWERS, ids=lambda each: f"{each.owner}-{SPEC.line(each.pointer)}")
def test_the_printed_answer_of_an_operation_never_fails(example: examples.Example) -> None:
    """A server that answers what the spec prints earns warnings at most."""
    assert all(strength == "SHOULD" for _, strength in broken(example.owner, 200, example.value, request_body=b"{}"))


def test_every_rule_cites_a_source_and_a_way_to_mend() -> None:
    """The catalogue of the checks is complete."""
    own = [
        rule
        for rule in RULES.values()
        if rule.subject in {"status", "request", "media-type", "headers", "body", "error"}
    ]
    assert len(own) >= 17
    for rule in own:
        assert rule.statement.endswith(".")
        assert rule.source
        assert rule.mend.endswith(".")


def test_sources_in_the_spec_are_where_they_say() -> None:
    """The lines that rules cite hold what they are cited for."""
    lines = SPEC.text.splitlines()
    assert lines[21231 - 1].strip() == "ErrorResponse:"
    assert lines[21193 - 1].strip() == "Error:"
    at = "/components/schemas/CreateChatCompletionRequest/allOf/1/properties/stream"
    assert SPEC.line(at) == 17866
    assert pointer.resolve(SPEC.published, at)["default"] is False


@pytest.mark.parametrize("check", checks.CHECKS, ids=lambda check: check.__module__)
def test_a_check_by_itself_wants_an_answer(check: checks.Check) -> None:
    """The judge passes exchanges without one by; whoever calls a check with one has made a mistake, and is told so."""
    unanswered = replace(exchange("createChatCompletion"), response=None)
    invalid = Expect(Kind.INVALID)
    with pytest.raises(ValueError, match=r"^an exchange without a response has nothing to judge$"):
        list(check(SPEC, SPEC.operations["createChatCompletion"], unanswered, invalid))
