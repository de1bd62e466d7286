"""The server events of a Realtime session (RealtimeServerEvent), one JSON object a frame, one frame a line.

Tables (`tables`): how a session opens, and the life of what deltas build. Beside the tables: what compares members and
ids (`session`, `items`). Rules: `catalogue`.
"""

from __future__ import annotations

from contract.grammar import Surface
from contract.grammars.realtime.catalogue import RULES
from contract.grammars.realtime.session import Session
from contract.grammars.realtime.tables import ALPHABET
from contract.schema import Broken

__all__ = ["RULES", "SURFACE"]


def _refine(broken: Broken) -> tuple[()] | None:
    """Two things that servers send and the schemas forbid: disputed, so not reported.

    Parts of type `audio` (openapi.yaml:27434) stay that in their item, and the first item of a conversation follows
    none, so that its previous_item_id is null.
    """
    audio = broken.where.endswith("/type") and "/content/" in broken.where and broken.actual in {"audio", "'audio'"}
    first = broken.where == "/previous_item_id" and broken.actual == "null"
    return () if audio or first else None


SURFACE = Surface(
    name="realtime",
    alphabet=ALPHABET,
    begin=Session,
    schema_rule="RT-001",
    key="type",
    framing="lines",
    refine=_refine,
)
