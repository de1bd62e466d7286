"""Runs: create, list, get, change, cancel, answer tool calls; plain or as a stream (`openapi.yaml:10147, 11344`)."""

from __future__ import annotations

from typing import Any

from contract.mock.errors import invalid
from contract.mock.handlers import run_engine, run_streams, run_work
from contract.mock.handlers.conversation import add_message, check_message, thread_of
from contract.mock.handlers.run_engine import refuse_while_active, run_of, save, settle_thread
from contract.mock.handlers.run_make import check_run, new_run
from contract.mock.handlers.run_parts import Work
from contract.mock.handlers.threads import new_thread
from contract.mock.handlers.vector_store_files import POLL_AFTER
from contract.mock.kernel import Call, Json, Reply, route
from contract.mock.paging import page


@route("createRun")
def create_run(call: Call) -> Reply:
    """Begin a run on a thread that has none at work."""
    thread_id = thread_of(call, call.path["thread_id"])["id"]
    refuse_while_active(call, thread_id, "Thread {thread} already has an active run {run}.")
    resources = check_run(call, call.body)
    extra = call.body.get("additional_messages") or []
    for index, each in enumerate(extra):
        check_message(call, each, f"additional_messages[{index}].")
    for each in extra:
        add_message(call, thread_id, each)
    record = new_run(call, thread_id, call.body, resources)
    if call.body.get("stream"):
        return run_streams.begin(call, record)
    return _answer(call, record)


@route("createThreadAndRun")
def create_thread_and_run(call: Call) -> Reply:
    """Make a thread and begin a run on it."""
    resources = check_run(call, call.body)
    thread = new_thread(call, call.body.get("thread") or {}, "thread.")
    record = new_run(call, thread["id"], call.body, resources)
    if call.body.get("stream"):
        return run_streams.begin(call, record, thread)
    return _answer(call, record)


def _answer(call: Call, record: dict[str, Any]) -> Reply:
    return Json(save(call, record), headers=dict(POLL_AFTER))


@route("listRuns")
def list_runs(call: Call) -> Reply:
    """The runs of a thread."""
    thread_id = thread_of(call, call.path["thread_id"])["id"]
    return Json(page([each["object"] for each in settle_thread(call, thread_id)], call))


@route("getRun")
def get_run(call: Call) -> Reply:
    """One run as it is now."""
    return Json(run_of(call)["object"], headers=dict(POLL_AFTER))


@route("modifyRun")
def modify_run(call: Call) -> Reply:
    """Replace the metadata."""
    record = run_of(call)
    if "metadata" in call.body:
        record["object"]["metadata"] = call.body["metadata"] or {}
    return _answer(call, record)


@route("cancelRun")
def cancel_run(call: Call) -> Reply:
    """Ask a run that has not ended to stop."""
    record = run_of(call)
    run = record["object"]
    if run["status"] not in run_engine.ACTIVE - {"cancelling"}:
        raise invalid(f"Cannot cancel run with status '{run['status']}'.", "run_id")
    run.update(status="cancelling", required_action=None)
    record["since"] = call.time
    return _answer(call, record)


@route("submitToolOuputsToRun")
def submit_tool_outputs(call: Call) -> Reply:
    """Answer all waiting tool calls at once; the run goes on."""
    record = run_of(call)
    outputs = _outputs(record["object"], call.body["tool_outputs"])
    if call.body.get("stream"):
        return run_streams.resume(call, record, outputs)
    run_work.take_outputs(Work(call, record, call.time), outputs)
    return _answer(call, record)


def _outputs(run: dict[str, Any], sent: list[dict[str, Any]]) -> dict[str, str]:
    """Outputs by call id. Raises ApiError 400 where the run waits for none, or for others, or for more."""
    if run["status"] != "requires_action":
        raise invalid(f"Runs in status '{run['status']}' do not accept tool outputs.", "run_id")
    waiting = [each["id"] for each in run["required_action"]["submit_tool_outputs"]["tool_calls"]]
    ids = [each.get("tool_call_id") for each in sent]
    for index, each in enumerate(ids):
        if each not in waiting or each in ids[:index]:
            raise invalid(f"Invalid tool_call_id: '{each}'.", f"tool_outputs[{index}].tool_call_id")
    if missing := [each for each in waiting if each not in ids]:
        raise invalid(f"Expected tool outputs for call_ids {waiting}, missing {missing}.", "tool_outputs")
    return {each["tool_call_id"]: each.get("output", "") for each in sent}
