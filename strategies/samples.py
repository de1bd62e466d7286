"""The smallest valid instance of a schema, with what hints say instead of values from thin air."""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Any

from strategies.bodies import HINTS, MODELS, OWN_HINTS, PATH_HINTS
from strategies.views import View, Views, json_type, kinds_of

Path = tuple[str | int, ...]
#: Valid strings by `format` (JSON Schema 2020-12 section 7.3).
FORMATS = {
    "uri": "https://example.com/boardwalk.png",
    "date-time": "2025-01-01T00:00:00Z",
    "date": "2025-01-01",
    "time": "12:00:00Z",
    "email": "contract@example.com",
    "uuid": "4b3f3f3e-7a52-4c67-9e7b-0d6c2b1f2a11",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
}
_DEEPEST = 12


def sample(views: Views, operation_id: str, at: str, path: Path = ()) -> Any:
    """A minimal valid template for the schema at `at`; `path` is where it goes in the body."""
    return _sample(views, operation_id, at, path, 0)


def _sample(views: Views, operation_id: str, at: str, path: Path, depth: int) -> Any:
    view = views.at(at)
    hint = hinted(views, view, operation_id, path)
    if hint is not None:
        return hint
    if view.values:
        return view.values[0]
    if view.unions and not view.properties:
        branches = view.unions[0].branches
        return _sample(views, operation_id, branches[0] if depth < _DEEPEST else branches[-1], path, depth + 1)
    kinds = kinds_of(view)
    kind = kinds[0] if kinds else "object"
    if kind == "object":
        return _object(views, operation_id, view, path, depth)
    if kind == "array":
        count = max(1, view.bound("minItems", 0)) if view.bound("maxItems", 1) else 0
        item = _sample(views, operation_id, view.items, (*path, 0), depth + 1) if view.items and count else None
        return [item] * count if view.items else []
    return scalar(view, kind)


def _object(views: Views, operation_id: str, view: View, path: Path, depth: int) -> dict[str, Any]:
    wanted = [*view.required, *(view.choices[0] if view.choices else ())]
    for union in view.unions:  # an object with members of its own and a union beside them: both must hold
        wanted += [name for name in views.at(union.branches[0]).required if name not in wanted]
    return {
        name: _sample(views, operation_id, view.properties[name], (*path, name), depth + 1)
        for name in wanted
        if name in view.properties
    }


def scalar(view: View, kind: str) -> Any:
    """The smallest string, number or boolean that a view admits."""
    if kind == "string":
        text = FORMATS.get(str(view.bound("format", "")), "contract")
        least, most = view.bound("minLength", 0), view.bound("maxLength", 1 << 20)
        return text.ljust(least, "a")[:most] if least <= most else text
    if kind == "boolean":
        return True
    least = view.bound("minimum")
    if least is None and "exclusiveMinimum" in view.bounds:
        least = view.bound("exclusiveMinimum") + 1
    if view.default is not None and json_type(view.default) in {"integer", "number"}:
        return view.default
    chosen = max(1, least) if least is not None else 1
    most = view.bound("maximum")
    return min(chosen, most) if most is not None else chosen


def hinted(views: Views, view: View, operation_id: str, path: Path) -> Any:
    """What the tables of hints have for a place, None where they have nothing that its schema admits."""
    names = tuple("*" if isinstance(each, int) else each for each in path)
    candidates = [value for tail, value in PATH_HINTS.items() if names[-len(tail) :] == tail]
    if names:
        own = OWN_HINTS.get(operation_id, {})
        candidates += [table[names[-1]] for table in (own, HINTS) if names[-1] in table]
        if names[-1] == "model":
            candidates.insert(0, _model(operation_id, names))
    return next((each for each in candidates if _admits(views, view, each)), None)


def _model(operation_id: str, names: tuple[str, ...]) -> str:
    inner = {"input_audio_transcription": "transcription-stream"}
    return f"<model {inner.get(names[-2] if len(names) > 1 else '', MODELS.get(operation_id, 'chat'))}>"


def _admits(views: Views, view: View, value: Any) -> bool:
    """True where the schema has nothing against a hint, as far as its own keywords tell."""
    if view.unions and not view.types:
        return any(_admits(views, views.at(each), value) for each in view.unions[0].branches)
    if view.values:
        return value in view.values
    if json_type(value) not in kinds_of(view):
        return False
    if isinstance(value, Mapping):
        return not view.properties
    if isinstance(value, str) and not value.startswith("<"):
        return view.bound("minLength", 0) <= len(value) <= view.bound("maxLength", 1 << 20) and (
            "format" not in view.bounds or view.bound("format") not in FORMATS or ":" in value
        )
    return True


def letters(count: int) -> str:
    """Text of that length, not all of one letter."""
    return (string.ascii_lowercase * (count // 26 + 1))[:count]
