"""The rules of Realtime server events (openapi.yaml:26449 RealtimeServerEvent), each with its source and its mend."""

from __future__ import annotations

from contract.grammar_rules import MAY, MUST, SHOULD, rule_rows

RULES = rule_rows(
    "stream/realtime",
    (
        "RT-001",
        MUST,
        (
            "Each frame is one JSON object valid against the RealtimeServerEvent member its `type` selects "
            "(response.created may say status in_progress, OV-06)."
        ),
        "openapi.yaml:26449",
        "Send one JSON object a frame, with the members that the schema of its type asks for.",
    ),
    (
        "RT-002",
        MUST,
        "The first event is session.created, once.",
        'openapi.yaml:27997 ("as the first server event")',
        "Send session.created once, as the first event.",
    ),
    (
        "RT-003",
        MUST,
        "conversation.created is emitted right after session.created.",
        'openapi.yaml:26496 ("Emitted right after session creation")',
        "Send conversation.created right after session.created.",
    ),
    (
        "RT-004",
        MUST,
        "event_id is unique in the session.",
        'openapi.yaml:26504 ("The unique ID of the server event") and all other events',
        "Give every event an id of its own.",
    ),
    (
        "RT-005",
        MUST,
        "response.created opens each response; no event names a response_id not opened or already done.",
        'openapi.yaml:27578 ("The first event of response creation")',
        "Open each response with response.created, and send nothing of it after response.done.",
    ),
    (
        "RT-006",
        MUST,
        'Each opened response gets exactly one response.done ("Always emitted, no matter the final state").',
        "openapi.yaml:27617",
        "Send response.done once for each response, whatever became of it.",
    ),
    (
        "RT-007",
        MUST,
        (
            "output_item.added before the item's other events; content_part.added before the part's; ids and "
            "indices agree."
        ),
        "openapi.yaml:27796, 27434",
        "Announce items and parts before their events, and keep ids and indices.",
    ),
    (
        "RT-008",
        MUST,
        "Every opened item/part is closed by its done events, also when interrupted, incomplete or cancelled.",
        'openapi.yaml:27844, 27509 ("Also emitted when a Response is interrupted, incomplete, or cancelled")',
        "Close every open part and item before response.done, also when cancelled.",
    ),
    (
        "RT-009",
        MUST,
        "text.done/audio_transcript.done/function_call_arguments.done equal the concatenated deltas.",
        "openapi.yaml:27944, 27382, 27742",
        "Send as final value exactly what the deltas add up to.",
    ),
    (
        "RT-010",
        MUST,
        "response.done.response.output holds all output items, in order, without raw audio.",
        'openapi.yaml:27620 ("will include all output Items … but will omit the raw audio data")',
        "List all output items in response.done, in order, without audio data.",
    ),
    (
        "RT-011",
        MUST,
        ("response.done status is completed/cancelled/failed/incomplete and status_details.type, if given, agrees."),
        "openapi.yaml:26078",
        "Set status of the done response, and the same type in status_details.",
    ),
    (
        "RT-012",
        MUST,
        "input_audio_buffer.committed is followed by conversation.item.created with its item_id.",
        'openapi.yaml:27000 ("will also be sent")',
        "Send conversation.item.created for each committed buffer.",
    ),
    (
        "RT-013",
        MUST,
        "speech_stopped carries the item_id of the open speech_started; no stop without start.",
        "openapi.yaml:27046",
        "Send the item_id of speech_started with its speech_stopped.",
    ),
    (
        "RT-014",
        SHOULD,
        "rate_limits.updated comes at the beginning of a response.",
        "openapi.yaml:27163",
        "Send rate_limits.updated right after response.created.",
    ),
    (
        "RT-015",
        MUST,
        "usage.total_tokens = input_tokens + output_tokens.",
        'openapi.yaml:26179 ("including input and output")',
        "Send total_tokens = input_tokens + output_tokens.",
    ),
    (
        "RT-016",
        MUST,
        "input_audio_transcription.completed.transcript equals its deltas, if any.",
        "openapi.yaml:26627, 26698",
        "Send as transcript exactly what the deltas add up to.",
    ),
    (
        "RT-017",
        MAY,
        "An `error` event does not end the session.",
        'openapi.yaml:26907 ("the session will stay open")',
    ),
    (
        "RT-018",
        SHOULD,
        'previous_item_id names an item created before (or is "" / null for the first).',
        "openapi.yaml:26537",
        "Name an item that was created before as previous_item_id.",
    ),
)
