"""What was said in a recording: words with times, segments, and the subtitle formats."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from contract.mock import text as texts

_SECONDS_PER_WORD = 0.4
_WORDS_PER_SEGMENT = 8
_ASSUMED_S = 4.0


@dataclass(frozen=True, slots=True)
class Transcript:
    """Text and length of a recording in seconds."""

    text: str
    duration: float

    @property
    def words(self) -> list[dict[str, Any]]:
        """Each word with its start and end in seconds."""
        found = self.text.split()
        step = self.duration / max(1, len(found))
        return [
            {"word": word.strip(".,"), "start": round(index * step, 2), "end": round((index + 1) * step, 2)}
            for index, word in enumerate(found)
        ]

    def segments(self, temperature: float) -> list[dict[str, Any]]:
        """The text in stretches of a few words."""
        words = self.text.split()
        timed = self.words
        made = []
        for number, start in enumerate(range(0, len(words), _WORDS_PER_SEGMENT)):
            end = min(start + _WORDS_PER_SEGMENT, len(words))
            said = " " + " ".join(words[start:end])
            made.append(
                {
                    "id": number,
                    "seek": int(timed[start]["start"] * 100),
                    "start": timed[start]["start"],
                    "end": timed[end - 1]["end"],
                    "text": said,
                    "tokens": [texts.token_id(token) for token in texts.tokenize(said)],
                    "temperature": temperature,
                    "avg_logprob": -0.25,
                    "compression_ratio": 1.2,
                    "no_speech_prob": 0.01,
                }
            )
        return made

    def srt(self) -> str:
        """SubRip subtitles."""
        blocks = [
            f"{each['id'] + 1}\n{_clock(each['start'], ',')} --> {_clock(each['end'], ',')}\n{each['text'].strip()}\n"
            for each in self.segments(0.0)
        ]
        return "\n".join(blocks) + "\n"

    def vtt(self) -> str:
        """WebVTT subtitles."""
        cues = [
            f"{_clock(each['start'], '.')} --> {_clock(each['end'], '.')}\n{each['text'].strip()}\n"
            for each in self.segments(0.0)
        ]
        return "WEBVTT\n\n" + "\n".join(cues) + "\n"


def transcribe(content: bytes, prompt: str, seed: int) -> Transcript:
    """The transcript of a file: the same bytes always say the same."""
    duration = _duration(content)
    chance = texts.seed_of("transcript", seed, hashlib.sha256(content).hexdigest())
    said = texts.essay(prompt, chance)
    wanted = max(4, int(duration / _SECONDS_PER_WORD))
    words: Sequence[str] = said.split()[:wanted]
    return Transcript(" ".join(words).rstrip(".,") + ".", duration)


def _duration(content: bytes) -> float:
    """Seconds of a WAV file by its header; a guess for the other formats."""
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE" and len(content) >= 44:
        rate = struct.unpack("<I", content[28:32])[0]
        return round(max(0.1, (len(content) - 44) / rate), 2) if rate else _ASSUMED_S
    return _ASSUMED_S


def _clock(seconds: float, point: str) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}{point}{rest % 1000:03}"
