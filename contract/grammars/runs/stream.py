"""One run stream: which event goes to which machine, the members of run objects, and the end.

Not in the tables, because it compares members: RUN-004, RUN-006 (thread), RUN-007, RUN-010 to RUN-020, RUN-034,
RUN-035, RUN-040 and what the parts check for themselves (`steps`, `messages`).
"""

from __future__ import annotations

from typing import Any

from contract.grammar import Context, Machine
from contract.grammars.runs.identity import Identity, check_shown
from contract.grammars.runs.messages import Messages
from contract.grammars.runs.steps import Steps, check_sum
from contract.grammars.runs.tables import RUN, RUN_ENDS, RUN_STATES

_SUBMIT = "submitToolOuputsToRun"
#: The events of a run that is no longer merely created.
_MOVED = frozenset(f"thread.run.{state}" for state in RUN_STATES[1:])
_WORKED = frozenset({"in_progress", "cancelling", "ended"})
#: Member that is non-null exactly in one status -> that status, and the rule.
_ONLY_IN = {
    "required_action": ("requires_action", "RUN-014"),
    "last_error": ("failed", "RUN-015"),
    "incomplete_details": ("incomplete", "RUN-016"),
    "completed_at": ("completed", "RUN-017"),
    "failed_at": ("failed", "RUN-017"),
    "cancelled_at": ("cancelled", "RUN-017"),
}


