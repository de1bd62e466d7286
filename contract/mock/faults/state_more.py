"""Family `state` where fewer clients look: messages and runs, files of stores, jobs, the organization."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Callable
from typing import Any

from contract.mock.errors import ApiError
from contract.mock.faults.kit import Edit, Make, answers, around, put, replies, rows, turn
from contract.mock.faults.state import forgetful, undead, unmoved
from contract.mock.kernel import Binary, Call, Handler, Hooks, Json, Reply

_KEPT, _GONE, _SAME = "lifecycle/change-kept", "lifecycle/deleted-is-gone", "lifecycle/same-everywhere"
_FOLLOWS, _SENT = "lifecycle/follows", "lifecycle/sent-comes-back"


def _where(on: str, test: Callable[[dict[str, Any]], bool], change: Edit) -> Make:
    """Another body of the successes that pass."""
    return answers(on, lambda body: change(body) if isinstance(body, dict) and test(body) else body)


def _done(body: dict[str, Any]) -> bool:
    return body.get("status") == "completed"


def _turning_back() -> Hooks:
    """A run that was read as completed is in progress at the next read."""
    seen: list[str] = []

    def change(body: Any) -> Any:
        if body["id"] in seen:
            return {**body, "status": "in_progress", "completed_at": None}
        if body["status"] == "completed":
            seen.append(body["id"])
        return body

    return answers("getRun", change)()


def _missing_file() -> Hooks:
    """The file of a completed upload is nowhere."""
    lost: list[str] = []

    def act(handler: Handler, call: Call) -> Reply:
        if call.operation.id == "retrieveFile" and call.path["file_id"] in lost:
            raise ApiError(404, "No such file.")
        reply = handler(call)
        if call.operation.id == "completeUpload" and isinstance(reply, Json):
            lost.append(reply.body["file"]["id"])
        return reply

    return around("completeUpload retrieveFile", act)()


def _same_custom_ids(content: bytes) -> bytes:
    """Lines of a batch that all answer one request."""
    lines = [line for line in content.splitlines() if line.startswith(b"{")]
    parsed = [json.loads(line) for line in lines]
    if not parsed or not all("custom_id" in each and "response" in each for each in parsed):
        return content
    return b"".join(json.dumps({**each, "custom_id": "request-0"}).encode() + b"\n" for each in parsed)


def _file_bytes(change: Callable[[bytes], bytes]) -> Make:
    def act(_: Call, reply: Reply) -> Reply:
        if isinstance(reply, Binary):
            return Binary(change(reply.content), reply.media_type, reply.headers, reply.status)
        return reply

    return replies("downloadFile", act)


def _only_first() -> Hooks:
    """A list of messages forgets what a run said."""
    return answers("listMessages", lambda b: {**b, "data": [e for e in b["data"] if e["role"] == "user"]})()


def _counting(on: str, member: str, step: int) -> Make:
    def make() -> Hooks:
        count = itertools.count(1)
        return answers(on, turn(member, lambda value: value + step * next(count)))()

    return make


def _other_text(body: Any) -> Any:
    return put("output/*/content/*/text", "Something else.")(body)


def _kept_permission() -> Hooks:
    def act(_: Handler, call: Call) -> Reply:
        listed = call.invoke("listFineTuningCheckpointPermissions", call.path)
        first = copy.deepcopy(listed.body["data"][:1]) if isinstance(listed, Json) else []
        name = first[0]["id"] if first else call.path["permission_id"]
        return Json({"id": name, "object": "checkpoint.permission", "deleted": True})

    return around("deleteFineTuningCheckpointPermission", act)()


def _kept_children(delete: str, child: str) -> Make:
    """A parent goes, its children can still be listed."""

    def make() -> Hooks:
        kept: dict[str, Any] = {}

        def act(handler: Handler, call: Call) -> Reply:
            key = next(iter(call.path.values()), "")
            if call.operation.id == child:
                try:
                    reply = handler(call)
                except ApiError as error:
                    if error.status == 404 and key in kept:
                        return Json(copy.deepcopy(kept[key]))
                    raise
                if isinstance(reply, Json):
                    kept[key] = reply.body
                return reply
            if key not in kept:
                found = call.invoke(child, call.path)
                kept[key] = found.body if isinstance(found, Json) else {}
            return handler(call)

        return around(f"{delete} {child}", act)()

    return make


FAULTS = rows(
    "state",
    (
        "state-change-lost-message",
        "modifyMessage",
        "a change is answered and not kept",
        "lifecycle/change-kept",
        forgetful("modifyMessage", "getMessage"),
    ),
    (
        "state-change-lost-run",
        "modifyRun",
        "a change is answered and not kept",
        "lifecycle/change-kept",
        forgetful("modifyRun", "getRun"),
    ),
    (
        "state-change-lost-user",
        "modify-user",
        "a change is answered and not kept",
        "lifecycle/change-kept",
        forgetful("modify-user", "retrieve-user"),
    ),
    (
        "state-change-clears-tools",
        "modifyAssistant",
        "a change of the name empties `tools`",
        "lifecycle/nothing-else-changed",
        answers("modifyAssistant getAssistant", put("tools", [])),
    ),
    (
        "state-deleted-there-message",
        "deleteMessage",
        "what was deleted is still there",
        "lifecycle/deleted-is-gone",
        undead("deleteMessage", "getMessage", "thread.message.deleted"),
    ),
    (
        "state-deleted-there-store-file",
        "deleteVectorStoreFile",
        "what was deleted is still there",
        "lifecycle/deleted-is-gone",
        undead("deleteVectorStoreFile", "getVectorStoreFile", "vector_store.file.deleted"),
    ),
    (
        "state-response-text-differs",
        "getResponse",
        "a read shows another output",
        "lifecycle/same-everywhere",
        answers("getResponse", _other_text),
    ),
    (
        "state-completion-text-differs",
        "getChatCompletion",
        "a read shows another message",
        "lifecycle/same-everywhere",
        answers("getChatCompletion", put("choices/*/message/content", "Something else.")),
    ),
    (
        "state-input-role",
        "listInputItems",
        "input items are all of the assistant",
        "body/schema",
        answers("listInputItems", put("data/*/role", "assistant")),
    ),
    (
        "state-upload-pending",
        "completeUpload",
        "a completed upload is still pending",
        "lifecycle/follows",
        answers("completeUpload", put("status", "pending")),
    ),
    (
        "state-upload-file-missing",
        "completeUpload retrieveFile",
        "the file of a completed upload is nowhere",
        "request/valid-refused",
        _missing_file,
    ),
    (
        "state-upload-file-other-size",
        "completeUpload",
        "the file of an upload has another size",
        "lifecycle/follows",
        answers("completeUpload", turn("file/bytes", lambda v: v + 1)),
    ),
    (
        "state-upload-expired",
        "createUpload",
        "an upload expires before it was created",
        "body/times",
        answers("createUpload", turn("expires_at", lambda v: v - 7200)),
    ),
    (
        "state-run-silent",
        "createRun listMessages",
        "what a run said is not in the thread",
        "lifecycle/follows",
        _only_first,
    ),
    (
        "state-run-completed-never",
        "createRun getRun",
        "a completed run has no `completed_at`",
        "body/state",
        _where("getRun", _done, put("completed_at", None)),
    ),
    (
        "state-run-completed-early",
        "createRun getRun",
        "a run was completed before it was created",
        "body/times",
        _where("getRun", _done, lambda b: put("completed_at", b["created_at"] - 60)(b)),
    ),
    (
        "state-run-turns-back",
        "createRun getRun",
        "a completed run is in progress again",
        "lifecycle/ended-stays",
        _turning_back,
    ),
    (
        "state-run-usage-none",
        "createRun getRun",
        "a completed run has no usage",
        "body/state",
        _where("getRun", _done, put("usage", None)),
    ),
    (
        "state-run-assistant",
        "createRun",
        "a run names another assistant",
        "body/echo",
        answers("createRun", put("assistant_id", "asst_another")),
    ),
    (
        "state-run-action-kept",
        "submitToolOuputsToRun getRun",
        "a run that has its outputs still waits for them",
        "body/state",
        answers("submitToolOuputsToRun", put("status", "requires_action")),
    ),
    (
        "state-step-run",
        "listRunSteps",
        "steps name another run",
        "body/same-object",
        answers("listRunSteps", put("data/*/run_id", "run_another")),
    ),
    (
        "state-step-read-differs",
        "getRunStep",
        "a step read by id has another type of details",
        "lifecycle/same-everywhere",
        answers("getRunStep", turn("step_details", lambda _: {"type": "tool_calls", "tool_calls": []})),
    ),
    (
        "state-tools-lost",
        "createAssistant",
        "tools that were sent are dropped",
        "body/echo",
        answers("createAssistant getAssistant", put("tools", [])),
    ),
    (
        "state-store-expiry-none",
        "createVectorStore",
        "a store with `expires_after` never expires",
        "body/state",
        answers("createVectorStore getVectorStore", put("expires_at", None)),
    ),
    (
        "state-store-file-parent",
        "createVectorStoreFile",
        "a file names another store",
        "body/same-object",
        answers("createVectorStoreFile getVectorStoreFile", put("vector_store_id", "vs_another")),
    ),
    (
        "state-store-file-id",
        "createVectorStoreFile",
        "a file of a store has an id of its own",
        "lifecycle/created-is-there",
        answers("createVectorStoreFile", put("id", "file-another")),
    ),
    (
        "state-file-batch-never-ends",
        "createVectorStoreFileBatch getVectorStoreFileBatch",
        "a batch of files never ends",
        "lifecycle/reaches-its-end",
        answers("getVectorStoreFileBatch", put("status", "in_progress")),
    ),
    (
        "state-file-batch-cancelled-goes-on",
        "cancelVectorStoreFileBatch",
        "a cancelled batch of files is in progress",
        "lifecycle/reaches-its-end",
        answers("cancelVectorStoreFileBatch getVectorStoreFileBatch", put("status", "in_progress")),
    ),
    (
        "state-batch-input-other",
        "createBatch",
        "a batch names another input file",
        "body/echo",
        answers("createBatch", put("input_file_id", "file-another")),
    ),
    (
        "state-job-file-other",
        "retrieveFineTuningJob",
        "a job names another training file",
        "lifecycle/same-everywhere",
        answers("retrieveFineTuningJob", put("training_file", "file-another")),
    ),
    (
        "state-job-listed-running",
        "cancelFineTuningJob listPaginatedFineTuningJobs",
        "a cancelled job is listed as running",
        "lifecycle/same-everywhere",
        answers("listPaginatedFineTuningJobs", put("data/*/status", "running")),
    ),
    (
        "state-member-role",
        "create-project-user",
        "a new member has another role",
        "body/echo",
        answers("create-project-user", turn("role", lambda v: "owner" if v == "member" else "member")),
    ),
    (
        "state-message-lost",
        "createMessage listMessages",
        "a second message replaces the first in the list",
        "lifecycle/listed",
        answers("listMessages", lambda b: {**b, "data": b["data"][:1]}),
    ),
    (
        "state-cancel-job-nothing",
        "cancelFineTuningJob",
        "a cancelled job goes on",
        "lifecycle/cancelled",
        unmoved("cancelFineTuningJob", "retrieveFineTuningJob"),
    ),
    (
        "state-id-empty",
        "createChatCompletion",
        "`id` is empty",
        "lifecycle/id-unique",
        answers("createChatCompletion", put("id", "")),
    ),
    (
        "state-deleted-messages",
        "deleteThread listMessages createThread",
        "the messages of a deleted thread are still listed",
        "lifecycle/deleted-is-gone",
        _kept_children("deleteThread", "listMessages"),
    ),
    (
        "state-deleted-input",
        "deleteResponse listInputItems createResponse",
        "the input items of a deleted response are still listed",
        "lifecycle/deleted-is-gone",
        _kept_children("deleteResponse", "listInputItems"),
    ),
    (
        "state-deleted-said",
        "deleteChatCompletion getChatCompletionMessages createChatCompletion",
        "the messages of a deleted completion are still listed",
        "lifecycle/deleted-is-gone",
        _kept_children("deleteChatCompletion", "getChatCompletionMessages"),
    ),
    (
        "state-deleted-files",
        "deleteVectorStore listVectorStoreFiles createVectorStore",
        "the files of a deleted store are still listed",
        "lifecycle/deleted-is-gone",
        _kept_children("deleteVectorStore", "listVectorStoreFiles"),
    ),
    (
        "state-deleted-there-model",
        "deleteModel createFineTuningJob",
        "what was deleted is still there",
        "lifecycle/deleted-is-gone",
        undead("deleteModel", "retrieveModel", "model"),
    ),
    (
        "state-key-unredacted",
        "admin-api-keys-create",
        "`redacted_value` is the whole key",
        "body/sense",
        answers("admin-api-keys-create", lambda b: put("redacted_value", b.get("value", "x"))(b)),
    ),
    (
        "state-batch-line-status",
        "createBatch downloadFile",
        "the lines of a batch have no `status_code`",
        "lifecycle/content",
        _file_bytes(lambda c: c.replace(b'"status_code"', b'"code"')),
    ),
    (
        "state-store-content",
        "retrieveVectorStoreFileContent createFile",
        "the content of a file in a store is another",
        "lifecycle/content",
        answers("retrieveVectorStoreFileContent", put("data/*/text", "lorem")),
    ),
    (
        "state-job-tokens",
        "createFineTuningJob retrieveFineTuningJob",
        "a job that succeeded has trained no tokens",
        "body/state",
        answers("retrieveFineTuningJob", put("trained_tokens", None)),
    ),
    (
        "state-audit-silent",
        "create-project list-audit-logs",
        "a new project is not logged",
        "list/first-last",
        answers("list-audit-logs", lambda b: {**b, "data": [e for e in b["data"] if e["type"] != "project.created"]}),
    ),
    (
        "state-model-not-found",
        "listModels retrieveModel",
        "a listed model is not found",
        "lifecycle/created-is-there",
        around(
            "retrieveModel",
            lambda h, c: (_ for _ in ()).throw(ApiError(404, "no")) if "mini" in c.path["model"] else h(c),
        ),
    ),
    (
        "state-run-listed",
        "createRun listRuns",
        "a listed run has another status",
        "lifecycle/same-everywhere",
        answers("listRuns", put("data/*/status", "expired")),
    ),
)  # fmt: skip - a table: one fault a row
