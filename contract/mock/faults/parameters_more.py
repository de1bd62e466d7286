"""Family `parameters` where fewer clients look: runs, stores, jobs, images from images, and every effect in streams."""

from __future__ import annotations

from collections.abc import Callable

from contract.mock.faults.kit import Fault, Make, answers, around, deaf, drop, put, rows
from contract.mock.faults.narrowing import when
from contract.mock.kernel import Call, Handler, Hooks, Reply

_CHAT, _TEXT, _VECTOR, _RESPONSE = "createChatCompletion", "createCompletion", "createEmbedding", "createResponse"


def _first_part(handler: Handler, call: Call) -> Reply:
    content = call.body.get("content")
    if isinstance(content, list):
        call.body = {**call.body, "content": content[:1]}
    return handler(call)


def _dropped_if(on: str, name: str, test: Callable[[Call], bool]) -> Make:
    """A member of the body is not seen in the calls that pass."""

    def act(handler: Handler, call: Call) -> Reply:
        if isinstance(call.body, dict) and test(call):
            call.body = {key: value for key, value in call.body.items() if key != name}
        return handler(call)

    return around(on, act)


def _each_token() -> Hooks:
    """`[1, 2]` as `[[1], [2]]`."""

    def act(handler: Handler, call: Call) -> Reply:
        given = call.body["input"]
        if isinstance(given, list) and given and isinstance(given[0], int):
            call.body = {**call.body, "input": [[each] for each in given]}
        return handler(call)

    return around(_VECTOR, act)()


