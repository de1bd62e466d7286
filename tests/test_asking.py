"""Lost connections: who closes an idle one is not blamed for the next request, who closes each time is."""

from __future__ import annotations

import socket

import pytest
from raw_server import RawServer, read_head, says, send_all
from stream_builders_chat import hello, stream
from worlds import find, world

from contract.runner import play
from contract.verdict import Outcome, Verdict

PLAIN, STREAM = "listModels/minimal/request", "createChatCompletion/stream/plain"
_JSON = b'{"object": "list", "data": [{"id": "m", "object": "model", "created": 1, "owned_by": "x"}]}'
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nX-Request-Id: r\r\nContent-Length: %d\r\n\r\n%b"
ANSWERS = {
    PLAIN: _HEAD % (b"application/json", len(_JSON), _JSON),
    STREAM: _HEAD % (b"text/event-stream", len(stream(hello())), stream(hello())),
}


def verdicts(case: str, script: object) -> list[Verdict]:
    """A case played three times in one world, so on one connection where the server keeps it."""
    with RawServer(script) as url:  # type: ignore[arg-type] - a script
        here = world(url)
        try:
            return [play(find(case), here).verdict for _ in range(3)]
        finally:
            here.transport.close()


@pytest.mark.parametrize("case", [PLAIN, STREAM])
def test_a_kept_connection_that_is_closed_under_a_request_is_opened_again(case: str) -> None:
    """One answer a connection, then it closes when it is asked: a server that broke off the stream before does so."""

    def script(connection: socket.socket) -> None:
        read_head(connection)
        send_all(connection, [ANSWERS[case]])
        read_head(connection)

    assert [each.outcome for each in verdicts(case, script)] == [Outcome.PASS] * 3


@pytest.mark.parametrize("case", [PLAIN, STREAM])
def test_a_server_that_closes_a_new_connection_too_is_told(case: str) -> None:
    """The twin: it answers once, and closes every connection from then on."""
    answered = iter([ANSWERS[case]])

    def script(connection: socket.socket) -> None:
        says(next(answered, b""))(connection)

    first, *later = verdicts(case, script)
    assert first.outcome is Outcome.PASS
    assert [[finding.rule for finding in each.findings] for each in later] == [["transport/complete"]] * 2
