from __future__ import annotations

from pathlib import Path

import pytest
import report_sample as sample

from contract.errors import UsageError
from contract.verdict import Finding, Keyword, Outcome, Verdict
from reports import known
from reports.record import Run


def _run(*verdicts: Verdict) -> Run:
    return Run(sample.header(planned=[each.case for each in verdicts]), {}, verdicts)


def _broken(case: str, rule: str) -> Verdict:
    return Verdict(case, case.partition("/")[0], Outcome.FAIL, None, (Finding(rule, Keyword.MUST, "s"),))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with three patterns."""
    path = tmp_path / "known.txt"
    path.write_text(
        "# what the gateway does not do yet\n\n"
        "createChat*/stream/* CHAT-014  # issue 12: role comes twice\n"
        "listModels/valid/minimal response-*   # they say lists\n"
        "gone/* *  # was here once\n"
    )
    return path


def test_a_pattern_gives_its_reason(file: Path) -> None:
    """A finding whose case and rule match is known, with the reason; another rule or case is not."""
    patterns = known.load(file)
    match = _broken("createChatCompletion/stream/n-2", "CHAT-014")
    assert patterns.expected(match, match.findings[0]) == "issue 12: role comes twice"
    other = _broken("createChatCompletion/stream/n-2", "CHAT-015")
    assert patterns.expected(other, other.findings[0]) is None
    assert patterns.unexpected(other) == other.findings
    assert list(patterns.counts([match, other]).values()) == [1, 0, 0]


def test_patterns_must_be_earned(file: Path) -> None:
    """A pattern that matches no case is stale, one whose cases hold now is an unexpected pass."""
    passes = Verdict("listModels/valid/minimal", "listModels", Outcome.PASS)
    found = known.load(file).stale(_run(_broken("createChatCompletion/stream/n-2", "CHAT-014"), passes))
    assert [(each.pattern.line, each.why) for each in found] == [
        (4, "unexpected pass: listModels/valid/minimal no longer shows it"),
        (5, "matches no case"),
    ]


def test_what_was_not_judged_is_left_in_peace(file: Path) -> None:
    """A pattern is not stale where this run did not judge its cases but the suite has them."""
    skipped = Verdict("listModels/valid/minimal", "listModels", Outcome.SKIPPED, "budget")
    catalogue = ["createChatCompletion/stream/plain", "gone/by/now"]
    assert known.load(file).stale(_run(skipped), catalogue) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a/b rule\n", ":1: write"),
        ("a/b rule  #  \n", ":1: write"),
        ("\na/b  # only one glob\n", ":2: write"),
        ("a b c  # three\n", ":1: write"),
        ("a b  # x\na  b # y\n", ":2: this pattern stands above already"),
    ],
)
def test_a_line_that_is_none_is_named(tmp_path: Path, text: str, message: str) -> None:
    """A pattern without a reason, with too few or too many globs, or standing twice, is refused with its line."""
    path = tmp_path / "known.txt"
    path.write_text(text)
    with pytest.raises(UsageError, match=message):
        known.load(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """A path that cannot be read gives one clear line."""
    with pytest.raises(UsageError, match="cannot read the known failures"):
        known.load(tmp_path / "none.txt")
    (tmp_path / "latin").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="no UTF-8 text"):
        known.load(tmp_path / "latin")
