"""Watching a growing text for the stop sequences of a request, in memory bounded by the longest of them."""

from __future__ import annotations


class StopWatch:
    """Fed with deltas; `found` holds the first stop sequence that the text contains (openapi.yaml:32684)."""

    __slots__ = ("_longest", "_stops", "_tail", "found")

    def __init__(self, stops: tuple[str, ...]) -> None:
        """`stops`: one sequence or more, none of them empty."""
        self._stops = stops
        self._longest = max(map(len, stops))
        self._tail = ""
        self.found: str | None = None

    def add(self, piece: str) -> bool:
        """True where `piece` completes the first stop sequence of the text."""
        if self.found is not None:
            return False
        window = self._tail + piece
        self.found = next((each for each in self._stops if each in window), None)
        self._tail = window[-self._longest :]
        return self.found is not None
