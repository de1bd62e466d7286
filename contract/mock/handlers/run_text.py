"""What a run says: the shared engine's answer, with what its tools found, as long as the prompt wants it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from contract.mock import text as texts

_ASKED = re.compile(r"\b(\d{2,5})[\s-]+(?:words?|tokens?)\b", re.IGNORECASE)
_LONG = re.compile(r"\b(long|longest|essay|novel|pages|at length|in (?:great )?detail|detailed)\b", re.IGNORECASE)
_LONG_TOKENS = 800
_MOST_TOKENS = 5000


def lengthened(said: str, prompt: str, chance: Random) -> str:
    """The answer, gone on with until it is as long as the prompt asks for (`300 words`, `a very long story`)."""
    parts, length, least = [said], texts.count(said), wanted(prompt)
    while length < least:
        parts.append(texts.essay(prompt, chance))
        length += texts.count(parts[-1])
    return " ".join(parts)


def wanted(prompt: str) -> int:
    """How many tokens the prompt asks for, 0 where it does not say."""
    if found := _ASKED.search(prompt):
        return min(_MOST_TOKENS, int(found[1]))
    return _LONG_TOKENS if _LONG.search(prompt) else 0


def with_findings(said: str, findings: Sequence[str]) -> str:
    """What the tools found, then the answer."""
    return " ".join([*findings, said])
