"""Media types: each fault is caught, and its conforming twin is not."""

import pytest
from checks_support import MODELS, broken

from contract.exchange import StreamEvent

CHAT = {
    "id": "c",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "logprobs": None,
            "message": {"role": "assistant", "content": "x", "refusal": None},
        }
    ],
}


@pytest.mark.parametrize("name", ["text/html", "text/plain; charset=utf-8", "application/octet-stream", None])
def test_another_media_type_than_declared_is_a_failure(name: str | None) -> None:
    """JSON is declared; no Content-Type at all is none of it."""
    assert broken("listModels", 200, MODELS, name) == [("media-type/declared", "MUST")]


@pytest.mark.parametrize("name", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_parameters_and_case_do_not_matter(name: str) -> None:
    """RFC 9110 8.3.1."""
    assert broken("listModels", 200, MODELS, name) == []


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        ("downloadFile", "text/csv"),
        ("downloadFile", "application/jsonl"),
        ("downloadFile", "application/json"),
        ("createSpeech", "audio/mpeg"),
        ("createSpeech", "application/octet-stream"),
        ("createTranscription", "text/plain"),
        ("createTranscription", "text/vtt"),
        ("createTranslation", "application/x-subrip"),
    ],
)
def test_what_the_spec_forgot_to_declare_is_right(operation: str, name: str) -> None:
    """File contents of any kind, audio, and transcripts as text."""
    assert broken(operation, 200, b"{} anything", name) == []


def test_nothing_at_all_has_no_media_type_to_judge() -> None:
    """The body is told of; what was cut or came as events was something."""
    events = (StreamEvent(0, 0.1, None, "{}"),)
    assert broken("listModels", 200, b"", "text/html") == [("body/present", "MUST")]
    assert broken("listModels", 200, b"", "text/html", truncated=True) == [("media-type/declared", "MUST")]
    assert broken("listModels", 200, b"", "text/event-stream", events=events) == [("media-type/declared", "MUST")]


def test_speech_as_html_is_a_failure() -> None:
    """The twin: a range does not admit everything."""
    assert broken("createSpeech", 200, b"<html>", "text/html") == [("media-type/declared", "MUST")]


def test_a_stream_that_nobody_asked_for_is_a_failure() -> None:
    """`stream` is false where it is absent."""
    sse = b"data: {}\n\n"
    asked = b'{"model": "m", "stream": true}'
    form = b'--b\r\nContent-Disposition: form-data; name="stream"\r\n\r\ntrue\r\n--b--\r\n'
    assert broken("createChatCompletion", 200, sse, "text/event-stream", request_body=b"{}") == [
        ("media-type/unasked-stream", "MUST")
    ]
    assert broken("createChatCompletion", 200, sse, "text/event-stream", request_body=asked) == []
    assert broken("createTranscription", 200, sse, "text/event-stream", request_body=form) == []
    assert broken("createChatCompletion", 200, CHAT, request_body=b"{}") == []


def test_a_stream_where_none_is_declared_is_a_failure() -> None:
    """Models are listed as JSON."""
    assert broken("listModels", 200, b"data: {}\n\n", "text/event-stream") == [("media-type/declared", "MUST")]
