"""createCompletion: data-only chunks of text, choices by index, then `[DONE]`.

The stream is that of `contract.grammars.chunks`; the table of a choice is `choice.CHOICE`. Streamed and plain
answers share one schema that forgets the null of an unfinished choice: `_schemas` admits it (openapi.yaml:18636).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contract.grammar import Context, Surface
from contract.grammars.chunks import ChunkRules, ChunkStream, Promised, table
from contract.grammars.completions import choice as completion
from contract.grammars.completions.rules import RULES as RULES
from contract.grammars.in_stream_error import is_error
from contract.schema import Broken, Schemas
from contract.spec import Spec

_COMPLETION = "CreateCompletionResponse"
_POINTER = f"/components/schemas/{_COMPLETION}"

IDS = ChunkRules(
    plain_object="text_completion",
    constant={"id": "CMPL-004", "created": "CMPL-005", "model": "CMPL-007"},
    no_done="CMPL-002",
    named="CMPL-003",
    missing="CMPL-008",
    outside="CMPL-008",
    repeated=None,
    usage_chunk="CMPL-012",
    usage_null="CMPL-013",
    usage_unasked="CMPL-014",
    usage_null_unasked=None,
    no_choices="CMPL-015",
    wrong_sum="CMPL-016",
    wrong_details=None,
    too_many_tokens="CMPL-024",
    error="CMPL-060",
)
STREAM = table(IDS)


def _begin(context: Context) -> ChunkStream:
    asked = completion.read(context.request)
    promised = Promised(len(asked.prompts) * asked.n, asked.include_usage, asked.max_tokens)
    return ChunkStream(context, IDS, STREAM, promised, lambda index: completion.Choice(context, asked, index))


def _refine(broken: Broken) -> tuple[str, ...] | None:
    """`object` has a rule of its own."""
    if broken.keyword == "required" and broken.where == "" and "`object`" in broken.expected:
        return ("CMPL-001", "CMPL-006")
    return ("CMPL-006",) if broken.where == "/object" else None


def _unstreamed(request: Mapping[str, Any]) -> str | None:
    best_of = request.get("best_of")
    return "CMPL-022" if isinstance(best_of, int) and best_of > 1 else None


def _schemas(spec: Spec) -> Schemas:
    """The answer's schema with null for an unfinished choice's finish_reason and for usage before the last chunk."""
    declared = spec.corrected["components"]["schemas"]
    answer = declared[_COMPLETION]
    members = answer["properties"]
    entry = members["choices"]["items"]
    reason = {**entry["properties"]["finish_reason"], "nullable": True}
    choices = {**members["choices"], "items": {**entry, "properties": {**entry["properties"], "finish_reason": reason}}}
    usage = {"nullable": True, "allOf": [{"$ref": "#/components/schemas/CompletionUsage"}]}
    streamed = {**answer, "properties": {**members, "choices": choices, "usage": usage}}
    schemas = {_COMPLETION: streamed, "CompletionUsage": declared["CompletionUsage"]}
    return Schemas({"openapi": spec.corrected["openapi"], "components": {"schemas": schemas}})


SURFACE = Surface(
    name="completions",
    alphabet={"": _POINTER},
    begin=_begin,
    schema_rule="CMPL-001",
    plain=_POINTER,
    refine=_refine,
    exempt=is_error,
    unstreamed=_unstreamed,
    schemas=_schemas,
)
