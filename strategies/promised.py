"""What a request for a stream promises of the object that the stream adds up to: the tool that was forced, `store`.

The rules are those of the same parameters without a stream: a parameter that is honoured in one piece and ignored in
pieces is ignored.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from contract import checks
from contract.case import Stage, StreamReply
from contract.checks import echo, states
from contract.checks.sums import FAR, uncounted
from contract.draft import Draft
from contract.rules import Rule, register
from contract.verdict import Keyword
from contract.wording import shorten

register(
    Rule(
        "stream/to-its-end",
        Keyword.SHOULD,
        "The smallest request for a stream is answered to its end, not by an error in the stream.",
        "openapi.yaml: `stream` of the operations that have it",
        "Answer the request, or refuse it by a status before the stream begins.",
        "stream",
    ),
)
#: `max_output_tokens` of the kind of stream that is cut.
CUT_TOKENS = 16
Promise = Callable[[Stage, StreamReply], None]
_CHAT, _RESPONSE, _RUN, _THREAD_RUN = "createChatCompletion", "createResponse", "createRun", "createThreadAndRun"


#: Operations whose request says something always.
_SAYING = frozenset({_CHAT, "createCompletion", _RESPONSE})


def keep(operation: str, kind: str, stage: Stage, reply: StreamReply) -> None:
    """Judge what a stream of that kind adds up to; nothing where it has ended in no object."""
    promise, whole = PROMISES.get((operation, kind)), reply.accumulated
    if isinstance(whole, dict):
        _sound(operation, stage, reply)
    if promise is not None and isinstance(whole, dict):
        promise(stage, reply)
    _states(stage, reply)
    if kind == "plain" and (said := _error(reply)):
        stage.found("stream/to-its-end", expected="an answer", actual=said, where="body", exchange=reply.exchange)


def _states(stage: Stage, reply: StreamReply) -> None:
    """The objects of the events bring what belongs to their status."""
    response = reply.exchange.response
    for event in (response.events or ()) if response else ():
        try:
            value = json.loads(event.data)
        except (ValueError, RecursionError):
            continue
        for name in states.missing(value) if isinstance(value, dict) else ():
            expected, where = f"not null where `status` is {value['status']}", f"{event.event}/{name}"
            stage.found("body/state", expected=expected, actual="null", where=where, exchange=reply.exchange)
            return


def _sound(operation: str, stage: Stage, reply: StreamReply) -> None:
    """What every answer is held to: its id, its time, what was sent, its tokens."""
    whole = reply.accumulated
    if whole.get("id") == "":
        stage.found("lifecycle/id-unique", expected="an id", actual='""', where="/id", exchange=reply.exchange)
    for name in ("created", "created_at"):
        if type(whole.get(name)) is int and whole[name] >= FAR:
            actual, where = str(whole[name]), f"/{name}"
            stage.found("body/seconds", expected="seconds", actual=actual, where=where, exchange=reply.exchange)
    body = reply.exchange.request.json()
    sent: dict[str, Any] = body if isinstance(body, dict) else {}
    for member, wanted, came in echo.differences(operation, sent, whole):
        if member in whole and member not in echo.KNOBS:
            expected, actual = shorten(str(wanted), 200), shorten(str(came), 200)
            stage.found(
                "body/echo",
                expected=expected,
                actual=actual,
                where=f"/{member}",
                exchange=reply.exchange,
                keyword=None if echo.firm(operation, member) else Keyword.SHOULD,
            )
    # Chunks owe usage where it was asked for; the grammar tells of what comes unasked, zeros included.
    counts = operation == _RESPONSE or (sent.get("stream_options") or {}).get("include_usage") is True
    if operation in _SAYING and counts and (name := uncounted(whole)):
        where = f"/usage/{name}"
        stage.found("usage/counted", expected="more than 0", actual="0", where=where, exchange=reply.exchange)


def _tokens(stage: Stage, reply: StreamReply) -> None:
    """Log probabilities are those of the tokens that the text is made of."""
    for place, choice in enumerate(reply.accumulated.get("choices") or []):
        tokens = [each.get("token") for each in (choice.get("logprobs") or {}).get("content") or []]
        text = (choice.get("message") or {}).get("content")
        # A token that is no whole character has no text of its own; a long text is kept in part only.
        if not text or not tokens or not text.isascii() or len(text) > 2_000 or not all(map(_is_text, tokens)):
            continue
        if "".join(tokens).strip() != text.strip():
            stage.found(
                f"parameter/{_CHAT}/logprobs",
                expected=f"the tokens of {shorten(text, 80)!r}",
                actual=shorten("".join(tokens), 80),
                where=f"/choices/{place}/logprobs/content",
                exchange=reply.exchange,
            )


def _object(value: Any) -> dict[str, Any]:
    """What is an object, or an empty one: the last object of a stream is what the target sent, whatever it is."""
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_text(token: Any) -> bool:
    return isinstance(token, str)


def _error(reply: StreamReply) -> str:
    """What the last event but `[DONE]` says went wrong, "" where it says nothing of the kind."""
    response = reply.exchange.response
    events = [each for each in (response.events or ()) if each.data != "[DONE]"] if response else []
    try:
        data = json.loads(events[-1].data) if events else None
    except (ValueError, RecursionError):
        return ""
    if not isinstance(data, dict):
        return ""
    failed = data.get("type") in {"error", "response.failed"} or events[-1].event in {"error", "thread.run.failed"}
    return shorten(events[-1].data, 200) if failed or (data.get("error") and "choices" not in data) else ""


def _calls(name: str = "") -> Promise:
    """Each choice calls a tool, the named one, with JSON; one that was cut may have come to neither."""

    def judge(stage: Stage, reply: StreamReply) -> None:
        for place, choice in enumerate(reply.accumulated.get("choices") or []):
            message = choice.get("message") or {}
            if choice.get("finish_reason") in {"length", "content_filter"} or message.get("refusal"):
                continue
            called = [each["function"]["name"] for each in message.get("tool_calls") or []]
            for each in message.get("tool_calls") or []:
                _is_json(stage, reply, each["function"]["arguments"], f"/choices/{place}/message/tool_calls")
            if not called or (name and {*map(str, called)} != {name}):
                _tell(stage, reply, _CHAT, name, called, f"/choices/{place}/message/tool_calls")

    return judge


def _is_json(stage: Stage, reply: StreamReply, arguments: Any, where: str) -> None:
    try:
        json.loads(arguments)
    except (ValueError, TypeError, RecursionError):
        shown = shorten(str(arguments), 200)
        rule = f"parameter/{_CHAT}/tools"
        stage.found(rule, expected="arguments that are JSON", actual=shown, where=where, exchange=reply.exchange)


def _items(name: str = "") -> Promise:
    """The output has a call of a function, of the named one."""

    def judge(stage: Stage, reply: StreamReply) -> None:
        output = [each for each in _list(reply.accumulated.get("output")) if isinstance(each, dict)]
        called = [each.get("name") for each in output if each.get("type") == "function_call"]
        done = reply.accumulated.get("status") == "completed"
        if done and (not called or (name and {*map(str, called)} != {name})):
            _tell(stage, reply, _RESPONSE, name, called, "/output")

    return judge


def _waits(stage: Stage, reply: StreamReply) -> None:
    """The run stops for the call of the named function."""
    action = _object(reply.accumulated.get("required_action"))
    calls = _list(_object(action.get("submit_tool_outputs")).get("tool_calls"))
    called = [_object(each.get("function")).get("name") for each in calls if isinstance(each, dict)]
    if reply.accumulated.get("status") in {"requires_action", "completed"} and {*map(str, called)} != {"get_weather"}:
        _tell(stage, reply, _RUN, "get_weather", called, "/required_action")


def _tell(stage: Stage, reply: StreamReply, operation: str, name: str, called: list[Any], where: str) -> None:
    stage.found(
        f"parameter/{operation}/tool_choice-{'forced' if name else 'required'}",
        expected=f"a call of {name or 'a tool'}",
        actual=f"calls of {called}" if called else "no call",
        where=where,
        exchange=reply.exchange,
    )


def _cut(stage: Stage, reply: StreamReply) -> None:
    """A text that needs many tokens and reached its limit did not come to its end."""
    whole = reply.accumulated
    used = _object(whole.get("usage")).get("output_tokens")
    if whole.get("status") == "completed" and isinstance(used, int) and used >= CUT_TOKENS:
        stage.found(
            f"parameter/{_RESPONSE}/max_output_tokens",
            expected="incomplete, by max_output_tokens",
            actual="completed",
            where="/status",
            exchange=reply.exchange,
        )


def _readable(get: str, parameter: str, lister: str | None = None) -> Promise:
    """What was to be stored can be read, soon; nothing is said of a target without such a route."""

    def judge(stage: Stage, reply: StreamReply) -> None:
        operation = stage.operation(get)
        status = 0
        for pause in (0.0, 0.5, 2.0):
            stage.wait(pause)
            read = stage.send(Draft(operation, path={parameter: str(reply.accumulated.get("id"))}), judge=False)
            status = read.response.status if read.response else 0
            if status == 200 or checks.unsupported(operation, read):
                return
        if lister is not None:
            listed = stage.send(Draft(stage.operation(lister)), judge=False)
            if listed.response is None or listed.response.status != 200:
                return
        maker = _CHAT if get == "getChatCompletion" else _RESPONSE
        expected = f"GET {operation.path} answers 200"
        stage.found(
            f"parameter/{maker}/store", expected=expected, actual=str(status), where="status", exchange=reply.exchange
        )

    return judge


#: (operation, kind of stream) -> what must hold of the whole.
PROMISES: Mapping[tuple[str, str], Promise] = {
    (_CHAT, "forced-tool"): _calls("get_weather"),
    (_CHAT, "required-tool"): _calls(),
    (_CHAT, "forced-tool-n-2"): _calls(),
    (_CHAT, "logprobs"): _tokens,
    (_CHAT, "stored"): _readable("getChatCompletion", "completion_id", "listChatCompletions"),
    (_RESPONSE, "forced-function"): _items("get_weather"),
    (_RESPONSE, "required-function"): _items(),
    (_RESPONSE, "max-tokens"): _cut,
    (_RESPONSE, "stored"): _readable("getResponse", "response_id"),
    (_RUN, "forced-function"): _waits,
    (_THREAD_RUN, "forced-function"): _waits,
}
