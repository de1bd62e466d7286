"""Families `schema`, `status` and `media-type` where fewer clients look: steps, stores, jobs, the organization."""

from __future__ import annotations

import base64
import datetime
import itertools
from collections.abc import Callable
from typing import Any

from contract.mock.errors import ApiError
from contract.mock.faults.kit import Make, answers, around, drop, put, replies, rows, turn
from contract.mock.kernel import Binary, Call, Events, Handler, Hooks, Json, Reply
from contract.mock.streaming import dumps

_CHAT, _TEXT, _VECTOR, _RESPONSE = "createChatCompletion", "createCompletion", "createEmbedding", "createResponse"
_BODY = "body/schema"
_STORE_FILE = "createVectorStoreFile getVectorStoreFile"
_MESSAGE = "createMessage getMessage"
_INVITE = "retrieve-invite"


def _both(*changes: Callable[[object], object]) -> Callable[[object], object]:
    def edit(body: object) -> object:
        for change in changes:
            body = change(body)
        return body

    return edit


def _iso(value: int) -> str:
    return datetime.datetime.fromtimestamp(value, datetime.UTC).isoformat()


def _chat_names(usage: dict[str, int]) -> dict[str, int]:
    """The usage of a response under the names of chat."""
    return {
        "prompt_tokens": usage["input_tokens"],
        "completion_tokens": usage["output_tokens"],
        "total_tokens": usage["total_tokens"],
    }


def _broken(status: int, message: str = "Internal error.") -> Json:
    return Json({"error": {"message": message, "type": "server_error", "param": None, "code": None}}, status)


def _where(on: str, test: Callable[[Call], bool], reply: Callable[[], Reply]) -> Make:
    """Another reply to the calls that pass; nothing is done."""
    return around(on, lambda handler, call: reply() if test(call) else handler(call))


def _status(on: str, status: int, **headers: str) -> Make:
    def act(_: Call, reply: Reply) -> Reply:
        return Json(reply.body, status, {**reply.headers, **headers}) if isinstance(reply, Json) else reply

    return replies(on, act)


def _now_and_then(on: str, every: int) -> Make:
    """Each so many-th answer breaks."""

    def make() -> Hooks:
        count = itertools.count(1)
        return replies(on, lambda _, reply: _broken(500) if next(count) % every == 0 else reply)()

    return make


def _empty_is_missing(handler: Handler, call: Call) -> Reply:
    reply = handler(call)
    if isinstance(reply, Json) and reply.body.get("data") == []:
        raise ApiError(404, "Nothing was found.")
    return reply


def _done_and_broken(handler: Handler, call: Call) -> Reply:
    handler(call)
    return _broken(500)


def _in_parts(call: Call) -> bool:
    return any(isinstance(each.get("content"), list) for each in call.body["messages"])


def _typed(on: str, media_type: str) -> Make:
    """JSON under another Content-Type."""

    def act(_: Call, reply: Reply) -> Reply:
        if not isinstance(reply, Json):
            return reply
        return Binary(dumps(reply.body).encode(), media_type, dict(reply.headers), reply.status)

    return replies(on, act)


def _sound(media_type: str) -> Make:
    def act(_: Call, reply: Reply) -> Reply:
        if not isinstance(reply, Binary):
            return reply
        return Binary(reply.content, media_type, dict(reply.headers), reply.status)

    return replies("createSpeech", act)


def _stream(on: str, media_type: str) -> Make:
    def act(_: Call, reply: Reply) -> Reply:
        if not isinstance(reply, Events):
            return reply
        return Events(reply.frames, reply.status, {**reply.headers, "content-type": media_type})

    return replies(on, act)


def _two_bytes_short(body: Any) -> Any:
    def cut(v: Any) -> Any:
        return base64.b64encode(base64.b64decode(v)[:-2]).decode() if isinstance(v, str) else v

    return turn("data/*/embedding", cut)(body)


