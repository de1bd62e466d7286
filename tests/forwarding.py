"""A loopback server in front of another: counts and keeps what passes, also as a plain HTTP proxy."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

_SKIPPED = {"connection", "transfer-encoding", "content-length", "keep-alive", "proxy-connection", "host"}


@dataclass
class Forwarder:
    """`with Forwarder(origin) as front:`; `front.url` answers what `origin` answers; `seen` holds (method, path)."""

    origin: str
    seen: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""
    #: Added to every answer.
    headers: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Self:
        front = self
        client = self._client = httpx.Client(timeout=30, trust_env=False)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                parts = urlsplit(self.path)
                target = parts.path + (f"?{parts.query}" if parts.query else "")
                front.seen.append((self.command, target))
                size = int(self.headers.get("Content-Length") or 0)
                sent = {k: v for k, v in self.headers.items() if k.lower() not in _SKIPPED}
                path = target.removeprefix("/v1")
                answer = client.request(self.command, front.origin + path, headers=sent, content=self.rfile.read(size))
                self.send_response_only(answer.status_code)
                for name, value in {**dict(answer.headers), **front.headers}.items():
                    if name.lower() not in _SKIPPED | {"content-encoding"}:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(answer.content)

            do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = do_HEAD = do_OPTIONS = _serve  # noqa: N815

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
        self._client.close()
