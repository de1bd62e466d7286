"""Event-stream frames as they go over the wire (WHATWG HTML 9.2)."""

from __future__ import annotations

import json
from typing import Any, NamedTuple


class Frame(NamedTuple):
    """One event: `data` is a JSON value, or text that is sent as it stands (`[DONE]`)."""

    data: Any
    event: str | None = None

    def encode(self) -> bytes:
        """The bytes of the event, its empty line included."""
        text = self.data if isinstance(self.data, str) else dumps(self.data)
        return (f"event: {self.event}\ndata: {text}\n\n" if self.event else f"data: {text}\n\n").encode()


#: The sentinel of chat and completions.
DONE = Frame("[DONE]")
#: The sentinel of runs.
NAMED_DONE = Frame("[DONE]", "done")


def sse(data: Any, event: str | None = None) -> Frame:
    """A frame. An object is copied by being written out only when it is sent: give each frame its own."""
    return Frame(data, event)


def dumps(value: Any) -> str:
    """JSON as the server writes it: compact, UTF-8, never NaN."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
