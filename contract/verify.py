"""`contract verify`: recorded exchanges -> verdicts, without a server.

`verify(paths)` gives one plain line an exchange: {"file" or "id", "operation", "outcome", "rules", "findings"} and a
"reason" where nothing could be judged. An event stream is judged by its grammar, everything else by the checks of
answers. An entry that cannot be read has outcome "error"; the others are judged all the same.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from contract import grammars
from contract.case import Expect, Kind
from contract.exchange import Response
from contract.recorded import Recorded, Unreadable, read
from contract.recorded_request import members
from contract.redact import Redactor
from contract.spec import Spec, load
from contract.streams import judge_stream
from contract.verdict import Finding, Outcome, worst

#: A refusal in a recording may be just: nothing is known of the request but what it says.
_REFUSED = Expect(kind=Kind.EDGE)
_EVENT_STREAM = "text/event-stream"


def verify(paths: Iterable[str | Path], spec: Spec | None = None) -> Iterator[dict[str, Any]]:
    """One line an exchange of the recordings, in their order. Raises SpecError where the spec cannot be loaded."""
    spec = spec or load()
    redactor = Redactor()
    for path in paths:
        for each in read(Path(path), spec):
            yield _unreadable(each) if isinstance(each, Unreadable) else _line(each, spec, redactor)


def _unreadable(entry: Unreadable) -> dict[str, Any]:
    outcome = str(Outcome.ERROR)
    return {**entry.label, "operation": None, "outcome": outcome, "rules": [], "findings": [], "reason": entry.reason}


def _line(recorded: Recorded, spec: Spec, redactor: Redactor) -> dict[str, Any]:
    reason = recorded.reason or _unjudgeable(recorded, spec)
    findings = [] if reason else judge(recorded, spec)
    outcome = worst(findings)
    if reason:
        outcome = Outcome.SKIPPED if recorded.operation is None else Outcome.INCONCLUSIVE
    line = {
        **recorded.label,
        "operation": recorded.operation,
        "outcome": str(outcome),
        "rules": list(dict.fromkeys(each.rule for each in findings)),
        "findings": redactor.value([each.to_json() for each in findings]),
    }
    return {**line, "reason": redactor.url(reason)} if reason else line


def _unjudgeable(recorded: Recorded, spec: Spec) -> str:
    """Why an answer that is there cannot be judged, "" where it can."""
    name, exchange = recorded.operation or "", recorded.exchange
    operation = spec.operations.get(name)
    if operation is None:
        return "" if name.startswith("realtime") else f"{name}: no operation of the spec"
    streams = exchange.response is not None and exchange.response.media_type == _EVENT_STREAM
    if streams and recorded.request is None and not members(exchange.request):
        return "the body of the request was not recorded, and a stream is judged by what was asked for"
    return ""


def judge(recorded: Recorded, spec: Spec) -> list[Finding]:
    """The findings on one recorded exchange whose answer is there."""
    exchange, name = recorded.exchange, recorded.operation or ""
    response = exchange.response or Response(0)
    request = members(exchange.request) if recorded.request is None else recorded.request
    operation = spec.operations.get(name)
    if operation is None or is_stream(operation.surface, request, response):
        content_type = response.content_type or None
        return judge_stream(
            name, request, response.status, content_type, response.body, spec=spec, chunk_size=recorded.feed
        )
    from contract import checks
    from contract.checks import headers

    expect = _REFUSED if 400 <= response.status < 500 else Expect()
    chosen = [check for check in checks.CHECKS if recorded.headers_known or check is not headers.check]
    return [finding for check in chosen for finding in check(spec, operation, exchange, expect)]


def is_stream(surface: str | None, request: Mapping[str, Any], response: Response) -> bool:
    """True where an answer has to be judged as a stream: it is one, or the request asked for one and was taken."""
    if surface is None:
        return False
    if response.media_type == _EVENT_STREAM:
        return True
    asked = request.get("stream") in {True, "true", "True"} if _hashable(request.get("stream")) else False
    return asked and response.succeeded and grammars.surface(surface).unstreamed(request) is None


def _hashable(value: Any) -> bool:
    return isinstance(value, bool | str)


def main(paths: Iterable[str | Path], as_json: bool, out: TextIO) -> int:
    """Print every line; the exit status: 0 nothing failed, 1 something did, 2 an input could not be read, 3 nothing
    could be judged.
    """
    started = time.monotonic()
    totals: Counter[str] = Counter()
    for line in verify(paths):
        totals[line["outcome"]] += 1
        if line["outcome"] == "error":
            name = line.get("file") or line.get("id")
            sys.stderr.write(f"contract verify: {name}: {line['reason']}\n")
        if as_json:
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
        elif line["outcome"] != "error":
            out.write("".join(f"{each}\n" for each in told(line)))
    if not as_json:
        out.write(_summary(totals, time.monotonic() - started))
    if totals["error"]:
        return 2
    if totals["fail"]:
        return 1
    return 0 if totals["pass"] + totals["warn"] else 3


def told(line: Mapping[str, Any]) -> Iterator[str]:
    """A line for people: the verdict, then each finding and what was expected."""
    name, reason = line.get("file") or line.get("id"), line.get("reason")
    rules = f"  {' '.join(line['rules'])}" if line["rules"] else f"  ({reason})" if reason else ""
    yield f"{line['outcome'].upper():<12} {name}  {line['operation'] or '-'}{rules}"
    for each in line["findings"]:
        yield f"    {each['rule']} {each['keyword']}, {each['where']}: {each['summary']}"
        if each["actual"]:
            yield f"        got {each['actual']}"
        if each["expected"] and each["expected"] != each["summary"]:
            yield f"        expected {each['expected']}"
        if each.get("allowed"):
            yield f"        allowed there: {', '.join(each['allowed'])}"


def _summary(totals: Mapping[str, int], seconds: float) -> str:
    counts = ", ".join(f"{totals[str(each)]} {each}" for each in Outcome if totals.get(str(each)))
    count = sum(totals.values())
    noun = "exchange" if count == 1 else "exchanges"
    return f"{count} {noun} in {seconds:.1f} s: {counts or 'nothing to judge'}\n"
