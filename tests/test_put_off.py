"""A 429 after which the same request is sent again is judged too, where an answer came in the end."""

import json
import socket
from collections.abc import Iterator

import pytest
from raw_server import RawServer, Script, read_head, send_all
from worlds import played

from contract.verdict import Outcome

MODELS = json.dumps({"object": "list", "data": []}).encode()
ERROR = json.dumps({"error": {"message": "m", "type": "t", "param": None, "code": None}}).encode()


def answer(status: str, body: bytes, *headers: str) -> bytes:
    """One answer that ends its connection."""
    lines = (f"HTTP/1.1 {status}", "Content-Type: application/json", "x-request-id: r", "Connection: close", *headers)
    return "\r\n".join((*lines, f"Content-Length: {len(body)}", "", "")).encode() + body


def in_turn(*answers: bytes) -> Script:
    """The answers, one a connection; the last again and again."""
    left: Iterator[bytes] = iter(answers[:-1])

    def script(connection: socket.socket) -> None:
        read_head(connection)
        send_all(connection, [next(left, answers[-1])])

    return script


@pytest.mark.parametrize(("headers", "found"), [((), ["header/retry-after"]), (("Retry-After: 0",), [])])
def test_a_429_on_the_way_says_when_to_come_back(headers: tuple[str, ...], found: list[str]) -> None:
    """Without `Retry-After` it is a warning, shown by the 429 itself; with it nothing is wrong."""
    late = in_turn(answer("429 Too Many Requests", ERROR, *headers), answer("200 OK", MODELS))
    with RawServer(late) as url:
        this = played(url, "listModels/minimal/request")
    assert [each.rule for each in this.verdict.findings] == found
    assert this.verdict.outcome is (Outcome.WARN if found else Outcome.PASS)
    shown = {each.id: each.response.status for each in this.exchanges if each.response}
    assert [shown[each.exchange or ""] for each in this.verdict.findings] == [429] * len(found)


def test_a_target_that_only_puts_off_is_not_judged() -> None:
    """Nothing is known of it but that it had no time."""
    with RawServer(in_turn(answer("429 Too Many Requests", ERROR))) as url:
        verdict = played(url, "listModels/minimal/request").verdict
    assert (verdict.outcome, verdict.findings) == (Outcome.INCONCLUSIVE, ())
