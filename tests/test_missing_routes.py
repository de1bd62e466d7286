"""A target without a route: every case of the operation says so, and none finds a fault."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from contract.cli import main

MODELS = {"object": "list", "data": [{"id": "gpt-4o-mini", "object": "model", "created": 1, "owned_by": "o"}]}


class _ModelsAlone(BaseHTTPRequestHandler):
    """Lists models; of anything else it knows no more than a router does."""

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        known = self.path.partition("?")[0] == "/v1/models" and self.command == "GET"
        body = json.dumps(MODELS if known else {"detail": "Not Found"}).encode()
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else body)

    do_GET = do_POST = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = do_PUT = _answer  # noqa: N815 - the library's names

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def target() -> Iterator[str]:
    """The server's base URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _ModelsAlone)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "operation", ["createThread", "getThread", "deleteResponse", "createTranscription", "listFiles"]
)
def test_every_case_of_a_missing_route_is_unsupported(target, tmp_path, monkeypatch, operation) -> None:
    """Edges too: a 404 from a router is no refusal, no unknown id and no error body of the operation."""
    monkeypatch.setenv("OPENAI_API_KEY", "contract-test-key")
    main(["run", target, "--include", f"{operation}/*", "--out", str(tmp_path)])
    lines = [json.loads(line) for line in (tmp_path / "run.jsonl").read_text().splitlines()]
    verdicts = [line for line in lines if line["kind"] == "verdict"]
    told = {line["outcome"] for line in verdicts}
    assert len(verdicts) > 4
    assert {finding["rule"] for line in verdicts for finding in line["findings"]} == set()
    assert told <= {"unsupported", "skipped"}
    assert "unsupported" in told
