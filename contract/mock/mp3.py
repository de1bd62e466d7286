"""Silence as MPEG audio frames: MP3 (ISO 11172-3 layer III) and AAC (ADTS, ISO 13818-7)."""

from __future__ import annotations

import math

#: MPEG-1 layer III, no CRC, 64 kbit/s, 32 kHz, one channel: 288 bytes a frame of 1152 samples.
_MP3_HEADER = bytes([0xFF, 0xFB, 0x58, 0xC4])
_MP3_BYTES = 144 * 64_000 // 32_000
_MP3_SECONDS = 1152 / 32_000
#: A raw AAC-LC data block, one channel, all spectra zero: element SCE, global gain, one long window, no bands; END.
_AAC_BLOCK = bytes([0x00, 0xC8, 0x00, 0x80, 0x23, 0x80])
_AAC_SECONDS = 1024 / 24_000
_ADTS_BYTES = 7


def silence(seconds: float) -> bytes:
    """MP3: side information and main data of zeros are frames without any coded sound."""
    frame = _MP3_HEADER + bytes(_MP3_BYTES - len(_MP3_HEADER))
    return frame * max(1, math.ceil(seconds / _MP3_SECONDS))


def aac_silence(seconds: float) -> bytes:
    """AAC in ADTS frames: profile LC, 24 kHz (index 6), one channel."""
    length = _ADTS_BYTES + len(_AAC_BLOCK)
    # 12 bits sync, MPEG-4, layer 0, no CRC; 2 bits profile - 1, 4 bits rate, private, 3 bits channels; then lengths.
    head = 0xFFF1 << 40 | 1 << 38 | 6 << 34 | 1 << 30 | length << 13 | 0x7FF << 2
    return (head.to_bytes(_ADTS_BYTES) + _AAC_BLOCK) * max(1, math.ceil(seconds / _AAC_SECONDS))
