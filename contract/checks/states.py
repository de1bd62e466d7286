"""States: what an object says of its state agrees with its times and with what its state must bring.

Two members of one object, no second request: a run that is completed was completed at some time, after it was created.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from contract.case import Expect
from contract.checks.made import answer, finding, objects, told
from contract.checks.sums import FAR
from contract.exchange import Exchange, header
from contract.operation import Operation
from contract.rules import Rule, register
from contract.spec import Spec
from contract.verdict import Finding, Keyword
from contract.wording import shorten

register(
    Rule(
        "body/state",
        Keyword.SHOULD,
        "A state brings what belongs to it, and nothing that belongs to another: a completed run its time and usage, a "
        "waiting one its action, a failed one its error.",
        "openapi.yaml:31326 (RunObject), 32107 (RunStepObject)",
        "Set the time, the usage, the action or the error together with the status.",
        "body",
    ),
    Rule(
        "body/times",
        Keyword.SHOULD,
        "Times are in order: nothing is created in the future or ends before it was created.",
        "openapi.yaml: `created`, `created_at`, `completed_at`, `expires_at` (the Unix timestamp for when ...)",
        "Take all times of an object from one clock, in UTC.",
        "body",
    ),
)
#: How far two clocks of one service may be apart.
_SKEW_S = 300
_BEGUN = ("created_at", "created")
_LATER = (
    "started_at",
    "in_progress_at",
    "completed_at",
    "finished_at",
    "failed_at",
    "cancelled_at",
    "expired_at",
    "expires_at",
)
#: Object and status -> members that are not null then.
_BRINGS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("thread.run", "completed"): ("completed_at", "usage"),
    ("thread.run", "requires_action"): ("required_action",),
    ("thread.run", "failed"): ("failed_at", "last_error"),
    ("thread.run", "cancelled"): ("cancelled_at",),
    ("thread.run", "incomplete"): ("incomplete_details",),
    ("thread.run.step", "completed"): ("completed_at", "usage"),
    ("thread.run.step", "failed"): ("failed_at", "last_error"),
    ("fine_tuning.job", "succeeded"): ("finished_at", "fine_tuned_model", "trained_tokens"),
    ("vector_store.file", "failed"): ("last_error",),
    ("upload", "completed"): ("file",),
    ("organization.project", "archived"): ("archived_at",),
    ("response", "failed"): ("error",),
    ("response", "incomplete"): ("incomplete_details",),
}
_RUNNING = ("queued", "in_progress", "requires_action", "cancelling")
_TRAINING = ("validating_files", "queued", "running")
#: Object and status -> members that are null then, since they belong to another state.
_BARS: Mapping[tuple[str, str], tuple[str, ...]] = {
    **dict.fromkeys((("thread.run", each) for each in _RUNNING), ("usage", "completed_at", "failed_at", "last_error")),
    ("thread.run", "completed"): ("required_action", "last_error", "incomplete_details"),
    ("thread.run.step", "in_progress"): ("usage", "completed_at", "failed_at", "last_error"),
    ("thread.run.step", "completed"): ("last_error", "failed_at"),
    **dict.fromkeys(
        (("fine_tuning.job", each) for each in _TRAINING), ("fine_tuned_model", "finished_at", "trained_tokens")
    ),
    ("vector_store.file", "completed"): ("last_error",),
    ("organization.project", "active"): ("archived_at",),
    ("response", "completed"): ("error", "incomplete_details"),
}


def check(spec: Spec, operation: Operation, exchange: Exchange, expect: Expect) -> Iterator[Finding]:  # noqa: ARG001 - one signature for all checks
    """Judge the times and the state of a success, of the object itself and of the elements of a list."""
    now = _date(header(answer(exchange).headers, "date"))
    for where, each in objects(told(spec, exchange)):
        yield from _times(spec, exchange, each, where, now)
        if each.get("expires_after") and "expires_at" in each and each["expires_at"] is None:
            expected, at = "not null where `expires_after` is set", f"{where}/expires_at"
            yield finding("body/state", spec, exchange, expected=expected, actual="null", where=at)
        for name in missing(each):
            expected = f"not null where `status` is {each['status']}"
            yield finding("body/state", spec, exchange, expected=expected, actual="null", where=f"{where}/{name}")
        for name in early(each):
            expected, actual = f"null where `status` is {each['status']}", shorten(str(each[name]), 100)
            yield finding("body/state", spec, exchange, expected=expected, actual=actual, where=f"{where}/{name}")


def missing(value: Mapping[str, Any]) -> list[str]:
    """Members that are null, and that the status of the object brings."""
    return [name for name in _of_state(_BRINGS, value) if name in value and value[name] is None]


def early(value: Mapping[str, Any]) -> list[str]:
    """Members that are not null, and that belong to another status of the object."""
    return [name for name in _of_state(_BARS, value) if value.get(name) is not None]


def _of_state(table: Mapping[tuple[str, str], tuple[str, ...]], value: Mapping[str, Any]) -> tuple[str, ...]:
    kind, status = value.get("object"), value.get("status")
    return table.get((kind, status), ()) if isinstance(kind, str) and isinstance(status, str) else ()


def _times(
    spec: Spec, exchange: Exchange, value: Mapping[str, Any], where: str, now: float | None
) -> Iterator[Finding]:
    name = next((each for each in _BEGUN if type(value.get(each)) is int), None)
    if name is None or value[name] >= FAR:
        return  # milliseconds are told by the rule of seconds
    begun = value[name]
    if begun <= 0 and exchange.request.method == "POST" and not where:
        yield finding("body/times", spec, exchange, expected="now", actual=str(begun), where=f"/{name}")
    if now is not None and begun > now + _SKEW_S:
        expected = f"not after the answer's own Date, {now:.0f}"
        yield finding("body/times", spec, exchange, expected=expected, actual=str(begun), where=f"{where}/{name}")
    for each in _LATER:
        # Null as 0 is an old habit of servers, and no time.
        if type(value.get(each)) is int and 0 < value[each] < begun - 5:
            expected, actual = f"not before {name}, {begun}", str(value[each])
            yield finding("body/times", spec, exchange, expected=expected, actual=actual, where=f"{where}/{each}")


def _date(text: str | None) -> float | None:
    try:
        return parsedate_to_datetime(str(text)).timestamp()
    except (ValueError, OverflowError):
        return None
