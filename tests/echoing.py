"""A loopback target that tells everybody what it was sent: credentials in every place and spelling of an answer."""

from __future__ import annotations

import base64
import contextlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

#: Keys that the target hands out itself.
OWN = {
    "admin": "adm-0wn-9f8e7d6c5b4a3f2e1d0c-value",
    "account": "svc-0wn-1a2b3c4d5e6f7a8b9c0d-value",
    "client": "ek-0wn-5e4d3c2b1a0f9e8d7c6b-value",
}
_HANDED_OUT = {
    "object": "organization.admin_api_key",
    "value": OWN["admin"],
    "api_key": {"object": "organization.project.service_account.api_key", "value": OWN["account"]},
    "client_secret": {"value": OWN["client"], "expires_at": 1},
}


@dataclass
class Echo:
    """`with Echo() as echo: echo.url`; each path answers in another manner each time."""

    url: str = ""
    #: Requests that came, with their headers.
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    #: Where redirects lead; None: to this server.
    elsewhere: str | None = None
    _count: int = -1

    def __enter__(self) -> Self:
        echo = self

        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                with contextlib.suppress(OSError):  # the client may have gone
                    self._answered()

            def _answered(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(size)
                sent = dict(self.headers.items())
                echo.seen.append((self.path, sent))
                words = [*(value.removeprefix("Bearer ") for value in sent.values()), urlsplit(self.path).query]
                if self.command == "GET" and urlsplit(self.path).path.endswith("/models") and len(echo.seen) == 1:
                    return self.answer({"object": "list", "data": [_model("gpt-4o"), _model(words[-2])]})
                echo._count += 1
                if b'"stream":true' in body.replace(b" ", b""):
                    return self.stream(words)
                return MANNERS[echo._count % len(MANNERS)](self, words, echo)

            def answer(self, value: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
                data = value if isinstance(value, bytes) else json.dumps(value).encode()
                self.send_response(status)
                more = headers or {}
                for name, text in {
                    "Content-Type": "application/json",
                    "Content-Length": str(len(data)),
                    **more,
                }.items():
                    self.send_header(name, text)
                self.end_headers()
                self.wfile.write(data)

            def stream(self, words: list[str]) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.end_headers()
                parts = [piece for word in words for piece in (word[: len(word) // 2], word[len(word) // 2 :], word)]
                for part in parts:
                    chunk = {"id": part, "object": part, "choices": [{"index": 0, "delta": {"content": part}}]}
                    self.wfile.write(f"event: {part}\ndata: {json.dumps(chunk)}\n\n".encode())
                self.wfile.write(f"data: {words[0]}\n\n".encode())

            do_GET = do_POST = do_DELETE = do_PUT = do_HEAD = do_OPTIONS = do_PATCH = _serve  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
                """Nothing is logged."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def _model(identifier: str) -> dict[str, Any]:
    return {"id": identifier, "object": "model", "created": 1, "owned_by": identifier}


def _everything(words: list[str]) -> dict[str, Any]:
    """Every word in every spelling, as values of wrong types for whoever reads them, and as names."""
    raw = [word.encode("utf-8", "surrogateescape") for word in words]
    return {
        "id": words,
        "object": "".join(words),
        "data": [{"id": word, "object": f"it is '{word}'", word: 1} for word in words],
        "base64": [base64.b64encode(b"user:" + each).decode() for each in raw],
        "urlsafe": [base64.urlsafe_b64encode(each).decode() for each in raw],
        "percent": [quote(word, safe="") for word in words],
        "hex": [each.hex() for each in raw],
        "cut": [f"{'x' * cut}{word}" for word in words for cut in (30, 45, 60)],
        **_HANDED_OUT,
    }


Manner = Callable[[Any, list[str], Echo], None]


def _json(handler: Any, words: list[str], _: Echo) -> None:
    handler.answer(_everything(words))


def _error(handler: Any, words: list[str], _: Echo) -> None:
    said = f"Incorrect API key provided: {words}. " + " ".join(words)
    handler.answer({"error": {"message": said, "type": words[-2], "code": said, "param": 3}}, 500)


def _refused(handler: Any, words: list[str], _: Echo) -> None:
    handler.answer({"error": {"message": " ".join(words), "type": "t", "code": None, "param": words[0]}}, 400)


def _redirected(handler: Any, words: list[str], echo: Echo) -> None:
    place = f"{echo.elsewhere or echo.url}/elsewhere?api_key={quote(words[-2])}"
    handler.answer(b"", 307, {"Location": place, "Set-Cookie": f"session={words[-2]}; token={words[0]}"})


def _headers(handler: Any, words: list[str], _: Echo) -> None:
    named = {f"X-Echo-{index}": word for index, word in enumerate(words)}
    handler.answer(b"{", 200, {**named, "Content-Type": f"text/{words[-2][:20]}; charset={words[0]}"})


def _bytes(handler: Any, words: list[str], _: Echo) -> None:
    data = b"\xff\xfe\x00" + b"\x00".join(word.encode() for word in words)
    handler.answer(data, 200, {"Content-Type": "audio/mpeg"})


def _cut(handler: Any, words: list[str], _: Echo) -> None:
    data = json.dumps({"client_secret": OWN["client"], "said": max(words, key=len)}).encode()
    handler.answer(data[:-9], 200, {"Content-Length": str(len(data) + 100)})


def _no_http(handler: Any, words: list[str], _: Echo) -> None:
    handler.wfile.write(f"HTTP/1.1 200 OK\r\n{words[0]} {words[-2]}\r\n\r\n".encode())


def _handed_out(handler: Any, words: list[str], _: Echo) -> None:
    handler.answer({**_HANDED_OUT, "id": OWN["admin"], "name": 1, "created_at": OWN["account"], "data": words[0]})


MANNERS: tuple[Manner, ...] = (
    _json, _error, _refused, _redirected, _headers, _bytes, _cut, _no_http, _handed_out,
)  # fmt: skip
