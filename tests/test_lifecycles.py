"""Lifecycles: the resources that are covered, and that a failing sequence shrinks to the shortest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from worlds import played

from contract import spec as specs
from contract.case import Depth
from contract.mock.server import Running
from contract.transport import Limits
from contract.verdict import Outcome
from strategies.lifecycles import cases
from strategies.lifecycles.chains import CHAINS
from strategies.lifecycles.table import RESOURCES

SPEC = specs.load()
QUICK = [each.id for each in cases(SPEC) if not any(word in each.id for word in ("fine-tuning", "batch", "run", "Run"))]


def test_at_least_twenty_resources_have_a_lifecycle() -> None:
    """By the table of resources and by the chains, each operation that they name exists."""
    chained = {chain.name for chain in CHAINS}
    assert (
        len({each.kind for each in RESOURCES})
        + len({"upload", "batch", "fine-tuning", "run", "rate-limit", "file-batch", "run-with-tools"} & chained)
        >= 20
    )
    for case in cases(SPEC):
        assert {case.operation, *case.also} <= set(SPEC.operations)


@pytest.fixture(scope="module")
def mock() -> Iterator[str]:
    """A right server, fast."""
    with Running(speed=50.0) as running:
        yield running.url


@pytest.mark.parametrize("case", QUICK)
def test_a_right_server_keeps_every_promise(mock: str, case: str) -> None:
    """No finding on the mock."""
    done = played(mock, case, limits=Limits())
    assert done.verdict.findings == ()
    assert done.verdict.outcome is Outcome.PASS, done.verdict.reason


class _Forgetful(BaseHTTPRequestHandler):
    """Messages of a thread; the second one makes the first lose its metadata: only a sequence of creations shows it."""

    protocol_version = "HTTP/1.1"
    threads: dict[str, dict[str, dict[str, Any]]]
    #: How many messages each thread was ever given.
    made: dict[str, int]

    def do_POST(self) -> None:
        """Create a thread or a message, or change a message."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
        parts = self.path.split("/")[2:]
        if parts == ["threads"]:
            identifier = f"thread_{len(self.threads)}"
            self.threads[identifier] = {}
            self._answer(200, {"id": identifier, "object": "thread", "created_at": 1, "metadata": {}})
            return
        messages = self.threads[parts[1]]
        if len(parts) == 4:
            messages[parts[3]]["metadata"] = body["metadata"]
            self._answer(200, messages[parts[3]])
            return
        self.made[parts[1]] = number = self.made.get(parts[1], 0) + 1
        identifier = f"msg_{parts[1]}_{number}"
        messages[identifier] = {"id": identifier, "metadata": {}, **body}
        if len(messages) == 2:
            next(iter(messages.values()))["metadata"] = {}
        self._answer(200, messages[identifier])

    def do_GET(self) -> None:
        """Read one message, or all."""
        parts = self.path.partition("?")[0].split("/")[2:]
        messages = self.threads[parts[1]]
        if len(parts) == 3:
            self._answer(200, {"object": "list", "data": list(messages.values()), "has_more": False})
        else:
            self._answer(200 if parts[3] in messages else 404, messages.get(parts[3], {}))

    def do_DELETE(self) -> None:
        """Delete a message; its id is never given again."""
        parts = self.path.split("/")[2:]
        self.threads[parts[1]].pop(parts[3], None)
        self._answer(200, {"id": parts[3], "object": "thread.message.deleted", "deleted": True})

    def _answer(self, status: int, body: Any) -> None:
        data = json.dumps(body).encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Nothing is logged."""


def test_a_failing_sequence_shrinks_to_the_shortest() -> None:
    """A thread, two messages and one read show the defect: the report has those four requests and no more."""
    handler = type("Handler", (_Forgetful,), {"threads": {}, "made": {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        found = [played(url, "createMessage/lifecycle/message-any-order", depth=Depth.NIGHTLY)]
    finally:
        server.shutdown()
        server.server_close()
    findings = [each for each in found[0].verdict.findings if each.rule.startswith("lifecycle/")]
    assert [each.rule for each in findings] == ["lifecycle/same-everywhere"]
    sent = [each.operation for each in found[0].exchanges]
    assert sent[:3] == ["createThread", *["createMessage"] * 2]
    assert sent[3:] in (["getMessage"], ["listMessages"])
