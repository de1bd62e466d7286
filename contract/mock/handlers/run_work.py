"""What a run does while it is in progress: tool calls, then a message; each leaves a step (`openapi.yaml:32107`).

Order: hosted tools (code interpreter, file search), then function calls, which pause the run once, then the message.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contract.mock import text as texts
from contract.mock.errors import ApiError
from contract.mock.handlers import run_tools, shelf
from contract.mock.handlers.conversation import STEP, text_of, text_part
from contract.mock.handlers.run_parts import Work, close_message, close_step, emit_delta, open_message, tool_step
from contract.mock.meter import meter


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
            close_step(work, tool_step(work, [tool_call]), prompt_tokens)
        if calls := run_tools.functions(work):
            _pause(work, calls)
            return
    _write_message(work, prompt_tokens)


def _broken(work: Work) -> str | None:
    """Why the run cannot work: something that it was made with is gone."""
    if work.call.store.get("assistant", work.run["assistant_id"]) is None:
        return f"No assistant found with id '{work.run['assistant_id']}'."
    if any(tool["type"] == "file_search" for tool in work.run["tools"]):
        for each in run_tools.vector_stores(work):
            record = work.call.store.get(shelf.STORE, each)
            if record is None or shelf.expired(work.call, record):
                return f"Vector store {each} is expired or deleted."
    return None


def _pause(work: Work, calls: list[dict[str, Any]]) -> None:
    step = tool_step(work, calls)
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
    step, message = open_message(work)
    for index, piece in enumerate(texts.pieces(said)):
        first: dict[str, Any] = {"annotations": []} if index == 0 else {}
        emit_delta(work, message, {kind: {"value": piece, **first} if kind == "text" else piece})
    for index, note in enumerate(notes):
        emit_delta(work, message, {"text": {"annotations": [{"index": index, **note}]}})
    message["content"] = [text_part(said, notes) if kind == "text" else {"type": kind, "refusal": said}]
    close_message(work, message, "max_tokens" if cut else None)
    close_step(work, step, prompt_tokens, said=said)
    if cut:
        work.run["incomplete_details"] = {"reason": "max_completion_tokens"}
    finish(work, "incomplete" if cut else "completed")


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
