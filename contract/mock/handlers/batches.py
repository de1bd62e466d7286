"""Batches: a JSONL file of requests, answered by the real endpoints' handlers (`openapi.yaml:1369`).

`validating -> in_progress -> finalizing -> completed`, or `failed` where the file is no list of requests. Time moves a
batch when it is read; what it has become is kept.
"""

from __future__ import annotations

from typing import Any

from contract.mock.errors import invalid, not_found
from contract.mock.handlers import batch_lines
from contract.mock.handlers.files import content_of, file_of, new_file
from contract.mock.handlers.phases import advance, enter, settler, to, track
from contract.mock.kernel import Call, Json, Reply, route
from contract.mock.paging import page

KIND = "batch"
#: Mock seconds in each state.
VALIDATING, IN_PROGRESS, FINALIZING, CANCELLING = 0.3, 0.9, 0.3, 0.3
_WINDOW = 86_400
#: Lines that one read of a batch answers at the most, so that a large batch does not keep other clients waiting.
_SLICE = 500


@route("createBatch")
def create_batch(call: Call) -> Reply:
    """Take a file of requests on; it is looked into later."""
    found = file_of(call, call.body["input_file_id"], "input_file_id")
    if found["purpose"] != "batch":
        message = f"Invalid file purpose '{found['purpose']}': expected 'batch'."
        raise invalid(message, "input_file_id", "invalid_file_purpose")
    batch = {
        "id": call.store.new_id("batch_"),
        "object": "batch",
        "endpoint": call.body["endpoint"],
        "input_file_id": found["id"],
        "completion_window": call.body["completion_window"],
        "status": "validating",
        "created_at": call.now,
        "expires_at": call.now + _WINDOW,
        "request_counts": {"total": 0, "completed": 0, "failed": 0},
        "metadata": call.body.get("metadata") or {},
    }
    return Json(_save(call, {"object": batch, "since": call.time}))


@route("listBatches")
def list_batches(call: Call) -> Reply:
    """All batches, newest first."""
    found = page([_settled(call, each)["object"] for each in call.store.list(KIND)], call)
    # Alone among the lists `first_id` and `last_id` are optional here and not nullable (openapi.yaml:23013).
    return Json({name: value for name, value in found.items() if value is not None})


@route("retrieveBatch")
def retrieve_batch(call: Call) -> Reply:
    """One batch as it is now."""
    return Json(_batch(call)["object"])


@route("cancelBatch")
def cancel_batch(call: Call) -> Reply:
    """Cancel what has not ended."""
    record = _batch(call)
    batch = record["object"]
    if batch["status"] not in {"validating", "in_progress", "finalizing"}:
        raise invalid(f"Cannot cancel a batch with status '{batch['status']}'.", "batch_id")
    enter(record, "cancelling", call.time)
    return Json(_save(call, record))


def _batch(call: Call) -> dict[str, Any]:
    record = call.store.get(KIND, call.path["batch_id"])
    if record is None:
        raise not_found(KIND, call.path["batch_id"])
    return _settled(call, record)


def _save(call: Call, record: dict[str, Any]) -> dict[str, Any]:
    batch: dict[str, Any] = record["object"]
    call.store.put(KIND, batch["id"], record)
    track(call, KIND, batch["id"], "", batch["status"] in _PHASES)
    return batch


def _settled(call: Call, record: dict[str, Any]) -> dict[str, Any]:
    if advance(call, record, _PHASES):
        _save(call, record)
    return record


def _validate(call: Call, record: dict[str, Any], at: float) -> None:
    batch = record["object"]
    gone = call.store.get("file", batch["input_file_id"]) is None
    lines, faults = batch_lines.read(b"" if gone else content_of(call, batch["input_file_id"]), batch["endpoint"])
    if faults:
        batch["errors"] = {"object": "list", "data": faults}
        enter(record, "failed", at)
        return
    batch["request_counts"]["total"] = len(lines)
    enter(record, "in_progress", at)


def _work(call: Call, record: dict[str, Any], at: float) -> None:
    batch = record["object"]
    if call.store.get("file", batch["input_file_id"]) is None:
        batch["errors"] = {"object": "list", "data": [batch_lines.fault("file_deleted", "The input file is gone.")]}
        enter(record, "failed", at)
        return
    lines, _ = batch_lines.read(content_of(call, batch["input_file_id"]), batch["endpoint"])
    counts = batch["request_counts"]
    done = counts["completed"] + counts["failed"]
    good, bad = batch_lines.run(call, batch["endpoint"], lines[done : done + _SLICE])
    for name, answers in (("completed", good), ("failed", bad)):
        counts[name] += len(answers)
        kept = call.store.blob_get(f"{batch['id']}.{name}") or b""
        call.store.blob_put(f"{batch['id']}.{name}", kept + batch_lines.write(answers))
    if done + _SLICE >= len(lines):
        _publish(call, batch)
        enter(record, "finalizing", at)


def _publish(call: Call, batch: dict[str, Any]) -> None:
    """Make files of the answers that there are."""
    for name, kind in (("completed", "output"), ("failed", "error")):
        content = call.store.blob_get(f"{batch['id']}.{name}")
        call.store.blob_delete(f"{batch['id']}.{name}")
        if content:
            filename = f"{batch['id']}_{kind}.jsonl"
            batch[f"{kind}_file_id"] = new_file(call, content, filename, "batch_output")["id"]


def _stop(call: Call, record: dict[str, Any], at: float) -> None:
    _publish(call, record["object"])
    enter(record, "cancelled", at)


_PHASES = {
    "validating": (VALIDATING, _validate),
    "in_progress": (IN_PROGRESS, _work),
    "finalizing": (FINALIZING, to("completed")),
    "cancelling": (CANCELLING, _stop),
}
settler(KIND, _settled)
