"""What the cases of all parameters share: a request, its JSON answer, a finding that names the parameter."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from contract import checks
from contract.case import Case, Depth, Expect, Kind, Stage
from contract.draft import Draft
from contract.exchange import Exchange, Response
from contract.rules import Rule, register
from contract.spec import Spec
from contract.verdict import Keyword
from strategies import resources, templates


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter with an observable effect. `line` is where openapi.yaml promises the effect."""

    operation: str
    name: str
    statement: str
    line: int
    play: Callable[[Asking], None]
    keyword: Keyword = Keyword.MUST
    requests: int = 1
    depth: Depth = Depth.STANDARD

    @property
    def rule(self) -> str:
        """`parameter/createChatCompletion/n`."""
        return f"parameter/{self.operation}/{self.name}"


@dataclass(frozen=True, slots=True)
class Answer:
    """A 2xx answer: its JSON (None where it is none) and the exchange."""

    body: Any
    response: Response
    exchange: Exchange

    def at(self, *path: str | int) -> Any:
        """The value at a path, None where something on the way is missing."""
        node = self.body
        for step in path:
            try:
                node = node[step]
            except (KeyError, IndexError, TypeError):
                return None
        return node


class Asking:
    """A stage with one parameter in view."""

    def __init__(self, stage: Stage, parameter: Parameter) -> None:
        """One a case."""
        self.stage = stage
        self.parameter = parameter

    def send(
        self, body: Any, operation: str | None = None, path: Mapping[str, Any] | None = None, **query: Any
    ) -> Answer:
        """Send a request whose strings may be templates; ends the case where the target refuses it."""
        chosen = self.stage.operation(operation or self.parameter.operation)
        values = path if path is not None else resources.path_values(self.stage, chosen)
        draft = Draft(chosen, path=values, query=query, body=templates.resolve(self.stage, body))
        exchange = self.stage.send(draft, Expect(Kind.VALID))
        response = exchange.response
        if response is None or not response.succeeded:
            said = response.status if response else "nothing"
            self.stage.unsupported(f"the target refuses a request with {self.parameter.name}: {said}")
        return Answer(_json(response), response, exchange)

    def status(self, operation: str, path: Mapping[str, Any]) -> int:
        """The status of a read, unjudged; 501 where the target has no such route, however it says so."""
        chosen = self.stage.operation(operation)
        exchange = self.stage.send(Draft(chosen, path=path), judge=False)
        if checks.unsupported(chosen, exchange):
            return 501
        return exchange.response.status if exchange.response else 0

    def broken(self, answer: Answer, expected: str, actual: Any, where: str = "") -> None:
        """The parameter had not its effect."""
        shown = actual if isinstance(actual, str) else json.dumps(actual, default=str)
        self.stage.found(
            self.parameter.rule,
            expected=expected,
            actual=shown[:200],
            where=where,
            exchange=answer.exchange,
            spec_pointer=_pointer(self.stage.spec, self.parameter),
        )

    def unsure(self, reason: str) -> None:
        """A model may answer either way, and did not answer so that it can be told."""
        self.stage.inconclusive(reason)


def case(spec: Spec, parameter: Parameter) -> Case:
    """The case of a parameter."""
    return Case(
        f"{parameter.operation}/parameter/{parameter.name}",
        parameter.operation,
        parameter.statement,
        partial(_play, parameter=parameter),
        spec.operations[parameter.operation].safety,
        parameter.depth,
        parameter.requests,
        rank=40,
    )


def table(*parameters: Parameter) -> tuple[Parameter, ...]:
    """Register the rule of each parameter and return them."""
    for each in parameters:
        mend = f"Honour `{each.name}`, or refuse the request with 400 where it cannot be honoured."
        source = f"openapi.yaml:{each.line}"
        register(Rule(each.rule, each.keyword, each.statement, source, mend, "parameter"))
    return parameters


def _play(stage: Stage, parameter: Parameter) -> None:
    parameter.play(Asking(stage, parameter))


def _json(response: Response) -> Any:
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None


def _pointer(spec: Spec, parameter: Parameter) -> str:
    """The innermost place of the spec that the line of the promise stands in."""
    line, at = max((line, at) for at, line in spec.lines.items() if line <= parameter.line)
    del line
    return at.removesuffix("/description")
