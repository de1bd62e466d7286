"""What the suite remembers of the objects that it made, and what must hold whenever one is met again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contract import checks
from contract.case import Expect, Kind, Stage
from contract.draft import Draft, Upload
from contract.exchange import Exchange
from contract.operation import Operation
from strategies import resources, templates
from strategies.kinds import KINDS
from strategies.lifecycles.table import Resource

_PAGES = 20


class Broken(Exception):
    """A promise is broken: the sequence that shows it is worth shrinking."""

    def __init__(self, rule: str, expected: str, actual: Any, where: str, exchange: Exchange | None) -> None:
        """The arguments of `Stage.found`."""
        super().__init__(f"{rule}: expected {expected}, got {actual}")
        shown = actual if isinstance(actual, str) else json.dumps(actual, default=str)
        self.found: dict[str, Any] = {
            "rule": rule,
            "expected": expected,
            "actual": shown[:200],
            "where": where,
            "exchange": exchange,
        }


@dataclass
class Made:
    """One object as it was last told, with the path values that address it."""

    path: dict[str, Any]
    value: dict[str, Any]
    alive: bool = True
    #: Names of the members that were changed: they are compared although they may move by themselves.
    changed: frozenset[str] = frozenset()


@dataclass
class Model:
    """The objects of one sequence of steps on one resource."""

    stage: Stage
    resource: Resource
    made: list[Made] = field(default_factory=list)
    parent: Mapping[str, Any] = field(default_factory=lambda: {"_path": {}})

    def begin(self) -> None:
        """A parent of its own where the resource has one."""
        if self.resource.parent:
            self.parent = resources.bare(self.stage, self.resource.parent)

    def create(self) -> Made:
        """Make one; what was sent comes back, the id is new."""
        row = KINDS[self.resource.kind]
        body = templates.resolve(self.stage, {**row.body, **self.resource.extra}, self.parent)
        exchange, answer = self._asked(self.resource.create, self.parent["_path"], body)
        identifier = answer.get(row.key)
        if not isinstance(identifier, str):
            self.stage.skip(f"{self.resource.create} answers no {row.key} (its own case tells)")
        if self.resource.own_id and any(each.value.get(row.key) == identifier for each in self.made):
            raise Broken("lifecycle/id-unique", "an id that no other object has", identifier, f"/{row.key}", exchange)
        self._echoes(exchange, body, answer)
        for name, default in self.resource.defaults.items():
            if name not in body and answer.get(name) != default:
                raise Broken("lifecycle/default", json.dumps(default), answer.get(name), f"/{name}", exchange)
        made = Made({**self.parent["_path"], row.parameter: identifier}, answer)
        self.made.append(made)
        return made

    def read(self, made: Made) -> None:
        """Alive it reads as it was; deleted it is 404."""
        if self.resource.get is None:
            return
        exchange = self._sent(self.resource.get, made.path)
        if made.alive and (missing := checks.unsupported(self.stage.operation(self.resource.get), exchange)):
            self.stage.unsupported(f"{self.resource.get}: {missing}")
        status = exchange.response.status if exchange.response else 0
        if not made.alive:
            if status == 200 and self.resource.gone:
                raise Broken("lifecycle/deleted-is-gone", "404", f"{status}", "status", exchange)
            return
        for _ in range(6):
            if status != 404 or not self.resource.patience_s:
                break
            self.stage.wait(self.resource.patience_s / 6)
            exchange = self._sent(self.resource.get, made.path)
            status = exchange.response.status if exchange.response else 0
        if status != 200:
            raise Broken("lifecycle/created-is-there", "200", f"{status}", "status", exchange)
        self._same(exchange, made, "lifecycle/same-everywhere")

    def change(self, made: Made) -> None:
        """A change is answered, kept, and changes nothing else."""
        if self.resource.change is None or not made.alive:
            return
        body = templates.resolve(self.stage, dict(self.resource.changed), self.parent)
        exchange, answer = self._asked(self.resource.change, made.path, body)
        self._echoes(exchange, body, answer, "lifecycle/change-kept")
        made.value = {**made.value, **{name: answer[name] for name in body if name in answer}}
        made.changed |= body.keys() & answer.keys()
        self._same(exchange, made, "lifecycle/nothing-else-changed", answer)
        if self.resource.get is not None:
            read = self._sent(self.resource.get, made.path)
            self._echoes(read, body, _json(read) or {}, "lifecycle/change-kept")

    def delete(self, made: Made) -> None:
        """A deletion says so and names the object."""
        if self.resource.delete is None or not made.alive:
            return
        exchange, answer = self._asked(self.resource.delete, made.path, None)
        made.alive = False
        if "deleted" in answer and answer["deleted"] is not True:
            raise Broken("lifecycle/delete-answer", "true", answer["deleted"], "/deleted", exchange)
        key = KINDS[self.resource.kind].key
        if key in answer and answer[key] != made.value.get(key):
            raise Broken("lifecycle/delete-answer", str(made.value.get(key)), answer[key], f"/{key}", exchange)
        if not self.resource.gone and answer.get("status", "archived") != "archived":
            raise Broken("lifecycle/delete-answer", "archived", answer["status"], "/status", exchange)

    def listed(self) -> None:
        """The list has every living object of ours and no deleted one."""
        if self.resource.list is None or not self.made:
            return
        key = KINDS[self.resource.kind].key
        for attempt in range(4):
            seen, exchange, whole = self._listing(key)
            missing = [e for e in self.made if e.alive and e.value[key] not in seen]
            if not missing or not self.resource.patience_s or attempt == 3:
                break
            self.stage.wait(self.resource.patience_s / 3)
        if missing and whole:
            raise Broken(
                "lifecycle/listed", f"{missing[0].value[key]} in the list", "it is not there", "/data", exchange
            )
        ghosts = [e for e in self.made if not e.alive and e.value[key] in seen]
        living = {e.value[key] for e in self.made if e.alive}
        if any(ghost.value[key] not in living for ghost in ghosts):
            actual = f"{ghosts[0].value[key]} is still there"
            raise Broken("lifecycle/deleted-not-listed", "no deleted object", actual, "/data", exchange)

    def _listing(self, key: str) -> tuple[set[str], Exchange, bool]:
        operation = self.stage.operation(str(self.resource.list))
        names = {each.name for each in operation.parameters_in("query")}
        seen: set[str] = set()
        query: dict[str, Any] = {"limit": 100} if "limit" in names else {}
        wanted = {each.value[key] for each in self.made if each.alive}
        for _ in range(_PAGES):
            exchange = self._sent(operation.id, self._own(operation, self.made[0].path), query)
            body = _json(exchange)
            data = body.get("data") if isinstance(body, dict) else None
            if not isinstance(data, list):
                self.stage.skip(f"{operation.id} answers no list (its own case tells)")
            seen |= {str(each.get(key)) for each in data if isinstance(each, dict)}
            self._same_in_list(exchange, key, data)
            if not body.get("has_more") or not data:
                return seen, exchange, True
            if wanted <= seen:
                return seen, exchange, True
            query["after"] = data[-1].get(key)
        return seen, exchange, False

    def _same_in_list(self, exchange: Exchange, key: str, data: list[Any]) -> None:
        listed = {str(each.get(key)): each for each in data if isinstance(each, dict)}
        for made in self.made:
            if made.alive and made.value[key] in listed:
                self._same(exchange, made, "lifecycle/same-everywhere", listed[made.value[key]])

    def _own(self, operation: Operation, path: Mapping[str, Any]) -> dict[str, Any]:
        names = {each.name for each in operation.parameters_in("path")}
        return {name: value for name, value in path.items() if name in names}

    def _sent(self, identifier: str, path: Mapping[str, Any], query: Mapping[str, Any] | None = None) -> Exchange:
        operation = self.stage.operation(identifier)
        return self.stage.send(Draft(operation, path=self._own(operation, path), query=query or {}), judge=False)

    def _asked(self, identifier: str, path: Mapping[str, Any], body: Any) -> tuple[Exchange, dict[str, Any]]:
        operation = self.stage.operation(identifier)
        draft = Draft(operation, path=self._own(operation, path), body=body)
        exchange = self.stage.send(draft, Expect(Kind.VALID))
        status = exchange.response.status if exchange.response else 0
        answer = _json(exchange)
        if not 200 <= status < 300:
            self.stage.skip(f"{identifier} answered {status} (its own case tells)")
        return exchange, answer if isinstance(answer, dict) else {}

    def _echoes(
        self, exchange: Exchange, sent: Any, answer: Mapping[str, Any], rule: str = "lifecycle/sent-comes-back"
    ) -> None:
        """Members of plain values that the object shares with the request say the same."""
        text = (sent or {}).get("content")
        if isinstance(text, str) and isinstance(answer.get("content"), list) and text != _text_of(answer["content"]):
            raise Broken(rule, json.dumps(text), answer["content"], "/content", exchange)
        for name, value in (sent or {}).items():
            comparable = isinstance(value, str | int | float | bool) or name in {"metadata", "attributes"}
            if (
                not comparable
                or isinstance(value, Upload)
                or name not in answer
                or name in {"model", "content", "input"}
            ):
                continue
            if answer[name] != value:
                raise Broken(rule, json.dumps(value), answer[name], f"/{name}", exchange)

    def _same(self, exchange: Exchange, made: Made, rule: str, answer: Any = None) -> None:
        now = answer if answer is not None else _json(exchange)
        if not isinstance(now, dict):
            return
        secret = _within(made.value, self.resource.secret)
        if isinstance(secret, str) and len(secret) > 8 and _within(now, self.resource.secret) == secret:
            where = f"/{'/'.join(self.resource.secret)}"
            raise Broken("lifecycle/secret-once", "nothing, or a part", "the whole key again", where, exchange)
        for name, value in made.value.items():
            moves = name in self.resource.moving and name not in made.changed
            if moves or name.startswith("_") or name not in now:
                continue
            if now[name] != value:
                raise Broken(rule, json.dumps(value, default=str)[:200], now[name], f"/{name}", exchange)


def _within(value: Any, path: tuple[str, ...]) -> Any:
    """The member at a path, None where there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if path else None


def _text_of(content: list[Any]) -> Any:
    """The text of a message whose content is one text."""
    try:
        return content[0]["text"]["value"]
    except (LookupError, TypeError):
        return None


def _json(exchange: Exchange) -> Any:
    try:
        return exchange.response.json() if exchange.response else None
    except (ValueError, RecursionError):
        return None
