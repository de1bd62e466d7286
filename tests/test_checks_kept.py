"""What was sent comes back, states bring what belongs to them, values make sense: each broken, and its right twin."""

import json
from typing import Any

import pytest
from checks_support import ENVELOPE, broken

from contract.case import Expect, Kind
from contract.checks import echo
from contract.checks.sums import FAR, uncounted

MUST, SHOULD = "MUST", "SHOULD"
#: Of files in a vector store: three in all.
COUNTS = {"in_progress": 0, "completed": 1, "failed": 0, "cancelled": 2}
DATE = {"date": "Sat, 28 Nov 2026 20:00:00 GMT"}
NOW = 1795896000


def rules(operation: str, sent: Any, value: Any, *about: str, **more: Any) -> list[tuple[str, str]]:
    """Those findings on an answer to a request with that body that are about the rules named."""
    body = json.dumps(sent).encode()
    found = broken(operation, 200, value, request_body=body, live=True, **more)
    return [each for each in found if each[0] in about]


@pytest.mark.parametrize(
    ("operation", "sent", "came", "found"),
    [
        ("createBatch", {"endpoint": "/v1/embeddings"}, {"endpoint": "/v1/completions"}, [MUST]),
        ("createBatch", {"endpoint": "/v1/embeddings"}, {"endpoint": "/v1/embeddings"}, []),
        ("modifyThread", {"metadata": {"a": "1"}}, {"metadata": {}}, [MUST]),
        ("modifyThread", {"metadata": {"a": "1"}}, {"metadata": {"a": "1", "b": "2"}}, []),
        ("createBatch", {"metadata": {"a": "1"}}, {"id": "batch_1"}, [SHOULD]),
        ("modifyThread", {"metadata": {"a": "1"}}, {"id": "thread_1"}, []),
        ("createResponse", {"metadata": {"a": "1"}}, {"id": "resp_1"}, []),
        ("modifyAssistant", {"metadata": {"a": "1"}, "name": "n"}, {"name": "m"}, [MUST]),
        ("modifyThread", {"metadata": None}, {"metadata": {}}, []),
        ("createRun", {"temperature": 0.1}, {"temperature": 0.1000000001}, []),
        ("createRun", {"temperature": 0.1}, {"temperature": 1}, [SHOULD]),
        ("createRun", {"response_format": {"type": "text"}}, {"response_format": "auto"}, []),
        ("createRun", {"response_format": {"type": "json_object"}}, {"response_format": "auto"}, [MUST]),
        ("createRun", {"truncation_strategy": {"type": "auto", "last_messages": 3}}, {"truncation_strategy": None}, []),
        ("createAssistant", {"tools": [{"type": "file_search"}]}, {"tools": []}, [MUST]),
        (
            "createAssistant",
            {"tools": [{"type": "function", "function": {"name": "f"}}]},
            {"tools": [{"type": "function", "function": {"name": "f", "strict": False}}]},
            [],
        ),
        ("createThread", {"tool_resources": {"file_search": {"vector_stores": [{}]}}}, {"tool_resources": {}}, []),
        (
            "createThread",
            {"tool_resources": {"file_search": {"vector_store_ids": ["vs_1"]}}},
            {"tool_resources": None},
            [MUST],
        ),
        (
            "createThread",
            {"tool_resources": {"code_interpreter": {"file_ids": ["file-1"]}}},
            {"tool_resources": {"code_interpreter": {"file_ids": []}}},
            [MUST],
        ),
        ("createMessage", {"attachments": [{"file_id": "f", "tools": []}]}, {"attachments": []}, [MUST]),
        ("createMessage", {"attachments": []}, {"attachments": None}, []),
        (
            "createResponse",
            {"text": {"format": {"type": "json_object"}}},
            {"text": {"format": {"type": "text"}}},
            [SHOULD],
        ),
        ("createResponse", {"instructions": "Be brief."}, {"instructions": None}, [SHOULD]),
        ("createResponse", {"previous_response_id": "resp_1"}, {"previous_response_id": None}, [MUST]),
        ("createRun", {"instructions": "Be brief."}, {"instructions": ""}, [MUST]),
        ("createResponse", {"reasoning": {"effort": "low"}}, {"reasoning": {"effort": "low", "summary": None}}, []),
        ("create-realtime-session", {"modalities": ["text", "audio"]}, {"modalities": ["audio", "text"]}, []),
        ("createFineTuningJob", {"hyperparameters": {"n_epochs": "auto"}}, {"hyperparameters": {"n_epochs": 3}}, []),
        ("createFineTuningJob", {"hyperparameters": {"n_epochs": 2}}, {"hyperparameters": {"n_epochs": 3}}, [MUST]),
    ],
)
def test_what_was_sent_comes_back(operation: str, sent: Any, came: Any, found: list[str]) -> None:
    """Another value is told; defaults, other spellings, what the server decides and what the schema tells are not."""
    assert rules(operation, sent, came, "body/echo") == [("body/echo", each) for each in found]


