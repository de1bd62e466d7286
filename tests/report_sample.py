"""A small run with everything that is hard to tell: scripts, escapes, huge bodies, streams, sequences."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from contract.exchange import Exchange, FaultKind, Request, Response, StreamEvent, TransportFault
from contract.redact import Redactor
from contract.verdict import Finding, Keyword, Outcome, Place, Verdict
from reports import record

KEY = "sk-canary-4f1d0c9a77"
EVIL = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
ANSI = "\x1b[31mred\x1b[0m \x1b]0;title\x07"
_JSON = ("Content-Type", "application/json")
_AUTH = ("Authorization", f"Bearer {KEY}")
_URL = "http://127.0.0.1:8000/v1"
_CHUNK = "/components/schemas/CreateChatCompletionStreamResponse"


def _get(identifier: str, operation: str, path: str, body: Any, status: int = 200) -> Exchange:
    request = Request("GET", _URL + path, (_AUTH,))
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange(identifier, operation, request, Response(status, (_JSON,), content), None, 0.012)


def _post(identifier: str, operation: str, path: str, sent: Any, body: Any, status: int = 200) -> Exchange:
    request = Request("POST", _URL + path, (_AUTH, _JSON), json.dumps(sent).encode())
    return Exchange(identifier, operation, request, Response(status, (_JSON,), json.dumps(body).encode()), None, 0.2)


def _chunk(delta: dict[str, Any], finish: str | None = None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return json.dumps({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "choices": [choice]})


def stream() -> Exchange:
    """A chat stream whose role comes twice and that goes on after its finish reason."""
    data = [_chunk({"role": "assistant", "content": ""})]
    data += [
        _chunk({"content": f"{word} "})
        for word in ("The", "quick", "brown", "fox", "jumps", "over", "the", "lazy", "dog")
    ]
    data += [_chunk({"role": "user", "content": EVIL}), _chunk({}, "stop"), _chunk({"content": "more"}), "[DONE]"]
    events, offset = [], 0
    for number, each in enumerate(data):
        events.append(StreamEvent(offset, 0.1 + number * 0.03, None, each))
        offset += len(each) + 8
    sent = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "It's"}], "stream": True}).encode()
    request = Request("POST", f"{_URL}/chat/completions", (_AUTH, _JSON), sent)
    response = Response(200, (("Content-Type", "text/event-stream"),), b"", False, tuple(events))
    return Exchange("x-stream", "createChatCompletion", request, response, None, 0.61)


def finding(rule: str, **changes: Any) -> Finding:
    """A broken MUST with everything told."""
    values: dict[str, Any] = {
        "keyword": Keyword.MUST,
        "summary": "The answer matches the schema that the spec declares for it.",
        "expected": "one of 'list'",
        "actual": "'lists'",
        "where": "/object",
        "spec": Place("/components/schemas/ListModelsResponse/properties/object", 18120),
    }
    return Finding(rule=rule, **(values | changes))


def exchanges() -> list[tuple[str, Exchange]]:
    """(case, exchange), in the order of the run."""
    models = [{"id": f"model-{n}", "object": "model", "created": 1, "owned_by": EVIL} for n in range(40)]
    broken = _get("x-models", "listModels", "/models", {"object": "lists", "data": models})
    ansi = _get("x-error", "retrieveModel", "/models/nope", {"detail": ANSI + EVIL}, 500)
    binary = Exchange(
        "x-file",
        "downloadFile",
        Request("GET", f"{_URL}/files/f%2F1/content", (_AUTH,)),
        Response(200, (("Content-Type", "application/octet-stream"), ("Set-Cookie", "s=canary-cookie")), b"\xff\0\x1b"),
        None,
        0.01,
    )
    huge = _get("x-huge", "listFiles", "/files?limit=100", b'{"data": ["' + b"A" * 400_000 + b'"]}')
    lost = Exchange(
        "x-lost",
        "createEmbedding",
        Request("POST", f"{_URL}/embeddings", (_AUTH, _JSON), b'{"input":"x"}'),
        None,
        TransportFault(FaultKind.RESET, "connection reset by peer"),
        0.5,
    )
    made = _post(
        "x-a-1", "createAssistant", "/assistants", {"model": "gpt-4o"}, {"id": "asst_1", "object": "assistant"}
    )
    gone = _get("x-a-2", "getAssistant", "/assistants/asst_1", {"error": {"message": "no such assistant"}}, 404)
    life = "createAssistant/lifecycle/read-what-was-made"
    return [
        ("listModels/valid/minimal", broken),
        ("retrieveModel/error/unknown-id", ansi),
        ("downloadFile/valid/minimal", binary),
        ("listFiles/boundary/limit-100", huge),
        ("createEmbedding/valid/minimal", lost),
        (life, made),
        (life, gone),
        ("createChatCompletion/stream/plain", stream()),
    ]


def verdicts() -> list[Verdict]:
    """One case of every outcome, several of the telling ones."""
    fail, warn = Outcome.FAIL, Outcome.WARN
    schema = finding("response-schema", exchange="x-models")
    twins = [
        Verdict(f"listModels/boundary/{n}", "listModels", fail, None, (finding("response-schema", actual=f"'{n}'"),), 1)
        for n in range(3)
    ]
    role = finding(
        "CHAT-014",
        summary="A delta's role is assistant.",
        expected="role 'assistant'",
        actual="role 'user'",
        where="event 11",
        spec=Place(f"{_CHUNK}/properties/choices", 12030),
        exchange="x-stream",
        allowed=("content", "finish"),
        excerpt=("event 10 | a", "event 11 | " + EVIL),
    )
    after = finding(
        "CHAT-016",
        keyword=Keyword.SHOULD,
        summary="Nothing follows the finish reason of a choice.",
        expected="",
        actual=f"content {ANSI}",
        where="event 13",
        spec=None,
        exchange="x-stream",
    )
    status = finding(
        "status-no-5xx",
        summary="A request that is wrong is refused, not answered with a 5xx.",
        expected="404 with the error envelope",
        actual=f"500 {ANSI}{EVIL}",
        where="",
        spec=None,
        exchange="x-error",
    )
    lost = finding(
        "state-read-your-writes",
        summary="What was made can be read.",
        expected="200 with id asst_1",
        actual="404",
        where="/error/message",
        spec=Place("/paths/~1assistants~1{assistant_id}/get", 199),
        exchange="x-a-2",
    )
    return [
        Verdict("listModels/valid/minimal", "listModels", fail, None, (schema,), 1, 0.012),
        *twins,
        Verdict("retrieveModel/error/unknown-id", "retrieveModel", fail, None, (status,), 1, 0.02),
        Verdict("downloadFile/valid/minimal", "downloadFile", Outcome.PASS, None, (), 2, 0.03),
        Verdict("listFiles/boundary/limit-100", "listFiles", Outcome.PASS, None, (), 1, 0.04),
        Verdict("createEmbedding/valid/minimal", "createEmbedding", Outcome.INCONCLUSIVE, "connection reset", (), 1),
        Verdict("createAssistant/lifecycle/read-what-was-made", "createAssistant", fail, None, (lost,), 2, 0.4),
        Verdict("createChatCompletion/stream/plain", "createChatCompletion", fail, None, (role, after), 1, 0.61),
        Verdict("createChatCompletion/stream/n-2", "createChatCompletion", warn, None, (after,), 1, 0.3),
        Verdict("createSpeech/valid/minimal", "createSpeech", Outcome.UNSUPPORTED, "404 on the whole route", (), 1),
        Verdict("deleteFile/valid/minimal", "deleteFile", Outcome.SKIPPED, "budget: --max-requests 20", (), 0),
        Verdict("wire/edge/bad-method", None, Outcome.ERROR, f"KeyError: {ANSI}", (), 0),
    ]


def header(**changes: Any) -> record.Line:
    """The first line."""
    values: dict[str, Any] = {
        "suite": "0.1.0",
        "spec": {"title": "OpenAI API", "version": "2.3.0", "sha256": "5f" * 32, "path": "openapi.yaml"},
        "target": {"url": _URL, "profile": "full", "models": ["gpt-4o"]},
        "options": {"depth": "standard", "workers": 1},
        "seed": 7,
        "planned": [each.case for each in verdicts()],
        "started_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    }
    return record.header(**(values | changes))


def end(**changes: Any) -> record.Line:
    """The last line."""
    coverage = {"operations": {"judged": 6, "planned": 9, "of": 126}, "constraints": {"judged": 40, "of": 1613}}
    values: dict[str, Any] = {
        "duration_s": 12.5,
        "requests": 13,
        "events": 14,
        "tokens": 120,
        "coverage": coverage,
        "exit_status": 1,
    }
    return record.end(verdicts(), **(values | changes))


def write(path: Path, *, finished: bool = True) -> Path:
    """The record of the sample, in a file."""
    hide = Redactor({"OPENAI_API_KEY": KEY})
    with record.Writer(path) as writer:
        writer.write(header())
        for case, exchange in exchanges():
            writer.write(record.exchange(exchange, hide, case=case))
        for each in verdicts():
            writer.write(record.verdict(each, hide))
        if finished:
            writer.write(end())
    return path
