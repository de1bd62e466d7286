"""Faults against what only the descriptions say: what a filter, a state, a key or a second output is meant to be."""

from __future__ import annotations

import copy
from typing import Any

from contract.mock.errors import ApiError
from contract.mock.faults.kit import Edit, Make, answers, around, deaf, put, query, rows, turn
from contract.mock.handlers import organization
from contract.mock.handlers.run_engine import run_of
from contract.mock.kernel import Call, Handler, Hooks, Json, Reply

Asked = dict[str, Any]
_CHATS = "updateChatCompletion listChatCompletions"
_OUTPUTS, _SEARCH = "submitToolOuputsToRun", "searchVectorStore"


def _cut(name: str) -> Make:
    """Of several values of a filter only the first counts."""
    on = {"event_types[]": "list-audit-logs", "emails": "list-users"}[name]
    return query(on, lambda _, asked: {**asked, name: asked[name][:1]} if asked.get(name) else asked)


def _exclusive(_: Call, asked: Asked) -> Asked:
    bounds = asked.get("effective_at")
    if not isinstance(bounds, dict):
        return asked
    return {**asked, "effective_at": {name.removesuffix("e"): at for name, at in bounds.items()}}


def _inclusive(_: Call, asked: Asked) -> Asked:
    bounds = asked.get("effective_at")
    if not isinstance(bounds, dict):
        return asked
    return {**asked, "effective_at": {f"{name.removesuffix('e')}e": at for name, at in bounds.items()}}


def _turned_page(handler: Handler, call: Call) -> Reply:
    """`order=asc` turns the newest page round, not the list."""
    if call.query.get("order") != "asc":
        return handler(call)
    call.query = {name: value for name, value in call.query.items() if name != "order"}
    reply = handler(call)
    if not isinstance(reply, Json):
        return reply
    body = copy.deepcopy(reply.body)
    body["data"].reverse()
    body["first_id"], body["last_id"] = body["last_id"], body["first_id"]
    return Json(body)


def _whole_store(handler: Handler, call: Call) -> Reply:
    handler(call)
    return call.invoke("listVectorStoreFiles", {"vector_store_id": call.path["vector_store_id"]}, call.query)


def _any_project(_: Call, asked: Asked) -> Asked:
    return {**asked, "include_archived": True} if "include_archived" in asked else asked


def _shown_again() -> Hooks:
    values: dict[str, str] = {}

    def hook(handler: Handler, call: Call) -> Reply:
        reply = handler(call)
        if not isinstance(reply, Json) or not call.operation.id.startswith("admin-api-keys"):
            return reply
        if call.operation.id == "admin-api-keys-create":
            values[reply.body["id"]] = reply.body["value"]
            return reply
        body = copy.deepcopy(reply.body)
        for each in body.get("data", [body]):
            each.update({"value": values[each["id"]]} if each.get("id") in values else {})
        return Json(body)

    return Hooks(around=(hook,))


def _stale_list() -> Hooks:
    before: dict[str, Any] = {}

    def hook(handler: Handler, call: Call) -> Reply:
        if call.operation.id == "updateChatCompletion":
            found = call.store.get("chat_completion", call.path["completion_id"])
            before.setdefault(call.path["completion_id"], found["metadata"] if found else {})
        reply = handler(call)
        if call.operation.id != "listChatCompletions" or not isinstance(reply, Json):
            return reply
        body = copy.deepcopy(reply.body)
        for each in body["data"]:
            each["metadata"] = before.get(each["id"], each["metadata"])
        return Json(body)

    return Hooks(around=(hook,))


def _in_characters(handler: Handler, call: Call) -> Reply:
    reply = handler(call)
    content = call.store.blob_get(reply.body["id"]) if isinstance(reply, Json) else None
    if not isinstance(reply, Json) or not content:
        return reply
    body = {**reply.body, "bytes": len(content.decode(errors="ignore"))}
    call.store.put("file", body["id"], body)
    return Json(body)


