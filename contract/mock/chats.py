"""Chat requests read: messages to a prompt and its tokens, options to an `Ask`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from contract.mock import text as texts
from contract.mock.answers import Ask, Tool
from contract.mock.wanted import reasoning_tokens

#: Tokens beside the text of every message, and of every answer that is primed: as the original counts them.
_PER_MESSAGE = 3
_PRIMING = 3
_IMAGE_TOKENS = 85
_AUDIO_TOKENS = 40
#: Members that do not change what is said: with and without them the text is the same.
_SILENT = frozenset(
    [
        "stream",
        "stream_options",
        "store",
        "metadata",
        "user",
        "n",
        "stop",
        "max_tokens",
        "max_completion_tokens",
        "logprobs",
        "top_logprobs",
        "service_tier",
        "audio",
        "modalities",
    ]
)


def content_text(content: Any) -> str:
    """The text of a message's content, its parts joined."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(part.get("text") or part.get("refusal") or "" for part in content if isinstance(part, dict))
    return ""


def prompt_of(messages: Sequence[Mapping[str, Any]]) -> str:
    """The text that the answer is to: the last user message, else the last message."""
    users = [each for each in messages if each["role"] == "user"]
    return content_text((users or messages)[-1].get("content"))


def prompt_tokens(messages: Sequence[Mapping[str, Any]], tools: Sequence[Any]) -> tuple[int, int]:
    """Tokens of the prompt, and how many of them are audio."""
    total, audio = _PRIMING, 0
    for message in messages:
        total += _PER_MESSAGE + texts.count(content_text(message.get("content")))
        content = message.get("content")
        for part in content if isinstance(content, list) else ():
            total += _IMAGE_TOKENS if part.get("type") == "image_url" else 0
            audio += _AUDIO_TOKENS if part.get("type") == "input_audio" else 0
        if message.get("tool_calls"):
            total += texts.count(json.dumps(message["tool_calls"]))
    if tools:
        total += texts.count(json.dumps(tools))
    return total + audio, audio


def limit_of(body: Mapping[str, Any]) -> int | None:
    """The bound on output tokens, None without one."""
    found: int | None = body.get("max_completion_tokens")
    return found if found is not None else body.get("max_tokens")


def stops_of(body: Mapping[str, Any]) -> list[str]:
    """The stop sequences."""
    stop = body.get("stop")
    return [stop] if isinstance(stop, str) else list(stop or ())


def ask_of(body: Mapping[str, Any], seed: int) -> Ask:
    """What decides the answers to a chat request."""
    tools, choice = _tools(body)
    limit = limit_of(body)
    said = {name: value for name, value in body.items() if name not in _SILENT}
    return Ask(
        prompt=prompt_of(body["messages"]),
        seed=("chat", seed, json.dumps(said, sort_keys=True)),
        tools=tools,
        choice=choice,
        parallel=body.get("parallel_tool_calls") is not False and not body.get("functions"),
        answered=body["messages"][-1]["role"] in {"tool", "function"},
        schema=_schema(body.get("response_format")),
        limit=limit,
        stops=stops_of(body),
        bias=body.get("logit_bias") or {},
        reasoning=reasoning_tokens(body["model"], body.get("reasoning_effort")),
    )


def _schema(response_format: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    if response_format is None or response_format["type"] == "text":
        return None
    schema: Mapping[str, Any] = response_format.get("json_schema", {}).get("schema", {})
    return schema


def _tools(body: Mapping[str, Any]) -> tuple[list[Tool], str]:
    if body.get("functions"):
        functions, choice = body["functions"], body.get("function_call")
    else:
        functions, choice = [each["function"] for each in body.get("tools") or ()], body.get("tool_choice")
    tools = [Tool(each["name"], each.get("parameters") or {}, each.get("description") or "") for each in functions]
    if isinstance(choice, Mapping):
        return tools, "=" + str(choice.get("function", choice).get("name"))
    return tools, choice or "auto"


def top_logprobs(token: str, index: int, size: int) -> Iterator[dict[str, Any]]:
    """`size` candidates at a position: the token itself first, then less likely ones."""
    yield logprob(token, index)
    for number, other in enumerate(texts.from_ids(range(texts.token_id(token), texts.token_id(token) + size - 1))):
        yield _entry(other, round(-3.0 - number - index % 7 / 10, 4))


def logprob(token: str, index: int) -> dict[str, Any]:
    """Token, log probability and bytes of an emitted token."""
    return _entry(token, -round((texts.token_id(token) % 997) / 1000 + index % 5 / 100, 4))


def _entry(token: str, value: float) -> dict[str, Any]:
    return {"token": token, "logprob": value, "bytes": list(token.encode())}


def logprobs_of(tokens: Sequence[str], size: int) -> list[dict[str, Any]]:
    """`logprobs.content` for tokens, each with `size` candidates."""
    return [
        {**logprob(token, index), "top_logprobs": list(top_logprobs(token, index, size)) if size else []}
        for index, token in enumerate(tokens)
    ]
