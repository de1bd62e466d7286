"""Which tools a run calls, with what, and the answer that comes of them.

It calls every hosted tool that it has, and its functions (all of them, the first only without parallel calls, the
named one where `tool_choice` names it), unless `tool_choice` is `none`: a client can rely on the pause.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from contract.mock.handlers import run_text, shelf
from contract.mock.handlers.conversation import STEP
from contract.mock.meter import meter

if TYPE_CHECKING:
    from contract.mock.handlers.run_work import Work

ToolCall = dict[str, Any]
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
        meter(work.call, "code_interpreter_sessions", sessions=1)
        code = f"text = {work.prompt!r}\nprint(len(text.split()))"
        outputs = [{"type": "logs", "logs": f"{len(work.prompt.split())}\n"}]
        interpreter = {"input": code, "outputs": outputs}
        yield {"id": _call_id(work), "type": "code_interpreter", "code_interpreter": interpreter}
    for tool in _chosen(work, "file_search")[:1]:
        yield {"id": _call_id(work), "type": "file_search", "file_search": _searched(work, tool)}


def _call_id(work: Work) -> str:
    return work.call.store.new_id("call_")


def _searched(work: Work, tool: Mapping[str, Any]) -> dict[str, Any]:
    from contract.mock.handlers.run_work import vector_stores  # the two need each other

    options = tool.get("file_search") or {}
    ranking = {"ranker": "auto", "score_threshold": 0, **options.get("ranking_options", {})}
    hits = shelf.search(
        work.call,
        vector_stores(work),
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
    """The function calls that pause the run."""
    choice = work.run["tool_choice"]
    named = (choice.get("function") or {}).get("name") if isinstance(choice, Mapping) else None
    tools = [
        each["function"] for each in _chosen(work, "function") if named is None or each["function"]["name"] == named
    ]
    if not work.run["parallel_tool_calls"]:
        tools = tools[:1]
    rng = work.random("arguments")
    return [
        {
            "id": _call_id(work),
            "type": "function",
            "function": {
                "name": each["name"],
                "arguments": run_text.arguments(each, work.prompt, rng),
                "output": None,
            },
        }
        for each in tools
    ]


def fragments(index: int, call: ToolCall) -> Iterator[dict[str, Any]]:
    """A call as the deltas of a stream: first with its id, then what grows."""
    head = {"index": index, "id": call["id"], "type": call["type"]}
    rest = {"index": index, "type": call["type"]}
    if call["type"] == "function":
        name, written = call["function"]["name"], call["function"]["arguments"]
        yield {**head, "function": {"name": name, "arguments": "", "output": None}}
        for piece in run_text.tokens(written):
            yield {**rest, "function": {"arguments": piece}}
    elif call["type"] == "code_interpreter":
        yield {**head, "code_interpreter": {"input": "", "outputs": []}}
        for piece in run_text.tokens(call["code_interpreter"]["input"]):
            yield {**rest, "code_interpreter": {"input": piece}}
        outputs = [{"index": place, **each} for place, each in enumerate(call["code_interpreter"]["outputs"])]
        yield {**rest, "code_interpreter": {"outputs": outputs}}
    else:
        yield {**head, "file_search": {}}


def written(call: ToolCall) -> str:
    """What the model wrote to make a call."""
    if call["type"] == "function":
        return f"{call['function']['name']} {call['function']['arguments']}"
    return str(call["code_interpreter"]["input"]) if call["type"] == "code_interpreter" else call["type"]


def answer(work: Work) -> tuple[str, list[dict[str, Any]]]:
    """The message's text, and its annotations: a citation of the best hit of file search."""
    calls = [
        each
        for step in work.call.store.list(STEP, work.run["id"])
        for each in step["step_details"].get("tool_calls", [])
    ]
    findings = [found for each in calls if (found := _finding(each))]
    rng = work.random("answer")
    text = run_text.reply(work.prompt, findings, rng)
    if isinstance(work.run["response_format"], Mapping) and work.run["response_format"]["type"] != "text":
        return run_text.formatted(text, work.run["response_format"], rng), []
    best = next(
        (hit for each in calls if each["type"] == "file_search" for hit in each["file_search"]["results"]), None
    )
    return _cited(text, best) if best else (text, [])


def _finding(call: ToolCall) -> str:
    if call["type"] == "function":
        return f"{call['function']['name']} gave {call['function']['output']}."
    if call["type"] == "code_interpreter":
        logs = "".join(each["logs"] for each in call["code_interpreter"]["outputs"] if each["type"] == "logs")
        return f"The code printed {logs.strip()}."
    results = call["file_search"]["results"]
    if not results:
        return "The files say nothing of it."
    quote = " ".join(results[0]["content"][0]["text"].split()[:_QUOTE_WORDS])
    return f"{results[0]['file_name']} says: {quote}"


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
