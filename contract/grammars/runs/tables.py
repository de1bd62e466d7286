"""The alphabet of run streams and the lives of runs, steps and messages, as tables.

Sources: AssistantStreamEvent (openapi.yaml:14758), its members (openapi.yaml:32253, 32375, 23953, 32806, 21013, 21213)
and the example streams of createRun, createThreadAndRun and submitToolOuputsToRun.
"""

from __future__ import annotations

from contract.grammar import Break, Table

_SCHEMAS = "/components/schemas"
RUN_STATES = (
    "created",
    "queued",
    "in_progress",
    "requires_action",
    "completed",
    "incomplete",
    "failed",
    "cancelling",
    "cancelled",
    "expired",
)
STEP_STATES = ("created", "in_progress", "completed", "failed", "cancelled", "expired")
MESSAGE_STATES = ("created", "in_progress", "completed", "incomplete")
#: The states that end a run's stream, a step, a message.
RUN_ENDS = frozenset(RUN_STATES) - {"created", "queued", "in_progress", "cancelling"}
STEP_ENDS = frozenset(STEP_STATES) - {"created", "in_progress"}

ALPHABET = {
    "thread.created": f"{_SCHEMAS}/ThreadObject",
    **{f"thread.run.{state}": f"{_SCHEMAS}/RunObject" for state in RUN_STATES},
    **{f"thread.run.step.{state}": f"{_SCHEMAS}/RunStepObject" for state in STEP_STATES},
    "thread.run.step.delta": f"{_SCHEMAS}/RunStepDeltaObject",
    **{f"thread.message.{state}": f"{_SCHEMAS}/MessageObject" for state in MESSAGE_STATES},
    "thread.message.delta": f"{_SCHEMAS}/MessageDeltaObject",
    "error": f"{_SCHEMAS}/Error",
    "done": f"{_SCHEMAS}/DoneEvent/properties/data",
}


def _after(state: str, symbol: str) -> str:  # pragma: no mutate block
    """Where a run goes by a symbol; a run that never worked cannot complete after it is cancelled."""
    if symbol == "cancelling":
        return "cancelling" if state == "in_progress" else "cancelling, never in progress"
    return "ended" if symbol in RUN_ENDS else symbol


_EARLY_ENDS = ("cancelling", "failed", "cancelled", "expired")
_ALL_ENDS = (*_EARLY_ENDS, "requires_action", "completed", "incomplete")
_RUN_MOVES = {
    "new": ("created",),
    "existing": ("queued", "in_progress", *_EARLY_ENDS),
    "created": ("queued", "in_progress", *_EARLY_ENDS),
    "queued": ("in_progress", *_EARLY_ENDS),
    "in_progress": _ALL_ENDS,
    "cancelling": ("completed", "incomplete", "failed", "cancelled", "expired"),
    "cancelling, never in progress": ("failed", "cancelled", "expired"),
    "ended": (),
}
_RUN_BREAKS = {
    **{("new", symbol): Break("RUN-005", _after("in_progress", symbol)) for symbol in RUN_STATES[1:]},
    ("*", "created"): Break("RUN-005"),
    ("existing", "created"): Break("RUN-006"),
    ("existing", "completed"): Break("RUN-011", "ended"),
    ("created", "completed"): Break("RUN-011", "ended"),
    ("queued", "completed"): Break("RUN-011", "ended"),
    **{("*", end): Break("RUN-008", "ended") for end in ("requires_action", "completed", "incomplete")},
    ("*", "*"): Break("RUN-008"),
}
#: A run of createRun and createThreadAndRun; `existing` is where a run of submitToolOuputsToRun stands.
RUN = Table(
    "the run",
    "new",
    {state: {symbol: _after(state, symbol) for symbol in symbols} for state, symbols in _RUN_MOVES.items()},
    _RUN_BREAKS,
    {state: "RUN-009" for state in _RUN_MOVES if state != "ended"},
)

_STEP_END = dict.fromkeys(sorted(STEP_ENDS), "ended")
STEP = Table(
    "the step",
    "new",
    {
        "new": {"created": "created"},
        "created": {"in_progress": "in_progress"},
        "in_progress": {"delta": "in_progress", **_STEP_END},
        "ended": {},
    },
    {
        ("new", "in_progress"): Break("RUN-030", "in_progress"),
        ("new", "*"): Break("RUN-030", "ended"),
        ("*", "created"): Break("RUN-030"),
        ("created", "delta"): Break("RUN-031", "in_progress"),
        ("created", "*"): Break("RUN-031", "ended"),
        ("in_progress", "in_progress"): Break("RUN-031"),
    },
)

_MESSAGE_END = {"completed": "ended", "incomplete": "ended"}
MESSAGE = Table(
    "the message",
    "new",
    {
        "new": {"created": "created"},
        "created": {"in_progress": "in_progress"},
        "in_progress": {"delta": "in_progress", **_MESSAGE_END},
        "ended": {},
    },
    {
        ("created", "delta"): Break("RUN-050", "in_progress"),
        ("*", "in_progress"): Break("RUN-050", "in_progress"),
        ("*", "created"): Break("RUN-050"),
        ("*", "*"): Break("RUN-050", "ended"),
    },
    {"created": "RUN-050", "in_progress": "RUN-050"},
)
