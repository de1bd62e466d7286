"""The streams of createResponse (ResponseStreamEvent).

Tables (`tables`): the lives of the response, of content parts, arguments, searches, code interpreter calls and audio.
Beside the tables: what compares members with each other (`stream`, `items`, `parts`, `beside`). Each link of the chain
is checked: deltas = text.done = content_part.done = output_item.done = the final output. Rules: `catalogue`.
"""

from __future__ import annotations

from contract.grammar import Surface
from contract.grammars.responses.catalogue import RULES
from contract.grammars.responses.stream import ResponseStream
from contract.grammars.responses.tables import ALPHABET
from contract.schema import Broken

__all__ = ["RULES", "SURFACE"]


def _refine(broken: Broken) -> str | None:
    """RESP-070 for the error event, whose schema has a rule of its own."""
    return "RESP-070" if broken.spec_pointer.startswith("/components/schemas/ResponseErrorEvent/") else None


SURFACE = Surface(
    name="responses",
    alphabet=ALPHABET,
    begin=ResponseStream,
    schema_rule="RESP-001",
    key="type",
    plain="/components/schemas/Response",
    refine=_refine,
)
