"""Family `parameters`: a parameter is accepted and has no effect, or too little of one."""

from __future__ import annotations

import base64
import copy
from typing import Any

from contract.mock.faults.kit import Fault, Make, answers, around, deaf, drop, put, replies, rows, turn
from contract.mock.kernel import Call, Handler, Json, Reply

_CHAT, _TEXT, _VECTOR, _IMAGE = "createChatCompletion", "createCompletion", "createEmbedding", "createImage"
_RESPONSE, _RUN, _HEARD = "createResponse", "createRun", "createTranscription"


def _ignored(on: str, member: str, rule: str = "", name: str = "") -> tuple[str, str, str, str, Make]:
    """A row: one member of the body has no effect."""
    short = {
        "createChatCompletion": "chat",
        "createCompletion": "text",
        "createEmbedding": "embedding",
        "createImage": "image",
        "createResponse": "response",
        "createRun": "run",
        "createTranscription": "transcription",
    }[on]
    shown = member.strip("[]").replace("_", "-").replace("/", "-")
    rule = f"parameter/{on}/{rule or member}"
    return (f"parameter-{short}-{name or shown}", on, f"`{member}` is ignored", rule, deaf(on, member))  # fmt: skip


def _instead(on: str, member: str, of: Any, value: Any) -> Make:
    """One value of a member is taken for another."""

    def act(handler: Handler, call: Call) -> Reply:
        if isinstance(call.body, dict) and (
            call.body.get(member) == of or (of is dict and isinstance(call.body.get(member), dict))
        ):
            call.body = {**call.body, member: value}
        return handler(call)

    return around(on, act)


def _always(on: str, member: str, value: Any) -> Make:
    """A member has one value whatever is sent."""

    def act(handler: Handler, call: Call) -> Reply:
        if isinstance(call.body, dict):
            call.body = {**copy.deepcopy(call.body), member: value}
        return handler(call)

    return around(on, act)


def _limit_word(on: str, *names: str) -> Make:
    """The text obeys the limit; the count of tokens does not."""

    def change(call: Call, reply: Reply) -> Reply:
        asked = any(isinstance((call.body or {}).get(each), int) for each in names)
        if isinstance(reply, Json) and asked:
            return Json(put("usage/completion_tokens", 4000)(copy.deepcopy(reply.body)), reply.status, reply.headers)
        return reply

    return replies(on, change)


def _other_vector(body: Any) -> Any:
    def encoded(value: Any) -> Any:
        return base64.b64encode(bytes(len(base64.b64decode(value)))).decode() if isinstance(value, str) else value

    return turn("data/*/embedding", encoded)(body)


def _first_prompt(handler: Handler, call: Call) -> Reply:
    prompt = call.body.get("prompt")
    if isinstance(prompt, list) and prompt and isinstance(prompt[0], str):
        call.body = {**call.body, "prompt": prompt[0]}
    return handler(call)


def _all_candidates(handler: Handler, call: Call) -> Reply:
    call.body = {**call.body, "n": call.body.get("best_of") or call.body.get("n") or 1}
    return handler(call)


def _speech(form: str, other: str) -> tuple[str, str, str, str, Make]:
    what = f"`response_format: {form}` gives {other}"
    rule = f"parameter/createSpeech/response_format-{form}"
    return (
        f"parameter-speech-{form}",
        "createSpeech",
        what,
        rule,
        _instead("createSpeech", "response_format", form, other),
    )


def _reversed_indices(body: Any) -> Any:
    data = body["data"]
    for place, each in enumerate(data):
        each["index"] = len(data) - 1 - place
    return body


