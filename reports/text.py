"""Words that the reports share, and text of a server made harmless for terminals and XML."""

from __future__ import annotations

import re
from collections.abc import Mapping

from contract.verdict import Outcome
from reports.causes import Cause
from reports.record import Run

#: Worst first: the order in which outcomes are told.
ORDER = ("fail", "error", "warn", "pass", "inconclusive", "unsupported", "skipped")
_NAMES = {
    "operations": "Operations",
    "cases": "Cases",
    "constraints": "Request constraints",
    "branches": "Response branches",
    "events": "Stream events",
}
#: Control characters, and those that turn the direction of a line around.
_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def plain(text: str) -> str:
    """`text` with every control character but tab and line feed spelled out, so that no terminal obeys it."""
    return _UNSAFE.sub(lambda match: f"\\x{ord(match.group()):02x}", text)


def one_line(text: str, limit: int = 160) -> str:
    """`plain` on one line of at most `limit` characters."""
    line = " ".join(plain(text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def many(number: int, one: str) -> str:
    """`1 case`, `1,200 cases`."""
    return f"{number:,} {one}" if number == 1 else f"{number:,} {one}s"


def totals(run: Run) -> dict[str, int]:
    """Outcome -> number of cases, worst first, none that did not happen."""
    counted = dict.fromkeys(ORDER, 0)
    for each in run.verdicts:
        counted[str(each.outcome)] += 1
    return {outcome: count for outcome, count in counted.items() if count}


def coverage(run: Run) -> list[tuple[str, int, int]]:
    """(what, judged, of how many) as the run's last line tells, in words."""
    told = (run.end or {}).get("coverage", {})
    return [(_NAMES.get(name, name.capitalize()), each["judged"], each["of"]) for name, each in told.items()]


def headline(run: Run) -> str:
    """What a run says in one sentence, with its denominator."""
    counted = totals(run)
    judged = judged_cases(counted)
    if not judged:
        return "Nothing could be judged"
    failed = counted.get("fail", 0)
    if failed:
        return f"{failed:,} of {many(judged, 'judged case')} {'fails' if failed == 1 else 'fail'}"
    return f"All {many(judged, 'judged case')} hold"


def unverified(run: Run) -> bool:
    """True where the target's certificate was not verified (`--insecure`): anybody may have answered."""
    return bool(run.header["options"].get("insecure"))


UNVERIFIED = "The certificate of the target was NOT verified (--insecure): anybody may have answered."


def judged_cases(counted: Mapping[str, int]) -> int:
    """Cases that were judged: pass, warn or fail."""
    return sum(counted.get(each, 0) for each in (Outcome.PASS, Outcome.WARN, Outcome.FAIL))


def not_played(run: Run) -> int:
    """Planned cases without a verdict."""
    played = {each.case for each in run.verdicts}
    return sum(case not in played for case in run.header["planned"])


def citation(cause: Cause) -> str:
    """Where the contract says so: `openapi.yaml:123`, "" where no line is known."""
    return f"openapi.yaml:{cause.spec.line}" if cause.spec and cause.spec.line else ""


def took(run: Run) -> str:
    """Time, requests, events and tokens of a run that ended."""
    if run.end is None:
        return f"cut off: {many(not_played(run), 'planned case')} not played"
    told = [f"{run.end['duration_s']:.1f} s", many(run.end["requests"], "request")]
    counted = (("events", "stream event"), ("tokens", "token"))
    told += [many(run.end[name], one) for name, one in counted if run.end[name]]
    return ", ".join(told)
