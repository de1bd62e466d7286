"""Error bodies: each fault is caught, and its conforming twin is not."""

from typing import Any

import pytest
from checks_support import ENVELOPE, broken, judged

from contract.case import Expect, Kind

REFUSED = Expect(Kind.INVALID)


@pytest.mark.parametrize(
    "error",
    [
        {"message": "m", "type": "t", "param": None, "code": None},
        {"message": "m", "type": "t", "param": "messages[0]", "code": "invalid_value"},
        {"message": "", "type": "", "param": None, "code": None, "extra": 1},
    ],
)
def test_the_envelope_is_right(error: dict[str, Any]) -> None:
    """`param` and `code` may be null; more members are an extension."""
    assert broken("createEmbedding", 400, {"error": error}, expect=REFUSED) == []


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"detail": [{"loc": ["body"], "msg": "field required"}]}, ""),
        ({"detail": "no"}, ""),
        ({"error": "no"}, "/error"),
        ({"error": {**ENVELOPE["error"], "code": 400}}, "/error/code"),
        ({"error": {**ENVELOPE["error"], "message": None}}, "/error/message"),
        ({"error": {**ENVELOPE["error"], "type": None}}, "/error/type"),
        ({"error": {"message": "m", "type": "t", "param": None}}, "/error"),
        (["no"], ""),
        (b"no", "body"),
        (b"", "body"),
        (b"[" * 100_000, "body"),
    ],
)
def test_any_other_error_body_is_a_warning_where_the_spec_declares_none(body: Any, where: str) -> None:
    """FastAPI's detail, integer codes, strings, text and nothing."""
    found = judged("createEmbedding", 400, body, expect=REFUSED)
    assert [(each.rule, str(each.keyword), each.where) for each in found] == [("error/envelope", "SHOULD", where)]


def test_the_envelope_is_demanded_where_the_operation_declares_it() -> None:
    """Nine operations declare ErrorResponse for 400."""
    operation = "modify-project"
    assert broken(operation, 400, ENVELOPE, expect=REFUSED) == []
    assert broken(operation, 400, {"detail": "no"}, expect=REFUSED) == [("error/declared", "MUST")]
    assert broken(operation, 400, b"no", "text/plain", expect=REFUSED) == [("error/declared", "MUST")]
    assert broken(operation, 404, {"detail": "no"}, expect=REFUSED) == [("error/envelope", "SHOULD")]


@pytest.mark.parametrize("body", [ENVELOPE, ENVELOPE["error"]])
def test_a_response_that_is_not_found_may_be_told_with_or_without_the_envelope(body: Any) -> None:
    """DeleteResponse declares the bare Error; all else has the envelope: both are allowed."""
    assert broken("deleteResponse", 404, body, expect=Expect(Kind.EDGE)) == []


def test_the_bare_error_is_enough_where_it_is_declared_alone() -> None:
    """An operation that declares the envelope sends the envelope."""
    assert ("error/declared", "MUST") in broken("modify-project", 400, ENVELOPE["error"], expect=REFUSED)


def test_a_response_that_is_not_found_is_told_somehow() -> None:
    """The twin: neither form."""
    assert ("error/declared", "MUST") in broken("deleteResponse", 404, {"detail": "no"}, expect=Expect(Kind.EDGE))


def test_a_rate_limit_error_without_envelope_is_contested() -> None:
    """The operation's own example of an error has an integer code and no envelope."""
    found = judged("update-project-rate-limits", 400, {"code": 404, "message": "m"}, expect=REFUSED)
    assert {(each.rule, str(each.keyword)) for each in found} == {("body/contested", "SHOULD")}


def test_errors_of_a_failing_server_are_judged_too() -> None:
    """A 500 with a page instead of the envelope is two findings."""
    assert broken("listModels", 500, b"<html>", "text/html") == [
        ("status/server-error", "MUST"),
        ("error/envelope", "SHOULD"),
    ]


def test_the_text_of_an_error_is_shown_shortened() -> None:
    """One line, printable, whatever came."""
    (found,) = judged("createEmbedding", 400, b"\x1b[31m" + b"x" * 5000, "text/plain", expect=REFUSED)
    assert len(found.actual) <= 210
    assert found.actual.isprintable()
