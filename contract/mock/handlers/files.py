"""Files: real bytes with a name and a purpose (`openapi.yaml:3407`).

Bytes live in the store's blobs under the file's id; uploads and batches make files through `new_file`.
"""

from __future__ import annotations

import mimetypes
from typing import Any

from contract.draft import Upload
from contract.mock.errors import not_found
from contract.mock.handlers.phases import settle_all
from contract.mock.kernel import Binary, Call, Json, Reply, route
from contract.mock.paging import page

KIND = "file"
_BYTES = "application/octet-stream"
#: As application/json the spec declares a JSON string only (openapi.yaml:3716): a JSON file goes out as bytes.
_TYPES = {".json": _BYTES, ".jsonl": "application/jsonl", ".md": "text/markdown"}


def new_file(call: Call, content: bytes, filename: str, purpose: str) -> dict[str, Any]:
    """Store a file and its bytes; the File object."""
    identifier = call.store.new_id("file-")
    value = {
        "id": identifier,
        "object": "file",
        "bytes": len(content),
        "created_at": call.now,
        "filename": filename,
        "purpose": purpose,
        "status": "processed",
    }
    call.store.blob_put(identifier, content)
    call.store.put(KIND, identifier, value)
    return value


def file_of(call: Call, identifier: str, param: str | None = None) -> dict[str, Any]:
    """The File object. Raises ApiError 404 where there is none; `param` names the body member that asked."""
    found: dict[str, Any] | None = call.store.get(KIND, identifier)
    if found is None:
        raise not_found(KIND, identifier, param)
    return found


def content_of(call: Call, identifier: str) -> bytes:
    """A file's bytes, empty where they are gone."""
    return call.store.blob_get(identifier) or b""


def media_type(filename: str) -> str:
    """The media type that a file's name tells, `application/octet-stream` where it tells none."""
    suffix = filename[filename.rfind(".") :].lower() if "." in filename else ""
    return _TYPES.get(suffix) or mimetypes.guess_type(filename)[0] or _BYTES


@route("createFile")
def create_file(call: Call) -> Reply:
    """Keep the uploaded bytes."""
    part = call.body["file"]
    upload = part if isinstance(part, Upload) else Upload("upload", str(part).encode())
    return Json(new_file(call, upload.content, upload.filename or "upload", call.body["purpose"]))


@route("listFiles")
def list_files(call: Call) -> Reply:
    """All files, of one purpose where it is given."""
    purpose = call.query.get("purpose")
    settle_all(call)
    found = [each for each in call.store.list(KIND) if purpose is None or each["purpose"] == purpose]
    return Json(page(found, call, default_limit=10_000, max_limit=10_000))


@route("retrieveFile")
def retrieve_file(call: Call) -> Reply:
    """One file."""
    return Json(file_of(call, call.path["file_id"]))


@route("downloadFile")
def download_file(call: Call) -> Reply:
    """The bytes as they came."""
    found = file_of(call, call.path["file_id"])
    return Binary(content_of(call, found["id"]), media_type(found["filename"]))


@route("deleteFile")
def delete_file(call: Call) -> Reply:
    """Remove the file, its bytes and its places in vector stores."""
    identifier = file_of(call, call.path["file_id"])["id"]
    settle_all(call)
    call.store.delete(KIND, identifier)
    call.store.blob_delete(identifier)
    call.store.delete("vector_store_file", identifier)
    return Json({"id": identifier, "object": "file", "deleted": True})
