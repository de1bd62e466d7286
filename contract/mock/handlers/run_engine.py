"""The life of a run: queued, in progress, then an end or a pause for tool outputs (`openapi.yaml:31326`).

    queued -> in_progress -> requires_action | completed | incomplete | failed
    requires_action -> queued (outputs) | expired;  any of the first three -> cancelling -> cancelled

Time moves a run when it, its thread or its steps are read. A streamed run is taken through the same functions at once,
with an `emit` that keeps every event.
"""

from __future__ import annotations

from typing import Any

from contract.mock.errors import invalid, not_found
from contract.mock.handlers import run_work
from contract.mock.handlers.conversation import LIFETIME, RUN, thread_of
from contract.mock.handlers.phases import advance, settler, track
from contract.mock.handlers.run_parts import Work
from contract.mock.kernel import Call

#: Mock seconds that a run waits, works, and takes to cancel.
QUEUED, WORKING, CANCELLING = 0.3, 1.0, 0.3
ACTIVE = frozenset({"queued", "in_progress", "requires_action", "cancelling"})


def start(work: Work) -> None:
    """Leave the queue and begin to work."""
    work.run["status"] = "in_progress"
    work.run["started_at"] = work.run["started_at"] or work.now
    work.emit("thread.run.in_progress", work.run)


def cancel(work: Work) -> None:
    """End what was cancelled; open steps are closed."""
    run_work.finish(work, "cancelled")


def _starts(call: Call, record: dict[str, Any], at: float) -> None:
    start(Work(call, record, at))


def _works(call: Call, record: dict[str, Any], at: float) -> None:
    run_work.perform(Work(call, record, at))


def _expires(call: Call, record: dict[str, Any], at: float) -> None:
    run_work.finish(Work(call, record, at), "expired")


def _cancels(call: Call, record: dict[str, Any], at: float) -> None:
    cancel(Work(call, record, at))


_PHASES = {
    "queued": (QUEUED, _starts),
    "in_progress": (WORKING, _works),
    "requires_action": (LIFETIME, _expires),
    "cancelling": (CANCELLING, _cancels),
}


def save(call: Call, record: dict[str, Any]) -> dict[str, Any]:
    """Keep the record; the Run object."""
    run: dict[str, Any] = record["object"]
    call.store.put(RUN, run["id"], record, parent=run["thread_id"])
    track(call, RUN, run["id"], run["thread_id"], run["status"] in ACTIVE)
    return run


def settled(call: Call, record: dict[str, Any]) -> dict[str, Any]:
    """The record, moved as far as time allows."""
    if advance(call, record, _PHASES):
        save(call, record)
    return record


settler(RUN, settled)


def settle_thread(call: Call, thread_id: str) -> list[dict[str, Any]]:
    """All run records of a thread, oldest first, moved as far as time allows."""
    return [settled(call, each) for each in call.store.list(RUN, thread_id)]


def run_of(call: Call) -> dict[str, Any]:
    """The record of the path's run. Raises ApiError 404 for the thread as for the run."""
    thread_id = thread_of(call, call.path["thread_id"])["id"]
    record = call.store.get(RUN, call.path["run_id"], thread_id)
    if record is None:
        raise not_found(RUN, call.path["run_id"])
    return settled(call, record)


def refuse_while_active(call: Call, thread_id: str, message: str) -> None:
    """Raise ApiError 400 while a run locks the thread; `message` may name `{thread}` and `{run}`."""
    for record in settle_thread(call, thread_id):
        if record["object"]["status"] in ACTIVE:
            raise invalid(message.format(thread=thread_id, run=record["object"]["id"]), "thread_id")
