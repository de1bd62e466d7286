"""A bounded memory of ids: what has ended, what was announced, what was seen."""

from __future__ import annotations

from collections import OrderedDict


class Recent:
    """The last ids that were added, at most `limit` of them."""

    def __init__(self, limit: int = 1024) -> None:
        """`limit`: ids that are remembered; the oldest is forgotten first."""
        self._limit = limit
        self._ids: OrderedDict[str, None] = OrderedDict()
        #: True once an id was forgotten: a missing id may then have been there.
        self.forgets = False

    def add(self, identifier: str) -> None:
        """Remember an id."""
        self._ids.setdefault(identifier)
        if len(self._ids) > self._limit:
            self._ids.pop(next(iter(self._ids)))
            self.forgets = True

    def __contains__(self, identifier: object) -> bool:
        """True for an id that is remembered."""
        return identifier in self._ids
