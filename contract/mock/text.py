"""Deterministic words: tokens that add up to their text, sentences from a seed, and simple requests followed.

The tokenizer is ours (a word with its leading space, cut to pieces of eight, or a run of punctuation): what matters
to a client is that tokens concatenate to the text, and counts agree everywhere.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from random import Random

_TOKEN = re.compile(r" ?[^\W_]{1,8}|[^\W_]{1,8}| ?[^\w\s]{1,4}|_{1,8}|\s{1,8}")


def _split(words: str) -> tuple[str, ...]:
    return tuple(words.split())


_WORDS = _split(
    "answer system value model window river garden number station letter signal village morning history picture "
    "engine paper market bridge forest island season writer motion reason circle harbour lantern pocket silver "
    "travel window summer winter method pattern detail record measure surface balance journey café naïve"
)
_VERBS = _split("shows keeps gives follows holds makes needs turns reaches covers joins explains")
_OPENERS = ("In short,", "Put simply,", "As a rule,", "For most readers,", "In practice,", "To begin with,")
_SAYS = r"\b(?:repeat|say|write|print|output|reply|respond|answer)\b"
_FOLLOWED = (
    re.compile(
        rf"""{_SAYS}[^:"'\n]{{0,60}}["“']([^"”\n]+)["”']""",
        re.IGNORECASE,
    ),
    re.compile(rf"{_SAYS}[^:\n]{{0,60}}:\s*(\S[^\n]*)", re.IGNORECASE),
    re.compile(
        r"^\s*(?:say|repeat)\s+(?!something|anything|a\b|an\b|hello to)(\S[^\n?]*)$", re.IGNORECASE | re.MULTILINE
    ),
)
_COUNT = re.compile(r"\bcount\b.*?\b(?:from\s+(\d{1,4})\s+)?(?:up\s+)?to\s+(\d{1,4})", re.IGNORECASE)
_STOP_WORDS = frozenset(
    _split(
        "about after also and are can could describe does for from give have how into its like list make name one "
        "please should some tell than that the then there they this use was were what when where which who why will "
        "with would write you your say"
    )
)
_VOCABULARY = 100_000


@lru_cache(maxsize=4096)
def tokenize(text: str) -> tuple[str, ...]:
    """The tokens of a text; together they are the text."""
    return tuple(_TOKEN.findall(text))


def count(text: str) -> int:
    """How many tokens a text has."""
    return len(tokenize(text))


def token_id(token: str) -> int:
    """The id of a token, below 100,000."""
    return int.from_bytes(hashlib.blake2b(token.encode(errors="replace"), digest_size=4).digest()) % _VOCABULARY


def from_ids(ids: Iterable[int]) -> list[str]:
    """Words that stand for token ids, one token each."""
    return [f" {_WORDS[each % len(_WORDS)]}" for each in ids]


def seed_of(*parts: object) -> Random:
    """A generator that depends on `parts` only."""
    return Random(hashlib.blake2b(repr(parts).encode(errors="replace"), digest_size=8).digest())  # noqa: S311


def compose(prompt: str, chance: Random) -> str:
    """An answer to `prompt`: what it plainly asks to be said, else a few sentences about its subject."""
    return followed(prompt) or essay(prompt, chance)


def followed(prompt: str) -> str | None:
    """What a prompt of the forms `Say "x"`, `Reply with: x`, `Count from 1 to 9` asks for; None for any other."""
    counted = _COUNT.search(prompt)
    if counted:
        first, last = int(counted.group(1) or 1), int(counted.group(2))
        return ", ".join(map(str, range(first, min(last, first + 500) + 1))) or None
    for pattern in _FOLLOWED:
        found = pattern.search(prompt)
        if found:
            return found.group(1).strip()
    return None


def essay(prompt: str, chance: Random) -> str:
    """Two to four sentences that name a subject of the prompt."""
    subjects = [word for word in re.findall(r"[^\W\d_]{4,20}", prompt) if word.lower() not in _STOP_WORDS]
    subject = subjects[-1] if subjects else chance.choice(_WORDS)
    return " ".join(
        _sentence(subject if number == 0 else chance.choice(_WORDS), chance, number == 0)
        for number in range(chance.randint(2, 4))
    )


def _sentence(subject: str, chance: Random, opens: bool) -> str:
    opener = f"{chance.choice(_OPENERS)} the" if opens else "The"
    words = chance.sample(_WORDS, 3)
    tail = f"{chance.choice(_VERBS)} every {words[1]} {words[2]}."
    return f"{opener} {subject} {chance.choice(_VERBS)} the {words[0]} and {tail}"


def words_of(text: str) -> frozenset[str]:
    """The words of a text or name in lower case, without the smallest: `get_current_weather` names the weather."""
    parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[^\W\d_a-zA-Z]+", text)
    return frozenset(word.lower() for word in parts if len(word) > 2) - _STOP_WORDS


def pieces(text: str) -> list[str]:
    """A text cut into what a stream sends: its tokens."""
    return list(tokenize(text))


def cut_at_stop(text: str, stops: Sequence[str]) -> tuple[str, bool]:
    """The text before the first stop sequence, and whether there was one."""
    places = [text.find(stop) for stop in stops if stop and stop in text]
    return (text[: min(places)], True) if places else (text, False)


def cut_at_limit(text: str, limit: int | None) -> tuple[str, bool]:
    """The first `limit` tokens of a text, and whether something was cut off."""
    tokens = tokenize(text)
    if limit is None or len(tokens) <= limit:
        return text, False
    return "".join(tokens[: max(0, limit)]), True
