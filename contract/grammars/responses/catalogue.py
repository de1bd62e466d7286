"""The rules of response streams (openapi.yaml:30988 ResponseStreamEvent), each with its source and its mend."""

from __future__ import annotations

from contract.grammar_rules import MAY, MUST, SHOULD, rule_rows

RULES = rule_rows(
    "stream/responses",
    (
        "RESP-001",
        MUST,
        (
            "Each data object validates against the schema its `type` selects in ResponseStreamEvent (closed list "
            "of 32 types)."
        ),
        "openapi.yaml:30988",
        "Send the members that the schema of the event's type asks for, of the types it asks for.",
    ),
    (
        "RESP-002",
        SHOULD,
        "Each event has an `event` field.",
        "openapi.yaml:9403 example; openai-python 1.68.2 accepts none or `response.*`",
        "Send `event: TYPE` before the data of each event.",
        "neither the schema nor the text asks for the event field, and clients read `type`",
    ),
    (
        "RESP-003",
        MUST,
        "An `event` field equals data.type.",
        "openapi.yaml:9403 example; else the two discriminators contradict",
        "Send the same name in the event field and in `type`.",
    ),
    (
        "RESP-004",
        MUST,
        "The first event is response.created; it occurs once.",
        'openapi.yaml:30023; SDK RuntimeError "Expected to have received `response.created` before"',
        "Send response.created once, before anything else.",
    ),
    (
        "RESP-005",
        SHOULD,
        "response.in_progress follows response.created, once.",
        "openapi.yaml:9403 example",
        "Send response.in_progress once, right after response.created.",
    ),
    (
        "RESP-006",
        MUST,
        "Exactly one of response.completed/failed/incomplete (or `error`) ends the stream; nothing follows.",
        (
            'openapi.yaml:29853 ("Emitted when the model response is complete."), 30159 ("An event that is emitted '
            'when a response fails."), 30545 ("An event that is emitted when a response finishes as incomplete."), '
            "30119"
        ),
        "End the stream with one of response.completed, response.failed, response.incomplete or error.",
    ),
    (
        "RESP-007",
        MUST,
        (
            "response.status, if present, agrees with the event (created/in_progress -> in_progress; completed; "
            "failed; incomplete)."
        ),
        "openapi.yaml:29432 ff.",
        "Set response.status to what the event tells.",
    ),
    (
        "RESP-008",
        MUST,
        "response.id and created_at are constant over all response objects.",
        "openapi.yaml:29421 ff.",
        "Send the same id and created_at in every response object.",
    ),
    (
        "RESP-009",
        SHOULD,
        (
            "No [DONE] sentinel (not in the schema, the text or the example). Contested: many servers send it, SDKs "
            "stop on it."
        ),
        "openapi.yaml:8818, 9403; SDK",
        "End the stream with its end event; leave [DONE] out.",
        "neither the schema nor the text forbids it, and many servers send it",
    ),
    (
        "RESP-010",
        SHOULD,
        "response.output is [] in created/in_progress.",
        "openapi.yaml:9403 example; SDK appends to it",
        "Send output [] until items were announced.",
    ),
    (
        "RESP-011",
        MUST,
        "response.error is non-null iff failed.",
        'openapi.yaml:30081 ("when the model fails to generate a Response")',
        "Set response.error when, and only when, the response failed.",
    ),
    (
        "RESP-012",
        MUST,
        "incomplete_details with a reason iff incomplete.",
        'openapi.yaml:29447 ("why the response is incomplete")',
        "Set incomplete_details.reason when, and only when, the response is incomplete.",
    ),
    (
        "RESP-013",
        SHOULD,
        "A completed response has usage; before the end usage is absent (or null, contested CT-01).",
        "openapi.yaml:9403 example",
        "Send usage with the completed response, and not before.",
    ),
    (
        "RESP-014",
        MUST,
        "usage.total_tokens = input_tokens + output_tokens.",
        'openapi.yaml:31200 ("The total number of tokens used")',
        "Send total_tokens = input_tokens + output_tokens.",
    ),
    (
        "RESP-015",
        MUST,
        "usage.output_tokens <= request.max_output_tokens.",
        'openapi.yaml:30811 ("An upper bound")',
        "Stop at max_output_tokens, and count what was sent.",
    ),
    (
        "RESP-016",
        SHOULD,
        "response.model is constant.",
        "example",
        "Send the same model in every response object.",
    ),
    (
        "RESP-020",
        MUST,
        (
            "An output item is announced by response.output_item.added before any event that names its "
            "output_index/item_id."
        ),
        "openapi.yaml:30699; SDK snapshot.output[event.output_index] IndexError",
        "Send response.output_item.added before every other event of the item.",
    ),
    (
        "RESP-021",
        MUST,
        "output_index of added items is 0,1,2,… in order.",
        'openapi.yaml:30713 ("The index of the output item that was added"); Response.output order',
        "Number output items 0, 1, 2, ... in the order in which they are added.",
    ),
    (
        "RESP-022",
        MUST,
        "Each added item gets exactly one response.output_item.done before response.completed.",
        "openapi.yaml:30738; final output",
        "Send response.output_item.done once for each item, before response.completed.",
    ),
    (
        "RESP-023",
        MUST,
        "id and type of an item are the same in added, done and the final output.",
        'OutputItem.id "unique ID"',
        "Keep the id and the type of an item from added to the final output.",
    ),
    (
        "RESP-024",
        MUST,
        "item_id of a sub-event is the id of the item at its output_index.",
        'openapi.yaml:29939 ("The ID of the output item") and all other events',
        "Send the item's own id as item_id.",
    ),
    (
        "RESP-025",
        SHOULD,
        "item.status is in_progress in added; final (completed/incomplete/failed) in done.",
        "openapi.yaml:9403 example",
        "Send status in_progress when the item is added and its final status when it is done.",
    ),
    (
        "RESP-026",
        MUST,
        "No event for an item after its output_item.done.",
        'openapi.yaml:30738 ("marked done")',
        "Send nothing of an item after its response.output_item.done.",
    ),
    (
        "RESP-027",
        MUST,
        "The final response.output equals the done items in output_index order.",
        'openapi.yaml:29865 ("Properties of the completed response")',
        "Send as final output exactly the items that were done, in their order.",
    ),
    (
        "RESP-030",
        MUST,
        "response.content_part.added precedes any text/refusal/annotation event of that part.",
        "openapi.yaml:29925; SDK output.content[event.content_index]",
        "Send response.content_part.added before the deltas of the part.",
    ),
    (
        "RESP-031",
        MUST,
        "content_index of added parts is 0,1,2,… per item.",
        "openapi.yaml:29925",
        "Number content parts 0, 1, 2, ... within each item.",
    ),
    (
        "RESP-032",
        MUST,
        "Each added part gets exactly one response.content_part.done, before the item is done.",
        "openapi.yaml:29974",
        "Send response.content_part.done once for each part, before the item is done.",
    ),
    (
        "RESP-033",
        MUST,
        ("An output_text part gets exactly one response.output_text.done, after its deltas, before content_part.done."),
        'openapi.yaml:31122 ("finalized")',
        "Send response.output_text.done once, after the deltas and before response.content_part.done.",
    ),
    (
        "RESP-034",
        MUST,
        "output_text.done.text equals the concatenated deltas.",
        "openapi.yaml:31122",
        "Send as text of response.output_text.done exactly what the deltas add up to.",
    ),
    (
        "RESP-035",
        MUST,
        (
            "content_part.done.part equals the accumulated part (text/refusal of *.done, annotations of "
            "annotation.added)."
        ),
        "openapi.yaml:29974",
        "Send as done part the text, refusal and annotations that were streamed.",
    ),
    (
        "RESP-036",
        MUST,
        "output_item.done.item.content equals the done parts.",
        "openapi.yaml:30738",
        "Send as content of the done item exactly its done parts.",
    ),
    (
        "RESP-037",
        MUST,
        (
            "Text events only on output_text parts, refusal events only on refusal parts, content parts only on "
            "message items; a part keeps its type."
        ),
        "openapi.yaml:30900, 31078",
        "Send text events on output_text parts, refusal events on refusal parts, parts on messages only.",
    ),
    (
        "RESP-038",
        MUST,
        "A refusal part gets exactly one response.refusal.done, equal to the concatenated refusal deltas.",
        "openapi.yaml:30944",
        "Send response.refusal.done once, with what the deltas add up to.",
    ),
    (
        "RESP-039",
        MUST,
        "No delta/annotation for a part after its *.done (text/refusal) or content_part.done.",
        "openapi.yaml:31122",
        "Send nothing of a part after its end.",
    ),
    (
        "RESP-040",
        SHOULD,
        'content_part.added.part is empty (text ""/refusal "", annotations []).',
        "openapi.yaml:9403 example; SDK does text += delta",
        "Add parts empty, and send their content as deltas.",
    ),
    (
        "RESP-041",
        MUST,
        "annotation_index is 0,1,2,… per part.",
        "openapi.yaml:31024",
        "Number annotations 0, 1, 2, ... within each part.",
    ),
    (
        "RESP-042",
        SHOULD,
        "url_citation offsets lie within the text (0 <= start <= end <= len).",
        "UrlCitation",
        "Count start_index and end_index in characters of the part's text.",
    ),
    (
        "RESP-050",
        MUST,
        "function_call_arguments events only on function_call items.",
        "openapi.yaml:30414",
        "Send function call events on function_call items only.",
    ),
    (
        "RESP-051",
        MUST,
        "arguments.done.arguments equals the concatenated deltas (if there were deltas).",
        'openapi.yaml:30455 ("finalized")',
        "Send as final arguments exactly what the deltas add up to.",
    ),
    (
        "RESP-052",
        MUST,
        "output_item.done.item.arguments equals arguments.done.arguments.",
        "openapi.yaml:22291",
        "Send the same arguments in arguments.done and in the done item.",
    ),
    (
        "RESP-053",
        MUST,
        "A function_call item gets exactly one arguments.done, after its deltas, before the item is done.",
        "openapi.yaml:30455",
        "Send response.function_call_arguments.done once, after the deltas and before the item is done.",
    ),
    (
        "RESP-054",
        SHOULD,
        'The added function_call item has arguments "" (SDK does arguments += delta).',
        "SDK",
        'Add function calls with arguments "", and send the arguments as deltas.',
    ),
    (
        "RESP-055",
        MUST,
        "call_id and name are the same in added and done.",
        "FunctionToolCall",
        "Keep call_id and name of a function call.",
    ),
    (
        "RESP-056",
        MUST,
        "No function_call item without function tools in the request or with tool_choice none.",
        'openapi.yaml:32930 ("`none` means the model will not call any tool")',
        "Call functions only where the request offers them.",
    ),
    (
        "RESP-057",
        SHOULD,
        "parallel_tool_calls=false: at most one function_call item.",
        "openapi.yaml:CreateResponse",
        "Call one function only where parallel_tool_calls is false.",
    ),
    (
        "RESP-060",
        MUST,
        (
            "file_search_call events come in the order in_progress, searching, completed, each at most once, on a "
            "file_search_call item."
        ),
        'openapi.yaml:30216-30300 ("initiated", "currently searching", "completed")',
        "Send in_progress, searching, completed once each, on the file_search_call item.",
    ),
    (
        "RESP-061",
        MUST,
        "web_search_call events likewise, on a web_search_call item.",
        "openapi.yaml:31207-31290",
        "Send in_progress, searching, completed once each, on the web_search_call item.",
    ),
    (
        "RESP-062",
        SHOULD,
        "A completed file/web search item had its in_progress and completed events.",
        "descriptions",
        "Send in_progress and completed for each search that ended well.",
    ),
    (
        "RESP-063",
        MUST,
        "Code interpreter: in_progress, code.delta*, code.done (= concatenation), interpreting, completed.",
        "openapi.yaml:29675-29850",
        "Send in_progress, code deltas, code.done, interpreting, completed in this order.",
    ),
    (
        "RESP-064",
        MUST,
        "response_id of audio/code-interpreter events equals the response's id.",
        "required response_id (openapi.yaml:29603 …)",
        "Send the response's id as response_id.",
    ),
    (
        "RESP-065",
        MUST,
        "Audio: deltas are base64; audio.done (and audio.transcript.done) once, after the deltas.",
        'openapi.yaml:29590 ("Base64 encoded"), 29603',
        "Send audio as base64, and its done event once, after the deltas.",
    ),
    (
        "RESP-066",
        MAY,
        "Code-interpreter events come without output_item.added (OutputItem has no such member).",
        "openapi.yaml:24516",
    ),
    (
        "RESP-070",
        MUST,
        "`error` validates ResponseErrorEvent and ends the stream.",
        "openapi.yaml:30119",
        "Send type, code, message and param at the top of the error event, and nothing after it.",
    ),
    (
        "RESP-071",
        MUST,
        (
            "text.format json_schema/json_object and status completed without refusal: each output_text is valid "
            "JSON (and matches)."
        ),
        'openapi.yaml:32735 ("ensures")',
        "Keep the text to the format that the request asks for.",
    ),
    (
        "RESP-072",
        MAY,
        "Events of different items may interleave.",
        "no rule forbids",
    ),
    (
        "RESP-073",
        MAY,
        "arguments.done may come without deltas.",
        "openai models do it: litellm PR#27792",
    ),
    (
        "RESP-074",
        MAY,
        "Extra members (sequence_number, logprobs, obfuscation) are allowed.",
        "no additionalProperties:false",
    ),
    (
        "RESP-075",
        SHOULD,
        "sequence_number, if sent, rises by 1 from its first value. (Later spec versions; not in 2.3.0.)",
        "later openai-openapi; litellm PR#28899",
        "Raise sequence_number by one with each event, or leave it out.",
    ),
)
