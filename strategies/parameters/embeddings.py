"""Parameters of createEmbedding and createModeration."""

from __future__ import annotations

import base64
import binascii
import math
import struct
from collections.abc import Sequence
from typing import Any

from strategies.parameters.asking import Answer, Asking, Parameter, table

_OPERATION = "createEmbedding"


def _body(**more: Any) -> dict[str, Any]:
    return {"model": "<model embeddings>", "input": "The food was delicious.", "encoding_format": "float", **more}


def _vector(answer: Answer) -> list[float]:
    vector = answer.at("data", 0, "embedding")
    return vector if _numbers(vector) else []


def _numbers(vector: Any) -> bool:
    """A model without pooling gives a vector for each token: a list of lists, of which the schema tells."""
    return isinstance(vector, list) and all(type(each) in {int, float} for each in vector)


def _dimensions(asking: Asking) -> None:
    wanted = 32 if len(_vector(asking.send(_body()))) == 64 else 64  # another length than the model has by itself
    answer = asking.send(_body(dimensions=wanted))
    if len(_vector(answer)) != wanted:
        asking.broken(answer, f"{wanted} numbers", f"{len(_vector(answer))} numbers", "/data/0/embedding")


def _float(asking: Asking) -> None:
    answer = asking.send(_body())
    if not _vector(answer):
        asking.broken(
            answer, "an array of numbers", type(answer.at("data", 0, "embedding")).__name__, "/data/0/embedding"
        )


def _base64(asking: Asking) -> None:
    plain = _vector(asking.send(_body()))
    answer = asking.send(_body(encoding_format="base64"))
    encoded = answer.at("data", 0, "embedding")
    if not isinstance(encoded, str):
        asking.broken(answer, "a base64 string", type(encoded).__name__, "/data/0/embedding")
        return
    try:
        raw = base64.b64decode(encoded, validate=True)
        decoded = struct.unpack(f"<{len(raw) // 4}f", raw)
    except (binascii.Error, struct.error):
        asking.broken(answer, "base64 of little-endian 32-bit floats", encoded[:60], "/data/0/embedding")
        return
    if len(decoded) != len(plain) or (plain and _cosine(decoded, plain) < 0.99):
        asking.broken(
            answer,
            f"the same {len(plain)} numbers as with float",
            f"{len(decoded)} numbers, others",
            "/data/0/embedding",
        )


def _cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """Inputs of one model embed alike: a live model repeats a vector up to rounding."""
    norm = math.hypot(*one) * math.hypot(*other)
    return sum(a * b for a, b in zip(one, other, strict=True)) / norm if norm else 0.0


def _inputs(asking: Asking) -> None:
    answer = asking.send(_body(input=["one", "two", "three"]))
    data = answer.at("data")
    indices = [each.get("index") for each in data] if isinstance(data, list) else []
    if sorted(indices, key=str) != [0, 1, 2]:
        asking.broken(answer, "3 embeddings, indices 0, 1, 2", f"indices {indices}", "/data")
        return
    known = _vector(asking.send(_body(input="three")))
    alike = {each["index"]: _alike(known, each.get("embedding")) for each in data}
    if min(alike.values()) >= 0 and max(alike, key=lambda index: alike[index]) != 2:
        asking.broken(answer, "index 2 for the embedding of the third input", "another input's", "/data")


def _alike(one: Sequence[float], other: Any) -> float:
    """The cosine of two vectors; -2 where they cannot be compared."""
    comparable = _numbers(other) and len(other) == len(one)
    return 1 + _cosine(one, other) if comparable else -2.0


def _tokens(asking: Asking) -> None:
    """A list of token ids is one input, a list of such lists is one each."""
    for given, count in (([9906, 1917], 1), ([[9906], [1917]], 2)):
        answer = asking.send(_body(input=given))
        data = answer.at("data")
        if not isinstance(data, list) or len(data) != count:
            shown = len(data) if isinstance(data, list) else 0
            asking.broken(answer, f"{count} embeddings for {given}", f"{shown} embeddings", "/data")


def _moderated(asking: Asking) -> None:
    # The second one is the spec's own example of a text that is flagged: its result is judged like any other.
    answer = asking.send({"model": "<model moderation>", "input": ["one", "I want to kill them.", "three"]})
    results = answer.at("results")
    if not isinstance(results, list) or len(results) != 3:
        asking.broken(answer, "3 results", f"{len(results) if isinstance(results, list) else 0} results", "/results")


PARAMETERS = table(
    Parameter(_OPERATION, "dimensions", "`dimensions` is the length of the embedding.", 18805, _dimensions, requests=2),
    Parameter(_OPERATION, "encoding_format-float", "`encoding_format: float` gives numbers.", 18797, _float),
    Parameter(
        _OPERATION,
        "encoding_format-base64",
        "`encoding_format: base64` gives the same vector, encoded.",
        18797,
        _base64,
        requests=2,
    ),
    Parameter(_OPERATION, "input", "Each input of an array gets its embedding.", 18737, _inputs, requests=2),
    Parameter(_OPERATION, "input-tokens", "A list of token ids is one input.", 18737, _tokens, requests=2),
    Parameter("createModeration", "input", "Each input of an array gets its result.", 19426, _moderated),
)  # fmt: skip - one parameter a line
