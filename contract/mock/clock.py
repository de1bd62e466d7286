"""Time as the server sees it: wall-clock seconds that never go back."""

from __future__ import annotations

import time


class Clock:
    """Seconds since the epoch, non-decreasing also when the machine's clock is set back."""

    def __init__(self) -> None:
        self._last = 0.0

    def time(self) -> float:
        """Now, in seconds with a fraction."""
        self._last = max(self._last, time.time())
        return self._last
