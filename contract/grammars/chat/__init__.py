"""createChatCompletion: data-only chunks, choices by index, then `[DONE]`.

Stream = Body ( [ Usage ] "[DONE]" | Error [ "[DONE]" ] ), Usage where the request sets include_usage;
Body   = Choice(0) .. Choice(n-1), shuffled: see `choice.CHOICE` and `tools.CALL`.

Not in a table: values that stay the same (CHAT-004 to CHAT-008), usage (CHAT-030 to CHAT-036), indices (CHAT-009 to
CHAT-011), and what a choice says (choice, tools, logprobs).
"""

from __future__ import annotations

import json
from typing import Any

from contract.grammar import Break, Context, Machine, Surface, Table
from contract.grammars import usage as usage_rules
from contract.grammars.chat import request as chat_request
from contract.grammars.chat.choice import Choice
from contract.grammars.chat.rules import RULES as RULES
from contract.grammars.in_stream_error import is_error, well_formed
from contract.schema import Broken

_SCHEMAS = "/components/schemas/"
OBJECT = "chat.completion.chunk"

STREAM = Table(
    name="the stream",
    start="body",
    moves={
        "body": {"chunk": "body", "usage": "usage", "error": "failed", "[DONE]": "done"},
        "usage": {"error": "failed", "[DONE]": "done"},
        "failed": {"[DONE]": "done"},
        "done": {},
    },
    breaks={("usage", "*"): Break("CHAT-030"), ("failed", "*"): Break("CHAT-060")},
    owed={"body": "CHAT-002", "usage": "CHAT-002"},
)


