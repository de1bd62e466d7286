import json
from typing import Any

import pytest
from mock_driver import Driver

from contract.draft import Upload

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
CLOCK = {"type": "function", "function": {"name": "get_time", "parameters": {"type": "object", "properties": {}}}}
QUOTES = "step_details.tool_calls[*].file_search.results[*].content"
ASK = "What is the weather in Paris?"
Path = dict[str, str]


@pytest.fixture
def mock() -> Driver:
    """A fresh server."""
    return Driver()


def an_assistant(mock: Driver, *tools: Any, **body: Any) -> str:
    """An assistant with tools; its id."""
    return mock.ok("createAssistant", body={"model": "gpt-4o", "tools": list(tools), **body})["id"]


def a_thread(mock: Driver, *said: str) -> Path:
    """A thread with what the user said; its path."""
    messages = [{"role": "user", "content": each} for each in said]
    return {"thread_id": mock.ok("createThread", body={"messages": messages})["id"]}


def begin(mock: Driver, thread: Path, assistant: str, **body: Any) -> Path:
    """Create a run; its path."""
    run = mock.ok("createRun", thread, {"assistant_id": assistant, **body})
    assert (run["status"], run["usage"], run["required_action"]) == ("queued", None, None)
    return {**thread, "run_id": run["id"]}


def ended(mock: Driver, path: Path) -> dict[str, Any]:
    """The run after a few seconds."""
    mock.wait(3)
    return mock.ok("getRun", path)


def said(mock: Driver, path: Path) -> str:
    """The text of the thread's newest message."""
    return mock.ok("listMessages", {"thread_id": path["thread_id"]})["data"][0]["content"][0]["text"]["value"]


def calls_of(run: dict[str, Any]) -> list[dict[str, Any]]:
    """The calls that a run waits for."""
    return run["required_action"]["submit_tool_outputs"]["tool_calls"]


def outputs(run: dict[str, Any], text: str = "22 degrees") -> dict[str, Any]:
    """An output for each call that a run waits for."""
    return {"tool_outputs": [{"tool_call_id": each["id"], "output": text} for each in calls_of(run)]}


def test_a_run_goes_through_its_states_by_itself(mock):
    """queued, in_progress, completed; the times grow and `created_at` stays."""
    path = begin(mock, a_thread(mock, "hello"), an_assistant(mock))
    seen = []
    for _ in range(20):
        seen.append(mock.ok("getRun", path))
        mock.wait(0.1)
    assert list(dict.fromkeys(each["status"] for each in seen)) == ["queued", "in_progress", "completed"]
    assert {each["created_at"] for each in seen} == {seen[0]["created_at"]}
    done = seen[-1]
    assert done["created_at"] <= done["started_at"] <= done["completed_at"]
    assert done["usage"]["total_tokens"] == done["usage"]["prompt_tokens"] + done["usage"]["completion_tokens"] > 0
    assert (done["last_error"], done["incomplete_details"], done["expires_at"]) == (None, None, None)


def test_a_completed_run_leaves_a_message_and_its_step(mock):
    """The assistant's message stands in the thread, the step names it, `run_id` finds it."""
    assistant = an_assistant(mock)
    path = begin(mock, a_thread(mock, 'Say "pong"'), assistant)
    ended(mock, path)
    thread = {"thread_id": path["thread_id"]}
    (message,) = mock.ok("listMessages", thread, run_id=path["run_id"])["data"]
    assert (message["role"], message["assistant_id"], message["status"]) == ("assistant", assistant, "completed")
    assert said(mock, path) == "pong"
    (step,) = mock.ok("listRunSteps", path)["data"]
    assert step["step_details"]["message_creation"]["message_id"] == message["id"]
    assert (step["status"], step["run_id"]) == ("completed", path["run_id"])
    assert mock.ok("getRunStep", {**path, "step_id": step["id"]}) == step
    mock.refused(404, "getRunStep", {**path, "step_id": "step_none"})