def test_an_operation_without_a_row_keeps_nothing() -> None:
    """What a chat completion has in common with its request is another thing."""
    assert list(echo.differences("createChatCompletion", {"metadata": {"a": "1"}}, {"metadata": {}})) == []


def test_a_request_that_is_too_deep_to_be_read_is_not_compared() -> None:
    """It was sent on purpose, and its own case judges the answer."""
    deep = b"[" * 100_000
    assert ("body/echo", MUST) not in broken("modifyThread", 200, {}, request_body=deep, live=True)


def test_a_refused_request_owes_no_echo() -> None:
    """Only valid requests are compared, and only their successes."""
    invalid = Expect(Kind.INVALID)
    sent = {"endpoint": "/v1/embeddings"}
    assert rules("createBatch", sent, {"endpoint": "x"}, "body/echo", expect=invalid) == []
    assert rules("createBatch", sent, {"endpoint": "x"}, "body/echo", expect=Expect(Kind.EDGE)) == []
    assert ("body/echo", MUST) not in broken("createBatch", 400, ENVELOPE, request_body=b'{"endpoint": "x"}', live=True)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"object": "thread.run", "status": "completed", "completed_at": None}, ["body/state"]),
        ({"object": "thread.run", "status": "completed", "completed_at": NOW, "usage": {}}, []),
        ({"object": "thread.run", "status": "in_progress", "completed_at": None, "usage": None}, []),
        ({"object": "thread.run", "status": "requires_action", "required_action": None}, ["body/state"]),
        ({"object": "thread.message", "status": "completed", "completed_at": None}, []),
        ({"object": "thread.run", "status": "queued", "usage": {"total_tokens": 0}}, ["body/state"]),
        ({"object": "thread.run", "status": "cancelling", "completed_at": NOW, "failed_at": 1}, ["body/state"] * 2),
        ({"object": "thread.run", "status": "expired", "usage": {}, "last_error": {}}, []),
        ({"object": "thread.run.step", "status": "in_progress", "usage": {}}, ["body/state"]),
        ({"object": "thread.run.step", "status": "completed", "last_error": {"code": "x"}}, ["body/state"]),
        ({"object": "fine_tuning.job", "status": "running", "fine_tuned_model": "ft:m"}, ["body/state"]),
        ({"object": "fine_tuning.job", "status": "succeeded", "fine_tuned_model": "ft:m"}, []),
        ({"object": "vector_store.file", "status": "completed", "last_error": {}}, ["body/state"]),
        ({"object": "organization.project", "status": "active", "archived_at": 1}, ["body/state"]),
        ({"object": "organization.project", "status": "archived", "archived_at": None}, ["body/state"]),
        ({"object": "organization.project", "status": "archived", "archived_at": 1}, []),
        ({"object": "response", "status": "completed", "error": {}, "incomplete_details": None}, ["body/state"]),
        ({"object": "response", "status": "failed", "error": None}, ["body/state"]),
        ({"object": "response", "status": "incomplete", "incomplete_details": {}}, []),
        ({"expires_after": {"anchor": "last_active_at", "days": 1}, "expires_at": None}, ["body/state"]),
        ({"expires_after": None, "expires_at": None}, []),
        ({"expires_after": {"anchor": "last_active_at", "days": 1}}, []),
        ({"expires_after": {"anchor": "last_active_at", "days": 1}, "expires_at": 1}, []),
        ({"object": ["thread.run"], "status": "completed", "completed_at": None}, []),
        ({"object": "thread.run", "status": ["completed"], "completed_at": None}, []),
        ({"created_at": NOW, "completed_at": NOW - 5}, []),
        ({"created_at": NOW, "completed_at": NOW - 6}, ["body/times"]),
        ({"created_at": NOW, "completed_at": 1}, ["body/times"]),
        ({"created_at": FAR, "completed_at": 1}, []),
        ({"created_at": FAR - 1, "completed_at": 1}, ["body/times", "body/times"]),
        ({"created_at": NOW, "completed_at": NOW - 60}, ["body/times"]),
        ({"created_at": NOW, "completed_at": NOW - 1, "failed_at": 0, "expires_at": NOW + 9}, []),
        ({"created_at": NOW + 3600}, ["body/times"]),
        ({"created_at": NOW + 300}, []),
        ({"created_at": NOW + 301}, ["body/times"]),
        ({"created_at": 0}, ["body/times"]),
        ({"data": [{"created": 0}]}, []),
    ],
)
def test_states_and_times_agree(value: Any, found: list[str]) -> None:
    """A state without what it brings, an end before the beginning, a creation in the future."""
    assert rules("createRun", {}, value, "body/state", "body/times", headers=DATE) == [(each, SHOULD) for each in found]


