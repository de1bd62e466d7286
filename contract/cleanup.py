"""Removing what a run made: from the notes of its record, so that it works after a crash too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from contract.draft import Draft
from contract.session import Session
from contract.transport import Limits, Transport

#: Why an object stays where the API has no operation to remove it.
NO_WAY = "cannot be removed through the API"
_Key = tuple[str, tuple[tuple[str, str], ...]]


def leftovers(record: Path) -> tuple[list[tuple[str, dict[str, str]]], list[dict[str, Any]]]:
    """(what can be removed, newest first: operation and path; what cannot) by the record's notes."""
    alive: dict[_Key, None] = {}
    kept: list[dict[str, Any]] = []
    for line in _notes(record):
        if line["kind"] == "created" and line["remove"] is None:
            kept.append({"kind": line["makes"], "path": line["path"], "why": NO_WAY})
        elif line["kind"] == "created":
            alive[line["remove"], tuple(sorted(line["path"].items()))] = None
        elif line["kind"] == "removed":
            alive.pop((line["operation"], tuple(sorted(line["path"].items()))), None)
    return [(operation, dict(path)) for operation, path in reversed(alive)], kept


def _notes(record: Path) -> Iterator[dict[str, Any]]:
    if not record.is_file():
        return
    with record.open("rb") as file:
        for raw in file:
            if b'"created"' in raw or b'"removed"' in raw:
                try:
                    line = json.loads(raw)
                except ValueError:
                    continue  # cut in the middle: the run was killed there
                if line.get("kind") in {"created", "removed"}:
                    yield line


def from_record(session: Session) -> list[dict[str, Any]]:
    """Remove everything that the run's record says is still there; returns what is left, with the reason."""
    if session.record is None:
        return []
    removable, left = leftovers(Path(session.record))
    if not removable:
        return left
    transport = Transport(session.target, Limits(connect_s=5.0, idle_s=10.0, total_s=15.0))
    try:
        for operation, path in removable:
            why = _remove(session, transport, operation, path)
            if why:
                left.append({"kind": operation, "path": path, "why": why})
    finally:
        transport.close()
    return left


def _remove(session: Session, transport: Transport, identifier: str, path: dict[str, str]) -> str | None:
    operation = session.spec.operations[identifier]
    authorization = session.target.authorization(operation)
    own = (("Authorization", authorization),) if authorization else ()
    request = Draft(operation, path=path).build(
        session.target.url, (*own, *session.target.headers), dict(session.target.query)
    )
    response, fault = transport.send(request)
    if response is None:
        return f"{fault.kind} {fault.detail}".strip() if fault else "no answer"
    return None if response.status < 300 or response.status == 404 else f"the target answered {response.status}"
