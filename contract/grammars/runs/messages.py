"""Messages of a run stream: their life, their deltas and their final content."""

from __future__ import annotations

from typing import Any

from contract.grammar import Context, Machine, Text
from contract.grammars.recent import Recent
from contract.grammars.runs.identity import Identity, check_shown
from contract.grammars.runs.tables import MESSAGE

#: Part type -> the member of the part that holds the value which final and accumulated content must share.
_VALUE = {"text": "value", "image_file": "file_id", "image_url": "url"}


class Part:
    """One content part that deltas build: its type and its text (or the id of its image)."""

    __slots__ = ("kind", "text")

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.text = Text()

    def same(self, final: dict[str, Any]) -> bool:
        """True where a part of the final content is of this type and value."""
        return final.get("type") == self.kind and self.text.equals(_value(final))


def _value(part: dict[str, Any]) -> str:
    """What a part (or its delta) says: the text, the refusal, the id of the file, the URL."""
    kind: Any = part.get("type")
    inner = part.get(kind)
    said = inner.get(_VALUE.get(kind)) if isinstance(inner, dict) else inner
    return said if isinstance(said, str) else ""


class Messages:
    """All messages of a stream: the open ones whole, the ended ones by id."""

    def __init__(self, context: Context, identity: Identity) -> None:
        self._context = context
        self._identity = identity
        self._machines: dict[str, Machine] = {}
        self._parts: dict[str, list[Part]] = {}
        self._ended = Recent()
        self.announced = Recent()
        self.text = Text()

    @property
    def open(self) -> list[str]:
        """The ids of the messages that have not ended."""
        return list(self._machines)

    def is_open(self, identifier: str | None) -> bool:
        """True for a message that has begun and not ended."""
        return identifier in self._machines

    def has_ended(self, identifier: str) -> bool:
        """True for a message that ended not long ago."""
        return identifier in self._ended

    def object(self, state: str, value: dict[str, Any]) -> None:
        """A whole message under `thread.message.<state>`."""
        identifier = value.get("id")
        if identifier in self._ended:
            self._context.report("RUN-050", actual=f"thread.message.{state} of {identifier}, which has ended")
            return
        self._identity.message(value)
        self._members(state, value)
        if identifier is None:
            return
        machine = self._machine(identifier)
        machine.step(self._context, state)
        if machine.state == "ended":
            self._final(identifier, value)
            del self._machines[identifier], self._parts[identifier]
            self._ended.add(identifier)

    def _machine(self, identifier: str) -> Machine:
        if identifier not in self._machines:
            self._machines[identifier] = Machine(MESSAGE)
            self._parts[identifier] = []
            if identifier not in self.announced:
                self._context.report("RUN-057", actual=f"{identifier} is the message_id of no step before it")
        return self._machines[identifier]

    def _members(self, state: str, value: dict[str, Any]) -> None:
        report = self._context.report
        due = "in_progress" if state == "created" else state
        if value.get("status", due) != due:
            report("RUN-051", expected=f"status {due!r}", actual=f"{value['status']!r}")
        if state in {"created", "in_progress"} and value.get("content"):
            report("RUN-054", expected="content []", actual=f"{len(value['content'])} parts")
        if value.get("role", "assistant") != "assistant":
            report("RUN-056", expected="role 'assistant'", actual=f"{value['role']!r}")
        check_shown(self._context, "message", value)
        reason = value.get("incomplete_details")
        if (reason is not None) != (state == "incomplete"):
            report("RUN-055", actual=f"incomplete_details {reason!r} with {state}")

    def delta(self, value: dict[str, Any]) -> None:
        """A `thread.message.delta`."""
        identifier = value.get("id")
        if identifier is None:
            return
        machine = self._machines.get(identifier)
        if machine is None:
            said = "has ended" if identifier in self._ended else "was never created"
            self._context.report("RUN-059", actual=f"message {identifier!r} {said}")
            return
        machine.step(self._context, "delta")
        parts = self._parts[identifier]
        for part in value.get("delta", {}).get("content", ()):
            self._add(parts, part)

    def _add(self, parts: list[Part], delta: dict[str, Any]) -> None:
        at, kind = delta.get("index"), delta.get("type")
        if at is None or kind is None:
            return
        if at == len(parts):
            parts.append(Part(kind))
        elif at not in range(len(parts)):
            self._context.report("RUN-053", expected=f"an index up to {len(parts)}", actual=f"index {at}")
            return
        part = parts[at]
        if kind != part.kind:
            self._context.report("RUN-053", expected=f"type {part.kind!r} at index {at}", actual=f"{kind!r}")
            return
        said = _value(delta)
        part.text.add(said)
        if kind == "text":
            self.text.add(said)

    def _final(self, identifier: str, value: dict[str, Any]) -> None:
        content, parts = value.get("content"), self._parts[identifier]
        if content is None:
            return
        if len(content) != len(parts):
            self._context.report("RUN-052", expected=f"{len(parts)} content parts", actual=f"{len(content)}")
        for at, part in enumerate(parts[: len(content)]):
            if not part.same(content[at]):
                expected = f"content/{at}: {part.kind} {part.text.value!r}"
                actual = f"{content[at].get('type')} {_value(content[at])!r}"
                self._context.report("RUN-052", expected=expected, actual=actual)

    def leave(self) -> None:
        """The stream has ended: every open message owes its end."""
        for identifier, machine in self._machines.items():
            machine.leave(self._context, f"message {identifier} is {machine.state}")
