"""Memory for a chat stream of 1,000,000 chunks that is read from a socket and judged as it arrives.

    python benchmarks/bench_stream_memory.py [EVENTS]

A server in a child process sends the stream over loopback as fast as it is read; `contract.transport` reads it and
`contract.streaming` judges it. Prints how far the peak of resident memory rose above the start (bar: 50 MB).
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from contract.draft import Draft
from contract.spec import load
from contract.streaming import LiveReply, read_stream
from contract.target import Target
from contract.transport import Limits, Transport

BAR_MB = 50
EVENTS = 1_000_000
#: Sends COUNT chunks, a thousand a write, to each connection.
SERVER = """
import json, socket, sys
count = int(sys.argv[1])
HEAD = {"id": "chatcmpl-a", "object": "chat.completion.chunk", "created": 1742601600, "model": "m"}

def chunk(delta, reason=None):
    entry = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
    return b"data: " + json.dumps({**HEAD, "choices": [entry]}).encode() + b"\\n\\n"

def sized(data):
    return b"%x\\r\\n%b\\r\\n" % (len(data), data)

server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
while True:
    connection, _ = server.accept()
    data = b""
    while not data.endswith(b"}"):  # the request with its body
        data += connection.recv(65536)
    head = b"HTTP/1.1 200 OK\\r\\nContent-Type: text/event-stream\\r\\nTransfer-Encoding: chunked"
    connection.sendall(head + b"\\r\\n\\r\\n")
    connection.sendall(sized(chunk({"role": "assistant", "content": ""})))
    for start in range(0, count - 2, 1000):
        some = range(min(1000, count - 2 - start))
        connection.sendall(sized(b"".join(chunk({"content": f" word{n}"}) for n in some)))
    connection.sendall(sized(chunk({}, "stop")) + sized(b"data: [DONE]\\n\\n") + b"0\\r\\n\\r\\n")
    connection.close()
"""


def peak_mb() -> float:
    """The peak of this process so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def read(port: str) -> LiveReply:
    """Read and judge one stream of the server."""
    spec = load()
    target = Target(f"http://127.0.0.1:{port}/v1")
    body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "Say much."}]}
    draft = Draft(spec.operations["createChatCompletion"], body=body)
    transport = Transport(target, Limits(total_s=3600.0, stream_bytes=1 << 40, stream_events=1 << 40))
    try:
        return read_stream(transport, spec, draft, draft.build(target.url), "bench-1")
    finally:
        transport.close()


def measure(events: int) -> tuple[float, float]:
    """Megabytes above the start and seconds; the stream has to be without a finding."""
    grown: list[float] = []
    for count in (1_000, events):  # the short one loads and compiles what is needed; memory is counted from there
        command = [sys.executable, "-c", SERVER, str(count)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            before, started = peak_mb(), time.perf_counter()
            reply = read(server.stdout.readline().strip() if server.stdout else "")
            server.kill()
        if reply.findings or reply.exchange.error or reply.events != count + 1:
            raise SystemExit(f"the stream was not judged as right: {reply.findings[:1]} {reply.exchange.error}")
        grown.append(peak_mb() - before)
    return grown[-1], time.perf_counter() - started


def main() -> int:
    """0 where the bar holds."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    megabytes, seconds = measure(events)
    print(f"stream memory: {megabytes:.1f} MB above the start for {events:,} chunks from a socket ", end="")
    print(f"(bar {BAR_MB}), {seconds:.0f} s")
    return 0 if megabytes < BAR_MB else 1


if __name__ == "__main__":
    sys.exit(main())
