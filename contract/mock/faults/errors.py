"""Family `error-body`: refusals that are no proper envelope, have an odd status, or tell what no client may see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contract.mock.errors import ApiError
from contract.mock.faults.kit import Make, drop, merged, put, refusals, rows
from contract.mock.kernel import Binary, Call, Hooks, Json, Reply
from contract.mock.streaming import dumps

_CHAT, _ASSISTANT = "createChatCompletion", "createAssistant"
_ENVELOPE = "error/envelope"
#: Operations that declare a schema for status 400.
_DECLARING = "modify-project create-project-user modify-project-user create-project-service-account delete-project-user"
_TRACE = (
    "Traceback (most recent call last):\n"
    '  File "/usr/lib/python3.11/site-packages/starlette/routing.py", line 76, in app\n'
    "    response = await func(request)\n"
    '  File "/srv/api/handlers/chat.py", line 212, in create\n'
    "KeyError: 'messages'\n"
)


def _body(on: str, change: Callable[[dict[str, Any]], Any]) -> Make:
    return refusals(on, lambda _, error: Json(change(error.body), error.status, dict(error.headers)))


def _member(on: str, name: str, value: Any) -> Make:
    return _body(on, put(f"error/{name}", value))


def _without(on: str, name: str) -> Make:
    return _body(on, drop(f"error/{name}"))


def _text(on: str, text: str, media_type: str) -> Make:
    return refusals(on, lambda _, error: Binary(text.encode(), media_type, {}, error.status))


def _status(on: str, status: int, of: int = 400) -> Make:
    return refusals(on, lambda _, error: Json(error.body, status) if error.status == of else None)


def _message(on: str, text: str) -> Make:
    """Something beside the message that is none of the client's business; `{key}` is another tenant's."""
    return _body(on, lambda body: put("error/message", f"{body['error']['message']} {text}")(body))


def _detail(error: ApiError) -> dict[str, Any]:
    return {"detail": [{"loc": ["body", error.param or "model"], "msg": error.message, "type": "value_error"}]}


def _no_request_id() -> Hooks:
    def wrap(_: Any, send: Any) -> Any:
        async def sent(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                kept = [each for each in message["headers"] if each[0] != b"x-request-id"]
                message = {**message, "headers": kept}
            await send(message)

        return sent

    return Hooks(send=(wrap,))


def _limited(headers: dict[str, str], edge_only: str) -> Make:
    """429 for refused requests instead of 400, with or without the header that says when to come back."""
    body = {"error": {"message": "Slow down.", "type": "requests", "param": None, "code": "rate_limit_exceeded"}}

    def change(_: Call | None, error: ApiError) -> Reply | None:
        return Json(body, 429, headers) if error.status == 400 else None

    return refusals(edge_only, change)


def _leaking_key() -> Hooks:
    seen: list[str] = []

    def change(call: Call | None, error: ApiError) -> Reply:
        if call is not None and call.key not in seen:
            seen.append(call.key)
        other = "sk-proj-9f8e7d6c5b4a39281706f5e4d3c2b1a0QwErTyUiOpAsDfGh"
        return Json(put("error/message", f"{error.message} (quota shared with {other})")(error.body), error.status)

    return merged([refusals("*", change)()])


FAULTS = rows(
    "error-body",
    ("error-detail", _CHAT, "errors as `detail`", _ENVELOPE, _body(_CHAT, lambda b: {"detail": b["error"]["message"]})),
    (
        "error-detail-list",
        _CHAT,
        "errors as 422 with a list of places",
        _ENVELOPE,
        refusals(_CHAT, lambda _, error: Json(_detail(error), 422)),
    ),
    (
        "error-string",
        _ASSISTANT,
        "`error` is a string",
        _ENVELOPE,
        _body(_ASSISTANT, lambda b: {"error": b["error"]["message"]}),
    ),
    (
        "error-flat",
        _ASSISTANT,
        "the members stand beside `object: error`, without the envelope",
        _ENVELOPE,
        _body(_ASSISTANT, lambda b: {"object": "error", **b["error"]}),
    ),
    (
        "error-list",
        "createThread",
        "errors as a list",
        _ENVELOPE,
        _body("createThread", lambda b: {"errors": [b["error"]]}),
    ),
    (
        "error-array",
        "createModeration",
        "the body is an array of envelopes",
        _ENVELOPE,
        _body("createModeration", lambda b: [b]),
    ),
    ("error-null", "createThread", "`error` is null", _ENVELOPE, _body("createThread", lambda _: {"error": None})),
    ("error-empty-object", "createEmbedding", "an empty object", _ENVELOPE, _body("createEmbedding", lambda _: {})),
    (
        "error-empty",
        "createEmbedding",
        "an error without a body",
        _ENVELOPE,
        _text("createEmbedding", "", "application/json"),
    ),
    ("error-plain-text", _CHAT, "errors as plain text", _ENVELOPE, _text(_CHAT, "bad request", "text/plain")),
    (
        "error-html",
        _CHAT,
        "errors as an HTML page",
        _ENVELOPE,
        _text(_CHAT, "<html><body><h1>400 Bad Request</h1></body></html>", "text/html"),
    ),
    (
        "error-xml",
        "createThread",
        "errors as XML",
        _ENVELOPE,
        _text("createThread", "<Error><Code>BadRequest</Code></Error>", "application/xml"),
    ),
    ("error-message-missing", _CHAT, "`message` is missing", _ENVELOPE, _without(_CHAT, "message")),
    ("error-type-missing", _CHAT, "`type` is missing", _ENVELOPE, _without(_CHAT, "type")),
    ("error-param-missing", _ASSISTANT, "`param` is missing", _ENVELOPE, _without(_ASSISTANT, "param")),
    ("error-code-missing", _ASSISTANT, "`code` is missing", _ENVELOPE, _without(_ASSISTANT, "code")),
    ("error-code-integer", _CHAT, "`code` is an integer", _ENVELOPE, _member(_CHAT, "code", 400)),
    ("error-type-null", _CHAT, "`type` is null", _ENVELOPE, _member(_CHAT, "type", None)),
    ("error-message-null", "createThread", "`message` is null", _ENVELOPE, _member("createThread", "message", None)),
    (
        "error-message-list",
        "createEmbedding",
        "`message` is a list",
        _ENVELOPE,
        _member("createEmbedding", "message", ["bad"]),
    ),
    (
        "error-param-other",
        "createEmbedding",
        "`param` names a required member that is right, whatever is wrong",
        "error/param",
        _member("createEmbedding", "param", "input"),
    ),
    (
        "error-param-unknown",
        "createModeration",
        "`param` names a member that was not sent",
        "error/param",
        _member("createModeration", "param", "messages"),
    ),
    (
        "error-param-none",
        "createSpeech",
        "`param` is the word None",
        "error/param",
        _member("createSpeech", "param", "None"),
    ),
    (
        "error-param-list",
        "createModeration",
        "`param` is a list",
        _ENVELOPE,
        _member("createModeration", "param", ["body", "input"]),
    ),
    (
        "error-declared-shape",
        _DECLARING,
        "an error with a declared schema is no such",
        "error/declared",
        _body(
            _DECLARING,
            lambda b: {"detail": b["error"]["message"]},
        ),
    ),
    ("error-status-500", _CHAT, "invalid requests are answered by 500", "status/server-error", _status(_CHAT, 500)),
    (
        "error-status-502",
        "createThread",
        "invalid requests are answered by 502",
        "status/server-error",
        _status("createThread", 502),
    ),
    (
        "error-status-404-500",
        "getAssistant",
        "an unknown id is answered by 500",
        "status/server-error",
        _status("getAssistant", 500, 404),
    ),
    (
        "error-status-404-200",
        "retrieveModel",
        "an unknown id is answered by 200 and an error body",
        "status/expected",
        _status("retrieveModel", 200, 404),
    ),
    (
        "error-status-404-204",
        "getThread",
        "an unknown id is answered by 204",
        "status/expected",
        refusals("getThread", lambda _, e: Binary(b"", "", {}, 204) if e.status == 404 else None),
    ),
    ("error-status-200", _CHAT, "errors come with status 200", "request/invalid-accepted", _status(_CHAT, 200)),
    (
        "error-status-418",
        "createModeration",
        "invalid requests are answered by 418",
        "status/plausible",
        _status("createModeration", 418),
    ),
    (
        "error-status-302",
        "createThread",
        "invalid requests are redirected",
        "status/declared",
        _status("createThread", 302),
    ),
    (
        "error-status-401-200",
        "listModels",
        "a missing key is answered by 200 and an error body",
        "status/expected",
        refusals("*", lambda _, e: Json(e.body, 200) if e.status == 401 else None),
    ),
    (
        "error-status-401-500",
        "listModels",
        "a missing key is answered by 500",
        "status/server-error",
        refusals("*", lambda _, e: Json(e.body, 500) if e.status == 401 else None),
    ),
    ("error-stack-trace", _CHAT, "errors show a stack trace", "error/leak", _message(_CHAT, _TRACE)),
    (
        "error-stack-trace-text",
        "createThread",
        "errors are a stack trace as plain text",
        "error/leak",
        _text("createThread", _TRACE, "text/plain"),
    ),
    (
        "error-java-trace",
        "createModeration",
        "errors show a Java stack trace",
        "error/leak",
        _message("createModeration", "java.lang.NullPointerException\n\tat com.acme.api.Chat.create(Chat.java:42)"),
    ),
    (
        "error-js-trace",
        "createEmbedding",
        "errors show a JavaScript stack trace",
        "error/leak",
        _message("createEmbedding", "TypeError: x is undefined\n    at create (/app/node_modules/api/chat.js:12:5)"),
    ),
    (
        "error-file-path",
        _ASSISTANT,
        "errors show a file path of the server",
        "error/leak",
        _message(_ASSISTANT, "(see /home/deploy/app/config/secrets.yaml)"),
    ),
    (
        "error-sql",
        "createVectorStore",
        "errors show a database's own words",
        "error/leak",
        _message(
            "createVectorStore",
            'psycopg2.errors.UndefinedColumn: column "x" does not exist LINE 1: SELECT * FROM users',
        ),
    ),
    ("error-other-key", _CHAT, "errors show the key of somebody else", "error/leak", _leaking_key),
    ("error-no-request-id", _CHAT, "answers have no `x-request-id`", "header/request-id", _no_request_id),
    (
        "error-429-no-retry-after",
        "createThread",
        "a 429 does not say when to come back",
        "header/retry-after",
        _limited({}, "createThread"),
    ),
    (
        "error-problem",
        "createMessage",
        "errors are problem details (RFC 9457)",
        "error/envelope",
        refusals(
            "createMessage",
            lambda _, e: Binary(
                dumps({"title": "Bad Request", "status": e.status, "detail": e.message}).encode(),
                "application/problem+json",
                {},
                e.status,
            ),
        ),
    ),
    (
        "error-plural",
        "createEmbedding",
        "errors are a list under `errors`",
        "error/envelope",
        _body("createEmbedding", lambda b: {"errors": [b["error"]]}),
    ),
    (
        "error-as-html",
        "createImage",
        "the envelope is sent as text/html",
        "error/media-type",
        refusals("createImage", lambda _, e: Binary(dumps(e.body).encode(), "text/html", {}, e.status)),
    ),
    (
        "error-go-panic",
        "createSpeech",
        "errors show a Go panic",
        "error/leak",
        _message(
            "createSpeech",
            "panic: index out of range\n\ngoroutine 17 [running]:\nmain.(*Server).speech(0xc0)\n\troutes.go:1423",
        ),
    ),
    (
        "error-rust-panic",
        "createMessage",
        "errors show a Rust panic",
        "error/leak",
        _message(
            "createMessage",
            "thread 'worker' panicked at src/messages.rs:42:17: called `Option::unwrap()` on a `None` value",
        ),
    ),
    (
        "error-status-type-500",
        "createEmbedding",
        "values of the wrong type are answered by 500",
        "status/server-error",
        refusals("createEmbedding", lambda _, e: Json(e.body, 500) if "is not of type" in e.message else None),
    ),
    (
        "error-status-json-500",
        "createResponse",
        "malformed JSON is answered by 500",
        "status/server-error",
        refusals("createResponse", lambda _, e: Json(e.body, 500) if "parse the JSON" in e.message else None),
    ),
    (
        "error-status-404-null",
        "getRun",
        "an unknown id is answered by 200 and null",
        "status/expected",
        refusals("getRun", lambda _, e: Json(None) if e.status == 404 else None),
    ),
    (
        "error-status-route-page",
        "listModels",
        "an unknown route is answered by a page and 200",
        "status/expected",
        refusals(
            "*",
            lambda c, e: (
                Binary(b"<!doctype html><title>App</title>", "text/html; charset=utf-8")
                if c is None and e.status == 404
                else None
            ),
        ),
    ),
)  # fmt: skip - a table: one fault a row
