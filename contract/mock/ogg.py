"""Silence as Opus in Ogg pages (RFC 7845, RFC 3533, RFC 6716)."""

from __future__ import annotations

import math
import struct

_SERIAL = 0x0C0417AC
#: A packet of 20 ms of silence: table-of-contents byte (CELT, full band, one channel), then two bytes.
_SILENCE = bytes([0xF8, 0xFF, 0xFE])
_PACKET_SAMPLES = 960
_RATE = 48_000
_PRE_SKIP = 312
_PACKETS_A_PAGE = 50


def opus_silence(seconds: float) -> bytes:
    """An Ogg Opus file: identification, comments and pages of silence."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, _PRE_SKIP, _RATE, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", 8) + b"contract" + struct.pack("<I", 0)
    packets = max(1, math.ceil((seconds * _RATE + _PRE_SKIP) / _PACKET_SAMPLES))
    pages = [_page(0, 0, 2, [head]), _page(1, 0, 0, [tags])]
    for start in range(0, packets, _PACKETS_A_PAGE):
        size = min(_PACKETS_A_PAGE, packets - start)
        last = start + size == packets
        pages.append(_page(len(pages), (start + size) * _PACKET_SAMPLES, 4 if last else 0, [_SILENCE] * size))
    return b"".join(pages)


def _page(number: int, position: int, flags: int, packets: list[bytes]) -> bytes:
    head = struct.pack("<4sBBqIII", b"OggS", 0, flags, position, _SERIAL, number, 0)
    body = b"".join(packets)
    page = head + bytes([len(packets)]) + bytes(len(each) for each in packets) + body
    return page[:22] + struct.pack("<I", _crc(page)) + page[26:]


def _crc(content: bytes) -> int:
    """The checksum of RFC 3533: polynomial 0x04C11DB7, nothing inverted."""
    value = 0
    for byte in content:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ 0x04C11DB7) & 0xFFFFFFFF if value & 0x80000000 else value << 1 & 0xFFFFFFFF
    return value
