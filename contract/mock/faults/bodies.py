"""Families `schema`, `status` and `media-type`: successes of the wrong shape, status or type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contract.mock.errors import ApiError
from contract.mock.faults.kit import Make, answers, around, drop, put, replies, rows, turn
from contract.mock.kernel import Binary, Call, Events, Handler, Json, Reply
from contract.mock.streaming import dumps

_CHAT, _TEXT, _VECTOR = "createChatCompletion", "createCompletion", "createEmbedding"
_READ_ASSISTANT = "createAssistant getAssistant"
_BODY = "body/schema"


def _raw(on: str, change: str) -> Make:
    """A body that is text: `%` stands for the right JSON."""

    def act(_: Call, reply: Reply) -> Reply:
        if not isinstance(reply, Json):
            return reply
        return Binary(change.replace("%", dumps(reply.body)).encode(), "application/json", status=reply.status)

    return replies(on, act)


def _status(on: str, status: int, headers: dict[str, str] | None = None) -> Make:
    def act(_: Call, reply: Reply) -> Reply:
        if isinstance(reply, Json):
            return Json(reply.body, status, {**reply.headers, **(headers or {})})
        return reply

    return replies(on, act)


def _empty(on: str, status: int) -> Make:
    return replies(on, lambda _, reply: Binary(b"", status=status) if isinstance(reply, Json) else reply)


def _failing(on: str, status: int) -> Make:
    body = {"error": {"message": "Internal error.", "type": "server_error", "param": None, "code": None}}
    return replies(on, lambda _, __: Json(body, status))


def _refusing(on: str, test: Callable[[dict[str, Any]], bool]) -> Make:
    """Valid requests of one kind are refused."""

    def act(handler: Handler, call: Call) -> Reply:
        if test(call.body or {}):
            raise ApiError(400, "This server does not do that.")
        return handler(call)

    return around(on, act)


def _typed(on: str, media_type: str) -> Make:
    """The right body under another Content-Type, "" for none."""

    def act(_: Call, reply: Reply) -> Reply:
        if isinstance(reply, Json):
            return Binary(dumps(reply.body).encode(), media_type, dict(reply.headers), reply.status)
        if isinstance(reply, Binary):
            return Binary(reply.content, media_type, dict(reply.headers), reply.status)
        return Events(reply.frames, reply.status, {**reply.headers, "content-type": media_type})

    return replies(on, act)


def _bare_type(on: str, media_type: str) -> Make:
    """Another type for streams alone."""

    def act(_: Call, reply: Reply) -> Reply:
        if isinstance(reply, Events):
            return Events(reply.frames, reply.status, {**reply.headers, "content-type": media_type})
        return reply

    return replies(on, act)


def _event_instead(on: str) -> Make:
    """One JSON answer as an event stream that nobody asked for."""

    def act(_: Call, reply: Reply) -> Reply:
        if not isinstance(reply, Json):
            return reply
        return Binary(f"data: {dumps(reply.body)}\n\ndata: [DONE]\n\n".encode(), "text/event-stream")

    return replies(on, act)


FAULTS = (
    *rows(
        "schema",
        (
            "schema-choices-dropped",
            _CHAT,
            "a required member, `choices`, is missing",
            _BODY,
            answers(_CHAT, drop("choices")),
        ),
        (
            "schema-finish-reason-dropped",
            _CHAT,
            "`finish_reason` of a choice is missing",
            _BODY,
            answers(_CHAT, drop("choices/*/finish_reason")),
        ),
        (
            "schema-refusal-dropped",
            _CHAT,
            "`refusal` of a message is missing",
            "body/contested",
            answers(_CHAT, drop("choices/*/message/refusal")),
        ),
        (
            "schema-created-string",
            _CHAT,
            "`created` is a string",
            _BODY,
            answers(_CHAT, put("created", "2025-01-01T00:00:00Z")),
        ),
        (
            "schema-created-fraction",
            _CHAT,
            "`created` is 1700000000.5",
            _BODY,
            answers(_CHAT, put("created", 1700000000.5)),
        ),
        (
            "schema-created-milliseconds-string",
            _VECTOR,
            "a token count is a string",
            _BODY,
            answers(_VECTOR, put("usage/prompt_tokens", "8")),
        ),
        (
            "schema-object-wrong",
            _CHAT,
            "`object` is another constant",
            _BODY,
            answers(_CHAT, put("object", "chat.completion.chunk")),
        ),
        (
            "schema-finish-reason-unknown",
            _CHAT,
            "`finish_reason` is no value of its enum",
            _BODY,
            answers(_CHAT, put("choices/*/finish_reason", "eos")),
        ),
        (
            "schema-role-user",
            _CHAT,
            "the message's `role` is user",
            _BODY,
            answers(_CHAT, put("choices/*/message/role", "user")),
        ),
        ("schema-id-null", _CHAT, "`id` is null", _BODY, answers(_CHAT, put("id", None))),
        ("schema-id-number", "getAssistant", "`id` is a number", _BODY, answers("getAssistant", put("id", 7))),
        (
            "schema-choices-object",
            _CHAT,
            "`choices` is an object",
            _BODY,
            answers(_CHAT, turn("choices", lambda v: {"0": v[0]})),
        ),
        ("schema-choice-string", _CHAT, "a choice is a string", _BODY, answers(_CHAT, put("choices/0", "Hello"))),
        (
            "schema-tool-arguments-object",
            _CHAT,
            "arguments of a tool call are an object, not a string",
            _BODY,
            answers(_CHAT, put("choices/*/message/tool_calls/*/function/arguments", {})),
        ),
        (
            "schema-usage-float",
            _CHAT,
            "`usage.total_tokens` is 1.5",
            _BODY,
            answers(_CHAT, put("usage/total_tokens", 1.5)),
        ),
        (
            "schema-text-null",
            _TEXT,
            "`text` of a completion is null",
            _BODY,
            answers(_TEXT, put("choices/*/text", None)),
        ),
        (
            "schema-completion-logprobs-dropped",
            _TEXT,
            "`logprobs` of a choice is missing",
            _BODY,
            answers(_TEXT, drop("choices/*/logprobs")),
        ),
        (
            "schema-embedding-strings",
            _VECTOR,
            "the numbers of an embedding are strings",
            _BODY,
            answers(_VECTOR, turn("data/*/embedding", lambda v: [str(each) for each in v])),
        ),
        (
            "schema-embedding-index-dropped",
            _VECTOR,
            "`index` of an embedding is missing",
            _BODY,
            answers(_VECTOR, drop("data/*/index")),
        ),
        (
            "schema-list-object-wrong",
            "listModels",
            "`object` of a list is not list",
            _BODY,
            answers("listModels", put("object", "models")),
        ),
        (
            "schema-list-element-null",
            "listModels",
            "an element of a list is null",
            _BODY,
            answers("listModels", put("data/0", None)),
        ),
        (
            "schema-owner-dropped",
            "listModels retrieveModel",
            "`owned_by` of a model is missing",
            _BODY,
            answers("listModels retrieveModel", lambda b: drop("owned_by")(drop("data/*/owned_by")(b))),
        ),
        (
            "schema-list-bare",
            "listAssistants",
            "a list without its envelope",
            _BODY,
            answers("listAssistants", lambda b: b["data"]),
        ),
        (
            "schema-first-id-dropped",
            "listAssistants",
            "`first_id` of a list is missing",
            _BODY,
            answers("listAssistants", drop("first_id")),
        ),
        (
            "schema-assistant-tools-null",
            _READ_ASSISTANT,
            "`tools` of an assistant is null",
            _BODY,
            answers(_READ_ASSISTANT, put("tools", None)),
        ),
        (
            "schema-assistant-tool-type",
            "createAssistant getAssistant listAssistants modifyAssistant",
            "the constant `type` of a tool is wrong",
            _BODY,
            answers("createAssistant getAssistant listAssistants modifyAssistant", put("tools", [{"type": "browser"}])),
        ),
        (
            "schema-thread-metadata-dropped",
            "createThread getThread",
            "`metadata` of a thread is missing",
            _BODY,
            answers("createThread getThread", drop("metadata")),
        ),
        (
            "schema-message-content-text",
            "getMessage listMessages",
            "content of a message is a plain string",
            _BODY,
            answers(
                "getMessage listMessages",
                lambda b: put("content", "x")(b) if "content" in b else put("data/*/content", "x")(b),
            ),
        ),
        (
            "schema-file-bytes-dropped",
            "createFile retrieveFile",
            "`bytes` of a file is missing",
            _BODY,
            answers("createFile retrieveFile", drop("bytes")),
        ),
        (
            "schema-file-purpose-unknown",
            "createFile retrieveFile",
            "`purpose` of a file is no value of its enum",
            _BODY,
            answers("createFile retrieveFile", put("purpose", "misc")),
        ),
        (
            "schema-run-status-unknown",
            "createRun getRun",
            "`status` of a run is no value of its enum",
            _BODY,
            answers("createRun getRun", put("status", "running")),
        ),
        (
            "schema-vector-store-counts-dropped",
            "createVectorStore getVectorStore",
            "`file_counts.total` is missing",
            _BODY,
            answers("createVectorStore getVectorStore", drop("file_counts/total")),
        ),
        (
            "schema-response-output-type",
            "createResponse",
            "an output item has an unknown `type`",
            _BODY,
            answers("createResponse", put("output/*/type", "text")),
        ),
        (
            "schema-response-part-annotations",
            "createResponse",
            "`annotations` of an output text is missing",
            _BODY,
            answers("createResponse", drop("output/*/content/*/annotations")),
        ),
        (
            "schema-response-usage-details",
            "createResponse",
            "`output_tokens_details` of the usage is missing",
            _BODY,
            answers("createResponse", drop("usage/output_tokens_details")),
        ),
        (
            "schema-moderation-category-dropped",
            "createModeration",
            "a category of a result is missing",
            _BODY,
            answers("createModeration", drop("results/*/categories/violence")),
        ),
        (
            "schema-moderation-score-string",
            "createModeration",
            "a score is a string",
            _BODY,
            answers("createModeration", put("results/*/category_scores/violence", "0.1")),
        ),
        (
            "schema-batch-counts-string",
            "createBatch retrieveBatch",
            "a count of a batch is a string",
            _BODY,
            answers("createBatch retrieveBatch", put("request_counts/total", "1")),
        ),
        (
            "schema-upload-expiry-null",
            "createUpload",
            "`expires_at` of an upload is null",
            _BODY,
            answers("createUpload", put("expires_at", None)),
        ),
        (
            "schema-deleted-dropped",
            "deleteAssistant",
            "`deleted` is missing in the answer to a deletion",
            _BODY,
            answers("deleteAssistant", drop("deleted")),
        ),
        (
            "schema-project-role-unknown",
            "list-users retrieve-user",
            "`role` of a user is no value of its enum",
            _BODY,
            answers(
                "list-users retrieve-user",
                lambda b: put("data/*/role", "admin")(b) if "data" in b else put("role", "admin")(b),
            ),
        ),
        (
            "schema-usage-bucket-results",
            "usage-completions",
            "`result` of a bucket is missing",
            "body/contested",
            answers("usage-completions", drop("data/*/result")),
        ),
        (
            "schema-ft-hyperparameters-null",
            "createFineTuningJob retrieveFineTuningJob",
            "`hyperparameters` is null",
            _BODY,
            answers("createFineTuningJob retrieveFineTuningJob", put("hyperparameters", None)),
        ),
        (
            "schema-image-created-dropped",
            "createImage",
            "`created` of images is missing",
            _BODY,
            answers("createImage", drop("created")),
        ),
        (
            "schema-transcript-text-dropped",
            "createTranscription",
            "`text` of a transcript is missing",
            _BODY,
            answers("createTranscription", drop("text")),
        ),
        (
            "schema-null-body",
            "retrieveModel",
            "the body is JSON's null",
            _BODY,
            answers("retrieveModel", lambda _: None),
        ),
        (
            "schema-wrapped",
            "retrieveModel",
            "the object is wrapped in `data`",
            _BODY,
            answers("retrieveModel", lambda b: {"data": b}),
        ),
        (
            "schema-text-of-json",
            "getThread",
            "the body is a JSON string that holds the JSON",
            _BODY,
            answers("getThread", dumps),
        ),
        (
            "schema-not-json",
            "getThread",
            "the body is cut in the middle of the JSON",
            "body/json",
            _raw("getThread", '{"id": "thread_1", "obj'),
        ),
        (
            "schema-nan",
            _VECTOR,
            "a member is NaN, which is no JSON",
            "body/json",
            _raw(_VECTOR, '{"object":"list","data":[],"usage":NaN}'),
        ),
        (
            "schema-member-twice",
            "retrieveModel",
            "a member stands twice in the object",
            "body/json",
            _raw("retrieveModel", '{"id":"gpt-4o-mini","id":"gpt-4o","object":"model","created":1,"owned_by":"x"}'),
        ),
        (
            "schema-byte-order-mark",
            "retrieveModel",
            "the JSON begins with a byte order mark",
            "body/json",
            _raw("retrieveModel", "\ufeff%"),
        ),
        (
            "schema-after-json",
            "retrieveModel",
            "something follows the JSON text",
            "body/json",
            _raw("retrieveModel", "%%"),
        ),
        ("schema-empty-body", "getThread", "the answer has no body", "body/present", _empty("getThread", 200)),
        (
            "schema-message-url",
            "getMessage",
            "the URL of an image in a message is none",
            "body/format",
            answers(
                "getMessage", put("content", [{"type": "image_url", "image_url": {"url": "no url", "detail": "auto"}}])
            ),
        ),
        (
            "schema-created-milliseconds",
            "createChatCompletion",
            "`created` is in milliseconds",
            "body/seconds",
            answers("createChatCompletion", turn("created", lambda v: v * 1000)),
        ),
        (
            "schema-created-milliseconds-thread",
            "createThread getThread",
            "`created_at` is in milliseconds",
            "body/seconds",
            answers("createThread getThread", turn("created_at", lambda v: v * 1000)),
        ),
        (
            "schema-tool-unoffered",
            "createChatCompletion",
            "a tool is called that the request does not offer",
            "choices/unoffered",
            answers("createChatCompletion", put("choices/*/message/tool_calls/*/function/name", "search_web")),
        ),
    ),
    *rows(
        "status",
        ("status-500", "createThread", "every answer is 500", "status/server-error", _failing("createThread", 500)),
        ("status-500-read", "listModels", "a list answers 500", "status/server-error", _failing("listModels", 500)),
        ("status-505", "getThread", "every answer is 505", "status/server-error", _failing("getThread", 505)),
        (
            "status-599",
            "createModeration",
            "every answer is 599",
            "status/server-error",
            _failing("createModeration", 599),
        ),
        ("status-201", "createAssistant", "a creation answers 201", "status/declared", _status("createAssistant", 201)),
        ("status-201-chat", _CHAT, "a generation answers 201", "status/declared", _status(_CHAT, 201)),
        ("status-202", "createBatch", "a job answers 202", "status/declared", _status("createBatch", 202)),
        ("status-200-upload", "createFile", "an upload answers 201", "status/declared", _status("createFile", 201)),
        (
            "status-204",
            "deleteAssistant",
            "a deletion answers 204 without a body",
            "status/declared",
            _empty("deleteAssistant", 204),
        ),
        ("status-206", "listFiles", "a list answers 206", "status/declared", _status("listFiles", 206)),
        (
            "status-302",
            "retrieveModel",
            "a read answers 302",
            "status/declared",
            _status("retrieveModel", 302, {"location": "/v2/models"}),
        ),
        (
            "status-307",
            "listModels",
            "a list redirects to another place",
            "status/declared",
            _status("listModels", 307, {"location": "/elsewhere"}),
        ),
        ("status-304", "listAssistants", "a list answers 304", "status/declared", _empty("listAssistants", 304)),
        ("status-418", "createThread", "every answer is 418", "status/plausible", _failing("createThread", 418)),
        (
            "status-400-valid",
            "createEmbedding",
            "valid requests are refused",
            "request/minimal-refused",
            _failing("createEmbedding", 400),
        ),
        (
            "status-404-created",
            "createThread",
            "a creation answers 404",
            "request/minimal-refused",
            _failing("createThread", 404),
        ),
        (
            "status-400-odd",
            _CHAT,
            "`n` above 1 is refused",
            "request/valid-refused",
            _refusing(_CHAT, lambda body: (body.get("n") or 1) > 1),
        ),
        (
            "status-422-valid",
            "createModeration",
            "valid requests are refused with 422",
            "request/minimal-refused",
            _failing("createModeration", 422),
        ),
    ),
    *rows(
        "media-type",
        (
            "media-type-text",
            "listModels",
            "JSON as text/plain",
            "media-type/declared",
            _typed("listModels", "text/plain; charset=utf-8"),
        ),
        (
            "media-type-html",
            "retrieveModel",
            "JSON as text/html",
            "media-type/declared",
            _typed("retrieveModel", "text/html"),
        ),
        (
            "media-type-missing",
            "getThread",
            "an answer without Content-Type",
            "media-type/declared",
            _typed("getThread", ""),
        ),
        (
            "media-type-javascript",
            "createEmbedding",
            "JSON as text/json",
            "media-type/declared",
            _typed("createEmbedding", "text/json"),
        ),
        (
            "media-type-octets",
            "createChatCompletion",
            "JSON as application/octet-stream",
            "media-type/declared",
            _typed("createChatCompletion", "application/octet-stream"),
        ),
        (
            "media-type-vendor",
            "createAssistant",
            "JSON as application/vnd.api+json",
            "media-type/declared",
            _typed("createAssistant", "application/vnd.api+json"),
        ),
        (
            "media-type-speech-json",
            "createSpeech",
            "audio as application/json",
            "media-type/declared",
            _typed("createSpeech", "application/json"),
        ),
        (
            "media-type-stream-json",
            "createChatCompletion",
            "an event stream as application/json",
            "SSE-001",
            _bare_type("createChatCompletion", "application/json"),
        ),
        (
            "media-type-stream-text",
            "createResponse",
            "an event stream as text/plain",
            "SSE-001",
            _bare_type("createResponse", "text/plain"),
        ),
        (
            "media-type-unasked-stream",
            "createChatCompletion",
            "an event stream that was not asked for",
            "media-type/unasked-stream",
            _event_instead("createChatCompletion"),
        ),
    ),
)  # fmt: skip - a table: one fault a row
