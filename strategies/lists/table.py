"""The lists of the API: how each is filled for a test, and which of the conventions it follows.

Sources: openapi.yaml:63 (limit), 82 (after), 91 (before), 7816 (page); the deviations are data here, one row a list.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from contract.case import Ended, Stage
from contract.draft import Draft
from contract.exchange import Exchange
from contract.operation import Operation
from contract.verdict import Outcome
from strategies import resources, templates
from strategies.kinds import KINDS

#: Seconds between the first and the second object that a case makes, so that `created_at` (whole seconds) differs.
TICK_S = 1.05


@dataclass(frozen=True, slots=True)
class Filled:
    """A list with known content: path values, and the ids that the case made in it, oldest first."""

    path: Mapping[str, Any]
    made: tuple[str, ...] = ()
    #: True where nothing but `made` can stand in the list: its parent was made by the case alone.
    alone: bool = False
    query: Mapping[str, Any] = field(default_factory=dict)


Fill = Callable[[Stage, Operation], Filled]


@dataclass(frozen=True, slots=True)
class Listing:
    """One list. `fill` makes its content; `empty` gives path values of a list without any; `key` is the id member."""

    operation: str
    fill: Fill
    empty: Fill | None = None
    #: The order without `order`; "" where the spec names none.
    default: str = ""
    key: str = "id"
    time: str = "created_at"
    #: Name of a filter parameter, its value (a template), and what must hold of each element and the value.
    filters: tuple[tuple[str, Any, Callable[[Mapping[str, Any], Any], bool]], ...] = ()
    #: Name of a filter parameter and the member that it looks at: values that elements have are asked for, and these
    #: elements come. A parameter that ends in `[]` or has `several` takes two values at once.
    picks: tuple[tuple[str, str], ...] = ()


def own(kind: str, count: int) -> Fill:
    """`count` objects among those of others."""

    def fill(stage: Stage, _: Operation) -> Filled:
        made = []
        for index in range(count):
            if index == 1:
                stage.wait(TICK_S)
            made.append(str(stage.fresh(kind)[KINDS[kind].key]))
        return Filled({}, tuple(made))

    return fill


def topped(kind: str, count: int) -> Fill:
    """What stands there, and as many more as make `count`: each is dear, and the run may not be allowed to make one."""

    def fill(stage: Stage, operation: Operation) -> Filled:
        exchange = stage.send(Draft(operation, query={"limit": count}), judge=False)
        made: list[str] = []
        try:
            for _ in range(count - _counted(exchange)):
                made += [str(stage.fresh(kind)[KINDS[kind].key])]
        except Ended as ended:
            if ended.outcome is Outcome.INCONCLUSIVE:
                raise
        return Filled({}, tuple(made))

    return fill


def _counted(exchange: Exchange) -> int:
    """How many elements a page has; 0 where it is none (its own case tells)."""
    try:
        return len(exchange.response.json()["data"]) if exchange.response else 0
    except (ValueError, RecursionError, LookupError, TypeError):
        return 0


def below(kind: str, count: int, parent: str) -> Fill:
    """`count` objects below a parent of their own: nothing else stands in the list."""

    def fill(stage: Stage, operation: Operation) -> Filled:
        above = resources.bare(stage, parent)
        made = []
        for index in range(count):
            if index == 1:
                stage.wait(TICK_S)
            made.append(str(resources.below(stage, kind, above)[KINDS[kind].key]))
        return Filled(resources.values_of(stage, operation, above), tuple(made), alone=True)

    return fill


def existing(parent: str | None = None) -> Fill:
    """Whatever stands there already."""

    def fill(stage: Stage, operation: Operation) -> Filled:
        if parent is None:
            return Filled({})
        return Filled(resources.values_of(stage, operation, stage.resource(parent)))

    return fill


def bare(parent: str) -> Fill:
    """The list of a parent that has just been made."""

    def fill(stage: Stage, operation: Operation) -> Filled:
        return Filled(resources.values_of(stage, operation, resources.bare(stage, parent)), alone=True)

    return fill


def _made(stage: Stage, operation: str, body: Any, path: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    """The JSON answer of a request that fills a list; ends the case where it is refused."""
    answer = resources.asked(stage, "list to read", operation, {"_path": path or {}}, body)
    return answer if isinstance(answer, dict) else stage.skip(f"{operation} answered no object")


def _conversation(stage: Stage, _: Operation) -> Filled:
    """A stored completion with five messages sent."""
    said = [{"role": ("user", "assistant")[i % 2], "content": f"Line {i}."} for i in range(5)]
    body = {"model": "<model chat>", "messages": said, "store": True, "metadata": {"made_by": "contract"}}
    made = _made(stage, "createChatCompletion", body)
    return Filled({"completion_id": made["id"]})


def _input(stage: Stage, _: Operation) -> Filled:
    """A stored response with five input items."""
    said = [{"role": "user", "content": f"Line {i}."} for i in range(5)]
    made = _made(stage, "createResponse", {"model": "<model responses>", "input": said, "store": True})
    return Filled({"response_id": made["id"]})


def _store_files(stage: Stage, operation: Operation) -> Filled:
    """A vector store with three files, by a batch where the list is that of a batch."""
    files = [str(stage.fresh("file")["id"]) for _ in range(3)]
    store = resources.bare(stage, "vector_store")
    path = {"vector_store_id": store["id"]}
    if "{batch_id}" not in operation.path:
        for index, each in enumerate(files):
            if index == 1:
                stage.wait(TICK_S)
            _made(stage, "createVectorStoreFile", {"file_id": each}, path)
        return Filled(path, tuple(files), alone=True)
    other = stage.fresh("file")["id"]  # in the store, and in no batch
    _made(stage, "createVectorStoreFile", {"file_id": other}, path)
    batch = _made(stage, "createVectorStoreFileBatch", {"file_ids": files}, path)
    return Filled({**path, "batch_id": batch["id"]}, tuple(files), alone=True)


def _accounts(stage: Stage, operation: Operation) -> Filled:
    project = resources.bare(stage, "project")
    for _ in range(3):
        resources.below(stage, "service_account", project)
    return Filled(resources.values_of(stage, operation, project))


def _stored(stage: Stage, _: Operation) -> Filled:
    """Three stored completions that share a metadata value of their own: the filter makes the list ours alone."""
    mark = templates.resolve(stage, "<unique>")
    made = []
    for index in range(3):
        if index == 1:
            stage.wait(TICK_S)
        body = {
            "model": "<model chat>",
            "messages": [{"role": "user", "content": f"Say {index}."}],
            "store": True,
            "metadata": {"contract": mark},
        }
        made.append(str(_made(stage, "createChatCompletion", body)["id"]))
    return Filled({}, tuple(made), query={"metadata": {"contract": mark}})


def _runs(stage: Stage, operation: Operation) -> Filled:
    """Two finished runs on a thread of the case's own."""
    thread = resources.bare(stage, "thread")
    made = tuple(str(resources.below(stage, "run", thread)["id"]) for _ in range(2))
    return Filled(resources.values_of(stage, operation, thread), made, alone=True)


