"""Parameters of createResponse."""

from __future__ import annotations

import json
from typing import Any

from contract.verdict import Keyword
from strategies.kinds import WEATHER
from strategies.parameters.asking import Answer, Asking, Parameter, table

_OPERATION = "createResponse"
_TOOL = {"type": "function", "strict": False, **WEATHER}
_TIME = {
    "type": "function",
    "strict": False,
    "name": "get_time",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
}
_PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}


def _body(said: str = "Say hello.", **more: Any) -> dict[str, Any]:
    return {"model": "<model responses>", "input": said, **more}


def _items(answer: Answer, kind: str) -> list[dict[str, Any]]:
    output = answer.at("output")
    return [e for e in output if isinstance(e, dict) and e.get("type") == kind] if isinstance(output, list) else []


def _text(answer: Answer) -> str:
    parts = [p for item in _items(answer, "message") for p in item.get("content") or [] if isinstance(p, dict)]
    return "".join(str(part.get("text", "")) for part in parts)


def _max_output_tokens(asking: Asking) -> None:
    said = "Count from 1 to 200 in digits, separated by single spaces."
    answer = asking.send(_body(said, max_output_tokens=16))
    used = answer.at("usage", "output_tokens")
    if isinstance(used, int) and used > 16:
        asking.broken(answer, "at most 16 output tokens", used, "/usage/output_tokens")
    elif len(_text(answer).split()) > 16:
        asking.broken(answer, "at most 16 tokens of text", f"{len(_text(answer).split())} words", "/output")
    elif isinstance(used, int) and used == 16 and answer.at("status") == "completed":
        asking.broken(answer, "incomplete: 16 tokens are not enough to count to 200", "completed", "/status")


def _echo(name: str, value: Any) -> Any:
    def play(asking: Asking) -> None:
        answer = asking.send(_body(**{name: value}))
        if answer.at(name) != value:
            asking.broken(answer, json.dumps(value), answer.at(name), f"/{name}")

    return play


def _tool_none(asking: Asking) -> None:
    answer = asking.send(_body("What is the weather in Paris?", tools=[_TOOL], tool_choice="none"))
    if _items(answer, "function_call"):
        asking.broken(answer, "no function call", _items(answer, "function_call")[0], "/output")


def _tool_required(asking: Asking) -> None:
    answer = asking.send(_body(tools=[_TOOL], tool_choice="required"))
    if not _items(answer, "function_call"):
        asking.broken(answer, "at least one function call", _text(answer), "/output")


def _tool_forced(asking: Asking) -> None:
    choice = {"type": "function", "name": "get_time"}
    answer = asking.send(_body("What is the weather in Paris?", tools=[_TOOL, _TIME], tool_choice=choice))
    names = [each.get("name") for each in _items(answer, "function_call")]
    if not names or set(names) != {"get_time"}:
        asking.broken(answer, "calls of get_time alone", f"calls of {names}", "/output")


def _parallel(asking: Asking) -> None:
    said = "What is the weather in Paris, and what time is it there? Use both tools."
    answer = asking.send(_body(said, tools=[_TOOL, _TIME], tool_choice="required", parallel_tool_calls=False))
    if len(_items(answer, "function_call")) > 1:
        asking.broken(answer, "at most one function call", f"{len(_items(answer, 'function_call'))} calls", "/output")


def _json_schema(asking: Asking) -> None:
    form = {"format": {"type": "json_schema", "name": "person", "strict": True, "schema": _PERSON}}
    answer = asking.send(_body("Name a person with their age, in JSON.", text=form))
    if answer.at("status") != "completed":
        asking.unsure("the response did not come to its end")
    try:
        value = json.loads(_text(answer))
    except ValueError:
        value = None
    if not (isinstance(value, dict) and set(value) == {"name", "age"} and isinstance(value["age"], int)):
        asking.broken(answer, "JSON with exactly name (string) and age (integer)", _text(answer), "/output")


def _json_object(asking: Asking) -> None:
    answer = asking.send(_body("Answer in JSON: a colour.", text={"format": {"type": "json_object"}}))
    try:
        value = json.loads(_text(answer))
    except ValueError:
        value = None
    if answer.at("status") == "completed" and not isinstance(value, dict):
        asking.broken(answer, "a JSON object", _text(answer), "/output")


def _stored(asking: Asking) -> None:
    answer = asking.send(_body(store=True))
    status = asking.status("getResponse", {"response_id": str(answer.at("id"))})
    if status in {405, 501}:
        asking.stage.unsupported("the target has no stored responses")
    if status != 200:
        asking.broken(answer, "GET /responses/{id} answers 200", f"{status}")


def _not_stored(asking: Asking) -> None:
    answer = asking.send(_body(store=False))
    if asking.status("getResponse", {"response_id": str(answer.at("id"))}) == 200:
        asking.broken(answer, "GET /responses/{id} does not find it", "200")


def _previous(asking: Asking) -> None:
    first = asking.send(_body("My name is Ada.", store=True))
    answer = asking.send(_body("What is my name?", previous_response_id=first.at("id")))
    if answer.at("previous_response_id") != first.at("id"):
        asking.broken(answer, str(first.at("id")), answer.at("previous_response_id"), "/previous_response_id")


_S = Keyword.SHOULD
PARAMETERS = table(
    Parameter(
        _OPERATION,
        "max_output_tokens",
        "`max_output_tokens` is an upper bound of the answer.",
        30811,
        _max_output_tokens,
    ),
    Parameter(
        _OPERATION,
        "instructions",
        "`instructions` come back in the response.",
        30826,
        _echo("instructions", "Be brief."),
        _S,
    ),
    Parameter(
        _OPERATION,
        "metadata",
        "`metadata` comes back in the response.",
        24044,
        _echo("metadata", {"made_by": "contract"}),
    ),
    Parameter(
        _OPERATION, "temperature", "`temperature` comes back in the response.", 24173, _echo("temperature", 0.5), _S
    ),
    Parameter(_OPERATION, "top_p", "`top_p` comes back in the response.", 24174, _echo("top_p", 0.5), _S),
    Parameter(
        _OPERATION, "truncation", "`truncation` comes back in the response.", 30883, _echo("truncation", "auto"), _S
    ),
    Parameter(_OPERATION, "tool_choice-none", "`tool_choice: none`: no tool is called.", 32930, _tool_none),
    Parameter(_OPERATION, "tool_choice-required", "`tool_choice: required`: a tool is called.", 32930, _tool_required),
    Parameter(_OPERATION, "tool_choice-forced", "A named function is the one that is called.", 30874, _tool_forced),
    Parameter(
        _OPERATION,
        "parallel_tool_calls",
        "`parallel_tool_calls: false`: one function call at most.",
        24604,
        _parallel,
        _S,
    ),
    Parameter(
        _OPERATION, "text-json_schema", "Structured output matches the schema that was given.", 32735, _json_schema
    ),
    Parameter(_OPERATION, "text-json_object", "JSON mode ensures that the text is valid JSON.", 32735, _json_object),
    Parameter(_OPERATION, "store", "A response is stored for later retrieval.", 19969, _stored, requests=2),
    Parameter(
        _OPERATION, "store-off", "A response with `store: false` cannot be retrieved.", 19969, _not_stored, requests=2
    ),
    Parameter(
        _OPERATION,
        "previous_response_id",
        "`previous_response_id` comes back in the response.",
        30789,
        _previous,
        requests=2,
    ),
)  # fmt: skip - one parameter a line
