from __future__ import annotations

import json
from pathlib import Path

import golden_files
import pytest
import report_sample as sample

from contract.errors import UsageError
from contract.verdict import Finding, Keyword, Outcome, Verdict
from reports import commands, diff, record
from reports.record import Run


def _verdict(case: str, outcome: str, *rules: str) -> Verdict:
    findings = tuple(
        Finding(rule.rstrip("?"), Keyword.SHOULD if rule.endswith("?") else Keyword.MUST, f"{rule} says so.")
        for rule in rules
    )
    reason = "why not" if outcome in {"skipped", "unsupported", "inconclusive", "error"} else None
    return Verdict(case, case.partition("/")[0], Outcome(outcome), reason, findings)


def _run(*verdicts: Verdict, seed: int = 7) -> Run:
    return Run(sample.header(planned=[each.case for each in verdicts], seed=seed), {}, verdicts, sample.end())


def _kinds(found: diff.Diff) -> list[tuple[str, str, str | None]]:
    return [(each.kind, each.case, each.rule) for each in found.changes]


@pytest.mark.parametrize(
    ("was", "now", "kind"),
    [
        (("pass",), ("fail", "R"), "broken"),
        (("fail", "R"), ("pass",), "mended"),
        (("pass",), ("warn", "R?"), "warned"),
        (("warn", "R?"), ("pass",), "mended"),
        (("warn", "R?"), ("fail", "R"), "broken"),
        (("fail", "R"), ("warn", "R?"), "mended"),
        (("pass",), ("unsupported",), "broken"),
        (("fail", "R"), ("unsupported",), "unstable"),
        (("pass",), ("inconclusive",), "unstable"),
        (("pass",), ("error",), "unstable"),
        (("fail", "R"), ("skipped",), "gone"),
        (("pass",), None, "gone"),
        (None, ("pass",), "new"),
        (None, ("fail", "R"), "new"),
        (("skipped",), ("fail", "R"), "new"),
        (("unsupported",), ("pass",), "new"),
        (("skipped",), ("inconclusive",), "unstable"),
        (("pass",), ("pass",), None),
        (("fail", "R"), ("fail", "R"), None),
        (("skipped",), None, None),
        (("unsupported",), ("unsupported",), None),
    ],
)
def test_every_change_has_its_kind(was: tuple[str, ...] | None, now: tuple[str, ...] | None, kind: str | None) -> None:
    """A case that changed from one outcome to another is told as one kind of change."""
    old = _run(*([_verdict("a/b", *was)] if was else []))
    new = _run(*([_verdict("a/b", *now)] if now else []))
    found = diff.diff(old, new)
    assert [each.kind for each in found.changes] == ([kind] if kind else [])
    assert found.broke == (kind == "broken" or (kind == "new" and now is not None and now[0] == "fail"))


def test_rules_of_one_case_are_told_apart() -> None:
    """A case that fails on both sides can still have one rule broken and another mended."""
    found = diff.diff(_run(_verdict("a/b", "fail", "R", "S")), _run(_verdict("a/b", "fail", "S", "T")))
    assert _kinds(found) == [("broken", "a/b", "T"), ("mended", "a/b", "R")]


def test_another_seed_breaks_nothing_that_was_broken() -> None:
    """Under another seed a known defect of an operation that other cases meet is unstable, not broken or mended."""
    old = _run(_verdict("a/one", "fail", "R"), _verdict("a/two", "pass"), _verdict("b/one", "pass"))
    new = (_verdict("a/one", "pass"), _verdict("a/two", "fail", "R"), _verdict("b/one", "fail", "R"))
    found = diff.diff(old, _run(*new, seed=8))
    assert _kinds(found) == [("broken", "b/one", "R"), ("unstable", "a/one", "R"), ("unstable", "a/two", "R")]
    assert [each.kind for each in diff.diff(old, _run(*new)).changes] == ["broken", "broken", "mended"]


def test_drawn_values_do_not_matter() -> None:
    """Findings that differ in what was drawn, and where, are the same."""
    one = Verdict("a/b", "a", Outcome.FAIL, None, (Finding("R", Keyword.MUST, "s", "x", "1", "/0", None, "x1"),))
    two = Verdict("a/b", "a", Outcome.FAIL, None, (Finding("R", Keyword.MUST, "s", "x", "2", "/9", None, "x7"),) * 2)
    assert diff.diff(_run(one), _run(two, seed=99)).changes == ()


@pytest.fixture
def told() -> diff.Diff:
    """A difference with every kind and with text that is hard to tell."""
    evil = Finding("E|1", Keyword.MUST, f"says {sample.ANSI} | {sample.EVIL}")
    old = _run(_verdict("a/1", "pass"), _verdict("a/2", "fail", "R"), _verdict("a/3", "pass"), _verdict("a/4", "pass"))
    new = _run(
        Verdict("a/1", "a", Outcome.FAIL, None, (evil,)), _verdict("a/2", "pass"), _verdict("a/4", "inconclusive"),
        _verdict("a/5", "fail", "S"), _verdict("a/6", "pass"),
    )  # fmt: skip
    return diff.diff(old, new)


def test_a_difference_is_told_as_text_markdown_and_json(told: diff.Diff) -> None:
    """The renderings are those of the golden files, and the server's text is harmless in all of them."""
    golden_files.check("diff.txt", diff.render_text(told))
    golden_files.check("diff.md", diff.render_markdown(told))
    golden_files.check("diff.json", diff.render_json(told))
    assert json.loads(diff.render_json(told))["counts"] == {
        "broken": 1, "mended": 1, "new": 2, "gone": 1, "unstable": 1, "warned": 0, "same": 0,
    }  # fmt: skip
    assert "\x1b" not in diff.render_text(told) + diff.render_markdown(told) + diff.render_json(told)
    assert "<script" not in diff.render_markdown(told)


def test_a_run_that_was_cut_off_is_named() -> None:
    """Where a run did not reach its end, what is gone from it may only not have been reached: the text says so."""
    whole = _run(_verdict("a/b", "pass"))
    found = diff.diff(whole, Run(whole.header, {}, ()))
    assert "The new run was cut off" in diff.render_text(found)
    assert "The new run was cut off" in diff.render_markdown(found)
    assert "cut off" not in diff.render_text(diff.diff(whole, whole))


def test_long_lists_say_how_many_are_left() -> None:
    """A text shows the first changes of a kind and counts the rest."""
    old = _run(*(_verdict(f"a/{n}", "pass") for n in range(30)))
    new = _run(*(_verdict(f"a/{n}", "fail", "R") for n in range(30)))
    assert "and 10 more" in diff.render_text(diff.diff(old, new))


def test_the_command_exits_1_when_something_broke(tmp_path: Path) -> None:
    """`diff` says what changed and gives 1 for a broken case, 0 otherwise; an odd format is refused."""
    paths = []
    for name, verdict in (("old", _verdict("a/b", "pass")), ("new", _verdict("a/b", "fail", "R"))):
        paths.append(tmp_path / name)
        with record.Writer(paths[-1]) as writer:
            for line in _run(verdict).lines():
                writer.write(line)
    said: list[str] = []
    assert commands.compare(paths[0], paths[1], "text", said.append) == 1
    assert commands.compare(paths[1], paths[0], "json", said.append) == 0
    assert said[0].startswith("1 broken")
    with pytest.raises(UsageError, match="choose one of"):
        commands.compare(paths[1], paths[0], "yaml", said.append)