def _steps(stage: Stage, operation: Operation) -> Filled:
    """A run that calls a function and, a second later, answers: two steps; else one that uses a tool of its own."""
    with contextlib.suppress(Ended):
        return Filled(resources.values_of(stage, operation, _answered(stage)))
    thread = resources.bare(stage, "thread")
    run = resources.settled(
        stage,
        "run",
        thread,
        {
            "assistant_id": "<ref assistant>",
            "tools": [{"type": "code_interpreter"}],
            "instructions": "Compute 6 times 7 with the code interpreter.",
        },
    )
    return Filled(resources.values_of(stage, operation, run))


def _answered(stage: Stage) -> Mapping[str, Any]:
    """A run that waited for the output of a function, was given it, and has ended."""
    waiting = stage.fresh("waiting_run")
    stage.wait(TICK_S)
    outputs = {"tool_outputs": [{"tool_call_id": each, "output": "22 degrees"} for each in resources.call_ids(waiting)]}
    answer = resources.asked(stage, "run that goes on", "submitToolOuputsToRun", waiting, outputs)
    return resources.ended(stage, "run", {**answer, "_path": waiting["_path"]})


def _permissions(stage: Stage, operation: Operation) -> Filled:
    """Two permissions of a checkpoint, for a project each."""
    path = resources.values_of(stage, operation, stage.resource("checkpoint"))
    made = []
    for index in range(2):
        if index:
            stage.wait(TICK_S)
        body = {"project_ids": [stage.fresh("project")["id"]]}
        made.append(str(_made(stage, "createFineTuningCheckpointPermission", body, path)["data"][0]["id"]))
    return Filled(path, tuple(made))


def _finished_job(stage: Stage, operation: Operation) -> Filled:
    return Filled(resources.values_of(stage, operation, resources.finished_job(stage)))


def _project_users(stage: Stage, operation: Operation) -> Filled:
    project = resources.bare(stage, "project")
    path = resources.values_of(stage, operation, project)
    users = _made(stage, "list-users", None).get("data") or []
    for each in users[:3]:
        _made(stage, "create-project-user", {"user_id": each["id"], "role": "member"}, path)
    return Filled(path)


