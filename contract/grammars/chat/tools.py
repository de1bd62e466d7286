"""The tool calls of one choice: fragments by index, each call with a machine of its own (CHAT-022 to CHAT-029)."""

from __future__ import annotations

from typing import Any

from contract.grammar import Break, Context, Machine, Table, Text
from contract.grammars import promised_json
from contract.grammars.chat.request import Asked

#: What a fragment holds.
OPEN, MORE, PARTIAL = "id, type and name", "arguments only", "not all of id, type and name"
CALL = Table(
    name="the tool call",
    start="new",
    moves={"new": {OPEN: "streaming"}, "streaming": {MORE: "streaming"}},
    breaks={
        ("new", PARTIAL): Break("CHAT-024", "streaming"),
        ("streaming", "*"): Break("CHAT-025"),
    },
)

#: Tool calls of a choice that are followed; a flood of them is bounded.
MAX_CALLS = 4096


class Call:
    """One tool call: what its fragments gave first as id, type and name, and its arguments so far."""

    __slots__ = ("add", "arguments", "given", "machine")

    def __init__(self) -> None:
        self.machine = Machine(CALL)
        self.given: dict[str, str] = {}
        self.arguments = Text()
        self.add = self.arguments.add

    def function(self) -> dict[str, Any]:
        """The name and the arguments, as the plain answer has them."""
        return {"name": self.given.get("function.name", ""), "arguments": self.arguments.value}


class Calls:
    """The tool calls of one choice."""

    __slots__ = ("_asked", "_by_index", "_choice", "_context", "_ids", "any")

    def __init__(self, context: Context, asked: Asked, choice: int) -> None:
        self._context = context
        self._asked = asked
        self._choice = choice
        self._by_index: dict[int, Call] = {}
        self._ids: set[str] = set()
        #: True once a fragment came, also one that cannot be told apart for want of an index.
        self.any = False

    def take(self, fragments: list[Any]) -> None:
        """The `tool_calls` of one delta."""
        self.any = True
        for fragment in fragments:
            index = fragment.get("index")
            call = self._by_index.get(index)
            if index is None or (call is None and len(self._by_index) == MAX_CALLS):
                continue  # CHAT-022 where it is missing
            call = call or self._open(index)
            function = fragment.get("function") or {}
            call.add(function.get("arguments") or "")
            identity, name, kind = fragment.get("id"), function.get("name"), fragment.get("type")
            if identity or name or kind or not call.given:  # nearly always there is nothing but more arguments
                told = {"id": identity, "type": kind, "function.name": name}
                self._identity(call, index, {member: said for member, said in told.items() if said})

    def _open(self, index: int) -> Call:
        report, due = self._context.report, len(self._by_index)
        if index != due:
            report("CHAT-023", actual=f"index {index}", expected=f"index {due}", allowed=(f"index {due}",))
        if self._asked.tools_forbidden or not self._asked.tools_offered:
            why = "tool_choice is none" if self._asked.tools_forbidden else "the request offers no tools"
            report("CHAT-028", actual=f"a tool call of choice {self._choice}", expected=why)
        if self._asked.one_tool_call and due:
            report("CHAT-029", actual=f"tool call {index} of choice {self._choice}")
        self._by_index[index] = call = Call()
        return call

    def _identity(self, call: Call, index: int, given: dict[str, str]) -> None:
        identity, known = given.get("id"), call.given.get("id")
        if identity and known and identity != known:
            self._context.report("CHAT-026", expected=f"id {known}", actual=f"tool call {index} has id {identity}")
            return
        if identity and not known:
            if identity in self._ids:
                self._context.report("CHAT-026", actual=f"tool call {index} has the id of another: {identity}")
            self._ids.add(identity)
        # What comes late is not repeated: CHAT-024 has said so.
        late = call.machine.state != CALL.start and not given.keys() & call.given.keys()
        symbol = MORE if late else OPEN if len(given) == 3 else PARTIAL
        said = f"tool call {index}: a fragment with {', '.join(sorted(given)) or 'none of id, type and name'}"
        call.machine.step(self._context, symbol, said)
        call.given = given | call.given

    def check_strict(self) -> None:
        """CHAT-027, once the choice has finished with `tool_calls`."""
        for index, call in self._by_index.items():
            name = call.given.get("function.name")
            if name and name in self._asked.strict and call.arguments.whole:
                flaw = promised_json.flaw(call.arguments.value, self._asked.strict[name])
                if flaw is not None:
                    self._context.report("CHAT-027", actual=f"arguments of tool call {index} ({name}): {flaw}")

    def plain(self) -> list[dict[str, Any]]:
        """The calls as the plain answer has them."""
        return [
            {
                "id": call.given.get("id", ""),
                "type": "function",
                "function": call.function(),
            }
            for _, call in sorted(self._by_index.items())
        ]
