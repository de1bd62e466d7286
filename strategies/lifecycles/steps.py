"""Steps of a lifecycle: ask, wait until something has ended, expect a refusal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from contract import checks
from contract.case import Expect, Kind, Stage
from contract.draft import Draft
from contract.exchange import Exchange
from strategies import resources, templates

ENDED = frozenset({"completed", "failed", "cancelled", "expired", "incomplete", "succeeded"})


class Steps:
    """A stage with the few moves that lifecycles are made of."""

    def __init__(self, stage: Stage) -> None:
        """One a case."""
        self.stage = stage
        self.last: Exchange | None = None

    def ask(
        self, operation: str, path: Mapping[str, Any] | None = None, body: Any = None, **query: Any
    ) -> dict[str, Any]:
        """The JSON object that an operation answers; ends the case where it refuses."""
        exchange = self.send(operation, path, body, **query)
        response = exchange.response
        if response is None or not response.succeeded:
            self.stage.skip(f"{operation} answered {response.status if response else 'nothing'} (its own case tells)")
        answer = self.json(exchange)
        return answer if isinstance(answer, dict) else {}

    def send(self, operation: str, path: Mapping[str, Any] | None = None, body: Any = None, **query: Any) -> Exchange:
        """Send a request whose strings may be templates, judged as a valid one."""
        chosen = self.stage.operation(operation)
        draft = Draft(chosen, path=path or {}, query=query, body=templates.resolve(self.stage, body))
        self.last = self.stage.send(draft, Expect(Kind.VALID))
        return self.last

    def read(self, operation: str, path: Mapping[str, Any]) -> int:
        """The status of a read, unjudged."""
        self.last = self.stage.send(Draft(self.stage.operation(operation), path=path), judge=False)
        return self.last.response.status if self.last.response else 0

    def lost(self, operation: str, path: Mapping[str, Any]) -> bool:
        """True where a read does not find what should be there; False where the target has no such read."""
        status = self.read(operation, path)
        return status != 200 and not (self.last and checks.unsupported(self.stage.operation(operation), self.last))

    def gone(self, operation: str, path: Mapping[str, Any]) -> None:
        """The elements of a list went with the object that held them."""
        if self.read(operation, path) == 200 and self.last and (self.json(self.last) or {}).get("data"):
            self.broken("lifecycle/deleted-is-gone", "404, or an empty list", "elements of a deleted object", "/data")

    def refused(self, rule: str, operation: str, path: Mapping[str, Any], body: Any = None, *, why: str) -> None:
        """Expect a 4xx: the state forbids it."""
        chosen = self.stage.operation(operation)
        draft = Draft(chosen, path=path, body=templates.resolve(self.stage, body))
        expect = Expect(Kind.EDGE, frozenset(range(200, 500)), why)
        self.last = self.stage.send(draft, expect)
        status = self.last.response.status if self.last.response else 0
        if 200 <= status < 300:
            self.broken(rule, f"a 4xx: {why}", f"{status}", "status")

    def until_ended(self, operation: str, path: Mapping[str, Any], *more: str) -> dict[str, Any]:
        """Read until `status` is final (or one of `more`); SHOULD reach it within the suite's patience."""
        answer: dict[str, Any] = {}
        for pause in resources.POLLS:
            answer = self.ask(operation, path)
            if answer.get("status") in ENDED or answer.get("status") in more:
                return answer
            self.stage.wait(pause)
        self.broken("lifecycle/reaches-its-end", "a final status", str(answer.get("status")), "/status")
        return self.stage.skip(f"{operation} is still {answer.get('status')}")

    def equal(self, rule: str, expected: Any, actual: Any, where: str = "") -> None:
        """Report where two values differ."""
        if expected != actual:
            self.broken(rule, json.dumps(expected, default=str)[:200], actual, where)

    def broken(self, rule: str, expected: str, actual: Any, where: str = "") -> None:
        """Report on the last exchange."""
        shown = actual if isinstance(actual, str) else json.dumps(actual, default=str)
        self.stage.found(rule, expected=expected, actual=shown[:200], where=where, exchange=self.last)

    @staticmethod
    def json(exchange: Exchange) -> Any:
        """The answer as JSON, None where it is none."""
        try:
            return exchange.response.json() if exchange.response else None
        except (ValueError, RecursionError):
            return None
