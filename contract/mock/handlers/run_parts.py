"""A run at work, and the steps and messages that it makes: opened, told, closed (`openapi.yaml:32107, 23787`).

Every change is told to `Work.emit` under its event's name (`openapi.yaml:14758`), which a stream keeps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from contract.mock import text as texts
from contract.mock.handlers.conversation import MESSAGE, STEP, text_of
from contract.mock.handlers.run_calls import ToolCall, fragments, written
from contract.mock.kernel import Call

Emit = Callable[[str, Mapping[str, Any]], None]


def _silent(_name: str, _value: Mapping[str, Any]) -> None:
    """Nobody listens: the run is not streamed."""


@dataclass(frozen=True)
class Work:
    """A run at work: its record, the moment, and who listens."""

    call: Call
    record: dict[str, Any]
    at: float
    emit: Emit = _silent

    @property
    def run(self) -> dict[str, Any]:
        """The Run object."""
        run: dict[str, Any] = self.record["object"]
        return run

    @property
    def now(self) -> int:
        """The moment in whole seconds."""
        return int(self.at)

    @property
    def seed(self) -> tuple[object, ...]:
        """What the answer depends on: the server's seed and the conversation."""
        return (self.call.settings.seed, self.run["instructions"], self.prompt)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What the run reads: the thread's messages, the last few where the truncation strategy says so."""
        found = self.call.store.list(MESSAGE, self.run["thread_id"])
        last = self.run["truncation_strategy"]["last_messages"]
        return found[-last:] if self.run["truncation_strategy"]["type"] == "last_messages" and last else found

    @property
    def prompt(self) -> str:
        """The last thing that the user said."""
        said = [text_of(each) for each in self.messages if each["role"] == "user"]
        return said[-1] if said else ""


def _new_step(work: Work, details: dict[str, Any]) -> dict[str, Any]:
    run = work.run
    step = {
        "id": work.call.store.new_id("step_"),
        "object": "thread.run.step",
        "created_at": work.now,
        "assistant_id": run["assistant_id"],
        "thread_id": run["thread_id"],
        "run_id": run["id"],
        "type": details["type"],
        "status": "in_progress",
        "step_details": details,
        "last_error": None,
        "expired_at": None,
        "cancelled_at": None,
        "failed_at": None,
        "completed_at": None,
        "metadata": {},
        "usage": None,
    }
    work.emit("thread.run.step.created", step)
    work.emit("thread.run.step.in_progress", step)
    return step


def tool_step(work: Work, calls: list[ToolCall]) -> dict[str, Any]:
    """An open step with its calls, which a stream sees grow."""
    step = _new_step(work, {"type": "tool_calls", "tool_calls": []})
    for index, each in enumerate(calls):
        for fragment in fragments(index, each):
            details = {"type": "tool_calls", "tool_calls": [fragment]}
            delta = {"id": step["id"], "object": "thread.run.step.delta", "delta": {"step_details": details}}
            work.emit("thread.run.step.delta", delta)
    step["step_details"]["tool_calls"] = calls
    _keep_step(work, step)
    return step


def _keep_step(work: Work, step: dict[str, Any]) -> None:
    work.call.store.put(STEP, step["id"], step, parent=step["run_id"])


def close_step(work: Work, step: dict[str, Any], prompt_tokens: int, said: str = "", status: str = "completed") -> None:
    """End a step and count its tokens: what was read, and what was said or asked of tools."""
    text = said or " ".join(written(each) for each in step["step_details"].get("tool_calls", []))
    spent = {"prompt_tokens": prompt_tokens, "completion_tokens": texts.count(text)}
    step["usage"] = {**spent, "total_tokens": sum(spent.values())}
    step["status"] = status
    step[f"{status}_at"] = work.now
    for name, amount in step["usage"].items():
        work.record["usage"][name] += amount
    _keep_step(work, step)
    work.emit(f"thread.run.step.{status}", step)


def open_message(work: Work) -> tuple[dict[str, Any], dict[str, Any]]:
    """An open step, and the message that it creates: empty, because a stream adds to it."""
    identifier = work.call.store.new_id("msg_")
    step = _new_step(work, {"type": "message_creation", "message_creation": {"message_id": identifier}})
    message = {
        "id": identifier,
        "object": "thread.message",
        "created_at": work.now,
        "thread_id": work.run["thread_id"],
        "status": "in_progress",
        "incomplete_details": None,
        "completed_at": None,
        "incomplete_at": None,
        "role": "assistant",
        "content": [],
        "assistant_id": work.run["assistant_id"],
        "run_id": work.run["id"],
        "attachments": [],
        "metadata": {},
    }
    work.emit("thread.message.created", message)
    work.emit("thread.message.in_progress", message)
    return step, message


def emit_delta(work: Work, message: Mapping[str, Any], grown: dict[str, Any]) -> None:
    """Tell what the first part grew by: `{"text": {...}}` or `{"refusal": ...}`."""
    delta = {"content": [{"index": 0, "type": next(iter(grown)), **grown}]}
    work.emit("thread.message.delta", {"id": message["id"], "object": "thread.message.delta", "delta": delta})


def close_message(work: Work, message: dict[str, Any], reason: str | None) -> None:
    """Complete the message, or leave it incomplete for a reason."""
    status = "incomplete" if reason else "completed"
    message["status"] = status
    message[f"{status}_at"] = work.now
    if reason:
        message["incomplete_details"] = {"reason": reason}
    work.call.store.put(MESSAGE, message["id"], message, parent=message["thread_id"])
    work.emit(f"thread.message.{status}", message)
