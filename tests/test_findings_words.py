"""What findings say, to the letter: a reader acts on the words, the place and the line, not on the rule alone.

The golden files hold every finding of every stream that breaks a rule, what its twin adds up to, and one broken answer
a way in which a check can speak. `GOLDEN=write pytest tests/test_findings_words.py` writes them anew, for review.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import golden_files
import pytest
from answer_cases import ANSWERS, AnswerCase
from checks_support import judged
from stream_case import StreamCase
from test_stream_rules import CASES

from contract.rules import RULES
from contract.spec import load
from contract.streams import StreamJudge
from contract.verdict import Finding

SPEC = load()
FAMILIES = sorted({case.rule.rpartition("-")[0] for case in CASES})


def told(findings: Iterable[Finding]) -> Iterator[str]:
    """A finding as the reader gets it; members that say nothing are left out."""
    for each in findings:
        yield f"  {each.keyword} {each.rule} at {each.where or 'nowhere'}"
        if each.summary != RULES[each.rule].statement:
            yield f"    says: {each.summary}"
        if each.expected != RULES[each.rule].statement:
            yield f"    expected: {each.expected}"
        yield f"    actual: {each.actual}"
        if each.allowed:
            yield f"    allowed: {', '.join(each.allowed)}"
        if each.spec:
            yield f"    spec: {each.spec.pointer or '-'} line {each.spec.line}"
        if each.exchange:
            yield f"    exchange: {each.exchange}"


def adds_up(value: Any) -> str:
    """An accumulated object, long ones cut."""
    return json.dumps(value, ensure_ascii=True)[:4000]


def stream_lines(case: StreamCase) -> Iterator[str]:
    """The findings of the breaking stream, and what the twin adds up to."""
    yield str(case)
    judge = StreamJudge(SPEC, case.operation, case.request, case.status, case.content_type)
    yield from told([*judge.feed(case.breaking), *judge.close()])
    asked = case.request if case.twin_request is None else case.twin_request
    judge = StreamJudge(SPEC, case.operation, asked, 200, "text/event-stream")
    yield "  the twin:"
    yield from told([*judge.feed(case.twin), *judge.close()])
    yield f"    text: {judge.text[:400]!a}"
    yield f"    adds up to: {adds_up(judge.accumulated)}"


@pytest.mark.parametrize("family", FAMILIES)
def test_the_findings_of_a_stream_say_what_happened_where_and_what_was_expected(family: str) -> None:
    """Each rule of the surface, broken, in its own words."""
    lines = [line for case in CASES if case.rule.rpartition("-")[0] == family for line in stream_lines(case)]
    golden_files.check(f"findings.{family}.txt", "\n".join(lines) + "\n")


def answer_lines(case: AnswerCase) -> Iterator[str]:
    """The findings of one broken answer."""
    yield case.name
    yield from told(judged(case.operation, case.status, case.body, **case.more))


def test_the_findings_of_an_answer_say_what_happened_where_and_what_was_expected() -> None:
    """Each way in which a check can speak, in its own words."""
    lines = [line for case in ANSWERS for line in answer_lines(case)]
    golden_files.check("findings.answers.txt", "\n".join(lines) + "\n")
