"""Files, vector stores and uploads."""

from __future__ import annotations

from contract.draft import Upload
from strategies.lifecycles.steps import Steps

_TEXT = b"The quick brown fox jumps over the lazy dog.\nContract tests like exact bytes: \x00\xff\xfe end.\n"
#: More bytes than characters.
_PROSE = "Apples are red. Crème brûlée is yellow. The capital of France is Paris.\n".encode()


def _file(steps: Steps, content: bytes = _PROSE) -> str:
    upload = Upload("contract.txt", content, "text/plain")
    return str(steps.ask("createFile", body={"file": upload, "purpose": "assistants"}).get("id"))


def content(steps: Steps) -> None:
    """Upload, read the description, download, delete, download again."""
    told = steps.ask("retrieveFile", {"file_id": _file(steps)})
    steps.equal("lifecycle/sent-comes-back", len(_PROSE), told.get("bytes"), "/bytes")
    identifier = _file(steps, _TEXT)
    told = steps.ask("retrieveFile", {"file_id": identifier})
    steps.equal("lifecycle/sent-comes-back", len(_TEXT), told.get("bytes"), "/bytes")
    steps.equal("lifecycle/sent-comes-back", "contract.txt", told.get("filename"), "/filename")
    exchange = steps.send("downloadFile", {"file_id": identifier})
    if exchange.response is not None and exchange.response.status == 200 and exchange.response.body != _TEXT:
        steps.broken(
            "lifecycle/content", f"{len(_TEXT)} bytes as sent", f"{len(exchange.response.body)} others", "body"
        )
    steps.ask("deleteFile", {"file_id": identifier})
    if steps.read("downloadFile", {"file_id": identifier}) == 200:
        steps.broken("lifecycle/deleted-is-gone", "404", "200", "status")


def in_vector_store(steps: Steps) -> None:
    """A file is put into a store, found by a search, read there, taken out; the file itself stays."""
    identifier = _file(steps)
    store = {"vector_store_id": str(steps.ask("createVectorStore", body={"name": "contract"}).get("id"))}
    here = {**store, "file_id": identifier}
    steps.ask("createVectorStoreFile", store, {"file_id": identifier})
    ended = steps.until_ended("getVectorStoreFile", here)
    steps.equal("lifecycle/follows", identifier, ended.get("id"), "/id")
    if ended.get("status") != "completed":
        steps.stage.skip(f"the file ended as {ended.get('status')}")
    counts = steps.ask("getVectorStore", store).get("file_counts") or {}
    steps.equal("lifecycle/follows", 1, counts.get("completed"), "/file_counts/completed")
    found = steps.ask("searchVectorStore", store, {"query": "capital of France"}).get("data") or []
    if identifier not in [each.get("file_id") for each in found if isinstance(each, dict)]:
        steps.broken("lifecycle/follows", f"{identifier} among the results", "it is not there", "/data")
    parts = steps.ask("retrieveVectorStoreFileContent", here).get("data")
    if "capital of France" not in str(parts):
        steps.broken("lifecycle/content", "the text of the file", parts, "/data")
    steps.ask("deleteVectorStoreFile", here)
    if steps.read("getVectorStoreFile", here) == 200:
        steps.broken("lifecycle/deleted-is-gone", "404", "200", "status")
    if steps.lost("retrieveFile", {"file_id": identifier}):
        steps.broken("lifecycle/follows", "the file itself is not deleted (openapi.yaml:14267)", "404", "status")


def batch(steps: Steps) -> None:
    """Two files in one batch: counts add up, both are listed, an ended batch is not cancelled."""
    wanted = {_file(steps), _file(steps, _PROSE + b"More.\n")}
    store = {"vector_store_id": str(steps.ask("createVectorStore", body={"name": "contract"}).get("id"))}
    made = steps.ask("createVectorStoreFileBatch", store, {"file_ids": sorted(wanted)})
    here = {**store, "batch_id": str(made.get("id"))}
    ended = steps.until_ended("getVectorStoreFileBatch", here)
    counts = ended.get("file_counts") or {}
    steps.equal("lifecycle/follows", 2, counts.get("total"), "/file_counts/total")
    parts = [counts.get(name, 0) for name in ("in_progress", "completed", "failed", "cancelled")]
    steps.equal("lifecycle/follows", counts.get("total"), sum(parts), "/file_counts")
    listed = steps.ask("listFilesInVectorStoreBatch", here).get("data") or []
    steps.equal("lifecycle/listed", sorted(wanted), sorted(str(each.get("id")) for each in listed), "/data")
    steps.refused("lifecycle/ended-stays", "cancelVectorStoreFileBatch", here, why="the batch has ended")
    steps.ask("deleteVectorStore", store)
    steps.gone("listVectorStoreFiles", store)