def test_a_run_takes_its_settings_from_the_assistant_unless_told(mock):
    """What the request leaves out comes from the assistant; what it says wins."""
    body = {"instructions": "be kind", "temperature": 0.5, "metadata": {"of": "assistant"}}
    assistant = an_assistant(mock, WEATHER, **body)
    run = mock.ok("createRun", a_thread(mock), {"assistant_id": assistant})
    assert (run["model"], run["instructions"], run["temperature"]) == ("gpt-4o", "be kind", 0.5)
    assert (run["tools"], run["metadata"], run["tool_choice"]) == ([WEATHER], {}, "auto")
    assert (run["parallel_tool_calls"], run["truncation_strategy"]["type"]) == (True, "auto")
    own = {"model": "gpt-4o-mini", "instructions": "be brief", "additional_instructions": "please", "tools": []}
    run = mock.ok("createRun", a_thread(mock), {"assistant_id": assistant, **own})
    assert (run["model"], run["instructions"], run["tools"]) == ("gpt-4o-mini", "be brief\nplease", [])


def test_function_tools_pause_the_run_until_their_outputs_come(mock):
    """requires_action names the calls; their outputs, all at once, let the run complete."""
    path = begin(mock, a_thread(mock, "What is the weather in Paris and in Rome?"), an_assistant(mock, WEATHER))
    run = ended(mock, path)
    assert (run["status"], len(calls_of(run)), run["usage"]) == ("requires_action", 2, None)
    assert [json.loads(each["function"]["arguments"])["city"] for each in calls_of(run)] == ["Paris", "Rome"]
    assert all(each["id"].startswith("call_") for each in calls_of(run))
    (step,) = mock.ok("listRunSteps", path)["data"]
    assert (step["status"], step["usage"]) == ("in_progress", None)
    assert [each["function"]["output"] for each in step["step_details"]["tool_calls"]] == [None, None]
    resumed = mock.ok("submitToolOuputsToRun", path, outputs(run))
    assert (resumed["status"], resumed["required_action"]) == ("queued", None)
    assert ended(mock, path)["status"] == "completed"
    assert "22 degrees" in said(mock, path)
    first = mock.ok("getRunStep", {**path, "step_id": step["id"]})
    assert (first["status"], first["step_details"]["tool_calls"][0]["function"]["output"]) == (
        "completed",
        "22 degrees",
    )
    assert len(mock.ok("listRunSteps", path)["data"]) == 2


def test_tool_outputs_must_fit(mock):
    """All calls at once, none unknown, none twice, and only while the run waits."""
    path = begin(mock, a_thread(mock, "The weather and the time in Paris?"), an_assistant(mock, WEATHER, CLOCK))
    mock.refused(400, "submitToolOuputsToRun", path, {"tool_outputs": []})
    run = ended(mock, path)
    fitting = outputs(run)["tool_outputs"]
    unknown = {"tool_call_id": "call_none", "output": "x"}
    for wrong in ([], fitting[:1], [*fitting, unknown], [*fitting, fitting[0]]):
        mock.refused(400, "submitToolOuputsToRun", path, {"tool_outputs": wrong})
    assert mock.ok("getRun", path) == run
    mock.ok("submitToolOuputsToRun", path, {"tool_outputs": fitting})
    mock.refused(400, "submitToolOuputsToRun", path, {"tool_outputs": fitting})


@pytest.mark.parametrize(
    ("body", "called"),
    [
        ({"tool_choice": "none"}, []),
        ({"tool_choice": {"type": "function", "function": {"name": "get_time"}}}, ["get_time"]),
        ({"parallel_tool_calls": False}, ["get_weather"]),
        ({"tool_choice": "required"}, ["get_weather"]),
        ({"tools": []}, []),
        ({}, ["get_weather"]),
    ],
)
def test_tool_choice_decides_which_functions_are_called(mock, body, called):
    """none, a name, no parallel calls, and the run's own tools are honoured."""
    path = begin(mock, a_thread(mock, ASK), an_assistant(mock, WEATHER, CLOCK), **body)
    run = ended(mock, path)
    assert run["status"] == ("requires_action" if called else "completed")
    assert [each["function"]["name"] for each in (calls_of(run) if called else [])] == called


