"""JSON pointers (RFC 6901) as the suite uses them: plain strings, "" for the root."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def escape(token: object) -> str:
    """One reference token, `~` and `/` escaped."""
    return str(token).replace("~", "~0").replace("/", "~1")


def join(base: str, *tokens: object) -> str:
    """`base` with tokens appended."""
    for token in tokens:
        part = str(token)
        # Nearly no name holds either, and documents have ten thousands of them.
        base += f"/{escape(part)}" if "~" in part or "/" in part else f"/{part}"
    return base


def tokens(pointer: str) -> list[str]:
    """The unescaped tokens of a pointer; a leading `#` is dropped."""
    text = pointer.removeprefix("#")
    return [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]


def resolve(document: Any, pointer: str) -> Any:
    """The value at `pointer`. Raises KeyError where nothing stands there."""
    node = document
    for token in tokens(pointer):
        try:
            node = node[int(token)] if isinstance(node, list) else node[token]
        except (KeyError, IndexError, ValueError, TypeError):
            raise KeyError(pointer) from None
    return node


def from_path(path: Iterable[object]) -> str:
    """A pointer from the parts of a path, as validators give them."""
    return join("", *path)
