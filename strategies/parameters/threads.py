"""Parameters of runs and of vector store searches."""

from __future__ import annotations

from collections.abc import Callable
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


def _model(asking: Asking) -> None:
    """An override that the target accepts: the model of the run is not simply the assistant's."""
    stage = asking.stage
    usual = stage.resource("assistant").get("model")
    other = next((each for each in map(stage.model, ("chat", "reasoning", "assistants")) if each != usual), None)
    if other is None:
        asking.unsure("the target names one model only")
    _, answer = _run(asking, model=other)
    if answer.at("model") == usual:
        asking.broken(answer, str(other), answer.at("model"), "/model")


def _additional_instructions(asking: Asking) -> None:
    _, answer = _run(asking, instructions="Answer in English.", additional_instructions="Be brief.")
    told = str(answer.at("instructions"))
    if not ("Answer in English." in told and "Be brief." in told.partition("Answer in English.")[2]):
        expected = "'Answer in English.' and, behind it, 'Be brief.'"
        asking.broken(answer, expected, answer.at("instructions"), "/instructions")


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


def _filters(asking: Asking) -> None:
    """A filter on an attribute that no file has: nothing fits it."""
    store = _filled_store(asking)
    asked = asking.send({"query": "text"}, path={"vector_store_id": store})
    if not asked.at("data"):
        asking.unsure("the search finds nothing without a filter")
    none = {"type": "eq", "key": "contract", "value": "no file has this"}
    answer = asking.send({"query": "text", "filters": none}, path={"vector_store_id": store})
    if answer.at("data"):
        asking.broken(answer, "no result that the filter does not fit", answer.at("data", 0, "file_id"), "/data")


def _either(asking: Asking) -> None:
    """`or` of two filters: what fits one of them is found."""
    store = _filled_store(asking)
    place = {"vector_store_id": store}
    asked = asking.send({"query": "text"}, path=place)
    file = asked.at("data", 0, "file_id")
    if not isinstance(file, str):
        asking.unsure("the search finds nothing without a filter")
    asking.send({"attributes": {"contract": "this"}}, "updateVectorStoreFileAttributes", {**place, "file_id": file})
    one = {"type": "eq", "key": "contract", "value": "this"}
    if not asking.send({"query": "text", "filters": one}, path=place).at("data"):
        asking.unsure("the search does not find the file by its attribute")
    other = {"type": "eq", "key": "contract", "value": "no file has this"}
    for kind, found in (("or", True), ("and", False)):
        answer = asking.send({"query": "text", "filters": {"type": kind, "filters": [one, other]}}, path=place)
        if bool(answer.at("data")) is not found:
            wanted = f"the result that fits one of the two for {kind}" if found else f"no result for {kind}"
            asking.broken(answer, wanted, f"{len(answer.at('data') or [])} results", "/data")
            return


def _include(asking: Asking) -> None:
    """The text that a file search found stands in its run step where it is asked for, and only there."""
    store = _filled_store(asking)
    said = [{"role": "user", "content": "What does the file say? Use file search."}]
    body = {
        "assistant_id": "<ref assistant>",
        "thread": {"messages": said, "tool_resources": {"file_search": {"vector_store_ids": [store]}}},
        "tools": [{"type": "file_search"}],
    }
    made = asking.send(body, "createThreadAndRun", {})
    here = {"thread_id": str(made.at("thread_id")), "run_id": str(made.at("id"))}
    for pause in resources.POLLS:
        if asking.send(None, "getRun", here).at("status") in _ENDED:
            break
        asking.stage.wait(pause)
    path = ("step_details", "tool_calls", 0, "file_search", "results", 0)
    steps = asking.send(None, "listRunSteps", here).at("data")
    found = [each for each in steps if Answer(each, made.response, made.exchange).at(*path)] if steps else []
    if not found:
        asking.unsure("no step tells the results of a file search")
    place = {**here, "step_id": str(found[0].get("id"))}
    plain = asking.send(None, path=place)
    if plain.at(*path, "content"):
        asking.broken(plain, "no content, since it is not asked for", plain.at(*path, "content"), "/step_details")
    asked: dict[str, Any] = {"include[]": ["step_details.tool_calls[*].file_search.results[*].content"]}
    answer = asking.send(None, path=place, **asked)
    if not answer.at(*path, "content"):
        asking.broken(answer, "the content of the results", answer.at(*path), "/step_details")


