"""How fast the mock answers against Prism 5 on the same requests, 16 connections, one run.

The bar: at least twice Prism's requests a second and half its p99 on GET /models and POST /chat/completions.
`python benchmarks/bench_mock.py [--prism 'npx --yes @stoplight/prism-cli@5'] [--seconds 5]`; without --prism only the
mock is measured. Prism serves the corrected spec: it refuses the published one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from contract.mock.server import Running
from contract.spec import load

CONNECTIONS = 16
CHAT = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Say hello to the reader."}]}
REQUESTS = (("GET", "/models", b""), ("POST", "/chat/completions", json.dumps(CHAT).encode()))
START_S = 120.0


@dataclass(frozen=True)
class Measured:
    """Requests a second and the 99th percentile in milliseconds."""

    rate: float
    p99_ms: float

    @classmethod
    def of(cls, times: list[float], seconds: float) -> Measured:
        """From the times of all requests."""
        times.sort()
        return cls(len(times) / seconds, times[int(len(times) * 0.99)] * 1000)


async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> int:
    """Send a request on a kept connection and read its whole answer; the status."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    fields = head.lower()
    if b"content-length:" in fields:
        await reader.readexactly(int(fields.split(b"content-length:")[1].split(b"\r\n")[0]))
    else:
        while size := int(await reader.readuntil(b"\r\n"), 16):
            await reader.readexactly(size + 2)
        await reader.readuntil(b"\r\n")
    return int(head.split(b" ", 2)[1])


async def load_on(url: str, method: str, path: str, body: bytes, seconds: float) -> Measured:
    """Ask as fast as the answers come, on all connections."""
    at = urlsplit(url)
    head = f"{method} {at.path}{path} HTTP/1.1\r\nHost: {at.netloc}\r\nAuthorization: Bearer bench\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    request = (head + "\r\n").encode() + body
    times: list[float] = []
    deadline = time.perf_counter() + seconds

    async def client() -> None:
        reader, writer = await asyncio.open_connection(at.hostname, at.port)
        while (started := time.perf_counter()) < deadline:
            status = await one(reader, writer, request)
            if status != 200:
                raise SystemExit(f"{method} {path} on {url} answered {status}")
            times.append(time.perf_counter() - started)
        writer.close()

    await asyncio.gather(*(client() for _ in range(CONNECTIONS)))
    return Measured.of(times, seconds)


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def prism(command: str) -> Iterator[str]:
    """Prism on the corrected spec, until the block ends."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder, "openapi.json")
        document.write_text(json.dumps(load().corrected), "utf-8")
        arguments = [*shlex.split(command), "mock", "--port", str(port), "--host", "127.0.0.1", str(document)]
        process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, start_new_session=True)
        try:
            wait_for(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(process.pid, signal.SIGTERM)  # npx does not hand it on to the node that serves
            process.wait(10)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until something listens. Raises SystemExit."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("Prism did not start")


def measure(name: str, url: str, seconds: float) -> list[Measured]:
    """Print and give what each request achieved."""
    found = []
    for method, path, body in REQUESTS:
        asyncio.run(load_on(url, method, path, body, min(1.0, seconds)))
        found.append(asyncio.run(load_on(url, method, path, body, seconds)))
        print(f"{name:6} {method:4} {path:18} {found[-1].rate:8.0f} requests/s   p99 {found[-1].p99_ms:7.1f} ms")
    return found


def main() -> int:
    """0 where the bar holds, or where there is nothing to compare with."""
    made = argparse.ArgumentParser(description=__doc__)
    made.add_argument("--prism", help="the command that runs Prism's CLI")
    made.add_argument("--seconds", type=float, default=5.0)
    options = made.parse_args()
    with Running() as mock:
        ours = measure("mock", mock.url, options.seconds)
    if not options.prism:
        return 0
    with prism(options.prism) as url:
        theirs = measure("prism", url, options.seconds)
    held = True
    for (_, path, _), mine, other in zip(REQUESTS, ours, theirs, strict=True):
        rate, p99 = mine.rate / other.rate, mine.p99_ms / other.p99_ms
        held = held and rate >= 2 and p99 <= 0.5
        print(f"{path:18} {rate:.1f} x the requests (bar 2), {p99:.2f} x the p99 (bar 0.5)")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
