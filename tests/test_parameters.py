"""Honoured parameters: each has its rule, its line in the spec, and holds on a right server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import httpx
import pytest
from worlds import played

from contract import spec as specs
from contract import wiring
from contract.mock.server import Running
from contract.transport import Limits
from contract.verdict import Outcome
from strategies.parameters import TABLES, cases
from strategies.parameters.asking import Answer

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


class Canned:
    """An `Asking` whose answers a function makes of the request; a broken promise and a doubt are kept."""

    def __init__(self, reply: Callable[[Mapping[str, Any]], Any]) -> None:
        self.reply = reply
        self.told: list[str] = []

    def send(self, body: Mapping[str, Any]) -> Answer:
        """The answer to a body."""
        return Answer(self.reply(body), None, None)  # type: ignore[arg-type] - nobody looks at the exchange

    def broken(self, answer: Answer, expected: str, actual: Any, where: str = "") -> None:  # noqa: ARG002 - as it is called
        """Keep what was expected."""
        self.told.append(expected)

    def unsure(self, reason: str) -> None:
        """Keep the reason."""
        self.told.append(reason)


def told(operation: str, name: str, reply: Callable[[Mapping[str, Any]], Any]) -> list[str]:
    """What the case of a parameter tells of a server that answers so."""
    canned = Canned(reply)
    next(each for each in PARAMETERS if (each.operation, each.name) == (operation, name)).play(canned)  # type: ignore[arg-type]
    return canned.told


def ending(length: int, limit: int | None, said: str = "length") -> dict[str, Any]:
    """A completion of one letter a token that ends by itself after `length`, cut (and `said`) at `limit`."""
    cut = limit is not None and limit < length
    used = limit if cut else length
    choice = {"message": {"content": "x" * used}, "text": "x" * used, "finish_reason": said if cut else "stop"}
    return {"choices": [choice], "usage": {"completion_tokens": used}}


LIMITS = [
    ("createChatCompletion", "max_tokens"),
    ("createChatCompletion", "max_completion_tokens"),
    ("createCompletion", "max_tokens"),
]


@pytest.mark.parametrize(("operation", "name"), LIMITS)
@pytest.mark.parametrize("length", [2, 3, 30])
def test_a_limit_that_is_ignored_is_found_in_a_short_answer_too(operation: str, name: str, length: int) -> None:
    """llama-cpp-python ignores `max_completion_tokens`; an answer of three tokens passed. The twin cuts."""
    assert told(operation, name, lambda _: ending(length, None))[0].startswith("at most ")
    assert told(operation, name, lambda body: ending(length, body.get(name))) == []


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_a_cut_answer_says_so_but_one_may_end_at_the_limit_by_chance(name: str) -> None:
    """`stop` at the limit, each time: told. Once, and other lengths from then on: not told."""
    told_so = told("createChatCompletion", name, lambda body: ending(30, body.get(name), "stop"))
    assert "finish_reason length: the answer was cut" in told_so
    lengths = iter([4, 3, 30, 9])
    told_so = told("createChatCompletion", name, lambda body: ending(next(lengths), body.get(name)))
    assert told_so == ["the answer had exactly the length of the limit"]


@pytest.mark.parametrize("own", [48, 64, 1536])
def test_dimensions_that_are_ignored_are_found_whatever_the_model_has(own: int) -> None:
    """A model of 64 dimensions passed, being asked for 64. The twin gives what was asked for."""
    vectors = lambda length: {"data": [{"embedding": [0.5] * length}]}  # noqa: E731 - said once
    (found,) = told("createEmbedding", "dimensions", lambda _: vectors(own))
    assert found.endswith(" numbers")
    assert told("createEmbedding", "dimensions", lambda body: vectors(body.get("dimensions", own))) == []


@pytest.mark.parametrize("name", ["input", "encoding_format-base64", "dimensions"])
def test_a_vector_for_each_token_is_no_embedding_and_no_error_of_ours(name: str) -> None:
    """A model of llama-cpp-python that pools nothing gives a list of lists: the schema tells, and nothing breaks."""
    nested = {"data": [{"index": index, "embedding": [[0.5, 0.1], [0.2, 0.3]]} for index in range(3)]}
    assert all(isinstance(each, str) for each in told("createEmbedding", name, lambda _: nested))
    order = {"one": [1.0, 0.0], "two": [0.7, 0.7], "three": [0.0, 1.0]}

    def embedded(body: Mapping[str, Any], *, turned: bool = False) -> Any:
        said = body["input"] if isinstance(body["input"], list) else [body["input"]]
        vectors = [order.get(each, [0.1, 0.1]) for each in (said[::-1] if turned else said)]
        return {"data": [{"index": index, "embedding": each} for index, each in enumerate(vectors)]}

    assert told("createEmbedding", "input", embedded) == []
    assert told("createEmbedding", "input", lambda body: embedded(body, turned=True)) != []


@pytest.mark.parametrize(
    ("fault", "case", "rule"),
    [
        ("parameter-response-metadata", "createResponse/parameter/metadata", "parameter/createResponse/metadata"),
        ("parameter-run-metadata", "createRun/parameter/metadata", "parameter/createRun/metadata"),
        (
            "parameter-response-max-output-tokens",
            "createResponse/parameter/max_output_tokens",
            "parameter/createResponse/max_output_tokens",
        ),
        ("parameter-response-metadata", "createResponse/boundary/body.metadata/present", "body/echo"),
    ],
)
def test_a_member_that_does_not_come_back_is_told_once(fault: str, case: str, rule: str) -> None:
    """By the rule of the case that asks for it; elsewhere by the rule that every answer is held to."""
    with Running(faults=[fault], speed=50.0) as running:
        found = played(running.url, case, limits=Limits()).verdict.findings
    assert {each.rule for each in found} == {rule}
