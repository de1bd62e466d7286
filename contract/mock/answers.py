"""What the model says: text, a refusal, JSON or tool calls, from what chat, responses and runs share of a request.

Deterministic: the same `Ask` gives the same `Answer`, streamed or not. Markers in the prompt bring about what a real
model would do by itself: `[refuse]` a refusal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from contract.mock import text as texts
from contract.mock.errors import invalid
from contract.mock.instance import NoInstanceError, instance

#: What a web search cites.
SOURCE = {"url": "https://example.com/source", "title": "Source"}
REFUSAL_MARKER = "[refuse]"
REFUSAL = "I'm sorry, but I can't help with that request."
_SEVERAL = re.compile(r"\b(both|each|all|every|several|parallel|twice|two|three)\b", re.IGNORECASE)
_ASKS_FOR_TOOL = re.compile(r"\b(tools?|functions?|call)\b", re.IGNORECASE)
_PLACE = re.compile(r"\b(?:in|for|at|to|of|and)\s+([A-Z][\w'-]+(?:\s+[A-Z][\w'-]+)*)")
_TRIES = 10
#: Tokens of an answer that a bias of 100 keeps going: without a limit, and at most.
_RAMBLING, _LONGEST = 16, 1000


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the model may call; `parameters` is a JSON Schema."""

    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    description: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """What decides an answer.

    `choice` is `none`, `auto`, `required` or a function's name after `=`; `answered` says that the last turn is a
    tool's output; `schema` asks for JSON ({} for any object); `limit` counts output tokens, reasoning included.
    """

    prompt: str
    seed: tuple[object, ...]
    tools: Sequence[Tool] = ()
    choice: str = "auto"
    parallel: bool = True
    answered: bool = False
    schema: Mapping[str, Any] | None = None
    limit: int | None = None
    stops: Sequence[str] = ()
    bias: Mapping[str, int] = field(default_factory=dict)
    reasoning: int = 0


@dataclass(frozen=True, slots=True)
class ToolUse:
    """One call of a function; `arguments` is JSON text, cut off where the limit cut it."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. Exactly one of text, refusal and uses carries it; `cut` says that the token limit ended it."""

    text: str | None = None
    refusal: str | None = None
    uses: tuple[ToolUse, ...] = ()
    cut: bool = False
    tokens: int = 0
    reasoning: int = 0


def answer(ask: Ask, index: int = 0) -> Answer:
    """The answer number `index` to a request. Raises ApiError (400) for a schema that no JSON can satisfy."""
    chance = texts.seed_of(*ask.seed, index)
    reasoning = ask.reasoning if ask.limit is None else min(ask.reasoning, ask.limit)
    limit = None if ask.limit is None else ask.limit - reasoning
    if REFUSAL_MARKER in ask.prompt:
        refusal, cut = texts.cut_at_limit(REFUSAL, limit)
        return Answer(None, refusal, (), cut, texts.count(refusal) + reasoning, reasoning)
    called = _called(ask)
    if called:
        return _calls(ask, called, chance, limit, reasoning)
    said, cut = _said(ask, chance, limit)
    return Answer(said, None, (), cut, texts.count(said) + reasoning, reasoning)


def _said(ask: Ask, chance: Random, limit: int | None) -> tuple[str, bool]:
    if ask.schema is not None:
        said, stopped = _json(ask, chance)
        said, cut = texts.cut_at_limit(said, limit)
        # A JSON text that a stop sequence cut is no whole one: only `length` says so.
        return said, cut or stopped
    said = biased(texts.compose(ask.prompt, chance), ask.bias, limit)
    said, _ = texts.cut_at_stop(said, ask.stops)
    return texts.cut_at_limit(said, limit)


def _json(ask: Ask, chance: Random) -> tuple[str, bool]:
    """JSON without a stop sequence if some can be found."""
    said = ""
    for _ in range(_TRIES if ask.stops else 1):
        said = json.dumps(_value(ask.schema or {}, ask.prompt, chance, "response_format"), ensure_ascii=False)
        if not any(stop and stop in said for stop in ask.stops):
            return said, False
    return texts.cut_at_stop(said, ask.stops)


def _value(schema: Mapping[str, Any], prompt: str, chance: Random, param: str) -> Any:
    words = sorted(texts.words_of(prompt)) or ["answer"]
    if not schema:
        return {"answer": " ".join(words[:5])}
    places = _PLACE.findall(prompt)
    try:
        return instance(dict(schema), chance, places or words)
    except NoInstanceError as error:
        raise invalid(f"Invalid schema for '{param}': {error}.", param, "invalid_schema") from None


def biased(said: str, bias: Mapping[str, int], limit: int | None) -> str:
    """`logit_bias` at its ends: -100 bans a token, 100 makes it the only one."""
    if not bias:
        return said
    forced = [int(token) for token, value in bias.items() if value >= 100]
    if forced:
        size = min(_RAMBLING if limit is None else limit, _LONGEST)
        return "".join(texts.from_ids((forced * size)[:size])).strip()
    banned = {int(token) for token, value in bias.items() if value <= -100}
    return "".join(token for token in texts.tokenize(said) if texts.token_id(token) not in banned)


def _called(ask: Ask) -> list[Tool]:
    """The functions that this answer calls: as `tool_choice` says, with `auto` those that the prompt is about."""
    if ask.choice == "none" or not ask.tools:
        return []
    if ask.choice.startswith("="):
        return [tool for tool in ask.tools if tool.name == ask.choice[1:]][:1]
    if ask.answered and ask.choice == "auto":
        return []
    wanted = texts.words_of(ask.prompt)
    fitting = [tool for tool in ask.tools if wanted & (texts.words_of(tool.name) | texts.words_of(tool.description))]
    if not fitting and (ask.choice == "required" or _ASKS_FOR_TOOL.search(ask.prompt)):
        fitting = list(ask.tools) if _SEVERAL.search(ask.prompt) else list(ask.tools[:1])
    if not ask.parallel:
        return fitting[:1]
    places = len(set(_PLACE.findall(ask.prompt)))
    if len(fitting) == 1 and (places > 1 or _SEVERAL.search(ask.prompt)):
        return fitting * max(2, min(places, 4))
    return fitting


def _calls(ask: Ask, tools: Sequence[Tool], chance: Random, limit: int | None, reasoning: int) -> Answer:
    uses: list[ToolUse] = []
    spent, cut = 0, False
    places = list(dict.fromkeys(_PLACE.findall(ask.prompt)))
    for number, tool in enumerate(tools):
        # With several calls of one function each has a place of its own.
        subject = f"in {places[number % len(places)]}" if places else ask.prompt
        value = _value(tool.parameters, subject, chance, f"tools[{tool.name}].parameters") if tool.parameters else {}
        left = None if limit is None else limit - spent
        if left is not None and left < 1:
            cut = True
            break
        name_cost = texts.count(tool.name)
        body, cut = texts.cut_at_limit(
            json.dumps(value, ensure_ascii=False), None if left is None else max(0, left - name_cost)
        )
        uses.append(ToolUse(tool.name, body))
        spent += min(texts.count(body) + name_cost, left if left is not None else 1 << 30)
        if cut:
            break
    if not uses:
        return Answer("", None, (), True, reasoning, reasoning)
    return Answer(None, None, tuple(uses), cut, spent + reasoning, reasoning)
