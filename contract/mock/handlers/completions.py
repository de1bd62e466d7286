"""Legacy completions: several prompts, echo, log probabilities, streams (openapi.yaml:3150)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contract.mock import chats
from contract.mock import text as texts
from contract.mock.answers import biased
from contract.mock.kernel import Call, Events, Json, Reply, route
from contract.mock.meter import meter
from contract.mock.streaming import DONE, Frame, sse
from contract.mock.wanted import want

_DEFAULT_LIMIT = 16
_SILENT = frozenset(
    ["stream", "stream_options", "user", "n", "best_of", "stop", "max_tokens", "logprobs", "echo", "prompt"]
)


@dataclass(frozen=True, slots=True)
class Choice:
    """One text: the echoed prompt's tokens, then its own."""

    index: int
    echoed: tuple[str, ...]
    tokens: tuple[str, ...]
    cut: bool

    @property
    def finish_reason(self) -> str:
        """Why it ended."""
        return "length" if self.cut else "stop"


@route("createCompletion")
def create_completion(call: Call) -> Reply:
    """Go on with each prompt."""
    body = call.body
    model = want(call, body["model"], "completions")
    prompts = _prompts(body.get("prompt"))
    n = body.get("n") or 1
    choices = [
        _choice(call, index * n + number, tokens, number) for index, tokens in enumerate(prompts) for number in range(n)
    ]
    head = {
        "id": call.store.new_id("cmpl-"),
        "object": "text_completion",
        "created": call.now,
        "model": model,
        "system_fingerprint": f"fp_{texts.token_id(model):010x}",
    }
    prompt, completion = sum(map(len, prompts)), sum(len(each.tokens) for each in choices)
    usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    meter(call, "completions", model, input_tokens=prompt, output_tokens=completion)
    if body.get("stream"):
        return Events(_frames(body, head, choices, usage))
    return Json({**head, "choices": [_whole(body, each) for each in choices], "usage": usage})


def _prompts(prompt: Any) -> list[tuple[str, ...]]:
    """Each prompt as tokens: a text, several texts, token ids, several lists of ids."""
    if not isinstance(prompt, list):
        return [texts.tokenize("<|endoftext|>" if prompt is None else prompt)]
    if prompt and all(isinstance(each, int) for each in prompt):
        return [tuple(texts.from_ids(prompt))]
    return [tuple(texts.from_ids(each)) if isinstance(each, list) else texts.tokenize(each) for each in prompt]


def _choice(call: Call, index: int, prompt: tuple[str, ...], number: int) -> Choice:
    body = call.body
    limit = body.get("max_tokens")
    limit = _DEFAULT_LIMIT if limit is None else limit
    asked = "".join(prompt)
    said = {name: value for name, value in body.items() if name not in _SILENT}
    chance = texts.seed_of("completion", call.settings.seed, json.dumps(said, sort_keys=True), asked, number)
    text = biased("\n\n" + texts.compose(asked, chance), body.get("logit_bias") or {}, limit)
    text, _ = texts.cut_at_stop(text, chats.stops_of(body))
    text, cut = texts.cut_at_limit(text, limit)
    return Choice(index, prompt if body.get("echo") else (), texts.tokenize(text), cut)


def _whole(body: dict[str, Any], choice: Choice) -> dict[str, Any]:
    return _entry(body, choice, (*choice.echoed, *choice.tokens), 0, 0, choice.finish_reason)


def _entry(
    body: dict[str, Any], choice: Choice, tokens: tuple[str, ...], position: int, offset: int, reason: str | None
) -> dict[str, Any]:
    logprobs = None
    if body.get("logprobs") is not None and tokens:
        entries = [chats.logprob(token, position + index) for index, token in enumerate(tokens)]
        offsets = [offset + sum(map(len, tokens[:index])) for index in range(len(tokens))]
        logprobs = {
            "tokens": list(tokens),
            "token_logprobs": [each["logprob"] for each in entries],
            "top_logprobs": [_top(token, position + index, body["logprobs"]) for index, token in enumerate(tokens)],
            "text_offset": offsets,
        }
    return {"text": "".join(tokens), "index": choice.index, "logprobs": logprobs, "finish_reason": reason}


def _top(token: str, index: int, size: int) -> dict[str, float]:
    """The candidates at a position; the chosen token is always among them (openapi.yaml:18485)."""
    return {each["token"]: each["logprob"] for each in chats.top_logprobs(token, index, max(1, size))}


def _frames(
    body: dict[str, Any], head: dict[str, Any], choices: list[Choice], usage: dict[str, Any]
) -> Iterator[Frame]:
    wants_usage = bool((body.get("stream_options") or {}).get("include_usage"))
    tail: dict[str, Any] = {"usage": None} if wants_usage else {}
    for step in range(max(len(each.echoed) + len(each.tokens) for each in choices) + 1):
        for choice in choices:
            tokens = (*choice.echoed, *choice.tokens)
            if step < len(tokens):
                entry = _entry(body, choice, tokens[step : step + 1], step, sum(map(len, tokens[:step])), None)
            elif step == len(tokens):
                entry = _entry(body, choice, (), step, 0, choice.finish_reason)
            else:
                continue
            yield sse({**head, "choices": [entry], **tail})
    if wants_usage:
        yield sse({**head, "choices": [], "usage": usage})
    yield DONE
