"""Parameters of createChatCompletion."""

from __future__ import annotations

import json
from typing import Any

from contract.verdict import Keyword
from strategies.kinds import WEATHER
from strategies.parameters.asking import Answer, Asking, Parameter, table

_OPERATION = "createChatCompletion"
_USED = ("usage", "completion_tokens")
_COUNT = "Count from 1 to 20 in digits, separated by single spaces. Write nothing else."
_TOOL = {"type": "function", "function": WEATHER}
_TIME = {
    "type": "function",
    "function": {"name": "get_time", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}
_PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}


def _body(said: str = _COUNT, **more: Any) -> dict[str, Any]:
    return {"model": "<model chat>", "messages": [{"role": "user", "content": said}], **more}


def _text(answer: Answer) -> str:
    content = answer.at("choices", 0, "message", "content")
    return content if isinstance(content, str) else ""


def _calls(answer: Answer) -> list[Any]:
    calls = answer.at("choices", 0, "message", "tool_calls")
    return calls if isinstance(calls, list) else []


def _n(asking: Asking) -> None:
    answer = asking.send(_body("Say hello.", n=3))
    choices = answer.at("choices")
    indices = sorted(each.get("index", -1) for each in choices) if isinstance(choices, list) else []
    if indices != [0, 1, 2]:
        asking.broken(answer, "3 choices, indices 0, 1, 2", f"indices {indices}", "/choices")


