"""The streams of runs: createRun, createThreadAndRun, submitToolOuputsToRun (AssistantStreamEvent).

Tables (`tables`): the lives of the run, of each step and of each message. Beside the tables: what compares members
of objects with each other (`stream`, `steps`, `messages`, `identity`). Rules: `catalogue`.
"""

from __future__ import annotations

from contract.grammar import Surface
from contract.grammars.runs.catalogue import RULES
from contract.grammars.runs.stream import RunStream
from contract.grammars.runs.tables import ALPHABET
from contract.schema import Broken

__all__ = ["RULES", "SURFACE"]


def _unknown(name: str | None) -> bool:
    """RUN-003: the data of an unknown event may be any JSON."""
    return name is not None and name not in ALPHABET


def _refine(broken: Broken) -> str | None:
    """The rule of the event whose schema is broken, where it has one of its own."""
    if broken.spec_pointer.startswith("/components/schemas/Error/"):
        return "RUN-070"
    return "RUN-002" if broken.spec_pointer.startswith("/components/schemas/DoneEvent/") else None


SURFACE = Surface(
    name="runs",
    alphabet=ALPHABET,
    begin=RunStream,
    schema_rule="RUN-001",
    key="event",
    plain="/components/schemas/RunObject",
    loose=_unknown,
    bare=frozenset({"error"}),
    refine=_refine,
)
