"""The `param` of errors: a wrong name is told, and whatever a server may mean by it is not."""

import pytest
from checks_support import ENVELOPE, broken, judged

from contract.case import Expect, Kind

SENT = b'{"model": "m", "input": "x", "dimensions": 0, "user": "u"}'
TOLD = [("error/param", "SHOULD")]


def invalid(where: str = "/body/dimensions", constraint: str = "body.dimensions/minimum") -> Expect:
    """A request with one known fault."""
    return Expect(Kind.INVALID, constraint=constraint, where=where)


def refusal(param: object) -> dict[str, object]:
    """An envelope that names a member."""
    return {"error": {**ENVELOPE["error"], "param": param}}


@pytest.mark.parametrize("param", ["input", "messages", "None", "42", "/"])
def test_a_member_that_is_right_or_was_not_sent_is_not_at_fault(param: str) -> None:
    """`input` is in every request that is accepted; the others are in none."""
    assert broken("createEmbedding", 400, refusal(param), expect=invalid(), request_body=SENT) == TOLD


@pytest.mark.parametrize("param", [None, "", "dimensions", "body.dimensions", "$.dimensions", "model", "body", "user"])
def test_what_a_server_may_mean_is_no_finding(param: str | None) -> None:
    """Nothing, the member in any spelling, the model that decides, the whole body, an optional member it refuses."""
    assert broken("createEmbedding", 422, refusal(param), expect=invalid(), request_body=SENT) == []


@pytest.mark.parametrize(
    "param", ["messages", "messages[0]", "messages.0.content", "content", "messages/0/content/type"]
)
def test_a_part_of_the_place_or_more_than_it_is_right(param: str) -> None:
    """A server may stop at a parent, or go on into a branch."""
    expect = invalid("/body/messages/0/content", "body.messages.0.content/type")
    sent = b'{"model": "m", "messages": [{"role": "user", "content": 1}]}'
    assert broken("createChatCompletion", 400, refusal(param), expect=expect, request_body=sent) == []


@pytest.mark.parametrize(
    ("param", "found"),
    [("include[0]", []), ("include", []), ("limit", []), ("thread_id", []), ("after", []), ("order", TOLD)],
)
def test_parameters_of_the_query_and_of_the_path_count_as_sent(param: str, found: list[tuple[str, str]]) -> None:
    """The `[]` of a name is spelling; a path value may be what the server holds against the request."""
    expect = invalid("/query/include[]/0", "query.include[].0/enum")
    judgement = broken("listRunSteps", 400, refusal(param), expect=expect, query="?include[]=x&limit=2&after=")
    assert judgement == found


def test_the_fields_of_a_form_count_as_sent() -> None:
    """A form is no JSON."""
    form = b'--b\r\nContent-Disposition: form-data; name="\xff"; name="prompt"\r\n\r\nx\r\n--b--\r\n'
    expect = invalid("/body/temperature", "body.temperature/type")
    assert broken("createTranscription", 400, refusal("prompt"), expect=expect, request_body=form) == []
    assert broken("createTranscription", 400, refusal("language"), expect=expect, request_body=form) == TOLD


@pytest.mark.parametrize(
    "more",
    [
        {"expect": invalid(constraint="EMB-1")},
        {"expect": invalid("/body", "body/type")},
        {"expect": Expect(Kind.EDGE, frozenset({400}), constraint="body/x", where="/body/dimensions")},
    ],
)
def test_a_request_without_one_known_member_at_fault_is_not_judged(more: dict[str, Expect]) -> None:
    """A rule of the descriptions, the whole body, the edge of HTTP: anything may be named."""
    assert broken("createEmbedding", 400, refusal("messages"), request_body=SENT, **more) == []


def test_other_refusals_and_bodies_are_not_judged() -> None:
    """A 404 speaks of an object; text and odd envelopes are told by the check of error bodies."""
    for status, body in (
        (404, refusal("messages")),
        (400, b"no"),
        (400, {"error": "no"}),
        (400, []),
        (400, refusal(5)),
    ):
        assert all(rule != "error/param" for rule, _ in broken("createEmbedding", status, body, expect=invalid()))


def test_the_finding_names_both_members_and_the_line() -> None:
    """What was said, what would be right, and where the spec has the member."""
    (found,) = judged("createEmbedding", 400, refusal("messages"), expect=invalid(), request_body=SENT)
    assert (found.expected, found.actual, found.where) == (
        "`dimensions`, a part of it, or null",
        "messages",
        "/error/param",
    )
    assert found.spec is not None
    assert found.spec.line == 21202
