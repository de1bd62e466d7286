"""Values that no schema forbids and no answer can mean: members at odds, numbers out of their range."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from contract.case import Expect
from contract.checks.made import finding, told
from contract.exchange import Exchange
from contract.operation import Operation
from contract.rules import Rule, register
from contract.spec import Spec
from contract.verdict import Finding, Keyword
from contract.wording import shorten

register(
    Rule(
        "body/sense",
        Keyword.SHOULD,
        "Numbers are in the range that their meaning gives them, and members that tell the same agree.",
        "openapi.yaml: CreateModerationResponse.results.flagged (any of the categories), TranscriptionSegment.end, "
        "ChatCompletionTokenLogprob.logprob, AdminApiKey.redacted_value, VectorStoreObject.file_counts.total",
        "Compute each member from the same result.",
        "body",
    ),
)
#: Sums of 32-bit floats miss 0 and 1 by as much.
_ROUNDING = 1e-5
Flaw = tuple[str, str, Any]


def check(spec: Spec, operation: Operation, exchange: Exchange, expect: Expect) -> Iterator[Finding]:  # noqa: ARG001 - one signature for all checks
    """Judge the values of a success of one of a few operations."""
    flaws = _FLAWS.get(operation.id)
    value = told(spec, exchange) if flaws else None
    if flaws is None or not isinstance(value, dict):
        return
    for where, expected, actual in flaws(value):
        yield finding("body/sense", spec, exchange, expected=expected, actual=shorten(str(actual), 100), where=where)


def _each(value: Mapping[str, Any], name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    listed = value.get(name)
    for index, each in enumerate(listed if isinstance(listed, list) else []):
        if isinstance(each, dict):
            yield f"/{name}/{index}", each


def _moderated(value: Mapping[str, Any]) -> Iterator[Flaw]:
    for where, each in _each(value, "results"):
        categories, scores = each.get("categories"), each.get("category_scores")
        if isinstance(categories, dict) and type(each.get("flagged")) is bool:
            hit = any(found is True for found in categories.values())
            if each["flagged"] is not hit:
                yield f"{where}/flagged", f"{hit}: a category is flagged or none is", each["flagged"]
        for name, score in scores.items() if isinstance(scores, dict) else ():
            if isinstance(score, int | float) and not -_ROUNDING <= score <= 1 + _ROUNDING:
                yield f"{where}/category_scores/{name}", "0 to 1", score


def _logged(value: Mapping[str, Any]) -> Iterator[Flaw]:
    for where, choice in _each(value, "choices"):
        logged = choice.get("logprobs")
        for place, token in _each(logged, "content") if isinstance(logged, dict) else ():
            if isinstance(token.get("logprob"), int | float) and token["logprob"] > _ROUNDING:
                yield f"{where}/logprobs{place}/logprob", "0 at most", token["logprob"]
                return


def _heard(value: Mapping[str, Any]) -> Iterator[Flaw]:
    if isinstance(value.get("duration"), int | float) and value["duration"] < 0:
        yield "/duration", "0 or more", value["duration"]
    for name in ("segments", "words"):
        for where, each in _each(value, name):
            start, end = each.get("start"), each.get("end")
            if isinstance(start, int | float) and isinstance(end, int | float) and end < start:
                yield f"{where}/end", f"{start} or later", end
                return


def _ended(value: Mapping[str, Any]) -> Iterator[Flaw]:
    """Times are in seconds: what was said ends near the end of the file, whose last window may be padded."""
    length = value.get("duration")
    for name in ("segments", "words"):
        for where, each in _each(value, name):
            end = each.get("end")
            if isinstance(length, int | float) and isinstance(end, int | float) and end > 2 * length + 30:
                yield f"{where}/end", f"seconds of a file of {length} s", end
                return


def _english(value: Mapping[str, Any]) -> Iterator[Flaw]:
    """openapi.yaml:20753: the language of the output of a translation is always English."""
    if isinstance(value.get("language"), str) and value["language"].lower() not in {"english", "en"}:
        yield "/language", "english", value["language"]


def _spoken(value: Mapping[str, Any]) -> Iterator[Flaw]:
    yield from _heard(value)
    yield from _ended(value)


def _translated(value: Mapping[str, Any]) -> Iterator[Flaw]:
    yield from _spoken(value)
    yield from _english(value)


def _counts(value: Mapping[str, Any], name: str, parts: tuple[str, ...]) -> tuple[list[int], int] | None:
    """The counts of the parts and the total, None where one of them is no integer."""
    counts = value.get(name)
    found = [counts.get(each) for each in (*parts, "total")] if isinstance(counts, dict) else [None]
    whole = [each for each in found if type(each) is int]
    return (whole[:-1], whole[-1]) if len(whole) == len(found) else None


def _files(value: Mapping[str, Any]) -> Iterator[Flaw]:
    """Every file is in one of the states that are counted."""
    counted = _counts(value, "file_counts", ("in_progress", "completed", "failed", "cancelled"))
    if counted is not None and sum(counted[0]) != counted[1]:
        yield "/file_counts/total", " + ".join(map(str, counted[0])), counted[1]


def _lines(value: Mapping[str, Any]) -> Iterator[Flaw]:
    """No more lines of a batch are done than it has."""
    counted = _counts(value, "request_counts", ("completed", "failed"))
    if counted is not None and sum(counted[0]) > counted[1]:
        yield "/request_counts/total", f"{sum(counted[0])} or more", counted[1]


def _chunked(value: Mapping[str, Any]) -> Iterator[Flaw]:
    """Null for `usage` is for chunks (openapi.yaml:16562); an answer in one piece has counts or no member."""
    if "usage" in value and value["usage"] is None:
        yield "/usage", "counts, or no member", "null"


def _vectors(value: Mapping[str, Any]) -> Iterator[Flaw]:
    for where, each in _each(value, "data"):
        vector = each.get("embedding")
        if vector in ([], "") or (isinstance(vector, list) and all(number == 0 for number in vector)):
            yield f"{where}/embedding", "a vector of a text", "nothing" if not vector else "zeros"
            return


def _redacted(value: Mapping[str, Any]) -> Iterator[Flaw]:
    key = value.get("value")
    if isinstance(key, str) and len(key) > 8 and key in str(value.get("redacted_value")):
        yield "/redacted_value", "the key in part", "the whole key"


_FLAWS: Mapping[str, Callable[[Mapping[str, Any]], Iterator[Flaw]]] = {
    "createModeration": _moderated,
    "createChatCompletion": _logged,
    "createCompletion": _chunked,
    "createTranscription": _spoken,
    "createTranslation": _translated,
    **dict.fromkeys(("createVectorStore", "getVectorStore", "modifyVectorStore"), _files),
    **dict.fromkeys(
        ("createVectorStoreFileBatch", "getVectorStoreFileBatch", "cancelVectorStoreFileBatch"),
        _files,
    ),
    **dict.fromkeys(("createBatch", "retrieveBatch", "cancelBatch"), _lines),
    "createEmbedding": _vectors,
    "admin-api-keys-create": _redacted,
}
