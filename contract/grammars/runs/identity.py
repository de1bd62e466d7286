"""The ids that bind the objects of a run stream (the run's own, its thread's, its assistant's), and their members."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contract.grammar import Context

_THREAD = {"id": "thread_id"}
_CREATED = {"created_at": "created_at"}
_RUN = {"id": "run_id", "thread_id": "thread_id", "assistant_id": "assistant_id"}
_PART = {"run_id": "run_id", "thread_id": "thread_id", "assistant_id": "assistant_id"}

#: Required members that examples of plain answers leave out (that is contested, so the schemas do not ask for them);
#: the examples of streams have them in every such object (openapi.yaml:10314 to 12823).
_SHOWN = {
    "run": (
        "required_action",
        "incomplete_details",
        "truncation_strategy",
        "max_prompt_tokens",
        "max_completion_tokens",
    ),
    "message": ("status", "incomplete_details", "completed_at", "incomplete_at"),
}


def check_shown(context: Context, kind: str, value: Mapping[str, Any]) -> None:
    """RUN-001: an object of this kind ("run", "message") has the members that every stream shows."""
    missing = [member for member in _SHOWN[kind] if member not in value]
    if missing:
        context.report("RUN-001", expected=f"a {kind} with {', '.join(missing)}", actual="left out")


class Identity:
    """What run_id, thread_id and assistant_id are, from the first object that says so."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._known: dict[str, tuple[Any, str]] = {}

    def thread(self, value: Mapping[str, Any]) -> None:
        """The thread of `thread.created`."""
        self._check("RUN-012", value, _THREAD)

    def run(self, value: Mapping[str, Any]) -> None:
        """A run object; it also tells what the objects before it should have said."""
        self._check("RUN-012", value, _RUN)
        self._check("RUN-013", value, _CREATED)

    def step(self, value: Mapping[str, Any]) -> None:
        """A step object."""
        self._check("RUN-036", value, _PART)

    def message(self, value: Mapping[str, Any]) -> None:
        """A message object."""
        self._check("RUN-056", value, _PART)

    def _check(self, rule: str, value: Mapping[str, Any], members: Mapping[str, str]) -> None:
        said = {member: value[member] for member in members if member in value}
        for member, mine in said.items():
            known, by = self._known.setdefault(members[member], (mine, rule))
            if mine != known and rule == "RUN-012" != by:  # what came before the run was wrong
                self._context.report(by, expected=f"{members[member]} {mine!r}", actual=f"{known!r}")
                self._known[members[member]] = (mine, rule)
            elif mine != known:
                self._context.report(rule, expected=f"{member} {known!r}", actual=f"{mine!r}")
