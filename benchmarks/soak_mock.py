"""Many clients live mixed lifecycles on one server with an SQLite file: nothing may be lost or doubled.

`python benchmarks/soak_mock.py [--clients 50] [--seconds 60]`. Every client makes, reads, changes, lists and removes
objects and notes what it was told. At the end every list is paged through and compared with the notes, then once more
after a restart. The bar: nothing lost, nothing doubled, nothing come back, no answer that was not expected.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from contract.mock.server import Running

HI = [{"role": "user", "content": "Say hello."}]
LINE = b'{"messages": [{"role": "user", "content": "Hi"}]}\n'
#: What can be listed -> its path.
LISTS = {
    "assistant": "/assistants",
    "vector_store": "/vector_stores",
    "file": "/files",
    "chat": "/chat/completions",
    "job": "/fine_tuning/jobs",
    "project": "/organization/projects?include_archived=true",
}
PAGE = 100


@dataclass
class Notes:
    """What the clients were told: objects that must be there, with a member that must be as it was set."""

    there: dict[str, dict[str, Any]] = field(default_factory=lambda: {kind: {} for kind in LISTS})
    gone: dict[str, set[str]] = field(default_factory=lambda: {kind: set() for kind in LISTS})
    faults: Counter[str] = field(default_factory=Counter)
    requests: int = 0

    def made(self, kind: str, identifier: str, value: Any) -> None:
        """Note a new object; an id that came before is a doubled one."""
        if identifier in self.there[kind] or identifier in self.gone[kind]:
            self.faults["doubled"] += 1
        self.there[kind][identifier] = value

    def removed(self, kind: str, identifier: str) -> None:
        """Note that an object was deleted."""
        del self.there[kind][identifier]
        self.gone[kind].add(identifier)


class Client:
    """One client with its own connection and its own dice."""

    def __init__(self, http: httpx.AsyncClient, notes: Notes, number: int) -> None:
        """`notes` are shared by all clients."""
        self.http, self.notes, self.dice = http, notes, random.Random(number)  # noqa: S311 - repeatable, not secret

    async def ask(self, method: str, path: str, wanted: int = 200, **content: Any) -> Any:
        """Send a request; the JSON of the answer. Another status than `wanted` is counted."""
        response = await self.http.request(method, path, **content)
        self.notes.requests += 1
        if response.status_code != wanted:
            self.notes.faults[f"{method} {path.split('/')[1]}: {response.status_code}"] += 1
        return response.json()

    async def keep(self, kind: str, path: str, member: str, body: dict[str, Any]) -> None:
        """Make, read, change and perhaps remove one object whose `member` can be changed."""
        identifier = (await self.ask("POST", path, json=body))["id"]
        self.notes.made(kind, identifier, body[member])
        await self.check(kind, f"{path}/{identifier}", member, identifier)
        changed = {member: {"changed": "yes"} if member == "metadata" else f"changed {identifier}"}
        await self.ask("POST", f"{path}/{identifier}", json=changed)
        self.notes.there[kind][identifier] = changed[member]
        await self.check(kind, f"{path}/{identifier}", member, identifier)
        if kind != "project" and self.dice.random() < 0.5:
            await self.remove(kind, f"{path}/{identifier}", identifier)

    async def check(self, kind: str, path: str, member: str, identifier: str) -> None:
        """Read an object back: it is as it was set."""
        if (await self.ask("GET", path)).get(member) != self.notes.there[kind][identifier]:
            self.notes.faults["not as it was set"] += 1

    async def remove(self, kind: str, path: str, identifier: str) -> None:
        """Delete an object: it is gone."""
        await self.ask("DELETE", path)
        self.notes.removed(kind, identifier)
        await self.ask("GET", path, wanted=404)

    async def assistant(self) -> None:
        """An assistant's life."""
        await self.keep("assistant", "/assistants", "name", {"model": "gpt-4o", "name": f"{self.dice.random()}"})

    async def vector_store(self) -> None:
        """A vector store's life."""
        await self.keep("vector_store", "/vector_stores", "name", {"name": f"{self.dice.random()}"})

    async def project(self) -> None:
        """A project's life."""
        await self.keep("project", "/organization/projects", "name", {"name": f"{self.dice.random()}"})

    async def chat(self) -> None:
        """A stored chat completion's life."""
        body = {"model": "gpt-4o-mini", "messages": HI, "store": True, "metadata": {"n": f"{self.dice.random()}"}}
        await self.keep("chat", "/chat/completions", "metadata", body)

    async def file(self) -> None:
        """A file's life, its bytes read back, sometimes trained on."""
        content = self.dice.randbytes(8).hex().encode() if self.dice.random() < 0.7 else LINE
        purpose = "fine-tune" if content == LINE else "assistants"
        upload = {"files": {"file": ("a.jsonl", content)}, "data": {"purpose": purpose}}
        identifier = (await self.ask("POST", "/files", **upload))["id"]
        self.notes.made("file", identifier, "a.jsonl")
        if (await self.http.get(f"/files/{identifier}/content")).content != content:
            self.notes.faults["other bytes"] += 1
        if purpose == "fine-tune":
            body = {"model": "gpt-4o-mini", "training_file": identifier}
            job = await self.ask("POST", "/fine_tuning/jobs", json=body)
            self.notes.made("job", job["id"], None)
        elif self.dice.random() < 0.5:
            await self.remove("file", f"/files/{identifier}", identifier)

    async def thread(self) -> None:
        """A thread with messages that page once and in order; threads cannot be listed."""
        path = f"/threads/{(await self.ask('POST', '/threads', json={}))['id']}"
        body = {"role": "user", "content": "hi"}
        made = [(await self.ask("POST", f"{path}/messages", json=body))["id"] for _ in range(3)]
        listed = (await self.ask("GET", f"{path}/messages?order=asc"))["data"]
        if [each["id"] for each in listed] != made:
            self.notes.faults["messages lost or doubled"] += 1
        await self.ask("DELETE", path)
        await self.ask("GET", path, wanted=404)

    async def live(self, until: float) -> None:
        """One life after the other."""
        lives: list[Callable[[], Awaitable[None]]] = [
            self.assistant,
            self.vector_store,
            self.project,
            self.chat,
            self.file,
            self.thread,
        ]
        while time.monotonic() < until:
            await self.dice.choice(lives)()


