"""Values on either side of each constraint: the ones that a schema still admits, and the nearest that it does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from strategies.places import Place
from strategies.samples import letters
from strategies.views import View, json_type, kinds_of

UNKNOWN = "contract-no-such-value"
EXTRA = "contract_unknown"
#: Per JSON type, values of other types, the nearest first: a server that converts kindly is found too.
WRONG: dict[str, tuple[Any, ...]] = {
    "string": (12345, {"wrong": True}, ["wrong"], True),
    "integer": ("12", {"wrong": True}, ["wrong"], True),
    "number": ("0.5", {"wrong": True}, ["wrong"], True),
    "boolean": ("true", 12, {"wrong": True}),
    "object": ("wrong", 12345, ["wrong"], True),
    "array": ("wrong", {"wrong": True}, 12345, True),
}
#: For a union or a schema of several types: one value of each type.
ANY_WRONG: tuple[Any, ...] = (12345, True, {"wrong": True}, "wrong", ["wrong"], [{"wrong": True}], 1.5, [["wrong"]])
#: The same where values travel as text (forms, queries): only what cannot be read as the type.
TEXT_WRONG = {"integer": ("many",), "number": ("many",), "boolean": ("maybe",)}
#: Longest text or list that is sent to step over a bound.
MOST = 300_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value to put at a place and the constraint that it is about."""

    name: str
    keyword: str
    #: JSON pointer of the constraint in the spec.
    pointer: str
    #: Values to try, the first that is refused (or admitted) by the schema alone is taken.
    values: tuple[Any, ...]
    #: Where, below the place, the constraint is broken.
    below: str = ""


def text(count: int) -> str:
    """A string of that length; long ones as a template."""
    return letters(count) if count <= 64 else f"<text {count}>"


def invalid(place: Place, *, typed: bool = True) -> Iterator[Candidate]:
    """What to put at a place to break each of its constraints; `typed` False where values travel as text."""
    view = place.view
    yield from _required(place)
    yield from _types(view, typed=typed)
    if view.types == ("integer",):
        half = place.value + 0.5 if json_type(place.value) == "integer" else 1.5
        yield Candidate("integer", "type", f"{view.type_pointer}/type", (half,))
    if typed and not view.nullable:
        at = view.type_pointer or (view.unions[0].pointer if view.unions else view.pointer)
        yield Candidate("null", "null", f"{at}/type" if view.type_pointer else at, (None,))
    for keyword, (value, at) in view.bounds.items():
        values = tuple(_beyond(keyword, value, place))
        if values:
            yield Candidate(_name(keyword), keyword, f"{at}/{keyword}", values)
    if view.closed and isinstance(place.value, Mapping):
        grown = ({**place.value, EXTRA: True},)
        at = f"{view.closed}/additionalProperties"
        yield Candidate("extra-property", "additionalProperties", at, grown, f"/{EXTRA}")
    for union in view.unions:
        yield Candidate("no-branch", union.keyword, f"{union.pointer}/{union.keyword}", ANY_WRONG if typed else ())
    for index, names in enumerate(view.choices[:1]):
        if isinstance(place.value, Mapping) and index == 0:
            kept = {key: each for key, each in place.value.items() if not any(key in group for group in view.choices)}
            yield Candidate("no-choice", "anyOf", f"{view.pointer}", (kept,), f"/{names[0]}")


def _required(place: Place) -> Iterator[Candidate]:
    if not isinstance(place.value, Mapping):
        return
    for name, at in place.view.required.items():
        if name in place.value:
            kept = {key: each for key, each in place.value.items() if key != name}
            yield Candidate(f"{name}/required", "required", f"{at}/required", (kept,), f"/{name}")


def _types(view: View, *, typed: bool) -> Iterator[Candidate]:
    if not view.types:
        return
    at = f"{view.type_pointer}/type"
    if typed:
        wrong = WRONG.get(view.types[0], ()) if len(view.types) == 1 else ANY_WRONG
    else:
        wrong = TEXT_WRONG.get(view.types[0], ()) if len(view.types) == 1 else ()
    yield Candidate("type", "type", at, wrong)