def _file_ids(asking: Asking) -> None:
    file = asking.stage.fresh("file")["id"]
    made = asking.send({"name": "contract", "file_ids": [file]})
    listed = asking.send(None, "listVectorStoreFiles", {"vector_store_id": str(made.at("id"))})
    if file not in [each.get("id") for each in listed.at("data") or []]:
        asking.broken(listed, f"{file} in the list", "it is not there", "/data")


def _score_threshold(asking: Asking) -> None:
    store = _filled_store(asking)
    body = {"query": "text", "ranking_options": {"score_threshold": 1.0}}
    answer = asking.send(body, path={"vector_store_id": store})
    low = [each.get("score") for each in answer.at("data") or [] if (each.get("score") or 0) < 1.0]
    if low:
        asking.broken(answer, "no result below a score of 1.0", low[0], "/data")


_STATIC = {"type": "static", "static": {"max_chunk_size_tokens": 200, "chunk_overlap_tokens": 50}}


def _each_file(name: str, value: Any, *, batch: bool) -> Callable[[Asking], None]:
    """Every file of a new store, or of a batch, has what was sent for all of them."""

    def play(asking: Asking) -> None:
        files = [asking.stage.fresh("file")["id"]]
        if batch:
            store = str(resources.bare(asking.stage, "vector_store")["id"])
            asking.send({"file_ids": files, name: value}, path={"vector_store_id": store})
        else:
            store = str(asking.send({"file_ids": files, name: value}).at("id"))
        listed = asking.send(None, "listVectorStoreFiles", {"vector_store_id": store})
        for each in listed.at("data") or []:
            if name in each and each[name] != value:
                asking.broken(listed, str(value), each[name], f"/data/0/{name}")
                return

    return play


def _thread_messages(asking: Asking) -> None:
    """The messages of a new thread, the last one first."""
    said = [{"role": "user", "content": f"Line {index}."} for index in range(2)]
    body = {"messages": said}
    if asking.parameter.operation == "createThreadAndRun":
        body = {"assistant_id": "<ref assistant>", "thread": {"messages": said}}  # type: ignore[dict-item]  # as JSON
    made = asking.send(body)
    thread = made.at("thread_id") or made.at("id")
    listed = asking.send(None, "listMessages", {"thread_id": str(thread)}, limit=100)
    texts = str(listed.at("data"))
    for each in said:
        if each["content"] not in texts:
            asking.broken(listed, f"a message with {each['content']!r}", "it is not there", "/data")
            return


PARAMETERS = table(
    Parameter(
        _OPERATION,
        "additional_instructions",
        "`additional_instructions` stand at the end of those of the run.",
        20026,
        _additional_instructions,
        Keyword.SHOULD,
        requests=4,
    ),
    Parameter(
        "searchVectorStore",
        "score_threshold",
        "`score_threshold` leaves out what scores less.",
        34338,
        _score_threshold,
        requests=7,
    ),
    Parameter(
        "createVectorStore",
        "chunking_strategy",
        "`chunking_strategy` is that of the files of `file_ids`.",
        20860,
        _each_file("chunking_strategy", _STATIC, batch=False),
        requests=3,
    ),
    Parameter(
        "createVectorStoreFileBatch",
        "chunking_strategy",
        "`chunking_strategy` is that of every file of the batch.",
        20821,
        _each_file("chunking_strategy", _STATIC, batch=True),
        requests=4,
    ),
    Parameter(
        "createVectorStoreFileBatch",
        "attributes",
        "`attributes` are those of every file of the batch.",
        20823,
        _each_file("attributes", {"made_by": "contract"}, batch=True),
        requests=4,
    ),
    Parameter(_OPERATION, "model", "`model` overrides that of the assistant for this run.", 20005, _model, requests=5),
    Parameter("searchVectorStore", "filters", "`filters` leaves out what does not fit.", 34332, _filters, requests=8),
    Parameter(
        "searchVectorStore",
        "compound-filters",
        "`or` finds what fits one of its filters, `and` what fits all.",
        17014,
        _either,
        requests=12,
    ),
    Parameter(
        "getRunStep",
        "include",
        "`include[]` adds the text that a file search found, which is left out without it.",
        12391,
        _include,
        requests=18,
    ),
    Parameter("createVectorStore", "file_ids", "A store begins with the files of `file_ids`.", 20846, _file_ids),
    Parameter("createThread", "messages", "A thread begins with the messages that were sent.", 20364, _thread_messages),
    Parameter(
        "createThreadAndRun",
        "thread-messages",
        "The thread of a run begins with the messages that were sent.",
        20192,
        _thread_messages,
    ),
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
