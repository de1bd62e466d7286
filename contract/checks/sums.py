"""Sums: numbers of an answer that must agree with each other, and times that must be seconds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from contract.case import Expect
from contract.checks.made import finding, objects, told
from contract.exchange import Exchange
from contract.operation import Operation
from contract.rules import Rule, register
from contract.spec import Spec
from contract.verdict import Finding, Keyword

register(
    Rule(
        "usage/sum",
        Keyword.MUST,
        "`total_tokens` is the sum of the tokens of the request and of the answer.",
        "openapi.yaml: CompletionUsage, ResponseUsage, usage of embeddings and runs",
        "Add the two counts that stand beside it.",
        "body",
    ),
    Rule(
        "usage/counted",
        Keyword.SHOULD,
        "What was read and what was written have tokens: neither count is 0.",
        "openapi.yaml: CompletionUsage, ResponseUsage, usage of embeddings",
        "Count the tokens of the request and of the answer, or leave `usage` out where it is optional.",
        "body",
    ),
    Rule(
        "body/seconds",
        Keyword.MUST,
        "A time is in whole seconds since the epoch.",
        "openapi.yaml: `created`, `created_at` (the Unix timestamp, in seconds)",
        "Divide by a thousand what your clock gives in milliseconds.",
        "body",
    ),
)
#: Operations that always read something.
_COUNTED = frozenset({"createChatCompletion", "createEmbedding", "createResponse"})
#: In seconds this is the year 5138.
FAR = 100_000_000_000
_TIMES = frozenset({"created", "created_at", "completed_at", "expires_at", "started_at", "updated_at"})


def check(spec: Spec, operation: Operation, exchange: Exchange, expect: Expect) -> Iterator[Finding]:  # noqa: ARG001 - one signature for all checks
    """Judge the usage and the times of a success, of the object itself and of the elements of a list."""
    for where, each in objects(told(spec, exchange)):
        yield from _usage(spec, operation, exchange, each, where)
        yield from _times(spec, exchange, each, where)


def uncounted(value: Mapping[str, Any]) -> str:
    """The member of `usage` that is 0 and cannot be: of a request always, of an answer where it says something."""
    usage = value.get("usage")
    if not isinstance(usage, dict):
        return ""
    choices = value.get("choices")
    said = any(
        (each.get("message") or {}).get("content") or each.get("text")
        for each in (choices if isinstance(choices, list) else [])
        if isinstance(each, dict) and isinstance(each.get("message") or {}, dict)
    )
    wanted = ("prompt_tokens", "input_tokens", *(("completion_tokens",) if said else ()))
    return next((name for name in wanted if usage.get(name) == 0), "")


def _usage(
    spec: Spec, operation: Operation, exchange: Exchange, value: Mapping[str, Any], where: str
) -> Iterator[Finding]:
    usage = value.get("usage")
    if not isinstance(usage, dict):
        return
    total = usage.get("total_tokens")
    parts = [usage.get(name) for name in ("prompt_tokens", "completion_tokens", "input_tokens", "output_tokens")]
    counts = [each for each in parts if type(each) is int]
    if type(total) is not int or not counts:
        return
    if operation.id in _COUNTED and not where and (name := uncounted(value)):
        at = f"/usage/{name}"
        yield finding("usage/counted", spec, exchange, expected="more than 0", actual="0", where=at)
    # Embeddings count the request alone: the total is no less.
    wrong = total != sum(counts) if len(counts) == 2 else total < sum(counts)
    if wrong:
        expected = " + ".join(map(str, counts)) if len(counts) == 2 else f"at least {counts[0]}"
        at = f"{where}/usage/total_tokens"
        yield finding("usage/sum", spec, exchange, expected=expected, actual=str(total), where=at)


def _times(spec: Spec, exchange: Exchange, value: Mapping[str, Any], where: str) -> Iterator[Finding]:
    for name in _TIMES & value.keys():
        if type(value[name]) is int and value[name] >= FAR:
            yield finding(
                "body/seconds", spec, exchange, expected="seconds", actual=str(value[name]), where=f"{where}/{name}"
            )
