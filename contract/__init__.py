"""Contract tests for the OpenAI API and for every server that claims to speak it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contract.streams import judge_stream as judge_stream

__all__ = ["judge_stream"]


def __getattr__(name: str) -> Any:
    """Load what is re-exported on first use: `contract --help` needs none of it."""
    if name == "judge_stream":
        from contract.streams import judge_stream

        return judge_stream
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