def test_hosted_tools_leave_steps_of_their_own(mock):
    """Code interpreter shows code and logs; file search shows hits, quoted on demand, and the message cites one."""
    made = mock.ok(
        "createFile", body={"file": Upload("a.txt", b"The capital of France is Paris."), "purpose": "assistants"}
    )
    store = mock.ok("createVectorStore", body={"file_ids": [made["id"]]})
    resources = {"file_search": {"vector_store_ids": [store["id"]]}}
    tools = ({"type": "code_interpreter"}, {"type": "file_search"})
    assistant = an_assistant(mock, *tools, tool_resources=resources)
    path = begin(mock, a_thread(mock, "What is the capital of France?"), assistant)
    assert ended(mock, path)["status"] == "completed"
    code, search, message = mock.ok("listRunSteps", path, order="asc")["data"]
    (called,) = code["step_details"]["tool_calls"]
    assert called["code_interpreter"]["outputs"] == [{"type": "logs", "logs": "6\n"}]
    (called,) = search["step_details"]["tool_calls"]
    assert (called["file_search"]["results"][0]["file_id"], message["type"]) == (made["id"], "message_creation")
    assert "content" not in called["file_search"]["results"][0]
    quoted = mock.ok("getRunStep", {**path, "step_id": search["id"]}, include=[QUOTES])
    (called,) = quoted["step_details"]["tool_calls"]
    assert called["file_search"]["results"][0]["content"][0]["text"] == "The capital of France is Paris."
    (part,) = mock.ok("listMessages", {"thread_id": path["thread_id"]})["data"][0]["content"]
    (note,) = part["text"]["annotations"]
    assert note["file_citation"]["file_id"] == made["id"]
    assert part["text"]["value"][note["start_index"] : note["end_index"]] == note["text"]


def test_a_thread_is_locked_while_a_run_is_active(mock):
    """No message and no other run until the run has ended."""
    thread, assistant = a_thread(mock, ASK), an_assistant(mock, WEATHER)
    path = begin(mock, thread, assistant)
    for _ in range(2):
        mock.refused(400, "createMessage", thread, {"role": "user", "content": "x"})
        mock.refused(400, "createRun", thread, {"assistant_id": assistant})
        run = ended(mock, path)
    mock.ok("submitToolOuputsToRun", path, outputs(run))
    ended(mock, path)
    mock.ok("createMessage", thread, {"role": "user", "content": "x"})
    begin(mock, thread, assistant)


def test_additional_messages_come_before_the_run(mock):
    """They are appended to the thread and answered."""
    extra = [{"role": "user", "content": 'Say "late"'}]
    path = begin(mock, a_thread(mock, 'Say "early"'), an_assistant(mock), additional_messages=extra)
    ended(mock, path)
    assert said(mock, path) == "late"
    assert len(mock.ok("listMessages", {"thread_id": path["thread_id"]})["data"]) == 3


@pytest.mark.parametrize("wait", [0, 0.5, 3])
def test_a_run_can_be_cancelled_until_it_has_ended(mock, wait):
    """From queued, in_progress and requires_action: cancelling, then cancelled; open steps are closed."""
    path = begin(mock, a_thread(mock, ASK), an_assistant(mock, WEATHER))
    mock.wait(wait)
    assert mock.ok("cancelRun", path)["status"] == "cancelling"
    run = ended(mock, path)
    assert (run["status"], run["required_action"], run["cancelled_at"] is None) == ("cancelled", None, False)
    assert {each["status"] for each in mock.ok("listRunSteps", path)["data"]} <= {"cancelled"}
    mock.refused(400, "cancelRun", path)
    mock.ok("createMessage", {"thread_id": path["thread_id"]}, {"role": "user", "content": "x"})


def test_a_completed_run_cannot_be_cancelled(mock):
    """What has ended is refused."""
    path = begin(mock, a_thread(mock, "hello"), an_assistant(mock))
    done = ended(mock, path)
    assert "completed" in mock.refused(400, "cancelRun", path)["message"]
    assert mock.ok("getRun", path) == done


