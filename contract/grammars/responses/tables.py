"""The alphabet of response streams and the lives of a response, a content part, arguments and tool calls, as tables.

Sources: ResponseStreamEvent (openapi.yaml:30988) and its members, the example stream of createResponse
(openapi.yaml:9403).
"""

from __future__ import annotations

from contract.grammar import Break, Table

_TYPES = {
    "error": "ResponseErrorEvent",
    "response.audio.delta": "ResponseAudioDeltaEvent",
    "response.audio.done": "ResponseAudioDoneEvent",
    "response.audio.transcript.delta": "ResponseAudioTranscriptDeltaEvent",
    "response.audio.transcript.done": "ResponseAudioTranscriptDoneEvent",
    "response.code_interpreter_call.code.delta": "ResponseCodeInterpreterCallCodeDeltaEvent",
    "response.code_interpreter_call.code.done": "ResponseCodeInterpreterCallCodeDoneEvent",
    "response.code_interpreter_call.completed": "ResponseCodeInterpreterCallCompletedEvent",
    "response.code_interpreter_call.in_progress": "ResponseCodeInterpreterCallInProgressEvent",
    "response.code_interpreter_call.interpreting": "ResponseCodeInterpreterCallInterpretingEvent",
    "response.completed": "ResponseCompletedEvent",
    "response.content_part.added": "ResponseContentPartAddedEvent",
    "response.content_part.done": "ResponseContentPartDoneEvent",
    "response.created": "ResponseCreatedEvent",
    "response.failed": "ResponseFailedEvent",
    "response.file_search_call.completed": "ResponseFileSearchCallCompletedEvent",
    "response.file_search_call.in_progress": "ResponseFileSearchCallInProgressEvent",
    "response.file_search_call.searching": "ResponseFileSearchCallSearchingEvent",
    "response.function_call_arguments.delta": "ResponseFunctionCallArgumentsDeltaEvent",
    "response.function_call_arguments.done": "ResponseFunctionCallArgumentsDoneEvent",
    "response.in_progress": "ResponseInProgressEvent",
    "response.incomplete": "ResponseIncompleteEvent",
    "response.output_item.added": "ResponseOutputItemAddedEvent",
    "response.output_item.done": "ResponseOutputItemDoneEvent",
    "response.output_text.annotation.added": "ResponseTextAnnotationDeltaEvent",
    "response.output_text.delta": "ResponseTextDeltaEvent",
    "response.output_text.done": "ResponseTextDoneEvent",
    "response.refusal.delta": "ResponseRefusalDeltaEvent",
    "response.refusal.done": "ResponseRefusalDoneEvent",
    "response.web_search_call.completed": "ResponseWebSearchCallCompletedEvent",
    "response.web_search_call.in_progress": "ResponseWebSearchCallInProgressEvent",
    "response.web_search_call.searching": "ResponseWebSearchCallSearchingEvent",
}
ALPHABET = {name: f"/components/schemas/{schema}" for name, schema in _TYPES.items()}
ENDS = frozenset({"response.completed", "response.failed", "response.incomplete"})
#: Event -> symbol of the response's own machine; every other event is "other".
SYMBOLS = {
    "response.created": "created",
    "response.in_progress": "in_progress",
    "error": "error",
    **dict.fromkeys(ENDS, "end"),
}

_GOING = {"other": "working", "end": "ended", "error": "ended"}
RESPONSE = Table(
    "the response",
    "new",
    {
        "new": {"created": "created", "error": "ended"},
        "early": {"created": "created", "in_progress": "working", **_GOING, "other": "early"},
        "created": {"in_progress": "working", "error": "ended"},
        "working": _GOING,
        "ended": {},
    },
    {
        ("new", "end"): Break("RESP-004", "ended"),
        ("new", "*"): Break("RESP-004", "early"),
        ("created", "end"): Break("RESP-005", "ended"),
        ("created", "other"): Break("RESP-005", "working"),
        ("working", "in_progress"): Break("RESP-005"),
        ("ended", "created"): Break("RESP-006"),
        ("*", "created"): Break("RESP-004"),
        ("ended", "*"): Break("RESP-006"),
    },
    dict.fromkeys(("new", "early", "created", "working"), "RESP-006"),
)


def _part(name: str, done: str) -> Table:  # pragma: no mutate block
    """A content part whose text is told whole once, by the event that rule `done` asks for."""
    return Table(
        name,
        "open",
        {
            "open": {"delta": "open", "annotation": "open", "done": "said"},
            "said": {"part.done": "closed"},
            "closed": {},
        },
        {
            ("open", "part.done"): Break(done, "closed"),
            ("*", "done"): Break(done),
            ("*", "part.done"): Break("RESP-032"),
            ("*", "*"): Break("RESP-039"),
        },
        {"open": "RESP-032", "said": "RESP-032"},
    )


PARTS = {"output_text": _part("the text part", "RESP-033"), "refusal": _part("the refusal part", "RESP-038")}

ARGUMENTS = Table(
    "the arguments",
    "open",
    {"open": {"delta": "open", "done": "said"}, "said": {}},
    {("said", "*"): Break("RESP-053")},
    {"open": "RESP-053"},
)


def _search(name: str, rule: str) -> Table:  # pragma: no mutate block
    return Table(
        name,
        "new",
        {
            "new": {"in_progress": "in_progress", "searching": "searching", "completed": "completed"},
            "in_progress": {"searching": "searching", "completed": "completed"},
            "searching": {"completed": "completed"},
            "completed": {},
        },
        {("*", "*"): Break(rule)},
    )


#: Item type -> the rule of the events of its search.
SEARCHES = {"file_search_call": "RESP-060", "web_search_call": "RESP-061"}
#: Item type -> the life of its item, where it has one beside those of its parts.
LIVES = {
    "function_call": ARGUMENTS,
    "file_search_call": _search("the file search", "RESP-060"),
    "web_search_call": _search("the web search", "RESP-061"),
}

CODE = Table(
    "the code interpreter call",
    "new",
    {
        "new": {"in_progress": "started"},
        "started": {
            "code.delta": "coding",
            "code.done": "coded",
            "interpreting": "interpreting",
            "completed": "completed",
        },
        "coding": {"code.delta": "coding", "code.done": "coded"},
        "coded": {"interpreting": "interpreting", "completed": "completed"},
        "interpreting": {"completed": "completed"},
        "completed": {},
    },
    {
        ("new", "code.delta"): Break("RESP-063", "coding"),
        ("new", "code.done"): Break("RESP-063", "coded"),
        ("*", "completed"): Break("RESP-063", "completed"),
        ("*", "*"): Break("RESP-063"),
    },
)

AUDIO = Table(
    "the audio",
    "open",
    {"open": {"delta": "open", "done": "said"}, "said": {}},
    {("said", "*"): Break("RESP-065")},
    {"open": "RESP-065"},
)
