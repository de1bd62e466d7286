"""Run steps of a stream: their life, the tool calls that deltas build, and what completed steps say of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from contract.grammar import Context, Machine, Text
from contract.grammars.recent import Recent
from contract.grammars.runs.identity import Identity
from contract.grammars.runs.messages import Messages
from contract.grammars.runs.tables import STEP, STEP_ENDS
from contract.grammars.usage import wrong_sum

#: Tool call type -> the member that deltas add up to.
_GROWS = {"function": "arguments", "code_interpreter": "input"}


@dataclass(slots=True)
class Call:
    """One tool call that deltas build."""

    id: str | None
    kind: str
    name: str | None = None
    text: Text = field(default_factory=Text)

    @classmethod
    def of(cls, first: dict[str, Any]) -> Call:
        """The call that a whole one is or that a first fragment begins; it has a type."""
        call = cls(first.get("id"), first["type"])
        call.add(first)
        return call

    def add(self, fragment: dict[str, Any]) -> None:
        """Append what a fragment holds."""
        inner = fragment.get(self.kind, {})
        self.name = self.name or inner.get("name")
        self.text.add(inner.get(_GROWS.get(self.kind), ""))

    def differs(self, final: dict[str, Any]) -> str:
        """The first member in which a whole call is not this one, "" where what it has of them is the same."""
        inner, grows = final.get(self.kind, {}), _GROWS.get(self.kind)
        if final.get("id", self.id) != self.id:
            return f"id {final['id']!r} for {self.id!r}"
        if final.get("type", self.kind) != self.kind:
            return f"type {final['type']!r} for {self.kind!r}"
        if self.kind == "function" and inner.get("name", self.name) != self.name:
            return f"name {inner['name']!r} for {self.name!r}"
        if grows in inner and not self.text.equals(inner[grows]):
            return f"{grows} {inner[grows]!r} for {self.text.value!r}"
        return ""


@dataclass(slots=True)
class Step:
    """One open step."""

    machine: Machine = field(default_factory=lambda: Machine(STEP))
    kind: str | None = None
    message: str | None = None
    calls: dict[int, Call] = field(default_factory=dict)
    #: True once a delta came; until then `calls` is what the object itself listed.
    streamed: bool = False


class Steps:
    """All steps of a stream: the open ones whole, the ended ones by id."""

    def __init__(self, context: Context, identity: Identity, messages: Messages, *, submitted: bool) -> None:
        """`submitted`: the stream goes on with a run whose tool_calls step exists already."""
        self._context = context
        self._identity = identity
        self._messages = messages
        self._submitted = submitted
        self._steps: dict[str, Step] = {}
        self._ended = Recent()

    @property
    def open(self) -> list[str]:
        """The ids of the steps that have not ended."""
        return list(self._steps)

    def is_old(self, state: str, value: dict[str, Any]) -> bool:
        """True for the end of the tool_calls step that existed before the tool outputs were submitted."""
        new = value.get("id") in self._steps
        return self._submitted and not new and state in STEP_ENDS and value.get("type") == "tool_calls"

    def object(self, state: str, value: dict[str, Any]) -> None:
        """A whole step under `thread.run.step.<state>`."""
        identifier = value.get("id")
        if identifier in self._ended:
            self._context.report("RUN-033", actual=f"thread.run.step.{state} of {identifier}, which has ended")
            return
        self._identity.step(value)
        self._members(state, value)
        if identifier is None:
            return
        if self.is_old(state, value):
            self._ended.add(identifier)
            return
        step = self._steps.setdefault(identifier, Step())
        step.machine.step(self._context, state)
        self._details(step, value)
        if step.machine.state == "ended":
            self._end(state, step, value)
            del self._steps[identifier]
            self._ended.add(identifier)

    def _members(self, state: str, value: dict[str, Any]) -> None:
        report = self._context.report
        due = "in_progress" if state == "created" else state
        if value.get("status", due) != due:
            report("RUN-032", expected=f"status {due!r}", actual=f"{value['status']!r}")
        if due == "in_progress" and value.get("usage") is not None:
            report("RUN-041", expected="usage null", actual=f"{value['usage']!r}")
        check_sum(self._context, value.get("usage"))
        error = value.get("last_error")
        if (error is not None) != (state == "failed"):
            report("RUN-042", actual=f"last_error {error!r} with {state}")
        details = value.get("step_details", {}).get("type")
        if details and value.get("type", details) != details:
            report("RUN-037", expected=f"step_details.type {value['type']!r}", actual=f"{details!r}")

    def _details(self, step: Step, value: dict[str, Any]) -> None:
        kind = value.get("type")
        if step.kind and kind and kind != step.kind:
            self._context.report("RUN-037", expected=f"type {step.kind!r}", actual=f"{kind!r}")
        step.kind = step.kind or kind
        details = value.get("step_details", {})
        if details.get("type") == "message_creation" and step.message is None:
            step.message = details.get("message_creation", {}).get("message_id")
            self._messages.announced.add(step.message)
        if not step.streamed and step.machine.state != "ended":
            step.calls = dict(enumerate(map(Call.of, _calls(details))))

    def delta(self, value: dict[str, Any]) -> None:
        """A `thread.run.step.delta`."""
        identifier = value.get("id")
        if identifier is None:
            return
        step = self._steps.get(identifier)
        if step is None:
            ended = identifier in self._ended
            said = f"step {identifier!r} {'has ended' if ended else 'was never created'}"
            if ended:
                self._context.report("RUN-033", actual=said)
            self._context.report("RUN-059", actual=said)
            return
        step.machine.step(self._context, "delta")
        details = value.get("delta", {}).get("step_details", {})
        if step.kind and details.get("type", step.kind) != step.kind:
            self._context.report("RUN-037", expected=f"step_details.type {step.kind!r}", actual=f"{details['type']!r}")
        fragments = _calls(details)
        if fragments and not step.streamed:
            step.streamed, step.calls = True, {}
        for fragment in fragments:
            self._fragment(step, fragment)

    def _fragment(self, step: Step, fragment: dict[str, Any]) -> None:
        at, report = fragment.get("index"), self._context.report
        if at is None:
            return
        known = step.calls.get(at)
        if known is None:
            if at != len(step.calls):
                report("RUN-038", expected=f"index {len(step.calls)}", actual=f"index {at}")
            if not fragment.get("id"):
                report("RUN-038", expected="an id in the first fragment", actual=f"none at index {at}")
            step.calls[at] = Call.of(fragment)
        elif fragment["type"] != known.kind:
            report("RUN-038", expected=f"type {known.kind!r} at index {at}", actual=f"{fragment['type']!r}")
        else:
            known.add(fragment)

    def _end(self, state: str, step: Step, value: dict[str, Any]) -> None:
        early = state == "completed" and step.message is not None and not self._messages.has_ended(step.message)
        if early or self._messages.is_open(step.message):
            self._context.report("RUN-058", actual=f"the message {step.message} has not ended")
        details = value.get("step_details", {})
        if state != "completed" or "tool_calls" not in details or not step.kind == details.get("type") == "tool_calls":
            return
        final = _calls(details)
        calls = [step.calls[at] for at in sorted(step.calls)]
        if len(final) != len(calls):
            self._context.report("RUN-039", expected=f"{len(calls)} tool calls", actual=f"{len(final)}")
        for at, call in enumerate(calls[: len(final)]):
            if difference := call.differs(final[at]):
                self._context.report("RUN-039", actual=f"tool_calls/{at}: {difference}")

    def functions(self) -> Iterator[Call]:
        """The function calls of open steps: what the run waits for."""
        for step in self._steps.values():
            yield from (call for call in step.calls.values() if call.kind == "function")


def _calls(details: dict[str, Any]) -> list[dict[str, Any]]:
    """The tool calls of step details, where a type says that they are; no schema has looked at others."""
    calls = details.get("tool_calls", []) if details.get("type") == "tool_calls" else []
    return [call for call in calls if "type" in call]


def check_sum(context: Context, usage: dict[str, Any] | None) -> None:
    """RUN-019, for a run and for a step."""
    if usage and (reason := wrong_sum(usage)):
        context.report("RUN-019", actual=reason)
