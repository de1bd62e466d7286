"""Changes of one member: what a request does not name stays as it was."""

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
        "tools": [{"type": "function", "function": WEATHER}, {"type": "file_search"}],
        "tool_resources": {"file_search": {"vector_store_ids": ["<ref vector_store>"]}},
        "top_p": 0.5,
        "metadata": {"made_by": "contract"},
    }
    _partial(steps, "createAssistant", "modifyAssistant", "getAssistant", "assistant_id", body)


def vector_store(steps: Steps) -> None:
    """Its name and when it expires outlive a change of its metadata."""
    body = {"name": "contract", "expires_after": {"anchor": "last_active_at", "days": 7}}
    _partial(steps, "createVectorStore", "modifyVectorStore", "getVectorStore", "vector_store_id", body)
