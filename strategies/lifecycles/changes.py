"""Changes of one member: what a request does not name stays as it was; and what an object holds, read again."""

from __future__ import annotations

from typing import Any

from strategies.kinds import WEATHER
from strategies.lifecycles.steps import Steps

_KEPT = "lifecycle/nothing-else-changed"


def _partial(steps: Steps, create: str, change: str, get: str, key: str, body: dict[str, Any]) -> None:
    """Make one with many members, change its metadata alone, read it."""
    made = steps.ask(create, body=body)
    here = {key: str(made.get("id"))}
    for answer in (steps.ask(change, here, {"metadata": {"changed": "yes"}}), steps.ask(get, here)):
        for name in body.keys() - {"metadata", "messages", "file_ids"}:
            if name in made and name in answer:
                steps.equal(_KEPT, made[name], answer[name], f"/{name}")


def assistant(steps: Steps) -> None:
    """Its tools, texts and numbers outlive a change of its metadata."""
    body = {
        "model": "<model assistants>",
        "name": "Contract",
        "description": "Made by a test.",
        "instructions": "Be brief.",
        "tools": [{"type": "function", "function": WEATHER}],
        "top_p": 0.5,
        "metadata": {"made_by": "contract"},
    }
    _partial(steps, "createAssistant", "modifyAssistant", "getAssistant", "assistant_id", body)


def vector_store(steps: Steps) -> None:
    """Its name and when it expires outlive a change of its metadata."""
    body = {"name": "contract", "expires_after": {"anchor": "last_active_at", "days": 7}}
    _partial(steps, "createVectorStore", "modifyVectorStore", "getVectorStore", "vector_store_id", body)


def _held(steps: Steps, create: str, get: str, member: str, body: dict[str, Any], **path: str) -> None:
    """Made with something that it holds, an object reads with it."""
    made = steps.ask(create, path, body)
    key = f"{get[3:].lower()}_id"
    told = steps.ask(get, {**path, key: str(made.get("id"))})
    if told and member in made:
        steps.equal("lifecycle/same-everywhere", made[member], told.get(member), f"/{member}")


def assistant_resources(steps: Steps) -> None:
    """The vector store that its file search may use."""
    resources = {"file_search": {"vector_store_ids": ["<ref vector_store>"]}}
    body = {"model": "<model assistants>", "tools": [{"type": "file_search"}], "tool_resources": resources}
    _held(steps, "createAssistant", "getAssistant", "tool_resources", body)


def thread_resources(steps: Steps) -> None:
    """The file that its code interpreter may use."""
    body = {"tool_resources": {"code_interpreter": {"file_ids": ["<ref file>"]}}}
    _held(steps, "createThread", "getThread", "tool_resources", body)


def message_attachments(steps: Steps) -> None:
    """The file that is attached to it."""
    thread = str(steps.ask("createThread", body={}).get("id"))
    attached = [{"file_id": "<ref file>", "tools": [{"type": "code_interpreter"}]}]
    body = {"role": "user", "content": "Say hello.", "attachments": attached}
    _held(steps, "createMessage", "getMessage", "attachments", body, thread_id=thread)
