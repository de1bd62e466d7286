"""Compressed bodies: several members are one body, whatever else follows the end is none."""

import gzip
import zlib

import pytest

from contract.decoding import BadEncoding, decoder

TEXT = b'{"object": "list"}' * 40


def decoded(encoding: str, raw: bytes, size: int) -> bytes:
    """The body, fed in pieces of that size."""
    one = decoder(encoding, 1_000_000)
    out = b"".join(part for at in range(0, len(raw), size) for part in one.feed(raw[at : at + size]))
    one.close()
    return out


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_members_of_a_gzip_are_one_body(size: int) -> None:
    """RFC 1952 section 2.2: a file consists of a series of members."""
    assert decoded("gzip", gzip.compress(TEXT, mtime=0) + gzip.compress(b"end", mtime=0), size) == TEXT + b"end"
    assert decoded("deflate", zlib.compress(TEXT), size) == TEXT


@pytest.mark.parametrize("size", [1, 7, 10_000])
@pytest.mark.parametrize(
    ("encoding", "raw"),
    [
        ("gzip", gzip.compress(TEXT, mtime=0) + b"<html>"),
        ("gzip", gzip.compress(TEXT, mtime=0) + b"\x1f\x8bno gzip"),
        ("gzip", gzip.compress(TEXT, mtime=0) + gzip.compress(TEXT, mtime=0)[:9]),
        ("deflate", zlib.compress(TEXT) + b"more"),
    ],
)
def test_what_follows_the_end_breaks_a_body(encoding: str, raw: bytes, size: int) -> None:
    """Clients that read on fail on it, so it is told."""
    with pytest.raises(BadEncoding):
        decoded(encoding, raw, size)
