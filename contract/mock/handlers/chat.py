"""Chat completions: what is said, plain and streamed, from the same choices (openapi.yaml:1936)."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contract.mock import chats, media
from contract.mock import text as texts
from contract.mock.answers import SOURCE, Answer, answer
from contract.mock.handlers import chat_store
from contract.mock.kernel import Call, Events, Json, Reply, route
from contract.mock.meter import meter
from contract.mock.streaming import DONE, Frame, sse
from contract.mock.wanted import want

_AUDIO_TOKENS_PER_WORD = 4
_AUDIO_LIFE_S = 3600


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice: an answer with the ids that its calls and its audio got."""

    index: int
    answer: Answer
    call_ids: tuple[str, ...]
    audio: dict[str, Any] | None
    legacy: bool
    searched: bool

    @property
    def finish_reason(self) -> str:
        """Why it ended."""
        if self.answer.cut:
            return "length"
        if self.answer.uses:
            return "function_call" if self.legacy else "tool_calls"
        return "stop"

    def message(self) -> dict[str, Any]:
        """The message, whole."""
        message: dict[str, Any] = {"role": "assistant", "content": self.answer.text, "refusal": self.answer.refusal}
        if self.audio:
            message |= {"content": None, "audio": self.audio}
        if self.answer.uses and self.legacy:
            use = self.answer.uses[0]
            message["function_call"] = {"name": use.name, "arguments": use.arguments}
        elif self.answer.uses:
            message["tool_calls"] = [
                {"id": call_id, "type": "function", "function": {"name": use.name, "arguments": use.arguments}}
                for call_id, use in zip(self.call_ids, self.answer.uses, strict=True)
            ]
        return {**message, "annotations": list(self.annotations())}

    def annotations(self) -> Iterator[dict[str, Any]]:
        """What a web search cites: a source for the whole text."""
        if self.searched and self.answer.text and not self.audio:
            span = {"start_index": 0, "end_index": len(self.answer.text)}
            yield {"type": "url_citation", "url_citation": {**span, **SOURCE}}

    def deltas(self) -> Iterator[dict[str, Any]]:
        """The message in the pieces of a stream, without its role."""
        if self.audio:
            yield from self._audio_deltas()
            return
        name = "content" if self.answer.refusal is None else "refusal"
        for piece in texts.pieces(self.answer.text or self.answer.refusal or ""):
            yield {name: piece}
        if cited := list(self.annotations()):
            yield {"annotations": cited}
        for index, use in enumerate(self.answer.uses):
            first = {"name": use.name, "arguments": ""}
            pieces = ({"arguments": piece} for piece in texts.pieces(use.arguments))
            if self.legacy:
                yield {"function_call": first}
                yield from ({"function_call": piece} for piece in pieces)
            else:
                opened = {"index": index, "id": self.call_ids[index], "type": "function", "function": first}
                yield {"tool_calls": [opened]}
                yield from ({"tool_calls": [{"index": index, "function": piece}]} for piece in pieces)

    def _audio_deltas(self) -> Iterator[dict[str, Any]]:
        audio = self.audio or {}
        yield {"audio": {"id": audio["id"], "transcript": ""}}
        for piece in texts.pieces(audio["transcript"]):
            yield {"audio": {"transcript": piece}}
        for start in range(0, len(audio["data"]), 4000):
            yield {"audio": {"data": audio["data"][start : start + 4000]}}
        yield {"audio": {"expires_at": audio["expires_at"]}}


@route("createChatCompletion")
def create_chat_completion(call: Call) -> Reply:
    """Answer a conversation."""
    body = call.body
    model = want(call, body["model"], "chat")
    ask = chats.ask_of(body, call.settings.seed)
    choices = [_choice(call, index, answer(ask, index)) for index in range(body.get("n") or 1)]
    head = {
        "id": call.store.new_id("chatcmpl-"),
        "created": call.now,
        "model": model,
        "system_fingerprint": f"fp_{texts.token_id(model):010x}",
    }
    if body.get("service_tier"):
        head["service_tier"] = "default"
    usage = _usage(body, choices)
    meter(
        call,
        "completions",
        model,
        input_tokens=usage["prompt_tokens"],
        output_tokens=usage["completion_tokens"],
        input_audio_tokens=usage["prompt_tokens_details"]["audio_tokens"],
        output_audio_tokens=usage["completion_tokens_details"]["audio_tokens"],
    )
    whole = {**head, "object": "chat.completion", "choices": [_entry(body, each) for each in choices], "usage": usage}
    if body.get("store"):
        chat_store.keep(call, whole)
    if body.get("stream"):
        return Events(_frames(body, head, choices, usage))
    return Json(whole)


