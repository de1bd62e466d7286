"""Transcriptions and translations in every format, streamed by the models that can (openapi.yaml:690, 1290)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract.mock import chats
from contract.mock import text as texts
from contract.mock.kernel import Binary, Call, Events, Json, Reply, route
from contract.mock.meter import meter
from contract.mock.streaming import Frame, sse
from contract.mock.transcripts import Transcript, transcribe
from contract.mock.wanted import want

_TEXT = "text/plain; charset=utf-8"


@route("createTranscription")
def create_transcription(call: Call) -> Reply:
    """The words of a recording; `whisper-1` takes `stream` and does not heed it (openapi.yaml:20590)."""
    body = call.body
    model, found = _heard(call)
    logprobs = "logprobs" in (body.get("include[]") or ()) and model != "whisper-1"
    if body.get("stream") and model != "whisper-1":
        return Events(_frames(found.text, logprobs))
    if (body.get("response_format") or "json") == "json":
        told = {"logprobs": _logprobs(texts.tokenize(found.text))} if logprobs else {}
        return Json({"text": found.text, **told})
    return _formatted(call, found, body.get("language") or "english", body.get("timestamp_granularities[]"))


@route("createTranslation")
def create_translation(call: Call) -> Reply:
    """The words of a recording in English."""
    _, found = _heard(call)
    if (call.body.get("response_format") or "json") == "json":
        return Json({"text": found.text})
    return _formatted(call, found, "english", ["segment"])


def _heard(call: Call) -> tuple[str, Transcript]:
    """The model and what it heard."""
    model = want(call, call.body["model"], "transcription")
    found = transcribe(call.body["file"].content, call.body.get("prompt") or "", call.settings.seed)
    meter(call, "audio_transcriptions", model, seconds=found.duration)
    return model, found


def _formatted(call: Call, found: Transcript, language: str, granularities: list[str] | None) -> Reply:
    kind = call.body["response_format"]
    if kind == "verbose_json":
        verbose: dict[str, Any] = {
            "task": "translate" if call.operation.id == "createTranslation" else "transcribe",
            "language": language,
            "duration": found.duration,
            "text": found.text,
        }
        wanted = granularities or ["segment"]
        if "segment" in wanted:
            verbose["segments"] = found.segments(float(call.body.get("temperature") or 0.0))
        if "word" in wanted:
            verbose["words"] = found.words
        return Json(verbose)
    text = {"text": f"{found.text}\n", "srt": found.srt(), "vtt": found.vtt()}[kind]
    return Binary(text.encode(), _TEXT)


def _logprobs(tokens: tuple[str, ...]) -> list[dict[str, Any]]:
    return [chats.logprob(token, index) for index, token in enumerate(tokens)]


def _frames(text: str, wants_logprobs: bool) -> Iterator[Frame]:
    """Data only, as in the spec's example: clients of its day take a named event for something else."""
    tokens = texts.tokenize(text)
    logprobs = _logprobs(tokens) if wants_logprobs else []
    for index, token in enumerate(tokens):
        told = {"logprobs": [logprobs[index]]} if wants_logprobs else {}
        yield sse({"type": "transcript.text.delta", "delta": token, **told})
    told = {"logprobs": logprobs} if wants_logprobs else {}
    yield sse({"type": "transcript.text.done", "text": text, **told})
