"""What was consumed, counted a minute, for the usage and cost reports of the admin side."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contract.mock.kernel import Call

KIND = "meter"
#: Header of the requests that a batch makes for its lines, inside the server.
BATCH = "x-batch-line"


@lru_cache(maxsize=1024)
def key_id(token: str) -> str:
    """An id that stands for a token and does not give it away."""
    return "key_" + hashlib.blake2b(token.encode(errors="replace"), digest_size=8).hexdigest()


def meter(call: Call, surface: str, model: str = "", detail: str = "", **amounts: float) -> None:
    """Add `amounts` to the minute's record of (surface, model, detail, key).

    `surface` is the last word of the usage path: `completions`, `embeddings`, `moderations`, `images`,
    `audio_speeches`, `audio_transcriptions`, `vector_stores`, `code_interpreter_sessions`. `detail` tells records of
    one surface apart (an image's `source:size`). Each record is a dict of kind `meter`: `surface`, `model`, `detail`,
    `minute` (epoch seconds), `key` (an id made from the token, never the token), `batch` (made for a batch's line),
    `requests` and `amounts`.
    """
    minute = call.now // 60 * 60
    key = key_id(call.key)
    batch = BATCH in call.headers
    identifier = f"{minute}:{surface}:{model}:{detail}:{key}:{batch}"
    record: dict[str, Any] = call.store.get(KIND, identifier, "") or {
        "surface": surface,
        "model": model,
        "detail": detail,
        "minute": minute,
        "key": key,
        "batch": batch,
        "requests": 0,
        "amounts": {},
    }
    record["requests"] += 1
    for name, amount in amounts.items():
        record["amounts"][name] = record["amounts"].get(name, 0) + amount
    call.store.put(KIND, identifier, record)
