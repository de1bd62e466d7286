"""What threads, messages and runs share: the kinds they are stored under, and how a message comes into a thread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contract.mock.errors import invalid, not_found
from contract.mock.handlers.files import file_of
from contract.mock.handlers.resources import with_attachments
from contract.mock.kernel import Call

THREAD = "thread"
MESSAGE = "message"
RUN = "run"
STEP = "run_step"
#: Seconds until a run that nobody finishes expires.
LIFETIME = 600


def thread_of(call: Call, identifier: str) -> dict[str, Any]:
    """The Thread object. Raises ApiError 404."""
    found: dict[str, Any] | None = call.store.get(THREAD, identifier)
    if found is None:
        raise not_found(THREAD, identifier)
    return found


def check_message(call: Call, body: Mapping[str, Any], at: str = "") -> None:
    """Look up the files that a message names; `at` prefixes their place in the body.

    Raises ApiError: 404 for an unknown file, 400 for a picture that was not uploaded as one (openapi.yaml:23357).
    """
    for index, each in enumerate(body.get("attachments") or []):
        file_of(call, each["file_id"], f"{at}attachments[{index}].file_id")
    for index, part in enumerate(body["content"] if isinstance(body["content"], list) else []):
        if part["type"] == "image_file":
            place = f"{at}content[{index}].image_file.file_id"
            purpose = file_of(call, part["image_file"]["file_id"], place)["purpose"]
            if purpose != "vision":
                raise invalid(f"Invalid '{place}': the file's purpose is '{purpose}', expected 'vision'.", place)


def add_message(call: Call, thread_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Append a message that a client sent, its attachments going to the thread's tools; the Message object."""
    attachments = [dict(each) for each in body.get("attachments") or []]
    message = {
        "id": call.store.new_id("msg_"),
        "object": "thread.message",
        "created_at": call.now,
        "thread_id": thread_id,
        "status": "completed",
        "incomplete_details": None,
        "completed_at": call.now,
        "incomplete_at": None,
        "role": body["role"],
        "content": _content(body["content"]),
        "assistant_id": None,
        "run_id": None,
        "attachments": attachments,
        "metadata": body.get("metadata") or {},
    }
    call.store.put(MESSAGE, message["id"], message, parent=thread_id)
    if attachments:
        thread = thread_of(call, thread_id)
        thread["tool_resources"] = with_attachments(call, thread["tool_resources"], attachments)
        call.store.put(THREAD, thread_id, thread)
    return message


def _content(sent: str | list[dict[str, Any]]) -> list[dict[str, Any]]:
    parts = [{"type": "text", "text": sent}] if isinstance(sent, str) else sent
    return [_part(each) for each in parts]


def _part(part: Mapping[str, Any]) -> dict[str, Any]:
    kind = part["type"]
    if kind == "text":
        return text_part(part["text"])
    return {"type": kind, kind: {"detail": "auto", **part[kind]}}


def text_part(value: str, annotations: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """A text part as messages hold it."""
    return {"type": "text", "text": {"value": value, "annotations": annotations or []}}


def text_of(message: Mapping[str, Any]) -> str:
    """All text of a message."""
    return "\n".join(each["text"]["value"] for each in message["content"] if each["type"] == "text")
