"""For each MUST and SHOULD of run streams: an edit of a right stream that breaks it."""

from __future__ import annotations

from typing import Any

from stream_builders_runs import (
    ARGUMENTS,
    CALL,
    DONE,
    USAGE,
    acting,
    add,
    begun,
    call,
    case,
    coding,
    cut,
    drop,
    ended,
    find,
    function,
    message,
    message_delta,
    move,
    opened,
    opening,
    plain,
    put,
    required,
    run,
    step,
    step_delta,
    text,
    text_delta,
    thread,
    troubled,
    twice,
)
from stream_case import Edit, Event, StreamCase
from stream_cases_run_life import LIVES

TAR, SUB = "createThreadAndRun", "submitToolOuputsToRun"
WRONG_SUM = {**USAGE, "total_tokens": 1}


def nameless(events: list[Event]) -> None:
    """Take the event field from the first event."""
    events[0] = (None, events[0][1])


def done_with_object(events: list[Event]) -> None:
    """Give the done event an object as data."""
    events[-1] = ("done", {})


def first_call(**members: Any) -> Edit:
    """Set members of the first streamed fragment of a call."""

    def edit(events: list[Event]) -> None:
        details = find(events, "run.step.delta")["delta"]["step_details"]
        details["tool_calls"][0].update(members)

    return edit


def both(*edits: Edit) -> Edit:
    """One edit after the other."""

    def edit(events: list[Event]) -> None:
        for each in edits:
            events[:] = each(events) or events

    return edit


def omit(name: str, *members: str) -> Edit:
    """Take members from the first event of that name."""

    def edit(events: list[Event]) -> None:
        for member in members:
            del find(events, name)[member]

    return edit


def without_id(events: list[Event]) -> None:
    """Take the id from the first fragment of a call."""
    del find(events, "run.step.delta")["delta"]["step_details"]["tool_calls"][0]["id"]


def second_fragment(**members: Any) -> Edit:
    """Set members of the second fragment of a call."""

    def edit(events: list[Event]) -> None:
        deltas = [data for name, data in events if name == "thread.run.step.delta"]
        deltas[1]["delta"]["step_details"]["tool_calls"][0].update(members)

    return edit


def delta_says_message(events: list[Event]) -> None:
    """Let the first step delta speak of a message."""
    details = {"type": "message_creation", "message_creation": {"message_id": "msg_1"}}
    find(events, "run.step.delta")["delta"]["step_details"] = details


def wants(*calls: dict[str, Any]) -> Edit:
    """Let `required_action` list these calls."""
    return put("run.requires_action", required_action=required(*calls))


def completed_code(**members: Any) -> Edit:
    """Change the code interpreter call of the completed step."""

    def edit(events: list[Event]) -> None:
        find(events, "run.step.completed")["step_details"]["tool_calls"][0].update(members)

    return edit


def says(*parts: dict[str, Any]) -> Edit:
    """Let the completed message hold these parts."""
    return put("message.completed", content=list(parts))


def open_at(end: str) -> Edit:
    """Leave the step and the message open at the run's end."""

    def edit(events: list[Event]) -> None:
        kept = [each for each in events if each[0] not in {"thread.message.incomplete", f"thread.run.step.{end}"}]
        events[:] = kept

    return edit


def only(what: str, *states: str) -> Edit:
    """Leave no events of steps ("run.step") or messages but those that tell these states."""
    kept = {f"thread.{what}.{state}" for state in states}
    return lambda events: [each for each in events if each[0].rpartition(".")[0] != f"thread.{what}" or each[0] in kept]


def interpreter(text_: str) -> dict[str, Any]:
    """A code interpreter's part of a call."""
    return {"input": text_, "outputs": []}


ERROR = {"type": "server_error", "message": "x", "code": None, "param": None}
WEATHER = {"name": "weather", "arguments": ARGUMENTS}
SAYS = {"type": "message_creation", "step_details": step("in_progress")["step_details"]}
OF_RUN = ("run_id", "thread_id", "assistant_id")
REFUSAL = {"index": 0, "type": "refusal", "refusal": "lo"}
PLAIN, ACTING, CODING = plain(), acting(), coding()
SAYING = [*plain()[:-2], ("thread.run.requires_action", run("requires_action", required_action=required())), DONE]
ON_SUBMIT = plain(SUB)
ON_BOTH = plain(TAR)


