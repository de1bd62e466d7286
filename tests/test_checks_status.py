"""Statuses: each fault is caught, and its conforming twin is not."""

from dataclasses import replace

import pytest
from checks_support import ENVELOPE, MODELS, SPEC, broken, exchange, judged

from contract import checks
from contract.case import Expect, Kind
from contract.checks.statuses import ACCESS, BUSY, REFUSALS
from contract.exchange import Exchange, Request, Response
from contract.verdict import Keyword

MINIMAL, VALID, INVALID_KIND, EDGE = (Expect(kind) for kind in (Kind.MINIMAL, Kind.VALID, Kind.INVALID, Kind.EDGE))


def test_a_declared_success_is_no_finding() -> None:
    """The twin of all faults below."""
    assert broken("listModels", 200, MODELS, expect=MINIMAL) == []


@pytest.mark.parametrize("status", [201, 204, 302, 304])
def test_another_success_or_a_redirect_is_a_failure(status: int) -> None:
    """The spec declares 200 and nothing else."""
    assert broken("listModels", status, MODELS) == [("status/declared", "MUST")]


@pytest.mark.parametrize("status", [500, 502, 599])
@pytest.mark.parametrize("kind", list(Kind))
def test_a_server_error_is_a_failure_whatever_was_sent(status: int, kind: Kind) -> None:
    """No request makes a server fail."""
    assert ("status/server-error", "MUST") in broken("listModels", status, ENVELOPE, expect=Expect(kind))


def test_not_implemented_is_no_server_error() -> None:
    """501 says that the target does not have it."""
    assert broken("listModels", 501, ENVELOPE) == []
    assert checks.unsupported(SPEC.operations["listModels"], exchange("listModels", 501)) is not None


@pytest.mark.parametrize("status", [400, 404, 409, 422])
def test_a_refused_minimal_request_is_a_failure_and_a_refused_valid_one_a_warning(status: int) -> None:
    """Only the minimal documented request must be taken."""
    assert broken("createEmbedding", status, ENVELOPE, expect=MINIMAL) == [("request/minimal-refused", "MUST")]
    assert broken("createEmbedding", status, ENVELOPE, expect=VALID) == [("request/valid-refused", "SHOULD")]


@pytest.mark.parametrize("status", sorted(BUSY - {429}))
def test_a_busy_target_has_refused_nothing(status: int) -> None:
    """Timeouts and their like say nothing of the request."""
    assert broken("createEmbedding", status, ENVELOPE, expect=MINIMAL) == []


@pytest.mark.parametrize("status", sorted(ACCESS))
def test_a_key_that_does_not_reach_is_no_refusal_of_the_request(status: int) -> None:
    """Nothing can be said then: `denied` tells it, and only for requests that were to be accepted."""
    assert broken("createEmbedding", status, ENVELOPE, expect=MINIMAL) == []
    assert checks.denied(exchange("createEmbedding", status), MINIMAL) is not None
    assert checks.denied(exchange("createEmbedding", status), EDGE) is None
    assert checks.denied(exchange("createEmbedding", 400), MINIMAL) is None
    assert checks.denied(exchange("createEmbedding", status), Expect(statuses=frozenset({status}))) is None


@pytest.mark.parametrize("keyword", [Keyword.MUST, Keyword.SHOULD])
def test_an_accepted_invalid_request_is_as_bad_as_its_source_is_strong(keyword: Keyword) -> None:
    """The finding names the constraint, its place in the spec and where the request broke it."""
    at = "/components/schemas/CreateEmbeddingRequest/properties/dimensions"
    expect = Expect(Kind.INVALID, constraint="minimum", spec_pointer=at, keyword=keyword, where="/body/dimensions")
    (found,) = [
        each for each in judged("listModels", 200, MODELS, expect=expect) if each.rule == "request/invalid-accepted"
    ]
    assert (found.keyword, found.where) == (keyword, "/body/dimensions")
    assert found.spec is not None
    assert found.spec.line == SPEC.line(at)
    assert "minimum" in found.expected


@pytest.mark.parametrize("status", sorted(REFUSALS.keys() - BUSY - {405}))
def test_a_proper_refusal_of_an_invalid_request_is_no_finding(status: int) -> None:
    """400 is the original's; 422, 415 and their like are as clear."""
    assert broken("createEmbedding", status, ENVELOPE, expect=INVALID_KIND) == []


@pytest.mark.parametrize("status", [418, 420, 451])
def test_a_refusal_without_a_fitting_meaning_is_a_warning(status: int) -> None:
    """The spec is silent there: a SHOULD."""
    assert broken("createEmbedding", status, ENVELOPE, expect=VALID) == [("status/plausible", "SHOULD")]
    assert broken("createEmbedding", status, ENVELOPE, expect=INVALID_KIND) == [("status/plausible", "SHOULD")]


def test_a_case_may_allow_its_own_statuses() -> None:
    """Only those are right then, with the reason in the finding."""
    expect = Expect(Kind.EDGE, statuses=frozenset({404, 405}), reason="unknown id")
    assert broken("getThread", 404, ENVELOPE, expect=expect) == []
    (found,) = judged("getThread", 400, ENVELOPE, expect=expect)
    assert (found.rule, found.expected) == ("status/expected", "404, 405 (unknown id)")


def test_at_the_edge_of_http_any_refusal_is_right() -> None:
    """Without a set of its own an edge case wants no 5xx and no more."""
    assert broken("listModels", 418, ENVELOPE, expect=EDGE) == []


def test_every_allowed_status_has_its_reason() -> None:
    """No status without a meaning."""
    assert all(400 <= status < 500 and len(reason) > 20 for status, reason in REFUSALS.items())
    assert REFUSALS.keys() >= ACCESS | BUSY


def test_no_answer_is_nothing_to_judge() -> None:
    """Transport faults are the stage's."""
    nothing = Exchange("e", "listModels", Request("GET", "http://h/v1/models"))
    assert checks.judge(SPEC, SPEC.operations["listModels"], nothing) == []
    assert checks.unsupported(SPEC.operations["listModels"], nothing) is None
    assert checks.denied(nothing, MINIMAL) is None


def test_a_request_beside_the_route_is_not_judged_by_its_declarations() -> None:
    """HEAD, OPTIONS and unknown paths, sent on purpose: an empty 200 is no missing body; a 5xx is still a fault."""
    for change in ({"method": "HEAD"}, {"method": "OPTIONS"}, {"url": "http://host/v1/modelz"}):
        own = exchange("listModels", 200, b"", "text/html")
        beside = replace(own, request=replace(own.request, **change))
        assert checks.judge(SPEC, SPEC.operations["listModels"], beside, EDGE) == []
        failing = replace(beside, response=Response(500, (), b""))
        assert "status/server-error" in {
            each.rule for each in checks.judge(SPEC, SPEC.operations["listModels"], failing, EDGE)
        }