def _stop(asking: Asking) -> None:
    plain = asking.send(_body(temperature=0, seed=1))
    words = _text(plain).split()
    if len(words) < 3:
        asking.unsure("the answer is too short to be stopped in the middle")
    stop = words[len(words) // 2]
    stopped = asking.send(_body(temperature=0, seed=1, stop=[stop]))
    if stop in _text(stopped):
        asking.broken(
            stopped, f"a text without the stop sequence {stop!r}", _text(stopped), "/choices/0/message/content"
        )


def _limit(name: str) -> Any:
    def play(asking: Asking) -> None:
        # An answer that ended of itself below the limit tells nothing; nearly every answer is longer than one token.
        for most in (4, 1):
            answer = asking.send({**_body(), name: most})
            if not _within(asking, answer, most) or not _stopped(answer):
                return
            if answer.at(*_USED) == most:
                _uncut(asking, answer, name, most)

    return play


def _within(asking: Asking, answer: Answer, most: int) -> bool:
    used = answer.at(*_USED)
    words = len(_text(answer).split())
    if isinstance(used, int) and used > most:
        asking.broken(answer, f"at most {most} completion tokens", used, "/usage/completion_tokens")
        return False
    if words > most:
        asking.broken(answer, f"at most {most} tokens of text", f"{words} words", "/choices/0/message/content")
        return False
    return True


def _uncut(asking: Asking, answer: Answer, name: str, most: int) -> None:
    """An answer that has the length of the limit and says `stop`: once a model may end there by chance."""
    again = asking.send({**_body(), name: most})
    whole = asking.send({**_body(), name: 64}).at(*_USED)
    twice = again.at(*_USED) == most and _stopped(again)
    if twice and isinstance(whole, int) and whole > most:
        asking.broken(answer, "finish_reason length: the answer was cut", "stop", "/choices/0/finish_reason")
    asking.unsure("the answer had exactly the length of the limit")


def _stopped(answer: Answer) -> bool:
    return bool(answer.at("choices", 0, "finish_reason") == "stop")


def _logprobs(asking: Asking) -> None:
    answer = asking.send(_body("Say hello.", logprobs=True))
    if not answer.at("choices", 0, "logprobs", "content"):
        asking.broken(
            answer, "log probabilities of the tokens", answer.at("choices", 0, "logprobs"), "/choices/0/logprobs"
        )


def _no_logprobs(asking: Asking) -> None:
    answer = asking.send(_body("Say hello.", logprobs=False))
    if answer.at("choices", 0, "logprobs"):
        asking.broken(answer, "null or absent", "log probabilities", "/choices/0/logprobs")


def _top_logprobs(asking: Asking) -> None:
    answer = asking.send(_body("Say hello.", logprobs=True, top_logprobs=2))
    content = answer.at("choices", 0, "logprobs", "content") or []
    lengths = [len(each.get("top_logprobs") or []) for each in content if isinstance(each, dict)]
    if not lengths or max(lengths) > 2 or max(lengths) == 0:
        asking.broken(answer, "1 or 2 alternatives a token", f"{sorted(set(lengths))}", "/choices/0/logprobs/content")


def _tools(asking: Asking) -> None:
    answer = asking.send(_body("What is the weather in Paris?", tools=[_TOOL]))
    if not _calls(answer):
        asking.unsure("the model answered without calling a tool")
    for each in _calls(answer):
        arguments = (each.get("function") or {}).get("arguments") if isinstance(each, dict) else None
        if not isinstance(arguments, str) or not isinstance(_parsed(arguments), dict):
            asking.broken(answer, "arguments that are a JSON object", arguments, "/choices/0/message/tool_calls")


def _tool_none(asking: Asking) -> None:
    answer = asking.send(_body("What is the weather in Paris?", tools=[_TOOL], tool_choice="none"))
    if _calls(answer):
        asking.broken(answer, "no tool call", _calls(answer)[0], "/choices/0/message/tool_calls")


def _tool_required(asking: Asking) -> None:
    answer = asking.send(_body("Say hello.", tools=[_TOOL], tool_choice="required"))
    if not _calls(answer):
        asking.broken(answer, "at least one tool call", _text(answer), "/choices/0/message")


def _tool_forced(asking: Asking) -> None:
    choice = {"type": "function", "function": {"name": "get_time"}}
    answer = asking.send(_body("What is the weather in Paris?", tools=[_TOOL, _TIME], tool_choice=choice))
    names = [(each.get("function") or {}).get("name") for each in _calls(answer) if isinstance(each, dict)]
    if not names or set(names) != {"get_time"}:
        asking.broken(answer, "calls of get_time alone", f"calls of {names}", "/choices/0/message/tool_calls")


def _parallel(asking: Asking) -> None:
    said = "What is the weather in Paris, and what time is it there? Use both tools."
    answer = asking.send(_body(said, tools=[_TOOL, _TIME], tool_choice="required", parallel_tool_calls=False))
    if len(_calls(answer)) > 1:
        asking.broken(answer, "at most one tool call", f"{len(_calls(answer))} calls", "/choices/0/message/tool_calls")


def _finished(asking: Asking, answer: Answer) -> str:
    """The text of an answer that came to its natural end."""
    if answer.at("choices", 0, "message", "refusal") or answer.at("choices", 0, "finish_reason") != "stop":
        asking.unsure("the model refused, or did not come to its end")
    return _text(answer)


def _json_object(asking: Asking) -> None:
    answer = asking.send(_body("Answer in JSON: a colour.", response_format={"type": "json_object"}))
    text = _finished(asking, answer)
    if not isinstance(_parsed(text), dict):
        asking.broken(answer, "a JSON object", text, "/choices/0/message/content")


def _json_schema(asking: Asking) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "person", "strict": True, "schema": _PERSON}}
    answer = asking.send(_body("Name a person with their age, in JSON.", response_format=form))
    value = _parsed(_finished(asking, answer))
    fits = isinstance(value, dict) and set(value) == {"name", "age"} and isinstance(value["age"], int)
    if not fits:
        asking.broken(
            answer, "JSON with exactly name (string) and age (integer)", _text(answer), "/choices/0/message/content"
        )


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _store(asking: Asking) -> None:
    kept = asking.send(_body("Say hello.", store=True))
    identifier = str(kept.at("id"))
    statuses = []
    for pause in (0.0, 0.5, 2.0):
        asking.stage.wait(pause)
        statuses.append(asking.status("getChatCompletion", {"completion_id": identifier}))
        if statuses[-1] == 200:
            return
    if statuses[-1] in {405, 501} or not _route_exists(asking):
        asking.stage.unsupported("the target has no stored completions")
    asking.broken(kept, "GET /chat/completions/{id} answers 200", f"{statuses[-1]}", "")


def _route_exists(asking: Asking) -> bool:
    return asking.status("listChatCompletions", {}) == 200


