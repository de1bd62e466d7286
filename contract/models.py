"""Which of a target's models to ask for what: by `--model`, else by the names it lists."""

from __future__ import annotations

import re
from collections.abc import Sequence

#: Capability -> patterns, the most telling first. Names are those of the original's models; a compatible server
#: that uses none of them gets its first listed model for text, and `--model CAPABILITY=NAME` for anything else.
_PATTERNS: dict[str, tuple[str, ...]] = {
    "chat": (r"^gpt-4o-mini$", r"^gpt-4o$", r"^gpt-4\.?\d*", r"^gpt-3\.5-turbo(?!-instruct)"),
    "responses": (r"^gpt-4o-mini$", r"^gpt-4o$", r"^gpt-4"),
    "assistants": (r"^gpt-4o-mini$", r"^gpt-4o$", r"^gpt-4"),
    "reasoning": (r"^o3-mini$", r"^o\d(-mini)?$", r"^o\d"),
    "chat-audio": (r"^gpt-4o-audio-preview$", r"gpt-4o.*audio"),
    "completions": (r"^gpt-3\.5-turbo-instruct$", r"^davinci-002$", r"^babbage-002$"),
    "embeddings": (r"^text-embedding-3-small$", r"^text-embedding-3", r"embed"),
    "moderation": (r"^omni-moderation-latest$", r"moderation"),
    "transcription": (r"^whisper-1$", r"whisper", r"transcribe"),
    "transcription-stream": (r"^gpt-4o-mini-transcribe$", r"^gpt-4o-transcribe$"),
    "translation": (r"^whisper-1$", r"whisper"),
    "speech": (r"^gpt-4o-mini-tts$", r"^tts-1$", r"tts"),
    "image": (r"^dall-e-2$", r"^dall-e", r"image"),
    "image-3": (r"^dall-e-3$",),
    "image-edit": (r"^dall-e-2$",),
    "realtime": (r"^gpt-4o-realtime-preview$", r"realtime"),
    "fine-tuning": (r"^gpt-4o-mini-2024-07-18$", r"^gpt-4o-mini$", r"^gpt-3\.5-turbo$", r"^davinci-002$"),
}
#: Capabilities that any text model of a compatible server is taken to have.
_TEXT = frozenset({"chat", "responses", "assistants", "completions"})
_SPECIAL = re.compile(r"embed|whisper|tts|dall-e|moderation|transcribe|realtime|audio|image|rerank|^ft:|instruct$")


def choose(capability: str, listed: Sequence[str], wanted: Sequence[str] = ()) -> str | None:
    """The model for a capability, None where the target lists none for it. `wanted`: what `--model` says."""
    told = _by_capability(wanted)
    if capability in told or (capability in _TEXT and "" in told):
        return told[capability if capability in told else ""]
    for pattern in _PATTERNS.get(capability, ()):
        for name in listed:
            if re.search(pattern, name):
                return name
    if capability in _TEXT:
        plain = [name for name in listed if not _SPECIAL.search(name)]
        return next(iter(plain), None) or next(iter(listed), None)
    return None


def named(wanted: Sequence[str]) -> frozenset[str]:
    """The models that `--model` names, for whatever."""
    return frozenset(_by_capability(wanted).values())


def _by_capability(wanted: Sequence[str]) -> dict[str, str]:
    """Capability -> model; the model for all text stands under "". A name may hold `=` itself."""
    found: dict[str, str] = {}
    for each in wanted:
        capability, _, name = each.partition("=")
        found.update({capability: name} if capability in _PATTERNS else {"": each})
    return found
