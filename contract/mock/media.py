"""Real bytes: PNG images of any size, sound in every format that the spec names."""

from __future__ import annotations

import math
import struct
import zlib
from functools import lru_cache

from contract.mock import mp3, ogg

#: Samples a second, one channel, 16 bits: what the original sends as `pcm`.
RATE = 24_000
_SECONDS_PER_WORD = 0.06
_LONGEST_S = 6.0


@lru_cache(maxsize=32)
def png(width: int, height: int, colour: int = 0x3A7BD5, alpha: bool = False) -> bytes:
    """A PNG of one colour with a darker band, `width` by `height` pixels, RGB or with an alpha channel."""
    channels = bytes([colour >> 16 & 255, colour >> 8 & 255, colour & 255])
    pixel = channels + (b"\x80" if alpha else b"")
    dark = bytes(each // 2 for each in channels) + (b"\x00" if alpha else b"")
    rows = b"".join(b"\x00" + (dark if height // 3 <= row < height // 2 else pixel) * width for row in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 6 if alpha else 2, 0, 0, 0)
    chunks = (_chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(rows, 9)), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_size(content: bytes) -> tuple[int, int, bool] | None:
    """Width, height and whether it has transparency, from a PNG's header; None for anything else."""
    if content[:8] != b"\x89PNG\r\n\x1a\n" or content[12:16] != b"IHDR" or len(content) < 29:
        return None
    width, height, _, colour_type = struct.unpack(">IIBB", content[16:26])
    return width, height, colour_type in {4, 6} or b"tRNS" in content


def seconds_of(text: str, speed: float = 1.0) -> float:
    """How long a text takes to be spoken here: short, so that answers stay small."""
    return min(_LONGEST_S, max(0.1, len(text.split()) * _SECONDS_PER_WORD / speed))


@lru_cache(maxsize=64)
def pcm(seconds: float, pitch: int = 220) -> bytes:
    """A tone as 16-bit little-endian samples, one channel."""
    period = [int(8000 * math.sin(2 * math.pi * index * pitch / RATE)) for index in range(RATE // 20)]
    chunk = struct.pack(f"<{len(period)}h", *period)
    wanted = int(seconds * RATE) * 2
    return (chunk * (wanted // len(chunk) + 1))[:wanted]


def wav(samples: bytes) -> bytes:
    """Samples in a RIFF/WAVE file."""
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, RATE * 2, 2, 16)
    body = b"WAVE" + head + struct.pack("<4sI", b"data", len(samples)) + samples
    return struct.pack("<4sI", b"RIFF", len(body)) + body


#: Format -> media type of `POST /audio/speech`.
MEDIA_TYPES = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}


def speech(text: str, kind: str, voice: str = "alloy", speed: float = 1.0) -> bytes:
    """Sound for a text in a format of `MEDIA_TYPES`: a tone as high as the voice, as long as the text."""
    seconds = seconds_of(text, speed)
    if kind in {"wav", "pcm"}:
        samples = pcm(seconds, 160 + sum(voice.encode()) % 120)
        return wav(samples) if kind == "wav" else samples
    makers = {"mp3": mp3.silence, "opus": ogg.opus_silence, "aac": mp3.aac_silence, "flac": flac_silence}
    return makers[kind](seconds)


def flac_silence(seconds: float) -> bytes:
    """Silence as FLAC (RFC 9639): stream information and frames with a constant subframe."""
    block = 4096
    frames = max(1, math.ceil(seconds * RATE / block))
    info = struct.pack(">HH", block, block) + bytes(6)
    # 20 bits rate, 3 bits channels - 1, 5 bits depth - 1, 36 bits samples.
    info += (RATE << 44 | 0 << 41 | 15 << 36 | frames * block).to_bytes(8) + bytes(16)
    return b"fLaC" + b"\x80" + len(info).to_bytes(3) + info + b"".join(_flac_frame(index) for index in range(frames))


def _flac_frame(index: int) -> bytes:
    # Sync, fixed blocks; 4096 samples, 24 kHz; one channel, 16 bits; the frame's number as in UTF-8.
    head = bytes([0xFF, 0xF8, 0xC7, 0x08]) + chr(index).encode()
    head += bytes([_crc(head, 0x07, 8)])
    frame = head + bytes([0x00, 0x00, 0x00])  # one constant subframe: the sample 0
    return frame + _crc(frame, 0x8005, 16).to_bytes(2)


def _crc(content: bytes, polynomial: int, width: int) -> int:
    value, top, mask = 0, 1 << width - 1, (1 << width) - 1
    for byte in content:
        value ^= byte << width - 8
        for _ in range(8):
            value = (value << 1 ^ polynomial) & mask if value & top else value << 1 & mask
    return value
