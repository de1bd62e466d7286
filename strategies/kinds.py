"""The table of resource kinds: who makes them, where they are listed, what removes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contract.operation import Operation
from strategies import media

_HELLO = {"role": "user", "content": "Say hello."}
WEATHER = {
    "name": "get_weather",
    "description": "The weather of a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


@dataclass(frozen=True, slots=True)
class ResourceKind:
    """One kind. Operations by id; `body` is a template (`strategies.templates`) for the operation that makes it."""

    name: str
    title: str
    #: Path template of the object itself; its last parameter is `parameter`.
    path: str = ""
    maker: str | None = None
    body: Any = None
    variants: Mapping[str, Any] = field(default_factory=dict)
    parent: str | None = None
    #: The parent must be made for this one alone (a run locks its thread).
    parent_fresh: bool = False
    #: JSON pointer of the object in the maker's answer, and the member that is its id.
    at: str = ""
    key: str = "id"
    lister: str | None = None
    getter: str | None = None
    #: Look for an existing one before making one: making is dear or cannot be undone.
    found_first: bool = False
    #: Statuses to wait for, and those that end the wait; empty: it is there at once.
    ready: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    remove: str | None = None
    #: Path parameter of `remove` -> member of the answer, or `:parameter` of the request.
    ids: Mapping[str, str] = field(default_factory=dict)
    #: False for a row whose maker another row stands for already in the ledger of what was made.
    ledger: bool = False

    @property
    def parameter(self) -> str:
        """The last path parameter of its own path."""
        return self.path.rpartition("{")[2].partition("}")[0] if "{" in self.path else ""


_RUN_ENDED = frozenset({"completed", "failed", "cancelled", "expired", "incomplete"})
_JOB_FAILED = frozenset({"failed", "cancelled"})
_ROWS = (
    ResourceKind(
        "assistant",
        "assistant",
        "/assistants/{assistant_id}",
        "createAssistant",
        {"model": "<model assistants>"},
        lister="listAssistants",
        remove="deleteAssistant",
        ids={"assistant_id": "id"},
        ledger=True,
    ),
    ResourceKind(
        "thread",
        "thread",
        "/threads/{thread_id}",
        "createThread",
        {"messages": [_HELLO]},
        remove="deleteThread",
        ids={"thread_id": "id"},
        ledger=True,
    ),
    ResourceKind(
        "message",
        "message",
        "/threads/{thread_id}/messages/{message_id}",
        "createMessage",
        {"role": "user", "content": "Say hello to Zoë 👋."},  # more bytes than characters
        parent="thread",
        remove="deleteMessage",
        ids={"thread_id": ":thread_id", "message_id": "id"},
        ledger=True,
    ),
    ResourceKind(
        "run",
        "finished run",
        "/threads/{thread_id}/runs/{run_id}",
        "createRun",
        {"assistant_id": "<ref assistant>"},
        parent="thread",
        parent_fresh=True,
        getter="getRun",
        ready=_RUN_ENDED | {"requires_action"},
        ids={"thread_id": ":thread_id", "run_id": "id"},
        ledger=True,
    ),
    ResourceKind(
        "waiting_run",
        "run that waits for tool outputs",
        "/threads/{thread_id}/runs/{run_id}",
        "createRun",
        {
            "assistant_id": "<ref assistant>",
            "instructions": "Call get_weather for Paris.",
            "tools": [{"type": "function", "function": WEATHER}],
            "tool_choice": {"type": "function", "function": {"name": "get_weather"}},
        },
        parent="thread",
        parent_fresh=True,
        getter="getRun",
        ready=frozenset({"requires_action"}),
        failed=_RUN_ENDED,
    ),
    ResourceKind(
        "run_step",
        "run step",
        "/threads/{thread_id}/runs/{run_id}/steps/{step_id}",
        parent="run",
        lister="listRunSteps",
        getter="getRunStep",
    ),
    ResourceKind(
        "vector_store",
        "vector store",
        "/vector_stores/{vector_store_id}",
        "createVectorStore",
        {"name": "contract"},
        lister="listVectorStores",
        remove="deleteVectorStore",
        ids={"vector_store_id": "id"},
        ledger=True,
    ),
    ResourceKind(
        "vs_file",
        "vector store file",
        "/vector_stores/{vector_store_id}/files/{file_id}",
        "createVectorStoreFile",
        {"file_id": "<ref file>"},
        parent="vector_store",
        parent_fresh=True,
        getter="getVectorStoreFile",
        ready=frozenset({"completed"}),
        failed=frozenset({"failed", "cancelled"}),
        remove="deleteVectorStoreFile",
        ids={"vector_store_id": ":vector_store_id", "file_id": "id"},
        ledger=True,
    ),
    ResourceKind(
        "vs_batch",
        "vector store file batch",
        "/vector_stores/{vector_store_id}/file_batches/{batch_id}",
        "createVectorStoreFileBatch",
        {"file_ids": ["<ref file>"]},
        parent="vector_store",
        parent_fresh=True,
        ids={"vector_store_id": ":vector_store_id", "batch_id": "id"},
        ledger=True,
    ),
    ResourceKind(
        "file",
        "file",
        "/files/{file_id}",
        "createFile",
        {"file": "<upload text>", "purpose": "assistants"},
        variants={
            "batch": {"file": "<upload batch>", "purpose": "batch"},
            "fine-tune": {"file": "<upload fine-tune>", "purpose": "fine-tune"},
            "vision": {"file": "<upload png>", "purpose": "vision"},
        },
        lister="listFiles",
        remove="deleteFile",
        ids={"file_id": "id"},
        ledger=True,
    ),
    ResourceKind(
        "upload",
        "upload",
        "/uploads/{upload_id}",
        "createUpload",
        {"filename": "notes.txt", "purpose": "assistants", "bytes": len(media.PART), "mime_type": "text/plain"},
        remove="cancelUpload",
        ids={"upload_id": "id"},
        ledger=True,
    ),
    ResourceKind("filled_upload", "upload that holds all its bytes", "/uploads/{upload_id}", parent="upload"),
    ResourceKind(
        "batch",
        "batch",
        "/batches/{batch_id}",
        "createBatch",
        {
            "input_file_id": "<ref file purpose=batch>",
            "endpoint": "/v1/chat/completions",
            "completion_window": "24h",
        },
        lister="listBatches",
        found_first=True,
        ids={"batch_id": "id"},
        ledger=True,
    ),
    ResourceKind(
        "chat_completion",
        "stored chat completion",
        "/chat/completions/{completion_id}",
        "createChatCompletion",
        {"model": "<model chat>", "messages": [_HELLO], "store": True, "metadata": {"made_by": "contract"}},
        lister="listChatCompletions",
        getter="getChatCompletion",
        remove="deleteChatCompletion",
        ids={"completion_id": "id"},
        ledger=True,
    ),
    ResourceKind(
        "response",
        "stored response",
        "/responses/{response_id}",
        "createResponse",
        {"model": "<model responses>", "input": "Say hello.", "store": True},
        remove="deleteResponse",
        ids={"response_id": "id"},
        ledger=True,
    ),
    ResourceKind(
        "ft_job",
        "fine-tuning job",
        "/fine_tuning/jobs/{fine_tuning_job_id}",
        "createFineTuningJob",
        {"model": "<model fine-tuning>", "training_file": "<ref file purpose=fine-tune>"},
        lister="listPaginatedFineTuningJobs",
        getter="retrieveFineTuningJob",
        found_first=True,
        remove="cancelFineTuningJob",
        ids={"fine_tuning_job_id": "id"},
        ledger=True,
    ),
    ResourceKind(
        "ft_done",
        "finished fine-tuning job",
        "/fine_tuning/jobs/{fine_tuning_job_id}",
        parent="ft_job",
        getter="retrieveFineTuningJob",
        ready=frozenset({"succeeded"}),
        failed=_JOB_FAILED,
    ),
    ResourceKind(
        "checkpoint",
        "checkpoint",
        "/fine_tuning/checkpoints/{permission_id}",
        parent="ft_job",
        key="fine_tuned_model_checkpoint",
        lister="listFineTuningJobCheckpoints",
    ),
    ResourceKind(
        "ckpt_permission",
        "checkpoint permission",
        "/fine_tuning/checkpoints/x/permissions/{permission_id}",
        "createFineTuningCheckpointPermission",
        {"project_ids": ["<ref project>"]},
        parent="checkpoint",
        at="/data/0",
        lister="listFineTuningCheckpointPermissions",
        remove="deleteFineTuningCheckpointPermission",
        ids={"permission_id": "data.0.id"},
        ledger=True,
    ),
    ResourceKind("model", "model", "/models/{model}", lister="listModels", getter="retrieveModel"),
    ResourceKind("fine_tuned_model", "fine-tuned model", "/models/{model}", parent="ft_job", remove="deleteModel"),
    ResourceKind(
        "project",
        "project",
        "/organization/projects/{project_id}",
        "create-project",
        {"name": "<unique>"},
        lister="list-projects",
        found_first=True,
        remove="archive-project",
        ids={"project_id": "id"},
        ledger=True,
    ),
    ResourceKind("org_user", "user of the organization", "/organization/users/{user_id}", lister="list-users"),
    ResourceKind(
        "project_user",
        "user of a project",
        "/organization/projects/{project_id}/users/{user_id}",
        "create-project-user",
        {"user_id": "<ref org_user>", "role": "member"},
        parent="project",
        parent_fresh=True,
        remove="delete-project-user",
        ids={"project_id": ":project_id", "user_id": "id"},
        ledger=True,
    ),
    ResourceKind(
        "service_account",
        "service account",
        "/organization/projects/{project_id}/service_accounts/{service_account_id}",
        "create-project-service-account",
        {"name": "<unique>"},
        parent="project",
        lister="list-project-service-accounts",
        remove="delete-project-service-account",
        ids={"project_id": ":project_id", "service_account_id": "id"},
        ledger=True,
    ),
    ResourceKind(
        "project_api_key",
        "project API key",
        "/organization/projects/{project_id}/api_keys/{key_id}",
        parent="project",
        lister="list-project-api-keys",
        remove="delete-project-api-key",
    ),
    ResourceKind(
        "rate_limit",
        "rate limit of a project",
        "/organization/projects/{project_id}/rate_limits/{rate_limit_id}",
        parent="project",
        lister="list-project-rate-limits",
    ),
    ResourceKind(
        "invite",
        "invite",
        "/organization/invites/{invite_id}",
        "inviteUser",
        {"email": "<email>", "role": "reader"},
        lister="list-invites",
        remove="delete-invite",
        ids={"invite_id": "id"},
        ledger=True,
    ),
    ResourceKind("key", "key of the target"),
    ResourceKind(
        "admin_key",
        "admin key",
        "/organization/admin_api_keys/{key_id}",
        "admin-api-keys-create",
        {"name": "<unique>"},
        lister="admin-api-keys-list",
        remove="admin-api-keys-delete",
        ids={"key_id": "id"},
        ledger=True,
    ),
)  # fmt: skip - a row reads as a row
KINDS: dict[str, ResourceKind] = {row.name: row for row in _ROWS}

#: Operations whose path addresses a kind in a certain state, or whose parameter is called after another kind.
ADDRESSED = {
    "submitToolOuputsToRun": "waiting_run",
    "cancelRun": "waiting_run",
    "completeUpload": "filled_upload",
    "deleteModel": "fine_tuned_model",
    "listFineTuningCheckpointPermissions": "checkpoint",
    "createFineTuningCheckpointPermission": "checkpoint",
    "deleteFineTuningCheckpointPermission": "ckpt_permission",
}
_BY_PATH = {row.path: row.name for row in reversed(_ROWS) if row.path}


def kind_at(operation: Operation) -> str | None:
    """The kind of resource that the path of an operation addresses, None where it has no parameters or is unknown."""
    if operation.id in ADDRESSED:
        return ADDRESSED[operation.id]
    path = operation.path
    while "{" in path:
        if path in _BY_PATH:
            return _BY_PATH[path]
        path = path.rpartition("/")[0]
    return None
