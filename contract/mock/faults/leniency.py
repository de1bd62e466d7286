"""Family `leniency`: requests that must be refused are answered as if they were right.

The answer is the last good one of the operation, or a valid example: only that it came at all is wrong.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

from contract.mock.errors import ApiError
from contract.mock.faults.kit import Fault, Make, rows
from contract.mock.kernel import REGISTRY, Call, Events, Hooks, Json, Reply
from contract.mock.streaming import DONE, Frame

_CHAT, _ASSISTANT = "createChatCompletion", "createAssistant"
_RULE = "request/invalid-accepted"
Matches = Callable[[ApiError], bool]


def _lenient(on: str, matches: Matches) -> Make:
    """Accept what `matches` says of a refusal."""
    names = frozenset(on.split())

    def make() -> Hooks:
        last: dict[str, Reply] = {}

        def remember(call: Call, reply: Reply) -> Reply:
            if call.operation.id in names and not isinstance(reply, Events):
                last[call.operation.id] = reply
            return reply

        def accept(call: Call | None, error: ApiError) -> Reply | None:
            if call is None or call.operation.id not in names or not matches(error):
                return None
            return copy.deepcopy(last.get(call.operation.id)) or _example(call)

        return Hooks(reply=(remember,), errors=(accept,))

    return make


def _example(call: Call) -> Reply:
    handler = REGISTRY.handler("examples", call.operation.id)
    if handler is None:
        raise LookupError(call.operation.id)
    return handler(call)


def _missing(param: str = "") -> Matches:
    return lambda error: error.code == "missing_required_parameter" and (not param or error.param == param)


def _unknown(param: str) -> Matches:
    """An id in the body that is not there."""
    return lambda error: error.param == param and re.search("(?i)not |no |invalid", error.message) is not None


def _says(pattern: str, param: str = "") -> Matches:
    """By the words of the refusal, and where it is (a regular expression)."""
    return lambda error: (
        error.status == 400
        and re.search(pattern, error.message) is not None
        and re.fullmatch(param or ".*", error.param or "") is not None
    )


def _status(status: int) -> Matches:
    return lambda error: error.status == status


def _everything(error: ApiError) -> bool:
    return error.status in {400, 404, 415, 422}


def _keyless() -> Hooks:
    """A request without a key gets on its way in the one that came first, which is the right one."""
    first: list[bytes] = []

    def given(scope: Any, send: Any) -> Any:
        headers = dict(scope["headers"])
        own = headers.get(b"authorization", b"")
        if own.lower().startswith(b"bearer "):
            first.append(own)
        else:
            headers[b"authorization"] = first[0] if first else b"Bearer anybody"
            scope["headers"] = list(headers.items())
        return send

    return Hooks(send=(given,))


def _any_key() -> Hooks:
    """The first key is the right one; every other is taken for it."""
    first: list[bytes] = []
    return Hooks(send=(lambda scope, send: _given_key(scope, send, first),))


def _given_key(scope: Any, send: Any, first: list[bytes]) -> Any:
    headers = dict(scope["headers"])
    own = headers.get(b"authorization")
    if own is not None:
        first.append(own)
        headers[b"authorization"] = first[0]
    scope["headers"] = list(headers.items())
    return send


def _basic_key() -> Hooks:
    """A key of another scheme is as good as a bearer token."""

    def wrap(scope: Any, send: Any) -> Any:
        headers = dict(scope["headers"])
        if b"authorization" in headers and not headers[b"authorization"].lower().startswith(b"bearer "):
            headers[b"authorization"] = b"Bearer anybody"
            scope["headers"] = list(headers.items())
        return send

    return Hooks(send=(wrap,))


def _any_route() -> Hooks:
    def accept(call: Call | None, error: ApiError) -> Reply | None:
        return Json({"object": "list", "data": []}) if call is None and error.status in {404, 405} else None

    return Hooks(errors=(accept,))


def _streaming(on: str) -> Make:
    """A refusal comes as status 200 and one event, where a stream was asked for."""

    def accept(call: Call | None, error: ApiError) -> Reply | None:
        if call is None or call.operation.id != on or error.status != 400:
            return None
        sent = error.sent if call.body is None else call.body
        if not isinstance(sent, dict) or sent.get("stream") is not True:
            return None
        return Events([Frame(error.body), DONE])

    return lambda: Hooks(errors=(accept,))


FAULTS: tuple[Fault, ...] = (
    *rows(
        "leniency",
        ("lenient-missing-messages", _CHAT, "`messages` may be missing", _RULE, _lenient(_CHAT, _missing("messages"))),
        ("lenient-missing-model", _CHAT, "`model` may be missing", _RULE, _lenient(_CHAT, _missing("model"))),
        (
            "lenient-missing-input",
            "createEmbedding",
            "`input` may be missing",
            _RULE,
            _lenient("createEmbedding", _missing()),
        ),
        (
            "lenient-missing-query",
            "searchVectorStore",
            "`query` may be missing",
            _RULE,
            _lenient("searchVectorStore", _missing()),
        ),
        (
            "lenient-missing-start-time",
            "usage-costs",
            "a required query parameter may be missing",
            _RULE,
            _lenient("usage-costs", _missing()),
        ),
        (
            "lenient-missing-part",
            "createFile",
            "a required part of a form may be missing",
            _RULE,
            _lenient("createFile", _missing()),
        ),
        (
            "lenient-missing-nested",
            _CHAT,
            "required members of nested objects may be missing",
            _RULE,
            _lenient(_CHAT, lambda e: _missing()(e) and "." in (e.param or "")),
        ),
        (
            "lenient-wrong-type",
            _CHAT,
            "members of the wrong JSON type are accepted",
            _RULE,
            _lenient(_CHAT, _says(r"is not of types? ")),
        ),
        (
            "lenient-number-as-string",
            "createEmbedding",
            "`dimensions` may be a string",
            _RULE,
            _lenient("createEmbedding", _says(r"is not of type", "dimensions")),
        ),
        (
            "lenient-string-stream",
            _CHAT,
            "`stream` may be any value",
            _RULE,
            _lenient(_CHAT, _says("is not", "stream")),
        ),
        (
            "lenient-null",
            _ASSISTANT,
            "null is accepted where it is not admitted",
            _RULE,
            _lenient(_ASSISTANT, _says(r"': null is ")),
        ),
        ("lenient-enum", _CHAT, "values out of an enum are accepted", _RULE, _lenient(_CHAT, _says("is not one of"))),
        (
            "lenient-enum-purpose",
            "createFile",
            "any `purpose` is accepted",
            _RULE,
            _lenient("createFile", _says("is not one of")),
        ),
        (
            "lenient-enum-order",
            "listAssistants",
            "any `order` is accepted",
            _RULE,
            _lenient("listAssistants", _says(".", "order")),
        ),
        (
            "lenient-enum-format",
            "createEmbedding",
            "any `encoding_format` is accepted",
            _RULE,
            _lenient("createEmbedding", _says(".", "encoding_format")),
        ),
        (
            "lenient-maximum",
            _CHAT,
            "numbers above their maximum are accepted",
            _RULE,
            _lenient(_CHAT, _says("greater than the maximum")),
        ),
        (
            "lenient-minimum",
            _CHAT,
            "numbers below their minimum are accepted",
            _RULE,
            _lenient(_CHAT, _says("less than the minimum")),
        ),
        (
            "lenient-temperature",
            _ASSISTANT,
            "any `temperature` is accepted",
            _RULE,
            _lenient(_ASSISTANT, _says(".", "temperature")),
        ),
        (
            "lenient-minimum-dimensions",
            "createEmbedding",
            "`dimensions` may be 0",
            _RULE,
            _lenient("createEmbedding", _says("minimum")),
        ),
        (
            "lenient-max-length",
            _ASSISTANT,
            "texts above their greatest length are accepted",
            _RULE,
            _lenient(_ASSISTANT, _says("longer than")),
        ),
        (
            "lenient-max-length-user",
            "createSpeech",
            "an `input` above its greatest length is accepted",
            _RULE,
            _lenient("createSpeech", _says(".", "input")),
        ),
        (
            "lenient-min-items",
            _CHAT,
            "lists with too few elements are accepted",
            _RULE,
            _lenient(_CHAT, _says(r"has less than \d+ item")),
        ),
        (
            "lenient-max-items",
            _ASSISTANT,
            "lists with too many elements are accepted",
            _RULE,
            _lenient(_ASSISTANT, _says(r"has more than \d+ item")),
        ),
        (
            "lenient-items-type",
            "createEmbedding",
            "elements of the wrong type are accepted",
            _RULE,
            _lenient("createEmbedding", _says(".", "input.*")),
        ),
        (
            "lenient-extra-property",
            "createVectorStore createThread createRun",
            "unknown members of a closed object are accepted",
            _RULE,
            _lenient("createVectorStore createThread createRun", _says("Additional properties|unexpected")),
        ),
        (
            "lenient-union",
            _CHAT,
            "values of no branch of a union are accepted",
            _RULE,
            _lenient(_CHAT, _says("not valid under any")),
        ),
        (
            "lenient-chunking",
            "createVectorStore",
            "any `chunking_strategy` is accepted",
            _RULE,
            _lenient("createVectorStore", _says(".", "chunking_strategy.*")),
        ),
        (
            "lenient-metadata",
            "createThread",
            "any `metadata` is accepted",
            _RULE,
            _lenient("createThread", _says(".", "metadata.*")),
        ),
        (
            "lenient-role",
            "createMessage",
            "any `role` of a message is accepted",
            _RULE,
            _lenient("createMessage", _says(".", "role")),
        ),
        (
            "lenient-body-array",
            "createThread",
            "a body that is no object is accepted",
            _RULE,
            _lenient("createThread", lambda e: _says("is not of type")(e) and not e.param),
        ),
        (
            "lenient-prose-chat",
            _CHAT,
            "what only a description forbids is accepted",
            _RULE,
            _lenient(
                _CHAT,
                lambda e: (
                    e.status == 400
                    and e.code not in {"missing_required_parameter", "invalid_value"}
                    and "parse" not in e.message
                ),
            ),
        ),
        (
            "lenient-limit",
            "listAssistants listMessages",
            "a `limit` above its maximum is accepted",
            _RULE,
            _lenient("listAssistants listMessages", _says(".", "limit")),
        ),
        (
            "lenient-limit-type",
            "listFiles",
            "a `limit` that is no number is accepted",
            _RULE,
            _lenient("listFiles", _says(".", "limit")),
        ),
        (
            "lenient-everything",
            "createModeration",
            "everything is accepted",
            _RULE,
            _lenient("createModeration", _everything),
        ),
        ("lenient-everything-run", "createRun", "everything is accepted", _RULE, _lenient("createRun", _everything)),
        (
            "lenient-json",
            _CHAT,
            "malformed JSON is accepted",
            "status/expected",
            _lenient(_CHAT, _says("could not parse the JSON")),
        ),
        (
            "lenient-empty-body",
            _ASSISTANT,
            "an empty body is accepted",
            "status/expected",
            _lenient(_ASSISTANT, _says("could not parse the JSON")),
        ),
        (
            "lenient-content-type",
            _CHAT,
            "a body of any media type is accepted",
            "status/expected",
            _lenient(_CHAT, _status(415)),
        ),
        (
            "lenient-unknown-id",
            "getAssistant",
            "any id is found",
            "status/expected",
            _lenient("getAssistant", _status(404)),
        ),
        (
            "lenient-unknown-assistant",
            "createRun createThreadAndRun",
            "a run of an assistant that does not exist is taken",
            "status/expected",
            _lenient("createRun createThreadAndRun", _unknown("assistant_id")),
        ),
        (
            "lenient-unknown-input-file",
            "createBatch",
            "a batch of a file that does not exist is taken",
            "status/expected",
            _lenient("createBatch", _unknown("input_file_id")),
        ),
        (
            "lenient-unknown-training-file",
            "createFineTuningJob",
            "a job on a file that does not exist is taken",
            "status/expected",
            _lenient("createFineTuningJob", _unknown("training_file")),
        ),
        (
            "lenient-unknown-previous-response",
            "createResponse",
            "a response after one that does not exist is taken",
            "status/expected",
            _lenient("createResponse", _unknown("previous_response_id")),
        ),
        (
            "lenient-unknown-stored-file",
            "createVectorStoreFile",
            "a file that does not exist is put into a vector store",
            "status/expected",
            _lenient("createVectorStoreFile", _unknown("file_id")),
        ),
        (
            "lenient-unknown-model",
            "retrieveModel",
            "any model is found",
            "status/expected",
            _lenient("retrieveModel", _status(404)),
        ),
        (
            "lenient-delete-unknown",
            "deleteFile",
            "what is not there is deleted",
            "status/expected",
            _lenient("deleteFile", _status(404)),
        ),
        ("lenient-unknown-route", "listModels", "any route is answered by 200", "status/expected", _any_route),
        (
            "lenient-no-key",
            "listModels list-projects createChatCompletion",
            "no key is needed",
            "status/expected",
            _keyless,
        ),
        ("lenient-basic-key", "listModels", "a key of another scheme is accepted", "status/expected", _basic_key),
        (
            "lenient-batch-endpoint",
            "createBatch",
            "any `endpoint` is accepted",
            "request/invalid-accepted",
            _lenient("createBatch", _says(r".", r"endpoint")),
        ),
        (
            "lenient-tuning-epochs",
            "createFineTuningJob",
            "any `n_epochs` is accepted",
            "request/invalid-accepted",
            _lenient("createFineTuningJob", _says(r".", r"hyperparameters.n_epochs|method.*n_epochs")),
        ),
        (
            "lenient-streamed",
            _CHAT,
            "what must be refused is streamed where `stream` is true",
            "request/invalid-accepted",
            _streaming(_CHAT),
        ),
        (
            "lenient-image-shape",
            "createImageEdit createImageVariation",
            "an image that is not square is taken",
            "status/expected",
            _lenient("createImageEdit createImageVariation", lambda error: "square" in error.message),
        ),
    ),
    Fault(
        "lenient-wrong-key",
        "leniency",
        ("listModels",),
        "a wrong key is accepted",
        "status/expected",
        _any_key,
        keyed=True,
    ),
)  # fmt: skip - a table: one fault a row
