"""What the prose rules share: looking into a body that may hold anything."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeGuard

from strategies.prose import Values

#: Members whose inside is the user's own: no rule looks for members there.
_OPAQUE = frozenset({"metadata", "attributes", "parameters", "schema", "logit_bias", "arguments"})
#: What a placeholder for a model stands for where rules name models.
_CANON = {
    "image": "dall-e-2",
    "image-edit": "dall-e-2",
    "image-3": "dall-e-3",
    "speech": "gpt-4o-mini-tts",
    "transcription": "whisper-1",
    "translation": "whisper-1",
    "transcription-stream": "gpt-4o-mini-transcribe",
}
CHAT = ("createChatCompletion",)
COMPLETION = ("createCompletion",)
RESPONSE = ("createResponse",)
#: A schema of the subset that strict mode takes.
CLOSED: dict[str, Any] = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}\Z")


def objects(node: Any) -> Iterator[dict[str, Any]]:
    """Every JSON object of a body, outermost first, the user's own data aside."""
    if isinstance(node, dict):
        yield node
        for name, each in node.items():
            if name not in _OPAQUE:
                yield from objects(each)
    elif isinstance(node, list):
        for each in node:
            yield from objects(each)


def members(values: Values, name: str) -> Iterator[tuple[dict[str, Any], Any]]:
    """(object, value) wherever a member of that name stands in the body."""
    for each in objects(values.body):
        if name in each:
            yield each, each[name]


def get(node: Any, *names: str) -> Any:
    """The member at the end of a chain of names, None where the chain breaks."""
    for name in names:
        node = node.get(name) if isinstance(node, Mapping) else None
    return node


def listed(node: Any) -> list[Any]:
    """The list itself, empty where there is none."""
    return node if isinstance(node, list) else []


def model(values: Values, otherwise: str = "") -> str:
    """The model that a body names; `otherwise` where it names none."""
    name = get(values.body, "model")
    if not isinstance(name, str):
        return otherwise
    return _CANON.get(name[7:-1], name) if name.startswith("<model ") else name


def number(value: Any) -> TypeGuard[int | float]:
    """True for a JSON number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def put(name: str, value: Any) -> Callable[[Values], None]:
    """A change that sets a member of the body."""

    def change(values: Values) -> None:
        values.body = {**(values.body or {}), name: value}

    return change


def update(**changes: Any) -> Callable[[Values], None]:
    """A change that sets several members of the body."""

    def change(values: Values) -> None:
        values.body = {**(values.body or {}), **changes}

    return change


def drop(*names: str) -> Callable[[Values], None]:
    """A change that removes members of the body."""

    def change(values: Values) -> None:
        for name in names:
            values.body.pop(name, None)

    return change


def ask(name: str, value: Any) -> Callable[[Values], None]:
    """A change that sets a query parameter."""

    def change(values: Values) -> None:
        values.query[name] = value

    return change


def outside(name: str, low: float, high: float) -> Callable[[Values], bool]:
    """True where the member of the body is a number outside the bounds."""
    return lambda values: number(get(values.body, name)) and not low <= get(values.body, name) <= high


def longer(name: str, most: int) -> Callable[[Values], bool]:
    """True where the member of the body is a string longer than that."""
    return lambda values: length(get(values.body, name)) > most


def length(value: Any) -> int:
    """The length of a string, of `<text N>` the length that it stands for; 0 for anything else."""
    if not isinstance(value, str):
        return 0
    if value.startswith("<text ") and value.endswith(">"):
        return int(value[6:-1])
    return len(value)
