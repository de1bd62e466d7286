"""Who may ask: a bearer token (RFC 6750), any that is not empty unless the server was given keys."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from contract.mock.errors import ApiError
from contract.mock.kernel import Settings
from contract.operation import Operation


def token(headers: Mapping[str, str], operation: Operation, settings: Settings) -> str:
    """The bearer token of a request. Raises ApiError (401) where it is missing or not the one wanted."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    given = given.strip()
    if scheme.lower() != "bearer" or not given:
        raise ApiError(401, "You didn't provide an API key: send it as `Authorization: Bearer YOUR_KEY`.")
    wanted = settings.admin_key or settings.key if operation.admin else settings.key
    if wanted is not None and not hmac.compare_digest(given.encode(errors="replace"), wanted.encode()):
        raise ApiError(401, "Incorrect API key provided.", code="invalid_api_key")
    return given
