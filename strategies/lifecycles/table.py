"""The resources and what can be done with each: the create, read, change and delete operations of facts 4.2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_MARK = {"metadata": {"made_by": "contract"}}
_CHANGE = {"metadata": {"changed": "yes"}}
#: Members that move by themselves; never compared between two reads.
MOVING = frozenset(
    {"status", "usage", "usage_bytes", "file_counts", "last_active_at", "expires_at", "last_used_at", "request_counts"}
)


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource. `kind` is the row of `strategies.kinds`; operations by id, None where the API has none."""

    kind: str
    create: str
    get: str | None = None
    list: str | None = None
    change: str | None = None
    delete: str | None = None
    #: Sent with the creation beside the body of the kind, and to change; both templates.
    extra: Mapping[str, Any] = field(default_factory=dict)
    changed: Mapping[str, Any] = field(default_factory=dict)
    #: Member -> documented default of a member that is not sent.
    defaults: Mapping[str, Any] = field(default_factory=dict)
    #: True: below a parent made for the case.
    parent: str | None = None
    moving: frozenset[str] = MOVING
    #: Seconds that an object may take to appear where it is read (chat completions are stored with a delay).
    patience_s: float = 0.0
    key: str = "id"
    #: False: deleting leaves something that still reads (an archived project).
    gone: bool = True
    #: Members that are shown once, by the creation: members of the object, or what stands in them.
    secret: tuple[str, ...] = ()
    #: False: its id is that of the object that it stands for (a file in a vector store, a user in a project).
    own_id: bool = True


_MORE = MOVING | {"api_key", "value", "redacted_value"}
RESOURCES: tuple[Resource, ...] = (
    Resource(
        "assistant",
        "createAssistant",
        "getAssistant",
        "listAssistants",
        "modifyAssistant",
        "deleteAssistant",
        {**_MARK, "name": "Contract", "instructions": "Be brief.", "temperature": 0.5},
        _CHANGE,
        {"description": None, "tools": []},
    ),
    Resource("thread", "createThread", "getThread", None, "modifyThread", "deleteThread", _MARK, _CHANGE),
    Resource(
        "message",
        "createMessage",
        "getMessage",
        "listMessages",
        "modifyMessage",
        "deleteMessage",
        _MARK,
        _CHANGE,
        parent="thread",
    ),
    Resource(
        "vector_store",
        "createVectorStore",
        "getVectorStore",
        "listVectorStores",
        "modifyVectorStore",
        "deleteVectorStore",
        _MARK,
        {"name": "changed"},
    ),
    Resource(
        "vs_file",
        "createVectorStoreFile",
        "getVectorStoreFile",
        "listVectorStoreFiles",
        "updateVectorStoreFileAttributes",
        "deleteVectorStoreFile",
        {},
        {"attributes": {"changed": "yes"}},
        parent="vector_store",
        moving=MOVING | {"last_error", "attributes"},
        own_id=False,
    ),
    Resource("file", "createFile", "retrieveFile", "listFiles", None, "deleteFile", moving=MOVING | {"status_details"}),
    Resource(
        "chat_completion",
        "createChatCompletion",
        "getChatCompletion",
        "listChatCompletions",
        "updateChatCompletion",
        "deleteChatCompletion",
        {},
        _CHANGE,
        patience_s=3.0,
        moving=MOVING - {"usage"} | {"metadata", "service_tier", "system_fingerprint"},
    ),
    Resource(
        "response",
        "createResponse",
        "getResponse",
        None,
        None,
        "deleteResponse",
        _MARK,
        moving=MOVING - {"usage", "status"},
    ),
    Resource(
        "project",
        "create-project",
        "retrieve-project",
        "list-projects",
        "modify-project",
        "archive-project",
        {},
        {"name": "contract-changed"},
        gone=False,
        moving=_MORE | {"archived_at"},
    ),
    Resource(
        "service_account",
        "create-project-service-account",
        "retrieve-project-service-account",
        "list-project-service-accounts",
        None,
        "delete-project-service-account",
        parent="project",
        moving=_MORE,
        secret=("api_key", "value"),
    ),
    Resource(
        "project_user",
        "create-project-user",
        "retrieve-project-user",
        "list-project-users",
        "modify-project-user",
        "delete-project-user",
        {},
        {"role": "owner"},
        parent="project",
        own_id=False,
    ),
    Resource(
        "invite", "inviteUser", "retrieve-invite", "list-invites", None, "delete-invite", moving=_MORE | {"accepted_at"}
    ),
    Resource(
        "admin_key",
        "admin-api-keys-create",
        "admin-api-keys-get",
        "admin-api-keys-list",
        None,
        "admin-api-keys-delete",
        moving=_MORE,
        secret=("value",),
    ),
)  # fmt: skip - a table: what is alike stands in one place
