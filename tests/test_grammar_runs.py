import pytest
from stream_builders_runs import Event, acting, message_delta, opened, plain, text_delta
from stream_case import StreamCase, broken_rules, sse
from stream_cases_runs import CASES, FREE

from contract.grammars.runs.tables import ALPHABET, RUN
from contract.streams import StreamJudge, judge_stream

REQUEST = {"assistant_id": "asst_1", "stream": True}


def judged(operation: str, events: list[Event]) -> set[str]:
    """The rules that a stream of events breaks."""
    return {each.rule for each in judge_stream(operation, REQUEST, 200, "text/event-stream", sse(events))}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_broken_run_stream_is_named_by_its_rule(case: StreamCase) -> None:
    """Every case of the table breaks the rule it stands for."""
    assert case.rule in broken_rules(case, case.breaking, case.request)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_twin_of_a_broken_run_stream_is_clean(case: StreamCase) -> None:
    """The stream before the edit breaks nothing at all."""
    assert broken_rules(case, case.twin, case.request) == set()


@pytest.mark.parametrize("name", FREE)
def test_a_freedom_of_run_streams_gives_no_finding(name: str) -> None:
    """What the contract leaves open is never held against a server."""
    assert judged(*FREE[name]) == set()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_findings_of_a_run_stream_do_not_depend_on_the_chunks(case: StreamCase) -> None:
    """Whole, byte by byte and in sevens the findings are the same."""
    args = (case.operation, case.request, 200, "text/event-stream", case.breaking)
    whole = judge_stream(*args)
    assert [judge_stream(*args, chunk_size=size) for size in (1, 7)] == [whole, whole]


def test_a_done_without_its_event_name_is_only_warned_of() -> None:
    """Clients stop on the data alone, so the reading is contested and never fails a case."""
    events = [*plain()[:-1], (None, "[DONE]")]
    found = judge_stream("createRun", REQUEST, 200, "text/event-stream", sse(events))
    assert [(each.rule, str(each.keyword)) for each in found] == [("RUN-002", "SHOULD")]


def test_a_stream_without_any_event_name_breaks_one_rule() -> None:
    """What is missing then, the run and its end, is missing for that reason alone."""
    assert judged("createRun", [(None, data) for _, data in plain()[:-1]]) == {"RUN-001", "RUN-002"}


def test_a_run_that_errs_owes_no_end_of_its_own() -> None:
    """After `event: error` the body may simply end."""
    failure = {"type": "server_error", "message": "x", "code": None, "param": None}
    assert judged("createRun", [*opened("createRun"), ("error", failure)]) == set()


def test_a_step_that_lists_its_calls_itself_needs_no_deltas() -> None:
    """A tool call may stand whole in the created step; it then counts as streamed."""
    events = [event for event in acting() if event[0] != "thread.run.step.delta"]
    calls = events[-2][1]["required_action"]["submit_tool_outputs"]["tool_calls"]
    listed = [{**call, "function": {**call["function"], "output": None}} for call in calls]
    for name, data in events:
        if name in {"thread.run.step.created", "thread.run.step.in_progress"}:
            data["step_details"]["tool_calls"] = listed
    assert judged("createRun", events) == set()


def test_findings_say_what_was_allowed_at_the_event() -> None:
    """A refused event comes with the events that the life of the run allowed there."""
    events = plain()
    events.insert(3, events[2])
    found = judge_stream("createRun", REQUEST, 200, "text/event-stream", sse(events))
    assert found[0].where == "event 4"
    assert "completed" in found[0].allowed


def test_the_judge_tells_the_last_run_and_the_text() -> None:
    """What the stream adds up to is the final run object; its text is that of the message deltas."""
    from contract.spec import load

    judge = StreamJudge(load(), "createRun", REQUEST, 200, "text/event-stream")
    judge.feed(sse(plain()))
    judge.close()
    assert (judge.accumulated["status"], judge.text) == ("completed", "Hello")


def test_memory_of_a_run_stream_is_bounded_by_its_open_parts() -> None:
    """Six thousand messages one after the other leave nothing behind but a bounded list of ids."""
    import tracemalloc

    from contract.spec import load

    judge = StreamJudge(load(), "createRun", REQUEST, 200, "text/event-stream")
    judge.feed(sse(opened("createRun")))
    block = sse(plain()[3:11])
    sizes = []
    tracemalloc.start()
    for number in range(6000):
        judge.feed(block.replace(b'"msg_1"', b'"msg_%d"' % number).replace(b'"step_1"', b'"step_%d"' % number))
        if number in {3000, 5999}:
            sizes.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert sizes[1] - sizes[0] < 200_000


def test_every_state_of_a_run_is_a_state_of_the_table() -> None:
    """Whatever a move or a break leads to is a state with moves of its own."""
    targets = {state for moves in RUN.moves.values() for state in moves.values()}
    targets |= {broken.then for broken in RUN.breaks.values() if broken.then}
    assert targets <= RUN.moves.keys()


def test_events_of_any_shape_never_raise() -> None:
    """Every event of the alphabet with an empty object is judged, not crashed on."""
    events: list[Event] = [(name, {}) for name in ALPHABET for _ in range(2)]
    assert judged("createThreadAndRun", events)


def test_deltas_with_odd_indices_never_raise() -> None:
    """A negative index is a finding."""
    events = plain()
    events.insert(7, message_delta(text_delta("x", -1)))
    assert "RUN-053" in judged("createRun", events)
