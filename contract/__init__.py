"""Contract tests for the OpenAI API and for every server that claims to speak it.

From Python: `contract.judge_stream(operation_id, request, status, content_type, body)` judges one recorded stream.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contract.streams import judge_stream as judge_stream

__all__ = ["judge_stream"]


def __getattr__(name: str) -> Any:
    """`judge_stream` on first use: importing the package alone stays cheap."""
    if name == "judge_stream":
        from contract.streams import judge_stream

        return judge_stream
    raise AttributeError(f"module 'contract' has no attribute {name!r}")
