"""Example streams: those that the stateful server gives to one canonical request an operation, taken down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from contract.draft import Upload
from contract.mock.kernel import REGISTRY, Call, Events, Json, Part, Settings
from contract.mock.store import Store

#: Streaming operation -> the request whose stream is the example; ids are filled in.
_ASK: Final[Mapping[str, Mapping[str, Any]]] = {
    "createChatCompletion": {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello!"}]},
    "createCompletion": {"model": "gpt-3.5-turbo-instruct", "prompt": "Hello!"},
    "createResponse": {"model": "gpt-4o-mini", "input": "Hello!"},
    "createTranscription": {"model": "gpt-4o-transcribe", "file": Upload("hello.wav", b"RIFF")},
    "createThreadAndRun": {"thread": {"messages": [{"role": "user", "content": "Hello!"}]}},
    "createRun": {"additional_messages": [{"role": "user", "content": "Hello!"}]},
    "submitToolOuputsToRun": {},
}
_TOOL: Final = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}


def take_down(call: Call) -> list[Part]:
    """The stream that the stateful server gives to the operation's canonical request, without its pauses."""
    scratch = _Scratch(call)
    operation, body, path = call.operation.id, dict(_ASK[call.operation.id]), {}
    if operation in {"createRun", "createThreadAndRun", "submitToolOuputsToRun"}:
        path = {"thread_id": scratch.ask("createThread", {})["id"]}
        tools = [_TOOL] if operation == "submitToolOuputsToRun" else []
        assistant = scratch.ask("createAssistant", {"model": "gpt-4o-mini", "tools": tools})
        if operation == "submitToolOuputsToRun":
            path["run_id"], body["tool_outputs"] = scratch.wait_for_tools(path, assistant["id"])
        else:
            body["assistant_id"] = assistant["id"]
    reply = scratch.reply(operation, {**body, "stream": True}, path)
    if not isinstance(reply, Events):
        raise TypeError(f"{operation} gave no stream")
    return [part for part in reply.frames if not isinstance(part, float)]


class _Scratch:
    """A stateful server of its own, for a few requests; its time passes only when it is told to."""

    def __init__(self, call: Call) -> None:
        settings = Settings(speed=1.0, seed=call.settings.seed)
        self._call = replace(call, store=Store(seed=call.settings.seed), settings=settings, query={}, time=call.time)

    def reply(self, operation_id: str, body: Any, path: Mapping[str, Any] | None = None) -> Any:
        operation = self._call.spec.operations[operation_id]
        handler = REGISTRY.handler("stateful", operation_id)
        if handler is None:
            raise LookupError(f"{operation_id} has no handler")
        return handler(replace(self._call, operation=operation, body=body, path=dict(path or {})))

    def ask(self, operation_id: str, body: Any, path: Mapping[str, Any] | None = None) -> Any:
        reply = self.reply(operation_id, body, path)
        return reply.body if isinstance(reply, Json) else reply

    def wait_for_tools(self, path: Mapping[str, Any], assistant_id: str) -> tuple[str, list[dict[str, Any]]]:
        """A run that waits for tool outputs: its id and the outputs to submit."""
        said = [{"role": "user", "content": "Call look."}]
        asked = {"assistant_id": assistant_id, "additional_messages": said, "tool_choice": "required"}
        run = self.ask("createRun", asked, path)
        for _ in range(20):
            if run["status"] == "requires_action":
                break
            self._call = replace(self._call, time=self._call.time + 1.0)
            run = self.ask("getRun", None, {**path, "run_id": run["id"]})
        calls = run["required_action"]["submit_tool_outputs"]["tool_calls"]
        return run["id"], [{"tool_call_id": each["id"], "output": "42"} for each in calls]
