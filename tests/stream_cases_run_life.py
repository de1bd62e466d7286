"""The life of a run: for each state, every event that may not come there, and the end that may not stay away."""

from __future__ import annotations

from stream_builders_runs import DONE, Event, required, run, thread
from stream_case import StreamCase, sse

NEW, TAR, SUB = "createRun", "createThreadAndRun", "submitToolOuputsToRun"
EARLY = ("failed", "cancelled", "expired")
WORKED = ("created", "queued", "in_progress")
CANCELLED_AT_WORK = (*WORKED, "cancelling")
CANCELLED_IN_THE_QUEUE = ("created", "queued", "cancelling")


def life(operation: str, *states: str) -> bytes:
    """A stream of nothing but a run that goes through these states."""
    events: list[Event] = [("thread.created", thread())] if operation == TAR else []
    for state in states:
        told = run("queued" if state == "created" else state)
        events.append((f"thread.run.{state}", told))
        if state == "requires_action":
            told["required_action"] = required()
    return sse([*events, DONE])


def lived(rule: str, broken: tuple[str, ...], right: tuple[str, ...], operation: str = NEW) -> StreamCase:
    """A case of two lives."""
    request = {"assistant_id": "asst_1", "stream": True}
    note = f"{' '.join(broken) or 'no run'}, then done on {operation}"
    return StreamCase(rule, operation, life(operation, *broken), life(operation, *right), request, note=note)


def unfinished(rule: str, states: tuple[str, ...], *ends: str, operation: str = NEW) -> list[StreamCase]:
    """Done comes in this state; the twins have each of these ends before."""
    return [lived(rule, states, (*states, *end.split()), operation) for end in ends]


def skipped(rule: str, states: tuple[str, ...], left: str, *ends: str, operation: str = NEW) -> list[StreamCase]:
    """Each end comes without the states that are left out; the twins have them."""
    return [lived(rule, (*states, *end.split()), (*states, *left.split(), *end.split()), operation) for end in ends]


LIVES: list[StreamCase] = [
    *skipped("RUN-005", (), "created queued", "in_progress completed", *EARLY, "cancelling cancelled"),
    *skipped("RUN-005", (), "created queued in_progress", "completed", "requires_action", "incomplete"),
    *skipped("RUN-005", (), "created queued in_progress", "cancelling completed"),
    *skipped("RUN-008", ("created", "queued"), "in_progress", "requires_action", "incomplete"),
    *skipped("RUN-008", ("created",), "queued in_progress", "requires_action", "incomplete"),
    *skipped("RUN-008", (), "queued in_progress", "requires_action", "incomplete", operation=SUB),
    *skipped(
        "RUN-008", ("created", "queued"), "in_progress", *(f"cancelling {end}" for end in ("completed", "incomplete"))
    ),
    lived("RUN-008", (*CANCELLED_AT_WORK, "requires_action"), (*WORKED, "requires_action")),
    lived("RUN-008", ("queued", "queued", "failed"), ("queued", "failed"), SUB),
    *unfinished("RUN-009", (), "created queued failed"),
    *unfinished("RUN-009", (), "created queued failed", operation=TAR),
    *unfinished("RUN-009", (), "queued failed", operation=SUB),
    *unfinished("RUN-009", ("created",), "queued failed"),
    *unfinished("RUN-009", ("created", "queued"), *EARLY),
    *unfinished("RUN-009", WORKED, *EARLY),
    *unfinished("RUN-009", CANCELLED_AT_WORK, *EARLY, "completed", "incomplete"),
    *unfinished("RUN-009", CANCELLED_IN_THE_QUEUE, *EARLY),
    lived("RUN-009", ("created", "cancelling"), (*CANCELLED_IN_THE_QUEUE, "cancelled")),
    lived("RUN-009", ("cancelling",), ("queued", "cancelling", "cancelled"), SUB),
    *skipped("RUN-010", ("created",), "queued", *EARLY, "cancelling cancelled"),
    *skipped("RUN-010", (), "queued", *EARLY, "cancelling cancelled", operation=SUB),
    *skipped("RUN-011", ("created",), "queued in_progress", "completed"),
    *skipped("RUN-011", ("created", "queued"), "in_progress", "completed"),
    *skipped("RUN-011", (), "queued in_progress", "completed", operation=SUB),
]
