"""Realtime sessions: what was asked for, the documented defaults, and a secret that soon ends (openapi.yaml:8640)."""

from __future__ import annotations

from typing import Any

from contract.mock.kernel import Call, Json, Reply, route

_SECRET_LIFE_S = 60
_TURN_DETECTION = {"type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300, "silence_duration_ms": 200}


def _answered(call: Call, session: dict[str, Any], *optional: str) -> Reply:
    """The session with those of the optional members that were sent, and its secret."""
    sent = {name: call.body[name] for name in optional if call.body.get(name)}
    secret = {"value": call.store.new_id("ek_"), "expires_at": call.now + _SECRET_LIFE_S}
    return Json({**session, **sent, "client_secret": secret})


def _turn_detection(body: dict[str, Any]) -> dict[str, Any]:
    sent = body.get("turn_detection")
    if sent is None:
        return dict(_TURN_DETECTION)
    defaults = _TURN_DETECTION if sent.get("type", "server_vad") == "server_vad" else {}
    return {**defaults, "create_response": True, "interrupt_response": True, **sent}


@route("create-realtime-session")
def create_realtime_session(call: Call) -> Reply:
    """A session with the members that were sent."""
    body = call.body
    session: dict[str, Any] = {
        "id": call.store.new_id("sess_"),
        "object": "realtime.session",
        "model": body.get("model") or "gpt-4o-realtime-preview",
        "modalities": body.get("modalities") or ["audio", "text"],
        "instructions": body.get("instructions") or "You are a helpful assistant.",
        "voice": body.get("voice") or "alloy",
        "input_audio_format": body.get("input_audio_format") or "pcm16",
        "output_audio_format": body.get("output_audio_format") or "pcm16",
        "turn_detection": _turn_detection(body),
        "tools": body.get("tools") or [],
        "tool_choice": body.get("tool_choice") or "auto",
        "temperature": body.get("temperature", 0.8),
        "max_response_output_tokens": body.get("max_response_output_tokens", "inf"),
    }
    return _answered(call, session, "input_audio_transcription", "input_audio_noise_reduction")


@route("create-realtime-transcription-session")
def create_realtime_transcription_session(call: Call) -> Reply:
    """A session that only transcribes."""
    body = call.body
    session: dict[str, Any] = {
        "id": call.store.new_id("sess_"),
        "object": "realtime.transcription_session",
        "modalities": body.get("modalities") or ["audio", "text"],
        "input_audio_format": body.get("input_audio_format") or "pcm16",
        "input_audio_transcription": {"model": "whisper-1", **(body.get("input_audio_transcription") or {})},
        "turn_detection": _turn_detection(body),
    }
    return _answered(call, session, "input_audio_noise_reduction", "include")
