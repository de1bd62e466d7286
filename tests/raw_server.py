"""A loopback server that says exactly the bytes it is told: for answers that no framework would send."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterable
from types import TracebackType

Script = Callable[[socket.socket], None]


def says(*chunks: bytes, pause_s: float = 0.0) -> Script:
    """A script that reads the request's head, sends chunks, and closes."""

    def script(connection: socket.socket) -> None:
        read_head(connection)
        send_all(connection, chunks, pause_s)

    return script


def read_head(connection: socket.socket) -> bytes:
    """The bytes of the request up to the end of its head (and what came with them)."""
    data = b""
    while b"\r\n\r\n" not in data:
        got = connection.recv(65536)
        if not got:
            break
        data += got
    return data


def send_all(connection: socket.socket, chunks: Iterable[bytes], pause_s: float = 0.0) -> None:
    """Send chunk by chunk; ends quietly when the client goes away."""
    try:
        for chunk in chunks:
            connection.sendall(chunk)
            if pause_s:
                time.sleep(pause_s)
    except OSError:
        return


class RawServer:
    """`with RawServer(script) as url:`; one thread a connection, all of them ended at the end."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._sock = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.connections = 0

    def __enter__(self) -> str:
        threading.Thread(target=self._accept, daemon=True).start()
        return f"http://127.0.0.1:{self._sock.getsockname()[1]}/v1"

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # shutdown wakes the thread in accept(); close alone would leave it there.
        for each in (self._sock, *self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._sock.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            self._script(connection)
        except OSError:
            return
        finally:
            connection.close()