def _choice(call: Call, index: int, given: Answer) -> Choice:
    ids = tuple(call.store.new_id("call_") for _ in given.uses)
    audio = None
    if given.text and "audio" in (call.body.get("modalities") or ()) and call.body.get("audio"):
        content = media.speech(given.text, call.body["audio"]["format"].replace("pcm16", "pcm"))
        audio = {
            "id": call.store.new_id("audio_"),
            "expires_at": call.now + _AUDIO_LIFE_S,
            "data": base64.b64encode(content).decode(),
            "transcript": given.text,
        }
    searched = call.body.get("web_search_options") is not None
    return Choice(index, given, ids, audio, bool(call.body.get("functions")), searched)


def _logprobs(body: dict[str, Any], given: Answer) -> dict[str, Any] | None:
    if not body.get("logprobs"):
        return None
    size = body.get("top_logprobs") or 0
    return {
        "content": chats.logprobs_of(texts.tokenize(given.text or ""), size) if given.text is not None else None,
        "refusal": chats.logprobs_of(texts.tokenize(given.refusal), size) if given.refusal is not None else None,
    }


def _entry(body: dict[str, Any], choice: Choice) -> dict[str, Any]:
    return {
        "index": choice.index,
        "message": choice.message(),
        "logprobs": _logprobs(body, choice.answer),
        "finish_reason": choice.finish_reason,
    }


def _usage(body: dict[str, Any], choices: list[Choice]) -> dict[str, Any]:
    prompt, audio_in = chats.prompt_tokens(body["messages"], body.get("tools") or body.get("functions") or ())
    completion = sum(each.answer.tokens for each in choices)
    audio_out = sum(each.answer.tokens for each in choices if each.audio)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": audio_in},
        "completion_tokens_details": {
            "reasoning_tokens": sum(each.answer.reasoning for each in choices),
            "audio_tokens": audio_out,
            "accepted_prediction_tokens": _predicted(body, choices),
            "rejected_prediction_tokens": 0,
        },
    }


def _predicted(body: dict[str, Any], choices: list[Choice]) -> int:
    """Tokens of the answers that the request's `prediction` had right."""
    if not body.get("prediction"):
        return 0
    guess = set(texts.tokenize(chats.content_text(body["prediction"].get("content"))))
    return sum(token in guess for each in choices for token in texts.tokenize(each.answer.text or ""))


def _frames(
    body: dict[str, Any], head: dict[str, Any], choices: list[Choice], usage: dict[str, Any]
) -> Iterator[Frame]:
    head = {**head, "object": "chat.completion.chunk"}
    wants_usage = bool((body.get("stream_options") or {}).get("include_usage"))
    tail: dict[str, Any] = {"usage": None} if wants_usage else {}
    for entry in _interleaved([list(_entries(body, each)) for each in choices]):
        yield sse({**head, "choices": [entry], **tail})
    if wants_usage:
        yield sse({**head, "choices": [], "usage": usage})
    yield DONE


def _interleaved(streams: list[list[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    """One piece of every choice in turn, as choices are generated side by side."""
    for step in range(max(len(each) for each in streams)):
        for stream in streams:
            if step < len(stream):
                yield stream[step]


def _entries(body: dict[str, Any], choice: Choice) -> Iterator[dict[str, Any]]:
    refused = choice.answer.refusal is not None
    opening = {"role": "assistant", "content": None if choice.answer.uses or choice.audio else "", "refusal": None}
    yield _delta(choice, opening, None)
    told = _logprobs(body, choice.answer)
    entries = (told or {}).get("refusal" if refused else "content") or []
    for number, delta in enumerate(choice.deltas()):
        place = "refusal" if refused else "content"
        shown = {"content": None, "refusal": None, place: [entries[number]]} if number < len(entries) else None
        yield _delta(choice, delta, shown)
    yield {"index": choice.index, "delta": {}, "logprobs": None, "finish_reason": choice.finish_reason}


def _delta(choice: Choice, delta: dict[str, Any], logprobs: dict[str, Any] | None) -> dict[str, Any]:
    return {"index": choice.index, "delta": delta, "logprobs": logprobs, "finish_reason": None}
