"""What a run makes on a target, so that all of it can be removed again: noted before the request, kept until gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from contract.draft import Draft
from contract.operation import Operation

Note = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Removal:
    """How one kind of object goes away. `remove` None: it cannot be removed (batches, jobs, projects)."""

    kind: str
    remove: str | None
    #: Path parameter of `remove` -> JSON member of the answer (`id`) or path parameter of the request (`:thread_id`).
    ids: Mapping[str, str] = field(default_factory=dict)


def deletable(operation: Operation, removals: Mapping[str, Removal], operations: Mapping[str, Operation]) -> bool:
    """True where what `operation` makes can be deleted again through the API, not only cancelled or archived."""
    removal = removals.get(operation.id)
    remover = operations.get(removal.remove or "") if removal else None
    return remover is not None and remover.method == "DELETE"


class Ledger:
    """Objects made by this process, newest last. `note` writes a line of the record."""

    def __init__(
        self,
        removals: Mapping[str, Removal],
        operations: Mapping[str, Operation],
        note: Note = lambda _: None,
        learn: Callable[[Any], None] = lambda _: None,
    ) -> None:
        """`removals`: operation id of the producer -> how its product is removed. `learn` is given an answer before
        `note` a line that quotes it: a key that it hands out may be what it calls an id.
        """
        self._learn = learn
        self._removals = removals
        self._operations = operations
        self._note = note
        #: Where an object stands (`/threads/thread_1`) -> how it is removed.
        self._alive: dict[str, tuple[str, dict[str, str]]] = {}

    def makes_removable(self, operation: Operation) -> bool:
        """True where what the operation makes can be deleted again; a cancelled job has cost its money and stays."""
        return deletable(operation, self._removals, self._operations)

    def intends(self, draft: Draft) -> None:
        """Call before a request that may create something."""
        removal = self._removals.get(draft.operation.id)
        if removal is not None and _stored(draft):
            line = {"kind": "intent", "operation": draft.operation.id, "makes": removal.kind, "path": dict(draft.path)}
            self._note(line)

    def saw(self, draft: Draft, status: int, answer: Any) -> None:
        """Call after an answer, `answer` parsed or added up: notes what was made, forgets what was removed."""
        self._learn(answer)
        if 200 <= status < 300 or status == 404:
            gone = self._alive.get(draft.resolved_path)
            if gone and gone[0] == draft.operation.id:
                del self._alive[draft.resolved_path]
                self._note({"kind": "removed", "operation": gone[0], "path": gone[1]})
        removal = self._removals.get(draft.operation.id)
        if removal is None or not 200 <= status < 300 or not _stored(draft):
            return
        said = [draft.body] if removal.kind == "message" else _member(draft.body, "additional_messages")
        if "thread_id" in draft.path and _asks_for_stores({"messages": said}):
            self._note({"kind": "holds", "path": {"thread_id": str(draft.path.get("thread_id"))}})
        path = _ids(removal, draft, answer)
        if path is None:
            return
        inline = _asks_for_stores(draft.body)
        told = _member(answer, "tool_resources.file_search.vector_store_ids") if inline else None
        for store in told if isinstance(told, list) else []:
            self._made("vector_store", "deleteVectorStore", {"vector_store_id": str(store)})
        self._made(removal.kind, removal.remove, path, holds=inline and told is None)

    def _made(self, kind: str, remove: str | None, path: dict[str, str], *, holds: bool = False) -> None:
        """`holds`: it brought a vector store that only the object itself names."""
        line = {"kind": "created", "makes": kind, "remove": remove, "path": path}
        self._note({**line, "holds": "vector_store"} if holds else line)
        if remove is not None and remove in self._operations:
            self._alive[Draft(self._operations[remove], path=path).resolved_path] = (remove, path)

    def owns(self, draft: Draft) -> bool:
        """True where a draft concerns something that this run made, or something below it."""
        place = draft.resolved_path
        parts = place.split("/")
        return any("/".join(parts[:end]) in self._alive for end in range(3, len(parts) + 1))


def _asks_for_stores(body: Any) -> bool:
    """True where a request brings vector stores of its own (openapi.yaml:17409, 20413), or files to be searched in its
    messages: a store is made for those.
    """
    thread = _member(body, "thread") or body
    if _member(thread, "tool_resources.file_search.vector_store_ids"):
        return False  # it names stores that may be somebody else's: which one was made cannot be told
    if _member(thread, "tool_resources.file_search.vector_stores"):
        return True
    messages = _member(thread, "messages")
    attached = [_member(each, "attachments") for each in messages] if isinstance(messages, list) else []
    tools = [_member(file, "tools") for files in attached if isinstance(files, list) for file in files]
    return any(_member(tool, "type") == "file_search" for each in tools if isinstance(each, list) for tool in each)


def _stored(draft: Draft) -> bool:
    """False where nothing stays: a chat completion without `store`, a response with `store: false`."""
    wanted = draft.body.get("store") if isinstance(draft.body, Mapping) else None
    return {"createChatCompletion": wanted is True, "createResponse": wanted is not False}.get(draft.operation.id, True)


def _ids(removal: Removal, draft: Draft, answer: Any) -> dict[str, str] | None:
    found: dict[str, str] = {}
    for parameter, source in removal.ids.items():
        value = draft.path.get(source[1:]) if source.startswith(":") else _member(answer, source)
        if not isinstance(value, str) or not value:
            return None
        found[parameter] = value
    return found


def _member(body: Any, path: str) -> Any:
    for name in path.split("."):
        if isinstance(body, list) and name.isdecimal():
            body = body[int(name)] if int(name) < len(body) else None
        else:
            body = body.get(name) if isinstance(body, dict) else None
    return body
