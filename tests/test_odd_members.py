"""Members that are missing, and members that no schema asks for.

One member left out breaks the schema once: what else is said of it is written down, and has to be true. The golden
files hold every member of a right stream whose absence is more than a broken schema.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import golden_files
import pytest
import stream_builders_realtime as realtime
import stream_builders_runs as runs
from stream_case import Event, json_lines, sse
from stream_cases_runs import SAYING

from contract.grammars import surface
from contract.spec import load
from contract.streams import StreamJudge

SPEC = load()
#: A stream to take members from: its name, its operation, its events.
Whole = tuple[str, str, list[Event]]


def sessions() -> Iterator[Whole]:
    """Right Realtime sessions, one for each kind of answer and one of the user's speech."""
    for make in (realtime.plain, realtime.speaking, realtime.calling, realtime.listening, realtime.dictating):
        frames = [{"event_id": f"event_{at}", **frame} for at, frame in enumerate(make())]
        yield make.__name__, "realtime", [(None, frame) for frame in frames]


def streams_of_runs() -> Iterator[Whole]:
    """Right streams of runs: one for each kind of step and of end."""
    for make in (runs.acting, runs.coding, runs.cut, runs.troubled):
        yield make.__name__, "createRun", make()
    yield "saying", "createRun", SAYING
    for operation in ("createRun", "createThreadAndRun", "submitToolOuputsToRun"):
        yield f"plain {operation}", operation, runs.plain(operation)


WHOLES = {"realtime": sessions, "runs": streams_of_runs}


def members(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every member of an object, and of the objects in it."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        if isinstance(value, dict):
            yield (*path, key)
        yield from members(inner, (*path, key))


def without(value: Any, path: tuple[Any, ...]) -> Any:
    """A copy that lacks the member at a path."""
    copy = json.loads(json.dumps(value))
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return copy


def judged(operation: str, events: list[Event]) -> tuple[list[str], str]:
    """What is found besides the broken schema, and the text."""
    if operation == "realtime":
        judge = StreamJudge(SPEC, operation, {}, 101, None)
        body = json_lines(frame for _, frame in events)
    else:
        judge = StreamJudge(SPEC, operation, {"stream": True}, 200, "text/event-stream")
        body = sse(events)
    found = [*judge.feed(body), *judge.close()]
    schema = surface("realtime" if operation == "realtime" else "runs").schema_rule
    said = [f"{each.rule} {each.where}: {each.actual}" for each in found if each.rule != schema]
    return said, judge.text


def notable(whole: Whole) -> Iterator[tuple[str, list[str]]]:
    """The members of a stream whose absence changes more than the schema says, and what it changes."""
    name, operation, events = whole
    right = judged(operation, events)
    assert right[0] == []
    for at, (event, data) in enumerate(events):
        for path in members(data):
            cut = [*events[:at], (event, without(data, path)), *events[at + 1 :]]
            said, text = judged(operation, cut)
            if text != right[1]:
                said.append(f"text: {text!r}")
            if said:
                kind = event or data["type"]
                yield f"{kind} without {'/'.join(map(str, path))} (event {at + 1}, {name})", said


def lines(surface_: str) -> Iterator[str]:
    """What is notable, once for each member of each event and each set of rules."""
    told = set()
    for whole in WHOLES[surface_]():
        for head, said in notable(whole):
            key = (head.partition(" (")[0], *(each.partition(" ")[0] for each in said))
            if key not in told:
                told.add(key)
                yield "\n  ".join([head, *said])


@pytest.mark.parametrize("name", WHOLES)
def test_a_member_that_is_left_out_breaks_the_schema_and_little_else(name: str) -> None:
    """Whatever member is missing, the judge goes on, and says no more than follows."""
    golden_files.check(f"left_out.{name}.txt", "\n".join(lines(name)) + "\n")


#: Members by which one kind of object is told from another; a schema looks at those of the object's own kind only.
OTHERS = (
    "tool_calls",
    "message_creation",
    "function",
    "code_interpreter",
    "text",
    "image_file",
    "refusal",
    "item",
    "part",
)
JUNK: tuple[Any, ...] = (None, 5, [1])


def strange(value: Any) -> Iterator[Any]:
    """Copies of an object in which it, or an object in it, has members of other kinds, or loses its type."""
    if isinstance(value, list):
        for at, inner in enumerate(value):
            yield from ([*value[:at], each, *value[at + 1 :]] for each in strange(inner))
    elif isinstance(value, dict):
        for junk in JUNK:
            others = dict.fromkeys(OTHERS, junk)
            yield {**others, **value}
            yield {key: inner for key, inner in {**value, **others}.items() if key != "type"}
        for key, inner in value.items():
            yield from ({**value, key: each} for each in strange(inner))


@pytest.mark.parametrize("name", WHOLES)
def test_a_member_that_no_schema_looks_at_is_no_trouble(name: str) -> None:
    """Whatever stands under the name of another kind's member, or where the type is missing, nothing crashes."""
    met = set()
    for _, operation, events in WHOLES[name]():
        for at, (event, data) in enumerate(events):
            for odd in strange(data):
                if (event, key := json.dumps(odd)) not in met:
                    met.add((event, key))
                    judged(operation, [*events[:at], (event, odd), *events[at + 1 :]])
