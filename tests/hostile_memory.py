"""Plays the whole hostile corpus in one process and prints the peak of its memory in kilobytes."""

from __future__ import annotations

from pathlib import Path

from hostile import PLAIN, STREAMS
from raw_server import RawServer
from worlds import played

#: The server that floods stands in the same process: what is slow and small is left to the other tests.
LOUD = [name for name in (*PLAIN, *STREAMS) if any(word in name for word in ("bomb", "without-end", "million", "mega"))]

if __name__ == "__main__":
    for each in LOUD:
        case = "listModels/minimal/request" if each in PLAIN else "createChatCompletion/stream/plain"
        with RawServer({**PLAIN, **STREAMS}[each]) as url:
            played(url, case)
    # The high-water mark of this program: `ru_maxrss` would remember that of the process that started it.
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    print(int(status["VmHWM"].split()[0]))  # noqa: T201 - what the test reads
