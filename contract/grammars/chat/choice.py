"""One choice of a chat stream: its life, its text and what finished it (CHAT-012 to CHAT-021, CHAT-050 to CHAT-053)."""

from __future__ import annotations

from typing import Any

from contract.grammar import Break, Context, Machine, Table, Text
from contract.grammars import promised_json
from contract.grammars.chat.logprobs import Logprobs
from contract.grammars.chat.request import Asked
from contract.grammars.chat.tools import Call, Calls
from contract.grammars.stop_watch import StopWatch

#: An entry gives `role` (only a role), `fragment` (anything generated) or `empty`, then perhaps `finish`.
CHOICE = Table(
    name="the choice",
    start="open",
    moves={
        "open": {"fragment": "open", "empty": "open", "role": "open", "finish": "finished"},
        "finished": {},
    },
    breaks={
        ("finished", "role"): Break("CHAT-017"),
        ("finished", "fragment"): Break("CHAT-017"),
        ("finished", "empty"): Break("CHAT-018"),
        ("finished", "finish"): Break("CHAT-016"),
    },
    owed={"open": "CHAT-015"},
)


class Choice:
    """One choice, fed with its entries of the chunks."""

    __slots__ = (
        "_add",
        "_asked",
        "_careful",
        "_context",
        "_function",
        "_index",
        "_logprobs",
        "_started",
        "_stops",
        "calls",
        "content",
        "machine",
        "reason",
        "refusal",
    )

    def __init__(self, context: Context, asked: Asked, index: int) -> None:
        self._context = context
        self._asked = asked
        self._index = index
        self.machine = Machine(CHOICE)
        self.content = Text()
        self._add = self.content.add
        self.refusal = Text()
        self.calls = Calls(context, asked, index)
        self.reason: str | None = None
        self._started = False
        self._function: Call | None = None
        self._logprobs = Logprobs(context, asked)
        self._stops = StopWatch(asked.stops) if asked.stops else None
        #: True where content alone is worth a second look: for the request's sake, or for what came before it.
        self._careful = True

    def take(self, entry: dict[str, Any]) -> None:
        """One entry of `choices`."""
        delta = entry.get("delta") or {}
        content, reason = delta.get("content"), entry.get("finish_reason")
        if content and reason is None and not self._careful and len(delta) == 1 and entry.get("logprobs") is None:
            self._add(content)  # nearly every entry: one piece of content in an open choice
            return
        fragments = delta.get("tool_calls")
        if fragments and reason is None and not self._careful and len(delta) == 1 and entry.get("logprobs") is None:
            self.calls.take(fragments)  # or one piece of a tool call
            return
        self._role(delta)
        finished = self.reason is not None
        self._moves(delta, reason)
        if not finished:
            self._generated(entry, delta, content, fragments)
            if reason is not None:
                self._finish(reason)
        watched = self._asked.logprobs or self._stops is not None or bool(self.refusal)
        self._careful = watched or self.reason is not None

    def _role(self, delta: dict[str, Any]) -> None:
        role = delta.get("role")
        if not self._started:
            self._started = True
            if role is None:
                self._context.report("CHAT-012", actual=f"the first delta of choice {self._index} has no role")
        elif role is not None and self.reason is None:
            self._context.report("CHAT-013", actual=f"role {role!r} again in choice {self._index}")
        if role is not None and role != "assistant":
            self._context.report("CHAT-014", actual=f"role {role!r}", expected="role 'assistant'")

    def _moves(self, delta: dict[str, Any], reason: str | None) -> None:
        generated = (
            delta.get("content") or delta.get("refusal") or delta.get("tool_calls") or delta.get("function_call")
        )
        symbol = "fragment" if generated else "role" if "role" in delta else "empty"
        step, context, told = self.machine.step, self._context, f"choice {self._index}"
        if symbol != "empty" or reason is None:
            step(context, symbol, f"{symbol} for {told} after its finish_reason")
        if reason is not None:
            step(context, "finish", f"finish_reason {reason!r} for {told}, which had {self.reason!r}")

    def _generated(self, entry: dict[str, Any], delta: dict[str, Any], content: Any, fragments: Any) -> None:
        both = bool(self.refusal and self.content)
        if content:
            self._add(content)
            if self._stops is not None and self._stops.add(content):
                self._context.report("CHAT-052", actual=f"choice {self._index} contains {self._stops.found!r}")
        refusal = delta.get("refusal")
        if refusal:
            self.refusal.add(refusal)
        if self.refusal and self.content and not both:
            self._context.report("CHAT-050", actual=f"choice {self._index} has content and a refusal")
        if fragments:
            self.calls.take(fragments)
        if "function_call" in delta:
            self._function_call(delta["function_call"])
        logprobs = entry.get("logprobs")
        if self._asked.logprobs or logprobs is not None:
            self._logprobs.take(logprobs, content)

    def _function_call(self, fragment: dict[str, Any]) -> None:
        self._function = self._function or Call()
        self._function.add(fragment.get("arguments", ""))
        if "name" in fragment:
            self._function.given.setdefault("function.name", fragment["name"])

    def _finish(self, reason: str) -> None:
        """What the finish_reason has to agree with."""
        self.reason = reason
        report, told = self._context.report, f"choice {self._index} finished with {reason!r}"
        natural = reason not in {"length", "content_filter"}
        excused = reason == "stop" and self._asked.tool_forced
        if reason == "tool_calls" and not self.calls.any:
            report("CHAT-019", actual=f"{told} without a tool call")
        if self.calls.any and natural and reason != "tool_calls" and not excused:
            report("CHAT-020", actual=f"{told} after tool calls", expected="finish_reason 'tool_calls'")
        wrong_function = (reason == "function_call") != (self._function is not None)
        if wrong_function and natural and not (self._function is not None and excused):
            streamed = "with" if self._function is not None else "without"
            report("CHAT-021", actual=f"{told} {streamed} delta.function_call")
        if reason == "tool_calls":
            self.calls.check_strict()
        self._check_json(reason)
        self._logprobs.check_bytes(self._index)

    def _check_json(self, reason: str) -> None:
        """CHAT-053; a text over the bound is not kept whole and is not judged."""
        asked = self._asked
        spoke = reason == "stop" and not self.refusal and not self.calls.any and self._function is None
        if asked.json_mode and spoke and self.content.whole:
            flaw = promised_json.flaw(self.content.value, asked.json_schema)
            if flaw is not None:
                self._context.report("CHAT-053", actual=f"content of choice {self._index}: {flaw}")

    def said(self) -> str:
        """Its content, or its refusal."""
        return self.content.value or self.refusal.value

    def plain(self) -> dict[str, Any]:
        """The choice as the plain answer has it."""
        message: dict[str, Any] = {
            "role": "assistant",
            "content": self.content.value if self.content or not self.calls.any else None,
            "refusal": self.refusal.value or None,
        }
        if self.calls.any:
            message["tool_calls"] = self.calls.plain()
        if self._function is not None:
            message["function_call"] = self._function.function()
        return {
            "index": self._index,
            "message": message,
            "logprobs": self._logprobs.plain(),
            "finish_reason": self.reason,
        }
