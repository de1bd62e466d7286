"""The rules of chat completion streams."""

from __future__ import annotations

from contract.grammar_rules import MAY, MUST, SHOULD, rule_rows

RULES = rule_rows(
    "stream/chat",
    (
        "CHAT-001",
        MUST,
        (
            "Each data object validates against CreateChatCompletionStreamResponse (null where the prose or "
            "`nullable` says so)."
        ),
        "openapi.yaml:18210",
        (
            "Build every chunk from one serialiser of the chunk schema: id, object, created, model, choices with "
            "index, delta and finish_reason."
        ),
    ),
    (
        "CHAT-002",
        MUST,
        "The stream ends with `data: [DONE]`.",
        'openapi.yaml:16559 ("before the `data: [DONE]` message"), 18553',
        "Write `data: [DONE]` and an empty line as the last thing of the stream.",
    ),
    (
        "CHAT-003",
        SHOULD,
        "Data-only events: no `event` field.",
        'openapi.yaml:18550 ("as data-only"); the official SDK of the day wrapped named events',
        "Send `data:` lines only, without an `event:` line.",
    ),
    (
        "CHAT-004",
        MUST,
        "`id` is the same in all chunks.",
        'openapi.yaml:18221 ("Each chunk has the same ID")',
        "Draw the id once when the request comes and put it in every chunk.",
    ),
    (
        "CHAT-005",
        MUST,
        "`created` is the same in all chunks.",
        'openapi.yaml:18287 ("Each chunk has the same timestamp")',
        "Take the time once when the request comes and put it in every chunk.",
    ),
    (
        "CHAT-006",
        MUST,
        "`object` is `chat.completion.chunk` in all chunks.",
        "openapi.yaml:18308",
        "Set `object` to `chat.completion.chunk` in every chunk, filter results included.",
    ),
    (
        "CHAT-007",
        SHOULD,
        "`model` is the same in all chunks.",
        "openapi.yaml:2311 example",
        "Resolve the model's name once and put it in every chunk.",
    ),
    (
        "CHAT-008",
        SHOULD,
        "`system_fingerprint` and `service_tier`, where present, do not change between chunks.",
        "openapi.yaml:2311 example; SDK keeps the last one only",
        "Fix fingerprint and service tier before the first chunk.",
    ),
    (
        "CHAT-009",
        MUST,
        "Every choice index 0..n-1 (n = request.n, default 1) occurs in the stream.",
        'openapi.yaml:17954 ("How many chat completion choices"), 18225',
        "Stream all n choices; after a failure send an error object instead of a bare [DONE].",
    ),
    (
        "CHAT-010",
        MUST,
        "Every choice index lies in 0..n-1.",
        'openapi.yaml:18280 ("index of the choice in the list of choices"), 17954',
        "Use `index` for the choice (0 to n-1), not for the chunk.",
    ),
    (
        "CHAT-011",
        SHOULD,
        "One chunk has at most one entry per choice index.",
        "openapi.yaml:18225 reading; SDK merges by index",
        "Merge the pieces of one choice into one entry of the chunk.",
    ),
    (
        "CHAT-012",
        SHOULD,
        "The first delta of each choice carries `role`.",
        "openapi.yaml:2311 example; SDK builds the message snapshot from it",
        'Open each choice with `delta: {"role": "assistant", ...}`.',
    ),
    (
        "CHAT-013",
        SHOULD,
        "`role` appears only in the first delta of a choice.",
        "openapi.yaml:2311 example; the official SDK concatenates strings of deltas",
        "Leave `role` out after the first delta: clients concatenate strings.",
    ),
    (
        "CHAT-014",
        SHOULD,
        (
            "`role`, where present, is `assistant` (the accumulated message is a ChatCompletionResponseMessage, "
            "role const assistant)."
        ),
        "openapi.yaml:16475 (ChatCompletionResponseMessage.role)",
        "Use the role `assistant` for what the model says.",
    ),
    (
        "CHAT-015",
        MUST,
        "Every choice that occurs gets a non-null finish_reason (unless an in-stream error ends the stream).",
        "openapi.yaml:18261; non-stream counterpart is required+non-null",
        "Close each choice with an entry that states its finish_reason.",
    ),
    (
        "CHAT-016",
        MUST,
        "A choice gets at most one non-null finish_reason.",
        'openapi.yaml:18261 ("The reason the model stopped")',
        "Send finish_reason once, on the last entry of the choice; null before.",
    ),
    (
        "CHAT-017",
        MUST,
        "No content/refusal/tool/function/role fragment for a choice after its finish_reason.",
        'openapi.yaml:18261 ("stopped generating tokens")',
        "Flush everything that the choice still holds before its finish_reason.",
    ),
    (
        "CHAT-018",
        SHOULD,
        "No further entry at all for a choice after its finish_reason.",
        "openapi.yaml:2311 example",
        "Send nothing for a choice after its finish_reason.",
    ),
    (
        "CHAT-019",
        MUST,
        "finish_reason `tool_calls` only for a choice that streamed at least one tool call.",
        'openapi.yaml:18271 ("`tool_calls` if the model called a tool")',
        "Derive finish_reason from what was streamed: `tool_calls` needs a tool call.",
    ),
    (
        "CHAT-020",
        MUST,
        (
            "A choice that streamed tool calls and stopped naturally has finish_reason `tool_calls`; a forced "
            "call may say `stop`."
        ),
        "openapi.yaml:18271",
        "Set finish_reason to `tool_calls` when the model called tools and stopped by itself.",
    ),
    (
        "CHAT-021",
        MUST,
        "finish_reason `function_call` iff the choice streamed delta.function_call.",
        "openapi.yaml:18272",
        "Use `function_call` as finish_reason exactly where delta.function_call was streamed.",
    ),
    (
        "CHAT-022",
        MUST,
        "Every tool_calls entry of a delta has an integer `index`.",
        "openapi.yaml:15921 (required: index)",
        "Number the tool calls of a choice and put the number in every fragment as `index`.",
    ),
    (
        "CHAT-023",
        SHOULD,
        "Tool-call indices of a choice are contiguous from 0; a new index is the next one.",
        "openapi.yaml:15921; the official SDK takes the list position as the index",
        "Count tool calls 0, 1, 2, ... in the order in which they open.",
    ),
    (
        "CHAT-024",
        MUST,
        'The first fragment of a tool call has `id`, `type` "function" and `function.name`.',
        "openapi.yaml:15887 (ChatCompletionMessageToolCall, required)",
        "Put id, type and function.name in the fragment that opens a tool call.",
    ),
    (
        "CHAT-025",
        SHOULD,
        "`id`, `type` and `function.name` are not repeated in later fragments of a tool call.",
        "openapi.yaml:15921; the official SDK concatenates strings of deltas",
        "Send id, type and name in the opening fragment only: clients concatenate strings.",
    ),
    (
        "CHAT-026",
        MUST,
        "One tool-call index keeps one id, and different tool calls of a choice have different ids.",
        'openapi.yaml:15921 ("The ID of the tool call")',
        "Give every tool call its own id and its own index.",
    ),
    (
        "CHAT-027",
        SHOULD,
        (
            "If the called function was declared `strict: true` and finish_reason is `tool_calls`, the "
            "concatenated arguments are valid JSON and match its parameters schema. (Without strict the spec "
            "warns that they may be invalid JSON.)"
        ),
        "openapi.yaml:22224 (FunctionObject.strict), 16598",
        "Stream the arguments without loss or repetition; check the parser's final flush.",
    ),
    (
        "CHAT-028",
        MUST,
        "No tool call if the request offers no tools or sets tool_choice `none`.",
        (
            'openapi.yaml:16683 ("`none` means the model will not call any tool"; "`none` is the default when no '
            'tools are present")'
        ),
        "Do not parse tool calls out of the text where the request offers none.",
    ),
    (
        "CHAT-029",
        SHOULD,
        "parallel_tool_calls=false: at most one tool call per choice.",
        "openapi.yaml:24604 + function-calling guide",
        "Stop after the first tool call where parallel_tool_calls is false.",
    ),
    (
        "CHAT-030",
        MUST,
        (
            "include_usage=true: the last chunk before [DONE] has `choices: []` and the usage object; there is "
            "exactly one such chunk."
        ),
        "openapi.yaml:16557-16567",
        "With include_usage send one chunk with `choices: []` and the usage just before [DONE].",
    ),
    (
        "CHAT-031",
        MUST,
        "include_usage=true: all other chunks carry `usage: null` (key present, null).",
        ('openapi.yaml:16571 ("All other chunks will also include a `usage` field, but with a null value"), 18320'),
        "With include_usage send `usage: null` on every chunk but the last.",
    ),
    (
        "CHAT-032",
        MUST,
        "Without include_usage no chunk carries a non-null `usage`.",
        'openapi.yaml:18318 ("only be present when you set")',
        "Send usage only where stream_options.include_usage is true.",
    ),
    (
        "CHAT-033",
        SHOULD,
        "Without include_usage the `usage` key is absent, not even null.",
        "openapi.yaml:18318",
        "Leave the `usage` key out unless include_usage is true.",
        "`usage` is nullable and `present` may be read as `present and not null`; many servers send null",
    ),
    (
        "CHAT-034",
        MUST,
        "`choices` is empty only in the usage chunk of include_usage.",
        'openapi.yaml:18226 ("Can also be empty for the last chunk if you set …")',
        "Send no chunk without choices but the usage chunk; put filter results on a chunk with a choice.",
    ),
    (
        "CHAT-035",
        MUST,
        "usage.total_tokens = prompt_tokens + completion_tokens.",
        'openapi.yaml:16961 ("(prompt + completion)")',
        "Compute total_tokens as prompt_tokens + completion_tokens.",
    ),
    (
        "CHAT-036",
        SHOULD,
        (
            "Usage breakdowns do not exceed their totals (cached/audio <= prompt; reasoning+audio+… <= "
            "completion); all counts >= 0."
        ),
        'openapi.yaml:16967 ("Breakdown of tokens")',
        "Count the details as parts of their totals.",
    ),
    (
        "CHAT-040",
        MUST,
        "request.logprobs=true: every non-empty content delta comes with logprobs.content entries.",
        'openapi.yaml:17921 ("returns the log probabilities of each output token")',
        "Attach logprobs.content to each delta that has content where the request asks for logprobs.",
    ),
    (
        "CHAT-041",
        SHOULD,
        "Concatenated logprobs bytes of a choice equal the UTF-8 of its content.",
        "ChatCompletionTokenLogprob.bytes description (openapi.yaml:16635)",
        "Send the bytes of exactly the tokens that make up the content.",
    ),
    (
        "CHAT-042",
        SHOULD,
        "Without request.logprobs, logprobs is absent or null.",
        "openapi.yaml:17921",
        "Send `logprobs: null` where the request does not ask for them.",
    ),
    (
        "CHAT-043",
        MUST,
        "len(top_logprobs) <= request.top_logprobs.",
        'openapi.yaml:17761 ff., 16647 ("fewer" only)',
        "Cut top_logprobs to the number asked for.",
    ),
    (
        "CHAT-044",
        SHOULD,
        "logprob <= 0.",
        "openapi.yaml:16629 (log probability; -9999.0 sentinel)",
        "Send natural logarithms of probabilities; they are never above 0.",
    ),
    (
        "CHAT-050",
        SHOULD,
        "A choice streams either content or refusal, not both non-empty.",
        'openapi.yaml:16619 ("The refusal message"); SDK: content parsed only if not refusal',
        "Send a refusal in place of the content, not beside it.",
    ),
    (
        "CHAT-051",
        MUST,
        "usage.completion_tokens <= n * max_completion_tokens (or max_tokens).",
        'openapi.yaml:17700 ("An upper bound")',
        "Count the generated tokens and stop at the bound, with finish_reason `length`.",
    ),
    (
        "CHAT-052",
        MUST,
        "Accumulated content does not contain a request.stop sequence.",
        'openapi.yaml:32684 ("The returned text will not contain the stop sequence")',
        "Hold back text that may begin a stop sequence; cut it off when it does.",
    ),
    (
        "CHAT-053",
        MUST,
        (
            "response_format json_object/json_schema and finish_reason stop without refusal: accumulated content "
            "is valid JSON (and matches the schema)."
        ),
        'openapi.yaml:17784-17795 ("ensures")',
        "Constrain decoding to JSON (and to the schema); finish with `length` where it was cut.",
    ),
    (
        "CHAT-054",
        SHOULD,
        "request.service_tier set: chunks state service_tier.",
        'openapi.yaml:17815 ("the response body will include the `service_tier` utilized")',
        "State the service tier used where the request sets service_tier.",
    ),
    (
        "CHAT-060",
        SHOULD,
        (
            'An in-stream failure is `data: {"error": Error}` (type, message, param, code); nothing but [DONE] '
            "follows it."
        ),
        "openapi.yaml:21231 (ErrorResponse); no stream schema covers it",
        'Send `data: {"error": {"type", "message", "param", "code"}}`, then nothing but [DONE].',
    ),
    (
        "CHAT-070",
        MAY,
        "A finish chunk may carry the last fragment (content + finish_reason together).",
        "openapi.yaml:18210 (schema)",
    ),
    (
        "CHAT-071",
        MAY,
        (
            "Chunks of different choices may interleave, choices may finish at different times, one chunk may "
            "hold several choices."
        ),
        "openapi.yaml:18225",
    ),
    (
        "CHAT-072",
        MAY,
        (
            'Deltas may be `{}` or hold "" or null content; unknown extra properties (delta.audio, obfuscation, '
            "…) are allowed (no additionalProperties:false)."
        ),
        "openapi.yaml:16578",
    ),
    (
        "CHAT-073",
        MAY,
        "Non-strict tool arguments may be invalid JSON.",
        "openapi.yaml:16598",
    ),
    (
        "CHAT-074",
        MAY,
        (
            "The role delta may at the same time open the first tool call; a tool call may come complete in one "
            "fragment."
        ),
        "openapi.yaml:16578 (schema)",
    ),
    (
        "CHAT-075",
        MAY,
        "Stream cut short by an in-stream error lacks finish_reason, usage chunk and [DONE].",
        ('openapi.yaml:16573, 18329 ("If the stream is interrupted … you may not receive the final usage chunk")'),
    ),
)
