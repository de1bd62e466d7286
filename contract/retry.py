"""When an answer says "not now": how long to wait before the same request is sent again (RFC 9110 10.2.3)."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime

from contract.exchange import Response, header

#: 429 and a gateway's own errors; a 500 is the server's fault and is judged at once.
BUSY = frozenset({429, 502, 503, 504})
_LONGEST_S = 60.0


def pause(response: Response, attempt: int) -> float | None:
    """Seconds to wait before attempt `attempt + 1`, None where the answer is final."""
    if response.status not in BUSY:
        return None
    asked = retry_after(header(response.headers, "retry-after"))
    return min(_LONGEST_S, asked if asked is not None else 0.25 * 2**attempt)


def retry_after(value: str | None, now: float | None = None) -> float | None:
    """Seconds of a Retry-After value: a whole number or an HTTP date; None where it is neither."""
    if value is None:
        return None
    text = value.strip()
    if text.isdecimal() and len(text) < 10:
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return max(0.0, moment.timestamp() - (time.time() if now is None else now))
