"""Faults so narrow that one rule alone can catch them: without it nobody would notice.

A broad fault shows at several places at once (no choices: no schema, no `n`, no log probabilities). Each rule that has
only such faults has one here of its own, mostly by a condition: in plain answers and not in streams, for one value, for
one kind of request.
"""

from __future__ import annotations

import copy
import itertools
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from contract.mock.errors import ApiError
from contract.mock.faults.kit import Edit, Make, around, drop, put, refusals, replies, rows, turn
from contract.mock.kernel import Binary, Call, Handler, Hooks, Json, Reply

_CHAT, _TEXT, _VECTOR, _RESPONSE = "createChatCompletion", "createCompletion", "createEmbedding", "createResponse"
Asked = Mapping[str, Any]


def _body(call: Call) -> dict[str, Any]:
    return call.body if isinstance(call.body, dict) else {}


def _when(on: str, asked: Callable[[Asked], bool], change: Callable[[dict[str, Any]], dict[str, Any]]) -> Make:
    """Some requests are taken for others."""

    def act(handler: Handler, call: Call) -> Reply:
        if asked(_body(call)):
            call.body = change(copy.deepcopy(_body(call)))
        return handler(call)

    return around(on, act)


def _plain(on: str, *members: str) -> Make:
    """Members of requests that ask for no stream are ignored."""

    def deaf(body: dict[str, Any]) -> dict[str, Any]:
        for each in members:
            body = drop(each)(body)
        return body

    return _when(on, lambda body: not body.get("stream"), deaf)


def _answered(on: str, asked: Callable[[Asked], bool], change: Edit) -> Make:
    """Other answers to some requests."""

    def changed(call: Call, reply: Reply) -> Reply:
        if not isinstance(reply, Json) or reply.status >= 300 or not asked(_body(call)):
            return reply
        return Json(change(copy.deepcopy(reply.body)), reply.status, reply.headers)

    return replies(on, changed)


def _anything(_: Asked) -> bool:
    return True


