"""How what was sent is compared with what came, and what makes no sense: the finer points, each with its twin."""

import math
from typing import Any

import pytest
from test_checks_kept import rules

TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
FLAT = {"type": "function", "name": "f", "parameters": {}}
SEARCH = {"type": "file_search"}


@pytest.mark.parametrize(
    ("operation", "sent", "came", "told"),
    [
        # Tools: type and name of each, in order; the rest has defaults.
        ("createAssistant", {"tools": [TOOL]}, {"tools": [{**TOOL, "type": "other"}]}, 1),
        ("createAssistant", {"tools": [TOOL]}, {"tools": [{"type": "function", "function": {"name": "g"}}]}, 1),
        ("createAssistant", {"tools": [TOOL]}, {"tools": [{"type": "function", "function": "f"}]}, 1),
        ("createAssistant", {"tools": [SEARCH, TOOL]}, {"tools": [{**SEARCH, "file_search": {}}, TOOL]}, 0),
        ("createAssistant", {"tools": [TOOL]}, {"tools": "f"}, 1),
        ("createAssistant", {"tools": [TOOL]}, {"tools": ["f"]}, 1),
        ("createResponse", {"tools": [FLAT]}, {"tools": [{**FLAT, "strict": True, "parameters": {"a": 1}}]}, 0),
        ("createResponse", {"tools": [FLAT]}, {"tools": [{**FLAT, "name": "g"}]}, 1),
        # Files of attachments, formats, lists without an order.
        ("createMessage", {"attachments": [{"file_id": "a"}]}, {"attachments": [{"file_id": "a", "tools": None}]}, 0),
        ("createMessage", {"attachments": [{"file_id": "a"}]}, {"attachments": [{"file_id": "b"}]}, 1),
        ("createMessage", {"attachments": [{"file_id": "a"}]}, {"attachments": 5}, 1),
        ("createResponse", {"text": {"format": {"type": "json_object"}}}, {"text": "json"}, 1),
        ("createResponse", {"text": {"format": {"type": "text"}}}, {"text": None}, 0),
        ("create-realtime-session", {"modalities": ["text"]}, {"modalities": "text"}, 1),
        ("create-realtime-session", {"modalities": ["text"]}, {"modalities": ["audio"]}, 1),
        ("create-realtime-session", {"modalities": ["text"]}, {"modalities": None}, 1),
        # Additional instructions stand behind those of the run.
        ("createRun", {"instructions": "A", "additional_instructions": "B"}, {"instructions": "A\nB"}, 0),
        ("createRun", {"instructions": "A", "additional_instructions": "B"}, {"instructions": "B"}, 1),
        ("createRun", {"instructions": "A", "additional_instructions": ""}, {"instructions": "A B"}, 1),
        (
            "createRun",
            {"instructions": "A", "additional_instructions": "B", "metadata": {"a": "1"}},
            {"metadata": {}},
            1,
        ),
        (
            "createRun",
            {"instructions": "A", "additional_instructions": "B", "metadata": {"a": "1"}},
            {"instructions": "A B", "metadata": {}},
            1,
        ),
        # Nothing, and what leaves the value to the server.
        ("createAssistant", {"name": ""}, {"name": None}, 0),
        ("createAssistant", {"name": "n"}, {"name": ""}, 1),
        # Objects: all keys of the client's own maps, of others those that the answer has too.
        ("createThread", {"metadata": {"a": "1", "b": "2"}}, {"metadata": {"a": "1"}}, 1),
        ("createThread", {"metadata": {"a": "1"}}, {"metadata": "a"}, 1),
        ("createResponse", {"reasoning": {"effort": "low", "summary": "auto"}}, {"reasoning": {"effort": "low"}}, 0),
        ("createResponse", {"reasoning": {"effort": "low"}}, {"reasoning": {"effort": "high"}}, 1),
        (
            "createResponse",
            {"reasoning": {"effort": "low", "summary": "detailed"}},
            {"reasoning": {"effort": "low"}},
            0,
        ),
        ("createResponse", {"reasoning": {"effort": "low"}}, {"reasoning": "low"}, 1),
        ("createVectorStore", {"expires_after": {"anchor": "last_active_at", "days": 1}}, {"expires_after": None}, 1),
        (
            "createFineTuningJob",
            {"method": {"type": "dpo", "dpo": {"hyperparameters": {"beta": 1}}}},
            {"method": {"type": "dpo", "dpo": {"hyperparameters": {"beta": 2}}}},
            1,
        ),
        (
            "createFineTuningJob",
            {"method": {"type": "dpo", "dpo": {"hyperparameters": {"beta": 1, "n_epochs": 2}}}},
            {"method": {"type": "dpo", "dpo": {"hyperparameters": {"beta": 1}}}},
            0,
        ),
        (
            "createFineTuningJob",
            {"integrations": [{"type": "wandb", "wandb": {"project": "p"}}]},
            {"integrations": [{"type": "wandb", "wandb": {"project": "p", "name": None}}]},
            0,
        ),
        (
            "createFineTuningJob",
            {"integrations": [{"type": "wandb", "wandb": {"project": "p"}}]},
            {"integrations": [{"type": "wandb", "wandb": {"project": "q"}}]},
            1,
        ),
        (
            "createFineTuningJob",
            {"integrations": [{"type": "wandb", "wandb": {"project": "p"}}]},
            {"integrations": [{"type": "wandb", "wandb": {"project": "p"}}, {"type": "wandb"}]},
            1,
        ),
        # Numbers as floats print them; a boolean is none.
        ("createRun", {"temperature": 1e-12}, {"temperature": 0}, 0),
        ("createRun", {"temperature": 0.5}, {"temperature": 0.5000001}, 0),
        ("createRun", {"temperature": 0.5}, {"temperature": 0.50001}, 1),
        ("createRun", {"temperature": 0.5}, {"temperature": "0.5"}, 1),
        ("createRun", {"max_prompt_tokens": 1000}, {"max_prompt_tokens": 1001}, 1),
        ("createRun", {"parallel_tool_calls": True}, {"parallel_tool_calls": 1.0000001}, 1),
        ("createRun", {"parallel_tool_calls": True}, {"parallel_tool_calls": True}, 0),
    ],
)
def test_what_was_sent_is_compared_by_its_meaning(operation: str, sent: Any, came: Any, told: int) -> None:
    """Another value is told whatever its shape; the same in other words is not."""
    assert len(rules(operation, sent, came, "body/echo")) == told


