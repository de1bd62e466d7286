"""Speech: real bytes of the format asked for (openapi.yaml:604)."""

from __future__ import annotations

from contract.mock import media
from contract.mock.kernel import Binary, Call, Reply, route
from contract.mock.meter import meter
from contract.mock.wanted import want


@route("createSpeech")
def create_speech(call: Call) -> Reply:
    """A sound as long as its text."""
    body = call.body
    model = want(call, body["model"], "speech")
    kind = body.get("response_format") or "mp3"
    meter(call, "audio_speeches", model, characters=len(body["input"]))
    return Binary(media.speech(body["input"], kind, body["voice"], body.get("speed") or 1.0), media.MEDIA_TYPES[kind])
