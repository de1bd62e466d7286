"""Lists, usage, users and realtime sessions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contract.verdict import Keyword
from strategies.prose import Row, Values
from strategies.prose_tools import ask, get, number, put

#: "Limit can range between 1 and 100" (openapi.yaml:63 and fifteen more).
PAGED = (
    "listAssistants", "listBatches", "list-audit-logs", "list-invites", "list-projects", "list-project-api-keys",
    "list-project-service-accounts", "list-project-users", "list-users", "listInputItems", "listMessages", "listRuns",
    "listRunSteps", "listVectorStores", "listFilesInVectorStoreBatch", "listVectorStoreFiles",
)  # fmt: skip
USAGE = tuple(
    f"usage-{name}"
    for name in (
        "audio-speeches",
        "audio-transcriptions",
        "code-interpreter-sessions",
        "completions",
        "embeddings",
        "images",
        "moderations",
        "vector-stores",
    )
)
#: Most buckets of a width (openapi.yaml:7807).
BUCKETS = {"1d": 31, "1h": 168, "1m": 1440}
REALTIME = ("create-realtime-session",)
SESSIONS = (*REALTIME, "create-realtime-transcription-session")
TRANSCRIBERS = ("gpt-4o-transcribe", "gpt-4o-mini-transcribe", "whisper-1")


def _limit(most: int) -> Callable[[Values], bool]:
    return lambda values: number(values.query.get("limit")) and not 1 <= values.query["limit"] <= most


def _buckets(values: Values) -> bool:
    limit, width = values.query.get("limit"), values.query.get("bucket_width", "1d")
    most = BUCKETS.get(width, 1440) if isinstance(width, str) else 1440
    return isinstance(limit, int) and not 1 <= limit <= most


def _turn(values: Values) -> dict[str, Any]:
    found = get(values.body, "turn_detection")
    return found if isinstance(found, dict) else {}


def _mode(values: Values) -> Any:
    return _turn(values).get("type", "server_vad")


def _only(member: str, mode: str) -> Callable[[Values], bool]:
    return lambda values: _turn(values).get(member) is not None and _mode(values) != mode


def _forget(member: str) -> Callable[[Values], None]:
    def change(values: Values) -> None:
        _turn(values).pop(member, None)

    return change


def _turned(**members: Any) -> Callable[[Values], None]:
    return put("turn_detection", members)


def _threshold(values: Values) -> bool:
    found = _turn(values).get("threshold")
    return number(found) and not 0 <= found <= 1


def _set_threshold(values: Values) -> None:
    _turn(values)["threshold"] = 0.5


def _cold(values: Values) -> bool:
    found = get(values.body, "temperature")
    return number(found) and not 0.6 <= found <= 1.2


def _tokens(values: Values) -> bool:
    found = get(values.body, "max_response_output_tokens")
    return number(found) and not 1 <= found <= 4096


def _transcriber(values: Values) -> bool:
    found = get(values.body, "input_audio_transcription", "model")
    named = isinstance(found, str) and not found.startswith("<model ")
    return named and found not in TRANSCRIBERS


def _set_transcriber(values: Values) -> None:
    values.body["input_audio_transcription"]["model"] = "whisper-1"


_none = ask("limit", 0)
ROWS = (
    Row("FILE-5", ("listFiles",), _limit(10_000), ask("limit", 10_000), ask("limit", 10_001), beyond=_none),
    Row("PAGE-1", PAGED, _limit(100), ask("limit", 100), ask("limit", 101), beyond=_none),
    Row("ADM-6", ("usage-costs",), _limit(180), ask("limit", 180), ask("limit", 181), beyond=_none),
    Row("USE-1", USAGE, _buckets, ask("limit", 31), lambda v: v.query.update(bucket_width="1d", limit=32)),
    Row(
        "ADM-5",
        ("modify-user",),
        lambda v: get(v.body, "role") not in ("owner", "member", None),
        put("role", "owner"),
        put("role", "reader"),
        Keyword.MAY,
    ),
    Row("RT-1", REALTIME, _cold, put("temperature", 0.8), put("temperature", 1.3)),
    Row("RT-2", REALTIME, _tokens, put("max_response_output_tokens", 4096), put("max_response_output_tokens", 4097)),
    Row(
        "RT-3",
        SESSIONS,
        _only("eagerness", "semantic_vad"),
        _forget("eagerness"),
        _turned(type="server_vad", eagerness="low"),
        support=lambda v: _turn(v).update(type="semantic_vad"),
    ),
    Row(
        "RT-4",
        SESSIONS,
        _only("threshold", "server_vad"),
        _forget("threshold"),
        _turned(type="semantic_vad", threshold=0.5),
    ),
    Row("RT-5", SESSIONS, _threshold, _set_threshold, _turned(type="server_vad", threshold=1.1)),
    Row(
        "RT-6",
        SESSIONS,
        _only("prefix_padding_ms", "server_vad"),
        _forget("prefix_padding_ms"),
        _turned(type="semantic_vad", prefix_padding_ms=300),
    ),
    Row(
        "RT-7",
        SESSIONS,
        _only("silence_duration_ms", "server_vad"),
        _forget("silence_duration_ms"),
        _turned(type="semantic_vad", silence_duration_ms=500),
    ),
    Row(
        "RT-8",
        REALTIME,
        _transcriber,
        _set_transcriber,
        put("input_audio_transcription", {"model": "no-such-transcriber"}),
    ),
)  # fmt: skip - a row reads as a row