def test_a_run_that_nobody_answers_expires(mock):
    """Ten minutes without tool outputs end a run and its step."""
    path = begin(mock, a_thread(mock, ASK), an_assistant(mock, WEATHER))
    run = ended(mock, path)
    mock.wait(600)
    assert mock.ok("getRun", path)["status"] == "expired"
    (step,) = mock.ok("listRunSteps", path)["data"]
    assert (step["status"], step["expired_at"] is None) == ("expired", False)
    mock.refused(400, "submitToolOuputsToRun", path, outputs(run))


def test_a_run_fails_when_its_assistant_or_store_is_gone(mock):
    """A deleted assistant or an expired vector store fails the run with a reason, and no message comes."""
    assistant = an_assistant(mock)
    path = begin(mock, a_thread(mock, "hello"), assistant)
    mock.ok("deleteAssistant", {"assistant_id": assistant})
    run = ended(mock, path)
    assert (run["status"], run["last_error"]["code"], run["failed_at"] is None) == ("failed", "server_error", False)
    body = {"expires_after": {"anchor": "last_active_at", "days": 1}}
    store = mock.ok("createVectorStore", body=body)["id"]
    resources = {"file_search": {"vector_store_ids": [store]}}
    assistant = an_assistant(mock, {"type": "file_search"}, tool_resources=resources)
    mock.wait(100_000)
    path = begin(mock, a_thread(mock, "hello"), assistant)
    run = ended(mock, path)
    assert (run["status"], store in run["last_error"]["message"]) == ("failed", True)
    assert len(mock.ok("listMessages", {"thread_id": path["thread_id"]})["data"]) == 1


def test_a_run_that_ended_before_its_assistant_was_deleted_stays_completed(mock):
    """Deleting something does not change what was due before, although nobody had looked."""
    assistant = an_assistant(mock)
    path = begin(mock, a_thread(mock, "hello"), assistant)
    mock.wait(3)
    mock.ok("deleteAssistant", {"assistant_id": assistant})
    assert mock.ok("getRun", path)["status"] == "completed"


def test_token_limits_leave_a_run_incomplete(mock):
    """Too little room for the answer cuts the message, too much to read ends the run without one."""
    assistant = an_assistant(mock)
    path = begin(mock, a_thread(mock, "Write a very long story."), assistant, max_completion_tokens=256)
    run = ended(mock, path)
    assert (run["status"], run["incomplete_details"]) == ("incomplete", {"reason": "max_completion_tokens"})
    assert run["usage"]["completion_tokens"] == 256
    message = mock.ok("listMessages", {"thread_id": path["thread_id"]})["data"][0]
    assert (message["status"], message["incomplete_details"]) == ("incomplete", {"reason": "max_tokens"})
    path = begin(mock, a_thread(mock, "word " * 300), assistant, max_prompt_tokens=256)
    assert ended(mock, path)["incomplete_details"] == {"reason": "max_prompt_tokens"}
    assert len(mock.ok("listMessages", {"thread_id": path["thread_id"]})["data"]) == 1


def test_truncation_leaves_old_messages_out(mock):
    """With the last message only, a long thread fits again."""
    thread, assistant = a_thread(mock, "word " * 300, "short"), an_assistant(mock)
    truncation = {"type": "last_messages", "last_messages": 1}
    path = begin(mock, thread, assistant, max_prompt_tokens=256, truncation_strategy=truncation)
    run = ended(mock, path)
    assert (run["status"], run["usage"]["prompt_tokens"]) == ("completed", 1)


def test_a_json_schema_is_kept(mock):
    """The answer is JSON of the schema asked for; an impossible schema fails the run."""
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    path = begin(mock, a_thread(mock, "hello"), an_assistant(mock, response_format=wanted))
    ended(mock, path)
    assert isinstance(json.loads(said(mock, path))["n"], int)
    wanted["json_schema"]["schema"] = {"type": "object", "properties": {"n": {"enum": []}}, "required": ["n"]}
    path = begin(mock, a_thread(mock, "hello"), an_assistant(mock), response_format=wanted)
    run = ended(mock, path)
    assert (run["status"], run["last_error"]["code"]) == ("failed", "invalid_prompt")


