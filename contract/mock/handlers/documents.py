"""What a vector store knows of a file: its text, cut into chunks, scored by shared words, filtered by attributes.

A word stands for a token: sizes of `chunking_strategy` count words. Nothing here touches the store or a clock.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

#: `auto` chunking as the spec documents it (openapi.yaml:15436): 800 tokens, 400 of them shared.
DEFAULT_CHUNKING: Mapping[str, Any] = {
    "type": "static",
    "static": {"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 400},
}
#: Formats whose bytes are no plain text, though file search reads them; their readable runs are taken.
_PACKED = (".pdf", ".doc", ".docx", ".pptx")
_READABLE = re.compile(rb"[\x20-\x7e]{4,}")
#: Words that tell nothing of a text's subject.
_STOP = frozenset(
    re.findall(
        r"\w+", "a an and are as at be by do does for from how in is it of on or the to was what where which who why"
    )
)

_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


def text_of(content: bytes, filename: str) -> str | None:
    """The text of a file, None where it cannot be read as text."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        if filename.lower().endswith(_PACKED):
            return b"\n".join(_READABLE.findall(content)).decode("ascii")
        return None


def chunking(asked: Mapping[str, Any] | None) -> dict[str, Any]:
    """The strategy as answers show it: what was asked for, `auto` and nothing spelled out as the static default."""
    if asked is None or asked["type"] != "static":
        return {"type": "static", "static": dict(DEFAULT_CHUNKING["static"])}
    return {"type": "static", "static": dict(asked["static"])}


def chunks(text: str, strategy: Mapping[str, Any]) -> list[str]:
    """The text in pieces of at most `max_chunk_size_tokens` words, neighbours sharing `chunk_overlap_tokens`."""
    size = strategy["static"]["max_chunk_size_tokens"]
    step = max(1, size - max(0, strategy["static"]["chunk_overlap_tokens"]))
    spans = [match.span() for match in re.finditer(r"\S+", text)]
    pieces = []
    for start in range(0, len(spans), step):
        piece = spans[start : start + size]
        pieces.append(text[piece[0][0] : piece[-1][1]])
        if start + size >= len(spans):
            break
    return pieces


def words(text: str) -> set[str]:
    """The words that carry meaning, lower case; plurals fall together with their singular."""
    found = (each.lower() for each in re.findall(r"\w+", text))
    return {each[:-1] if len(each) > 3 and each.endswith("s") else each for each in found if each not in _STOP}


def rewritten(query: str) -> str:
    """A query made fit for search: its bearing words in their order, or the query where none is left."""
    kept = [each for each in re.findall(r"\w+", query.lower()) if each not in _STOP]
    return " ".join(kept) or query


def score(query: str, text: str) -> float:
    """Between 0 and 1: the share of the query's words that the text has, a little less for longer texts."""
    asked, there = words(query), words(text)
    if not asked:
        return 0.0
    shared = len(asked & there) / len(asked)
    return round(shared * (0.9 + 0.1 / (1 + len(there) / 100)), 4)


def matches(condition: Mapping[str, Any] | None, attributes: Mapping[str, Any] | None) -> bool:
    """Whether attributes pass a ComparisonFilter or CompoundFilter (openapi.yaml:16879, 17010)."""
    if condition is None:
        return True
    if condition["type"] in {"and", "or"}:
        results = [matches(each, attributes) for each in condition["filters"]]
        return all(results) if condition["type"] == "and" else any(results)
    present = attributes or {}
    return _compared(condition["type"], present.get(condition["key"]), condition["value"])


def _compared(kind: str, actual: Any, wanted: Any) -> bool:
    same_sort = _sort(actual) == _sort(wanted)
    if kind == "eq":
        return same_sort and bool(actual == wanted)
    if kind == "ne":
        return not same_sort or bool(actual != wanted)
    return same_sort and _COMPARE[kind](actual, wanted)


def _sort(value: Any) -> str:
    """`boolean`, `number`, `string` or `none`: values of different sorts never compare."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "string" if isinstance(value, str) else "none"
