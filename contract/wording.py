"""How values, constraints and places are put into words: one short, printable line whatever a target sent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

#: Deeper parts of an instance are cut before it is explained.
_DEEP = 200
_WIDTH = 80


def wording(kind: Any, keyword: str, part: Any) -> tuple[str, str]:  # noqa: PLR0911 - one line for each keyword
    """What was expected and what was found; `kind` is jsonschema-rs' account of a broken `keyword`."""
    if keyword == "required":
        return f"member `{shorten(kind.property)}`", "absent"
    if keyword in {"additionalProperties", "unevaluatedProperties"}:
        return "no undeclared members", ", ".join(f"`{shorten(each)}`" for each in kind.unexpected[:5])
    if keyword == "type":
        return either(sorted(kind.types, key=null_last)), show(part)
    if keyword == "enum":
        return one_of(kind.options), show(part)
    if keyword == "const":
        return show(kind.expected_value), show(part)
    if keyword == "format":
        return f"format {kind.format}", show(part)
    if keyword in _PLAIN:
        return _PLAIN[keyword], show(part)
    bound = _BOUNDS.get(keyword)
    if bound:
        return bound.format(shorten(str(kind.value))), _measured(keyword, part)
    return f"{keyword} {show(kind.value)}" if hasattr(kind, "value") else keyword, show(part)


_PLAIN = {
    "falseSchema": "nothing here",
    "not": "a value that the schema does not exclude",
    "uniqueItems": "items that all differ",
    "contains": "an item of the wanted schema",
}
_BOUNDS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "minProperties": "at least {} members",
    "maxProperties": "at most {} members",
    "pattern": "text that matches {}",
}


def _measured(keyword: str, part: Any) -> str:
    if keyword.endswith(("Length", "Items", "Properties")):
        return f"{len(part)}"
    return show(part)


def line(where: str, expected: str, actual: str, branch: str = "") -> str:
    """Where, what was expected and what was found; `branch` names the alternative of a union."""
    beside = f" ({branch})" if branch else ""
    return f"{shorten(where, 200) or 'body'}: expected {expected}, got {actual}{beside}"


def null_last(kind: str) -> tuple[bool, str]:
    """A sorting key for JSON types."""
    return kind == "null", kind


def either(kinds: Iterable[str]) -> str:
    """`string or null`."""
    return " or ".join(kinds)


def one_of(values: Iterable[Any]) -> str:
    """The first dozen of the allowed values."""
    listed = list(dict.fromkeys(show(each) for each in values))
    shown = ", ".join(listed[:12])
    return shown if len(listed) == 1 else f"one of {shown}" + (", ..." if len(listed) > 12 else "")


def kind_of(value: Any) -> str:
    """The JSON type of a value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return (
            "integer" if isinstance(value, int) or (value == value // 1 if abs(value) < 1e300 else False) else "number"
        )
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"


def show(value: Any) -> str:
    """A value in a few words: shortened, on one line, without control characters."""
    if isinstance(value, str):
        return f"'{shorten(value)}'"
    if isinstance(value, list):
        return f"an array of {len(value)}"
    if isinstance(value, dict):
        names = ", ".join(shorten(str(name), 20) for name in list(value)[:5])
        return f"an object with {names}" + (", ..." if len(value) > 5 else "") if value else "an empty object"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    try:
        return shorten(str(value))
    except ValueError:  # more digits than Python writes
        return "a number of thousands of digits"


def shorten(text: str, width: int = _WIDTH) -> str:
    """At most `width` characters, all printable."""
    cut = text if len(text) <= width else text[: width - 3] + "..."
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in cut)


def tame(instance: Any, depth: int = _DEEP) -> Any:
    """A copy that any validator can take: no lone surrogates, nothing nested deeper than `depth`."""
    if isinstance(instance, str):
        return instance.encode("utf-8", "replace").decode("utf-8")
    if isinstance(instance, dict):
        return {tame(str(key)): tame(each, depth - 1) for key, each in instance.items()} if depth else None
    if isinstance(instance, list):
        return [tame(each, depth - 1) for each in instance] if depth else None
    return instance
