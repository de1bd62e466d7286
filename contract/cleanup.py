"""Removing what a run made: from the notes of its record, so that it works after a crash too."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract.asking import ATTEMPTS
from contract.draft import Draft
from contract.exchange import Response, TransportFault
from contract.retry import pause
from contract.session import Session
from contract.transport import Limits, Transport

#: Why an object stays where the API has no operation to remove it.
NO_WAY = "cannot be removed through the API"
SILENT = "not tried: the target did not answer before"
#: Requests without an answer after which no more are sent.
_PATIENCE = 3
_Key = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something that can be removed: by which operation, where; `holds`: it names a vector store that goes too."""

    operation: str
    path: dict[str, str]
    holds: bool = False


def leftovers(record: Path) -> tuple[list[Leftover], list[dict[str, Any]]]:
    """(what can be removed, newest first; what cannot, unless it goes with its parent) by the record's notes."""
    alive: dict[_Key, Leftover] = {}
    parents: set[tuple[tuple[str, str], ...]] = set()
    kept: list[dict[str, Any]] = []
    for line in _notes(record):
        key = tuple(sorted(line["path"].items()))
        if line["kind"] == "created" and line["remove"] is None:
            kept.append({"kind": line["makes"], "path": line["path"], "why": NO_WAY})
        elif line["kind"] == "created":
            alive[line["remove"], key] = Leftover(line["remove"], line["path"], "holds" in line)
            parents.add(key)
        elif line["kind"] == "removed":
            alive.pop((line["operation"], key), None)
    lonely = [each for each in kept if not any(set(key) < set(each["path"].items()) for key in parents)]
    return list(reversed(alive.values())), lonely


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
        left += _remove_all(session, transport, removable)
    finally:
        transport.close()
    kept: list[dict[str, Any]] = session.redactor.value(left)
    return kept


def _remove_all(session: Session, transport: Transport, removable: list[Leftover]) -> Iterator[dict[str, Any]]:
    """What could not be removed. A target that does not answer several times in a row is left alone."""
    silent = 0
    for each in removable:
        stores = _held(session, transport, each) if each.holds and silent < _PATIENCE else []
        for thing in (each, *stores):
            why: str | None = SILENT
            if silent < _PATIENCE:
                answered, why = _remove(session, transport, thing)
                silent = 0 if answered else silent + 1
            if why:
                yield {"kind": thing.operation, "path": thing.path, "why": why}


def _held(session: Session, transport: Transport, each: Leftover) -> list[Leftover]:
    """The vector stores that a thread came with and that only it names."""
    response, _ = _send(session, transport, "getThread", each.path)
    try:
        resources = response.json()["tool_resources"]["file_search"] if response else {}
        return [Leftover("deleteVectorStore", {"vector_store_id": str(i)}) for i in resources["vector_store_ids"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []


def _send(
    session: Session, transport: Transport, identifier: str, path: dict[str, str]
) -> tuple[Response | None, TransportFault | None]:
    operation = session.spec.operations[identifier]
    authorization = session.target.authorization(operation)
    own = (("Authorization", authorization),) if authorization else ()
    draft = Draft(operation, path=path)
    request = draft.build(session.target.url, (*own, *session.target.headers), dict(session.target.query))
    for attempt in range(ATTEMPTS):
        if session.options.rate:
            time.sleep(1 / session.options.rate)
        response, fault = transport.send(request)
        wait = pause(response, attempt) if response is not None and attempt < ATTEMPTS - 1 else None
        if wait is None:
            break
        time.sleep(wait)
    return response, fault


def _remove(session: Session, transport: Transport, each: Leftover) -> tuple[bool, str | None]:
    """Whether the target answered, and why the object is still there (None: it is gone)."""
    if {".", ".."} & set(each.path.values()):
        return True, "its id would lead to another place"
    response, fault = _send(session, transport, each.operation, each.path)
    if response is None:
        return False, f"{fault.kind} {fault.detail}".strip() if fault else "no answer"
    if response.status < 300 or response.status == 404:
        return True, None
    if session.spec.operations[each.operation].method != "DELETE" and response.status < 500 and response.status != 429:
        return True, NO_WAY  # it has ended: there is nothing to cancel, and no way to delete it
    return True, f"the target answered {response.status}"
