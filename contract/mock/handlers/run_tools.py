"""Which tools a run calls, with what, and the answer that comes of them.

It calls every hosted tool that it has, and those of its functions that the prompt is about, or one (the named one
where `tool_choice` names it), unless `tool_choice` is `none`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from contract.mock import answers
from contract.mock import text as texts
from contract.mock.answers import Ask, Tool
from contract.mock.handlers import run_text, shelf
from contract.mock.handlers.conversation import STEP, text_part, thread_of
from contract.mock.handlers.resources import store_ids
from contract.mock.handlers.run_calls import ToolCall
from contract.mock.handlers.run_parts import Work
from contract.mock.meter import meter

_HITS = 20
_QUOTE_WORDS = 20


def _chosen(work: Work, kind: str) -> list[Mapping[str, Any]]:
    """The tools of a kind that `tool_choice` lets the run call."""
    choice = work.run["tool_choice"]
    if choice == "none" or (isinstance(choice, Mapping) and choice["type"] != kind):
        return []
    return [tool for tool in work.run["tools"] if tool["type"] == kind]


def hosted(work: Work) -> Iterator[ToolCall]:
    """Calls of code interpreter and file search, already answered."""
    if _chosen(work, "code_interpreter"):
        meter(work.call, "code_interpreter_sessions", num_sessions=1)
        code = f"text = {work.prompt!r}\nprint(len(text.split()))"
        outputs = [{"type": "logs", "logs": f"{len(work.prompt.split())}\n"}]
        interpreter = {"input": code, "outputs": outputs}
        yield {"id": _call_id(work), "type": "code_interpreter", "code_interpreter": interpreter}
    for tool in _chosen(work, "file_search")[:1]:
        yield {"id": _call_id(work), "type": "file_search", "file_search": _searched(work, tool)}


def _call_id(work: Work) -> str:
    return work.call.store.new_id("call_")


def vector_stores(work: Work) -> list[str]:
    """The stores that file search looks into: the run's and the assistant's, and the thread's."""
    thread = thread_of(work.call, work.run["thread_id"])
    return store_ids(work.record["resources"], thread["tool_resources"])


def _searched(work: Work, tool: Mapping[str, Any]) -> dict[str, Any]:
    options = tool.get("file_search") or {}
    ranking = {"ranker": "auto", "score_threshold": 0, **options.get("ranking_options", {})}
    stores = vector_stores(work)
    for each in stores:
        shelf.make_ready(work.call, each)
    hits = shelf.search(
        work.call,
        stores,
        work.prompt,
        limit=options.get("max_num_results", _HITS),
        threshold=ranking["score_threshold"],
    )
    results = [
        {"file_id": hit["file_id"], "file_name": hit["filename"], "score": hit["score"], "content": hit["content"]}
        for hit in hits
    ]
    return {"ranking_options": ranking, "results": results}


def functions(work: Work) -> list[ToolCall]:
    """The function calls that pause the run. Raises ApiError (400) for parameters that no JSON can satisfy."""
    tools = [
        Tool(
            each["function"]["name"], each["function"].get("parameters") or {}, each["function"].get("description", "")
        )
        for each in _chosen(work, "function")
    ]
    choice = work.run["tool_choice"]
    named = (choice.get("function") or {}).get("name") if isinstance(choice, Mapping) else None
    ask = Ask(work.prompt, work.seed, tools, f"={named}" if named else "auto", work.run["parallel_tool_calls"])
    # Where the prompt is about none of the functions, a run calls one all the same: a client can rely on the pause.
    uses = answers.answer(ask).uses or (answers.answer(replace(ask, choice="required")).uses if not named else ())
    return [
        {
            "id": _call_id(work),
            "type": "function",
            "function": {"name": each.name, "arguments": each.arguments, "output": None},
        }
        for each in uses
    ]


def answer(work: Work) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The message's only part, and its annotations: a citation of the best hit of file search.

    Raises ApiError (400) for a response format that no JSON can satisfy.
    """
    calls = [
        each
        for step in work.call.store.list(STEP, work.run["id"])
        for each in step["step_details"].get("tool_calls", [])
    ]
    wanted = _schema(work.run["response_format"])
    said = answers.answer(Ask(work.prompt, work.seed, answered=True, schema=wanted))
    if said.refusal is not None:
        return {"type": "refusal", "refusal": said.refusal}, []
    if wanted is not None:
        return text_part(said.text or ""), []
    long = run_text.lengthened(said.text or "", work.prompt, texts.seed_of(*work.seed))
    text = run_text.with_findings(long, [found for each in calls if (found := _finding(each))])
    best = next(
        (hit for each in calls if each["type"] == "file_search" for hit in each["file_search"]["results"]), None
    )
    if best is None:
        return text_part(text), []
    text, notes = _cited(text, best)
    return text_part(text), notes


def _schema(response_format: Any) -> Mapping[str, Any] | None:
    """The JSON Schema of the answer, {} for any object, None for plain text."""
    if not isinstance(response_format, Mapping) or response_format["type"] == "text":
        return None
    return response_format["json_schema"].get("schema") or {} if response_format["type"] == "json_schema" else {}


def _finding(call: ToolCall) -> str:
    if call["type"] == "function":
        return f"{call['function']['name']} gave {call['function']['output']}."
    if call["type"] == "code_interpreter":
        logs = "".join(each["logs"] for each in call["code_interpreter"]["outputs"] if each["type"] == "logs")
        return f"The code printed {logs.strip()}."
    results = _telling(call)
    if not results:
        return "The files say nothing of it."
    quote = " ".join(results[0]["content"][0]["text"].split()[:_QUOTE_WORDS])
    return f"{results[0]['file_name']} says: {quote}"


def _telling(call: ToolCall) -> list[dict[str, Any]]:
    """What file search found that shares a word with the question, best first."""
    return [hit for hit in call["file_search"]["results"] if hit["score"] > 0]


def _cited(text: str, hit: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    mark = f"【4:0†{hit['file_name']}】"
    note = {
        "type": "file_citation",
        "text": mark,
        "start_index": len(text),
        "end_index": len(text) + len(mark),
        "file_citation": {"file_id": hit["file_id"]},
    }
    return text + mark, [note]
