"""Messages of a thread: create, list, get, change, delete (`openapi.yaml:10840`)."""

from __future__ import annotations

from typing import Any

from contract.mock.errors import not_found
from contract.mock.handlers.conversation import MESSAGE, add_message, check_message, thread_of
from contract.mock.handlers.run_engine import refuse_while_active, settle_thread
from contract.mock.kernel import Call, Json, Reply, route
from contract.mock.paging import page


def _thread(call: Call) -> str:
    """The id of the path's thread, its runs moved as far as time allows: they append messages."""
    identifier: str = thread_of(call, call.path["thread_id"])["id"]
    settle_thread(call, identifier)
    return identifier


def _message(call: Call) -> dict[str, Any]:
    found = call.store.get(MESSAGE, call.path["message_id"], _thread(call))
    if found is None:
        raise not_found(MESSAGE, call.path["message_id"])
    return found


@route("createMessage")
def create_message(call: Call) -> Reply:
    """Append a message, unless a run is at work."""
    thread_id = _thread(call)
    refuse_while_active(call, thread_id, "Can't add messages to {thread} while a run {run} is active.")
    check_message(call, call.body)
    return Json(add_message(call, thread_id, call.body))


@route("listMessages")
def list_messages(call: Call) -> Reply:
    """The thread's messages, those of one run where it is given."""
    run_id = call.query.get("run_id")
    found = call.store.list(MESSAGE, _thread(call))
    return Json(page([each for each in found if run_id is None or each["run_id"] == run_id], call))


@route("getMessage")
def get_message(call: Call) -> Reply:
    """One message."""
    return Json(_message(call))


@route("modifyMessage")
def modify_message(call: Call) -> Reply:
    """Replace the metadata."""
    message = _message(call)
    if "metadata" in call.body:
        message["metadata"] = call.body["metadata"] or {}
    call.store.put(MESSAGE, message["id"], message, parent=message["thread_id"])
    return Json(message)


@route("deleteMessage")
def delete_message(call: Call) -> Reply:
    """Remove the message."""
    message = _message(call)
    call.store.delete(MESSAGE, message["id"], message["thread_id"])
    return Json({"id": message["id"], "object": "thread.message.deleted", "deleted": True})
