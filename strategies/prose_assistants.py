"""Assistants, threads, runs and vector stores; fine-tuning jobs and uploads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from contract.verdict import Keyword
from strategies.prose import Row, Values
from strategies.prose_tools import ask, drop, get, members, number, put, update

RUNS = ("createRun", "createThreadAndRun")
FORMATTED = ("createAssistant", "modifyAssistant", *RUNS)
HELPERS = ("createAssistant", "createThread", "createThreadAndRun")
CHUNKED = ("createVectorStore", "createVectorStoreFile", "createVectorStoreFileBatch")
WRITING = ("createMessage", "createThread", "createThreadAndRun", "createRun")
_IMAGE = re.compile(r"\.(jpe?g|png|gif|webp)(\?|$)", re.IGNORECASE)
#: Media types that a purpose takes (openapi.yaml:3517; API guide "Supported files").
_MIME = {
    "fine-tune": re.compile(r"application/(json|jsonl|x-ndjson|octet-stream)|text/.*"),
    "batch": re.compile(r"application/(json|jsonl|x-ndjson|octet-stream)|text/.*"),
    "vision": re.compile(r"image/.*"),
    "assistants": re.compile(r"(application|text|image)/[\w.+-]+"),
}
MOST = 8 * 2**30


def _json_mode(values: Values) -> bool:
    if get(values.body, "response_format", "type") != "json_object":
        return False
    told = [each for _, name in [("", "instructions"), ("", "additional_instructions")]
            for _, each in members(values, name)]  # fmt: skip
    told += [each for _, each in members(values, "content")]
    return not any("json" in str(each).lower() for each in told)


def _unnamed(values: Values) -> bool:
    found = [each for _, each in members(values, "tool_choice") if isinstance(each, dict)]
    return any(each.get("type") == "function" and "function" not in each for each in found)


def _name_choice(values: Values) -> None:
    for _, each in members(values, "tool_choice"):
        if isinstance(each, dict) and each.get("type") == "function" and "function" not in each:
            each["function"] = {"name": "get_weather"}


def _chunks(values: Values) -> Iterator[dict[str, Any]]:
    for _, each in members(values, "static"):
        if isinstance(each, dict) and number(each.get("max_chunk_size_tokens")):
            yield each


def _overlapping(values: Values) -> bool:
    return any(
        number(each.get("chunk_overlap_tokens")) and 2 * each["chunk_overlap_tokens"] > each["max_chunk_size_tokens"]
        for each in _chunks(values)
    )


def _part(values: Values) -> None:
    for each in _chunks(values):
        each["chunk_overlap_tokens"] = int(each["max_chunk_size_tokens"] // 2)


_OVERLAP = {"type": "static", "static": {"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 401}}


def _overlap_in_helper(values: Values) -> None:
    resources = {"file_search": {"vector_stores": [{"file_ids": ["<ref file>"], "chunking_strategy": _OVERLAP}]}}
    if values.operation == "createThreadAndRun":
        thread = {**(values.body.get("thread") or {}), "tool_resources": resources}
        values.body = {**values.body, "thread": thread}
    else:
        values.body = {**values.body, "tool_resources": resources}


def _overlap(values: Values) -> None:
    values.body = {**values.body, "chunking_strategy": _OVERLAP}
    if values.operation == "createVectorStore":
        values.body["file_ids"] = ["<ref file>"]


def _idle_chunking(values: Values) -> bool:
    return get(values.body, "chunking_strategy") is not None and not get(values.body, "file_ids")


def _image_files(values: Values) -> Iterator[dict[str, Any]]:
    return (each for _, each in members(values, "image_file") if isinstance(each, dict))


def _wrong_purpose(values: Values) -> bool:
    """Only told of files that the request itself names by their purpose."""
    return any(str(each.get("file_id")).startswith("<ref file>") for each in _image_files(values))


def _vision(values: Values) -> None:
    for each in _image_files(values):
        each["file_id"] = "<ref file purpose=vision>"


def _say(values: Values, part: dict[str, Any]) -> None:
    message = {"role": "user", "content": [{"type": "text", "text": "What is this?"}, part]}
    body = values.body or {}
    if values.operation == "createMessage":
        values.body = {**body, **message}
    elif values.operation == "createThreadAndRun":
        values.body = {**body, "thread": {**(body.get("thread") or {}), "messages": [message]}}
    else:
        name = "messages" if values.operation == "createThread" else "additional_messages"
        values.body = {**body, name: [message]}


def _image_urls(values: Values) -> Iterator[dict[str, Any]]:
    return (each for _, each in members(values, "image_url") if isinstance(each, dict) and "url" in each)


def _no_image(values: Values) -> bool:
    return any(isinstance(each["url"], str) and not _IMAGE.search(each["url"]) for each in _image_urls(values))


def _to_image(values: Values) -> None:
    for each in _image_urls(values):
        each["url"] = "https://example.com/boardwalk.png"


def _truncation(values: Values) -> bool:
    found = get(values.body, "truncation_strategy")
    if not isinstance(found, dict):
        return False
    last = found.get("last_messages")
    return (found.get("type") == "last_messages" and last is None) or (found.get("type") == "auto" and number(last))


def _fit_truncation(values: Values) -> None:
    found = values.body["truncation_strategy"]
    if number(found.get("last_messages")):
        found["type"] = "last_messages"
    else:
        found["last_messages"] = 1


def _bytes(values: Values) -> bool:
    count = get(values.body, "bytes")
    return number(count) and not 0 < count <= MOST


def _mime(values: Values) -> bool:
    kind, purpose = get(values.body, "mime_type"), get(values.body, "purpose")
    return (
        isinstance(kind, str) and isinstance(purpose, str) and purpose in _MIME and not _MIME[purpose].fullmatch(kind)
    )


def _fit_mime(values: Values) -> None:
    purpose = values.body["purpose"]
    values.body["mime_type"] = {"vision": "image/png", "assistants": "text/plain"}.get(purpose, "application/jsonl")


def _both_methods(values: Values) -> bool:
    return get(values.body, "hyperparameters") is not None and get(values.body, "method") is not None


def _metadata_text(values: Values) -> bool:
    return isinstance(values.query.get("metadata"), str) and values.query["metadata"] != "null"


_BITMAP = {"type": "image_url", "image_url": {"url": "https://example.com/boardwalk.bmp"}}
_FILE = {"type": "image_file", "image_file": {"file_id": "<ref file>"}}

ROWS = (
    Row(
        "ASST-1",
        FORMATTED,
        _json_mode,
        put("instructions", "Answer in JSON."),
        put("response_format", {"type": "json_object"}),
        Keyword.MAY,
    ),
    Row("ASST-2", RUNS, _unnamed, _name_choice, put("tool_choice", {"type": "function"}), Keyword.MUST),
    Row("ASST-3", HELPERS, _overlapping, _part, _overlap_in_helper, Keyword.MUST),
    Row("ASST-4", CHUNKED, _overlapping, _part, _overlap, Keyword.MUST),
    Row(
        "ASST-6",
        ("createVectorStore",),
        _idle_chunking,
        put("file_ids", ["<ref file>"]),
        put("chunking_strategy", {"type": "auto"}),
        Keyword.MAY,
    ),
    Row("ASST-14", WRITING, _wrong_purpose, _vision, lambda v: _say(v, _FILE)),
    Row("ASST-15", WRITING, _no_image, _to_image, lambda v: _say(v, _BITMAP)),
    Row("ASST-16", RUNS, _truncation, _fit_truncation, put("truncation_strategy", {"type": "last_messages"})),
    Row("UPL-1", ("createUpload",), _bytes, put("bytes", 64), put("bytes", MOST + 1)),
    Row(
        "UPL-3",
        ("createUpload",),
        _mime,
        _fit_mime,
        update(purpose="fine-tune", filename="training.jsonl", mime_type="image/png"),
    ),
    Row(
        "FT-4",
        ("createFineTuningJob",),
        _both_methods,
        drop("hyperparameters"),
        update(
            hyperparameters={"n_epochs": 1},
            method={"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 1}}},
        ),
        Keyword.MAY,
    ),
    Row(
        "FT-6",
        ("listPaginatedFineTuningJobs",),
        _metadata_text,
        ask("metadata", "null"),
        ask("metadata", "none"),
        Keyword.MAY,
    ),
)  # fmt: skip - a row reads as a row