def _query(on: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Make:
    """A list of another query, after the query was judged."""

    def act(handler: Handler, call: Call) -> Reply:
        call.query = change(dict(call.query))
        return handler(call)

    return around(on, act)


def _refused(on: str, member: str, status: int) -> Make:
    """The refusals of one member have another status."""

    def change(_: Call | None, error: ApiError) -> Reply | None:
        return Json(error.body, status) if error.param == member else None

    return refusals(on, change)


def _at_first(on: str, times: int, asked: Callable[[Asked], bool], change: Edit) -> Make:
    """Some requests are taken for others the first times that they come in the same words."""

    def make() -> Hooks:
        seen: Counter[str] = Counter()

        def new(body: Asked) -> bool:
            seen[repr(body)] += 1
            return asked(body) and seen[repr(body)] <= times

        return _when(on, new, change)()

    return make


def _later(on: str, asked: Callable[[Asked], bool], change: Edit) -> Make:
    """All but the first of some requests are taken for others."""

    def make() -> Hooks:
        count = itertools.count()
        return _when(on, lambda body: asked(body) and next(count) > 0, change)()

    return make


def _texts(prompt: Any) -> bool:
    return isinstance(prompt, list) and bool(prompt) and isinstance(prompt[0], str)


def _plain_greeting(body: Asked) -> bool:
    return not body.get("metadata") and body.get("input") == "Say hello." and bool(body.get("store"))


def _once(on: str, error: ApiError) -> Make:
    """The first request is refused, as by a server that is still waking up."""

    def make() -> Hooks:
        seen: list[Call] = []

        def act(handler: Handler, call: Call) -> Reply:
            seen.append(call)
            if len(seen) == 1:
                raise error
            return handler(call)

        return around(on, act)()

    return make


def _same_again(create: str, get: str, parameter: str) -> Make:
    """What is made a second time in the same words is the object of the first time, while that is there."""

    def make() -> Hooks:
        made: dict[str, str] = {}

        def act(handler: Handler, call: Call) -> Reply:
            words = repr(_body(call))
            if words in made:
                try:
                    return call.invoke(get, {**call.path, parameter: made[words]})
                except ApiError:
                    del made[words]
            reply = handler(call)
            if isinstance(reply, Json):
                made[words] = reply.body["id"]
            return reply

        return around(create, act)()

    return make


def _gone_at_once(create: str, delete: str, parameter: str, asked: Callable[[Asked], bool]) -> Make:
    """Some of what is made is removed at once."""

    def act(handler: Handler, call: Call) -> Reply:
        reply = handler(call)
        if isinstance(reply, Json) and asked(_body(call)):
            call.invoke(delete, {**call.path, parameter: reply.body["id"]})
        return reply

    return around(create, act)


def _cursor_again(on: str) -> Make:
    """A page after an element begins with that element, and has room for it."""

    def make() -> Hooks:
        seen: dict[str, Any] = {}

        def act(handler: Handler, call: Call) -> Reply:
            cursor = seen.get(call.query.get("after", ""))
            if cursor:
                call.query = {**call.query, "limit": max(1, call.query.get("limit", 20) - 1)}
            reply = handler(call)
            if not isinstance(reply, Json):
                return reply
            seen.update({each["id"]: each for each in reply.body["data"]})
            data = [cursor, *reply.body["data"]] if cursor else reply.body["data"]
            return Json({**reply.body, "data": data, "first_id": data[0]["id"] if data else None}, reply.status)

        return around(on, act)()

    return make


def _pages(on: str, change: Callable[[Call, dict[str, Any]], dict[str, Any]]) -> Make:
    def act(handler: Handler, call: Call) -> Reply:
        reply = handler(call)
        return Json(change(call, copy.deepcopy(reply.body)), reply.status) if isinstance(reply, Json) else reply

    return around(on, act)


def _turning(on: str) -> Make:
    """Every second long page without `order` and cursor is the other way round."""

    def make() -> Hooks:
        count = itertools.count(1)

        def change(call: Call, page: dict[str, Any]) -> dict[str, Any]:
            bare = call.query.get("limit") == 100 and not {"order", "after", "before"} & {*call.query}
            if bare and next(count) % 2 == 0 and page["data"]:
                data = page["data"][::-1]
                return {**page, "data": data, "first_id": data[0]["id"], "last_id": data[-1]["id"]}
            return page

        return _pages(on, change)()

    return make


def _stray(call: Call, page: dict[str, Any]) -> dict[str, Any]:
    stray = {
        "id": "file-stray",
        "object": "vector_store.file",
        "created_at": 1,
        "usage_bytes": 0,
        "status": "completed",
        "vector_store_id": call.path["vector_store_id"],
        "last_error": None,
    }
    if page["data"] or "filter" in call.query:
        return page
    return {**page, "data": [stray], "first_id": stray["id"], "last_id": stray["id"]}


def _hollow(_: Call, page: dict[str, Any]) -> dict[str, Any]:
    return page if page["has_more"] else {**page, "data": []}


def _emptied(reply: Reply) -> Reply:
    return Binary(b"", "application/json", {}, 200) if isinstance(reply, Json) and reply.status < 300 else reply


def _wide_index(body: Any) -> Any:
    return put("choices/0/index", 1)(body) if len(body["choices"]) == 1 else body


FAULTS = (
    *rows(
        "parameters",
        (
            "parameter-chat-n-plain",
            _CHAT,
            "`n` is ignored in plain answers",
            f"parameter/{_CHAT}/n",
            _plain(_CHAT, "n"),
        ),
        (
            "parameter-chat-stop-plain",
            _CHAT,
            "`stop` is ignored in plain answers",
            f"parameter/{_CHAT}/stop",
            _plain(_CHAT, "stop"),
        ),
        (
            "parameter-chat-logprobs-plain",
            _CHAT,
            "`logprobs` without `top_logprobs` is ignored in plain answers",
            f"parameter/{_CHAT}/logprobs",
            _when(_CHAT, lambda b: not b.get("stream") and "top_logprobs" not in b, drop("logprobs")),
        ),
        (
            "parameter-chat-logprobs-on-plain",
            _CHAT,
            "plain answers have log probabilities unasked",
            f"parameter/{_CHAT}/logprobs-off",
            _when(_CHAT, lambda b: not b.get("stream") and not b.get("logprobs"), lambda b: {**b, "logprobs": True}),
        ),
        (
            "parameter-chat-json-object-plain",
            _CHAT,
            "JSON mode is ignored in plain answers",
            f"parameter/{_CHAT}/response_format-json_object",
            _when(
                _CHAT,
                lambda b: not b.get("stream") and b.get("response_format") == {"type": "json_object"},
                drop("response_format"),
            ),
        ),
        (
            "parameter-chat-store-unmarked",
            _CHAT,
            "`store` without `metadata` is ignored for single messages",
            f"parameter/{_CHAT}/store",
            _when(_CHAT, lambda b: not b.get("metadata") and len(b["messages"]) == 1, drop("store")),
        ),
        (
            "parameter-chat-index-one",
            _CHAT,
            "the only choice has index 1, where it is not stored",
            "choices/index",
            _answered(_CHAT, lambda b: not b.get("store"), _wide_index),
        ),
        (
            "parameter-text-n-plain",
            _TEXT,
            "`n` is ignored in plain answers",
            f"parameter/{_TEXT}/n",
            _plain(_TEXT, "n"),
        ),
        (
            "parameter-text-stop-plain",
            _TEXT,
            "`stop` is ignored in plain answers",
            f"parameter/{_TEXT}/stop",
            _plain(_TEXT, "stop"),
        ),
        (
            "parameter-text-echo-plain",
            _TEXT,
            "`echo` is ignored in plain answers",
            f"parameter/{_TEXT}/echo",
            _plain(_TEXT, "echo"),
        ),
        (
            "parameter-text-logprobs-plain",
            _TEXT,
            "`logprobs` is ignored in plain answers",
            f"parameter/{_TEXT}/logprobs",
            _plain(_TEXT, "logprobs"),
        ),
        (
            "parameter-text-prompts-plain",
            _TEXT,
            "plain answers are to the first of several prompts",
            f"parameter/{_TEXT}/prompt",
            _when(
                _TEXT,
                lambda b: not b.get("stream") and _texts(b.get("prompt")),
                turn("prompt", lambda prompts: prompts[0]),
            ),
        ),
        (
            "parameter-embedding-float-first",
            _VECTOR,
            "the first three times that floats are asked for in the same words, base64 comes",
            f"parameter/{_VECTOR}/encoding_format-float",
            _at_first(
                _VECTOR,
                3,
                lambda b: b.get("encoding_format") == "float" and "dimensions" not in b,
                put("encoding_format", "base64"),
            ),
        ),
        (
            "parameter-response-max-output-tokens-plain",
            _RESPONSE,
            "`max_output_tokens` is ignored in plain answers",
            f"parameter/{_RESPONSE}/max_output_tokens",
            _plain(_RESPONSE, "max_output_tokens"),
        ),
        (
            "parameter-response-json-object-plain",
            _RESPONSE,
            "JSON mode is ignored in plain answers",
            f"parameter/{_RESPONSE}/text-json_object",
            _when(
                _RESPONSE,
                lambda b: not b.get("stream") and b.get("text") == {"format": {"type": "json_object"}},
                drop("text"),
            ),
        ),
        (
            "parameter-response-metadata-unstored",
            _RESPONSE,
            "`metadata` of what is not expressly stored is dropped",
            f"parameter/{_RESPONSE}/metadata",
            _when(_RESPONSE, lambda b: not b.get("store"), drop("metadata")),
        ),
        (
            "parameter-response-previous-unsaid",
            _RESPONSE,
            "`previous_response_id` is not told by what is not expressly stored",
            f"parameter/{_RESPONSE}/previous_response_id",
            _answered(_RESPONSE, lambda b: "store" not in b, put("previous_response_id", None)),
        ),
        (
            "parameter-response-store-first",
            _RESPONSE,
            "of the greetings that are to be stored without `metadata` only the first is",
            f"parameter/{_RESPONSE}/store",
            _later(_RESPONSE, _plain_greeting, put("store", False)),
        ),
        (
            "parameter-run-additional-text",
            "createRun",
            "additional messages of plain text are ignored",
            "parameter/createRun/additional_messages",
            _when(
                "createRun",
                lambda b: [type(each.get("content")) for each in b.get("additional_messages") or []] == [str],
                drop("additional_messages"),
            ),
        ),
        (
            "parameter-transcription-verbose-bare",
            "createTranscription",
            "`verbose_json` gives json unless granularities are asked for",
            "parameter/createTranscription/response_format-verbose_json",
            _when(
                "createTranscription",
                lambda b: b.get("response_format") == "verbose_json" and "timestamp_granularities[]" not in b,
                put("response_format", "json"),
            ),
        ),
    ),
    *rows(
        "schema",
        (
            "schema-message-url-made",
            "createMessage",
            "the URL of an image comes back as none",
            "body/format",
            _answered("createMessage", _anything, put("content/*/image_url/url", "no url")),
        ),
        (
            "schema-empty-translation",
            "createTranslation",
            "an answer without a body",
            "body/present",
            replies("createTranslation", lambda _, reply: _emptied(reply)),
        ),
        (
            "schema-image-milliseconds",
            "createImage",
            "`created` is in milliseconds",
            "body/seconds",
            _answered("createImage", _anything, turn("created", lambda seconds: seconds * 1000)),
        ),
        (
            "schema-tool-unoffered-auto",
            _CHAT,
            "a call that was not forced is to a tool that was not offered",
            "choices/unoffered",
            _answered(
                _CHAT,
                lambda b: not isinstance(b.get("tool_choice"), dict),
                put("choices/*/message/tool_calls/*/function/name", "other"),
            ),
        ),
        (
            "schema-checkpoint-job-other",
            "listFineTuningJobCheckpoints",
            "checkpoints say that they belong to another job",
            "body/same-object",
            _answered("listFineTuningJobCheckpoints", _anything, put("data/*/fine_tuning_job_id", "ftjob-other")),
        ),
    ),
    *rows(
        "status",
        (
            "status-400-first",
            "createModeration",
            "the first request is refused",
            "request/minimal-refused",
            _once("createModeration", ApiError(400, "Not ready yet.")),
        ),
    ),
    *rows(
        "state",
        (
            "state-created-not-there-some",
            "createAssistant",
            "an assistant with a name and instructions cannot be read",
            "lifecycle/created-is-there",
            _gone_at_once(
                "createAssistant", "deleteAssistant", "assistant_id", lambda b: "name" in b and "instructions" in b
            ),
        ),
        (
            "state-same-again",
            "createAssistant",
            "an assistant made again in the same words is the first one",
            "lifecycle/id-unique",
            _same_again("createAssistant", "getAssistant", "assistant_id"),
        ),
    ),
    *rows(
        "error-body",
        (
            "error-declared-shape-400",
            "modify-project",
            "a 400 has no envelope where the operation declares it",
            "error/declared",
            refusals("modify-project", lambda _, e: Json({"detail": e.message}, 400) if e.status == 400 else None),
        ),
        (
            "error-429-first",
            "createModeration",
            "the first request meets a 429 without `Retry-After`",
            "header/retry-after",
            _once("createModeration", ApiError(429, "Slow down.", "requests", None, "rate_limit_exceeded")),
        ),
        (
            "error-status-418-member",
            _VECTOR,
            "a wrong encoding is told by a 418",
            "status/plausible",
            _refused(_VECTOR, "encoding_format", 418),
        ),
    ),
    *rows(
        "lists",
        (
            "list-unstable-long",
            "listVectorStores",
            "every second long page without `order` is the other way round",
            "list/stable",
            _turning("listVectorStores"),
        ),
        (
            "list-after-inclusive-whole",
            "listMessages",
            "a page begins with the element of the cursor and leaves none out",
            "list/after",
            _cursor_again("listMessages"),
        ),
        (
            "list-empty-stray",
            "listVectorStoreFiles",
            "a list without elements has one",
            "list/empty",
            _pages("listVectorStoreFiles", _stray),
        ),
        (
            "list-page-hollow",
            "usage-images",
            "the last page of buckets is empty",
            "list/bucket-gap",
            _pages("usage-images", _hollow),
        ),
        (
            "list-limit-at-least-twenty",
            "listAssistants",
            "a page has twenty elements at least",
            "list/limit",
            _query("listAssistants", lambda q: {**q, "limit": max(20, q.get("limit", 20))}),
        ),
    ),
)  # fmt: skip - a table: one fault a row
