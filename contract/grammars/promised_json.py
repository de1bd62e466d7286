"""Texts that were promised to be JSON, and to match a schema of the request."""

from __future__ import annotations

import json
from typing import Any


def flaw(text: str, schema: Any = None) -> str | None:
    """Why `text` is no JSON or does not match `schema` (a JSON Schema of the request), None where all is well.

    A schema that is broken itself promises nothing. Nothing is fetched for its `$ref`s.
    """
    try:
        value = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        return f"no JSON: {error}"
    if not isinstance(schema, dict):
        return None
    import jsonschema_rs

    try:
        validator = jsonschema_rs.validator_for(schema, offline=True)
    except (ValueError, jsonschema_rs.ReferencingError):
        return None
    try:
        broken = next(iter(validator.iter_errors(value)), None)
    except (ValueError, jsonschema_rs.ReferencingError):
        return None
    return None if broken is None else f"against the schema: {broken.message}"


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
