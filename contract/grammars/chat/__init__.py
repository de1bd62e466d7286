"""createChatCompletion: data-only chunks, choices by index, then `[DONE]`.

The stream is that of `contract.grammars.chunks`; the tables of a choice and of a tool call are `choice.CHOICE` and
`tools.CALL`. Not in a table: values that stay the same, usage, indices (chunks), and what a choice says (choice,
tools, logprobs).
"""

from __future__ import annotations

import re

from contract.grammar import Context, Surface
from contract.grammars.chat import request as chat_request
from contract.grammars.chat.choice import Choice
from contract.grammars.chat.rules import RULES as RULES
from contract.grammars.chunks import ChunkRules, ChunkStream, Promised, table
from contract.grammars.in_stream_error import is_error
from contract.schema import Broken

_SCHEMAS = "/components/schemas/"

IDS = ChunkRules(
    plain_object="chat.completion",
    constant={
        "id": "CHAT-004",
        "created": "CHAT-005",
        "model": "CHAT-007",
        "system_fingerprint": "CHAT-008",
        "service_tier": "CHAT-008",
    },
    no_done="CHAT-002",
    named="CHAT-003",
    missing="CHAT-009",
    outside="CHAT-010",
    repeated="CHAT-011",
    usage_chunk="CHAT-030",
    usage_null="CHAT-031",
    usage_unasked="CHAT-032",
    usage_null_unasked="CHAT-033",
    no_choices="CHAT-034",
    wrong_sum="CHAT-035",
    wrong_details="CHAT-036",
    too_many_tokens="CHAT-051",
    error="CHAT-060",
)
STREAM = table(IDS)


def _begin(context: Context) -> ChunkStream:
    asked = chat_request.read(context.request)
    stated = {"service_tier": "CHAT-054"} if asked.service_tier else {}
    promised = Promised(asked.n, asked.include_usage, asked.max_tokens, stated)
    return ChunkStream(context, IDS, STREAM, promised, lambda index: Choice(context, asked, index))


_FRAGMENT = re.compile(r"/choices/\d+/delta/tool_calls/\d+")


def _refine(broken: Broken) -> tuple[str, ...] | None:
    """The rules that say of one member what the schema says of all; both where the member is no such thing at all."""
    if broken.where == "/object":
        return ("CHAT-006",)
    if broken.keyword == "required" and broken.where == "" and "`object`" in broken.expected:
        return ("CHAT-001", "CHAT-006")
    if broken.keyword == "required" and _FRAGMENT.fullmatch(broken.where):
        return ("CHAT-022",)  # `index` is the one member that a fragment requires
    if broken.where.endswith("/index") and _FRAGMENT.match(broken.where):
        return ("CHAT-001", "CHAT-022")
    return None


SURFACE = Surface(
    name="chat",
    alphabet={"": f"{_SCHEMAS}CreateChatCompletionStreamResponse"},
    begin=_begin,
    schema_rule="CHAT-001",
    plain=f"{_SCHEMAS}CreateChatCompletionResponse",
    refine=_refine,
    exempt=is_error,
)
