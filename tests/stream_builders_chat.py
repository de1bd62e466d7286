"""Chat streams under construction: chunks, whole answers, and their bytes."""

from __future__ import annotations

import json
from typing import Any

from stream_case import StreamCase, sse

HEAD: dict[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion.chunk",
    "created": 1742601600,
    "model": "model-1",
    "system_fingerprint": "fp_1",
}
DONE = "[DONE]"
NOTHING = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
USAGE = {"prompt_tokens": 5, "completion_tokens": 4, "total_tokens": 9}
ERROR = {"error": {"type": "server_error", "message": "out of memory", "param": None, "code": None}}
WEATHER = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": WEATHER}}
STRICT_TOOL = {"type": "function", "function": {**TOOL["function"], "strict": True}}
TOOLS = {"tools": [TOOL]}
COUNTED = {"stream_options": {"include_usage": True}}
LOGPROBS = {"logprobs": True, "top_logprobs": 1}


def chunk(
    delta: dict[str, Any] | None = None, reason: str | None = None, index: int = 0, logprobs: Any = None, **more: Any
) -> dict[str, Any]:
    """One chunk with one entry; `more` are members of the chunk."""
    return {**HEAD, **more, "choices": [entry(delta, reason, index, logprobs)]}


def entry(
    delta: dict[str, Any] | None = None, reason: str | None = None, index: int = 0, logprobs: Any = None
) -> dict[str, Any]:
    """One entry of `choices`."""
    return {"index": index, "delta": delta or {}, "logprobs": logprobs, "finish_reason": reason}


def role(index: int = 0) -> dict[str, Any]:
    """The chunk that opens a choice."""
    return chunk({"role": "assistant", "content": ""}, index=index)


def said(text: str, index: int = 0) -> dict[str, Any]:
    """A chunk with a piece of content."""
    return chunk({"content": text}, index=index)


def finish(reason: str = "stop", index: int = 0) -> dict[str, Any]:
    """The chunk that ends a choice."""
    return chunk({}, reason, index)


def hello(*texts: str, index: int = 0, reason: str = "stop") -> list[Any]:
    """A plain answer without its sentinel."""
    return [role(index), *(said(each, index) for each in texts or ("Hel", "lo")), finish(reason, index)]


def opens(index: int = 0, identity: str = "call_1", name: str = "get_weather", arguments: str = "") -> dict[str, Any]:
    """The fragment that opens a tool call."""
    function = {"name": name, "arguments": arguments}
    return {"index": index, "id": identity, "type": "function", "function": function}


def more(arguments: str, index: int = 0) -> dict[str, Any]:
    """A fragment with more arguments."""
    return {"index": index, "function": {"arguments": arguments}}


def calls(*fragments: dict[str, Any], reason: str = "tool_calls") -> list[Any]:
    """An answer of tool calls, one fragment a chunk."""
    return [role(), *(chunk({"tool_calls": [each]}) for each in fragments), finish(reason)]


def weather(*pieces: str) -> list[Any]:
    """One tool call with arguments in pieces."""
    return calls(opens(), *(more(each) for each in pieces or ('{"city":', '"Rome"}')))


def counted(chunks: list[Any], usage: Any = USAGE) -> list[Any]:
    """`chunks` as include_usage wants them: null, then the usage chunk."""
    return [*({**each, "usage": None} for each in chunks), {**HEAD, "choices": [], "usage": usage}]


def token(text: str, logprob: float = -0.5, top: int = 0, octets: bytes | None = None) -> dict[str, Any]:
    """One entry of logprobs.content."""
    listed = list(octets if octets is not None else text.encode())
    own = {"token": text, "logprob": logprob, "bytes": listed}
    return {**own, "top_logprobs": [own] * top}


def scored(text: str, *tokens: dict[str, Any]) -> dict[str, Any]:
    """A chunk with content and its logprobs."""
    return chunk({"content": text}, logprobs={"content": list(tokens), "refusal": None})


def stream(events: list[Any], done: bool = True) -> bytes:
    """The bytes of data-only events, with the sentinel."""
    return sse([*((None, each) for each in events), *([(None, DONE)] if done else [])])


def compact(value: Any) -> str:
    """JSON as it goes over the wire."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def case(
    rule: str,
    breaking: list[Any] | bytes,
    twin: list[Any] | bytes,
    *,
    note: str = "",
    twin_request: Any = None,
    **asked: Any,
) -> StreamCase:
    """A case of createChatCompletion; `asked` are members of the request."""
    request = {"model": "model-1", "messages": [], "stream": True, **asked}
    return StreamCase(
        rule,
        "createChatCompletion",
        breaking if isinstance(breaking, bytes) else stream(breaking),
        twin if isinstance(twin, bytes) else stream(twin),
        request,
        twin_request=None if twin_request is None else {**request, **twin_request},
        note=note,
    )


def altered(chunks: list[Any], at: int, **members: Any) -> list[Any]:
    """`chunks` with members of one of them changed."""
    return [{**each, **members} if number == at % len(chunks) else each for number, each in enumerate(chunks)]


def without(chunks: list[Any], at: int, member: str) -> list[Any]:
    """`chunks` without a member of one of them."""
    return [
        {name: value for name, value in each.items() if name != member} if number == at % len(chunks) else each
        for number, each in enumerate(chunks)
    ]


def no_key(value: dict[str, Any], name: str) -> dict[str, Any]:
    """`value` without one member."""
    return {key: each for key, each in value.items() if key != name}
