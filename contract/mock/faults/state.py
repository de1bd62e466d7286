"""Family `state`: what was done does not show, or something else does."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable
from typing import Any

from contract.mock.errors import ApiError
from contract.mock.faults.kit import Edit, Make, answers, around, drop, put, replies, rows, turn
from contract.mock.kernel import Binary, Call, Handler, Hooks, Json, Reply

_OTHER = "lifecycle/nothing-else-changed"


def vanishing(create: str, delete: str, parameter: str) -> Make:
    """What was created is removed at once."""

    def act(handler: Handler, call: Call) -> Reply:
        reply = handler(call)
        if isinstance(reply, Json):
            call.invoke(delete, {**call.path, parameter: reply.body["id"]})
        return reply

    return around(create, act)


def undead(delete: str, get: str, word: str) -> Make:
    """A deletion that says yes and does nothing."""

    def act(_: Handler, call: Call) -> Reply:
        found = call.invoke(get, call.path)
        identifier = found.body["id"] if isinstance(found, Json) else ""
        return Json({"id": identifier, "object": word, "deleted": True})

    return around(delete, act)


def _ghosts(delete: str, listing: str, get: str) -> Make:
    """What was deleted is gone, but stands in the list."""

    def make() -> Hooks:
        dead: list[Any] = []

        def removed(handler: Handler, call: Call) -> Reply:
            if call.operation.id == delete:
                found = call.invoke(get, call.path)
                if isinstance(found, Json):
                    dead.append(copy.deepcopy(found.body))
            reply = handler(call)
            if call.operation.id == listing and isinstance(reply, Json) and not call.query.get("after"):
                return Json({**reply.body, "data": [*dead, *reply.body["data"]]})
            return reply

        return Hooks(around=(removed,))

    return make


def forgetful(change: str, get: str) -> Make:
    """A change is answered as made, and not kept."""

    def act(_: Handler, call: Call) -> Reply:
        found = call.invoke(get, call.path)
        return Json({**found.body, **call.body}) if isinstance(found, Json) else found

    return around(change, act)


def _behind(change: str, get: str) -> Make:
    """A change is kept, and answered as the object was before."""

    def act(handler: Handler, call: Call) -> Reply:
        before = copy.deepcopy(call.invoke(get, call.path))
        handler(call)
        return before

    return around(change, act)


def _asked(on: str, change: Edit) -> Make:
    """Another request body than the one that was sent."""

    def act(handler: Handler, call: Call) -> Reply:
        call.body = change(copy.deepcopy(call.body))
        return handler(call)

    return around(on, act)


def _drifting(on: str, member: str) -> Make:
    def make() -> Hooks:
        count = itertools.count(1)
        return answers(on, turn(member, lambda value: value + next(count)))()

    return make


def _same_id(on: str) -> Make:
    def make() -> Hooks:
        first: list[str] = []

        def change(body: Any) -> Any:
            first.append(body["id"])
            return put("id", first[0])(body)

        return answers(on, change)()

    return make


def _other_default(on: str, member: str, value: Any) -> Make:
    """A member that was not sent has another default."""

    def change(call: Call, reply: Reply) -> Reply:
        if isinstance(reply, Json) and member not in (call.body or {}):
            return Json({**reply.body, member: value}, reply.status, reply.headers)
        return reply

    return replies(on, change)


def unmoved(on: str, get: str, **changes: Any) -> Make:
    """Answers as if it were done, and does nothing."""

    def act(_: Handler, call: Call) -> Reply:
        found = call.invoke(get, call.path)
        return Json({**copy.deepcopy(found.body), **changes}) if isinstance(found, Json) else found

    return around(on, act)


def _forgiving(on: str, get: str, *, only: Callable[[ApiError], bool] = lambda _: True) -> Make:
    """What the state forbids is answered by the object as it is."""

    def act(handler: Handler, call: Call) -> Reply:
        try:
            return handler(call)
        except ApiError as error:
            if error.status not in {400, 409} or not only(error):
                raise
            return call.invoke(get, call.path)

    return around(on, act)


def _late_parts(handler: Handler, call: Call) -> Reply:
    try:
        return handler(call)
    except ApiError as error:
        if error.status != 400:
            raise
        upload = call.path["upload_id"]
        return Json(
            {"id": call.store.new_id("part_"), "object": "upload.part", "created_at": call.now, "upload_id": upload}
        )


def _any_size(handler: Handler, call: Call) -> Reply:
    try:
        return handler(call)
    except ApiError as error:
        if error.status != 400 or "bytes" not in error.message:
            raise
        record = call.store.get("upload", call.path["upload_id"]) or {}
        return Json({**record["object"], "status": "completed"})


def _bytes(on: str, change: Callable[[bytes], bytes]) -> Make:
    def act(_: Call, reply: Reply) -> Reply:
        if isinstance(reply, Binary):
            return Binary(change(reply.content), reply.media_type, reply.headers, reply.status)
        return reply

    return replies(on, act)


def _twin_parents(on: str) -> Make:
    """Every thread's messages go to the first thread that was met."""

    def make() -> Hooks:
        first: list[str] = []

        def act(handler: Handler, call: Call) -> Reply:
            first.append(call.path["thread_id"])
            call.path = {**call.path, "thread_id": first[0]}
            return handler(call)

        return around(on, act)()

    return make


