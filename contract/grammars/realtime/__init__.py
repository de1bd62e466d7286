"""The server events of a Realtime session (RealtimeServerEvent), one JSON object a frame, one frame a line.

Tables (`tables`): how a session opens, and the life of what deltas build. Beside the tables: what compares members and
ids (`session`, `items`). Rules: `catalogue`.
"""

from __future__ import annotations

from contract.grammar import Surface
from contract.grammars.realtime.catalogue import RULES
from contract.grammars.realtime.session import Session
from contract.grammars.realtime.tables import ALPHABET

__all__ = ["RULES", "SURFACE"]

SURFACE = Surface(name="realtime", alphabet=ALPHABET, begin=Session, schema_rule="RT-001", key="type", framing="lines")
