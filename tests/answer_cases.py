"""Answers, one a way in which a check can speak: what the golden file of findings is written from."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from checks_support import ENVELOPE, MODELS
from test_checks_answers import ASKED, CALL, FORCED, OFFER, THREAD, choice, completion, said
from test_checks_media_type import CHAT

from contract.case import Expect, Kind
from contract.verdict import Keyword

EVENTS = b'data: {"id": "1"}\n\ndata: [DONE]\n\n'
HTML = b"<html>\n  <body>Bad   Gateway</body></html>"


@dataclass(frozen=True)
class AnswerCase:
    """An operation, what it answered, and what else `checks_support.judged` takes."""

    name: str
    operation: str
    status: int
    body: Any = b""
    more: dict[str, Any] = field(default_factory=dict)


def case(name: str, operation: str, status: int, body: Any = b"", **more: Any) -> AnswerCase:
    """A row."""
    return AnswerCase(name, operation, status, body, more)


def kind(value: Kind, **more: Any) -> Expect:
    """What was expected of a request of that kind."""
    return Expect(value, **more)


AT = "/components/schemas/CreateEmbeddingRequest/properties/dimensions"
BROKEN = kind(Kind.INVALID, constraint="minimum 1", spec_pointer=AT, where="/body/dimensions")
ONLY_404 = Expect(Kind.EDGE, frozenset({404, 400}), "no such object")
TEXT = "text/plain"
MESSAGE = {
    "id": "id-1",
    "object": "thread.message",
    "created_at": 1,
    "thread_id": "id-1",
    "role": "user",
    "content": [],
    "assistant_id": None,
    "run_id": None,
    "metadata": {},
    "status": "completed",
    "incomplete_details": None,
    "completed_at": 1,
    "incomplete_at": None,
    "attachments": [],
}


def error(**changes: Any) -> dict[str, Any]:
    """An envelope with other members; None-valued names ending in `_` are left out."""
    return {"error": {**ENVELOPE["error"], **changes}}


def without(body: Any, *path: Any) -> Any:
    """A copy of JSON without one member."""
    copy = json.loads(json.dumps(body))
    at = copy
    for each in path[:-1]:
        at = at[each]
    del at[path[-1]]
    return copy


def with_(body: Any, value: Any, *path: Any) -> Any:
    """A copy of JSON with one member changed."""
    copy = json.loads(json.dumps(body))
    at = copy
    for each in path[:-1]:
        at = at[each]
    at[path[-1]] = value
    return copy


STATUSES = [
    case("a long refusal", "createEmbedding", 400, b"no " * 60, content_type=TEXT, expect=kind(Kind.VALID)),
    case(
        "a refusal with a gap",
        "createEmbedding",
        400,
        b"a" + b" " * 398 + b"bc",
        content_type=TEXT,
        expect=kind(Kind.VALID),
    ),
    case("a server's error, no body", "listModels", 500),
    case("a server's error in HTML", "listModels", 502, HTML, content_type="text/html"),
    case("a server's error that is allowed", "listModels", 503, ENVELOPE, expect=Expect(statuses=frozenset({503}))),
    case("not implemented", "listModels", 501, ENVELOPE),
    case("a redirect", "listModels", 302),
    case("another success", "createThread", 201, {**THREAD, "id": "t"}),
    case("another success at the edge", "createThread", 201, THREAD, expect=kind(Kind.EDGE)),
    case("a status of none that is allowed", "getThread", 200, THREAD, expect=ONLY_404),
    case("a status of those that are allowed", "getThread", 404, said("no thread id-1"), expect=ONLY_404),
    case(
        "a status that is not allowed, by a weak source",
        "getThread",
        401,
        ENVELOPE,
        expect=Expect(Kind.VALID, frozenset({200}), spec_pointer=AT, keyword=Keyword.SHOULD),
    ),
    case("a minimal request refused", "createEmbedding", 400, said("no"), expect=kind(Kind.MINIMAL)),
    case("a valid request refused", "createEmbedding", 422, said("no"), expect=kind(Kind.VALID)),
    case("a valid request with a wrong key", "createEmbedding", 401, said("no"), expect=kind(Kind.VALID)),
    case("a valid request, too many of them", "createEmbedding", 429, said("later"), headers={"Retry-After": "1"}),
    case("an odd refusal", "createEmbedding", 418, said("teapot"), expect=kind(Kind.VALID)),
    case("an odd refusal of what is invalid", "createEmbedding", 418, said("teapot"), expect=BROKEN),
    case("a refusal for time of what is invalid", "createEmbedding", 402, said("pay"), expect=BROKEN),
    case("a refusal as unacceptable of what is invalid", "createEmbedding", 406, said("no"), expect=BROKEN),
    case("a refusal as gone of what is invalid", "createEmbedding", 499, said("no"), expect=BROKEN),
    case("a refusal as early of what is minimal", "createEmbedding", 425, said("no"), expect=kind(Kind.MINIMAL)),
    case("a refusal at the edge", "createEmbedding", 418, said("no"), expect=kind(Kind.EDGE)),
    case("something invalid accepted", "createEmbedding", 200, {}, expect=BROKEN),
    case("something invalid accepted, nothing known of it", "listModels", 204, expect=kind(Kind.INVALID)),
]
MEDIA_TYPES = [
    case("text where JSON is declared", "listModels", 200, MODELS, content_type=TEXT),
    case("no Content-Type", "listModels", 200, MODELS, content_type=None),
    case("a stream that nobody asked for", "createChatCompletion", 200, EVENTS, content_type="text/event-stream"),
    case("a stream of an operation that has none", "listModels", 200, EVENTS, content_type="text/event-stream"),
    case("one of two media types", "createTranscription", 200, b"x", content_type="image/png"),
    case("a parameter in the media type", "listModels", 200, MODELS, content_type="Application/JSON; charset=utf-8"),
]
BODIES = [
    case("no body", "listModels", 200),
    case("no JSON", "listModels", 200, b'{"object": '),
    case("a member with a long name twice", "listModels", 200, b'{"%s": 1, "%s": 2}' % (b"n" * 41, b"n" * 41)),
    case("thousands of digits", "listModels", 200, b'{"object": "list", "data": %s}' % (b"1" * 5000)),
    case("no UTF-8", "listModels", 200, b'{"object": "\xff"}'),
    case("too deep", "listModels", 200, b"[" * 100_000),
    case(
        "a mark, a member twice and no numbers",
        "listModels",
        200,
        b'\xef\xbb\xbf{"object": "list", "data": [], "data": [], "a": NaN, "b": Infinity, "c": NaN}',
    ),
    case(
        "more than ten faults of the text",
        "listModels",
        200,
        b'{"object": "list", "data": [], '
        + b", ".join(b'"%d": {"m%d": 1, "m%d": 2}' % (each, each, each) for each in range(12))
        + b"}",
    ),
    case("a list for an object", "listModels", 200, []),
    case("a member left out", "listModels", 200, without(MODELS, "object")),
    case("a member of another type", "listModels", 200, with_(MODELS, "now", "data", 0, "created")),
    case("null", "listModels", 200, with_(MODELS, None, "data")),
    case("another constant", "listModels", 200, with_(MODELS, "engine", "data", 0, "object")),
    case("a contested member left out", "createChatCompletion", 200, without(CHAT, "choices", 0, "message", "refusal")),
    case("a certain and a contested one", "createChatCompletion", 200, {"id": 1, "choices": [{"message": {}}]}),
    case("a contested body", "deleteResponse", 200, {"id": 5}),
    case("a fault at a long place", "createThread", 200, {**THREAD, "metadata": {"k" * 400: 5}}),
    case(
        "a broken format",
        "createMessage",
        200,
        {**MESSAGE, "content": [{"type": "image_url", "image_url": {"url": "no url", "detail": "auto"}}]},
    ),
]
SUMS = [
    case(
        "a total of a response that is no sum",
        "createResponse",
        200,
        {"usage": {"input_tokens": 1, "output_tokens": 2, "total_tokens": 4}},
    ),
    case(
        "a total that is no sum", "createChatCompletion", 200, with_(completion(choice()), 6, "usage", "total_tokens")
    ),
    case(
        "a total below its part",
        "createEmbedding",
        200,
        {"object": "list", "model": "m", "data": [], "usage": {"prompt_tokens": 8, "total_tokens": 7}},
    ),
    case("milliseconds", "createThread", 200, {**THREAD, "created_at": 1_700_000_000_000}),
    case(
        "milliseconds in the second element",
        "listModels",
        200,
        {
            "object": "list",
            "data": [MODELS["data"][0], {"id": "n", "object": "model", "created": 10**12, "owned_by": "o"}],
        },  # type: ignore[index]
    ),
    case("the last second", "createThread", 200, {**THREAD, "created_at": 99_999_999_999}),
    case("the first second too far", "createThread", 200, {**THREAD, "created_at": 100_000_000_000}),
]
CHOICES = [
    case("an index twice", "createChatCompletion", 200, completion(choice(0), choice(0))),
    case("an index of text", "createChatCompletion", 200, completion(choice("0"))),  # type: ignore[arg-type]
    case("no tool calls", "createChatCompletion", 200, completion(choice(0, "tool_calls")), request_body=OFFER),
    case(
        "no tool calls in the second choice",
        "createChatCompletion",
        200,
        completion(choice(0), choice(1, "tool_calls", tool_calls=[])),
        request_body=OFFER,
    ),
    case(
        "tool calls and stop",
        "createChatCompletion",
        200,
        completion(choice(0, "stop", tool_calls=[CALL])),
        request_body=OFFER,
    ),
    case(
        "forced tool calls and stop",
        "createChatCompletion",
        200,
        completion(choice(0, "stop", tool_calls=[CALL])),
        request_body=FORCED,
    ),
    case(
        "a tool by name and stop",
        "createChatCompletion",
        200,
        completion(choice(0, "stop", tool_calls=[CALL])),
        request_body=FORCED.replace(b'"required"', b'{"type": "function", "function": {"name": "get"}}'),
    ),
    case(
        "calls with no tools",
        "createChatCompletion",
        200,
        completion(choice(0, "tool_calls", tool_calls=[CALL])),
        request_body=ASKED,
    ),
    case(
        "a call of another tool",
        "createChatCompletion",
        200,
        completion(choice(0, "tool_calls", tool_calls=[CALL, with_(CALL, "put", "function", "name")])),
        request_body=OFFER.replace(b"]}", b', {"type": "function", "function": {"name": "all"}}]}'),
    ),
    case(
        "choices of a completion", "createCompletion", 200, {"choices": [{"index": 1}]}, request_body=b'{"prompt": ""}'
    ),
]
SAME = [
    case("another object", "getThread", 200, {**THREAD, "id": "id-2"}, live=True),
    case("another object, recorded", "getThread", 200, {**THREAD, "id": "id-2"}),
    case(
        "an element of another parent",
        "listMessages",
        200,
        {
            "object": "list",
            "first_id": "id-1",
            "last_id": "id-2",
            "has_more": False,
            "data": [MESSAGE, {**MESSAGE, "id": "id-2", "thread_id": "id-9"}],
        },
        live=True,
    ),
    case("the parent of another", "getMessage", 200, {**MESSAGE, "thread_id": "id-2"}, live=True),
    case("an alias of a model", "retrieveModel", 200, {**MODELS["data"][0], "id": "x"}, live=True),
    case("another file", "deleteFile", 200, {"id": "id-2", "object": "file", "deleted": True}, live=True),
]
ERRORS = [
    case("JSON without a type", "createEmbedding", 400, ENVELOPE, content_type=None, expect=BROKEN),
    case("an error of a long type", "createEmbedding", 400, b"no", content_type="x" * 300, expect=BROKEN),
    case("detail", "createEmbedding", 400, {"detail": "no"}, expect=BROKEN),
    case(
        "a long param that was not sent",
        "createEmbedding",
        400,
        error(param="messages" * 13),
        expect=kind(Kind.INVALID, constraint="body.input.0/type", where="/body/input/0/text"),
        request_body=b'{"model": "m", "input": [1]}',
    ),
    case("a number as code", "createEmbedding", 400, error(code=400), expect=BROKEN),
    case("text", "createEmbedding", 400, b"no  such\nthing", content_type=TEXT, expect=BROKEN),
    case("text without a type", "createEmbedding", 400, b"no", content_type=None, expect=BROKEN),
    case("a long text", "createEmbedding", 400, b"x" * 5000, content_type=TEXT, expect=BROKEN),
    case("text that is no UTF-8", "createEmbedding", 400, b"\xff no \xe9", content_type=TEXT, expect=BROKEN),
    case("an error that was cut", "createEmbedding", 400, b"{", expect=BROKEN, truncated=True),
    case("no error body", "createEmbedding", 400, b"", expect=BROKEN),
    case("the declared envelope, broken", "modify-project", 400, {"detail": "no"}, expect=BROKEN),
    case("the declared envelope, as text", "modify-project", 400, b"no", content_type=TEXT, expect=BROKEN),
    case("an undeclared status", "modify-project", 409, {"detail": "no"}, expect=BROKEN),
    case("a contested example", "update-project-rate-limits", 400, {"code": 404, "message": "m"}, expect=BROKEN),
    case("neither error nor envelope", "deleteResponse", 404, {"error": 5, "code": "x"}, expect=kind(Kind.EDGE)),
    case("a router's page", "deleteResponse", 404, {"detail": "Not Found"}, expect=kind(Kind.EDGE)),
]
HEADERS = [
    case("no request id", "createEmbedding", 400, ENVELOPE, expect=BROKEN, headers={"x-request-id": ""}),
    case("no Retry-After", "createEmbedding", 429, ENVELOPE),
    case("no Retry-After at the edge", "createEmbedding", 429, ENVELOPE, expect=kind(Kind.EDGE)),
]
LEAKS = [
    case(
        "a trace",
        "createEmbedding",
        400,
        said('x\nTraceback (most recent call last):\n  File "x.py", line 3'),
        expect=BROKEN,
    ),
    case("a database", "createEmbedding", 400, said("SQLSTATE[42S02] no table"), expect=BROKEN),
    case("a long path", "createEmbedding", 400, said(f"see /home/me/{'a' * 200}/config.yaml"), expect=BROKEN),
    case("a path in no UTF-8", "createEmbedding", 400, b"\xff /home/me/app/x.yaml", content_type=TEXT, expect=BROKEN),
    case(
        "a path that was sent, in no UTF-8",
        "createEmbedding",
        400,
        said("see /home/me/app/config.yaml"),
        expect=BROKEN,
        request_body=b"\xff /home/me/app/config.yaml",
    ),
    case("a path", "createEmbedding", 400, said("see /home/me/app/config.yaml"), expect=BROKEN),
    case("a key", "createEmbedding", 400, said("of sk-proj-0123456789abcdefghij"), expect=BROKEN),
    case("a trace and a path", "createEmbedding", 400, said("panicked at /home/me/app/x.rs"), expect=BROKEN),
]
USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
KEPT = [
    case(
        "a member that does not come back",
        "createThread",
        200,
        THREAD,
        request_body=b'{"metadata": {"a": "1"}}',
        live=True,
    ),
    case(
        "a long member that does not come back",
        "createThread",
        200,
        {**THREAD, "metadata": {"a": "z" * 300}},
        request_body=json.dumps({"metadata": {"a": "y" * 300}}).encode(),
        live=True,
    ),
    case(
        "a score with many digits",
        "createModeration",
        200,
        {"results": [{"category_scores": {"hate": 10**150}}]},
        live=True,
    ),
    case("no tokens for what was said", "createChatCompletion", 200, completion(choice(), usage=USAGE)),
    case(
        "a state without what belongs to it, and an end before the beginning",
        "getRun",
        200,
        {"object": "thread.run", "status": "completed", "created_at": 99, "completed_at": 3, "usage": None},
        live=True,
    ),
    case("a beginning at 0", "createThread", 200, {**THREAD, "created_at": 0}, live=True),
    case(
        "a beginning in the future",
        "getThread",
        200,
        {**THREAD, "created_at": 1795899999},
        live=True,
        headers={"date": "Sat, 28 Nov 2026 20:00:00 GMT"},
    ),
    case(
        "no end where there is to be one",
        "getVectorStore",
        200,
        {"expires_after": {"anchor": "last_active_at", "days": 1}, "expires_at": None},
        live=True,
    ),
    case(
        "a flag without a category, a score above 1",
        "createModeration",
        200,
        {"results": [{"flagged": True, "categories": {"hate": False}, "category_scores": {"hate": 2}}]},
        live=True,
    ),
    case(
        "a probability above 1",
        "createChatCompletion",
        200,
        completion({**choice(), "logprobs": {"content": [{"logprob": 1}], "refusal": None}}),
        live=True,
    ),
    case(
        "no duration, and an end before the beginning",
        "createTranscription",
        200,
        {"text": "", "duration": -1, "segments": [{"start": 2, "end": 1}]},
        live=True,
    ),
    case(
        "a run with usage before its end",
        "getRun",
        200,
        {"object": "thread.run", "status": "queued", "usage": {"total_tokens": 1, "more": "x" * 200}},
        live=True,
    ),
    case(
        "a translation in German, whose last word comes after the end",
        "createTranslation",
        200,
        {"text": "", "language": "german", "duration": 1, "words": [{"start": 0, "end": 600}]},
        live=True,
    ),
    case(
        "files that are in no state",
        "getVectorStore",
        200,
        {"file_counts": {"total": 9, "in_progress": 1, "completed": 2, "failed": 3, "cancelled": 0}},
        live=True,
    ),
    case(
        "more lines than there are",
        "retrieveBatch",
        200,
        {"request_counts": {"total": 1, "completed": 2, "failed": 3}},
        live=True,
    ),
    case("null for usage", "createCompletion", 200, {"usage": None}, live=True),
    case("an empty vector", "createEmbedding", 200, {"data": [{"embedding": []}]}, live=True),
    case("a vector of zeros", "createEmbedding", 200, {"data": [{"embedding": [0, 0]}]}, live=True),
    case(
        "a key that is not redacted",
        "admin-api-keys-create",
        200,
        {"value": "sk-admin-1", "redacted_value": "sk-admin-1"},
        live=True,
    ),
    case("an error of JSON that says it is text", "createEmbedding", 400, ENVELOPE, content_type=TEXT, expect=BROKEN),
    case(
        "another member at fault",
        "createEmbedding",
        400,
        error(param="messages"),
        expect=kind(Kind.INVALID, constraint="body.n/type", where="/body/n"),
    ),
]
ANSWERS = [*KEPT, *STATUSES, *MEDIA_TYPES, *BODIES, *SUMS, *CHOICES, *SAME, *ERRORS, *HEADERS, *LEAKS]