def _ids_other(body: Any) -> Any:
    return {**body, "id": "asst_another"}


def _file_too(handler: Handler, call: Call) -> Reply:
    reply = handler(call)
    call.invoke("deleteFile", {"file_id": call.path["file_id"]})
    return reply


def _any_output(handler: Handler, call: Call) -> Reply:
    try:
        return handler(call)
    except ApiError as error:
        if error.status != 400:
            raise
        return call.invoke("getRun", call.path)


def _lost_on_second(create: str, delete: str, parameter: str) -> Make:
    """Creating a second object removes the first."""

    def make() -> Hooks:
        last: list[str] = []

        def act(handler: Handler, call: Call) -> Reply:
            reply = handler(call)
            if isinstance(reply, Json):
                if last:
                    call.invoke(delete, {parameter: last.pop()})
                last.append(reply.body["id"])
            return reply

        return around(create, act)()

    return make


def _told(handler: Handler, call: Call) -> Reply:
    """The answer as it would be, and the limits as they were."""
    before = call.invoke("list-project-rate-limits", {"project_id": call.path["project_id"]})
    reply = copy.deepcopy(handler(call))
    if isinstance(before, Json):
        for each in before.body["data"]:
            if each["id"] == call.path["rate_limit_id"]:
                call.body = {"max_requests_per_1_minute": each["max_requests_per_1_minute"]}
                handler(call)
    return reply