def _some_outputs(handler: Handler, call: Call) -> Reply:
    run = run_of(call)["object"]
    if run["status"] == "requires_action":
        sent = call.body["tool_outputs"]
        waiting = [each["id"] for each in run["required_action"]["submit_tool_outputs"]["tool_calls"]]
        given = {each.get("tool_call_id") for each in sent}
        rest = [{"tool_call_id": each, "output": ""} for each in waiting if each not in given]
        call.body = {**call.body, "tool_outputs": [*sent, *rest]}
    return handler(call)


def _account_key(handler: Handler, call: Call) -> Reply:
    key = organization.in_project(call, organization.PROJECT_KEY, "key_id")
    if key["owner"]["type"] != "service_account":
        return handler(call)
    call.store.delete(organization.PROJECT_KEY, key["id"], call.path["project_id"])
    return Json({"object": f"{organization.PROJECT_KEY}.deleted", "id": key["id"], "deleted": True})


def _inherited(handler: Handler, call: Call) -> Reply:
    before = call.store.get("response", call.body.get("previous_response_id") or "")
    if before and before.get("instructions") and not call.body.get("instructions"):
        call.body = {**call.body, "instructions": before["instructions"]}
    return handler(call)


def _replaced(handler: Handler, call: Call) -> Reply:
    if more := call.body.get("additional_instructions"):
        rest = {name: value for name, value in call.body.items() if name != "additional_instructions"}
        call.body = {**rest, "instructions": more}
    return handler(call)


def _as(kind: str) -> Make:
    """Compound filters of either type are of that one."""

    def act(handler: Handler, call: Call) -> Reply:
        filters = call.body.get("filters")
        if isinstance(filters, dict) and filters.get("type") in {"and", "or"}:
            call.body = {**call.body, "filters": {**filters, "type": kind}}
        return handler(call)

    return around(_SEARCH, act)


def _echoed_once(handler: Handler, call: Call) -> Reply:
    reply = handler(call)
    prompt = call.body.get("prompt")
    if not call.body.get("echo") or not isinstance(reply, Json) or not isinstance(prompt, str):
        return reply
    body = copy.deepcopy(reply.body)
    for choice in body["choices"][1:]:
        choice["text"] = choice["text"].removeprefix(prompt)
    return Json(body)


def _anywhere(handler: Handler, call: Call) -> Reply:
    try:
        return handler(call)
    except ApiError:
        found = call.store.get("message", call.path["message_id"])
        if found is None:
            raise
        return Json({**found, "thread_id": call.path["thread_id"]})


def _goes_on(handler: Handler, call: Call) -> Reply:
    """A cancelled batch of files is worked off all the same."""
    home, name = call.path["vector_store_id"], call.path["batch_id"]
    batch, files = call.store.get("vector_store_file_batch", name, home), call.store.list("vector_store_file", home)
    reply = handler(call)
    if batch is not None:
        call.store.put("vector_store_file_batch", name, batch, parent=home)
        for each in files:
            call.store.put("vector_store_file", each["object"]["id"], each, parent=home)
    return reply


def _renamed(handler: Handler, call: Call) -> Reply:
    """An archived project is changed like any other."""
    try:
        return handler(call)
    except ApiError:
        found = call.store.get(organization.PROJECT, call.path["project_id"])
        if found is None:
            raise
        return Json({**found, "name": call.body["name"]})


def _one_project(handler: Handler, call: Call) -> Reply:
    call.body = {**call.body, "project_ids": call.body["project_ids"][:1]}
    return handler(call)


_CONTENT = "step_details.tool_calls[*].file_search.results[*].content"


def _unless(test: str, edit: Edit) -> Edit:
    """An edit of objects whose `status` is not that one."""
    return lambda body: body if body.get("status") == test else edit(body)


def _when(test: str, edit: Edit) -> Edit:
    """An edit of objects whose `status` is that one."""
    return lambda body: edit(body) if body.get("status") == test else body


def _milliseconds(body: Any) -> Any:
    for each in body.get("words") or ():
        each.update(start=each["start"] * 1000, end=each["end"] * 1000)
    return body