def test_the_same_seed_gives_the_same_answer():
    """Two servers with one seed say the same; the seed decides."""
    texts = []
    for seed in (1, 1, 2):
        mock = Driver(seed=seed)
        path = begin(mock, a_thread(mock, "Tell me of rivers"), an_assistant(mock))
        ended(mock, path)
        texts.append(said(mock, path))
    assert texts[0] == texts[1] != texts[2]


def test_runs_are_listed_and_changed(mock):
    """Metadata can be replaced, also later; a run is unknown under another thread."""
    thread, assistant = a_thread(mock, "hello"), an_assistant(mock)
    paths = []
    for _ in range(3):
        paths.append(begin(mock, thread, assistant))
        done = ended(mock, paths[-1])
    ids = [each["run_id"] for each in paths]
    assert [each["id"] for each in mock.ok("listRuns", thread)["data"]] == ids[::-1]
    assert [each["id"] for each in mock.ok("listRuns", thread, order="asc", after=ids[0])["data"]] == ids[1:]
    assert mock.ok("modifyRun", paths[-1], {"metadata": {"k": "v"}}) == {**done, "metadata": {"k": "v"}}
    mock.refused(404, "getRun", {**a_thread(mock), "run_id": ids[0]})


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        ({"assistant_id": "asst_none"}, 404, "assistant_id"),
        ({"model": "none"}, 404, "model"),
        ({"metadata": {str(n): "" for n in range(17)}}, 400, "metadata"),
        ({"truncation_strategy": {"type": "last_messages"}}, 400, "truncation_strategy.last_messages"),
        ({"truncation_strategy": {"type": "auto", "last_messages": 3}}, 400, "truncation_strategy.last_messages"),
        ({"tool_choice": {"type": "function"}}, 400, "tool_choice.function"),
    ],
)
@pytest.mark.parametrize("operation", ["createRun", "createThreadAndRun"])
def test_what_a_run_cannot_be_made_of_is_refused(mock, operation, body, status, param):
    """Unknown ids are 404, broken prose rules 400, and nothing is left behind."""
    asked = {"assistant_id": an_assistant(mock), **body}
    thread = a_thread(mock)
    assert mock.refused(status, operation, thread if operation == "createRun" else {}, asked)["param"] == param
    assert mock.ok("listRuns", thread)["data"] == []


def test_a_thread_and_its_run_are_made_together(mock):
    """The run stands on a new thread with the messages that were sent."""
    thread = {"messages": [{"role": "user", "content": 'Say "both"'}], "metadata": {"k": "v"}}
    run = mock.ok("createThreadAndRun", body={"assistant_id": an_assistant(mock), "thread": thread})
    path = {"thread_id": run["thread_id"], "run_id": run["id"]}
    assert mock.ok("getThread", {"thread_id": run["thread_id"]})["metadata"] == {"k": "v"}
    assert ended(mock, path)["status"] == "completed"
    assert said(mock, path) == "both"


def test_a_stream_tells_what_later_reads_tell(mock):
    """Run, message and steps of the stream's last events are what get and list answer."""
    thread, assistant = a_thread(mock, "hello"), an_assistant(mock, {"type": "code_interpreter"})
    events = mock.stream("createRun", thread, {"assistant_id": assistant})
    last = dict(events)
    run = last["thread.run.completed"]
    path = {**thread, "run_id": run["id"]}
    assert events[-1] == ("done", "[DONE]")
    assert mock.ok("getRun", path) == run
    assert mock.ok("listMessages", thread)["data"][0] == last["thread.message.completed"]
    steps = [data for name, data in events if name == "thread.run.step.completed"]
    assert mock.ok("listRunSteps", path, order="asc")["data"] == steps