_MARKED = "createAssistant createThread createMessage createVectorStore createResponse"
FAULTS = rows(
    "state",
    (
        "state-created-not-there",
        "createAssistant getAssistant",
        "what was created cannot be read",
        "lifecycle/created-is-there",
        vanishing("createAssistant", "deleteAssistant", "assistant_id"),
    ),
    (
        "state-created-not-there-store",
        "createVectorStore getVectorStore",
        "what was created cannot be read",
        "lifecycle/created-is-there",
        vanishing("createVectorStore", "deleteVectorStore", "vector_store_id"),
    ),
    (
        "state-second-replaces-first",
        "createAssistant getAssistant",
        "a second object replaces the first",
        "lifecycle/listed",
        _lost_on_second("createAssistant", "deleteAssistant", "assistant_id"),
    ),
    (
        "state-deleted-there-assistant",
        "deleteAssistant createAssistant",
        "what was deleted is still there",
        "lifecycle/deleted-is-gone",
        undead("deleteAssistant", "getAssistant", "assistant.deleted"),
    ),
    (
        "state-deleted-there-thread",
        "deleteThread createThread",
        "what was deleted is still there",
        "lifecycle/deleted-is-gone",
        undead("deleteThread", "getThread", "thread.deleted"),
    ),
    (
        "state-deleted-there-file",
        "deleteFile createFile",
        "what was deleted is still there",
        "lifecycle/deleted-is-gone",
        undead("deleteFile", "retrieveFile", "file"),
    ),
    (
        "state-deleted-there-store",
        "deleteVectorStore createVectorStore",
        "what was deleted is still there",
        "lifecycle/deleted-is-gone",
        undead("deleteVectorStore", "getVectorStore", "vector_store.deleted"),
    ),
    (
        "state-deleted-there-response",
        "deleteResponse createResponse",
        "what was deleted is still there",
        "lifecycle/deleted-is-gone",
        undead("deleteResponse", "getResponse", "response.deleted"),
    ),
    (
        "state-deleted-there-completion",
        "deleteChatCompletion createChatCompletion",
        "what was deleted is still there",
        "lifecycle/deleted-is-gone",
        undead("deleteChatCompletion", "getChatCompletion", "chat.completion.deleted"),
    ),
    (
        "state-deleted-listed",
        "deleteAssistant listAssistants createAssistant",
        "what was deleted is still listed",
        "lifecycle/deleted-not-listed",
        _ghosts("deleteAssistant", "listAssistants", "getAssistant"),
    ),
    (
        "state-deleted-listed-message",
        "deleteMessage listMessages createMessage",
        "what was deleted is still listed",
        "lifecycle/deleted-not-listed",
        _ghosts("deleteMessage", "listMessages", "getMessage"),
    ),
    (
        "state-not-listed",
        "createFile listFiles",
        "the newest object is not listed",
        "lifecycle/listed",
        answers("listFiles", lambda b: {**b, "data": b["data"][1:]}),
    ),
    (
        "state-delete-says-false",
        "deleteFile createFile",
        "a deletion answers `deleted: false`",
        "lifecycle/delete-answer",
        answers("deleteFile", put("deleted", False)),
    ),
    (
        "state-delete-other-id",
        "deleteAssistant createAssistant",
        "a deletion names another object",
        "lifecycle/delete-answer",
        answers("deleteAssistant", put("id", "asst_other")),
    ),
    (
        "state-change-lost",
        "modifyAssistant createAssistant",
        "a change is answered and not kept",
        "lifecycle/change-kept",
        forgetful("modifyAssistant", "getAssistant"),
    ),
    (
        "state-change-lost-thread",
        "modifyThread createThread",
        "a change is answered and not kept",
        "lifecycle/change-kept",
        forgetful("modifyThread", "getThread"),
    ),
    (
        "state-change-lost-store",
        "modifyVectorStore createVectorStore",
        "a change is answered and not kept",
        "lifecycle/change-kept",
        forgetful("modifyVectorStore", "getVectorStore"),
    ),
    (
        "state-change-answered-late",
        "modifyMessage createMessage",
        "a change answers the object as it was",
        "lifecycle/change-kept",
        _behind("modifyMessage", "getMessage"),
    ),
    (
        "state-change-of-another",
        "modifyAssistant createAssistant",
        "a change of one member empties another",
        _OTHER,
        _asked("modifyAssistant", lambda b: {**b, "instructions": b.get("instructions", "Changed.")}),
    ),
    (
        "state-change-clears-metadata",
        "modifyVectorStore createVectorStore",
        "a change of one member empties `metadata`",
        _OTHER,
        _asked("modifyVectorStore", lambda b: {"metadata": {}, **b}),
    ),
    (
        "state-change-moves-created",
        "modifyThread createThread",
        "a change moves `created_at`",
        _OTHER,
        answers("modifyThread", turn("created_at", lambda v: v + 100)),
    ),
    (
        "state-created-at-drifts",
        "getAssistant createAssistant",
        "`created_at` is another at each read",
        "lifecycle/same-everywhere",
        _drifting("getAssistant", "created_at"),
    ),
    (
        "state-created-at-drifts-file",
        "retrieveFile createFile",
        "`created_at` is another at each read",
        "lifecycle/same-everywhere",
        _drifting("retrieveFile", "created_at"),
    ),
    (
        "state-read-differs",
        "getThread createThread",
        "a read shows other metadata",
        "lifecycle/same-everywhere",
        answers("getThread", put("metadata", {"other": "yes"})),
    ),
    (
        "state-read-other-model",
        "getAssistant createAssistant",
        "a read shows another model",
        "lifecycle/same-everywhere",
        answers("getAssistant", put("model", "gpt-4")),
    ),
    (
        "state-list-differs",
        "listAssistants createAssistant",
        "a list shows another name",
        "lifecycle/same-everywhere",
        answers("listAssistants", put("data/*/name", "other")),
    ),
    ("state-id-reused", "createAssistant", "an id is given twice", "lifecycle/id-unique", _same_id("createAssistant")),
    ("state-id-reused-file", "createFile", "an id is given twice", "lifecycle/id-unique", _same_id("createFile")),
    (
        "state-id-reused-chat",
        "createChatCompletion",
        "every completion has the same id",
        "lifecycle/id-unique",
        _same_id("createChatCompletion"),
    ),
    (
        "state-metadata-dropped",
        _MARKED,
        "metadata that was sent is dropped",
        "lifecycle/sent-comes-back",
        _asked(_MARKED, drop("metadata")),
    ),
    (
        "state-name-cut",
        "createAssistant",
        "the name is cut",
        "lifecycle/sent-comes-back",
        _asked("createAssistant", turn("name", lambda v: v[:3] if isinstance(v, str) else v)),
    ),
    (
        "state-temperature-rounded",
        "createAssistant",
        "the temperature is rounded",
        "lifecycle/sent-comes-back",
        answers("createAssistant", turn("temperature", lambda v: round(v) if v is not None else v)),
    ),
    (
        "state-default-tools",
        "createAssistant",
        "without `tools` an assistant has one",
        "lifecycle/default",
        _other_default("createAssistant", "tools", [{"type": "code_interpreter"}]),
    ),
    (
        "state-default-description",
        "createAssistant",
        "without `description` there is an empty one",
        "lifecycle/default",
        _other_default("createAssistant", "description", ""),
    ),
    (
        "state-cancelled-goes-on",
        "cancelBatch createBatch retrieveBatch",
        "a cancelled batch goes on",
        "lifecycle/cancelled",
        unmoved("cancelBatch", "retrieveBatch", status="cancelling"),
    ),
    (
        "state-cancelled-goes-on-job",
        "cancelFineTuningJob createFineTuningJob retrieveFineTuningJob",
        "a cancelled job goes on",
        "lifecycle/cancelled",
        unmoved("cancelFineTuningJob", "retrieveFineTuningJob", status="cancelled"),
    ),
    (
        "state-cancel-does-nothing",
        "cancelRun createRun getRun",
        "a cancelled run waits on",
        "lifecycle/cancelled",
        unmoved("cancelRun", "getRun"),
    ),
    (
        "state-cancel-upload-nothing",
        "cancelUpload createUpload",
        "a cancelled upload is still pending",
        "lifecycle/cancelled",
        answers("cancelUpload", put("status", "pending")),
    ),
    (
        "state-ended-is-cancelled",
        "cancelRun createRun",
        "a run that has ended can be cancelled",
        "lifecycle/ended-stays",
        _forgiving("cancelRun", "getRun"),
    ),
    (
        "state-ended-batch-cancelled",
        "cancelBatch createBatch",
        "a batch that has ended can be cancelled",
        "lifecycle/ended-stays",
        _forgiving("cancelBatch", "retrieveBatch"),
    ),
    (
        "state-never-ends",
        "getRun createRun",
        "a run never ends",
        "lifecycle/reaches-its-end",
        answers("getRun", lambda b: {**b, "status": "in_progress", "completed_at": None, "usage": None}),
    ),
    (
        "state-upload-order",
        "completeUpload createUpload addUploadPart",
        "parts are joined in another order",
        "lifecycle/content",
        _asked("completeUpload", turn("part_ids", lambda parts: parts[::-1])),
    ),
    (
        "state-upload-late-part",
        "addUploadPart createUpload completeUpload",
        "a completed upload takes further parts",
        "lifecycle/refused",
        around("addUploadPart", _late_parts),
    ),
    (
        "state-upload-any-size",
        "completeUpload createUpload",
        "an upload completes with other bytes than announced",
        "lifecycle/refused",
        around("completeUpload", _any_size),
    ),
    (
        "state-any-tool-output",
        "submitToolOuputsToRun createRun",
        "outputs of calls that were not made are taken",
        "lifecycle/refused",
        around("submitToolOuputsToRun", _any_output),
    ),
    (
        "state-content-changed",
        "downloadFile createFile",
        "a byte of a file changes",
        "lifecycle/content",
        _bytes("downloadFile", lambda c: c[:-1] + bytes([c[-1] ^ 1]) if c else c),
    ),
    (
        "state-content-text",
        "downloadFile createFile",
        "a file is served as if it were text",
        "lifecycle/content",
        _bytes("downloadFile", lambda c: c.decode("utf-8", "replace").encode()),
    ),
    (
        "state-content-crlf",
        "downloadFile createFile",
        "line ends of a file change",
        "lifecycle/content",
        _bytes("downloadFile", lambda c: c.replace(b"\n", b"\r\n")),
    ),
    (
        "state-file-size-wrong",
        "retrieveFile createFile",
        "`bytes` of a file is wrong",
        "lifecycle/sent-comes-back",
        answers("createFile retrieveFile", turn("bytes", lambda v: v + 1)),
    ),
    (
        "state-file-name-lost",
        "createFile retrieveFile",
        "the name of a file is lost",
        "lifecycle/sent-comes-back",
        answers("createFile retrieveFile", put("filename", "upload.bin")),
    ),
    (
        "state-read-another",
        "getAssistant createAssistant",
        "a read answers another object",
        "body/same-object",
        answers("getAssistant", _ids_other),
    ),
    (
        "state-thread-mixed",
        "createMessage listMessages",
        "messages go to another thread",
        "body/same-object",
        _twin_parents("createMessage"),
    ),
    (
        "state-message-text",
        "createMessage getMessage",
        "the text of a message changes",
        "lifecycle/sent-comes-back",
        _asked(
            "createMessage",
            lambda b: {**b, "content": b["content"].upper() if isinstance(b["content"], str) else b["content"]},
        ),
    ),
    (
        "state-file-goes-too",
        "deleteVectorStoreFile createFile",
        "taking a file out of a store deletes the file",
        "lifecycle/follows",
        around("deleteVectorStoreFile", _file_too),
    ),
    (
        "state-counts-wrong",
        "getVectorStore createFile",
        "counts of a vector store are wrong",
        "lifecycle/follows",
        answers("getVectorStore", put("file_counts/completed", 0)),
    ),
    (
        "state-batch-counts",
        "retrieveBatch createBatch",
        "counts of a batch are wrong",
        "lifecycle/follows",
        answers("retrieveBatch", turn("request_counts/total", lambda v: v + 1)),
    ),
    (
        "state-batch-line-lost",
        "downloadFile createBatch",
        "a line of a batch has no answer",
        "lifecycle/follows",
        _bytes("downloadFile", lambda c: c.split(b"\n", 1)[1] if b'"custom_id"' in c and b'"response"' in c else c),
    ),
    (
        "state-run-thread",
        "createRun",
        "a run names another thread",
        "lifecycle/follows",
        answers("createRun", put("thread_id", "thread_other")),
    ),
    (
        "state-messages-lost",
        "getChatCompletionMessages createChatCompletion",
        "the first message of a stored completion is lost",
        "lifecycle/sent-comes-back",
        answers("getChatCompletionMessages", lambda b: {**b, "data": b["data"][1:]}),
    ),
    (
        "state-input-lost",
        "listInputItems createResponse",
        "input items are lost",
        "lifecycle/sent-comes-back",
        answers("listInputItems", lambda b: {**b, "data": []}),
    ),
    (
        "state-limit-not-kept",
        "update-project-rate-limits list-project-rate-limits",
        "a changed rate limit is answered and not kept",
        "lifecycle/change-kept",
        around("update-project-rate-limits", _told),
    ),
    (
        "state-archived-active",
        "archive-project create-project",
        "an archived project is still active",
        "lifecycle/delete-answer",
        unmoved("archive-project", "retrieve-project"),
    ),
)  # fmt: skip - a table: one fault a row
