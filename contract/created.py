"""What a run makes on a target, so that all of it can be removed again: noted before the request, kept until gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from contract.draft import Draft
from contract.exchange import Response

Note = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Removal:
    """How one kind of object goes away. `remove` None: it cannot be removed (batches, jobs, projects)."""

    kind: str
    remove: str | None
    #: Path parameter of `remove` -> JSON member of the answer (`id`) or path parameter of the request (`:thread_id`).
    ids: Mapping[str, str] = field(default_factory=dict)


class Ledger:
    """Objects made by this process, newest last. `note` writes a line of the record."""

    def __init__(self, removals: Mapping[str, Removal], note: Note = lambda _: None) -> None:
        """`removals`: operation id of the producer -> how its product is removed."""
        self._removals = removals
        self._note = note
        self._alive: dict[tuple[str, tuple[tuple[str, str], ...]], Removal] = {}

    def intends(self, draft: Draft) -> None:
        """Call before a request that may create something."""
        removal = self._removals.get(draft.operation.id)
        if removal is not None:
            self._note({"kind": "intent", "operation": draft.operation.id, "makes": removal.kind, "path": dict(draft.path)})

    def saw(self, draft: Draft, response: Response) -> None:
        """Call after an answer: notes what was made, forgets what was removed."""
        identifier = draft.operation.id
        if 200 <= response.status < 300 or response.status == 404:
            gone = (identifier, tuple(sorted((k, str(v)) for k, v in draft.path.items())))
            if self._alive.pop(gone, None):
                self._note({"kind": "removed", "operation": identifier, "path": dict(draft.path)})
        removal = self._removals.get(identifier)
        if removal is None or not 200 <= response.status < 300:
            return
        path = _ids(removal, draft, response)
        if path is None:
            return
        self._note({"kind": "created", "makes": removal.kind, "remove": removal.remove, "path": path})
        if removal.remove:
            self._alive[removal.remove, tuple(sorted(path.items()))] = removal

    def owns(self, draft: Draft) -> bool:
        """True where a draft removes or changes something that this run made."""
        path = tuple(sorted((k, str(v)) for k, v in draft.path.items()))
        return bool(path) and any(dict(path).items() >= dict(alive).items() for _, alive in self._alive)

    def leftovers(self) -> list[tuple[str, dict[str, str]]]:
        """(operation that removes it, path parameters) of everything still there, newest first."""
        return [(operation, dict(path)) for operation, path in reversed(self._alive)]


def _ids(removal: Removal, draft: Draft, response: Response) -> dict[str, str] | None:
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return None
    found: dict[str, str] = {}
    for parameter, source in removal.ids.items():
        value = draft.path.get(source[1:]) if source.startswith(":") else _member(body, source)
        if not isinstance(value, str) or not value:
            return None
        found[parameter] = value
    return found


def _member(body: Any, path: str) -> Any:
    for name in path.split("."):
        body = body.get(name) if isinstance(body, dict) else None
    return body