def test_a_stream_says_what_a_plain_run_says(mock):
    """With and without stream: the same text, the same kinds of steps."""
    assistant = an_assistant(mock, {"type": "code_interpreter"})
    plain = begin(mock, a_thread(mock, "Tell me of rivers"), assistant)
    ended(mock, plain)
    thread = a_thread(mock, "Tell me of rivers")
    events = mock.stream("createRun", thread, {"assistant_id": assistant})
    deltas = [data["delta"]["content"][0]["text"]["value"] for name, data in events if name == "thread.message.delta"]
    assert "".join(deltas) == said(mock, plain)
    kinds = [data["type"] for name, data in events if name == "thread.run.step.completed"]
    assert kinds == [each["type"] for each in mock.ok("listRunSteps", plain, order="asc")["data"]]


def test_streams_pause_for_tool_outputs_and_go_on(mock):
    """requires_action ends the first stream; the outputs' stream closes the waiting step and completes."""
    thread = {"messages": [{"role": "user", "content": ASK}]}
    events = mock.stream("createThreadAndRun", {}, {"assistant_id": an_assistant(mock, WEATHER), "thread": thread})
    assert [events[0][0], events[-2][0]] == ["thread.created", "thread.run.requires_action"]
    run = events[-2][1]
    path = {"thread_id": run["thread_id"], "run_id": run["id"]}
    assert mock.ok("getRun", path) == run
    events = mock.stream("submitToolOuputsToRun", path, outputs(run))
    assert [events[0][0], events[-2][0]] == ["thread.run.step.completed", "thread.run.completed"]
    assert mock.ok("getRun", path) == events[-2][1]


@pytest.mark.parametrize(
    ("prompt", "body", "end"),
    [
        ("Write a very long story.", {"max_completion_tokens": 256}, "thread.run.incomplete"),
        ("word " * 300, {"max_prompt_tokens": 256}, "thread.run.incomplete"),
        ("[refuse] this", {}, "thread.run.completed"),
        (ASK, {"tools": [WEATHER, CLOCK, {"type": "code_interpreter"}]}, "thread.run.requires_action"),
        ("hello", {"tools": [{"type": "file_search"}]}, "thread.run.completed"),
    ],
)
def test_every_end_of_a_stream_keeps_the_grammar(mock, prompt, body, end):
    """Incomplete, refused and paused runs stream as the grammar of runs has it."""
    events = mock.stream("createRun", a_thread(mock, prompt), {"assistant_id": an_assistant(mock), **body})
    assert events[-2][0] == end


def test_a_streamed_run_fails_in_its_stream(mock):
    """A run that cannot work ends its stream with thread.run.failed."""
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"enum": []}}}
    body = {"assistant_id": an_assistant(mock), "response_format": wanted}
    events = mock.stream("createRun", a_thread(mock, "hello"), body)
    assert events[-2][0] == "thread.run.failed"


def test_steps_in_a_stream_quote_files_only_on_demand(mock):
    """`include[]` of createRun decides what the steps of its stream show."""
    made = mock.ok("createFile", body={"file": Upload("a.txt", b"rivers flow"), "purpose": "assistants"})
    store = mock.ok("createVectorStore", body={"file_ids": [made["id"]]})["id"]
    resources = {"file_search": {"vector_store_ids": [store]}}
    body = {"assistant_id": an_assistant(mock, {"type": "file_search"}, tool_resources=resources)}
    shown = []
    for query in ({}, {"include": [QUOTES]}):
        events = mock.stream("createRun", a_thread(mock, "rivers"), body, **query)
        step = next(data for name, data in events if name == "thread.run.step.completed")
        shown.append("content" in step["step_details"]["tool_calls"][0]["file_search"]["results"][0])
    assert shown == [False, True]


def test_a_run_goes_on_after_a_restart(tmp_path):
    """With a database a new process finds the run where the old one left it, and takes it to its end."""
    mock = Driver(db=str(tmp_path / "state.db"))
    path = begin(mock, a_thread(mock, ASK), an_assistant(mock, WEATHER))
    waiting = ended(mock, path)
    mock.mock.store.close()
    again = Driver(db=str(tmp_path / "state.db"))
    again.wait(3)
    assert again.ok("getRun", path) == waiting
    again.ok("submitToolOuputsToRun", path, outputs(waiting))
    assert ended(again, path)["status"] == "completed"
    again.mock.store.close()
