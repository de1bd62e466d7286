"""Removing what a run made: from the notes of its record, so that it works after a crash too."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
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


#: Kind -> (how it is read, members that name what it brought, how that is removed and by which parameter).
_BROUGHT: dict[str, tuple[tuple[str, str, str, str], ...]] = {
    "thread": (("getThread", "tool_resources.file_search.vector_store_ids", "deleteVectorStore", "vector_store_id"),),
    "batch": (
        ("retrieveBatch", "output_file_id", "deleteFile", "file_id"),
        ("retrieveBatch", "error_file_id", "deleteFile", "file_id"),
    ),
    "ft_job": (
        ("retrieveFineTuningJob", "result_files", "deleteFile", "file_id"),
        ("retrieveFineTuningJob", "fine_tuned_model", "deleteModel", "model"),
    ),
}


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something that is still there: by which operation it goes (None: by none), where, of which kind; `brings`: it
    names others that the run brought about, which go too.
    """

    operation: str | None
    path: dict[str, str]
    kind: str = ""
    brings: bool = False


def leftovers(record: Path) -> tuple[list[Leftover], list[Leftover]]:
    """(what can be removed, newest first; what cannot, unless it goes with its parent) by the record's notes."""
    alive: dict[_Key, Leftover] = {}
    parents: set[tuple[tuple[str, str], ...]] = set()
    kept: list[Leftover] = []
    for line in _notes(record):
        key = tuple(sorted(line["path"].items()))
        if line["kind"] == "created":
            brings = "holds" in line or line["makes"] in {"batch", "ft_job"}
            made = Leftover(line["remove"], line["path"], line["makes"], brings)
            if made.operation is None:
                kept.append(made)
            else:
                alive[made.operation, key] = made
                parents.add(key)
        elif line["kind"] == "removed":
            alive.pop((line["operation"], key), None)
        elif ("deleteThread", key) in alive:
            alive["deleteThread", key] = replace(alive["deleteThread", key], brings=True)
    lonely = [each for each in kept if not any(set(key) < set(each.path.items()) for key in parents)]
    return list(reversed(alive.values())), lonely


def _notes(record: Path) -> Iterator[dict[str, Any]]:
    if not record.is_file():
        return
    with record.open("rb") as file:
        for raw in file:
            if b'"created"' in raw or b'"removed"' in raw or b'"holds"' in raw:
                try:
                    line = json.loads(raw)
                except ValueError:
                    continue  # cut in the middle: the run was killed there
                if line.get("kind") in {"created", "removed", "holds"}:
                    yield line


def from_record(session: Session) -> list[dict[str, Any]]:
    """Remove everything that the run's record says is still there; returns what is left, with the reason."""
    if session.record is None:
        return []
    removable, lasting = leftovers(Path(session.record))
    if not removable and not lasting:
        return []
    transport = Transport(session.target, Limits(connect_s=5.0, idle_s=10.0, total_s=15.0))
    try:
        left = list(_remove_all(session, transport, [*lasting, *removable]))
    finally:
        transport.close()
    kept: list[dict[str, Any]] = session.redactor.value(left)
    return kept


def _remove_all(session: Session, transport: Transport, leftover: list[Leftover]) -> Iterator[dict[str, Any]]:
    """What could not be removed. A target that does not answer several times in a row is left alone."""
    silent = 0
    for each in leftover:
        brought = _brought(session, transport, each) if each.brings and silent < _PATIENCE else []
        for thing in (each, *brought):
            why: str | None = NO_WAY if thing.operation is None else SILENT
            if thing.operation is not None and silent < _PATIENCE:
                answered, why = _remove(session, transport, thing.operation, thing.path)
                silent = 0 if answered else silent + 1
            if why:
                yield {"kind": thing.kind or str(thing.operation), "path": thing.path, "why": why}


def _brought(session: Session, transport: Transport, each: Leftover) -> list[Leftover]:
    """What a thread, a batch or a job of this run names that nobody else made: stores, files, a model."""
    found: list[Leftover] = []
    if each.kind in {"batch", "ft_job"}:
        _send(session, transport, "cancelBatch" if each.kind == "batch" else "cancelFineTuningJob", each.path)
    for getter, member, remove, parameter in _BROUGHT.get(each.kind, ()):
        response, _ = _send(session, transport, getter, each.path)
        try:
            value = response.json() if response and response.status == 200 else None
        except (ValueError, RecursionError):
            continue
        for name in member.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        values = value if isinstance(value, list) else [value]
        found += [Leftover(remove, {parameter: one}, remove) for one in values if isinstance(one, str) and one]
    return found


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


def _remove(session: Session, transport: Transport, operation: str, path: dict[str, str]) -> tuple[bool, str | None]:
    """Whether the target answered, and why the object is still there (None: it is gone)."""
    if {".", ".."} & set(path.values()):
        return True, "its id would lead to another place"
    response, fault = _send(session, transport, operation, path)
    if response is None:
        return False, f"{fault.kind} {fault.detail}".strip() if fault else "no answer"
    if response.succeeded or response.status == 404:
        return True, None
    if session.spec.operations[operation].method != "DELETE" and response.status < 500 and response.status != 429:
        return True, NO_WAY  # it has ended: there is nothing to cancel, and no way to delete it
    return True, f"the target answered {response.status}"
