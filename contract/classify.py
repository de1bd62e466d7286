"""What the spec does not say of an operation and a run must know: safety class, stream surface, headers.

The tables name operations of the OpenAI spec; for any other document the rules by method apply.
"""

from __future__ import annotations

from contract.operation import Safety

#: operationId -> grammar in `contract/grammars/` (openapi.yaml:718, 1936, 8818 and the prose of the others).
SURFACES = {
    "createChatCompletion": "chat",
    "createCompletion": "completions",
    "createTranscription": "transcription",
    "createThreadAndRun": "runs",
    "createRun": "runs",
    "submitToolOuputsToRun": "runs",
    "createResponse": "responses",
}

#: POSTs that cost tokens and leave nothing behind (chat and responses only unless `store` is asked for).
GENERATE = frozenset(
    {
        "createChatCompletion",
        "createCompletion",
        "createResponse",
        "createEmbedding",
        "createModeration",
        "createImage",
        "createImageEdit",
        "createImageVariation",
        "createSpeech",
        "createTranscription",
        "createTranslation",
        "create-realtime-session",
        "create-realtime-transcription-session",
    }
)

#: POSTs that only look something up.
READ = frozenset({"searchVectorStore"})

#: Need an admin key by their summary although their path does not show it (openapi.yaml:3752, 3842, 3905).
ADMIN = frozenset(
    {
        "listFineTuningCheckpointPermissions",
        "createFineTuningCheckpointPermission",
        "deleteFineTuningCheckpointPermission",
    }
)

BETA_HEADER = ("OpenAI-Beta", "assistants=v2")
_BETA_PREFIXES = ("/assistants", "/threads", "/vector_stores")


def safety(operation_id: str, method: str, path: str) -> Safety:
    """The class of an operation: by table first, then by method and path."""
    if path.startswith("/organization/") or operation_id in ADMIN:
        return Safety.ADMIN
    if method in {"GET", "HEAD", "OPTIONS"} or operation_id in READ:
        return Safety.READ
    if method == "DELETE" or path.endswith(("/cancel", "/archive")):
        return Safety.DESTROY
    if operation_id in GENERATE:
        return Safety.GENERATE
    return Safety.WRITE


def headers(path: str) -> dict[str, str]:
    """Headers that the examples of an operation send: all of assistants, threads, runs and vector stores do."""
    return dict([BETA_HEADER]) if path.startswith(_BETA_PREFIXES) else {}