def cancelled_batch(steps: Steps) -> None:
    """A batch that is cancelled while it works does not go on to its end."""
    store = {"vector_store_id": str(steps.ask("createVectorStore", body={"name": "contract"}).get("id"))}
    made = steps.ask("createVectorStoreFileBatch", store, {"file_ids": [_file(steps), _file(steps)]})
    here = {**store, "batch_id": str(made.get("id"))}
    exchange = steps.send("cancelVectorStoreFileBatch", here)
    if exchange.response is None or exchange.response.status != 200:
        steps.stage.inconclusive("the batch had ended before it could be cancelled")
    told = (steps.json(exchange) or {}).get("status")
    ended = steps.until_ended("getVectorStoreFileBatch", here)
    if told in {"cancelled", "in_progress"} and ended.get("status") != "cancelled":
        steps.broken("lifecycle/cancelled", "cancelled", ended.get("status"), "/status")


def _upload(steps: Steps, size: int) -> dict[str, str]:
    body = {"filename": "contract.txt", "purpose": "assistants", "bytes": size, "mime_type": "text/plain"}
    return {"upload_id": str(steps.ask("createUpload", body=body).get("id"))}


def _part(steps: Steps, here: dict[str, str], content: bytes) -> str:
    return str(steps.ask("addUploadPart", here, {"data": Upload("part", content)}).get("id"))


def upload(steps: Steps) -> None:
    """Two parts, completed in the other order: the file is their bytes in the order of `part_ids`."""
    one, two = b"first half, ", b"second half."
    here = _upload(steps, len(one) + len(two))
    parts = [_part(steps, here, one), _part(steps, here, two)]
    done = steps.ask("completeUpload", here, {"part_ids": parts[::-1]})
    steps.equal("lifecycle/follows", "completed", done.get("status"), "/status")
    file = done.get("file") or {}
    if not isinstance(file.get("id"), str):
        steps.broken("lifecycle/follows", "a ready file", file, "/file")
        return
    told = steps.ask("retrieveFile", {"file_id": file["id"]})
    for name, value in {"bytes": len(one + two), "filename": "contract.txt", "purpose": "assistants"}.items():
        steps.equal("lifecycle/follows", value, file.get(name, value), f"/file/{name}")
        steps.equal("lifecycle/follows", value, told.get(name, value), f"/{name}")
    exchange = steps.send("downloadFile", {"file_id": file["id"]})
    if exchange.response is not None and exchange.response.status == 200 and exchange.response.body != two + one:
        steps.broken("lifecycle/content", repr(two + one), repr(exchange.response.body[:80]), "body")
    steps.ask("deleteFile", {"file_id": file["id"]})


def late_part(steps: Steps) -> None:
    """openapi.yaml:13085: no parts may be added after an upload is completed."""
    here = _upload(steps, 4)
    done = steps.ask("completeUpload", here, {"part_ids": [_part(steps, here, b"1234")]})
    late = {"data": Upload("part", b"5678")}
    steps.refused("lifecycle/refused", "addUploadPart", here, late, why="the upload is completed")
    file = (done.get("file") or {}).get("id")
    if isinstance(file, str):
        steps.ask("deleteFile", {"file_id": file})


def cancelled_upload(steps: Steps) -> None:
    """openapi.yaml:13028: no parts may be added after an upload is cancelled."""
    here = _upload(steps, 4)
    steps.equal("lifecycle/cancelled", "cancelled", steps.ask("cancelUpload", here).get("status"), "/status")
    late = {"data": Upload("part", b"1234")}
    steps.refused("lifecycle/refused", "addUploadPart", here, late, why="the upload is cancelled")


def wrong_sum(steps: Steps) -> None:
    """openapi.yaml:16941: the checksum verifies that the bytes uploaded are those that are expected."""
    here = _upload(steps, 4)
    body = {"part_ids": [_part(steps, here, b"1234")], "md5": "0" * 32}
    steps.refused("lifecycle/refused", "completeUpload", here, body, why="the bytes have another checksum")


def wrong_size(steps: Steps) -> None:
    """openapi.yaml:13084: the bytes uploaded must match the number first specified."""
    here = _upload(steps, 10)
    body = {"part_ids": [_part(steps, here, b"1234")]}
    steps.refused("lifecycle/refused", "completeUpload", here, body, why="4 bytes are not the 10 announced")