def test_without_a_date_no_time_is_in_the_future() -> None:
    """The clock is the server's own: where it tells none, there is none."""
    assert rules("createRun", {}, {"created_at": NOW + 9999}, "body/times", headers={"date": "soon"}) == []


@pytest.mark.parametrize(
    ("operation", "value", "found"),
    [
        ("createModeration", {"results": [{"flagged": True, "categories": {"hate": False}}]}, 1),
        ("createModeration", {"results": [{"flagged": True, "categories": {"hate": True}}]}, 0),
        ("createModeration", {"results": [{"category_scores": {"hate": 1.5}}]}, 1),
        ("createModeration", {"results": [{"category_scores": {"hate": 1}}]}, 0),
        ("createModeration", {"results": [{"category_scores": {"hate": 1.0000001}}]}, 0),
        ("createTranscription", {"text": "", "duration": -1, "segments": [{"start": 2, "end": 1}]}, 2),
        ("createTranslation", {"text": "", "duration": 0, "segments": [{"start": 1, "end": 1}]}, 0),
        ("createEmbedding", {"data": [{"embedding": []}]}, 1),
        ("createEmbedding", {"data": [{"embedding": [0, 0.0]}]}, 1),
        ("createEmbedding", {"data": [{"embedding": [0, 0.1]}, {"embedding": "AAAA"}]}, 0),
        ("createChatCompletion", {"choices": [{"logprobs": {"content": [{"logprob": 0.5}]}}]}, 1),
        ("createChatCompletion", {"choices": [{"logprobs": {"content": [{"logprob": 0}]}}, {"logprobs": None}]}, 0),
        ("createChatCompletion", {"choices": [{"logprobs": {"content": [{"logprob": 1.2e-7}]}}]}, 0),
        ("createTranslation", {"text": "", "language": "english"}, 0),
        ("createTranslation", {"text": "", "language": "EN"}, 0),
        ("createTranslation", {"text": "", "language": "german"}, 1),
        ("createTranscription", {"text": "", "language": "german"}, 0),
        ("createTranscription", {"duration": 2, "words": [{"start": 0, "end": 34}]}, 0),
        ("createTranscription", {"duration": 2, "words": [{"start": 0, "end": 34.5}]}, 1),
        ("createTranscription", {"duration": 2, "words": [{"end": 99}, {"end": 99}]}, 1),
        ("createTranslation", {"duration": 2, "segments": [{"start": 0, "end": 99}]}, 1),
        ("createTranscription", {"words": [{"start": 0, "end": 99}]}, 0),
        ("createTranscription", {"duration": 2, "words": [{"start": 0, "end": "99"}]}, 0),
        ("getVectorStore", {"file_counts": {"total": 3, **COUNTS}}, 0),
        ("createVectorStore", {"file_counts": {"total": 2, **COUNTS}}, 1),
        ("modifyVectorStore", {"file_counts": {"total": 4, **COUNTS}}, 1),
        ("getVectorStoreFileBatch", {"file_counts": {"total": "4", **COUNTS}}, 0),
        ("createVectorStoreFileBatch", {"file_counts": {"total": 4}}, 0),
        ("cancelVectorStoreFileBatch", {"file_counts": None}, 0),
        ("retrieveBatch", {"request_counts": {"total": 2, "completed": 1, "failed": 1}}, 0),
        ("createBatch", {"request_counts": {"total": 2, "completed": 0, "failed": 0}}, 0),
        ("cancelBatch", {"request_counts": {"total": 2, "completed": 2, "failed": 1}}, 1),
        ("createCompletion", {"usage": None}, 1),
        ("createCompletion", {"choices": []}, 0),
        ("createCompletion", {"usage": {}}, 0),
        ("admin-api-keys-create", {"value": "sk-admin-1234", "redacted_value": "sk-admin-1234"}, 1),
        ("admin-api-keys-create", {"value": "sk-admin-1234", "redacted_value": "sk-admin-***"}, 0),
    ],
)
def test_values_make_sense(operation: str, value: Any, found: int) -> None:
    """What no schema forbids and no answer can mean."""
    assert rules(operation, {}, value, "body/sense") == [("body/sense", SHOULD)] * found