FAULTS = (
    *rows(
        "schema",
        (
            "schema-embedding-cut",
            "createEmbedding",
            "base64 of an embedding is two bytes short",
            "parameter/createEmbedding/encoding_format-base64",
            answers("createEmbedding", _two_bytes_short),
        ),
        (
            "schema-embedding-empty",
            "createEmbedding",
            "vectors are empty",
            "body/sense",
            answers("createEmbedding", turn("data/*/embedding", lambda v: [] if isinstance(v, list) else v)),
        ),
        (
            "schema-embedding-zero",
            "createEmbedding",
            "vectors are all zero",
            "body/sense",
            answers(
                "createEmbedding", turn("data/*/embedding", lambda v: [0.0] * len(v) if isinstance(v, list) else v)
            ),
        ),
        (
            "schema-moderation-flag",
            "createModeration",
            "`flagged` is true though no category is",
            "body/sense",
            answers("createModeration", put("results/*/flagged", True)),
        ),
        (
            "schema-moderation-score",
            "createModeration",
            "a score is above 1",
            "body/sense",
            answers("createModeration", put("results/*/category_scores/violence", 7.5)),
        ),
        (
            "schema-image-broken",
            "createImage",
            "base64 of an image is that of a text",
            "parameter/createImage/response_format-b64_json",
            answers("createImage", turn("data/*/b64_json", lambda _: base64.b64encode(b"hello").decode())),
        ),
        (
            "schema-speech-empty",
            "createSpeech",
            "the audio is empty",
            "parameter/createSpeech/response_format-mp3",
            replies("createSpeech", lambda _, r: Binary(b"", r.media_type) if isinstance(r, Binary) else r),
        ),
        (
            "schema-segment-backwards",
            "createTranscription",
            "segments end before they start",
            "body/sense",
            answers("createTranscription", turn("segments/*/end", lambda _: -1.0)),
        ),
        (
            "schema-duration-negative",
            "createTranscription",
            "the duration is negative",
            "body/sense",
            answers("createTranscription", turn("duration", lambda _: -3.0)),
        ),
        (
            "schema-logprob-positive",
            "createChatCompletion",
            "log probabilities are positive",
            "body/sense",
            answers("createChatCompletion", put("choices/*/logprobs/content/*/logprob", 0.7)),
        ),
        (
            "schema-embedding-nested",
            _VECTOR,
            "an embedding is a list in a list",
            "body/schema",
            answers(_VECTOR, turn("data/*/embedding", lambda v: [v])),
        ),
        (
            "schema-fingerprint-null",
            _CHAT,
            "`system_fingerprint` is null",
            "body/contested",
            answers(_CHAT, put("system_fingerprint", None)),
        ),
        (
            "schema-tool-calls-null",
            _CHAT,
            "`tool_calls` of a message is null",
            "body/contested",
            answers(_CHAT, put("choices/*/message/tool_calls", None)),
        ),
        (
            "schema-response-usage-names",
            _RESPONSE,
            "the usage has the names of chat",
            "body/schema",
            answers(_RESPONSE, turn("usage", _chat_names)),
        ),
        (
            "schema-image-nothing",
            "createImageVariation",
            "an image has neither `url` nor `b64_json`",
            "parameter/createImageVariation/n",
            answers("createImageVariation", put("data", [{}])),
        ),
        (
            "schema-cost-string",
            "usage-costs",
            "the value of an amount is a string",
            "body/schema",
            answers(
                "usage-costs",
                lambda b: put("data/*/results/*/amount/value", "0.1")(put("data/*/result/*/amount/value", "0.1")(b)),
            ),
        ),
        (
            "schema-segment-tokens-dropped",
            "createTranscription",
            "segments have no tokens",
            "parameter/createTranscription/response_format-verbose_json",
            answers("createTranscription", drop("segments/*/tokens")),
        ),
        (
            "schema-batch-listed-date",
            "listBatches",
            "`created_at` of a listed batch is a date",
            "body/schema",
            answers("listBatches", turn("data/*/created_at", _iso)),
        ),
        ("schema-created-zero", _TEXT, "`created` is 0", "body/times", answers(_TEXT, put("created", 0))),
        (
            "schema-usage-count-dropped",
            "usage-embeddings",
            "a result does not count its requests",
            "body/schema",
            answers(
                "usage-embeddings",
                lambda b: drop("data/*/results/*/num_model_requests")(drop("data/*/result/*/num_model_requests")(b)),
            ),
        ),
    ),
    *rows(
        "status",
        ("status-203", "getVectorStore", "a read answers 203", "status/declared", _status("getVectorStore", 203)),
        (
            "status-201-message",
            "createMessage",
            "a new message answers 201",
            "status/declared",
            _status("createMessage", 201),
        ),
        (
            "status-500-next-page",
            "listMessages",
            "the second page answers 500",
            "status/server-error",
            _where("listMessages", lambda c: "after" in c.query, lambda: _broken(500)),
        ),
        (
            "status-500-stream",
            _TEXT,
            "a stream that is asked for answers 500",
            "status/server-error",
            _where(_TEXT, lambda c: bool(c.body.get("stream")), lambda: _broken(500)),
        ),
        (
            "status-500-now-and-then",
            "getAssistant",
            "every third read answers 500",
            "lifecycle/created-is-there",
            _now_and_then("getAssistant", 3),
        ),
        (
            "status-200-error",
            "createModeration",
            "every answer is 200 with an error body",
            "body/schema",
            _where("createModeration", lambda _: True, lambda: _broken(200)),
        ),
        (
            "status-404-empty",
            "listVectorStoreFiles",
            "an empty list answers 404",
            "request/minimal-refused",
            around("listVectorStoreFiles", _empty_is_missing),
        ),
        (
            "status-400-parts",
            _CHAT,
            "content in parts is refused",
            "request/valid-refused",
            _where(_CHAT, _in_parts, lambda: _broken(400, "content must be a string")),
        ),
    ),
    *rows(
        "media-type",
        (
            "media-type-stream-ndjson",
            _TEXT,
            "an event stream as application/x-ndjson",
            "SSE-001",
            _stream(_TEXT, "application/x-ndjson"),
        ),
        (
            "media-type-stream-octets",
            "createRun",
            "an event stream as application/octet-stream",
            "SSE-001",
            _stream("createRun", "application/octet-stream"),
        ),
        (
            "media-type-form",
            "listRuns",
            "JSON as application/x-www-form-urlencoded",
            "media-type/declared",
            _typed("listRuns", "application/x-www-form-urlencoded"),
        ),
        ("media-type-speech-html", "createSpeech", "audio as text/html", "media-type/declared", _sound("text/html")),
    ),
)  # fmt: skip - a table: one fault a row
