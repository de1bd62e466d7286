"""OpenAPI Overlay 1.0 documents: reviewed corrections of a spec, one defect an action.

Each action carries `x-defect` (its id), `x-line` (of `openapi.yaml`), `x-certainty` (`certain` or `contested`)
and a `description` with the reason. Overlay has no way to rename a key: such a defect takes an `update` and a
`remove` with the same id. Source: OpenAPI Overlay Specification 1.0.0; inside an update, lists are appended to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract import loading, pointer
from contract.errors import SpecError

_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\['([^']*)'\]|\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Action:
    """One correction. `update` is merged into every target; `remove` deletes them."""

    defect: str
    target: str
    reason: str
    line: int
    contested: bool
    update: Any = None
    remove: bool = False

    @property
    def pointer(self) -> str:
        """The JSON pointer of the target as far as it is plain names and indexes."""
        found = ""
        for name, quoted, index in _STEP.findall(self.target):
            found = pointer.join(found, name or quoted or index)
        return found


def read(path: Path) -> list[Action]:
    """The actions of an overlay document. Raises SpecError where it is no overlay."""
    document = loading.parse(path.read_bytes(), path.name).document
    if not isinstance(document, dict) or "overlay" not in document:
        raise SpecError(f"{path}: not an OpenAPI Overlay document")
    return [_action(each, path) for each in document.get("actions", [])]


def _action(raw: Any, path: Path) -> Action:
    try:
        if raw["x-certainty"] not in {"certain", "contested"} or ("update" in raw) == ("remove" in raw):
            raise KeyError("x-certainty, or one of update and remove")
        return Action(
            defect=raw["x-defect"],
            target=raw["target"],
            reason=" ".join(raw["description"].split()),
            line=raw["x-line"],
            contested=raw["x-certainty"] == "contested",
            update=raw.get("update"),
            remove=raw.get("remove", False),
        )
    except (KeyError, TypeError) as error:
        raise SpecError(f"{path}: an action lacks {error}: {str(raw)[:80]}") from error


def locate(document: Any, target: str) -> list[tuple[str | int, ...]]:
    """Where a target matches: the path of each node. Raises SpecError for a target that is no JSONPath."""
    import jsonpath_rfc9535 as jsonpath  # not needed when the cache has the result

    try:
        return [node.location for node in jsonpath.find(target, document)]
    except jsonpath.JSONPathError as error:
        raise SpecError(f"overlay target {target} is no JSONPath ({error})") from error


def apply(document: Any, actions: Iterable[Action]) -> Any:
    """A corrected deep copy. Raises SpecError where a target matches nothing: the defect is gone."""
    corrected = json.loads(json.dumps(document))  # a copy without the sharing that YAML aliases leave
    for action in actions:
        places = locate(corrected, action.target)
        if not places:
            raise SpecError(f"overlay action {action.defect}: {action.target} matches nothing")
        # From the end, so that removing an array's entry moves no other target.
        for place in reversed(places):
            _change(corrected, place, action)
    return corrected


def _change(document: Any, place: tuple[str | int, ...], action: Action) -> None:
    if not place:
        raise SpecError(f"overlay action {action.defect}: the whole document is no target")
    for key in place[:-1]:
        document = document[key]
    if action.remove:
        del document[place[-1]]
    else:
        document[place[-1]] = merge(document[place[-1]], action.update)


def merge(target: Any, update: Any) -> Any:
    """`update` merged into `target`: objects by member, lists appended to, all else replaced."""
    if isinstance(target, dict) and isinstance(update, dict):
        return {**target, **{key: merge(target.get(key), value) for key, value in update.items()}}
    if isinstance(target, list):
        return [*target, *update] if isinstance(update, list) else [*target, update]
    return json.loads(json.dumps(update))


def reason(actions: Iterable[Action], pointers: Iterable[str], expected: str) -> str:
    """Why a reading at one of `pointers` is contested: the reason of the nearest contested action, "" without one.

    `expected` is the wording of a finding; where an action concerns one name, the name must be in it.
    """
    contested = [action for action in actions if action.contested]
    ranked = [(_nearness(action, at, expected), action.reason) for at in pointers for action in contested]
    nearest, found = max(ranked, default=((0, 0), ""))
    return found if nearest[0] else ""


def _nearness(action: Action, at: str, expected: str) -> tuple[int, int]:
    """How closely an action concerns the place `at`: by name, above it or at it, beside it; (0, 0) not at all."""
    name = re.search(r"\[\?@ == '([^']*)'\]", action.target)
    if name and f"`{name[1]}`" not in expected:
        return 0, 0
    home = action.pointer
    if at == home or at.startswith(f"{home}/"):
        return 3 if name else 2, len(home)
    beside = home.startswith(f"{at.rpartition('/')[0]}/") and "/" in at[1:].replace("components/schemas/", "", 1)
    return (1, len(home)) if beside else (0, 0)
