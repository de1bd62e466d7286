"""`{"error": ...}` inside a stream: no stream schema covers it, SDKs raise (ErrorResponse, openapi.yaml:21231)."""

from __future__ import annotations

from typing import Any

from contract.grammar import Context

ERROR_RESPONSE = "/components/schemas/ErrorResponse"


def is_error(value: dict[str, Any]) -> bool:
    """True for an object that tells a failure instead of being an event of its surface."""
    return bool(value.get("error")) and "choices" not in value and "delta" not in value


def well_formed(context: Context, value: dict[str, Any]) -> bool:
    """True where `value` has the shape of ErrorResponse."""
    return context.spec.schemas.is_valid(ERROR_RESPONSE, value)
