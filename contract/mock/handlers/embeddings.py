"""Embeddings: unit vectors, near for texts that share words (openapi.yaml:3340)."""

from __future__ import annotations

import base64
import math
import struct
from functools import lru_cache
from typing import Any

from contract.mock import text as texts
from contract.mock.kernel import Call, Json, Reply, route
from contract.mock.meter import meter
from contract.mock.wanted import want

#: What a model gives where nothing is asked for, and at most.
DIMENSIONS = {"text-embedding-3-large": 3072}
DEFAULT_DIMENSIONS = 1536


@route("createEmbedding")
def create_embedding(call: Call) -> Reply:
    """One vector an input."""
    body = call.body
    model = want(call, body["model"], "embeddings")
    inputs = _inputs(body["input"])
    size = body.get("dimensions") or DIMENSIONS.get(model, DEFAULT_DIMENSIONS)
    packed = body.get("encoding_format") == "base64"
    data = [
        {"object": "embedding", "index": index, "embedding": _encoded(embed(tokens, size, model), packed)}
        for index, tokens in enumerate(inputs)
    ]
    total = sum(map(len, inputs))
    meter(call, "embeddings", model, input_tokens=total)
    usage = {"prompt_tokens": total, "total_tokens": total}
    return Json({"object": "list", "data": data, "model": model, "usage": usage})


def _inputs(given: Any) -> list[tuple[str, ...]]:
    if isinstance(given, str):
        return [texts.tokenize(given)]
    if given and isinstance(given[0], int):
        return [tuple(texts.from_ids(given))]
    return [texts.tokenize(each) if isinstance(each, str) else tuple(texts.from_ids(each)) for each in given]


@lru_cache(maxsize=64)
def embed(tokens: tuple[str, ...], size: int, model: str) -> tuple[float, ...]:
    """The sum of one direction a word, brought to length 1, each number a float32."""
    total = [0.0] * size
    for token in dict.fromkeys(each.strip().lower() for each in tokens):
        for index, value in enumerate(_direction(token, size, model)):
            total[index] += value
    length = math.sqrt(sum(value * value for value in total)) or 1.0
    return struct.unpack(f"<{size}f", struct.pack(f"<{size}f", *(value / length for value in total)))


@lru_cache(maxsize=128)
def _direction(word: str, size: int, model: str) -> tuple[float, ...]:
    chance = texts.seed_of("embedding", model, word)
    return tuple(chance.uniform(-1, 1) for _ in range(size))


def _encoded(vector: tuple[float, ...], packed: bool) -> Any:
    if not packed:
        return list(vector)
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