CASES: list[StreamCase] = [
    case("RUN-001", PLAIN, nameless, "no event field"),
    case("RUN-001", ON_BOTH, nameless, "no event field at first", TAR),
    case("RUN-001", PLAIN, lambda events: find(events, "run.created").pop("model") and None, "run without model"),
    case("RUN-001", PLAIN, omit("run.queued", "max_prompt_tokens", "required_action"), "run without what all show"),
    case("RUN-001", PLAIN, omit("message.created", "completed_at"), "message without what all show"),
    case("RUN-001", PLAIN, put("message.created", role="robot"), "message with an unknown role"),
    case("RUN-001", PLAIN, lambda events: find(events, "message.completed").pop("status") and None, "no status"),
    case("RUN-002", PLAIN, drop("done"), "no done"),
    case("RUN-002", PLAIN, done_with_object, "done with an object"),
    case("RUN-002", troubled(), done_with_object, "done with an object after an error"),
    case("RUN-002", PLAIN, lambda events: [*events[:-1], ("end", "[DONE]")], "another name"),
    case("RUN-004", ON_BOTH, drop("thread.created"), "no thread.created", TAR),
    case("RUN-004", ON_BOTH, twice("thread.created"), "two of them", TAR),
    case("RUN-004", ON_BOTH, move("thread.created", "thread.run.in_progress"), "late", TAR),
    case("RUN-005", PLAIN, drop("run.created"), "no run.created"),
    case("RUN-005", PLAIN, move("run.created", "run.in_progress"), "late"),
    case("RUN-005", PLAIN, move("run.step.created", "run.created"), "a step before"),
    case("RUN-006", PLAIN, add(("thread.created", thread()), "run.created"), "a thread on createRun"),
    case("RUN-006", ON_SUBMIT, add(("thread.run.created", run("queued")), "run.queued"), "a run on submit", SUB),
    case("RUN-007", PLAIN, put("run.queued", status="in_progress")),
    case("RUN-008", PLAIN, twice("run.in_progress"), "in_progress twice"),
    case("RUN-008", PLAIN, move("run.queued", "run.completed"), "queued late"),
    case("RUN-008", PLAIN, add(("thread.run.failed", run("failed")), "done"), "two ends"),
    case("RUN-008", PLAIN, move("message.completed", "done"), "a message after the end"),
    case("RUN-009", PLAIN, drop("run.completed")),
    case("RUN-010", PLAIN, drop("run.queued")),
    case("RUN-010", ON_SUBMIT, drop("run.queued"), "on submit", SUB),
    case("RUN-011", PLAIN, move("run.step.created", "run.in_progress"), "a step before"),
    case("RUN-011", PLAIN, move("run.in_progress", "message.completed"), "deltas before"),
    case("RUN-011", [*opened("createRun"), *ended()], drop("run.in_progress"), "completed without"),
    case("RUN-012", PLAIN, put("run.completed", id="run_2"), "the run's id"),
    case("RUN-012", ON_BOTH, put("thread.created", id="thread_2"), "the thread's id", TAR),
    *(case("RUN-012", PLAIN, put("run.completed", **{each: "x"}), each) for each in ("thread_id", "assistant_id")),
    case("RUN-012", PLAIN, both(omit("run.queued", "id"), put("run.queued", thread_id="x")), "no id, another thread"),
    case("RUN-013", PLAIN, put("run.completed", created_at=2)),
    case("RUN-014", ACTING, put("run.requires_action", required_action=None), "none where it is due"),
    case("RUN-014", PLAIN, put("run.in_progress", required_action=required(function())), "one where it is not"),
    case("RUN-015", cut("failed"), put("run.failed", last_error=None), "none where it is due"),
    case("RUN-016", cut(), put("run.incomplete", incomplete_details=None), "none where it is due"),
    case(
        "RUN-016", cut(), lambda events: find(events, "run.incomplete").pop("incomplete_details") and None, "left out"
    ),
    case("RUN-017", PLAIN, put("run.completed", completed_at=None)),
    case("RUN-018", PLAIN, put("run.in_progress", usage=USAGE)),
    case("RUN-019", PLAIN, put("run.completed", usage=WRONG_SUM), "of the run"),
    case("RUN-019", PLAIN, put("run.step.completed", usage=WRONG_SUM), "of the step"),
    case("RUN-020", PLAIN, put("run.completed", usage=None)),
    case("RUN-030", PLAIN, drop("run.step.created"), "no created"),
    case("RUN-030", PLAIN, twice("run.step.created"), "two of them"),
    case("RUN-030", PLAIN, only("run.step", "completed"), "completed and nothing else"),
    case("RUN-031", PLAIN, drop("run.step.in_progress")),
    case("RUN-031", ACTING, drop("run.step.in_progress"), "before a delta"),
    case("RUN-031", ACTING, move("run.step.delta", "run.step.in_progress"), "after a delta"),
    case("RUN-031", PLAIN, twice("run.step.in_progress"), "in_progress twice"),
    case("RUN-032", PLAIN, put("run.step.completed", status="in_progress")),
    case("RUN-033", PLAIN, twice("run.step.completed")),
    case("RUN-033", CODING, add(step_delta(call("x")), "run.completed"), "a delta"),
    case("RUN-034", PLAIN, drop("run.step.completed"), "an open step"),
    case("RUN-034", PLAIN, drop("message.completed"), "an open message"),
    case("RUN-035", cut("cancelled"), open_at("cancelled")),
    *(case("RUN-036", PLAIN, put("run.step.created", **{each: "x"}), each) for each in OF_RUN),
    case("RUN-036", ON_SUBMIT, put("run.step.completed", run_id="run_2"), "of the step before the run", SUB),
    case("RUN-037", ACTING, delta_says_message, "in a delta"),
    case("RUN-037", PLAIN, put("run.step.completed", type="tool_calls"), "type and details"),
    case("RUN-037", ACTING, put("run.step.in_progress", **SAYS), "another type later"),
    case("RUN-038", ACTING, without_id, "first fragment without id"),
    case("RUN-038", ACTING, first_call(index=1), "indices from 1"),
    case("RUN-038", ACTING, second_fragment(type="code_interpreter", code_interpreter={"input": ""}), "type changes"),
    case("RUN-039", CODING, completed_code(code_interpreter=interpreter("1+2")), "other code"),
    case("RUN-039", CODING, completed_code(id="call_2"), "other id"),
    case("RUN-039", CODING, only("run.step", "created", "in_progress", "completed"), "nothing was streamed"),
    case("RUN-039", CODING, completed_code(type="function", function={**WEATHER, "output": None}), "other type"),
    case("RUN-040", ACTING, wants(), "none"),
    case("RUN-040", SAYING, wants(function()), "one that nobody streamed"),
    case("RUN-040", ACTING, wants(function("call_9")), "other id"),
    case("RUN-040", ACTING, wants(function(name="time")), "other name"),
    case("RUN-040", ACTING, wants(function(arguments="{}")), "other arguments"),
    case("RUN-040", ACTING, wants(function(), function("call_9")), "one too many"),
    case("RUN-041", PLAIN, put("run.step.created", usage=USAGE)),
    case("RUN-042", PLAIN, put("run.step.completed", last_error={"code": "server_error", "message": "x"})),
    case("RUN-050", PLAIN, drop("message.in_progress"), "no in_progress"),
    case("RUN-050", PLAIN, drop("message.created"), "no created"),
    case("RUN-050", PLAIN, twice("message.completed"), "two ends"),
    case("RUN-050", PLAIN, twice("message.created"), "created twice"),
    case("RUN-050", PLAIN, twice("message.in_progress"), "in_progress twice"),
    case("RUN-050", PLAIN, only("message", "completed"), "completed and nothing else"),
    case("RUN-050", PLAIN, only("message", "created", "completed"), "completed once it was created"),
    case("RUN-050", SAYING, only("message", "created", "in_progress"), "open when an action is required"),
    case("RUN-050", SAYING, only("message", "created"), "only created when an action is required"),
    case("RUN-051", PLAIN, put("message.completed", status="in_progress")),
    case("RUN-052", PLAIN, says(text("Hello!")), "other text"),
    case("RUN-052", PLAIN, says(text("Hello"), text("x")), "one part too many"),
    case("RUN-052", PLAIN, says({"type": "refusal", "refusal": "Hello"}), "other type"),
    case("RUN-053", PLAIN, add(message_delta(text_delta("x", 2)), "message.completed"), "a gap"),
    case("RUN-053", PLAIN, add(message_delta(REFUSAL), "message.completed"), "type changes"),
    *(
        case("RUN-054", PLAIN, put(f"message.{each}", content=[text("Hel")]), each)
        for each in ("created", "in_progress")
    ),
    case("RUN-055", cut(), put("message.incomplete", incomplete_details=None)),
    *(case("RUN-056", PLAIN, put("message.created", **{each: "x"}), each) for each in OF_RUN),
    case("RUN-056", PLAIN, put("message.completed", role="user"), "other role"),
    case(
        "RUN-057",
        PLAIN,
        put("run.step.created", step_details=step("x")["step_details"] | {"message_creation": {"message_id": "msg_9"}}),
    ),
    case("RUN-058", PLAIN, move("run.step.completed", "message.completed")),
    case("RUN-058", PLAIN, move("run.step.completed", "message.created"), "before it began"),
    case("RUN-059", PLAIN, add(message_delta(text_delta("x"), at="msg_9"), "message.completed"), "unknown message"),
    case("RUN-059", ACTING, add(step_delta(call("x"), at="step_9"), "run.requires_action"), "unknown step"),
    case("RUN-059", PLAIN, move("message.completed", "message.delta"), "message has ended"),
    case("RUN-070", troubled(), put("error", type=1)),
    case(
        "RUN-070",
        troubled(),
        lambda events: [(name, "boom" if name == "error" else value) for name, value in events],
        "text",
    ),
    case("RUN-070", troubled()[-2:], put("error", type=1), "and no run"),
    case("RUN-071", PLAIN, add(("error", ERROR), "message.delta"), "a message goes on"),
    case("RUN-071", troubled(), add(("thread.run.failed", run("failed")), "done")),
    *LIVES,
]