class Chat:
    """One chat stream."""

    def __init__(self, context: Context) -> None:
        """`context.request` is the decoded body of the request."""
        self._context = context
        self._asked = chat_request.read(context.request)
        self._machine = Machine(STREAM)
        self._choices: dict[int, Choice] = {}
        self._id: str | None = None
        self._created: int | None = None
        self._model: str | None = None
        self._fingerprint: str | None = None
        self._tier: str | None = None
        self._tier_stated = False
        self._usage: dict[str, Any] | None = None
        self._usage_chunks = 0
        self._failed = False
        self._checked = False

    def event(self, name: str | None, chunk: dict[str, Any]) -> None:
        """A chunk or an error."""
        if "error" in chunk and is_error(chunk):
            self._error(chunk)
            return
        if name is not None:
            self._context.report("CHAT-003", actual=f"event: {name}")
        if chunk.get("id") != self._id or chunk.get("created") != self._created or chunk.get("model") != self._model:
            self._identity(chunk)
        if "system_fingerprint" in chunk or "service_tier" in chunk:
            self._backend(chunk)
        choices = chunk.get("choices") or ()
        if self._asked.include_usage or not choices or "usage" in chunk or self._machine.state != "body":
            self._usage_and_place(chunk, choices)
        if len(choices) > 1:
            self._repeated(choices)
        for entry in choices:
            choice = self._choices.get(entry.get("index")) or self._open(entry)
            if choice is not None:
                choice.take(entry)

    def sentinel(self, name: str | None) -> None:
        """`[DONE]`: everything is owed now."""
        if name is not None:
            self._context.report("CHAT-003", actual=f"event: {name}")
        self._check_end()
        self._machine.step(self._context, "[DONE]")

    def end(self) -> None:
        """The body ended, with or without `[DONE]`."""
        if self._machine.state != "done":
            self._check_end()
        self._machine.leave(self._context, "the stream ended without [DONE]")

    def accumulated(self) -> Any:
        """The chat.completion that the chunks add up to; None where a choice is unfinished."""
        if self._failed or not self._choices or any(each.reason is None for each in self._choices.values()):
            return None
        told = {
            "id": self._id,
            "object": "chat.completion",
            "created": self._created,
            "model": self._model,
            "choices": [each.plain() for _, each in sorted(self._choices.items())],
        }
        optional = {"system_fingerprint": self._fingerprint, "service_tier": self._tier, "usage": self._usage}
        return told | {name: value for name, value in optional.items() if value is not None}

    def text(self) -> str:
        """The content of the first choice, or its refusal."""
        first = self._choices.get(0)
        return "" if first is None else first.content.value or first.refusal.value

    def _error(self, value: dict[str, Any]) -> None:
        self._failed = True
        if self._machine.step(self._context, "error", "a second error") and not well_formed(self._context, value):
            self._context.report("CHAT-060", actual=json.dumps(value), expected="type, message, param and code")

    def _identity(self, chunk: dict[str, Any]) -> None:
        """CHAT-004, 005, 007: the first chunk's values hold for all."""
        for rule, key in (("CHAT-004", "id"), ("CHAT-005", "created"), ("CHAT-007", "model")):
            known, said = getattr(self, f"_{key}"), chunk.get(key)
            if known is None:
                setattr(self, f"_{key}", said)
            elif said is not None and said != known:
                self._context.report(rule, expected=f"{key} {known!r}", actual=f"{key} {said!r}")

    def _backend(self, chunk: dict[str, Any]) -> None:
        """CHAT-008; null says nothing."""
        fingerprint, tier = chunk.get("system_fingerprint"), chunk.get("service_tier")
        if fingerprint != self._fingerprint and fingerprint is not None:
            if self._fingerprint is not None:
                self._context.report("CHAT-008", actual=f"system_fingerprint {fingerprint!r}, was {self._fingerprint!r}")
            self._fingerprint = fingerprint
        if tier != self._tier and tier is not None:
            if self._tier is not None:
                self._context.report("CHAT-008", actual=f"service_tier {tier!r}, was {self._tier!r}")
            self._tier = tier
        self._tier_stated = self._tier_stated or "service_tier" in chunk

    def _usage_and_place(self, chunk: dict[str, Any], choices: Any) -> None:
        """CHAT-030 to CHAT-036: what `usage` may say here, and where a chunk may stand."""
        report, usage = self._context.report, chunk.get("usage")
        final = self._asked.include_usage and not choices and usage is not None and "choices" in chunk
        self._machine.step(self._context, "usage" if final else "chunk")
        if self._asked.include_usage and not final and ("usage" not in chunk or usage is not None):
            report("CHAT-031", expected='"usage": null', actual=f"usage {usage!r}" if usage else "no usage key")
        if not self._asked.include_usage and "usage" in chunk:
            rule = "CHAT-033" if usage is None else "CHAT-032"
            report(rule, expected="no usage key", actual=f"usage {usage!r}")
        if not choices and not final and chunk.get("choices") is not None:
            report("CHAT-034", actual="choices is empty")
        if usage is not None:
            self._usage = usage
            self._check_usage(usage)

    def _check_usage(self, usage: dict[str, Any]) -> None:
        wrong_sum, wrong_details = usage_rules.wrong_sum(usage), usage_rules.wrong_details(usage)
        if wrong_sum is not None:
            self._context.report("CHAT-035", actual=wrong_sum)
        if wrong_details is not None:
            self._context.report("CHAT-036", actual=wrong_details)
        bound = self._asked.max_tokens and self._asked.max_tokens * self._asked.n
        if bound and usage.get("completion_tokens", 0) > bound:
            actual = f"completion_tokens {usage['completion_tokens']}"
            self._context.report("CHAT-051", actual=actual, expected=f"at most {bound}")

    def _repeated(self, choices: list[Any]) -> None:
        indices = [each.get("index") for each in choices]
        if len(set(indices)) < len(indices):
            self._context.report("CHAT-011", actual=f"indices {indices}")

    def _open(self, entry: dict[str, Any]) -> Choice | None:
        """The choice that `entry` opens; None for an index outside (CHAT-010) or missing (CHAT-001)."""
        index = entry.get("index")
        if index is None:
            return None
        if not 0 <= index < self._asked.n:
            allowed = f"index 0 to {self._asked.n - 1}"
            self._context.report("CHAT-010", actual=f"index {index}", expected=allowed, allowed=(allowed,))
            return None
        choice = self._choices[index] = Choice(self._context, self._asked, index)
        return choice

    def _check_end(self) -> None:
        """What every complete stream owes; an error excuses all of it (CHAT-075)."""
        if self._failed or self._checked:
            return
        self._checked = True
        asked, report = self._asked, self._context.report
        missing = [index for index in range(min(asked.n, 128)) if index not in self._choices]
        if missing:
            report("CHAT-009", actual=f"no choice {', '.join(map(str, missing))}", expected=f"n = {asked.n}")
        for index, choice in self._choices.items():
            choice.machine.leave(self._context, f"choice {index} has no finish_reason")
        if asked.include_usage and self._machine.state != "usage":
            report("CHAT-030", actual="no usage chunk before the end", expected="choices [] with usage")
        if asked.service_tier and not self._tier_stated and self._choices:
            report("CHAT-054", actual="no chunk states service_tier")


def _refine(broken: Broken) -> str | None:
    """The rules that say of one member what the schema says of all."""
    if broken.where == "/object":
        return "CHAT-006"
    if broken.keyword == "required" and "/tool_calls/" in broken.where and broken.where.count("/") == 5:
        return "CHAT-022"  # `index` is the one member that a fragment requires
    return None


SURFACE = Surface(
    name="chat",
    alphabet={"": f"{_SCHEMAS}CreateChatCompletionStreamResponse"},
    begin=Chat,
    schema_rule="CHAT-001",
    plain=f"{_SCHEMAS}CreateChatCompletionResponse",
    refine=_refine,
    exempt=is_error,
)
