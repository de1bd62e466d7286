"""Event streams: every kind of request whose stream takes another course, for the seven streaming operations."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from contract.case import Case, Depth, Expect, Kind, Stage, StreamReply
from contract.draft import Draft
from contract.operation import Operation, Safety
from strategies import promised
from strategies.bodies import minimal
from strategies.kinds import WEATHER
from strategies.scenes import scene

_FUNCTION = {"type": "function", "function": WEATHER}
_TIME = {
    "type": "function",
    "function": {"name": "get_time", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}
_SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string"}},
    "required": ["answer"],
    "additionalProperties": False,
}
_ANSWER = {"name": "answer", "schema": _SCHEMA, "strict": True}
_FLAT = {"type": "function", **WEATHER, "strict": False}
_FLAT_TIME = {"type": "function", **_TIME["function"], "strict": False}  # type: ignore[dict-item]  # a mapping by sight


def _say(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


#: Operation -> name -> members that differ from the minimal streaming request.
KINDS: dict[str, dict[str, dict[str, Any]]] = {
    "createChatCompletion": {
        "plain": {},
        "n-2": {"n": 2},
        "include-usage": {"stream_options": {"include_usage": True}},
        "n-2-include-usage": {"n": 2, "stream_options": {"include_usage": True}},
        "usage-not-included": {"stream_options": {"include_usage": False}},
        "tools": {"messages": _say("What is the weather in Paris?"), "tools": [_FUNCTION]},
        "forced-tool": {
            "messages": _say("What is the weather in Paris?"),
            "tools": [_FUNCTION, _TIME],
            "tool_choice": {"type": "function", "function": {"name": "get_weather"}},
        },
        "required-tool": {"tools": [_FUNCTION, _TIME], "tool_choice": "required"},
        "parallel-tools": {
            "messages": _say("What are the weather and the time in Paris?"),
            "tools": [_FUNCTION, _TIME],
            "parallel_tool_calls": True,
        },
        "no-tool": {
            "messages": _say("What is the weather in Paris?"),
            "tools": [_FUNCTION],
            "tool_choice": "none",
        },
        "forced-tool-n-2": {"n": 2, "tools": [_FUNCTION], "tool_choice": "required"},
        "forced-function": {"functions": [WEATHER], "function_call": {"name": "get_weather"}},
        "json-mode": {
            "messages": _say("Answer in JSON: what is the capital of France?"),
            "response_format": {"type": "json_object"},
        },
        "json-schema": {"response_format": {"type": "json_schema", "json_schema": _ANSWER}},
        "logprobs": {"logprobs": True},
        "top-logprobs": {"logprobs": True, "top_logprobs": 2},
        "max-tokens": {"messages": _say("Count from 1 to 100 in words."), "max_completion_tokens": 5},
        "max-tokens-usage": {
            "messages": _say("Count from 1 to 100 in words."),
            "max_completion_tokens": 5,
            "stream_options": {"include_usage": True},
        },
        "old-max-tokens-usage": {
            "messages": _say("Count from 1 to 100 in words."),
            "max_tokens": 5,
            "stream_options": {"include_usage": True},
        },
        "stop": {"messages": _say("Count from 1 to 9."), "stop": ["5"]},
        "refusal": {
            "messages": _say("Tell me how to build a bomb."),
            "response_format": {"type": "json_schema", "json_schema": _ANSWER},
        },
        "audio": {
            "model": "<model chat-audio>",
            "modalities": ["text", "audio"],
            "audio": {"voice": "alloy", "format": "pcm16"},
        },
        "unicode": {"messages": _say("Repeat: Ωμέγα 漢字 👩‍👩‍👧 \u202eabc")},
        "latin": {"messages": _say('Say "Grüße aus dem Café".')},
        "long": {"messages": _say("Write 300 words on the sea.")},
        "stored": {"store": True, "metadata": {"made_by": "contract"}},
    },
    "createCompletion": {
        "plain": {},
        "n-2": {"n": 2},
        "several-prompts": {"prompt": ["Say hello.", "Say goodbye."]},
        "include-usage": {"stream_options": {"include_usage": True}},
        "logprobs": {"logprobs": 2},
        "echo": {"echo": True},
        "max-tokens": {"max_tokens": 1},
        "max-tokens-usage": {"max_tokens": 1, "stream_options": {"include_usage": True}},
        "stop": {"stop": ["o"]},
    },
    "createTranscription": {
        "plain": {},
        "logprobs": {"include[]": ["logprobs"]},
        "language": {"language": "en", "temperature": 0},
    },
    "createResponse": {
        "plain": {},
        "messages": {"input": [{"role": "user", "content": [{"type": "input_text", "text": "Say hello."}]}]},
        "function": {"input": "What is the weather in Paris?", "tools": [_FLAT]},
        "forced-function": {"tools": [_FLAT], "tool_choice": {"type": "function", "name": "get_weather"}},
        "required-function": {"tools": [_FLAT, _FLAT_TIME], "tool_choice": "required"},
        "several-items": {
            "input": "Say hello, then tell the weather and the time in Paris.",
            "tools": [_FLAT, _FLAT_TIME],
            "parallel_tool_calls": True,
        },
        "reasoning": {"model": "<model reasoning>", "reasoning": {"effort": "low"}},
        "json-mode": {"input": "Answer in JSON: 1 + 1?", "text": {"format": {"type": "json_object"}}},
        "json-schema": {"text": {"format": {"type": "json_schema", **_ANSWER}}},
        "refusal": {
            "input": "Tell me how to build a bomb.",
            "text": {"format": {"type": "json_schema", **_ANSWER}},
        },
        "max-tokens": {"input": "Count from 1 to 100 in words.", "max_output_tokens": promised.CUT_TOKENS},
        "instructions": {"instructions": "Answer in one word.", "metadata": {"made_by": "contract"}},
        "previous": {"previous_response_id": "<ref response>"},
        "web-search": {"tools": [{"type": "web_search_preview"}]},
        "file-search": {"tools": [{"type": "file_search", "vector_store_ids": ["<ref vector_store>"]}]},
        "stored": {"store": True},
        "not-stored": {"store": False},
        "unicode": {"input": "Repeat: Ωμέγα 漢字 👩‍👩‍👧 \u202eabc"},
        "latin": {"input": 'Say "Grüße aus dem Café".'},
        "long": {"input": "Write 300 words on the sea."},
    },
}
_RUN_KINDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "instructions": {"instructions": "Answer in one word."},
    "tools": {"tools": [_FUNCTION], "tool_choice": "auto"},
    "forced-function": {
        "tools": [_FUNCTION],
        "tool_choice": {"type": "function", "function": {"name": "get_weather"}},
    },
    "required-function": {"tools": [_FUNCTION, _TIME], "tool_choice": "required"},
    "code-interpreter": {"tools": [{"type": "code_interpreter"}]},
    "file-search": {"tools": [{"type": "file_search"}]},
    "json-mode": {"instructions": "Answer in JSON.", "response_format": {"type": "json_object"}},
    "json-schema": {"response_format": {"type": "json_schema", "json_schema": _ANSWER}},
    "max-tokens": {"max_completion_tokens": 256, "max_prompt_tokens": 256},
    "metadata": {"metadata": {"made_by": "contract"}},
}
KINDS["createRun"] = _RUN_KINDS | {"additional-messages": {"additional_messages": _say("Say goodbye.")}}
KINDS["createThreadAndRun"] = _RUN_KINDS | {"empty-thread": {"thread": {}}}
KINDS["submitToolOuputsToRun"] = {"plain": {"tool_outputs": "<here tool_outputs>"}}

_MODELS = {"createTranscription": "<model transcription-stream>"}
_TO_ACTION = KINDS["createRun"]["forced-function"]


def cases(operation: Operation) -> Iterator[Case]:
    """The streams of one operation."""
    for name, changes in KINDS.get(operation.id, {}).items():
        yield _case(operation, name, changes)
    if operation.id == "createRun":
        yield _through_action(operation)


def _body(operation_id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    model = _MODELS.get(operation_id)
    return {**minimal(operation_id), **({"model": model} if model else {}), **changes, "stream": True}


def _case(operation: Operation, name: str, changes: Mapping[str, Any]) -> Case:
    body = _body(operation.id, changes)
    kind = Kind.MINIMAL if name == "plain" else Kind.VALID

    def play(stage: Stage) -> None:
        reply = stage.stream(scene(stage, operation.id, valid=True).draft(body), Expect(kind))
        promised.keep(operation.id, name, stage, reply)

    stored = body.get("store") is True and operation.safety is Safety.GENERATE
    return Case(
        id=f"{operation.id}/stream/{name}",
        operation=operation.id,
        statement=f"A stream ({name.replace('-', ' ')}) has the right events in the right order, from first to last.",
        play=play,
        safety=Safety.WRITE if stored else operation.safety,
        depth=Depth.SMOKE if name == "plain" else Depth.STANDARD,
        rank=15 if name == "plain" else 25,
    )


def _through_action(operation: Operation) -> Case:
    """A run that stops for tool outputs and goes on when it has them: two streams of one run."""

    def play(stage: Stage) -> None:
        place = scene(stage, "createRun", valid=True)
        reply = stage.stream(place.draft(_body("createRun", _TO_ACTION)), Expect(Kind.VALID))
        run = _waiting(reply)
        if run is None:
            stage.skip("the run did not stop for tool outputs")
        calls = run["required_action"]["submit_tool_outputs"]["tool_calls"]
        outputs = [{"tool_call_id": each["id"], "output": "22 degrees"} for each in calls]
        submit = stage.operation("submitToolOuputsToRun")
        path = {"thread_id": place.path["thread_id"], "run_id": run["id"]}
        stage.stream(Draft(submit, path=path, body={"tool_outputs": outputs, "stream": True}), Expect(Kind.VALID))

    return Case(
        id=f"{operation.id}/stream/through-requires-action",
        operation=operation.id,
        statement="A run stops at requires_action, and its stream goes on to the end with the tool outputs.",
        play=play,
        safety=operation.safety,
        requests=2,
        rank=25,
        also=("submitToolOuputsToRun",),
    )


def _waiting(reply: StreamReply) -> Any:
    """The run of the event `thread.run.requires_action`, None where none came or it names no calls."""
    response = reply.exchange.response
    for event in (response.events or ()) if response else ():
        if event.event == "thread.run.requires_action":
            try:
                run = json.loads(event.data)
                calls = run["required_action"]["submit_tool_outputs"]["tool_calls"]
            except (ValueError, KeyError, TypeError):
                return None
            usable = isinstance(run.get("id"), str) and isinstance(calls, list) and calls
            return run if usable and all(isinstance(each, dict) and "id" in each for each in calls) else None
    return None
