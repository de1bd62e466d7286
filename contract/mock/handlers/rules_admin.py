"""Prose rules of fine-tuning jobs, checked before anything is made."""

from __future__ import annotations

from typing import Final

from contract.mock.errors import invalid
from contract.mock.handlers.rules_values import check_metadata
from contract.mock.kernel import Call, rule

#: "At most 5" stands in the answer's schema only (openapi.yaml:22001): more could not be told.
_INTEGRATIONS: Final = 5


@rule("createFineTuningJob")
def job_can_be_told(call: Call) -> None:
    """Metadata has at most sixteen pairs (openapi.yaml:24044), integrations are at most five."""
    check_metadata(call.body)
    if len(call.body.get("integrations") or ()) > _INTEGRATIONS:
        raise invalid(f"Invalid 'integrations': at most {_INTEGRATIONS} are allowed.", "integrations")
