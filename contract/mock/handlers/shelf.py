"""The shelf behind the vector store operations: stores, their files, and search over them.

Runs, assistants and threads use it too (file search, `vector_stores` helpers, attachments). What time changes
(processing, expiry) is worked out when it is read, and kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from contract.mock.errors import not_found
from contract.mock.handlers import documents
from contract.mock.handlers.files import content_of, file_of
from contract.mock.kernel import Call
from contract.mock.meter import meter

STORE = "vector_store"
FILE = "vector_store_file"
#: Mock seconds that a file is `in_progress`.
PROCESSING = 0.8
_DAY = 86_400
_STATES = ("in_progress", "completed", "failed", "cancelled")
#: Stores that threads and messages make for themselves expire so long after their last use (API guide).
HELPER_EXPIRY = {"anchor": "last_active_at", "days": 7}


def create(call: Call, body: Mapping[str, Any], expires_after: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A vector store with the files of `body.file_ids`; the object. Raises ApiError 404 for an unknown file."""
    file_ids = body.get("file_ids") or []
    for each in file_ids:
        file_of(call, each, "file_ids")
    value: dict[str, Any] = {
        "id": call.store.new_id("vs_"),
        "object": STORE,
        "created_at": call.now,
        "name": body.get("name") or "",
        "metadata": body.get("metadata") or {},
        "last_active_at": call.now,
    }
    if policy := body.get("expires_after") or expires_after:
        value["expires_after"] = dict(policy)
    call.store.put(STORE, value["id"], {"object": value, "active": call.time})
    for each in file_ids:
        add_file(call, value["id"], each, body.get("chunking_strategy"), None)
    return view(call, value["id"])


def record_of(call: Call, identifier: str, param: str | None = None) -> dict[str, Any]:
    """The stored record of a vector store. Raises ApiError 404, with `param` where a body member named it."""
    record: dict[str, Any] | None = call.store.get(STORE, identifier)
    if record is None:
        raise not_found("vector store", identifier, param)
    return record


def touch(call: Call, record: dict[str, Any]) -> None:
    """Note that the store was used, which is what `expires_after` counts from, and save the record."""
    record["active"] = call.time
    record["object"]["last_active_at"] = call.now
    call.store.put(STORE, record["object"]["id"], record)


def expired(call: Call, record: Mapping[str, Any]) -> bool:
    """True where the policy's days since the last use are over."""
    policy = record["object"].get("expires_after")
    return bool(policy) and call.elapsed(record["active"]) >= policy["days"] * _DAY


def view(call: Call, identifier: str) -> dict[str, Any]:
    """The VectorStore object with counts, bytes and status as they are now."""
    record = record_of(call, identifier)
    files = files_of(call, identifier)
    totals = counts(files)
    policy = record["object"].get("expires_after")
    status = "in_progress" if totals["in_progress"] else "completed"
    return {
        **record["object"],
        "usage_bytes": sum(each["usage_bytes"] for each in files),
        "file_counts": totals,
        "status": "expired" if expired(call, record) else status,
        "expires_at": record["object"]["last_active_at"] + policy["days"] * _DAY if policy else None,
    }


def counts(files: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """`file_counts` of vector store files."""
    states = [each["status"] for each in files]
    return {**{state: states.count(state) for state in _STATES}, "total": len(states)}


def add_file(
    call: Call, store_id: str, file_id: str, strategy: Mapping[str, Any] | None, attributes: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Put a file into a store, where it is processed for a moment; the VectorStoreFile object."""
    value = {
        "id": file_id,
        "object": "vector_store.file",
        "usage_bytes": 0,
        "created_at": call.now,
        "vector_store_id": store_id,
        "status": "in_progress",
        "last_error": None,
        "chunking_strategy": documents.chunking(strategy),
        "attributes": dict(attributes or {}),
    }
    call.store.put(FILE, file_id, {"object": value, "since": call.time}, parent=store_id)
    return value


def files_of(call: Call, store_id: str) -> list[dict[str, Any]]:
    """The VectorStoreFile objects of a store, oldest first."""
    return [_settled(call, each) for each in call.store.list(FILE, store_id)]


def file_in(call: Call, store_id: str, file_id: str) -> dict[str, Any]:
    """One VectorStoreFile object. Raises ApiError 404 for the store as for the file."""
    record_of(call, store_id)
    record = call.store.get(FILE, file_id, store_id)
    if record is None:
        raise not_found("vector store file", file_id)
    return _settled(call, record)


def change_file(call: Call, value: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """Save changed members of a VectorStoreFile object."""
    record: dict[str, Any] = call.store.get(FILE, value["id"], value["vector_store_id"]) or {}
    changed: dict[str, Any] = {**value, **changes}
    call.store.put(FILE, value["id"], {**record, "object": changed}, parent=value["vector_store_id"])
    return changed


def make_ready(call: Call, store_id: str) -> None:
    """Process what is not processed yet, and note the use: a run waits for the stores that it looks into."""
    for each in call.store.list(FILE, store_id):
        _settled(call, each, at_once=True)
    touch(call, record_of(call, store_id))


def _settled(call: Call, record: dict[str, Any], *, at_once: bool = False) -> dict[str, Any]:
    value: dict[str, Any] = record["object"]
    due = at_once or call.elapsed(record["since"]) >= PROCESSING
    if value["status"] != "in_progress" or not due:
        return value
    value.update(_processed(call, value["id"]))
    call.store.put(FILE, value["id"], record, parent=value["vector_store_id"])
    return value


def _processed(call: Call, file_id: str) -> dict[str, Any]:
    filename = file_of(call, file_id)["filename"]
    content = content_of(call, file_id)
    if not content:
        return {"status": "failed", "last_error": {"code": "invalid_file", "message": "The file is empty."}}
    if documents.text_of(content, filename) is None:
        message = f"The file '{filename}' could not be parsed as text."
        return {"status": "failed", "last_error": {"code": "unsupported_file", "message": message}}
    meter(call, "vector_stores", usage_bytes=len(content))
    return {"status": "completed", "usage_bytes": len(content)}


def text_of(call: Call, file_id: str) -> str:
    """The parsed text of a file, empty where there is none."""
    return documents.text_of(content_of(call, file_id), file_of(call, file_id)["filename"]) or ""


def search(
    call: Call,
    store_ids: Iterable[str],
    query: str,
    *,
    limit: int = 10,
    threshold: float = 0.0,
    condition: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """The best chunks as VectorStoreSearchResultItem objects, best first, ties in the order they came in."""
    hits = [
        {
            "file_id": value["id"],
            "filename": file_of(call, value["id"])["filename"],
            "score": documents.score(query, piece),
            "attributes": value["attributes"],
            "content": [{"type": "text", "text": piece}],
        }
        for store_id in store_ids
        for value in files_of(call, store_id)
        if value["status"] == "completed" and documents.matches(condition, value["attributes"])
        for piece in documents.chunks(text_of(call, value["id"]), value["chunking_strategy"])
    ]
    kept = [each for each in hits if each["score"] >= threshold]
    return sorted(kept, key=lambda each: -each["score"])[:limit]
