"""Uploads: parts that become one file (`openapi.yaml:12939`).

An upload is pending for an hour; completing joins the parts in the order of `part_ids` and checks sum and MD5.
"""

from __future__ import annotations

import hashlib
from typing import Any

from contract.draft import Upload
from contract.mock.errors import invalid, not_found
from contract.mock.handlers.files import new_file
from contract.mock.kernel import Call, Json, Reply, route

KIND = "upload"
PART = "upload_part"
LIFETIME = 3600


def _record(call: Call) -> dict[str, Any]:
    """The upload of the path, expired where its hour is over. Raises ApiError 404."""
    record: dict[str, Any] | None = call.store.get(KIND, call.path["upload_id"])
    if record is None:
        raise not_found(KIND, call.path["upload_id"])
    if record["object"]["status"] == "pending" and call.elapsed(record["since"]) >= LIFETIME:
        record["object"]["status"] = "expired"
        _save(call, record)
    return record


def _pending(call: Call, doing: str) -> dict[str, Any]:
    record = _record(call)
    status = record["object"]["status"]
    if status != "pending":
        raise invalid(f"Cannot {doing} an Upload with status '{status}'.", "upload_id")
    return record


def _save(call: Call, record: dict[str, Any]) -> Reply:
    call.store.put(KIND, record["object"]["id"], record)
    return Json(record["object"])


@route("createUpload")
def create_upload(call: Call) -> Reply:
    """A pending upload that expires in an hour."""
    upload = {
        "id": call.store.new_id("upload_"),
        "object": "upload",
        "created_at": call.now,
        "filename": call.body["filename"],
        "bytes": call.body["bytes"],
        "purpose": call.body["purpose"],
        "status": "pending",
        "expires_at": call.now + LIFETIME,
    }
    return _save(call, {"object": upload, "since": call.time, "mime_type": call.body["mime_type"]})


@route("addUploadPart")
def add_upload_part(call: Call) -> Reply:
    """Keep one part; parts may come in any order."""
    upload = _pending(call, "add Parts to")["object"]
    data = call.body["data"]
    content = data.content if isinstance(data, Upload) else str(data).encode()
    part = {
        "id": call.store.new_id("part_"),
        "object": "upload.part",
        "created_at": call.now,
        "upload_id": upload["id"],
    }
    call.store.put(PART, part["id"], part, parent=upload["id"])
    call.store.blob_put(part["id"], content)
    return Json(part)


@route("completeUpload")
def complete_upload(call: Call) -> Reply:
    """Join the parts in the order asked for; the bytes must add up and the checksum, where given, must hold."""
    record = _pending(call, "complete")
    upload = record["object"]
    content = _joined(call, upload["id"], call.body["part_ids"])
    if len(content) != upload["bytes"]:
        raise invalid(
            f"The Parts hold {len(content)} bytes, the Upload was declared with {upload['bytes']}.", "part_ids"
        )
    checksum = call.body.get("md5")
    if checksum is not None and checksum.lower() != hashlib.md5(content, usedforsecurity=False).hexdigest():
        raise invalid("The md5 checksum does not match the uploaded bytes.", "md5")
    upload["file"] = new_file(call, content, upload["filename"], upload["purpose"])
    upload["status"] = "completed"
    _drop_parts(call, upload["id"])
    return _save(call, record)


def _joined(call: Call, upload_id: str, part_ids: list[str]) -> bytes:
    if len(set(part_ids)) != len(part_ids):
        raise invalid("'part_ids' names a Part twice.", "part_ids")
    for each in part_ids:
        if call.store.get(PART, each, upload_id) is None:
            raise invalid(f"No Part with id '{each}' was added to this Upload.", "part_ids")
    return b"".join(call.store.blob_get(each) or b"" for each in part_ids)


def _drop_parts(call: Call, upload_id: str) -> None:
    for part in call.store.list(PART, upload_id):
        call.store.blob_delete(part["id"])
        call.store.delete(PART, part["id"])


@route("cancelUpload")
def cancel_upload(call: Call) -> Reply:
    """Cancel while pending; the parts are dropped."""
    record = _pending(call, "cancel")
    record["object"]["status"] = "cancelled"
    _drop_parts(call, record["object"]["id"])
    return _save(call, record)