def _audited(stage: Stage, _: Operation) -> Filled:
    """A log that holds the creation of a project and of an invitation at least."""
    stage.fresh("project")
    stage.fresh("invite")
    return Filled({})


def _is(member: str) -> Callable[[Mapping[str, Any], Any], bool]:
    """The member is the value of the filter, or one of its values."""
    return lambda each, value: each.get(member) in (value if isinstance(value, list) else [value])


#: The year 2100: nothing has happened after it.
_FAR_FUTURE = 4_102_444_800
#: Metadata that nothing has.
_NOBODY = {"contract": "of nobody"}


def _marked(each: Mapping[str, Any], value: Any) -> bool:
    return bool((each.get("metadata") or {}).items() >= value.items())


LISTINGS: tuple[Listing, ...] = (
    Listing("listAssistants", own("assistant", 4), default="desc"),
    Listing("listBatches", topped("batch", 3)),
    Listing(
        "listChatCompletions",
        _stored,
        default="asc",
        time="created",
        filters=(("metadata", _NOBODY, _marked), ("model", "<model embeddings>", _is("model"))),
        picks=(("model", "model"),),
    ),
    Listing("getChatCompletionMessages", _conversation, default="asc", time=""),
    Listing(
        "listFiles",
        own("file", 4),
        default="desc",
        filters=(("purpose", "fine-tune", _is("purpose")),),
        picks=(("purpose", "purpose"),),
    ),
    Listing(
        "listFineTuningCheckpointPermissions",
        _permissions,
        default="descending",
        filters=(("project_id", "proj_contract_none", _is("project_id")),),
        picks=(("project_id", "project_id"),),
    ),
    Listing("listPaginatedFineTuningJobs", topped("ft_job", 3), filters=(("metadata", _NOBODY, _marked),)),
    Listing("listFineTuningJobCheckpoints", _finished_job),
    Listing("listFineTuningEvents", _finished_job),
    Listing("admin-api-keys-list", own("admin_key", 3), default="asc"),
    Listing(
        "list-audit-logs",
        _audited,
        time="effective_at",
        filters=(
            ("event_types[]", ["invite.sent"], _is("type")),
            ("effective_at", {"gt": _FAR_FUTURE}, lambda each, value: each.get("effective_at", 0) > value["gt"]),
            (
                "project_ids[]",
                ["proj_contract_none"],
                lambda each, value: (each.get("project") or {}).get("id") in value,
            ),
            ("actor_ids[]", ["user_contract_none"], lambda each, value: value[0] in str(each.get("actor"))),
            ("actor_emails[]", ["none@contract.example"], lambda each, value: value[0] in str(each.get("actor"))),
            ("resource_ids[]", ["contract-none"], lambda each, value: value[0] in str(each)),
        ),
        picks=(("event_types[]", "type"), ("effective_at", "effective_at")),
    ),
    Listing("list-invites", own("invite", 3), time="invited_at"),
    Listing("list-projects", own("project", 3)),
    Listing("list-project-api-keys", _accounts),
    Listing("list-project-rate-limits", existing("project"), time=""),
    Listing("list-project-service-accounts", below("service_account", 3, "project")),
    Listing("list-project-users", _project_users, time="added_at"),
    Listing("list-users", existing(), time="added_at", picks=(("emails", "email"),)),
    Listing("listInputItems", _input, time=""),
    Listing(
        "listMessages",
        below("message", 5, "thread"),
        bare("thread"),
        default="desc",
        filters=(("run_id", "run_contract_none", _is("run_id")),),
    ),
    Listing("listRuns", _runs, bare("thread"), default="desc"),
    Listing("listRunSteps", _steps, default="desc"),
    Listing("listVectorStores", own("vector_store", 4), default="desc"),
    Listing(
        "listFilesInVectorStoreBatch",
        _store_files,
        default="desc",
        filters=(("filter", "cancelled", _is("status")),),
        picks=(("filter", "status"),),
    ),
    Listing(
        "listVectorStoreFiles",
        _store_files,
        bare("vector_store"),
        default="desc",
        filters=(("filter", "failed", _is("status")),),
        picks=(("filter", "status"),),
    ),
)
#: Page-token lists: buckets of time (openapi.yaml:7816).
BUCKETS: tuple[str, ...] = (
    "usage-costs",
    "usage-audio-speeches",
    "usage-audio-transcriptions",
    "usage-code-interpreter-sessions",
    "usage-completions",
    "usage-embeddings",
    "usage-images",
    "usage-moderations",
    "usage-vector-stores",
)


def draft(operation: Operation, filled: Filled, **query: Any) -> Draft:
    """A request for one page."""
    given = {name.rstrip("_"): value for name, value in query.items() if value is not None}
    return Draft(operation, path=filled.path, query={**filled.query, **given})
