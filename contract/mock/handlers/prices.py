"""Prices: what a metered amount costs in US dollars. Plausible and fixed, so that costs can be added up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

#: Beginning of a model's name -> dollars for a million tokens (input, output); the longest beginning counts.
TOKENS: Final[Mapping[str, tuple[float, float]]] = {
    "": (1.0, 4.0),
    "gpt-4o": (2.5, 10.0),
    "gpt-4o-mini": (0.15, 0.6),
    "gpt-4": (30.0, 60.0),
    "gpt-4-turbo": (10.0, 30.0),
    "gpt-3.5-turbo": (0.5, 1.5),
    "o1": (15.0, 60.0),
    "o1-mini": (1.1, 4.4),
    "o3-mini": (1.1, 4.4),
    "text-embedding-3-small": (0.02, 0.0),
    "text-embedding-3-large": (0.13, 0.0),
    "text-embedding-ada-002": (0.1, 0.0),
    "omni-moderation": (0.0, 0.0),
    "text-moderation": (0.0, 0.0),
}
#: Amount -> dollars for one: an image, a spoken character, a transcribed second, a session.
UNITS: Final[Mapping[str, float]] = {"images": 0.02, "characters": 15e-6, "seconds": 0.0001, "num_sessions": 0.03}


def lines(record: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """The line items of a record of the meter: name and dollars, those that cost nothing left out."""
    model, amounts = record["model"], record["amounts"]
    name = model.removeprefix("ft:")
    rate = TOKENS[max((each for each in TOKENS if name.startswith(each)), key=len)]
    for kind, price in zip(("input", "output"), rate, strict=True):
        tokens = amounts.get(f"{kind}_tokens", 0)
        if tokens and price:
            yield f"{model}, {kind}", tokens * price / 1_000_000
    for unit, price in UNITS.items():
        if amounts.get(unit):
            yield f"{model or record['surface']}, {unit.removeprefix('num_')}", amounts[unit] * price
