"""Runs on threads."""

from __future__ import annotations

from typing import Any

from strategies import resources
from strategies.kinds import WEATHER
from strategies.lifecycles.steps import Steps

_TOOLS = [{"type": "function", "function": WEATHER}]


def _start(steps: Steps, **more: Any) -> dict[str, str]:
    thread = steps.ask("createThread", body={"messages": [{"role": "user", "content": "Say hello."}]})
    path = {"thread_id": str(thread.get("id"))}
    started = steps.ask("createRun", path, {"assistant_id": "<ref assistant>", **more})
    steps.equal("lifecycle/follows", path["thread_id"], started.get("thread_id"), "/thread_id")
    return {**path, "run_id": str(started.get("id"))}


def run(steps: Steps) -> None:
    """A plain run: it ends, leaves a step and a message; changed metadata stays; it is not cancelled afterwards."""
    here = _start(steps)
    ended = steps.until_ended("getRun", here, "requires_action")
    if ended.get("status") != "completed":
        steps.stage.skip(f"the run ended as {ended.get('status')}")
    made = steps.ask("listRunSteps", here).get("data") or []
    if not made:
        steps.broken("lifecycle/follows", "a run step", "none", "/data")
    for each in made[:1]:
        step = steps.ask("getRunStep", {**here, "step_id": str(each.get("id"))})
        for name in ("run_id", "type", "status", "step_details", "created_at"):
            if name in each:
                steps.equal("lifecycle/same-everywhere", each[name], step.get(name), f"/{name}")
    messages = steps.ask("listMessages", {"thread_id": here["thread_id"]}).get("data") or []
    if here["run_id"] not in [each.get("run_id") for each in messages if isinstance(each, dict)]:
        steps.broken("lifecycle/follows", "a message of the run on the thread", "none", "/data")
    listed = steps.ask("listRuns", {"thread_id": here["thread_id"]}).get("data") or []
    steps.equal("lifecycle/same-everywhere", ["completed"], [each.get("status") for each in listed], "/data")
    steps.ask("modifyRun", here, {"metadata": {"changed": "yes"}})
    again = steps.ask("getRun", here)
    steps.equal("lifecycle/change-kept", {"changed": "yes"}, again.get("metadata"), "/metadata")
    steps.equal("lifecycle/ended-stays", "completed", again.get("status"), "/status")
    steps.refused("lifecycle/ended-stays", "cancelRun", here, why="the run has ended (openapi.yaml:12234)")
    steps.ask("deleteThread", {"thread_id": here["thread_id"]})
    steps.gone("listMessages", {"thread_id": here["thread_id"]})


def tools(steps: Steps) -> None:
    """A forced function: the run waits, refuses a wrong id, takes the outputs, ends, takes none again."""
    choice = {"type": "function", "function": {"name": "get_weather"}}
    here = _start(steps, tools=_TOOLS, tool_choice=choice)
    waiting = steps.until_ended("getRun", here, "requires_action")
    if waiting.get("status") != "requires_action":
        steps.stage.skip(f"the run did not ask for tool outputs: {waiting.get('status')}")
    action = waiting.get("required_action") or {}
    calls = (action.get("submit_tool_outputs") or {}).get("tool_calls") or []
    if not calls:
        steps.broken("lifecycle/follows", "tool calls to answer", action, "/required_action")
        return
    wrong = {"tool_outputs": [{"tool_call_id": "call_contract_no_such", "output": "x"}]}
    steps.refused("lifecycle/refused", "submitToolOuputsToRun", here, wrong, why="no tool call has this id")
    outputs = {"tool_outputs": [{"tool_call_id": each.get("id"), "output": "22 degrees"} for each in calls]}
    taken = steps.ask("submitToolOuputsToRun", here, outputs)
    if taken.get("status") == "requires_action" and taken.get("required_action") in (None, action):
        steps.broken("lifecycle/follows", "a run that goes on", "requires_action", "/status")
    ended = steps.until_ended("getRun", here, "requires_action")
    if ended.get("status") == "completed":
        why = "the run does not wait (openapi.yaml:12610)"
        steps.refused("lifecycle/refused", "submitToolOuputsToRun", here, outputs, why=why)


def several_tools(steps: Steps) -> None:
    """Two functions called at once: the output of one is not enough (openapi.yaml:12613)."""
    clock = {"name": "get_time", "description": "The time of a city", "parameters": WEATHER["parameters"]}
    both = [{"role": "user", "content": "What are the weather and the time in Paris? Call both functions at once."}]
    tools = [*_TOOLS, {"type": "function", "function": clock}]
    here = _start(steps, tools=tools, tool_choice="required", additional_messages=both)
    waiting = steps.until_ended("getRun", here, "requires_action")
    calls = resources.call_ids(waiting)
    if len(calls) < 2:
        steps.stage.inconclusive("the run did not call two functions at once")
    some = {"tool_outputs": [{"tool_call_id": calls[0], "output": "22 degrees"}]}
    why = "all outputs must be submitted in a single request (openapi.yaml:12613)"
    steps.refused("lifecycle/refused", "submitToolOuputsToRun", here, some, why=why)


def cancelled(steps: Steps) -> None:
    """A waiting run is cancelled: cancelling, then cancelled."""
    choice = {"type": "function", "function": {"name": "get_weather"}}
    here = _start(steps, tools=_TOOLS, tool_choice=choice)
    waiting = steps.until_ended("getRun", here, "requires_action")
    if waiting.get("status") != "requires_action":
        steps.stage.skip(f"the run did not wait: {waiting.get('status')}")
    status = steps.ask("cancelRun", here).get("status")
    if status not in {"cancelling", "cancelled"}:
        steps.broken("lifecycle/cancelled", "cancelling or cancelled", status, "/status")
    ended = steps.until_ended("getRun", here)
    steps.equal("lifecycle/cancelled", "cancelled", ended.get("status"), "/status")


def thread_and_run(steps: Steps) -> None:
    """The thread that is made with a run can be read, lists the run and its messages."""
    body = {
        "assistant_id": "<ref assistant>",
        "thread": {"messages": [{"role": "user", "content": "Say hello."}], "metadata": {"made_by": "contract"}},
    }
    started = steps.ask("createThreadAndRun", body=body)
    path = {"thread_id": str(started.get("thread_id"))}
    thread = steps.ask("getThread", path)
    steps.equal("lifecycle/sent-comes-back", {"made_by": "contract"}, thread.get("metadata"), "/metadata")
    runs = steps.ask("listRuns", path).get("data") or []
    steps.equal("lifecycle/listed", [started.get("id")], [each.get("id") for each in runs], "/data")
    steps.until_ended("getRun", {**path, "run_id": str(started.get("id"))}, "requires_action")
    messages = steps.ask("listMessages", path, order="asc").get("data") or []
    first = str((messages[0].get("content") or [{}])[0]) if messages else ""
    if "Say hello." not in first:
        steps.broken("lifecycle/sent-comes-back", "the message that was sent first", first, "/data/0")