@pytest.mark.parametrize(
    ("operation", "value", "found"),
    [
        ("createEmbedding", {"usage": {"prompt_tokens": 0, "total_tokens": 0}}, 1),
        ("createResponse", {"usage": {"input_tokens": 1, "output_tokens": 0, "total_tokens": 1}}, 0),
        (
            "createChatCompletion",
            {
                "choices": [{"message": {"content": "Hello"}}],
                "usage": {"prompt_tokens": 1, "completion_tokens": 0, "total_tokens": 1},
            },
            1,
        ),
        (
            "createChatCompletion",
            {
                "choices": [{"message": {"content": None}}],
                "usage": {"prompt_tokens": 1, "completion_tokens": 0, "total_tokens": 1},
            },
            0,
        ),
        ("createThreadAndRun", {"usage": {"prompt_tokens": 0, "completion_tokens": 1, "total_tokens": 1}}, 0),
    ],
)
def test_tokens_are_counted(operation: str, value: Any, found: int) -> None:
    """A request that says something has tokens, and so has an answer; an empty thread has none."""
    assert rules(operation, {}, value, "usage/counted") == [("usage/counted", SHOULD)] * found


@pytest.mark.parametrize(
    ("media_type", "found"), [("application/json", 0), ("application/problem+json", 0), ("text/html", 1), (None, 1)]
)
def test_an_error_that_is_json_says_so(media_type: str | None, found: int) -> None:
    """The envelope under another type is a warning."""
    told = broken("createThread", 400, ENVELOPE, media_type, expect=Expect(Kind.INVALID))
    assert told.count(("error/media-type", SHOULD)) == found


@pytest.mark.parametrize("odd", [5, "x", True, ["x"], {"file_search": ["x"], "type": ["x"]}, None])
def test_values_of_any_type_are_compared(odd: Any) -> None:
    """An answer that breaks its schema is told by the schema; the other checks survive it."""
    usage = {"prompt_tokens": 1, "completion_tokens": 0, "total_tokens": 1}
    assert rules("createChatCompletion", {}, {"choices": odd, "usage": usage}, "usage/counted") == []
    asked = {"tool_resources": {"file_search": {"vector_store_ids": ["vs_1"]}}, "metadata": {"a": "1"}}
    came = {"tool_resources": odd, "metadata": odd}
    assert rules("createThread", asked, came, "body/echo") == [("body/echo", MUST)] * 2
    for operation in ("createModeration", "createTranscription", "createEmbedding"):
        rules(operation, {}, dict.fromkeys(("results", "segments", "words", "data", "duration"), odd), "body/sense")
    rules("createRun", {}, {"object": odd, "status": odd, "created_at": odd, "expires_after": odd}, "body/state")


@pytest.mark.parametrize("value", [{}, {"usage": None}, {"usage": {"prompt_tokens": 1}}, {"usage": {}, "choices": 5}])
def test_what_is_not_told_is_not_uncounted(value: Any) -> None:
    """No usage, no zero."""
    assert uncounted(value) == ""
