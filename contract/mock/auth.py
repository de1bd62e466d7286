"""Who may ask: a bearer token (RFC 6750), any that is not empty unless the server was given keys."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from contract.mock.errors import ApiError
from contract.mock.kernel import Settings
from contract.operation import Operation, Safety


def token(headers: Mapping[str, str], operation: Operation, settings: Settings) -> str:
    """The bearer token of a request. Raises ApiError (401) where it is missing or not the one wanted."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    given = given.strip()
    if scheme.lower() != "bearer" or not given:
        raise ApiError(401, "You didn't provide an API key: send it as `Authorization: Bearer YOUR_KEY`.")
    wanted = _wanted(operation, settings)
    if wanted and not any(hmac.compare_digest(given.encode(errors="replace"), each.encode()) for each in wanted):
        raise ApiError(401, "Incorrect API key provided.", code="invalid_api_key")
    return given


def _wanted(operation: Operation, settings: Settings) -> set[str]:
    """The keys that open an operation, none where any does. Checkpoint permissions take both: their summaries ask for
    an admin key (openapi.yaml:3752), their examples send the other.
    """
    if operation.admin:
        keys = {settings.admin_key or settings.key}
    elif operation.safety is Safety.ADMIN:
        keys = {settings.key, settings.admin_key} if settings.key else {None}
    else:
        keys = {settings.key}
    return {key for key in keys if key is not None}