class RunStream:
    """The handler of one stream of createRun, createThreadAndRun or submitToolOuputsToRun."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._operation = context.operation_id
        self._run = Machine(RUN)
        if self._operation == _SUBMIT:
            self._run.state = "existing"
        self._identity = Identity(context)
        self._messages = Messages(context, self._identity)
        self._steps = Steps(context, self._identity, self._messages, submitted=self._operation == _SUBMIT)
        #: The names of the alphabet that came, None for an event without a name.
        self._met: set[str | None] = set()
        self._last: dict[str, Any] | None = None

    def event(self, name: str | None, value: Any) -> None:
        """One event; `name` is its event field."""
        if name is None:
            self._context.report("RUN-001", expected="an event field", actual="none")
        elif "error" in self._met and name != "done":
            self._context.report("RUN-071", actual=f"{name} after an error")
        elif name == "error":
            if not isinstance(value, dict):
                self._context.report("RUN-070", expected="an Error object", actual=f"{value!r}")
        elif name == "done":
            self._finish()
        elif name == "thread.created":
            self._thread(value)
        elif name in self._context.surface.alphabet:
            self._part(name, value)
        else:
            return
        self._met.add(name)

    def _part(self, name: str, value: Any) -> None:
        head, _, state = name.rpartition(".")
        if self._operation == "createThreadAndRun" and self._met <= {None}:
            self._context.report("RUN-004", expected="thread.created first", actual=name)
        if head == "thread.run":
            self._run_object(name, state, value)
            return
        machines = self._steps if head == "thread.run.step" else self._messages
        self._order(name, head, state, value)
        if state == "delta":
            machines.delta(value)
        else:
            machines.object(state, value)

    def _thread(self, value: dict[str, Any]) -> None:
        if self._operation != "createThreadAndRun":
            self._context.report("RUN-006", actual=f"thread.created on {self._operation}")
        elif "thread.created" in self._met:
            self._context.report("RUN-004", expected="one thread.created", actual="another one")
        self._identity.thread(value)

    def _order(self, name: str, head: str, state: str, value: Any) -> None:
        """RUN-005, RUN-008 and RUN-011 for an event of a step or a message."""
        if self._run.state == "ended":
            self._context.report("RUN-008", expected="nothing but done after the end of the run", actual=name)
        if self._run.state in _WORKED:
            return
        if head == "thread.run.step" and self._steps.is_old(state, value):
            return
        if self._run.state == "new":
            self._context.report("RUN-005", expected="thread.run.created before", actual=name)
        self._context.report("RUN-011", expected="thread.run.in_progress before", actual=name)

    def _run_object(self, name: str, state: str, value: dict[str, Any]) -> None:
        self._identity.run(value)
        if state not in {"created", "queued"} and self._met.isdisjoint(_MOVED):
            self._context.report("RUN-010", expected="thread.run.queued", actual=name)
        self._run.step(self._context, state, f"{name} while {self._run.table.name} is {self._run.state}")
        self._last = value
        self._members(state, value)
        if state == "requires_action":
            self._required(value)
        if state in RUN_ENDS:
            self._close(state)

    def _members(self, state: str, value: dict[str, Any]) -> None:
        report = self._context.report
        due = "queued" if state == "created" else state
        if value.get("status", due) != due:
            report("RUN-007", expected=f"status {due!r}", actual=f"{value['status']!r}")
        check_shown(self._context, "run", value)
        for member, (status, rule) in _ONLY_IN.items():
            given = value.get(member)
            if (given is not None) != (due == status):
                report(rule, expected=f"{member} non-null iff {status}", actual=f"{given!r} in {due}")
        self._usage(due, value)

    def _usage(self, due: str, value: dict[str, Any]) -> None:
        usage = value.get("usage")
        if usage is not None and due not in RUN_ENDS:
            self._context.report("RUN-018", expected=f"usage null while {due}", actual=f"{usage!r}")
        if usage is None and due == "completed":
            self._context.report("RUN-020", expected="usage", actual="none")
        check_sum(self._context, usage)

    def _required(self, value: dict[str, Any]) -> None:
        """RUN-040: what the run waits for is what was streamed."""
        calls = (value.get("required_action") or {}).get("submit_tool_outputs", {}).get("tool_calls")
        if calls is None:  # RUN-014, or a broken schema
            return
        wanted = {call.get("id"): call for call in calls}
        streamed = {call.id: call for call in self._steps.functions()}
        if wanted.keys() != streamed.keys():
            expected, actual = (", ".join(map(str, each)) or "none" for each in (streamed, wanted))
            self._context.report("RUN-040", expected=f"the calls {expected}", actual=actual)
        for identifier in wanted.keys() & streamed.keys():
            if difference := streamed[identifier].differs(wanted[identifier]):
                self._context.report("RUN-040", actual=f"{identifier}: {difference}")

    def _close(self, state: str) -> None:
        """RUN-034 and RUN-035: steps and messages end before the run does."""
        left = [*self._steps.open, *self._messages.open]
        if left and state != "requires_action":
            rule = "RUN-034" if state == "completed" else "RUN-035"
            self._context.report(rule, actual=f"still open: {', '.join(left)}")

    def _finish(self) -> None:
        """What the stream owes when done comes; where no event had a name, that one fault is all that can be said."""
        if "done" in self._met:
            return
        met = frozenset(self._met)
        self._met.add("done")
        if "error" in met or met == {None}:
            return
        if self._operation == "createThreadAndRun" and "thread.created" not in met:
            self._context.report("RUN-004", expected="thread.created", actual="none")
        if self._run.state == "new":
            self._context.report("RUN-005", expected="thread.run.created", actual="no run event")
        self._run.leave(self._context)
        if "thread.run.requires_action" in met:
            self._messages.leave()

    def sentinel(self, name: str | None) -> None:
        """`data: [DONE]`; without an event name it is tolerated by many clients, so only warned of."""
        if name != "done":
            contested = "" if name else _NAMELESS_DONE
            self._context.report(
                "RUN-002", expected="event: done", actual=f"[DONE] under event {name!r}", contested=contested
            )
        self._finish()

    def end(self) -> None:
        """The body ended."""
        if not {"done", "error"} & self._met:
            self._context.report("RUN-002", actual="the stream ended without done")
        self._finish()

    def accumulated(self) -> Any:
        """The last run object."""
        return self._last

    def text(self) -> str:
        """The text of the messages."""
        return self._messages.text.value


_NAMELESS_DONE = "the SDKs stop on the data alone, with or without an event field"