FAULTS: tuple[Fault, ...] = rows(
    "parameters",
    (
        "parameter-translation-format",
        "createTranslation",
        "`response_format` is ignored",
        "parameter/createTranslation/response_format-text",
        deaf("createTranslation", "response_format"),
    ),
    (
        "parameter-edit-n",
        "createImageEdit",
        "`n` is ignored",
        "parameter/createImageEdit/n",
        deaf("createImageEdit", "n"),
    ),
    (
        "parameter-variation-n",
        "createImageVariation",
        "`n` is ignored",
        "parameter/createImageVariation/n",
        deaf("createImageVariation", "n"),
    ),
    ("parameter-run-model", "createRun", "`model` is ignored", "parameter/createRun/model", deaf("createRun", "model")),
    ("parameter-run-top-p", "createRun", "`top_p` is ignored", "body/echo", deaf("createRun", "top_p")),
    (
        "parameter-run-truncation",
        "createRun",
        "`truncation_strategy` is ignored",
        "body/echo",
        deaf("createRun", "truncation_strategy"),
    ),
    (
        "parameter-run-response-format",
        "createRun",
        "`response_format` is ignored",
        "body/echo",
        deaf("createRun", "response_format"),
    ),
    (
        "parameter-run-parallel",
        "createRun",
        "`parallel_tool_calls` is ignored",
        "body/echo",
        deaf("createRun", "parallel_tool_calls"),
    ),
    (
        "parameter-run-prompt-tokens",
        "createRun",
        "`max_prompt_tokens` is ignored",
        "body/echo",
        deaf("createRun", "max_prompt_tokens"),
    ),
    (
        "parameter-thread-run-metadata",
        "createThreadAndRun",
        "`metadata` is ignored",
        "body/echo",
        deaf("createThreadAndRun", "metadata"),
    ),
    (
        "parameter-thread-run-messages",
        "createThreadAndRun",
        "the messages of the thread are ignored",
        "parameter/createThreadAndRun/thread-messages",
        deaf("createThreadAndRun", "thread/messages"),
    ),
    (
        "parameter-store-files",
        "createVectorStore",
        "`file_ids` is ignored",
        "parameter/createVectorStore/file_ids",
        deaf("createVectorStore", "file_ids"),
    ),
    (
        "parameter-store-expiry",
        "createVectorStore",
        "`expires_after` is ignored",
        "body/echo",
        deaf("createVectorStore", "expires_after"),
    ),
    (
        "parameter-file-attributes",
        "createVectorStoreFile",
        "`attributes` is ignored",
        "body/echo",
        deaf("createVectorStoreFile", "attributes"),
    ),
    (
        "parameter-file-chunking",
        "createVectorStoreFile",
        "`chunking_strategy` is ignored",
        "body/echo",
        deaf("createVectorStoreFile", "chunking_strategy"),
    ),
    (
        "parameter-search-filters",
        "searchVectorStore",
        "`filters` is ignored where it is no compound",
        "parameter/searchVectorStore/filters",
        when("searchVectorStore", lambda body: "key" in (body.get("filters") or {}), drop("filters")),
    ),
    (
        "parameter-tuning-suffix",
        "createFineTuningJob",
        "`suffix` is ignored",
        "lifecycle/sent-comes-back",
        deaf("createFineTuningJob", "suffix"),
    ),
    (
        "parameter-tuning-epochs",
        "createFineTuningJob",
        "`hyperparameters` and `method` are ignored",
        "body/echo",
        deaf("createFineTuningJob", "hyperparameters", "method"),
    ),
    (
        "parameter-tuning-metadata",
        "createFineTuningJob",
        "`metadata` is ignored",
        "body/echo",
        deaf("createFineTuningJob", "metadata"),
    ),
    (
        "parameter-realtime-voice",
        "create-realtime-session",
        "`voice` is ignored",
        "body/echo",
        deaf("create-realtime-session", "voice"),
    ),
    ("parameter-batch-metadata", "createBatch", "`metadata` is ignored", "body/echo", deaf("createBatch", "metadata")),
    (
        "parameter-response-tools",
        "createResponse",
        "`tools` is ignored",
        "body/echo",
        deaf("createResponse", "tools"),
    ),
    (
        "parameter-response-reasoning",
        "createResponse",
        "`reasoning` is ignored",
        "body/echo",
        deaf("createResponse", "reasoning"),
    ),
    (
        "parameter-message-attachments",
        "createMessage",
        "`attachments` is ignored",
        "body/echo",
        deaf("createMessage", "attachments"),
    ),
    (
        "parameter-thread-resources",
        "createThread",
        "`tool_resources` is ignored",
        "body/echo",
        deaf("createThread", "tool_resources"),
    ),
    (
        "parameter-thread-messages",
        "createThread",
        "`messages` is ignored",
        "parameter/createThread/messages",
        deaf("createThread", "messages"),
    ),
    (
        "parameter-assistant-resources",
        "createAssistant",
        "`tool_resources` is ignored",
        "body/echo",
        deaf("createAssistant", "tool_resources"),
    ),
    ("parameter-invite-projects", "inviteUser", "`projects` is ignored", "body/echo", deaf("inviteUser", "projects")),
    (
        "parameter-chat-stop-list",
        _CHAT,
        "a list of stop sequences is ignored",
        "parameter/createChatCompletion/stop",
        _dropped_if(_CHAT, "stop", lambda c: isinstance(c.body.get("stop"), list)),
    ),
    (
        "parameter-chat-max-tokens-streamed",
        _CHAT,
        "`max_tokens` is ignored in streams",
        "CHAT-051",
        _dropped_if(_CHAT, "max_tokens", lambda c: bool(c.body.get("stream"))),
    ),
    (
        "parameter-chat-max-completion-tokens-streamed",
        _CHAT,
        "`max_completion_tokens` is ignored in streams",
        "CHAT-051",
        _dropped_if(_CHAT, "max_completion_tokens", lambda c: bool(c.body.get("stream"))),
    ),
    (
        "parameter-chat-tool-choice-streamed",
        _CHAT,
        "`tool_choice` is ignored in streams",
        "parameter/createChatCompletion/tool_choice-required",
        _dropped_if(_CHAT, "tool_choice", lambda c: bool(c.body.get("stream"))),
    ),
    (
        "parameter-chat-tools-streamed",
        _CHAT,
        "`tools` is ignored in streams",
        "parameter/createChatCompletion/tool_choice-forced",
        _dropped_if(_CHAT, "tools", lambda c: bool(c.body.get("stream"))),
    ),
    (
        "parameter-chat-store-streamed",
        _CHAT,
        "`store` is ignored in streams",
        "parameter/createChatCompletion/store",
        _dropped_if(_CHAT, "store", lambda c: bool(c.body.get("stream"))),
    ),
    (
        "parameter-text-max-tokens-streamed",
        _TEXT,
        "`max_tokens` is ignored in streams",
        "CMPL-024",
        _dropped_if(_TEXT, "max_tokens", lambda c: bool(c.body.get("stream"))),
    ),
    (
        "parameter-response-max-output-tokens-streamed",
        _RESPONSE,
        "`max_output_tokens` is ignored in streams",
        "RESP-015",
        _dropped_if(_RESPONSE, "max_output_tokens", lambda c: bool(c.body.get("stream"))),
    ),
    (
        "parameter-embedding-tokens",
        _VECTOR,
        "a list of tokens is taken as a text each",
        "parameter/createEmbedding/input-tokens",
        _each_token,
    ),
    (
        "parameter-message-parts",
        "createMessage",
        "only the first part of a message is kept",
        "request/invalid-accepted",
        around("createMessage", _first_part),
    ),
    (
        "parameter-run-additional-instructions",
        "createRun",
        "`additional_instructions` is ignored",
        "parameter/createRun/additional_instructions",
        deaf("createRun", "additional_instructions"),
    ),
    (
        "parameter-store-chunking",
        "createVectorStore",
        "`chunking_strategy` is ignored",
        "parameter/createVectorStore/chunking_strategy",
        deaf("createVectorStore", "chunking_strategy"),
    ),
    (
        "parameter-file-batch-attributes",
        "createVectorStoreFileBatch",
        "`attributes` is ignored",
        "parameter/createVectorStoreFileBatch/attributes",
        deaf("createVectorStoreFileBatch", "attributes"),
    ),
    (
        "parameter-file-batch-chunking",
        "createVectorStoreFileBatch",
        "`chunking_strategy` is ignored",
        "parameter/createVectorStoreFileBatch/chunking_strategy",
        deaf("createVectorStoreFileBatch", "chunking_strategy"),
    ),
    (
        "parameter-search-threshold",
        "searchVectorStore",
        "`ranking_options` is ignored",
        "parameter/searchVectorStore/score_threshold",
        deaf("searchVectorStore", "ranking_options"),
    ),
    (
        "parameter-tuning-integrations",
        "createFineTuningJob",
        "`integrations` is ignored",
        "body/echo",
        deaf("createFineTuningJob", "integrations"),
    ),
    (
        "parameter-response-text",
        "createResponse",
        "`text` always comes back as plain text",
        "body/echo",
        answers("createResponse", put("text", {"format": {"type": "text"}})),
    ),
)  # fmt: skip - a table: one fault a row