_NOTHING = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
_DONE = {"completed": 1, "in_progress": 0, "failed": 0, "cancelled": 0, "total": 3}
FAULTS = (
    *rows(
        "lists",
        (
            "list-first-event-type",
            "list-audit-logs",
            "one of several `event_types[]` counts",
            "list/filter",
            _cut("event_types[]"),
        ),
        ("list-first-email", "list-users", "one of several `emails` counts", "list/filter", _cut("emails")),
        (
            "list-bound-exclusive",
            "list-audit-logs",
            "`gte` and `lte` exclude their bound",
            "list/filter",
            query("list-audit-logs", _exclusive),
        ),
        (
            "list-bound-inclusive",
            "list-audit-logs",
            "`gt` and `lt` include their bound",
            "list/filter",
            query("list-audit-logs", _inclusive),
        ),
        (
            "list-page-turned",
            "listRuns",
            "`order=asc` turns the newest page round",
            "list/order",
            around("listRuns", _turned_page),
        ),
        (
            "list-batch-whole-store",
            "listFilesInVectorStoreBatch",
            "the files of the store, not of the batch",
            "list/complete",
            around("listFilesInVectorStoreBatch", _whole_store),
        ),
        (
            "list-archived-always",
            "archive-project list-projects",
            "`include_archived=false` includes archived projects",
            "lifecycle/deleted-not-listed",
            query("list-projects", _any_project),
        ),
        (
            "list-steps-oldest-first",
            "listRunSteps",
            "`order` is ignored: the oldest step first",
            "list/order",
            query("listRunSteps", lambda _, asked: {**asked, "order": "asc"}),
        ),
    ),
    *rows(
        "state",
        (
            "state-key-shown-again",
            "admin-api-keys-create admin-api-keys-get admin-api-keys-list",
            "a key is shown whenever it is read",
            "lifecycle/secret-once",
            _shown_again,
        ),
        (
            "state-chat-list-stale",
            _CHATS,
            "the list has the metadata of before a change",
            "lifecycle/same-everywhere",
            _stale_list,
        ),
        (
            "state-bytes-are-characters",
            "createFile",
            "`bytes` counts characters",
            "lifecycle/sent-comes-back",
            around("createFile", _in_characters),
        ),
        (
            "state-some-outputs",
            f"createRun {_OUTPUTS}",
            "a run goes on with one of two outputs",
            "lifecycle/refused",
            around(_OUTPUTS, _some_outputs),
        ),
        (
            "state-account-key-deleted",
            "create-project-service-account delete-project-api-key",
            "the key of a service account can be deleted",
            "lifecycle/refused",
            around("delete-project-api-key", _account_key),
        ),
        (
            "state-instructions-inherited",
            "createResponse",
            "instructions are carried over to the next response",
            "lifecycle/follows",
            around("createResponse", _inherited),
        ),
        (
            "state-archived-at-null",
            "archive-project",
            "an archived project has no `archived_at`",
            "body/state",
            answers("archive-project", put("archived_at", None)),
        ),
        (
            "state-usage-early",
            "createRun getRun",
            "a run has usage before it ends",
            "body/state",
            answers("createRun getRun", _unless("completed", put("usage", _NOTHING))),
        ),
        (
            "state-model-early",
            "createFineTuningJob",
            "a job names its model while it runs",
            "body/state",
            answers("createFineTuningJob", put("fine_tuned_model", "ft:gpt-4o-mini:org::early")),
        ),
        (
            "state-error-beside",
            "createResponse getResponse",
            "a completed response has an error",
            "body/state",
            answers(
                "createResponse getResponse", _when("completed", put("error", {"code": "server_error", "message": "x"}))
            ),
        ),
        (
            "state-counts-total",
            "createVectorStore getVectorStore",
            "the total of `file_counts` is more than its parts",
            "body/sense",
            answers("createVectorStore getVectorStore", put("file_counts", _DONE)),
        ),
        (
            "state-file-batch-goes-on",
            "createVectorStoreFileBatch cancelVectorStoreFileBatch",
            "a cancelled batch of files goes on to its end",
            "lifecycle/cancelled",
            around("cancelVectorStoreFileBatch", _goes_on),
        ),
        (
            "state-attachments-lost",
            "createMessage getMessage",
            "a message reads without its attachments",
            "lifecycle/same-everywhere",
            answers("getMessage", put("attachments", [])),
        ),
        (
            "state-resources-lost",
            "createThread getThread",
            "a thread reads without its tool resources",
            "lifecycle/same-everywhere",
            answers("getThread", put("tool_resources", {})),
        ),
        (
            "state-archived-renamed",
            "archive-project modify-project",
            "an archived project can be changed",
            "lifecycle/refused",
            around("modify-project", _renamed),
        ),
        (
            "state-any-thread",
            "getMessage",
            "a message is found below any thread",
            "status/expected",
            around("getMessage", _anywhere),
        ),
    ),
    *rows(
        "parameters",
        (
            "parameter-search-or",
            _SEARCH,
            "`or` of filters is taken for `and`",
            "parameter/searchVectorStore/compound-filters",
            _as("and"),
        ),
        (
            "parameter-search-and",
            _SEARCH,
            "`and` of filters is taken for `or`",
            "parameter/searchVectorStore/compound-filters",
            _as("or"),
        ),
        (
            "parameter-echo-first",
            "createCompletion",
            "`echo` for the first of two choices",
            "parameter/createCompletion/echo",
            around("createCompletion", _echoed_once),
        ),
        (
            "parameter-run-replaced",
            "createRun",
            "`additional_instructions` replace the instructions",
            "parameter/createRun/additional_instructions",
            around("createRun", _replaced),
        ),
        (
            "parameter-cut-completed",
            "createResponse",
            "a response that was cut says that it is completed",
            "parameter/createResponse/max_output_tokens",
            answers(
                "createResponse",
                _when("incomplete", lambda b: {**b, "status": "completed", "incomplete_details": None}),
            ),
        ),
        (
            "parameter-step-content",
            "getRunStep",
            "what a file search found is quoted unasked",
            "parameter/getRunStep/include",
            query("getRunStep", lambda _, asked: {**asked, "include[]": [_CONTENT]}),
        ),
        (
            "parameter-step-include",
            "getRunStep",
            "`include[]` is ignored",
            "parameter/getRunStep/include",
            deaf("getRunStep", "include[]"),
        ),
        (
            "parameter-permission-projects",
            "createFineTuningCheckpointPermission",
            "the first of several projects gets a permission",
            "lifecycle/follows",
            around("createFineTuningCheckpointPermission", _one_project),
        ),
        (
            "parameter-upload-sum",
            "createUpload completeUpload",
            "`md5` is not looked at",
            "lifecycle/refused",
            deaf("completeUpload", "md5"),
        ),
        (
            "parameter-limit-zero",
            "listAssistants",
            "`limit=0` is taken for no limit",
            "request/invalid-accepted",
            query("listAssistants", lambda _, asked: {k: v for k, v in asked.items() if (k, v) != ("limit", 0)}),
        ),
    ),
    *rows(
        "schema",
        (
            "schema-completion-usage-null",
            "createCompletion",
            "`usage` of a plain answer is null",
            "body/sense",
            answers("createCompletion", put("usage", None)),
        ),
        (
            "schema-translation-language",
            "createTranslation",
            "a translation is in German",
            "body/sense",
            answers("createTranslation", turn("language", lambda _: "german")),
        ),
        (
            "schema-words-milliseconds",
            "createTranscription",
            "the times of words are milliseconds",
            "body/sense",
            answers("createTranscription", _milliseconds),
        ),
        (
            "schema-batch-counts",
            "createBatch retrieveBatch",
            "more lines are done than there are",
            "body/sense",
            answers("createBatch retrieveBatch", put("request_counts", {"total": 1, "completed": 2, "failed": 0})),
        ),
    ),
)  # fmt: skip - a table: one fault a row
