"""JSON text as RFC 8259 has it, read strictly and without harm: what Python's reader lets pass is a fault here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from contract.wording import shorten

_BOM = b"\xef\xbb\xbf"


def is_json(name: str) -> bool:
    """True for JSON and for media types with the `+json` suffix (RFC 6839 3.1)."""
    return name == "application/json" or name.endswith("+json")


class JsonError(ValueError):
    """The bytes are no JSON text; the message says what is wrong, in a few words."""


@dataclass(frozen=True, slots=True)
class Read:
    """A JSON value and what was wrong with its text although it could be read."""

    value: Any
    faults: tuple[str, ...]


def read(content: bytes) -> Read:
    """Read a JSON text. Raises JsonError where it cannot be read at all."""
    faults: list[str] = []
    if content.startswith(_BOM):
        faults.append("a byte order mark before the JSON text (RFC 8259 8.1)")
        content = content[len(_BOM) :]
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise JsonError(f"not UTF-8 (byte {error.start}; RFC 8259 8.1)") from None

    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(members)
        if len(found) < len(members):
            names = [name for name, _ in members]
            twice = next(name for name in names if names.count(name) > 1)
            faults.append(f"member `{shorten(twice, 40)}` stands twice in one object (RFC 8259 4)")
        return found

    def constant(name: str) -> float:
        faults.append(f"{name} is no JSON number (RFC 8259 6)")
        return float(name)

    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=constant, parse_int=_integer)
    except RecursionError:
        raise JsonError("nested too deeply to be read (RFC 8259 9)") from None
    except ValueError as error:
        raise JsonError(f"no JSON: {error}") from None
    return Read(value, tuple(dict.fromkeys(faults))[:10])


def _integer(digits: str) -> int | float:
    """An integer; one of thousands of digits as the nearest float, as most readers take it."""
    return int(digits) if len(digits) <= 4000 else float(digits)
