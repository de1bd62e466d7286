"""Faults so narrow that one rule alone can catch them: without it nobody would notice.

A broad fault shows at several places at once (no choices: no schema, no `n`, no log probabilities). Each rule that has
only such faults has one here of its own, mostly by a condition: in plain answers and not in streams, for one value, for
one kind of request.
"""

from __future__ import annotations

from contract.mock.errors import ApiError
from contract.mock.faults.kit import pages, put, query, refusals, replies, rows, turn
from contract.mock.faults.narrowing import (
    answered,
    anything,
    at_first,
    cursor_again,
    emptied,
    gone_at_once,
    greeting,
    hollow,
    once,
    refused,
    same_again,
    stray,
    turning,
)
from contract.mock.kernel import Json

_CHAT, _TEXT, _VECTOR, _RESPONSE = "createChatCompletion", "createCompletion", "createEmbedding", "createResponse"

FAULTS = (
    *rows(
        "media-type",
        (
            "media-type-stream-first",
            _CHAT,
            "the first greeting is answered by a stream that it does not ask for",
            "media-type/unasked-stream",
            at_first(_CHAT, 1, greeting, put("stream", True)),
        ),
    ),
    *rows(
        "schema",
        (
            "schema-message-url-made",
            "createMessage",
            "the URL of an image comes back as none",
            "body/format",
            answered("createMessage", anything, put("content/*/image_url/url", "no url")),
        ),
        (
            "schema-empty-translation",
            "createTranslation",
            "an answer without a body",
            "body/present",
            replies("createTranslation", lambda _, reply: emptied(reply)),
        ),
        (
            "schema-image-milliseconds",
            "createImage",
            "`created` is in milliseconds",
            "body/seconds",
            answered("createImage", anything, turn("created", lambda seconds: seconds * 1000)),
        ),
        (
            "schema-tool-unoffered-auto",
            _CHAT,
            "a call that was not forced is to a tool that was not offered",
            "choices/unoffered",
            answered(
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
            answered("listFineTuningJobCheckpoints", anything, put("data/*/fine_tuning_job_id", "ftjob-other")),
        ),
    ),
    *rows(
        "status",
        (
            "status-400-first",
            "createModeration",
            "the first request is refused",
            "request/minimal-refused",
            once("createModeration", ApiError(400, "Not ready yet.")),
        ),
    ),
    *rows(
        "state",
        (
            "state-created-not-there-some",
            "createAssistant",
            "an assistant with a name and instructions cannot be read",
            "lifecycle/created-is-there",
            gone_at_once(
                "createAssistant", "deleteAssistant", "assistant_id", lambda b: "name" in b and "instructions" in b
            ),
        ),
        (
            "state-same-again",
            "createAssistant",
            "an assistant made again in the same words is the first one",
            "lifecycle/id-unique",
            same_again("createAssistant", "getAssistant", "assistant_id"),
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
            once("createModeration", ApiError(429, "Slow down.", "requests", None, "rate_limit_exceeded")),
        ),
        (
            "error-status-418-member",
            _VECTOR,
            "a wrong encoding is told by a 418",
            "status/plausible",
            refused(_VECTOR, "encoding_format", 418),
        ),
    ),
    *rows(
        "lists",
        (
            "list-unstable-long",
            "listVectorStores",
            "every second long page without `order` is the other way round",
            "list/stable",
            turning("listVectorStores"),
        ),
        (
            "list-after-inclusive-whole",
            "listMessages",
            "a page begins with the element of the cursor and leaves none out",
            "list/after",
            cursor_again("listMessages"),
        ),
        (
            "list-empty-stray",
            "listVectorStoreFiles",
            "a list without elements has one",
            "list/empty",
            pages("listVectorStoreFiles", stray),
        ),
        (
            "list-page-hollow",
            "usage-images",
            "the last page of buckets is empty",
            "list/bucket-gap",
            pages("usage-images", hollow),
        ),
        (
            "list-limit-at-least-twenty",
            "listAssistants",
            "a page has twenty elements at least",
            "list/limit",
            query("listAssistants", lambda _, q: {**q, "limit": max(20, q.get("limit", 20))}),
        ),
    ),
)  # fmt: skip - a table: one fault a row
