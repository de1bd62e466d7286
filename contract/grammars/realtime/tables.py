"""The alphabet of Realtime server events and the lives of a session and of what deltas build, as tables.

Sources: RealtimeServerEvent (openapi.yaml:26449) and the descriptions of its members (openapi.yaml:26496 to 28150).
"""

from __future__ import annotations

from contract.grammar import Break, Table

_TYPES = {
    "conversation.created": "ConversationCreated",
    "conversation.item.created": "ConversationItemCreated",
    "conversation.item.deleted": "ConversationItemDeleted",
    "conversation.item.input_audio_transcription.completed": "ConversationItemInputAudioTranscriptionCompleted",
    "conversation.item.input_audio_transcription.delta": "ConversationItemInputAudioTranscriptionDelta",
    "conversation.item.input_audio_transcription.failed": "ConversationItemInputAudioTranscriptionFailed",
    "conversation.item.retrieved": "ConversationItemRetrieved",
    "conversation.item.truncated": "ConversationItemTruncated",
    "error": "Error",
    "input_audio_buffer.cleared": "InputAudioBufferCleared",
    "input_audio_buffer.committed": "InputAudioBufferCommitted",
    "input_audio_buffer.speech_started": "InputAudioBufferSpeechStarted",
    "input_audio_buffer.speech_stopped": "InputAudioBufferSpeechStopped",
    "rate_limits.updated": "RateLimitsUpdated",
    "response.audio.delta": "ResponseAudioDelta",
    "response.audio.done": "ResponseAudioDone",
    "response.audio_transcript.delta": "ResponseAudioTranscriptDelta",
    "response.audio_transcript.done": "ResponseAudioTranscriptDone",
    "response.content_part.added": "ResponseContentPartAdded",
    "response.content_part.done": "ResponseContentPartDone",
    "response.created": "ResponseCreated",
    "response.done": "ResponseDone",
    "response.function_call_arguments.delta": "ResponseFunctionCallArgumentsDelta",
    "response.function_call_arguments.done": "ResponseFunctionCallArgumentsDone",
    "response.output_item.added": "ResponseOutputItemAdded",
    "response.output_item.done": "ResponseOutputItemDone",
    "response.text.delta": "ResponseTextDelta",
    "response.text.done": "ResponseTextDone",
    "session.created": "SessionCreated",
    "session.updated": "SessionUpdated",
    "transcription_session.updated": "TranscriptionSessionUpdated",
}
ALPHABET = {name: f"/components/schemas/RealtimeServerEvent{schema}" for name, schema in _TYPES.items()}
#: Types with a symbol of their own in `SESSION`; every other type is "other".
SYMBOLS = frozenset({"session.created", "conversation.created", "error"})

SESSION = Table(
    "the session",
    "new",
    {
        "new": {"session.created": "greeted", "error": "refused"},
        "refused": {"session.created": "greeted", "error": "refused"},
        "greeted": {"conversation.created": "open", "error": "greeted"},
        "open": {"other": "open", "error": "open"},
    },
    {
        ("greeted", "session.created"): Break("RT-002"),
        ("greeted", "other"): Break("RT-003", "open"),
        ("open", "conversation.created"): Break("RT-003"),
        ("*", "*"): Break("RT-002", "open"),
    },
    {"new": "RT-002", "greeted": "RT-003"},
)

#: What deltas build: a text, a transcript, the audio of a part, the arguments of a call.
CHANNEL = Table(
    "the deltas",
    "open",
    {"open": {"delta": "begun", "done": "said"}, "begun": {"delta": "begun", "done": "said"}, "said": {}},
    {("said", "delta"): Break("RT-009"), ("said", "done"): Break("RT-008")},
    {"open": "RT-008", "begun": "RT-008"},
)
