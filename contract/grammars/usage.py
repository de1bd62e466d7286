"""CompletionUsage, as chat and completions share it (openapi.yaml:16946)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def wrong_sum(usage: Mapping[str, Any]) -> str | None:
    """Why total_tokens is not the sum, None where it is (openapi.yaml:16961) or members are missing."""
    prompt, completion, total = (usage.get(f"{part}_tokens") for part in ("prompt", "completion", "total"))
    if prompt is None or completion is None or total is None or prompt + completion == total:
        return None
    return f"{prompt} + {completion} is {prompt + completion}, total_tokens says {total}"


def wrong_details(usage: Mapping[str, Any]) -> str | None:
    """The first detail that is negative or above its total, None where all fit (openapi.yaml:16967)."""
    return next(_wrong_details(usage), None)


def _wrong_details(usage: Mapping[str, Any]) -> Iterator[str]:
    for side in ("prompt", "completion", "total"):
        total = usage.get(f"{side}_tokens")
        details = _numbers(usage.get(f"{side}_tokens_details"))
        for name, count in {f"{side}_tokens": total, **details}.items():
            if count is not None and count < 0:
                yield f"{name} is {count}"
        parts = [sum(details.values())] if side == "completion" else list(details.values())
        if total is not None and any(part > total for part in parts):
            yield f"{side} details {details} exceed {side}_tokens {total}"


def _numbers(details: Any) -> dict[str, int]:
    if not isinstance(details, Mapping):
        return {}
    return {name: count for name, count in details.items() if isinstance(count, int) and not isinstance(count, bool)}
