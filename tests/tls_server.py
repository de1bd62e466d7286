"""A loopback server that speaks TLS with a certificate that nobody has signed."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

#: For 127.0.0.1, valid for a hundred years; its key guards nothing.
CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIBlzCCAT6gAwIBAgIUFC0akvk/Aub0WMF8zfpZru94nTYwCgYIKoZIzj0EAwIw
GDEWMBQGA1UEAwwNY29udHJhY3QgdGVzdDAgFw0yNjExMjAxMzI4NTBaGA8yMTI2
MTAyNzEzMjg1MFowGDEWMBQGA1UEAwwNY29udHJhY3QgdGVzdDBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABHBh1J2BtUazNQ3UX+YrJe1skpQoSzoJRd8vXFhC4Gmv
1hcRsZe7GPF2WNpykb1UTNA/aEyUHuM0u6F4LUj3zYCjZDBiMB0GA1UdDgQWBBRS
Add7Y3S+pIpGcHLD4uitnPa4CDAfBgNVHSMEGDAWgBRSAdd7Y3S+pIpGcHLD4uit
nPa4CDAPBgNVHREECDAGhwR/AAABMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0E
AwIDRwAwRAIgdgkXgtfkHZZeCIo2tfdrcF1epvTQXR9dTw4xDlFKzkECIAISgLwc
F4jTb1XK4upnIC5NcRyN88AHlSkxeMYXwIYm
-----END CERTIFICATE-----
"""
_KEY = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgQLs5HWJJk1U8eC5a
0Oo6q95uPjXXzKeZb2twJy/W8SWhRANCAARwYdSdgbVGszUN1F/mKyXtbJKUKEs6
CUXfL1xYQuBpr9YXEbGXuxjxdljacpG9VEzQP2hMlB7jNLuheC1I982A
-----END PRIVATE KEY-----
"""
_MODELS = {"object": "list", "data": [{"id": "m-1", "object": "model", "created": 1, "owned_by": "me"}]}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        data = json.dumps(_MODELS).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Nothing is logged."""


@contextmanager
def secure_server(folder: Path) -> Iterator[str]:
    """Its base URL; `folder` gets the certificate as `certificate.pem`."""
    (folder / "certificate.pem").write_text(CERTIFICATE)
    (folder / "key.pem").write_text(_KEY)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that refuse the certificate are wanted
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
