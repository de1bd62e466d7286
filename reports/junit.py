"""junit.xml: one test suite an operation, one test case a case; loads in every CI that reads JUnit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree as Xml

from contract.verdict import Finding, Keyword, Outcome, Verdict
from reports.known import KnownFailures
from reports.record import Run

#: Everything that XML 1.0 does not allow, and ESC's relatives of C1.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LONGEST = 4000


def render(run: Run, known: KnownFailures | None = None) -> str:
    """The run as JUnit XML. A broken SHOULD fails its case only where the run was `--strict`."""
    strict = bool(run.header["options"].get("strict"))
    root = Xml.Element("testsuites", name="contract", time=_time((run.end or {}).get("duration_s", 0.0)))
    for operation, verdicts in sorted(_by_operation(run.verdicts).items()):
        suite = Xml.SubElement(root, "testsuite", name=_clean(operation), timestamp=run.header["started_at"][:19])
        for verdict in verdicts:
            _case(suite, operation, verdict, strict=strict, known=known or KnownFailures())
        _count(suite, sum(each.duration_s for each in verdicts))
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    Xml.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


def _by_operation(verdicts: Iterable[Verdict]) -> dict[str, list[Verdict]]:
    found: dict[str, list[Verdict]] = {}
    for each in verdicts:
        found.setdefault(each.operation or each.case.partition("/")[0], []).append(each)
    return found


def _case(suite: Xml.Element, operation: str, verdict: Verdict, *, strict: bool, known: KnownFailures) -> None:
    case = Xml.SubElement(
        suite, "testcase", classname=_clean(operation), name=_clean(verdict.case), time=_time(verdict.duration_s)
    )
    wrong = [each for each in verdict.findings if strict or each.keyword is Keyword.MUST]
    unexpected = set(known.unexpected(verdict))
    new = [each for each in wrong if each in unexpected]
    if verdict.outcome is Outcome.ERROR:
        _tell(case, "error", verdict.reason or "the suite itself broke", "error", "")
    elif new:
        _tell(case, "failure", f"{new[0].rule}: {new[0].summary}", new[0].rule, "\n\n".join(map(_text, new)))
    elif wrong:
        _tell(case, "skipped", f"known failure: {known.expected(verdict, wrong[0])}", None, "")
    elif verdict.outcome in {Outcome.SKIPPED, Outcome.UNSUPPORTED, Outcome.INCONCLUSIVE}:
        _tell(case, "skipped", f"{verdict.outcome}: {verdict.reason or ''}", None, "")
    told = set(wrong)
    mild = [each for each in verdict.findings if each not in told]
    if mild:
        Xml.SubElement(case, "system-out").text = _clean("\n\n".join(map(_text, mild)))


def _tell(case: Xml.Element, name: str, message: str, kind: str | None, text: str) -> None:
    node = Xml.SubElement(case, name, message=_clean(message))
    if kind:
        node.set("type", _clean(kind))
    node.text = _clean(text) or None


def _text(finding: Finding) -> str:
    line = f" (openapi.yaml:{finding.spec.line})" if finding.spec and finding.spec.line else ""
    rows = [f"{finding.keyword} {finding.rule}: {finding.summary}{line}"]
    for name in ("where", "expected", "actual", "exchange"):
        value = getattr(finding, name)
        if value:
            rows.append(f"{name}: {value}")
    return "\n".join(rows)


def _count(suite: Xml.Element, duration: float) -> None:
    suite.set("tests", str(len(suite)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(sum(case.find(tag) is not None for case in suite)))
    suite.set("time", _time(duration))


def _time(duration: float) -> str:
    return f"{duration:.3f}"


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)[:_LONGEST]
