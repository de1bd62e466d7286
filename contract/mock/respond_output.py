"""The output items of a response: reasoning, searches, computer and function calls, a message."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contract.mock.answers import SOURCE, Answer, Ask, Tool, answer
from contract.mock.kernel import Call, Json
from contract.mock.wanted import reasoning_tokens

_WEB = frozenset({"web_search_preview", "web_search_preview_2025_03_11"})
_ASKS_WEB = re.compile(r"\b(web|internet|online|news|latest|today|current|search)\b", re.IGNORECASE)
_ASKS_FILES = re.compile(r"\b(files?|documents?|search|find|look up|according to)\b", re.IGNORECASE)
_ASKS_COMPUTER = re.compile(r"\b(click|screen|screenshot|computer|browser|desktop)\b", re.IGNORECASE)
#: Members of the request that do not change what is said.
_SILENT = frozenset(["stream", "store", "metadata", "user", "include", "max_output_tokens", "truncation"])


@dataclass(frozen=True, slots=True)
class Output:
    """Finished items in order, and what they cost; `cut` says that `max_output_tokens` ended it."""

    items: list[dict[str, Any]]
    tokens: int
    reasoning: int
    cut: bool


@dataclass(slots=True)
class Hosted:
    """Calls of the server's own tools, and the ids of the files that the answer cites."""

    items: list[dict[str, Any]] = field(default_factory=list)
    cited: list[str] = field(default_factory=list)


def ask_of(body: Mapping[str, Any], prompt: str, answered: bool, seed: int) -> Ask:
    """What decides the answer to a Responses request."""
    choice = body.get("tool_choice") or "auto"
    if isinstance(choice, dict):
        choice = f"={choice['name']}" if choice["type"] == "function" else "none"
    response_format = (body.get("text") or {}).get("format") or {"type": "text"}
    tools = [
        Tool(each["name"], each.get("parameters") or {}, each.get("description") or "")
        for each in body.get("tools") or ()
        if each["type"] == "function"
    ]
    said = {name: value for name, value in body.items() if name not in _SILENT}
    return Ask(
        prompt=prompt,
        seed=("response", seed, json.dumps(said, sort_keys=True)),
        tools=tools,
        choice=choice,
        parallel=body.get("parallel_tool_calls") is not False,
        answered=answered,
        schema=None if response_format["type"] == "text" else response_format.get("schema", {}),
        limit=body.get("max_output_tokens"),
        reasoning=reasoning_tokens(body["model"], (body.get("reasoning") or {}).get("effort")),
    )


def output_of(call: Call, ask: Ask) -> Output:
    """Everything that comes out."""
    given = answer(ask)
    items: list[dict[str, Any]] = []
    if given.reasoning:
        status = "incomplete" if given.cut and not given.text and not given.uses else "completed"
        items.append({"id": call.store.new_id("rs_"), "type": "reasoning", "summary": _summary(call), "status": status})
    hosted = _hosted(call, ask, bool(given.uses))
    items += hosted.items
    if any(each["type"] == "computer_call" for each in hosted.items):
        return Output(items, given.reasoning, given.reasoning, False)
    status = "incomplete" if given.cut else "completed"
    for use in given.uses:
        names = {"call_id": call.store.new_id("call_"), "name": use.name, "arguments": use.arguments}
        items.append({"id": call.store.new_id("fc_"), "type": "function_call", **names, "status": status})
    if given.uses:
        items[-1]["status"] = status
        for each in items[:-1]:
            each["status"] = "completed"
    elif given.refusal or given.text or not given.cut:
        items.append(_message(call, given, hosted, status))
    return Output(items, given.tokens, given.reasoning, given.cut)


def _summary(call: Call) -> list[dict[str, Any]]:
    wanted = (call.body.get("reasoning") or {}).get("generate_summary")
    return [{"type": "summary_text", "text": "Weighing what was asked, step by step."}] if wanted else []


def _message(call: Call, given: Answer, hosted: Hosted, status: str) -> dict[str, Any]:
    if given.refusal is not None:
        part: dict[str, Any] = {"type": "refusal", "refusal": given.refusal}
    else:
        text = given.text or ""
        part = {"type": "output_text", "text": text, "annotations": _annotations(hosted, text)}
    head = {"id": call.store.new_id("msg_"), "type": "message", "role": "assistant"}
    return {**head, "content": [part], "status": status}


def _annotations(hosted: Hosted, text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if any(item["type"] == "web_search_call" for item in hosted.items) and text:
        found.append({"type": "url_citation", **SOURCE, "start_index": 0, "end_index": len(text)})
    last = max(0, len(text) - 1)
    found += [{"type": "file_citation", "index": last, "file_id": each} for each in hosted.cited]
    return found


def _hosted(call: Call, ask: Ask, has_functions: bool) -> Hosted:
    """Calls of the server's own tools: those that the choice forces, with `auto` those that the prompt is about."""
    choice = call.body.get("tool_choice") or "auto"
    forced = choice["type"] if isinstance(choice, dict) else None
    made = Hosted()
    if choice == "none" or forced == "function" or has_functions or ask.answered:
        return made
    for tool in call.body.get("tools") or ():
        kind = tool["type"]
        wanted = kind == forced or (kind in _WEB and forced in _WEB)
        if forced is None:
            wanted = (choice == "required" and not made.items) or bool(_ASKS.get(kind, _ASKS_WEB).search(ask.prompt))
        if not wanted or kind == "function":
            continue
        _call_tool(call, tool, ask, made)
    return made


_ASKS = {"file_search": _ASKS_FILES, "computer_use_preview": _ASKS_COMPUTER}


def _call_tool(call: Call, tool: Mapping[str, Any], ask: Ask, made: Hosted) -> None:
    if tool["type"] in _WEB:
        made.items.append({"id": call.store.new_id("ws_"), "type": "web_search_call", "status": "completed"})
    elif tool["type"] == "file_search":
        _file_search(call, tool, ask.prompt, made)
    else:
        made.items.append(
            {
                "id": call.store.new_id("cu_"),
                "type": "computer_call",
                "call_id": call.store.new_id("call_"),
                "action": {"type": "screenshot"},
                "pending_safety_checks": [],
                "status": "completed",
            }
        )


def _file_search(call: Call, tool: Mapping[str, Any], prompt: str, made: Hosted) -> None:
    """A search in every vector store of the tool, by the operation that clients use themselves."""
    query = prompt.strip()[:200] or "everything"
    results: list[dict[str, Any]] = []
    for identifier in tool["vector_store_ids"]:
        body = {"query": query, "max_num_results": tool.get("max_num_results") or 10}
        body |= {"filters": tool["filters"]} if tool.get("filters") else {}
        reply = call.invoke("searchVectorStore", path={"vector_store_id": identifier}, body=body)
        results += reply.body["data"] if isinstance(reply, Json) else []
    shown = [
        {
            "file_id": each["file_id"],
            "filename": each["filename"],
            "score": each["score"],
            "attributes": each.get("attributes") or {},
            "text": "\n".join(part["text"] for part in each["content"]),
        }
        for each in results
    ]
    item: dict[str, Any] = {
        "id": call.store.new_id("fs_"),
        "type": "file_search_call",
        "status": "completed",
        "queries": [query],
        "results": shown if "file_search_call.results" in (call.body.get("include") or ()) else None,
    }
    made.items.append(item)
    made.cited += [each["file_id"] for each in shown[:1]]
