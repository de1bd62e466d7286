"""Threads: create with first messages, get, change, delete with all that hangs on them (`openapi.yaml:10021`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contract.mock.handlers.conversation import MESSAGE, RUN, STEP, THREAD, add_message, check_message, thread_of
from contract.mock.handlers.resources import resolved
from contract.mock.kernel import Call, Json, Reply, route


def new_thread(call: Call, body: Mapping[str, Any], at: str = "") -> dict[str, Any]:
    """A thread with its first messages. Raises ApiError 404 for unknown files or stores; `at` prefixes their place."""
    messages = body.get("messages") or []
    for index, each in enumerate(messages):
        check_message(call, each, f"{at}messages[{index}].")
    identifier = call.store.new_id("thread_")
    thread = {
        "id": identifier,
        "object": THREAD,
        "created_at": call.now,
        "tool_resources": resolved(call, body.get("tool_resources"), f"{at}tool_resources", lasting=False),
        "metadata": body.get("metadata") or {},
    }
    call.store.put(THREAD, identifier, thread)
    for each in messages:
        add_message(call, identifier, each)
    return thread_of(call, identifier)


@route("createThread")
def create_thread(call: Call) -> Reply:
    """A thread, empty or with messages."""
    return Json(new_thread(call, call.body or {}))


@route("getThread")
def get_thread(call: Call) -> Reply:
    """One thread."""
    return Json(thread_of(call, call.path["thread_id"]))


@route("modifyThread")
def modify_thread(call: Call) -> Reply:
    """Replace metadata or tool resources."""
    thread = thread_of(call, call.path["thread_id"])
    if "metadata" in call.body:
        thread["metadata"] = call.body["metadata"] or {}
    if "tool_resources" in call.body:
        thread["tool_resources"] = resolved(call, call.body["tool_resources"], lasting=False)
    call.store.put(THREAD, thread["id"], thread)
    return Json(thread)


@route("deleteThread")
def delete_thread(call: Call) -> Reply:
    """Remove the thread with its messages, runs and steps."""
    identifier = thread_of(call, call.path["thread_id"])["id"]
    for run in call.store.list(RUN, identifier):
        for step in call.store.list(STEP, run["object"]["id"]):
            call.store.delete(STEP, step["id"], run["object"]["id"])
        call.store.delete(RUN, run["object"]["id"], identifier)
    for message in call.store.list(MESSAGE, identifier):
        call.store.delete(MESSAGE, message["id"], identifier)
    call.store.delete(THREAD, identifier)
    return Json({"id": identifier, "object": "thread.deleted", "deleted": True})
