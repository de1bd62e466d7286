"""Prose rules of images, audio and realtime sessions. Ids as `contract rules` lists them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from contract.mock.errors import invalid
from contract.mock.kernel import Call, rule
from contract.mock.media import png_size

_SIZES = {
    "dall-e-2": frozenset({"256x256", "512x512", "1024x1024"}),
    "dall-e-3": frozenset({"1024x1024", "1792x1024", "1024x1792"}),
}
_PROMPT = {"dall-e-2": 1000, "dall-e-3": 4000}
_IMAGE_BYTES = 4 * 1024 * 1024
#: openapi.yaml:20502, 20692.
_SOUNDS = frozenset({".flac", ".mp3", ".mp4", ".mpeg", ".mpga", ".m4a", ".ogg", ".oga", ".wav", ".webm"})
_LANGUAGE = re.compile("[a-z]{2}")
_TRANSCRIBERS = frozenset({"gpt-4o-transcribe", "gpt-4o-mini-transcribe", "whisper-1"})
_SERVER_ONLY = ("threshold", "prefix_padding_ms", "silence_duration_ms")


@rule("createImage")
def image_fits_its_model(call: Call) -> None:
    """IMG-1 to IMG-6."""
    body = call.body
    model = body.get("model") or "dall-e-2"
    if model == "dall-e-3" and (body.get("n") or 1) != 1:
        raise invalid("Invalid 'n': dall-e-3 makes one image.", "n")
    if len(body["prompt"]) > _PROMPT.get(model, 4000):
        raise invalid(f"Invalid 'prompt': {model} takes at most {_PROMPT[model]} characters.", "prompt")
    size = body.get("size")
    if size is not None and size not in _SIZES.get(model, {size}):
        raise invalid(f"Invalid 'size': {model} makes {', '.join(sorted(_SIZES[model]))}.", "size")
    for name in ("quality", "style"):
        if model == "dall-e-2" and body.get(name) is not None:
            raise invalid(f"'{name}' is only supported by dall-e-3.", name)


@rule("createImageEdit", "createImageVariation")
def picture_is_right(call: Call) -> None:
    """IMG-7 to IMG-14."""
    body = call.body
    if (body.get("model") or "dall-e-2") == "dall-e-3":
        raise invalid("Invalid 'model': only dall-e-2 is supported here.", "model")
    if len(body.get("prompt") or "") > _PROMPT["dall-e-2"]:
        raise invalid("Invalid 'prompt': at most 1000 characters.", "prompt")
    found = _square(body["image"].content, "image")
    mask = body.get("mask")
    if mask is not None:
        size = png_size(mask.content)
        if size is None or size[:2] != found[:2]:
            raise invalid("Invalid 'mask': a PNG as large as 'image' is wanted.", "mask")
    elif call.operation.id == "createImageEdit" and not found[2]:
        raise invalid("Without a 'mask' the 'image' needs transparency.", "image")


def _square(content: bytes, place: str) -> tuple[int, int, bool]:
    size = png_size(content)
    if size is None or len(content) >= _IMAGE_BYTES or size[0] != size[1]:
        raise invalid(f"Invalid '{place}': a square PNG of less than 4 MB is wanted.", place, "invalid_image_format")
    return size


@rule("createSpeech")
def speech_fits_its_model(call: Call) -> None:
    """AUD-1."""
    if call.body.get("instructions") is not None and call.body["model"].startswith("tts-1"):
        raise invalid("'instructions' does not work with tts-1 or tts-1-hd.", "instructions")


@rule("createTranscription", "createTranslation")
def sound_is_right(call: Call) -> None:
    """AUD-6, AUD-7, AUD-9 to AUD-12."""
    body = call.body
    if not 0 <= (body.get("temperature") or 0) <= 1:
        raise invalid("Invalid 'temperature': from 0 to 1.", "temperature")
    if PurePosixPath(body["file"].filename.lower()).suffix not in _SOUNDS:
        raise invalid(f"Invalid file format. Supported: {', '.join(sorted(_SOUNDS))}.", "file")
    if body.get("language") is not None and not _LANGUAGE.fullmatch(body["language"]):
        raise invalid("Invalid 'language': a code of ISO 639-1 is wanted.", "language")
    if call.operation.id == "createTranslation":
        if body["model"] in _TRANSCRIBERS - {"whisper-1"}:
            raise invalid("Invalid 'model': only whisper-1 translates.", "model")
        if not (body.get("prompt") or "").isascii():
            raise invalid("Invalid 'prompt': it should be in English.", "prompt")


@rule("createTranscription")
def transcript_format_fits(call: Call) -> None:
    """AUD-2 to AUD-5."""
    body = call.body
    kind = body.get("response_format") or "json"
    if body.get("timestamp_granularities[]") and kind != "verbose_json":
        raise invalid("'timestamp_granularities' needs the response_format verbose_json.", "timestamp_granularities[]")
    if "logprobs" in (body.get("include[]") or ()) and kind != "json":
        raise invalid("'include' of logprobs needs the response_format json.", "include[]")
    if body["model"] != "whisper-1" and kind != "json":
        raise invalid(f"Invalid 'response_format': {body['model']} answers json only.", "response_format")


@rule("create-realtime-session", "create-realtime-transcription-session")
def session_fits(call: Call) -> None:
    """RT-1 to RT-8."""
    body = call.body
    temperature = body.get("temperature")
    if temperature is not None and not 0.6 <= temperature <= 1.2:
        raise invalid("Invalid 'temperature': from 0.6 to 1.2.", "temperature")
    tokens = body.get("max_response_output_tokens")
    if tokens is not None and tokens != "inf" and not 1 <= tokens <= 4096:
        raise invalid("Invalid 'max_response_output_tokens': from 1 to 4096, or inf.", "max_response_output_tokens")
    transcriber = (body.get("input_audio_transcription") or {}).get("model")
    if transcriber is not None and transcriber not in _TRANSCRIBERS:
        place = "input_audio_transcription.model"
        raise invalid(f"Invalid '{place}': {', '.join(sorted(_TRANSCRIBERS))} are the options.", place)
    _check_turns(body.get("turn_detection") or {})


def _check_turns(turns: Mapping[str, Any]) -> None:
    semantic = turns.get("type", "server_vad") == "semantic_vad"
    wrong = [name for name in (_SERVER_ONLY if semantic else ("eagerness",)) if turns.get(name) is not None]
    if wrong:
        place = f"turn_detection.{wrong[0]}"
        raise invalid(f"Invalid '{place}': not used with this type of turn detection.", place)
    if not 0 <= (turns.get("threshold") or 0) <= 1:
        raise invalid("Invalid 'turn_detection.threshold': from 0 to 1.", "turn_detection.threshold")
