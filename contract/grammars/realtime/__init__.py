"""The server events of a Realtime session (RealtimeServerEvent), one JSON object a frame, one frame a line.

Tables (`tables`): how a session opens, and the life of what deltas build. Beside the tables: what compares members and
ids (`session`, `items`). Rules: `catalogue`.
"""

from __future__ import annotations

import re

from contract.grammar import Surface
from contract.grammars.realtime.catalogue import RULES
from contract.grammars.realtime.session import Session
from contract.grammars.realtime.tables import ALPHABET
from contract.schema import Broken

__all__ = ["RULES", "SURFACE"]


#: Two things that servers send and the schemas forbid: disputed, so not reported. Parts of type `audio`
#: (openapi.yaml:27434) stay that in their item, and the first item of a conversation follows none.
_DISPUTED = re.compile(r"/.*/content/\d+/type 'audio'|/previous_item_id null")


def _refine(broken: Broken) -> tuple[()] | None:
    """Nothing is said of what is disputed."""
    return () if _DISPUTED.fullmatch(f"{broken.where} {broken.actual}") else None


SURFACE = Surface(
    name="realtime",
    alphabet=ALPHABET,
    begin=Session,
    schema_rule="RT-001",
    key="type",
    framing="lines",
    refine=_refine,
)
