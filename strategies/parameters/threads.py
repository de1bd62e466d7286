"""Parameters of runs and of vector store searches."""

from __future__ import annotations

from typing import Any

from contract.verdict import Keyword
from strategies import resources
from strategies.kinds import WEATHER
from strategies.parameters.asking import Answer, Asking, Parameter, table

_OPERATION = "createRun"
_TOOLS = [{"type": "function", "function": WEATHER}]
_ENDED = frozenset({"completed", "failed", "cancelled", "expired", "incomplete", "requires_action"})


def _run(asking: Asking, **more: Any) -> tuple[dict[str, Any], Answer]:
    """A run on a thread of the case's own, read until it ends or waits."""
    thread = asking.stage.fresh("thread")
    path = {"thread_id": thread["id"]}
    answer = asking.send({"assistant_id": "<ref assistant>", **more}, path=path)
    here = {**path, "run_id": str(answer.at("id"))}
    for pause in resources.POLLS:
        answer = asking.send(None, "getRun", here)
        if answer.at("status") in _ENDED:
            break
        asking.stage.wait(pause)
    return here, answer


def _echo(name: str, value: Any) -> Any:
    def play(asking: Asking) -> None:
        _, answer = _run(asking, **{name: value})
        if answer.at(name) != value:
            asking.broken(answer, repr(value), answer.at(name), f"/{name}")

    return play


def _tool_forced(asking: Asking) -> None:
    choice = {"type": "function", "function": {"name": "get_weather"}}
    _, answer = _run(asking, tools=_TOOLS, tool_choice=choice)
    calls = answer.at("required_action", "submit_tool_outputs", "tool_calls") or []
    names = {(each.get("function") or {}).get("name") for each in calls if isinstance(each, dict)}
    if answer.at("status") != "requires_action" or names != {"get_weather"}:
        asking.broken(
            answer, "requires_action with a call of get_weather", f"{answer.at('status')}, calls of {names}", "/status"
        )


def _tool_none(asking: Asking) -> None:
    _, answer = _run(asking, tools=_TOOLS, tool_choice="none")
    if answer.at("status") == "requires_action":
        asking.broken(answer, "no tool call", "requires_action", "/status")


def _additional_messages(asking: Asking) -> None:
    said = [{"role": "user", "content": "And say goodbye."}]
    here, _ = _run(asking, additional_messages=said)
    listed = asking.send(None, "listMessages", {"thread_id": here["thread_id"]}, limit=100)
    texts = str(listed.at("data"))
    if "And say goodbye." not in texts:
        asking.broken(listed, "the additional message on the thread", "it is not there", "/data")


def _max_completion_tokens(asking: Asking) -> None:
    said = [{"role": "user", "content": "Write 1000 words on the sea."}]
    _, answer = _run(asking, max_completion_tokens=256, additional_messages=said)
    used = answer.at("usage", "completion_tokens")
    if isinstance(used, int) and used > 256 and answer.at("status") != "incomplete":
        asking.broken(answer, "at most 256 completion tokens, or status incomplete", used, "/usage/completion_tokens")


def _filled_store(asking: Asking) -> str:
    """The id of a vector store with two files, searched once they are ready."""
    stage = asking.stage
    store = str(resources.bare(stage, "vector_store")["id"])
    place = {"_path": {"vector_store_id": store}}
    for _ in range(2):
        made = {"file_id": stage.fresh("file")["id"]}
        resources.asked(stage, "file in a vector store", "createVectorStoreFile", place, made)
    for pause in resources.POLLS:
        counts = asking.send(None, "getVectorStore", {"vector_store_id": store}).at("file_counts") or {}
        if counts.get("in_progress") == 0:
            break
        stage.wait(pause)
    return store


def _max_num_results(asking: Asking) -> None:
    store = _filled_store(asking)
    asked = asking.send({"query": "text"}, path={"vector_store_id": store})
    if len(asked.at("data") or []) < 2:
        asking.unsure("the search finds fewer than two results without a limit")
    answer = asking.send({"query": "text", "max_num_results": 1}, path={"vector_store_id": store})
    data = answer.at("data")
    if isinstance(data, list) and len(data) > 1:
        asking.broken(answer, "at most 1 result", f"{len(data)} results", "/data")


PARAMETERS = table(
    Parameter(
        _OPERATION,
        "instructions",
        "`instructions` override those of the assistant for this run.",
        20019,
        _echo("instructions", "Be brief."),
        requests=4,
    ),
    Parameter(
        _OPERATION, "metadata", "`metadata` comes back.", 24044, _echo("metadata", {"made_by": "contract"}), requests=4
    ),
    Parameter(
        _OPERATION,
        "temperature",
        "`temperature` comes back.",
        20054,
        _echo("temperature", 0.5),
        Keyword.SHOULD,
        requests=4,
    ),
    Parameter(
        _OPERATION, "tool_choice-forced", "A named function is the one that is called.", 14995, _tool_forced, requests=4
    ),
    Parameter(_OPERATION, "tool_choice-none", "`tool_choice: none`: no tool is called.", 14953, _tool_none, requests=4),
    Parameter(
        _OPERATION,
        "additional_messages",
        "Additional messages are added to the thread.",
        20033,
        _additional_messages,
        requests=5,
    ),
    Parameter(
        _OPERATION,
        "max_completion_tokens",
        "`max_completion_tokens` bounds the run.",
        20097,
        _max_completion_tokens,
        requests=4,
    ),
    Parameter(
        "searchVectorStore",
        "max_num_results",
        "`max_num_results` is the most that a search gives.",
        34324,
        _max_num_results,
    ),
)  # fmt: skip - one parameter a line
