"""Runs as event streams (`openapi.yaml:14758`): the same work as a plain run, done at once, every event kept in order.

What the stream tells is stored before its first frame goes out, so later reads agree with it.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from contract.mock.handlers import run_engine, run_work
from contract.mock.handlers.run_parts import Work
from contract.mock.handlers.run_steps import shown
from contract.mock.kernel import Call, Events, Reply
from contract.mock.streaming import NAMED_DONE, Frame, sse


class _Recorder:
    """Keeps events as frames; each holds its own copy, because the objects go on changing."""

    def __init__(self, call: Call) -> None:
        """`call` says what steps show (`include[]`)."""
        self._call = call
        self.frames: list[Frame] = []

    def __call__(self, name: str, value: Mapping[str, Any]) -> None:
        if value["object"] == "thread.run.step":
            self.frames.append(sse(shown(value, self._call), name))
        else:
            self.frames.append(sse(copy.deepcopy(dict(value)), name))


def begin(call: Call, record: dict[str, Any], thread: Mapping[str, Any] | None = None) -> Reply:
    """The stream of a new run, `thread` first where it is new too."""
    recorder = _Recorder(call)
    if thread is not None:
        recorder("thread.created", thread)
    recorder("thread.run.created", record["object"])
    recorder("thread.run.queued", record["object"])
    return _through(Work(call, record, call.time, recorder), recorder)


def resume(call: Call, record: dict[str, Any], outputs: Mapping[str, str]) -> Reply:
    """The stream of a run that got its tool outputs."""
    recorder = _Recorder(call)
    work = Work(call, record, call.time, recorder)
    run_work.take_outputs(work, outputs)
    return _through(work, recorder)


def _through(work: Work, recorder: _Recorder) -> Reply:
    run_engine.start(work)
    run_work.perform(work)
    work.record["since"] = work.at
    run_engine.save(work.call, work.record)
    return Events([*recorder.frames, NAMED_DONE])
