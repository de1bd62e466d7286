"""Chat completions: messages, log probabilities, audio, images."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract.verdict import Keyword
from strategies.prose import Row, Values
from strategies.prose_tools import (
    CHAT,
    COMPLETION,
    drop,
    get,
    listed,
    members,
    put,
    update,
)


def _messages(values: Values, role: str) -> Iterator[dict[str, Any]]:
    for each in listed(get(values.body, "messages")):
        if isinstance(each, dict) and each.get("role") == role:
            yield each


def _says_nothing(message: dict[str, Any]) -> bool:
    return message.get("content") is None and "tool_calls" not in message and message.get("function_call") is None


def _fill(values: Values) -> None:
    for each in _messages(values, "assistant"):
        if _says_nothing(each):
            each["content"] = "Hello."


def _bad_parts(message: dict[str, Any]) -> bool:
    parts = message.get("content")
    if not isinstance(parts, list) or not parts:
        return False
    kinds = [get(each, "type") for each in parts]
    return "refusal" in kinds and len(kinds) > 1


def _one_refusal(values: Values) -> None:
    for each in _messages(values, "assistant"):
        if _bad_parts(each):
            texts = [part for part in each["content"] if get(part, "type") != "refusal"]
            each["content"] = texts or each["content"][:1]


def _orphan_options(values: Values) -> bool:
    return get(values.body, "stream_options") is not None and get(values.body, "stream") is not True


def _unanswered(values: Values) -> bool:
    """A tool message whose id no assistant message before it has called."""
    called: set[Any] = set()
    for each in listed(get(values.body, "messages")):
        if get(each, "role") == "assistant":
            called |= {get(call, "id") for call in listed(each.get("tool_calls")) if isinstance(get(call, "id"), str)}
        name = get(each, "tool_call_id")
        if get(each, "role") == "tool" and isinstance(name, str) and name not in called:
            return True
    return False


def _call_before(values: Values) -> None:
    """Put an assistant message with the call before each tool message that answers none."""
    messages: list[Any] = []
    for each in values.body["messages"]:
        name = get(each, "tool_call_id")
        if get(each, "role") == "tool" and isinstance(name, str):
            call = {"id": name, "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
            messages.append({"role": "assistant", "tool_calls": [call]})
        messages.append(each)
    values.body["messages"] = messages


def _bad_image(values: Values) -> bool:
    found = [get(each, "url") for _, each in members(values, "image_url") if isinstance(each, dict)]
    return any(isinstance(each, str) and not each.startswith(("http://", "https://", "data:")) for each in found)


def _mend_image(values: Values) -> None:
    for _, each in members(values, "image_url"):
        if isinstance(each, dict) and isinstance(each.get("url"), str):
            each["url"] = "https://example.com/boardwalk.png"


def _user(values: Values, *parts: Any) -> None:
    values.body = {**values.body, "messages": [{"role": "user", "content": list(parts)}]}


def _nucleus(values: Values) -> bool:
    return get(values.body, "temperature") is not None and get(values.body, "top_p") is not None


ROWS = (
    Row(
        "CHAT-1",
        CHAT,
        lambda v: get(v.body, "top_logprobs") is not None and get(v.body, "logprobs") is not True,
        put("logprobs", True),
        put("top_logprobs", 2),
        Keyword.MUST,
    ),
    Row(
        "CHAT-2",
        CHAT,
        lambda v: "audio" in listed(get(v.body, "modalities")) and not isinstance(get(v.body, "audio"), dict),
        put("audio", {"voice": "alloy", "format": "wav"}),
        put("modalities", ["text", "audio"]),
    ),
    Row(
        "CHAT-7",
        CHAT + COMPLETION,
        _orphan_options,
        drop("stream_options"),
        put("stream_options", {"include_usage": True}),
        support=put("stream", True),
    ),
    Row(
        "CHAT-9",
        CHAT,
        lambda v: any(_says_nothing(each) for each in _messages(v, "assistant")),
        _fill,
        lambda v: v.body.update(messages=[*v.body["messages"], {"role": "assistant"}]),
    ),
    Row(
        "CHAT-10",
        CHAT,
        lambda v: any(_bad_parts(each) for each in _messages(v, "assistant")),
        _one_refusal,
        lambda v: v.body.update(
            messages=[
                *v.body["messages"],
                {
                    "role": "assistant",
                    "content": [{"type": "text", "text": "Hello."}, {"type": "refusal", "refusal": "No."}],
                },
            ]
        ),
    ),
    Row(
        "CHAT-20",
        CHAT,
        _unanswered,
        _call_before,
        lambda v: v.body.update(
            messages=[*v.body["messages"], {"role": "tool", "tool_call_id": "call_unknown", "content": "22 degrees"}]
        ),
    ),
    Row(
        "CHAT-31",
        CHAT,
        _bad_image,
        _mend_image,
        lambda v: _user(
            v,
            {"type": "text", "text": "Say hello."},
            {"type": "image_url", "image_url": {"url": "ftp://example.com/boardwalk.png"}},
        ),
    ),
    Row(
        "CHAT-33",
        (*CHAT, "createResponse", "createAssistant", "createRun"),
        _nucleus,
        drop("top_p"),
        update(temperature=0.5, top_p=0.5),
        Keyword.MAY,
    ),
)
