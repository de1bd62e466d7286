"""Files of a vector store, one by one and in batches (`openapi.yaml:13580`)."""

from __future__ import annotations

from typing import Any

from contract.mock.errors import invalid, not_found
from contract.mock.handlers import shelf
from contract.mock.handlers.files import file_of
from contract.mock.kernel import Call, Json, Reply, route
from contract.mock.paging import page

BATCH = "vector_store_file_batch"
#: Clients wait as long as this header says before they poll again, a second without it.
POLL_AFTER = {"openai-poll-after-ms": "200"}


def _store_id(call: Call) -> str:
    identifier: str = shelf.record_of(call, call.path["vector_store_id"])["object"]["id"]
    return identifier


def _filtered(call: Call, files: list[dict[str, Any]]) -> Reply:
    wanted = call.query.get("filter")
    return Json(page([each for each in files if wanted is None or each["status"] == wanted], call))


@route("createVectorStoreFile")
def create_vector_store_file(call: Call) -> Reply:
    """Attach one file, which is processed for a moment."""
    record = shelf.record_of(call, call.path["vector_store_id"])
    found = file_of(call, call.body["file_id"], "file_id")
    shelf.touch(call, record)
    strategy, attributes = call.body.get("chunking_strategy"), call.body.get("attributes")
    return Json(shelf.add_file(call, record["object"]["id"], found["id"], strategy, attributes))


@route("listVectorStoreFiles")
def list_vector_store_files(call: Call) -> Reply:
    """The store's files, of one status where it is given."""
    return _filtered(call, shelf.files_of(call, _store_id(call)))


@route("getVectorStoreFile")
def get_vector_store_file(call: Call) -> Reply:
    """One file of the store."""
    return Json(shelf.file_in(call, call.path["vector_store_id"], call.path["file_id"]), headers=POLL_AFTER)


@route("updateVectorStoreFileAttributes")
def update_vector_store_file_attributes(call: Call) -> Reply:
    """Replace the attributes."""
    value = shelf.file_in(call, call.path["vector_store_id"], call.path["file_id"])
    return Json(shelf.change_file(call, value, attributes=call.body["attributes"] or {}))


@route("retrieveVectorStoreFileContent")
def retrieve_vector_store_file_content(call: Call) -> Reply:
    """The parsed text of one file of the store."""
    value = shelf.file_in(call, call.path["vector_store_id"], call.path["file_id"])
    text = shelf.text_of(call, value["id"])
    data = [{"type": "text", "text": text}] if text else []
    return Json({"object": "vector_store.file_content.page", "data": data, "has_more": False, "next_page": None})


@route("deleteVectorStoreFile")
def delete_vector_store_file(call: Call) -> Reply:
    """Take the file out of the store; the file itself stays."""
    value = shelf.file_in(call, call.path["vector_store_id"], call.path["file_id"])
    call.store.delete(shelf.FILE, value["id"], value["vector_store_id"])
    return Json({"id": value["id"], "object": "vector_store.file.deleted", "deleted": True})


@route("createVectorStoreFileBatch")
def create_vector_store_file_batch(call: Call) -> Reply:
    """Attach several files with one strategy and the same attributes."""
    record = shelf.record_of(call, call.path["vector_store_id"])
    store_id = record["object"]["id"]
    file_ids = list(dict.fromkeys(call.body["file_ids"]))
    for each in file_ids:
        file_of(call, each, "file_ids")
    for each in file_ids:
        shelf.add_file(call, store_id, each, call.body.get("chunking_strategy"), call.body.get("attributes"))
    value = {
        "id": call.store.new_id("vsfb_"),
        "object": "vector_store.files_batch",
        "created_at": call.now,
        "vector_store_id": store_id,
        "status": "in_progress",
    }
    batch = {"object": value, "file_ids": file_ids}
    call.store.put(BATCH, value["id"], batch, parent=store_id)
    shelf.touch(call, record)
    return _answer(call, batch)


def _batch(call: Call) -> dict[str, Any]:
    record: dict[str, Any] | None = call.store.get(BATCH, call.path["batch_id"], _store_id(call))
    if record is None:
        raise not_found("file batch", call.path["batch_id"])
    return record


def _files(call: Call, batch: dict[str, Any]) -> list[dict[str, Any]]:
    files = shelf.files_of(call, batch["object"]["vector_store_id"])
    return [each for each in files if each["id"] in batch["file_ids"]]


def _answer(call: Call, batch: dict[str, Any]) -> Reply:
    """The batch as it is now: it ends with the last of its files."""
    value = batch["object"]
    totals = shelf.counts(_files(call, batch))
    if value["status"] == "in_progress" and not totals["in_progress"]:
        value["status"] = "completed"
        call.store.put(BATCH, value["id"], batch, parent=value["vector_store_id"])
    return Json({**value, "file_counts": totals}, headers=POLL_AFTER)


@route("getVectorStoreFileBatch")
def get_vector_store_file_batch(call: Call) -> Reply:
    """One batch."""
    return _answer(call, _batch(call))


@route("cancelVectorStoreFileBatch")
def cancel_vector_store_file_batch(call: Call) -> Reply:
    """Cancel what is not processed yet."""
    batch = _batch(call)
    _answer(call, batch)
    value = batch["object"]
    if value["status"] != "in_progress":
        raise invalid(f"Cannot cancel a file batch with status '{value['status']}'.", "batch_id")
    for each in _files(call, batch):
        if each["status"] == "in_progress":
            shelf.change_file(call, each, status="cancelled")
    value["status"] = "cancelled"
    call.store.put(BATCH, value["id"], batch, parent=value["vector_store_id"])
    return _answer(call, batch)


@route("listFilesInVectorStoreBatch")
def list_files_in_vector_store_batch(call: Call) -> Reply:
    """The batch's files, of one status where it is given."""
    return _filtered(call, _files(call, _batch(call)))
