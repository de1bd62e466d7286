from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from contract.exchange import Exchange, Request, Response, StreamEvent
from contract.redact import Redactor
from reports import curl, record

KEY = "sk-canary-of-curl-77"

needs_curl = pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("bash") and shutil.which("base64")), reason="needs bash, curl and base64"
)


@pytest.fixture(scope="module")
def echo() -> Iterator[tuple[str, list[Any]]]:
    """A loopback server that keeps what it was asked: its URL and the list of (method, path, headers, body)."""
    seen: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def _keep(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            seen.append((self.command, self.path, list(self.headers.items()), body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = do_DELETE = do_HEAD = do_PUT = do_BREW = _keep  # noqa: N815 - names of http.server

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", seen
    server.shutdown()
    thread.join()
    server.server_close()


def _line(request: Request, response: Response | None = None) -> str:
    hide = Redactor({"OPENAI_API_KEY": KEY})
    return curl.line(record.exchange(Exchange("x", None, request, response), hide))


def _paste(command: str) -> None:
    environment = {"PATH": os.environ["PATH"], "OPENAI_API_KEY": KEY}
    done = subprocess.run(
        ["bash"], input=command.encode(), env=environment, capture_output=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


_JSON = ("Content-Type", "application/json")
_BODIES = [
    b'{"a": 1}',
    """{"it's": "$HOME `id` \\\\ \\" !! \u00fc \u2028"}""".encode(),
    b"@/etc/hostname",
    b"line\nline\n\n",
    b"carriage\r\nreturn and \x1b[31mescape",
    b"\x00\xff\xfe binary \x00",
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n\x89PNG\r\n\x1a\n\r\n--b--\r\n',
    b'{"long": "' + b"x" * 150_000 + b'"}',
    b"%s %d \\n",
    b"[redacted] is no variable",
]


@needs_curl
@pytest.mark.parametrize("body", _BODIES, ids=range(len(_BODIES)))
def test_a_pasted_line_sends_the_same_body(echo: tuple[str, list[Any]], body: bytes) -> None:
    """Any body arrives byte for byte: quotes, dollars, NULs, multipart, more than a command line holds."""
    url, seen = echo
    _paste(_line(Request("POST", f"{url}/v1/x", (_JSON, ("Authorization", f"Bearer {KEY}")), body)))
    method, path, headers, arrived = seen[-1]
    assert (method, path, arrived) == ("POST", "/v1/x", body)
    assert dict(headers)["Authorization"] == f"Bearer {KEY}"
    assert dict(headers)["Content-Type"] == "application/json"


@needs_curl
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "HEAD", "PUT", "BREW"])
@pytest.mark.parametrize("body", [None, b"{}"])
def test_a_pasted_line_uses_the_method(echo: tuple[str, list[Any]], method: str, body: bytes | None) -> None:
    """Every method is sent as it was, with a body or without."""
    if method == "HEAD" and body:
        pytest.skip("curl sends no body with HEAD")
    url, seen = echo
    _paste(_line(Request(method, f"{url}/x", (), body)))
    assert (seen[-1][0], seen[-1][3]) == (method, body or b"")
    assert "Content-Type" not in dict(seen[-1][2])


@needs_curl
@pytest.mark.parametrize(
    "path", ["/a/../b", "/x?include[]=a&b={1,2}", "/x?q=it's%20%24HOME&r=`id`", "/%2e%2e/x", "//x"]
)
def test_a_pasted_line_asks_for_the_same_path(echo: tuple[str, list[Any]], path: str) -> None:
    """Neither bash nor curl rewrites a URL: brackets, braces, dots and quotes arrive."""
    url, seen = echo
    _paste(_line(Request("GET", url + path)))
    # http.server joins slashes at the beginning of a path, as protection against open redirects.
    assert seen[-1][1].lstrip("/") == path.lstrip("/")


@needs_curl
def test_a_pasted_line_sends_every_header(echo: tuple[str, list[Any]]) -> None:
    """Odd headers arrive: empty, twice, with quotes; the key comes from the environment inside a longer value too."""
    url, seen = echo
    headers = (("X-Empty", ""), ("X-Two", "1"), ("X-Two", "2"), ("X-Odd", 'it\'s "$HOME"'), ("X-Key", f"a{KEY}b $x"))
    command = _line(Request("GET", url, (*headers, ("Content-Length", "99"), ("Host", "elsewhere"))))
    _paste(command)
    assert KEY not in command
    arrived = seen[-1][2]
    assert [pair for pair in arrived if pair[0].startswith("X-")] == list(headers)
    assert not any(name == "Content-Length" for name, _ in arrived)


@needs_curl
def test_a_key_in_a_body_comes_from_the_environment(echo: tuple[str, list[Any]]) -> None:
    """A body that holds the key is pasted without it and arrives with it."""
    url, seen = echo
    body = f'{{"it\'s": "{KEY}"}}'.encode()
    command = _line(Request("POST", url, (_JSON,), body))
    assert KEY not in command
    _paste(command)
    assert seen[-1][3] == body


def test_a_stream_is_shown_as_it_comes() -> None:
    """A request that was answered by a stream, or asks for one, gets -N."""
    events = (StreamEvent(0, 0.1, None, "x"),)
    assert " -N " in _line(Request("GET", "http://h/"), Response(200, (), b"", False, events))
    assert " -N " in _line(Request("POST", "http://h/", (_JSON,), b'{"stream": true}'))
    assert " -N " not in _line(Request("POST", "http://h/", (_JSON,), b'{"stream": false}'))


def test_a_body_that_the_record_cut_is_announced() -> None:
    """A line that cannot send the whole body says so."""
    exchange = Exchange("x", None, Request("POST", "http://h/", (_JSON,), b"x" * 50))
    assert curl.line(record.exchange(exchange, limit=10)).startswith("# The record holds only the beginning")


def test_a_credential_of_unknown_origin_is_asked_for() -> None:
    """Where the record does not tell a credential's variable, the line takes the run's."""
    exchange = record.exchange(Exchange("x", None, Request("GET", "http://h/", (("Authorization", "Bearer x"),))))
    assert '-H "Authorization: Bearer $OPENAI_API_KEY"' in curl.line(exchange)
    assert '-H "Authorization: Bearer $MINE"' in curl.line(exchange, "MINE")