def _http(url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, headers={"authorization": "Bearer soak"}, timeout=30)


async def soak(url: str, clients: int, seconds: float, notes: Notes) -> None:
    """Let the clients live; then hold the lists against the notes."""
    until = time.monotonic() + seconds
    https = [_http(url) for _ in range(clients)]
    await asyncio.gather(*(Client(http, notes, number).live(until) for number, http in enumerate(https)))
    for http in https:
        await http.aclose()


async def compare(url: str, notes: Notes, when: str) -> None:
    """Page through every list: each object once, none too many, none too few."""
    async with _http(url) as http:
        for kind, path in LISTS.items():
            seen = Counter(await _ids(http, path))
            notes.faults[f"{when}: {kind} lost"] += len(notes.there[kind].keys() - seen.keys())
            notes.faults[f"{when}: {kind} doubled"] += sum(count - 1 for count in seen.values())
            notes.faults[f"{when}: {kind} come back"] += len(notes.gone[kind] & seen.keys())


async def _ids(http: httpx.AsyncClient, path: str) -> list[str]:
    ids: list[str] = []
    after = ""
    while True:
        cursor = {"after": after} if after else {}
        page = (await http.get(path, params={**httpx.URL(path).params, "limit": PAGE, **cursor})).json()
        ids += [each["id"] for each in page["data"]]
        if not page["has_more"]:
            return ids
        after = page["data"][-1]["id"]


def main() -> int:
    """Run the soak; status 1 where anything was lost, doubled or refused."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    notes = Notes()
    with tempfile.TemporaryDirectory() as home:
        db = str(Path(home) / "soak.db")
        with Running(db=db) as mock:
            asyncio.run(soak(mock.url, options.clients, options.seconds, notes))
            asyncio.run(compare(mock.url, notes, "at the end"))
        with Running(db=db) as mock:
            asyncio.run(compare(mock.url, notes, "after a restart"))
    faults = {name: count for name, count in notes.faults.items() if count}
    objects = {kind: len(notes.there[kind]) + len(notes.gone[kind]) for kind in LISTS}
    print(json.dumps({"clients": options.clients, "requests": notes.requests, "objects": objects, "faults": faults}))
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