#: Streams that use a freedom of the contract or stand near a limit: no finding may come of them.
FREE: dict[str, tuple[str, list[Event]]] = {
    "unknown event (RUN-003)": ("createRun", [("thread.run.thinking", [1]), *PLAIN]),
    "error ends it (RUN-072)": ("createRun", troubled()),
    "thread and run": (TAR, ON_BOTH),
    "submit": (SUB, ON_SUBMIT),
    "submit without the old step": (SUB, ON_SUBMIT[1:]),
    "submit, then code": (SUB, [*ON_SUBMIT[:3], *CODING[3:]]),
    "requires action": ("createRun", ACTING),
    "code": ("createRun", CODING),
    "failed": ("createRun", cut("failed")),
    "cancelled": ("createRun", cut("cancelled")),
    "expired": ("createRun", cut("expired")),
    "incomplete": ("createRun", cut()),
    "expired in the queue": ("createRun", [*opened("createRun")[:2], *ended("expired")]),
    "cancelling": (
        "createRun",
        [*opened("createRun"), ("thread.run.cancelling", run("cancelling")), *ended("cancelled")],
    ),
    "usage on requires_action": (
        "createRun",
        [*ACTING[:-2], ("thread.run.requires_action", {**ACTING[-2][1], "usage": USAGE}), DONE],
    ),
    "two calls interleaved": (
        "createRun",
        [
            *opened("createRun"),
            *begun("tool_calls"),
            step_delta(opening(), opening(1, "call_2")),
            step_delta(call(ARGUMENTS, 1)),
            step_delta(call(ARGUMENTS)),
            (
                "thread.run.requires_action",
                run("requires_action", required_action=required(function(CALL), function("call_2"))),
            ),
            DONE,
        ],
    ),
    "several parts": (
        "createRun",
        [
            *opened("createRun"),
            *begun(),
            message_delta(text_delta("a"), {"index": 1, "type": "image_file", "image_file": {"file_id": "f"}}),
            message_delta(text_delta("b")),
            (
                "thread.message.completed",
                message("completed", [text("ab"), {"type": "image_file", "image_file": {"file_id": "f"}}]),
            ),
            ("thread.run.step.completed", step("completed")),
            *ended(),
        ],
    ),
}
