"""The edge of HTTP: requests that are odd as HTTP or JSON rather than by a schema, each with the statuses allowed.

Where the spec is silent the set is wide and says why; what no server may do is fail, hang or leak.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract import checks
from contract.case import Case, Depth, Ended, Expect, Kind, Stage
from contract.checks.made import off_route
from contract.exchange import Exchange
from contract.operation import Operation, Safety
from contract.spec import Spec
from contract.verdict import Outcome
from strategies.edge_bodies import BODY_SITUATIONS
from strategies.edge_requests import KEY_SITUATIONS, PATH_SITUATIONS, PLAIN_SITUATIONS
from strategies.plan import Planner, base_body
from strategies.resources import kind_of
from strategies.scenes import Scene, prove_route, required_query, scene
from strategies.situations import Situation

#: The rarer situations run at standard depth on these alone: one of each kind of handler.
TYPICAL = frozenset(
    {
        "listModels", "retrieveModel", "createChatCompletion", "createEmbedding", "createModeration", "createResponse",
        "createAssistant", "listAssistants", "getAssistant", "createThread", "createMessage", "createFile",
        "retrieveFile", "createVectorStore", "createBatch", "createUpload", "list-projects", "create-project",
    }
)  # fmt: skip


def cases(spec: Spec, planner: Planner, operation: Operation) -> Iterator[Case]:
    """The edge cases of one operation."""
    for situation in situations(spec, operation):
        yield _case(planner, operation, situation)


def situations(spec: Spec, operation: Operation) -> Iterator[Situation]:
    """What is tried on an operation."""
    yield from KEY_SITUATIONS
    yield from (each for each in PLAIN_SITUATIONS if each.applies(spec, operation))
    if any(operation.parameters_in("path")):
        yield from (each for each in PATH_SITUATIONS if each.applies(spec, operation))
    if operation.body is not None:
        yield from (each for each in BODY_SITUATIONS if each.applies(spec, operation))


def _case(planner: Planner, operation: Operation, situation: Situation) -> Case:
    body = base_body(planner.views, operation)
    query = required_query(planner.views, operation)

    def play(stage: Stage) -> None:
        if situation.key:
            _guard_key(stage, operation, situation)
        place = _unaddressed(stage, operation) if situation.unaddressed else _addressed(stage, operation)
        draft = situation.change(stage, place.draft(body if situation.body else None, query))
        for each in draft if isinstance(draft, list) else [draft]:
            exchange = stage.send(each, _expect(operation, situation))
            if situation.name != "unknown-route" and _route_in_doubt(operation, exchange):
                _prove_route(stage, operation, body, query)

    usual = situation.usual or operation.id in TYPICAL
    costly = situation.large and operation.safety is Safety.GENERATE
    return Case(
        id=f"{operation.id}/edge/{situation.name}",
        operation=operation.id,
        statement=situation.statement,
        play=play,
        safety=operation.safety,
        depth=Depth.STANDARD if usual and not costly else Depth.NIGHTLY,
        requests=situation.requests,
        rank=50,
    )


def _route_in_doubt(operation: Operation, exchange: Exchange) -> bool:
    """True where a router said that path or method is unknown, which it may say of an odd request or id too."""
    status = exchange.response.status if exchange.response else 0
    doubtful = status == 404 or (status in {405, 501} and not off_route(operation, exchange))
    return doubtful and checks.unsupported(operation, exchange) is not None


def _prove_route(stage: Stage, operation: Operation, body: Any, query: Any) -> None:
    """End the case, with nothing found, where an ordinary request does not meet the operation either."""
    try:
        ordinary = scene(stage, operation.id, valid=True).draft(body, query)
    except Ended:
        stage.start_over()
        raise
    prove_route(stage, ordinary)


def _expect(operation: Operation, situation: Situation) -> Expect:
    statuses = situation.statuses
    body = operation.body
    if situation.name == "empty-body" and body is not None and not body.required:
        statuses = statuses | {200}
    return Expect(Kind.EDGE, statuses, situation.reason, keyword=situation.keyword, where=situation.where)


def _addressed(stage: Stage, operation: Operation) -> Scene:
    """The scene of a request that may work: one that would use something up gets an object of its own."""
    return scene(stage, operation.id, valid=True)


def _unaddressed(stage: Stage, operation: Operation) -> Scene:
    """A scene that needs no object: made-up ids, real ones only for the parents of what is asked for."""
    names = [each.name for each in operation.parameters_in("path")]
    if len(names) < 2 or kind_of(operation) is None:
        return Scene(stage, operation, dict.fromkeys(names, "contract"), _NOWHERE)
    try:
        found = scene(stage, operation.id, valid=False)
    except Ended as ended:
        if ended.outcome is not Outcome.SKIPPED:
            raise
        return Scene(stage, operation, dict.fromkeys(names, "contract"), _NOWHERE)
    return found


#: What `<here …>` stands for where no object is addressed.
_NOWHERE: dict[str, Any] = {"tool_call_id": "call_contract", "part_id": "part_contract", "md5": "0" * 32}


def _guard_key(stage: Stage, operation: Operation, situation: Situation) -> None:
    """End the case where keys mean nothing to the target: none was given to us, or it takes requests without."""
    key = stage.resource("key", admin="yes" if operation.admin else "no")
    if not key["sent"]:
        stage.skip("no key was given for the target, so none can be missing or wrong")
    if situation.name == "wrong-key" and not key["picky"]:
        stage.skip("the target takes any key: none is set there")
    if not key["wanted"] and (operation.id, situation.name) != (key["id"], "no-key"):
        stage.skip(f"the target asks for no key: see {key['id']}/edge/no-key")
