"""Lists: each list of the spec stands in the table, and each promise is caught when it is broken."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from worlds import played

from contract import spec as specs
from contract import wiring
from contract.mock.server import Running
from contract.transport import Limits
from contract.verdict import Keyword, Outcome
from strategies import lists
from strategies.lists.table import BUCKETS, LISTINGS

SPEC = specs.load()
#: Operations that answer an array but no list to page through (facts of openapi.yaml:4973, 14394).
NO_PAGES = {"listModels", "retrieveVectorStoreFileContent"}
#: Played here; the whole catalogue is played by the kill matrix.
SOME = ("listMessages", "listFiles", "listChatCompletions", "listInputItems", "list-project-api-keys", "usage-costs")


def _lists() -> set[str]:
    """Every GET whose answer has an array `data`."""
    found = set()
    for operation in SPEC.operations.values():
        answer = operation.answers.get("200")
        media = answer.content.get("application/json") if answer and operation.method == "GET" else None
        if media and media.schema_pointer:
            sample = {"object": "list", "data": "no array"}
            wrong = {each.where for each in SPEC.schemas.broken(media.schema_pointer, sample)}
            if "/data" in wrong:
                found.add(operation.id)
    return found


def test_every_list_of_the_spec_is_in_the_table() -> None:
    """25 cursor lists and 9 page-token lists: nothing that answers an array is left out but what has no pages."""
    table = {each.operation for each in LISTINGS} | set(BUCKETS)
    assert table == _lists() - NO_PAGES
    assert (len(LISTINGS), len(BUCKETS)) == (25, 9)


def test_a_list_with_an_order_or_a_before_has_a_case_for_it() -> None:
    """The parameters of an operation decide which cases its list has."""
    names = {case.id for case in lists.cases(SPEC)}
    for listing in LISTINGS:
        parameters = {each.name for each in SPEC.operations[listing.operation].parameters_in("query")}
        assert (f"{listing.operation}/list/order" in names) == ("order" in parameters)
        assert (f"{listing.operation}/list/before" in names) == ("before" in parameters)
        assert f"{listing.operation}/list/complete" in names


def test_the_documented_default_orders_are_those_of_the_schema() -> None:
    """Where a schema has a default for `order`, the table has the same."""
    for listing in LISTINGS:
        operation = SPEC.operations[listing.operation]
        order = next((each for each in operation.parameters_in("query") if each.name == "order"), None)
        assert listing.default == (order.schema.get("default", "") if order else "")


@pytest.fixture(scope="module")
def mock() -> Iterator[str]:
    """A right server, fast."""
    with Running(speed=50.0) as running:
        yield running.url


@pytest.mark.parametrize("case", [each.id for each in lists.cases(SPEC) if each.operation in SOME])
def test_a_right_server_keeps_every_promise(mock: str, case: str) -> None:
    """No finding on the mock, and nothing is skipped but what cannot be there."""
    done = played(mock, case, limits=Limits())
    assert done.verdict.findings == ()
    assert done.verdict.outcome in {Outcome.PASS, Outcome.SKIPPED}, done.verdict.reason


@pytest.mark.parametrize("rule", [name for name in wiring.rules() if name.startswith("list/")])
def test_every_rule_of_lists_has_a_source_and_a_remedy(rule: str) -> None:
    """A finding tells why and how to mend it."""
    known = wiring.rules()[rule]
    assert known.source.startswith("openapi.yaml:")
    assert known.mend


@pytest.mark.parametrize(
    ("fault", "strength"), [("list-last-id-gone", Keyword.MUST), ("list-first-id-null", Keyword.SHOULD)]
)
def test_a_null_end_of_a_page_is_milder_than_a_wrong_one(fault: str, strength: Keyword) -> None:
    """`first_id` is null in an answer whose schema does not declare it, or admits null: no element is named wrongly."""
    with Running(faults=[fault], speed=20.0) as running:
        found = played(running.url, "listFiles/list/complete", limits=Limits()).verdict.findings
    assert {(each.rule, each.keyword) for each in found} == {("list/first-last", strength)}