FAULTS: tuple[Fault, ...] = rows(
    "parameters",
    _ignored(_CHAT, "n"),
    _ignored(_CHAT, "stop"),
    _ignored(_CHAT, "max_tokens"),
    _ignored(_CHAT, "max_completion_tokens"),
    _ignored(_CHAT, "logprobs"),
    _ignored(_CHAT, "top_logprobs"),
    _ignored(_CHAT, "store"),
    _ignored(_CHAT, "metadata"),
    _ignored(_CHAT, "modalities"),
    _ignored(_CHAT, "parallel_tool_calls"),
    (
        "parameter-chat-tool-arguments",
        _CHAT,
        "arguments of a tool call are no JSON",
        f"parameter/{_CHAT}/tools",
        answers(_CHAT, put("choices/*/message/tool_calls/*/function/arguments", "city=Paris")),
    ),
    (
        "parameter-chat-service-tier",
        _CHAT,
        "`service_tier` is not stated",
        f"parameter/{_CHAT}/service_tier",
        answers(_CHAT, drop("service_tier")),
    ),
    (
        "parameter-chat-logprobs-on",
        _CHAT,
        "log probabilities come unasked",
        f"parameter/{_CHAT}/logprobs-off",
        _always(_CHAT, "logprobs", True),
    ),
    (
        "parameter-chat-stored-always",
        _CHAT,
        "completions are stored unasked",
        f"parameter/{_CHAT}/store-off",
        _always(_CHAT, "store", True),
    ),
    (
        "parameter-chat-tool-none",
        _CHAT,
        "`tool_choice: none` is taken as auto",
        f"parameter/{_CHAT}/tool_choice-none",
        _instead(_CHAT, "tool_choice", "none", "auto"),
    ),
    (
        "parameter-chat-tool-required",
        _CHAT,
        "`tool_choice: required` is taken as none",
        f"parameter/{_CHAT}/tool_choice-required",
        _instead(_CHAT, "tool_choice", "required", "none"),
    ),
    (
        "parameter-chat-tool-forced",
        _CHAT,
        "a named tool is taken as auto",
        f"parameter/{_CHAT}/tool_choice-forced",
        _instead(_CHAT, "tool_choice", dict, "auto"),
    ),
    (
        "parameter-chat-json-object",
        _CHAT,
        "JSON mode is ignored",
        f"parameter/{_CHAT}/response_format-json_object",
        _instead(_CHAT, "response_format", {"type": "json_object"}, {"type": "text"}),
    ),
    (
        "parameter-chat-json-schema",
        _CHAT,
        "a JSON schema is taken as JSON mode",
        f"parameter/{_CHAT}/response_format-json_schema",
        _instead(_CHAT, "response_format", dict, {"type": "json_object"}),
    ),
    (
        "parameter-chat-usage-beyond",
        _CHAT,
        "more tokens are counted than the limit allows",
        f"parameter/{_CHAT}/max_completion_tokens",
        _limit_word(_CHAT, "max_tokens", "max_completion_tokens"),
    ),
    ("parameter-chat-include-usage", _CHAT, "`include_usage` is ignored", "CHAT-030", deaf(_CHAT, "stream_options")),
    ("parameter-chat-stream", _CHAT, "`stream` is ignored", "SSE-001", _instead(_CHAT, "stream", True, False)),
    (
        "parameter-chat-usage-sum",
        _CHAT,
        "`total_tokens` is no sum",
        "usage/sum",
        answers(_CHAT, turn("usage/total_tokens", lambda v: v + 1)),
    ),
    (
        "parameter-chat-index",
        _CHAT,
        "every choice has index 0",
        "choices/index",
        answers(_CHAT, put("choices/*/index", 0)),
    ),
    (
        "parameter-chat-finish-tools",
        _CHAT,
        "a tool call ends with `stop`",
        "choices/finish-reason",
        answers(_CHAT, lambda b: put("choices/*/finish_reason", "stop")(b) if "'tool_calls': [" in repr(b) else b),
    ),
    (
        "parameter-chat-finish-length",
        _CHAT,
        "a cut answer ends with `stop`",
        f"parameter/{_CHAT}/max_completion_tokens",
        answers(_CHAT, turn("choices/*/finish_reason", lambda v: "stop" if v == "length" else v)),
    ),
    _ignored(_TEXT, "n"),
    _ignored(_TEXT, "stop"),
    _ignored(_TEXT, "max_tokens"),
    _ignored(_TEXT, "echo"),
    _ignored(_TEXT, "logprobs"),
    (
        "parameter-text-prompts",
        _TEXT,
        "only the first of several prompts is answered",
        f"parameter/{_TEXT}/prompt",
        around(_TEXT, _first_prompt),
    ),
    (
        "parameter-text-best-of",
        _TEXT,
        "all of `best_of` are returned",
        f"parameter/{_TEXT}/best_of",
        around(_TEXT, _all_candidates),
    ),
    _ignored(_VECTOR, "dimensions"),
    _ignored(_VECTOR, "encoding_format", "encoding_format-base64"),
    (
        "parameter-embedding-float",
        _VECTOR,
        "floats are never given",
        f"parameter/{_VECTOR}/encoding_format-float",
        _always(_VECTOR, "encoding_format", "base64"),
    ),
    (
        "parameter-embedding-other",
        _VECTOR,
        "base64 gives another vector",
        f"parameter/{_VECTOR}/encoding_format-base64",
        answers(_VECTOR, _other_vector),
    ),
    (
        "parameter-embedding-first",
        _VECTOR,
        "only the first input is embedded",
        f"parameter/{_VECTOR}/input",
        answers(_VECTOR, lambda b: {**b, "data": b["data"][:1]}),
    ),
    (
        "parameter-embedding-index",
        _VECTOR,
        "indices of embeddings run backwards",
        f"parameter/{_VECTOR}/input",
        answers(_VECTOR, _reversed_indices),
    ),
    (
        "parameter-embedding-constant",
        _VECTOR,
        "every text has the same vector",
        f"parameter/{_VECTOR}/input",
        answers(_VECTOR, lambda b: put("data/*/embedding", b["data"][0]["embedding"])(b)),
    ),
    (
        "parameter-embedding-usage",
        _VECTOR,
        "`total_tokens` is less than the prompt's",
        "usage/sum",
        answers(_VECTOR, put("usage/total_tokens", 0)),
    ),
    (
        "parameter-moderation-first",
        "createModeration",
        "only the first input is judged",
        "parameter/createModeration/input",
        answers("createModeration", lambda b: {**b, "results": b["results"][:1]}),
    ),
    _ignored(_IMAGE, "n"),
    _ignored(_IMAGE, "size"),
    (
        "parameter-image-b64",
        _IMAGE,
        "`b64_json` gives a URL",
        f"parameter/{_IMAGE}/response_format-b64_json",
        deaf(_IMAGE, "response_format"),
    ),
    (
        "parameter-image-url",
        _IMAGE,
        "`url` gives base64",
        f"parameter/{_IMAGE}/response_format-url",
        _always(_IMAGE, "response_format", "b64_json"),
    ),
    _speech("mp3", "wav"),
    _speech("opus", "mp3"),
    _speech("aac", "wav"),
    _speech("flac", "mp3"),
    _speech("wav", "mp3"),
    _speech("pcm", "wav"),
    (
        "parameter-transcription-text",
        _HEARD,
        "`text` gives JSON",
        f"parameter/{_HEARD}/response_format-text",
        _instead(_HEARD, "response_format", "text", "json"),
    ),
    (
        "parameter-transcription-srt",
        _HEARD,
        "`srt` gives text",
        f"parameter/{_HEARD}/response_format-srt",
        _instead(_HEARD, "response_format", "srt", "text"),
    ),
    (
        "parameter-transcription-vtt",
        _HEARD,
        "`vtt` gives srt",
        f"parameter/{_HEARD}/response_format-vtt",
        _instead(_HEARD, "response_format", "vtt", "srt"),
    ),
    (
        "parameter-transcription-verbose",
        _HEARD,
        "`verbose_json` gives json",
        f"parameter/{_HEARD}/response_format-verbose_json",
        _instead(_HEARD, "response_format", "verbose_json", "json"),
    ),
    (
        "parameter-transcription-json",
        _HEARD,
        "`json` gives text",
        f"parameter/{_HEARD}/response_format-json",
        _instead(_HEARD, "response_format", "json", "text"),
    ),
    _ignored(_HEARD, "timestamp_granularities[]", "timestamp_granularities", "granularities"),
    _ignored(_RESPONSE, "max_output_tokens"),
    _ignored(_RESPONSE, "instructions"),
    _ignored(_RESPONSE, "metadata"),
    _ignored(_RESPONSE, "temperature"),
    _ignored(_RESPONSE, "top_p"),
    _ignored(_RESPONSE, "truncation"),
    _ignored(_RESPONSE, "previous_response_id"),
    _ignored(_RESPONSE, "parallel_tool_calls"),
    (
        "parameter-response-tool-none",
        _RESPONSE,
        "`tool_choice: none` is taken as auto",
        f"parameter/{_RESPONSE}/tool_choice-none",
        _instead(_RESPONSE, "tool_choice", "none", "auto"),
    ),
    (
        "parameter-response-tool-required",
        _RESPONSE,
        "`tool_choice: required` is taken as none",
        f"parameter/{_RESPONSE}/tool_choice-required",
        _instead(_RESPONSE, "tool_choice", "required", "none"),
    ),
    (
        "parameter-response-tool-forced",
        _RESPONSE,
        "a named function is taken as auto",
        f"parameter/{_RESPONSE}/tool_choice-forced",
        _instead(_RESPONSE, "tool_choice", dict, "auto"),
    ),
    (
        "parameter-response-json",
        _RESPONSE,
        "`text.format` is ignored",
        f"parameter/{_RESPONSE}/text-json_object",
        deaf(_RESPONSE, "text"),
    ),
    (
        "parameter-response-json-schema",
        _RESPONSE,
        "a JSON schema is taken as JSON mode",
        f"parameter/{_RESPONSE}/text-json_schema",
        _instead(_RESPONSE, "text", dict, {"format": {"type": "json_object"}}),
    ),
    (
        "parameter-response-not-stored",
        _RESPONSE,
        "responses are never stored",
        f"parameter/{_RESPONSE}/store",
        _always(_RESPONSE, "store", False),
    ),
    (
        "parameter-response-stored",
        _RESPONSE,
        "responses are always stored",
        f"parameter/{_RESPONSE}/store-off",
        _always(_RESPONSE, "store", True),
    ),
    (
        "parameter-response-usage-sum",
        _RESPONSE,
        "`total_tokens` is no sum",
        "usage/sum",
        answers(_RESPONSE, turn("usage/total_tokens", lambda v: v + 1)),
    ),
    _ignored(_RUN, "instructions"),
    _ignored(_RUN, "metadata"),
    _ignored(_RUN, "temperature"),
    _ignored(_RUN, "additional_messages"),
    _ignored(_RUN, "max_completion_tokens"),
    (
        "parameter-run-tool-none",
        _RUN,
        "`tool_choice: none` is taken as required",
        f"parameter/{_RUN}/tool_choice-none",
        _instead(_RUN, "tool_choice", "none", "required"),
    ),
    (
        "parameter-run-tool-forced",
        _RUN,
        "a named function is taken as none",
        f"parameter/{_RUN}/tool_choice-forced",
        _instead(_RUN, "tool_choice", dict, "none"),
    ),
    (
        "parameter-search-max-results",
        "searchVectorStore",
        "`max_num_results` is ignored",
        "parameter/searchVectorStore/max_num_results",
        deaf("searchVectorStore", "max_num_results"),
    ),
)  # fmt: skip - a table: one fault a row
