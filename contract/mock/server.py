"""Serving the mock: `serve` blocks, `Running` keeps one in a process of its own."""

from __future__ import annotations

import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from contract.errors import TargetError, UsageError

_START_S = 30.0
_STOP_S = 5.0
#: Far longer than clients keep a connection that does nothing (httpx: 5 s): one that both sides end at the same
#: moment costs the client a request.
_KEEP_ALIVE_S = 75


def serve(
    host: str = "127.0.0.1", port: int = 8000, *, fd: int | None = None, until_eof: bool = False, **options: Any
) -> None:
    """Serve until SIGINT or SIGTERM; `options` are those of `contract.mock.app.create`. Raises UsageError.

    `until_eof` ends it with standard input too: a parent that dies takes its server along.
    """
    gc.disable()  # what is made until it serves stays to the end
    import uvicorn

    from contract.mock.app import BASE_PATH, create, mounted

    sock = socket.socket(fileno=fd) if fd is not None else listen(host, port)
    shown = sock.getsockname()
    base = mounted(options.get("base_path", BASE_PATH))
    print(f"contract mock: listening on http://{host}:{shown[1]}{base}", flush=True)  # noqa: T201 - what a user waits for
    config = uvicorn.Config(
        create(**options),
        log_level="warning",
        access_log=False,
        lifespan="on",
        server_header=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=_KEEP_ALIVE_S,
    )
    if until_eof:
        threading.Thread(target=_end_with_input, daemon=True).start()
    gc.freeze()
    gc.enable()
    uvicorn.Server(config).run(sockets=[sock])


def _end_with_input() -> None:
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0: a free one. Raises UsageError where the address is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, so that asyncio sends small writes at once: an answer of two writes takes 40 ms longer without.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(2048)
    except OSError as error:
        sock.close()
        raise UsageError(f"cannot listen on {host}:{port} ({error.strerror}): choose another --port") from error
    return sock


class Running:
    """A mock in a process of its own on a free loopback port: `with Running() as mock: mock.url`."""

    def __init__(
        self,
        *,
        mode: str = "stateful",
        faults: Sequence[str] = (),
        key: str | None = None,
        admin_key: str | None = None,
        db: str | None = None,
        speed: float = 1.0,
        seed: int = 0,
    ) -> None:
        """Options of `contract.mock.app.create`; keys reach the process by its environment, never its arguments."""
        self._arguments = ["--mode", mode, "--speed", str(speed), "--seed", str(seed)]
        self._arguments += [part for name in faults for part in ("--fault", name)]
        self._arguments += ["--db", db] if db else []
        keys = {"CONTRACT_MOCK_KEY": key, "CONTRACT_MOCK_ADMIN_KEY": admin_key}
        self._environment = {name: value for name, value in keys.items() if value is not None}
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0
        self.url = ""

    def __enter__(self) -> Self:
        """Start it and wait until it answers. Raises TargetError."""
        self.start()
        self.wait()
        return self

    def start(self) -> None:
        """Start the process and return at once; `url` is known, and requests wait in the socket's backlog."""
        sock = listen("127.0.0.1", 0)
        port = sock.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/v1"
        command = [sys.executable, "-m", "contract.mock", "--until-eof", "--fd", str(sock.fileno()), *self._arguments]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CONTRACT_MOCK_")}
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command,
            pass_fds=[sock.fileno()],
            env={**environment, **self._environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            # Ctrl-C is for the run: it still has to clean up on this server.
            start_new_session=True,
        )
        sock.close()
        self._port = port

    def wait(self) -> None:
        """Wait until it answers. Raises TargetError."""
        try:
            self._wait(self._port)
        except BaseException:
            self.stop()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()

    def stop(self) -> None:
        """End the process: asked first, killed if it does not go."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin:
            process.stdin.close()
        if process.poll() is not None:
            return
        if "--db" not in self._arguments:
            process.kill()  # its state lived in memory: there is nothing to close
            process.wait()
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _wait(self, port: int) -> None:
        # The socket listens before the process runs: a request waits in its backlog until it is answered.
        process = self._process
        deadline = time.monotonic() + _START_S
        while process is not None and time.monotonic() < deadline:
            if process.poll() is not None:
                raise TargetError(f"the embedded mock ended at its start with status {process.returncode}")
            try:
                with socket.create_connection(("127.0.0.1", port), 0.5) as connection:
                    connection.settimeout(0.5)
                    connection.sendall(b"GET /v1/models HTTP/1.1\r\nHost: mock\r\nConnection: close\r\n\r\n")
                    if connection.recv(1):
                        return
            except OSError:
                continue
        raise TargetError(f"the embedded mock did not answer within {_START_S:.0f} s")
