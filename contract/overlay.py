"""OpenAPI Overlay 1.0 documents: reviewed corrections of a spec, one action a defect.

Each action carries `x-defect` (its id), `x-line` (of `openapi.yaml`), `x-certainty` (`certain` or `contested`)
and a `description` with the reason. Source: OpenAPI Overlay Specification 1.0.0.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonpath_rfc9535 as jsonpath
import yaml

from contract.errors import SpecError


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


def read(path: Path) -> list[Action]:
    """The actions of an overlay document. Raises SpecError where it is no overlay."""
    document = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)  # noqa: S506 - CSafeLoader is safe
    if not isinstance(document, dict) or "overlay" not in document:
        raise SpecError(f"{path}: not an OpenAPI Overlay document")
    return [
        Action(
            defect=each["x-defect"],
            target=each["target"],
            reason=each["description"],
            line=each["x-line"],
            contested=each["x-certainty"] == "contested",
            update=each.get("update"),
            remove=each.get("remove", False),
        )
        for each in document["actions"]
    ]


def apply(document: Any, actions: Iterable[Action]) -> Any:
    """A corrected deep copy. Raises SpecError where a target matches nothing: the defect is gone."""
    corrected = copy.deepcopy(document)
    for action in actions:
        nodes = jsonpath.find(action.target, corrected)
        if not nodes:
            raise SpecError(f"overlay action {action.defect}: {action.target} matches nothing")
        for node in nodes:
            if action.remove:
                _remove(corrected, node.location)
            else:
                _set(corrected, node.location, _merge(node.value, action.update))
    return corrected


def _merge(target: Any, update: Any) -> Any:
    if isinstance(target, dict) and isinstance(update, dict):
        return {**target, **{key: _merge(target.get(key), value) for key, value in update.items()}}
    if isinstance(target, list):
        return [*target, *update] if isinstance(update, list) else [*target, update]
    return copy.deepcopy(update)


def _parent(document: Any, location: tuple[Any, ...]) -> Any:
    for key in location[:-1]:
        document = document[key]
    return document


def _set(document: Any, location: tuple[Any, ...], value: Any) -> None:
    _parent(document, location)[location[-1]] = value


def _remove(document: Any, location: tuple[Any, ...]) -> None:
    del _parent(document, location)[location[-1]]
