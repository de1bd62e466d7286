"""Honoured parameters: each has its rule, its line in the spec, and holds on a right server."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import httpx
import pytest
from worlds import played

from contract import spec as specs
from contract import wiring
from contract.mock.server import Running
from contract.transport import Limits
from contract.verdict import Outcome
from strategies.parameters import TABLES, cases

SPEC = specs.load()
PARAMETERS = [each for table in TABLES for each in table]


def test_at_least_thirty_parameters_are_covered() -> None:
    """Each of them under a name of its own."""
    assert len({each.rule for each in PARAMETERS}) == len(PARAMETERS) >= 30


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda each: each.rule)
def test_the_line_of_a_parameter_speaks_of_it(parameter: object) -> None:
    """Within a few lines of the one that is cited stands the member, or its value."""
    line = parameter.line  # type: ignore[attr-defined]
    name = parameter.name.split("-")[0]  # type: ignore[attr-defined]
    text = "\n".join(SPEC.content.decode().splitlines()[line - 20 : line + 12]).lower()
    words = {name, name.rstrip("s"), name.replace("_", " "), *name.split("_")}
    assert any(word.lower() in text for word in words), (name, line)


@pytest.fixture(scope="module")
def mock() -> Iterator[str]:
    """A right server, fast."""
    with Running(speed=50.0) as running:
        yield running.url


@pytest.mark.parametrize("case", [each.id for each in cases(SPEC)])
def test_a_right_server_honours_every_parameter(mock: str, case: str) -> None:
    """No finding on the mock; `unsupported` only where no model of ours has the capability."""
    done = played(mock, case, models=models(mock), limits=Limits())
    assert done.verdict.findings == ()
    assert done.verdict.outcome is Outcome.PASS, done.verdict.reason


@cache
def models(url: str) -> tuple[str, ...]:
    """The models that the target lists."""
    listed = httpx.get(f"{url}/models", headers={"Authorization": "Bearer sk-test-key"}).json()["data"]
    return tuple(each["id"] for each in listed)


def test_every_parameter_is_a_rule() -> None:
    """`contract rules` explains each."""
    known = wiring.rules()
    assert all(each.rule in known for each in PARAMETERS)
