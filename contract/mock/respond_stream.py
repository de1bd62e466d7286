"""A finished response told as the events that lead to it (openapi.yaml:9403, ResponseStreamEvent)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from contract.mock import text as texts
from contract.mock.streaming import Frame, sse

_SEARCHES = frozenset({"file_search_call", "web_search_call"})


def frames(response: Mapping[str, Any]) -> Iterator[Frame]:
    """The events of a response, from `response.created` to `response.completed` or `response.incomplete`."""
    early = {**response, "status": "in_progress", "output": [], "incomplete_details": None}
    early.pop("usage", None)
    yield _event("response.created", response=early)
    yield _event("response.in_progress", response=early)
    for index, item in enumerate(response["output"]):
        yield from _item(index, item)
    yield _event(f"response.{response['status']}", response=response)


def _event(kind: str, **members: Any) -> Frame:
    return sse({"type": kind, **members}, kind)


def _item(index: int, item: Mapping[str, Any]) -> Iterator[Frame]:
    yield _event("response.output_item.added", output_index=index, item=_opened(item))
    where = {"item_id": item["id"], "output_index": index}
    if item["type"] == "message":
        for number, part in enumerate(item["content"]):
            yield from _part({**where, "content_index": number}, part)
    elif item["type"] == "function_call":
        for piece in texts.pieces(item["arguments"]):
            yield _event("response.function_call_arguments.delta", **where, delta=piece)
        yield _event("response.function_call_arguments.done", **where, arguments=item["arguments"])
    elif item["type"] in _SEARCHES:
        for step in ("in_progress", "searching", "completed"):
            yield _event(f"response.{item['type']}.{step}", **where)
    yield _event("response.output_item.done", output_index=index, item=item)


def _opened(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item as it is announced: nothing in it yet."""
    empty: dict[str, Any] = {"status": "in_progress"}
    if item["type"] == "message":
        empty["content"] = []
    elif item["type"] == "function_call":
        empty["arguments"] = ""
    elif item["type"] == "file_search_call":
        empty |= {"queries": [], "results": None}
    elif item["type"] == "reasoning":
        empty["summary"] = []
    return {**item, **empty}


def _part(where: Mapping[str, Any], part: Mapping[str, Any]) -> Iterator[Frame]:
    kind = part["type"]
    name = "text" if kind == "output_text" else "refusal"
    empty = {**part, name: "", **({"annotations": []} if kind == "output_text" else {})}
    yield _event("response.content_part.added", **where, part=empty)
    for piece in texts.pieces(part[name]):
        yield _event(f"response.{kind}.delta", **where, delta=piece)
    for number, annotation in enumerate(part.get("annotations", [])):
        members = {"annotation_index": number, "annotation": annotation}
        yield _event("response.output_text.annotation.added", **where, **members)
    yield _event(f"response.{kind}.done", **where, **{name: part[name]})
    yield _event("response.content_part.done", **where, part=part)