def _not_stored(asking: Asking) -> None:
    answer = asking.send(_body("Say hello.", store=False))
    if asking.status("getChatCompletion", {"completion_id": str(answer.at("id"))}) == 200:
        asking.broken(answer, "GET /chat/completions/{id} does not find it", "200")


def _metadata(asking: Asking) -> None:
    answer = asking.send(_body("Say hello.", store=True, metadata={"made_by": "contract"}))
    read = asking.send(None, "getChatCompletion", {"completion_id": str(answer.at("id"))})
    if read.at("metadata") != {"made_by": "contract"}:
        asking.broken(read, '{"made_by": "contract"}', read.at("metadata"), "/metadata")


def _service_tier(asking: Asking) -> None:
    answer = asking.send(_body("Say hello.", service_tier="default"))
    if answer.at("service_tier") is None:
        asking.broken(answer, "the tier that was used", answer.at("service_tier"), "/service_tier")


def _audio(asking: Asking) -> None:
    body = _body("Say hello.", modalities=["text", "audio"], audio={"voice": "alloy", "format": "wav"})
    answer = asking.send({**body, "model": "<model chat-audio>"})
    if not answer.at("choices", 0, "message", "audio", "data"):
        asking.broken(answer, "audio data", answer.at("choices", 0, "message", "audio"), "/choices/0/message/audio")


PARAMETERS = table(
    Parameter(_OPERATION, "n", "`n` is the number of choices.", 17954, _n),
    Parameter(_OPERATION, "stop", "The text does not contain the stop sequence.", 32684, _stop, requests=2),
    Parameter(
        _OPERATION,
        "max_completion_tokens",
        "`max_completion_tokens` is an upper bound of the answer.",
        17700,
        _limit("max_completion_tokens"),
    ),
    Parameter(_OPERATION, "max_tokens", "`max_tokens` is an upper bound of the answer.", 17928, _limit("max_tokens")),
    Parameter(_OPERATION, "logprobs", "`logprobs` returns the log probability of each token.", 17921, _logprobs),
    Parameter(_OPERATION, "logprobs-off", "Without `logprobs` there are none.", 17921, _no_logprobs, Keyword.SHOULD),
    Parameter(
        _OPERATION, "top_logprobs", "`top_logprobs` is the number of alternatives at each token.", 17763, _top_logprobs
    ),
    Parameter(
        _OPERATION, "tools", "The arguments of a tool call are JSON for the function.", 15909, _tools, Keyword.SHOULD
    ),
    Parameter(_OPERATION, "tool_choice-none", "`tool_choice: none`: no tool is called.", 16683, _tool_none),
    Parameter(_OPERATION, "tool_choice-required", "`tool_choice: required`: a tool is called.", 16683, _tool_required),
    Parameter(_OPERATION, "tool_choice-forced", "A named tool is the one that is called.", 16683, _tool_forced),
    Parameter(
        _OPERATION,
        "parallel_tool_calls",
        "`parallel_tool_calls: false`: one tool call at most.",
        24604,
        _parallel,
        Keyword.SHOULD,
    ),
    Parameter(
        _OPERATION, "response_format-json_object", "JSON mode ensures that the text is valid JSON.", 17784, _json_object
    ),
    Parameter(
        _OPERATION,
        "response_format-json_schema",
        "Structured output matches the schema that was given.",
        17784,
        _json_schema,
    ),
    Parameter(_OPERATION, "store", "A completion with `store: true` can be retrieved.", 2827, _store, requests=3),
    Parameter(
        _OPERATION, "store-off", "A completion without `store` cannot be retrieved.", 2827, _not_stored, requests=2
    ),
    Parameter(_OPERATION, "metadata", "Metadata of a stored completion comes back.", 24044, _metadata, requests=2),
    Parameter(
        _OPERATION,
        "service_tier",
        "The answer states the `service_tier` that was used.",
        17815,
        _service_tier,
        Keyword.SHOULD,
    ),
    Parameter(_OPERATION, "modalities", "With the audio modality the message has audio.", 30667, _audio),
)  # fmt: skip - one parameter a line