def test_an_operation_that_keeps_nothing_owes_nothing() -> None:
    """Chat completions have members of the request's names with other meanings."""
    assert rules("createChatCompletion", {"model": "a"}, {"model": "b"}, "body/echo") == []


@pytest.mark.parametrize(
    ("operation", "value", "told"),
    [
        ("createModeration", {"results": [{"flagged": True, "categories": None}]}, 0),
        ("createModeration", {"results": [{"flagged": "yes", "categories": {"hate": False}}]}, 0),
        ("createModeration", {"results": [{"category_scores": {"hate": 0, "violence": 0.5}}]}, 0),
        ("createModeration", {"results": [{"category_scores": {"hate": -0.5}}]}, 1),
        ("createModeration", {"results": [{"category_scores": {"hate": math.nextafter(1, 2)}}]}, 0),
        ("createModeration", {"results": [{"category_scores": {"hate": 1 + 1e-5, "violence": -1e-5}}]}, 0),
        ("createModeration", {"results": [{"category_scores": {"hate": 1 + 2e-5, "violence": -2e-5}}]}, 2),
        ("createChatCompletion", {"choices": [{"logprobs": {"content": [{"logprob": 1e-5}]}}]}, 0),
        ("createTranscription", {"words": [{"start": 2, "end": 1}]}, 1),
        ("createTranscription", {"words": [{"start": 1, "end": 2}]}, 0),
        ("createEmbedding", {"data": [{"embedding": ""}]}, 1),
        ("createEmbedding", {"data": [{"embedding": []}, {"embedding": []}]}, 1),
        ("admin-api-keys-create", {"value": "sk-12345", "redacted_value": "sk-12345"}, 0),
        ("admin-api-keys-create", {"value": "sk-123456", "redacted_value": "sk-123456"}, 1),
    ],
)
def test_what_makes_no_sense_is_told_at_its_bounds(operation: str, value: Any, told: int) -> None:
    """Just inside it is right; members of another type are the schema's matter."""
    assert len(rules(operation, {}, value, "body/sense")) == told


@pytest.mark.parametrize(
    ("operation", "value", "told"),
    [
        ("createResponse", {"usage": {"input_tokens": 0, "output_tokens": 1, "total_tokens": 1}}, 1),
        ("createResponse", {"usage": {"input_tokens": 1, "output_tokens": 0, "total_tokens": 1}}, 0),
        ("createChatCompletion", {"usage": "none", "choices": [{"message": {"content": "Hi"}}]}, 0),
        (
            "createChatCompletion",
            {
                "choices": [None, {"message": "x"}, {"text": "Hi"}],
                "usage": {"prompt_tokens": 1, "completion_tokens": 0, "total_tokens": 1},
            },
            1,
        ),
        ("createCompletion", {"usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}}, 0),
    ],
)
def test_tokens_of_what_was_read_and_said_are_counted(operation: str, value: Any, told: int) -> None:
    """A request is never empty, an answer may be; an empty prompt of a completion is one."""
    assert len(rules(operation, {}, value, "usage/counted")) == told
