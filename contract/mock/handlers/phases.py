"""Lifecycles that time moves: a record's state, how long it lasts, and what ends it.

Nothing runs in the background. A record `{"object": {"status": ...}, "since": moment}` is moved when it is read, as far
as its time allows, each state counting from the exact end of the one before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from contract.mock.kernel import Call

#: Ends a state: changes the record's object; the moment (epoch seconds) is when the state ended.
End = Callable[[Call, dict[str, Any], float], None]
#: State -> mock seconds it lasts, and its end.
Phases = Mapping[str, tuple[float, End]]


def advance(call: Call, record: dict[str, Any], phases: Phases) -> bool:
    """Move a record; False where nothing changed. An end that leaves the state as it is goes on at the next read."""
    moved = False
    while (phase := phases.get(status := record["object"]["status"])) and call.elapsed(record["since"]) >= phase[0]:
        lasted, end = phase
        at = min(call.time, record["since"] + lasted / call.settings.speed)
        end(call, record, at)
        moved = True
        if record["object"]["status"] == status:
            break
        record["since"] = at
    return moved


def enter(record: dict[str, Any], status: str, at: float) -> None:
    """Move to a state and stamp `<status>_at`."""
    record["object"]["status"] = status
    record["object"][f"{status}_at"] = int(at)
    record["since"] = at


def to(status: str) -> End:
    """An end that does no more than enter the next state."""
    return lambda _call, record, at: enter(record, status, at)


#: Records that time still moves, by id, so that `settle_all` need not read all there ever were.
_RUNNING = "running"
_SETTLERS: dict[str, Callable[[Call, dict[str, Any]], object]] = {}


def settler(kind: str, settle: Callable[[Call, dict[str, Any]], object]) -> None:
    """Say how records of a kind are moved and saved."""
    _SETTLERS[kind] = settle


def track(call: Call, kind: str, identifier: str, parent: str, running: bool) -> None:
    """Remember that time moves a record, or that it has ended."""
    if running:
        call.store.put(_RUNNING, identifier, {"kind": kind, "id": identifier, "parent": parent})
    else:
        call.store.delete(_RUNNING, identifier)


def settle_all(call: Call) -> None:
    """Move everything as far as time allows: before something is removed that past work would have used."""
    for each in call.store.list(_RUNNING):
        record = call.store.get(each["kind"], each["id"], each["parent"])
        if record is None:
            call.store.delete(_RUNNING, each["id"])
        else:
            _SETTLERS[each["kind"]](call, record)
