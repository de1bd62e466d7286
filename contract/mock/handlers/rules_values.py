"""Prose rules of values that stand in many bodies: metadata, attributes, chunking strategies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contract.mock.errors import invalid

_PAIRS, _KEY, _VALUE = 16, 64, 512


def check_metadata(body: Mapping[str, Any], at: str = "") -> None:
    """Raise ApiError 400 where `body.metadata` has too much (openapi.yaml:24044); `at` is the body's place."""
    metadata = body.get("metadata") or {}
    place = f"{at}metadata"
    if len(metadata) > _PAIRS:
        raise invalid(f"Invalid '{place}': {len(metadata)} pairs, at most {_PAIRS} are allowed.", place)
    check_keys(metadata, place)
    for key, value in metadata.items():
        if len(value) > _VALUE:
            raise invalid(f"Invalid '{place}.{key}': {len(value)} characters, at most {_VALUE}.", f"{place}.{key}")


def check_keys(pairs: Mapping[str, Any], place: str) -> None:
    """Raise ApiError 400 for a key of more than 64 characters (openapi.yaml:24052, 33974)."""
    for key in pairs:
        if len(key) > _KEY:
            raise invalid(f"Invalid '{place}': the key '{key[:_KEY]}...' is longer than {_KEY} characters.", place)


def check_chunking(strategy: Mapping[str, Any] | None, place: str) -> None:
    """Raise ApiError 400 where neighbours share more than half a chunk (openapi.yaml:32644)."""
    static = (strategy or {}).get("static")
    if static and static["chunk_overlap_tokens"] * 2 > static["max_chunk_size_tokens"]:
        at = f"{place}.static.chunk_overlap_tokens"
        raise invalid(f"Invalid '{at}': it must not exceed half of max_chunk_size_tokens.", at)
