"""The rules of run streams (openapi.yaml:14758 AssistantStreamEvent), each with its source and its mend."""

from __future__ import annotations

from contract.grammar_rules import MAY, MUST, SHOULD, rule_rows

RULES = rule_rows(
    "stream/runs",
    (
        "RUN-001",
        MUST,
        (
            "Every event has an `event` field; for a known name its data validates against the schema "
            "AssistantStreamEvent gives for that name."
        ),
        "openapi.yaml:14758, 32253, 32375, 23953, 32876",
        "Send `event: NAME` with every event, and the whole object that the schema asks for.",
    ),
    (
        "RUN-002",
        MUST,
        "The stream ends with `event: done` / `data: [DONE]`.",
        "openapi.yaml:21013, 20084, 20318, 32723",
        "Finish with `event: done` and `data: [DONE]`.",
    ),
    (
        "RUN-003",
        MAY,
        "Unknown event names are tolerated (data any JSON).",
        (
            'openapi.yaml:14795 ("We may add additional events over time, so we recommend handling unknown events '
            'gracefully")'
        ),
    ),
    (
        "RUN-004",
        MUST,
        "createThreadAndRun: the first event is thread.created, exactly one.",
        'openapi.yaml:14779 ("whenever a new object is created"), example 10318',
        "Send thread.created once, before anything else.",
    ),
    (
        "RUN-005",
        MUST,
        ("createRun and createThreadAndRun: exactly one thread.run.created, before any other run/step/message event."),
        'openapi.yaml:14779 ("we emit `thread.run.created` when a new run is created")',
        "Send thread.run.created once, before every other event of the run.",
    ),
    (
        "RUN-006",
        MUST,
        (
            "thread.created never occurs in createRun/submitToolOuputsToRun, thread.run.created never in "
            "submitToolOuputsToRun (nothing is created there)."
        ),
        "openapi.yaml:14779; example 12823",
        "Announce as created only what the request created.",
    ),
    (
        "RUN-007",
        MUST,
        "The status inside a run object equals the event name (created -> queued).",
        "openapi.yaml:32375-32530 descriptions; created: examples",
        "Set run.status to the state that the event tells.",
    ),
    (
        "RUN-008",
        MUST,
        (
            "Run events follow the life cycle: created, queued, in_progress, [cancelling], one end event; none "
            "twice, none after the end event."
        ),
        'openapi.yaml:14779 ("transitions to a new state"), 20084',
        "Send each state of the run once, in the order of its life.",
    ),
    (
        "RUN-009",
        MUST,
        (
            "Before done the run reaches completed, incomplete, failed, cancelled, expired or requires_action "
            "(unless an `error` event ended the stream)."
        ),
        (
            'openapi.yaml:20084 ("terminating when the Run enters a terminal state with a `data: [DONE]` message"); '
            "requires_action: example 10625"
        ),
        "Send the event of the state in which the run ended before done.",
    ),
    (
        "RUN-010",
        SHOULD,
        "thread.run.queued is sent (after created; first run event on submit).",
        "examples",
        "Send thread.run.queued after thread.run.created (first on submit).",
    ),
    (
        "RUN-011",
        MUST,
        (
            "thread.run.in_progress precedes every step/message event of newly created steps and messages, and "
            "thread.run.completed."
        ),
        "openapi.yaml:14779; examples",
        "Send thread.run.in_progress before steps, messages and thread.run.completed.",
    ),
    (
        "RUN-012",
        MUST,
        "run.id, thread_id, assistant_id are constant over all run objects; equal thread.created.id.",
        "identity of the object",
        "Send the same id, thread_id and assistant_id in every run object.",
    ),
    (
        "RUN-013",
        SHOULD,
        "run.created_at is constant (the spec's createThreadAndRun example breaks this).",
        "RunObject.created_at",
        "Set run.created_at once, when the run is made.",
    ),
    (
        "RUN-014",
        MUST,
        "required_action is non-null iff status is requires_action.",
        'openapi.yaml:31372 ("Will be `null` if no action is required")',
        "Set required_action when, and only when, the status is requires_action.",
    ),
    (
        "RUN-015",
        MUST,
        "last_error is non-null iff status is failed.",
        'openapi.yaml:31399 ("Will be `null` if there are no errors")',
        "Set last_error when, and only when, the status is failed.",
    ),
    (
        "RUN-016",
        MUST,
        "incomplete_details is non-null iff status is incomplete.",
        'openapi.yaml:31438 ("Will be `null` if the run is not incomplete")',
        "Set incomplete_details when, and only when, the status is incomplete.",
    ),
    (
        "RUN-017",
        SHOULD,
        "completed_at/failed_at/cancelled_at are non-null exactly in the matching status.",
        "RunObject; examples",
        "Set completed_at, failed_at or cancelled_at with the status that it belongs to, the others to null.",
    ),
    (
        "RUN-018",
        MUST,
        (
            "run.usage is null while created/queued/in_progress/cancelling. (requires_action: either; the example "
            "has usage.)"
        ),
        'openapi.yaml:31306 ("`null` if the run is not in a terminal state")',
        "Leave run.usage null until the run has ended.",
    ),
    (
        "RUN-019",
        MUST,
        "usage.total_tokens = prompt_tokens + completion_tokens (run and step).",
        'openapi.yaml:31320 ("(prompt + completion)"), 31594',
        "Send total_tokens = prompt_tokens + completion_tokens.",
    ),
    (
        "RUN-020",
        SHOULD,
        "A completed run has usage.",
        "examples",
        "Send usage with the completed run.",
    ),
    (
        "RUN-030",
        MUST,
        (
            "A step's first event is thread.run.step.created (exactly one per step), except on submit the "
            "tool_calls step that already existed."
        ),
        "openapi.yaml:14779; SDK run_step_snapshots[...] KeyError",
        "Send thread.run.step.created once, before every other event of the step.",
    ),
    (
        "RUN-031",
        SHOULD,
        "thread.run.step.in_progress follows created, before deltas.",
        "examples",
        "Send thread.run.step.in_progress right after the step was created.",
    ),
    (
        "RUN-032",
        MUST,
        "The status inside a step object equals the event name (created -> in_progress).",
        "openapi.yaml:32253 descriptions",
        "Set step.status to the state that the event tells (in_progress when created).",
    ),
    (
        "RUN-033",
        MUST,
        "No event of a step after its completed/failed/cancelled/expired.",
        "life cycle",
        "Send nothing of a step after its end.",
    ),
    (
        "RUN-034",
        MUST,
        "thread.run.completed only when every step and message of the stream has ended.",
        'openapi.yaml:14779 ("transitions to a new state" is always announced)',
        "End every step and message before thread.run.completed.",
    ),
    (
        "RUN-035",
        SHOULD,
        (
            "On cancelled/failed/expired/incomplete open steps and messages are closed first (step.cancelled…, "
            "message.incomplete)."
        ),
        "openapi.yaml:14779",
        "Close open steps and messages before the event that ends the run.",
    ),
    (
        "RUN-036",
        MUST,
        "step.run_id/thread_id/assistant_id equal the run's.",
        "RunStepObject",
        "Copy run_id, thread_id and assistant_id of the run into its steps.",
    ),
    (
        "RUN-037",
        MUST,
        "step_details.type equals step.type, in deltas too; type is constant.",
        "RunStepObject",
        "Send step_details of the step's own type, in deltas too.",
    ),
    (
        "RUN-038",
        MUST,
        (
            "Tool-call deltas: indices contiguous from 0; the first fragment of an index has `id`; type constant "
            "per index."
        ),
        "openapi.yaml:31605; SDK list accumulation",
        "Number tool calls 0, 1, 2, ...; send the id with the first fragment and keep the type.",
    ),
    (
        "RUN-039",
        MUST,
        (
            "Accumulated tool-call deltas equal the tool calls of the step's completed object (ids, names, "
            "arguments, code input)."
        ),
        'delta = "changed fields" (openapi.yaml:31602)',
        "Stream every part of a tool call that the completed step holds, once.",
    ),
    (
        "RUN-040",
        MUST,
        (
            "required_action.submit_tool_outputs.tool_calls are exactly the streamed function calls (ids, names, "
            "arguments)."
        ),
        'openapi.yaml:31388 ("A list of the relevant tool calls"); example 10622',
        "List in required_action exactly the function calls that were streamed.",
    ),
    (
        "RUN-041",
        MUST,
        "step.usage is null while in_progress.",
        'openapi.yaml:31580 ("`null` while the run step\'s status is `in_progress`")',
        "Leave step.usage null until the step has ended.",
    ),
    (
        "RUN-042",
        MUST,
        "step.last_error is non-null iff failed.",
        'openapi.yaml:32168 ("Will be `null` if there are no errors")',
        "Set step.last_error when, and only when, the step failed.",
    ),
    (
        "RUN-050",
        MUST,
        "A message's events are created, in_progress, delta*, then one of completed/incomplete.",
        'openapi.yaml:14788 ("many `thread.message.delta` events,")',
        "Send created, in_progress, deltas, then completed or incomplete for each message.",
    ),
    (
        "RUN-051",
        MUST,
        "The status inside a message equals the event name (created -> in_progress).",
        "openapi.yaml:23953",
        "Set message.status to the state that the event tells (in_progress when created).",
    ),
    (
        "RUN-052",
        MUST,
        (
            "The content of the completed/incomplete message equals the accumulated deltas (per index: text value, "
            "refusal, image file id)."
        ),
        'openapi.yaml:23733 ("any changed fields on a message during streaming"); SDK replaces the snapshot',
        "Send as final content exactly what the deltas add up to.",
    ),
    (
        "RUN-053",
        MUST,
        "Delta content indices are contiguous from 0, and an index keeps its type.",
        'openapi.yaml:23703 ("The index of the content part"); SDK list insert',
        "Number content parts 0, 1, 2, ... and keep the type of each.",
    ),
    (
        "RUN-054",
        SHOULD,
        "created/in_progress messages have empty content (else deltas double it).",
        "examples; SDK accumulates onto it",
        "Send created and in_progress messages with an empty content.",
    ),
    (
        "RUN-055",
        MUST,
        "incomplete message: incomplete_details non-null; otherwise null.",
        'openapi.yaml:23820 ("On an incomplete message")',
        "Set incomplete_details when, and only when, the message is incomplete.",
    ),
    (
        "RUN-056",
        MUST,
        "message.thread_id/run_id/assistant_id equal the run's and role is assistant.",
        "MessageObject",
        "Copy the ids of the run into its messages and set role to assistant.",
    ),
    (
        "RUN-057",
        MUST,
        "Each message is the message_id of a message_creation step announced before it.",
        'openapi.yaml:31865 ("The ID of the message that was created by this run"); examples order',
        "Announce the message by a message_creation step first.",
    ),
    (
        "RUN-058",
        SHOULD,
        "The message ends before its message_creation step ends.",
        "examples",
        "End the message before the step that creates it.",
    ),
    (
        "RUN-059",
        MUST,
        "A delta names a message/step that has been created and not ended.",
        "SDK: RuntimeError / KeyError",
        "Send deltas only between created and the end, under the same id.",
    ),
    (
        "RUN-070",
        MUST,
        "`event: error` carries an Error object as data.",
        "openapi.yaml:21213",
        "Send an Error object (type, message, param, code) as data of the error event.",
    ),
    (
        "RUN-071",
        SHOULD,
        "After `event: error` only done follows.",
        'openapi.yaml:21228 ("internal server error or a timeout")',
        "Send nothing but done after an error.",
    ),
    (
        "RUN-072",
        MAY,
        "An `error` event may end the stream without a terminal run event.",
        "openapi.yaml:21213",
    ),
)
