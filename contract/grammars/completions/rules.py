"""The rules of completion streams."""

from __future__ import annotations

from contract.grammar_rules import MUST, SHOULD, rule_rows

RULES = rule_rows(
    "stream/completions",
    (
        "CMPL-001",
        MUST,
        (
            "Each data object validates against CreateCompletionResponse; finish_reason is null before a choice's"
            " last entry, usage with include_usage before the last chunk."
        ),
        (
            'openapi.yaml:18609 ("both the streamed and non-streamed response objects share the same shape"), '
            "example 3287"
        ),
        (
            "Build every chunk from one serialiser of the completion schema: id, object, created, model, choices "
            "with text, index, logprobs and finish_reason."
        ),
    ),
    (
        "CMPL-002",
        MUST,
        "The stream ends with `data: [DONE]`.",
        'openapi.yaml:18553 ("with the stream terminated by a `data: [DONE]` message")',
        "Write `data: [DONE]` and an empty line as the last thing of the stream.",
    ),
    (
        "CMPL-003",
        MUST,
        "Data-only events: no `event` field.",
        'openapi.yaml:18550 ("as data-only")',
        "Send `data:` lines only, without an `event:` line.",
    ),
    (
        "CMPL-004",
        MUST,
        '`id` is the same in all chunks ("unique identifier for the completion").',
        "openapi.yaml:18617",
        "Draw the id once when the request comes and put it in every chunk.",
    ),
    (
        "CMPL-005",
        SHOULD,
        "`created` is the same in all chunks.",
        "openapi.yaml:18287 (by analogy with chat)",
        "Take the time once when the request comes and put it in every chunk.",
    ),
    (
        "CMPL-006",
        MUST,
        "`object` is `text_completion`.",
        "openapi.yaml:18692",
        "Set `object` to `text_completion` in every chunk.",
    ),
    (
        "CMPL-007",
        SHOULD,
        "`model` is the same in all chunks.",
        "openapi.yaml:3287 (example)",
        "Resolve the model's name once and put it in every chunk.",
    ),
    (
        "CMPL-008",
        MUST,
        "Choice indices are exactly 0..P*n-1 (P prompts, n per prompt): each occurs, none outside.",
        'openapi.yaml:18513 ("How many completions to generate for each prompt")',
        "Stream n choices for each prompt, numbered through from 0.",
    ),
    (
        "CMPL-009",
        MUST,
        "Every choice gets a non-null finish_reason (unless an in-stream error ends the stream).",
        "openapi.yaml:18636",
        "Close each choice with an entry that states its finish_reason.",
    ),
    (
        "CMPL-010",
        MUST,
        "At most one non-null finish_reason per choice.",
        "openapi.yaml:18636",
        "Send finish_reason once, on the last entry of the choice; null before.",
    ),
    (
        "CMPL-011",
        MUST,
        "No text for a choice after its finish_reason.",
        "openapi.yaml:18636",
        "Flush the text of a choice before its finish_reason.",
    ),
    (
        "CMPL-012",
        MUST,
        "include_usage=true: last chunk before [DONE] has `choices: []` and usage; exactly one such.",
        "openapi.yaml:16557, 18559 ($ref ChatCompletionStreamOptions)",
        "With include_usage send one chunk with `choices: []` and the usage just before [DONE].",
    ),
    (
        "CMPL-013",
        MUST,
        "include_usage=true: all other chunks carry `usage: null`.",
        "openapi.yaml:16571",
        "With include_usage send `usage: null` on every chunk but the last.",
    ),
    (
        "CMPL-014",
        SHOULD,
        "Without include_usage no chunk carries usage.",
        'openapi.yaml:16557 ("If set")',
        "Send usage only where stream_options.include_usage is true.",
    ),
    (
        "CMPL-015",
        SHOULD,
        "`choices` is empty only in the usage chunk.",
        "openapi.yaml:16565",
        "Send no chunk without choices but the usage chunk.",
    ),
    (
        "CMPL-016",
        MUST,
        "usage.total_tokens = prompt_tokens + completion_tokens.",
        "openapi.yaml:16961",
        "Compute total_tokens as prompt_tokens + completion_tokens.",
    ),
    (
        "CMPL-017",
        MUST,
        ("logprobs arrays (tokens, token_logprobs, top_logprobs, text_offset), where present, have equal length."),
        "openapi.yaml:18646 (logprobs)",
        "Append to all four logprobs arrays for every token.",
    ),
    (
        "CMPL-018",
        MUST,
        "Each top_logprobs entry has at most request.logprobs+1 keys.",
        'openapi.yaml:18486 ("up to `logprobs+1` elements")',
        "Cut top_logprobs to the number asked for, the sampled token added.",
    ),
    (
        "CMPL-019",
        SHOULD,
        "Without request.logprobs, logprobs is null; with it, every non-empty text has logprobs.",
        "openapi.yaml:18481",
        "Send logprobs exactly where the request asks for them.",
    ),
    (
        "CMPL-020",
        SHOULD,
        "Concatenated logprobs.tokens equal the text; text_offset never decreases within a choice.",
        "openapi.yaml:18646 (logprobs)",
        "List the tokens that make up the text, with offsets that count on over the chunks.",
    ),
    (
        "CMPL-021",
        MUST,
        "echo=true: the accumulated text of a choice begins with its prompt.",
        'openapi.yaml:18436 ("Echo back the prompt in addition to the completion")',
        "Stream the prompt first where echo is true.",
    ),
    (
        "CMPL-022",
        MUST,
        "best_of > 1 is not streamed.",
        'openapi.yaml:18420 ("Results cannot be streamed")',
        "Refuse best_of > 1 together with stream, or answer it without a stream.",
    ),
    (
        "CMPL-023",
        MUST,
        "Accumulated text (without echo) contains no request.stop sequence.",
        "openapi.yaml:32684",
        "Hold back text that may begin a stop sequence; cut it off when it does.",
    ),
    (
        "CMPL-024",
        MUST,
        "usage.completion_tokens <= P*n*max_tokens (default 16).",
        "openapi.yaml:18497",
        ("Count the generated tokens and stop at max_tokens (16 where it is absent), with finish_reason `length`."),
    ),
    (
        "CMPL-060",
        SHOULD,
        'An in-stream failure is `data: {"error": Error}`; nothing but [DONE] follows it.',
        "openapi.yaml:21231 (ErrorResponse); no stream schema covers it",
        'Send `data: {"error": {"type", "message", "param", "code"}}`, then nothing but [DONE].',
    ),
)
