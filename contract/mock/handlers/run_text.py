"""What a run says: deterministic text, JSON and arguments. Pure; a token is a word with the space before it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from contract.mock.handlers.run_values import instance

_PROSE = (
    "the answer comes step by step and every part of it follows from what was asked before while we look at each "
    "point in turn then gather what we found and say it again in plain words so that a reader can check it"
)
_WORDS = _PROSE.split()
_ASKED = re.compile(r"\b(\d{2,5})[\s-]+(?:words?|tokens?)\b|\bcount\b.*?\bto (\d{2,5})\b", re.IGNORECASE | re.DOTALL)
_LONG = re.compile(r"\b(essay|very long|as long as|long story|at length|in great detail)\b", re.IGNORECASE)
_OPENINGS = ("You said", "I read", "You asked", "Your message was")
_LONG_WORDS = 600
_MOST_WORDS = 5000
_EXCERPT = 160


def tokens(text: str) -> list[str]:
    """The pieces of a text; joined they are the text again."""
    return re.findall(r"\s*\S+|\s+$", text)


def count(text: str) -> int:
    """How many tokens a text has."""
    return len(tokens(text))


def reply(prompt: str, findings: Sequence[str], rng: Random) -> str:
    """An answer that repeats what was asked, tells the findings, and is as long as the prompt wants it."""
    asked = " ".join(prompt.split())
    excerpt = asked if len(asked) <= _EXCERPT else f"{asked[:_EXCERPT]}..."
    text = " ".join([f'{rng.choice(_OPENINGS)}: "{excerpt}".', *findings] if asked else ["Hello!", *findings])
    return " ".join([text, *_filling(wanted(prompt) - count(text), rng)])


def wanted(prompt: str) -> int:
    """How many words the prompt asks for, 0 where it does not say."""
    if found := _ASKED.search(prompt):
        return min(_MOST_WORDS, int(found[1] or found[2]))
    return _LONG_WORDS if _LONG.search(prompt) else 0


def _filling(length: int, rng: Random) -> list[str]:
    return [rng.choice(_WORDS) for _ in range(max(0, length))]


def formatted(text: str, response_format: Any, rng: Random) -> str:
    """The answer in the format asked for: as it is, wrapped into an object, or made from the JSON schema."""
    kind = response_format["type"] if isinstance(response_format, Mapping) else "text"
    if kind == "json_object":
        return json.dumps({"answer": text}, ensure_ascii=False)
    if kind == "json_schema":
        return json.dumps(instance(response_format["json_schema"].get("schema") or {}, rng, text), ensure_ascii=False)
    return text


def arguments(function: Mapping[str, Any], prompt: str, rng: Random) -> str:
    """Arguments for a call, JSON text that fits the function's parameters."""
    made = instance({"type": "object", **(function.get("parameters") or {})}, rng, " ".join(prompt.split())[:40])
    return json.dumps(made, ensure_ascii=False)
