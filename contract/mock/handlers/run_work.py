"""What a run does while it is in progress: tool calls, then a message; each leaves a step (`openapi.yaml:32107`).

Order: hosted tools (code interpreter, file search), then function calls, which pause the run once, then the message.
Every change is told to `Work.emit` under its event's name (`openapi.yaml:14758`), which a stream keeps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from contract.mock import text as texts
from contract.mock.errors import ApiError
from contract.mock.handlers import run_tools, shelf
from contract.mock.handlers.conversation import MESSAGE, STEP, text_of, text_part, thread_of
from contract.mock.handlers.resources import store_ids
from contract.mock.kernel import Call
from contract.mock.meter import meter

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


def perform(work: Work) -> None:
    """in_progress -> an end, or requires_action."""
    if reason := _broken(work):
        _fail(work, "server_error", reason)
        return
    try:
        _perform(work)
    except ApiError as error:
        _fail(work, "invalid_prompt", error.message)


def _fail(work: Work, code: str, message: str) -> None:
    work.run["last_error"] = {"code": code, "message": message}
    finish(work, "failed")


def _perform(work: Work) -> None:
    prompt_tokens = texts.count(work.run["instructions"]) + sum(texts.count(text_of(m)) for m in work.messages)
    limit = work.run["max_prompt_tokens"]
    if limit is not None and prompt_tokens > limit:
        work.run["incomplete_details"] = {"reason": "max_prompt_tokens"}
        finish(work, "incomplete")
        return
    if not work.record["answered"]:
        for tool_call in run_tools.hosted(work):
            close_step(work, _tool_step(work, [tool_call]), prompt_tokens)
        if calls := run_tools.functions(work):
            _pause(work, calls)
            return
    _write_message(work, prompt_tokens)


def _broken(work: Work) -> str | None:
    """Why the run cannot work: something that it was made with is gone."""
    if work.call.store.get("assistant", work.run["assistant_id"]) is None:
        return f"No assistant found with id '{work.run['assistant_id']}'."
    if any(tool["type"] == "file_search" for tool in work.run["tools"]):
        for each in vector_stores(work):
            record = work.call.store.get(shelf.STORE, each)
            if record is None or shelf.expired(work.call, record):
                return f"Vector store {each} is expired or deleted."
    return None


def vector_stores(work: Work) -> list[str]:
    """The stores that file search looks into: the run's and the assistant's, and the thread's."""
    thread = thread_of(work.call, work.run["thread_id"])
    return store_ids(work.record["resources"], thread["tool_resources"])


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


def _tool_step(work: Work, calls: list[dict[str, Any]]) -> dict[str, Any]:
    """An open step with its calls, which a stream sees grow."""
    step = _new_step(work, {"type": "tool_calls", "tool_calls": []})
    for index, each in enumerate(calls):
        for fragment in run_tools.fragments(index, each):
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
    written = said or " ".join(run_tools.written(each) for each in step["step_details"].get("tool_calls", []))
    spent = {"prompt_tokens": prompt_tokens, "completion_tokens": texts.count(written)}
    step["usage"] = {**spent, "total_tokens": sum(spent.values())}
    step["status"] = status
    step[f"{status}_at"] = work.now
    for name, amount in step["usage"].items():
        work.record["usage"][name] += amount
    _keep_step(work, step)
    work.emit(f"thread.run.step.{status}", step)


def _pause(work: Work, calls: list[dict[str, Any]]) -> None:
    step = _tool_step(work, calls)
    work.record["open_step"] = step["id"]
    asked = [
        {"id": each["id"], "type": "function", "function": {k: each["function"][k] for k in ("name", "arguments")}}
        for each in calls
    ]
    work.run["required_action"] = {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": asked}}
    work.run["status"] = "requires_action"
    work.emit("thread.run.requires_action", work.run)


def take_outputs(work: Work, outputs: Mapping[str, str]) -> None:
    """requires_action -> queued: write the outputs into the waiting step and close it."""
    step = work.call.store.get(STEP, work.record["open_step"], work.run["id"])
    if step is not None:
        for each in step["step_details"]["tool_calls"]:
            each["function"]["output"] = outputs[each["id"]]
        close_step(work, step, texts.count(work.prompt))
    work.record.update(open_step=None, answered=True, since=work.at)
    work.run["required_action"] = None
    work.run["status"] = "queued"
    work.emit("thread.run.queued", work.run)


def _write_message(work: Work, prompt_tokens: int) -> None:
    part, notes = run_tools.answer(work)
    kind = part["type"]
    whole = part["text"]["value"] if kind == "text" else part["refusal"]
    limit = work.run["max_completion_tokens"]
    left = None if limit is None else max(1, limit - work.record["usage"]["completion_tokens"])
    said, cut = texts.cut_at_limit(whole, left)
    notes = [] if cut else notes
    step, message = _open_message(work)
    for index, piece in enumerate(texts.pieces(said)):
        first: dict[str, Any] = {"annotations": []} if index == 0 else {}
        _emit_delta(work, message, {kind: {"value": piece, **first} if kind == "text" else piece})
    for index, note in enumerate(notes):
        _emit_delta(work, message, {"text": {"annotations": [{"index": index, **note}]}})
    message["content"] = [text_part(said, notes) if kind == "text" else {"type": kind, "refusal": said}]
    _close_message(work, message, "max_tokens" if cut else None)
    close_step(work, step, prompt_tokens, said=said)
    if cut:
        work.run["incomplete_details"] = {"reason": "max_completion_tokens"}
    finish(work, "incomplete" if cut else "completed")


def _open_message(work: Work) -> tuple[dict[str, Any], dict[str, Any]]:
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


def _emit_delta(work: Work, message: Mapping[str, Any], grown: dict[str, Any]) -> None:
    """Tell what the first part grew by: `{"text": {...}}` or `{"refusal": ...}`."""
    delta = {"content": [{"index": 0, "type": next(iter(grown)), **grown}]}
    work.emit("thread.message.delta", {"id": message["id"], "object": "thread.message.delta", "delta": delta})


def _close_message(work: Work, message: dict[str, Any], reason: str | None) -> None:
    status = "incomplete" if reason else "completed"
    message["status"] = status
    message[f"{status}_at"] = work.now
    if reason:
        message["incomplete_details"] = {"reason": reason}
    work.call.store.put(MESSAGE, message["id"], message, parent=message["thread_id"])
    work.emit(f"thread.message.{status}", message)


def finish(work: Work, status: str) -> None:
    """Enter a terminal state: open steps are closed, usage is told, nothing is required any more."""
    _close_open_step(work, status)
    run = work.run
    run["status"] = status
    if f"{status}_at" in run:
        run[f"{status}_at"] = work.now
    run.update(required_action=None, expires_at=None, usage=work.record["usage"])
    spent = work.record["usage"]
    meter(
        work.call,
        "completions",
        run["model"],
        input_tokens=spent["prompt_tokens"],
        output_tokens=spent["completion_tokens"],
    )
    work.emit(f"thread.run.{status}", run)


def _close_open_step(work: Work, status: str) -> None:
    if work.record["open_step"] is None:
        return
    step = work.call.store.get(STEP, work.record["open_step"], work.run["id"])
    work.record["open_step"] = None
    if step is not None:
        close_step(work, step, 0, status=status)
