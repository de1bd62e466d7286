"""Secrets that a stream spreads over several events: found in what its texts say together, taken out piece by piece."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from contract.redact import REDACTED, Redactor

Line = dict[str, Any]


def hide(events: list[Line], redactor: Redactor) -> bool:
    """Empty every piece of a secret in the events' lines; True where there was one."""
    texts: dict[str, list[tuple[int, str]]] = {}
    for index, event in enumerate(events):
        for path, piece in _pieces(event):
            texts.setdefault(path, []).append((index, piece))
    found = {part for pieces in texts.values() if len(pieces) > 1 for part in _spread(pieces, redactor)}
    for index, piece in found:
        _empty(events[index], piece)
    return bool(found)


def _pieces(event: Line) -> Iterator[tuple[str, str]]:
    """(place, text) of every text in an event."""
    yield from ((f"({name})", event[name]) for name in ("event", "id") if event.get(name))
    try:
        document = json.loads(event["data"])
    except (ValueError, RecursionError):
        document = event["data"]
    stack = [("", document)]
    while stack:
        path, node = stack.pop()
        if isinstance(node, str) and node:
            yield path, node
        elif isinstance(node, dict):
            stack += [(f"{path}/{name}", each) for name, each in node.items()]
        elif isinstance(node, list):
            stack += [(f"{path}/{index}", each) for index, each in enumerate(node)]


def _spread(pieces: list[tuple[int, str]], redactor: Redactor) -> Iterator[tuple[int, str]]:
    """The pieces that a secret in all of them together touches."""
    spans = list(redactor.spans("".join(piece for _, piece in pieces)))
    at = 0
    for index, piece in pieces:
        end = at + len(piece)
        if any(start < end and stop > at for start, stop in spans):
            yield index, piece
        at = end


def _empty(event: Line, piece: str) -> None:
    for name in ("event", "id"):
        if event.get(name) == piece:
            event[name] = REDACTED
    for quoted in (json.dumps(piece), json.dumps(piece, ensure_ascii=False)):
        event["data"] = event["data"].replace(quoted, json.dumps(REDACTED))
    if any(text == piece for _, text in _pieces(event)):  # spelled in another way
        event["data"] = REDACTED
