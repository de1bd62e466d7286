"""Completions, embeddings and moderations, and the biases of tokens."""

from __future__ import annotations

from typing import Any

from contract.verdict import Keyword
from strategies.prose import Row, Values
from strategies.prose_tools import (
    CHAT,
    COMPLETION,
    drop,
    get,
    listed,
    number,
    put,
    update,
)


def _bias(values: Values) -> dict[str, Any]:
    found = get(values.body, "logit_bias")
    return found if isinstance(found, dict) else {}


def _mend_bias(values: Values) -> None:
    kept = {key: each for key, each in _bias(values).items() if key.isdecimal() and key.isascii()}
    bounded = {key: max(-100, min(100, each)) if number(each) else each for key, each in kept.items()}
    values.body["logit_bias"] = bounded


def _bias_high(values: Values) -> bool:
    return any(number(each) and not -100 <= each <= 100 for each in _bias(values).values())


def _best(values: Values) -> bool:
    best, count = get(values.body, "best_of"), get(values.body, "n")
    return number(best) and 0 <= best < (count if number(count) else 1)


def _inputs(values: Values) -> list[Any]:
    return listed(get(values.body, "input"))


def _empty_text(values: Values) -> bool:
    text = get(values.body, "input")
    return text == "" or any(each == "" for each in _inputs(values))


def _mend_inputs(values: Values) -> None:
    text = values.body["input"]
    values.body["input"] = [each or "text" for each in text] if isinstance(text, list) else text or "text"


def _wide(values: Values) -> bool:
    return any(_size(each) > 2048 for each in _inputs(values))


def _size(each: Any) -> int:
    if isinstance(each, dict) and "$repeat" in each:
        return int(each["$repeat"])
    return len(listed(each))


ROWS = (
    Row("CHAT-5", CHAT, _bias_high, _mend_bias, put("logit_bias", {"50256": 101})),
    Row(
        "CHAT-6",
        CHAT,
        lambda v: any(not (key.isdecimal() and key.isascii()) for key in _bias(v)),
        _mend_bias,
        put("logit_bias", {"hello": 1}),
    ),
    Row("COMP-1", COMPLETION, _best, drop("best_of"), update(best_of=1, n=2)),
    Row(
        "COMP-2",
        COMPLETION,
        lambda v: number(get(v.body, "best_of")) and v.body["best_of"] > 1 and v.body.get("stream") is True,
        drop("best_of"),
        update(best_of=2, stream=True),
    ),
    Row("COMP-5", COMPLETION, _bias_high, _mend_bias, put("logit_bias", {"50256": 101})),
    # The text lets `prompt` be absent, the schema does not: either answer is right, so only the request is tried.
    Row(
        "COMP-6",
        COMPLETION,
        lambda v: "prompt" not in (v.body or {}),
        put("prompt", "Say hello."),
        drop("prompt"),
        Keyword.MAY,
    ),
    Row("EMB-1", ("createEmbedding",), _empty_text, _mend_inputs, put("input", "")),
    Row(
        "EMB-2",
        ("createEmbedding",),
        _wide,
        lambda v: v.body.update(input=[each if _size(each) <= 2048 else [1] for each in _inputs(v)]),
        put("input", [{"$repeat": 2049, "item": 1}]),
    ),
    Row(
        "MODR-1",
        ("createModeration",),
        lambda v: get(v.body, "input") == [],
        put("input", "I am happy."),
        put("input", []),
    ),
)
