"""Choices of a chat completion that came in one piece: what `contract.grammars.chat` asks of streams, of these too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from contract.case import Expect
from contract.checks.made import asked, finding, told
from contract.exchange import Exchange
from contract.operation import Operation
from contract.rules import Rule, register
from contract.spec import Spec
from contract.verdict import Finding, Keyword

register(
    Rule(
        "choices/index",
        Keyword.MUST,
        "Each choice has an index of its own, from 0 on.",
        "openapi.yaml: CreateChatCompletionResponse.choices.index, CreateCompletionResponse.choices.index",
        "Number the choices in the order of the list.",
        "body",
    ),
    Rule(
        "choices/finish-reason",
        Keyword.MUST,
        "`tool_calls` is why a choice ended exactly where it calls tools of its own accord.",
        "openapi.yaml: CreateChatCompletionResponse.choices.finish_reason",
        "Answer `tool_calls` with tool calls, `stop` without; `stop` is accepted where a tool was forced.",
        "body",
    ),
    Rule(
        "choices/unoffered",
        Keyword.MUST,
        "No tool is called that the request does not offer.",
        "openapi.yaml: CreateChatCompletionRequest.tools, ChatCompletionToolChoiceOption",
        "Check the name of each call against the tools of the request.",
        "body",
    ),
)
_OPERATIONS = frozenset({"createChatCompletion", "createCompletion"})


def check(spec: Spec, operation: Operation, exchange: Exchange, expect: Expect) -> Iterator[Finding]:  # noqa: ARG001 - one signature for all checks
    """Judge the choices of a success."""
    if operation.id not in _OPERATIONS:
        return
    value, sent = told(spec, exchange), asked(exchange)
    choices = value.get("choices") if isinstance(value, dict) else None
    if not isinstance(choices, list) or not all(isinstance(each, dict) for each in choices):
        return  # the check of bodies tells
    indices = [each.get("index") for each in choices]
    if all(type(each) is int for each in indices) and sorted(indices) != list(range(len(indices))):
        expected = f"0 to {len(indices) - 1}, each once"
        yield finding("choices/index", spec, exchange, expected=expected, actual=str(indices), where="/choices")
    for place, choice in enumerate(choices):
        if isinstance(sent, dict) and "messages" in sent:
            yield from _finished(spec, exchange, choice, sent, f"/choices/{place}")


def _finished(
    spec: Spec, exchange: Exchange, choice: Mapping[str, Any], sent: Mapping[str, Any], where: str
) -> Iterator[Finding]:
    message = choice.get("message")
    calls = message.get("tool_calls") if isinstance(message, dict) else None
    called = isinstance(calls, list) and bool(calls)
    reason = choice.get("finish_reason")
    forced = isinstance(sent.get("tool_choice"), dict) or sent.get("tool_choice") == "required"
    at = f"{where}/finish_reason"
    if reason == "tool_calls" and not called:
        yield finding("choices/finish-reason", spec, exchange, expected="tool calls", actual="none", where=at)
    elif reason == "stop" and called and not forced:
        yield finding("choices/finish-reason", spec, exchange, expected="tool_calls", actual="stop", where=at)
    if called:
        yield from _offered(spec, exchange, calls, sent, where)


def _offered(spec: Spec, exchange: Exchange, calls: Any, sent: Mapping[str, Any], where: str) -> Iterator[Finding]:
    offered = {_name(each) for each in sent.get("tools") or [] if isinstance(each, dict)}
    for each in calls:
        if isinstance(each, dict) and isinstance(_name(each), str) and _name(each) not in offered:
            expected = ", ".join(sorted(filter(None, offered))) or "no call: no tools are offered"
            at = f"{where}/message/tool_calls"
            yield finding("choices/unoffered", spec, exchange, expected=expected, actual=str(_name(each)), where=at)


def _name(value: Mapping[str, Any]) -> Any:
    function = value.get("function")
    return function.get("name") if isinstance(function, dict) else None