def _name(keyword: str) -> str:
    """`maxLength` -> `max-length`."""
    return "".join(f"-{each.lower()}" if each.isupper() else each for each in keyword)


def _beyond(keyword: str, value: Any, place: Place) -> Iterator[Any]:
    """Values just past a bound."""
    step = 1 if "integer" in kinds_of(place.view) else 0.5
    if keyword in {"enum", "const"}:
        listed = place.view.values
        kind = json_type(listed[0]) if listed else "string"
        yield {"string": UNKNOWN, "boolean": not listed[0] if listed else None}.get(kind, 987654)
    elif keyword == "minimum":
        yield value - step
    elif keyword == "maximum":
        yield value + step
    elif keyword in {"exclusiveMinimum", "exclusiveMaximum"}:
        yield value
    elif keyword == "multipleOf":
        yield value / 2
    else:
        yield from _beyond_size(keyword, value, place)


def _beyond_size(keyword: str, value: Any, place: Place) -> Iterator[Any]:
    if keyword == "minLength" and value > 0:
        yield text(value - 1)
    elif keyword == "maxLength" and value < MOST:
        yield text(value + 1)
    elif keyword == "minItems" and value > 0:
        yield _times(place.value, value - 1)
    elif keyword == "maxItems" and value < MOST:
        yield _times(place.value, value + 1)
    elif keyword == "uniqueItems" and value is True and isinstance(place.value, list) and place.value:
        yield [place.value[0], place.value[0]]
    elif keyword == "minProperties" and value > 0:
        yield {}
    elif keyword == "maxProperties" and isinstance(place.value, Mapping):
        yield _members(place, value + 1)
    elif keyword == "pattern":
        yield from ("", "\u00a7 contract \u00a7", "contract", "0")
    elif keyword == "format":
        yield from _unformatted(value)


def _unformatted(name: Any) -> Iterator[Any]:
    if name in {"int32", "int64"}:
        yield 2**31 if name == "int32" else 2**63
    elif name not in {"binary", "byte", "password", "float", "double"}:
        yield from ("https://not a \u00a7 host/boardwalk.png", f"not a {name}")


def _times(value: Any, count: int) -> Any:
    item = value[0] if isinstance(value, list) and value else None
    if count > 8:
        return {"$repeat": count, "item": item}
    return [item] * count


def _members(place: Place, count: int) -> dict[str, Any]:
    sample = next(iter(place.value.values()), "value")
    return {f"key-{number}": sample for number in range(count)}


def valid(place: Place) -> Iterator[Candidate]:
    """What to put at a place to stand at each end of what its schema admits."""
    view = place.view
    if place.optional or ":" in place.label.rpartition(".")[2]:
        yield Candidate("present", "properties", view.pointer, (place.value,))
    if view.nullable:
        yield Candidate("null", "nullable", view.pointer, (None,))
    if "boolean" in kinds_of(view) and not view.values:
        for each in (True, False):
            yield Candidate(str(each).lower(), "type", view.pointer, (each,))
    for each in () if place.path[-1:] == ("model",) else view.values:  # which models there are the target says
        at = view.bounds["enum" if "enum" in view.bounds else "const"][1]
        yield Candidate(f"enum/{each}", "enum", f"{at}/enum", (each,))
    for keyword, (value, at) in view.bounds.items():
        values = tuple(_edge(keyword, value, place))
        if values:
            yield Candidate(_name(keyword), keyword, f"{at}/{keyword}", values)


def _edge(keyword: str, value: Any, place: Place) -> Iterator[Any]:
    """Values exactly at a bound."""
    whole = "integer" in kinds_of(place.view)
    if keyword in {"minimum", "maximum"}:
        yield value
    elif keyword == "exclusiveMinimum":
        yield value + (1 if whole else 0.001)
    elif keyword == "exclusiveMaximum":
        yield value - (1 if whole else 0.001)
    elif keyword in {"minLength", "maxLength"} and value < MOST and not place.view.values:
        yield text(value)
    elif keyword in {"minItems", "maxItems"} and value < MOST:
        yield _times(place.value, value)
    elif keyword == "maxProperties" and isinstance(place.value, Mapping):
        yield _members(place, value)
