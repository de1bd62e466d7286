"""When an answer says "not now"."""

from __future__ import annotations

import pytest

from contract.exchange import Response
from contract.retry import pause, retry_after


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("3", 3.0),
        (" 0 ", 0.0),
        ("Fri, 20 Nov 2026 12:00:10 GMT", 10.0),
        ("Fri, 20 Nov 2026 11:00:00 GMT", 0.0),
        ("-1", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_an_http_date(value: str | None, expected: float | None) -> None:
    """RFC 9110 10.2.3: both forms, a past date is now, anything else is no answer."""
    assert retry_after(value, now=1795176000.0) == expected


@pytest.mark.parametrize("status", [200, 400, 404, 500, 501])
def test_a_final_answer_is_not_asked_for_again(status: int) -> None:
    """Only 429 and a gateway's errors are tried again."""
    assert pause(Response(status), 0) is None


def test_the_wait_grows_and_is_bounded() -> None:
    """Without Retry-After the pause doubles; with it a minute is the most."""
    assert pause(Response(503), 0) < pause(Response(503), 2)  # type: ignore[operator]
    assert pause(Response(429, (("Retry-After", "7"),)), 0) == 7.0
    assert pause(Response(429, (("Retry-After", "86400"),)), 0) == 60.0
