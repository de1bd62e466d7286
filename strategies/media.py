"""Real bytes for file parts: PNG, WAV, JSONL and text, small and the same in every run."""

from __future__ import annotations

import io
import json
import struct
import wave
import zlib
from collections.abc import Callable
from typing import Any

from contract.draft import Upload

#: Side of the square images in pixels: the smallest size that the images API names (openapi.yaml:19157).
SIDE = 256
#: What `part` holds; uploads are declared with this many bytes.
PART = b"Contract tests send this text in one part of an upload.\n".ljust(64, b".")


def png(side: int = SIDE, width: int | None = None) -> bytes:
    """A square (or `width` pixels wide) RGBA image with transparent pixels (PNG, W3C 2003; colour type 6)."""
    wide = width or side
    row = b"\0" + b"\x20\x80\xc0\xff" * (wide // 2) + b"\0\0\0\0" * (wide - wide // 2)
    header = struct.pack(">IIBBBBB", wide, side, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(row * side, 9))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def wav(seconds: float = 0.5, rate: int = 8000) -> bytes:
    """Mono 16-bit PCM: a quiet triangle wave, so that it is not mere silence."""
    period = rate // 200
    samples = (abs(index % period - period // 2) * 40 for index in range(int(seconds * rate)))
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"".join(struct.pack("<h", each) for each in samples))
    return target.getvalue()


def jsonl(lines: list[dict[str, Any]]) -> bytes:
    """One JSON value a line."""
    return b"".join(json.dumps(each).encode() + b"\n" for each in lines)


def batch_lines(model: str) -> bytes:
    """Two chat requests as the Batch API wants them (openapi.yaml:15606)."""
    body = {"model": model, "messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 16}
    return jsonl(
        [
            {"custom_id": f"request-{number}", "method": "POST", "url": "/v1/chat/completions", "body": body}
            for number in (1, 2)
        ]
    )


def training_lines() -> bytes:
    """Ten conversations, the least that fine-tuning takes (fine-tuning guide, "Example count recommendations")."""
    return jsonl(
        [
            {
                "messages": [
                    {"role": "user", "content": f"What is {number} plus 1?"},
                    {"role": "assistant", "content": str(number + 1)},
                ]
            }
            for number in range(10)
        ]
    )


TEXT = b"Contract tests compare what an API says with what it does.\nThe capital of France is Paris.\n"

_UPLOADS: dict[str, Callable[[], Upload]] = {
    "png": lambda: Upload("square.png", png(), "image/png"),
    "wide-png": lambda: Upload("wide.png", png(width=2 * SIDE), "image/png"),
    "wav": lambda: Upload("speech.wav", wav(), "audio/wav"),
    "text": lambda: Upload("notes.txt", TEXT, "text/plain"),
    "fine-tune": lambda: Upload("training.jsonl", training_lines(), "application/jsonl"),
    "part": lambda: Upload("part.bin", PART, "application/octet-stream"),
}


def upload(name: str, model: Callable[[], str]) -> Upload:
    """The file part called `name`; `model` is asked only for batch input, whose lines name a model."""
    if name == "batch":
        return Upload("batch.jsonl", batch_lines(model()), "application/jsonl")
    return _UPLOADS[name]()
