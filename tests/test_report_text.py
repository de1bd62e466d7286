from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as Xml

import golden_files
import pytest
import report_sample as sample
from hypothesis import given
from hypothesis import strategies as st

from contract.errors import RecordError, UsageError
from contract.verdict import Finding, Keyword, Outcome, Verdict
from reports import commands, junit, known, markdown, record, terminal, text
from reports.known import Pattern, Stale
from reports.record import Run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """The sample, read from its record."""
    return record.read(sample.write(tmp_path / "run.jsonl"))


def test_every_text_is_its_golden_file(run: Run) -> None:
    """JUnit, Markdown and the terminal's words are those of the golden files."""
    golden_files.check("junit.xml", junit.render(run))
    golden_files.check("summary.md", markdown.render(run))
    golden_files.check("summary.txt", terminal.summary(run) + "\n")
    golden_files.check("summary.colour.txt", terminal.summary(run, Path("out"), colour=True, width=80) + "\n")


def test_junit_counts_what_it_holds(run: Run) -> None:
    """Every case stands in the suite of its operation once, and the counts are those of the elements."""
    root = Xml.fromstring(junit.render(run))  # noqa: S314 - our own output
    cases = root.findall("testsuite/testcase")
    assert sorted(str(each.get("name")) for each in cases) == sorted(each.case for each in run.verdicts)
    for counter, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        found = root.findall(f"testsuite/testcase/{tag}")
        assert int(root.get(counter, "-1")) == len(found) == sum(int(each.get(counter, "")) for each in root)
    assert int(root.get("tests", "")) == len(cases)


@given(st.text(st.characters(codec=None)), st.text(st.characters(codec=None)))
def test_junit_is_xml_whatever_a_server_says(summary: str, actual: str) -> None:
    """Control characters, surrogates and markup never make the file unreadable."""
    finding = Finding("r", Keyword.MUST, summary, actual=actual)
    verdicts = (Verdict("a/b", "a", Outcome.FAIL, None, (finding,)), Verdict("a/c", "a", Outcome.ERROR, summary))
    said = junit.render(Run(sample.header(), {}, verdicts))
    assert len(Xml.fromstring(said.encode()).findall("testsuite/testcase")) == 2  # noqa: S314 - our own output


def test_junit_obeys_strict_and_known_failures(run: Run, tmp_path: Path) -> None:
    """A warning fails under --strict only, a known failure is skipped with its reason."""
    strict = replace(run, header=run.header | {"options": {"strict": True}})
    assert junit.render(strict).count("<failure") == junit.render(run).count("<failure") + 1
    path = tmp_path / "known"
    path.write_text("retrieveModel/* status-*  # their router\n")
    said = junit.render(run, known.load(path))
    assert said.count("<failure") == junit.render(run).count("<failure") - 1
    assert 'message="known failure: their router"' in said


def test_known_failures_are_named_in_the_summary(run: Run, tmp_path: Path) -> None:
    """The Markdown summary gives the reason of a known cause."""
    path = tmp_path / "known"
    path.write_text("retrieveModel/* status-*  # their *router*\n")
    assert "(known: their &#42;router&#42;)" in markdown.render(run, known.load(path))


def test_no_text_obeys_a_server(run: Run) -> None:
    """No text holds an escape of the server, and Markdown none of its markup."""
    for said in (junit.render(run), markdown.render(run), terminal.summary(run), commands.as_json(run)):
        assert not any(ord(character) < 32 and character != "\n" for character in said)
    assert "<script" not in markdown.render(run)
    assert "<img" not in markdown.render(run)


@given(st.text(st.characters(codec=None)))
def test_plain_text_commands_no_terminal(value: str) -> None:
    """What is plain holds no control character, no direction mark, no surrogate; what was plain stays."""
    said = text.plain(value)
    assert not any(ord(each) < 32 and each not in "\t\n" for each in said)
    assert not any(each in said for each in "\x7f\x9b\u202e\u2066\ud800")
    assert text.plain("plain ü ✓\tand\nlines") == "plain ü ✓\tand\nlines"


def _many(causes: int) -> tuple[Verdict, ...]:
    found = [Finding(f"rule-{n}", Keyword.MUST, f"Rule {n}.") for n in range(causes)]
    return tuple(Verdict(f"a/{n}", "a", Outcome.FAIL, None, (each,)) for n, each in enumerate(found))


def test_the_summary_has_at_most_forty_lines(run: Run) -> None:
    """However much is broken, stale or left behind, the words in the terminal stay on one screen, the hint in it."""
    stale = [Stale(Pattern("a", "b", "c", n), "matches no case") for n in range(30)]
    end = sample.end() | {"left": [{"kind": "batch", "path": {"batch_id": f"b{n}"}, "why": ""} for n in range(50)]}
    said = terminal.summary(replace(run, verdicts=_many(90), end=end), stale=stale)
    lines = said.split("\n")
    assert len(lines) <= terminal.LINES
    assert "and 80 more causes" in said
    assert "contract rules rule-0" in lines[-1]
    assert "left on the target: batch b0" in said


@pytest.mark.parametrize(
    ("verdicts", "end", "headline", "hint"),
    [
        ((), None, "Nothing could be judged", "--resume"),
        ((Verdict("a/b", "a", Outcome.PASS),), sample.end(), "All 1 judged case hold", "contract diff"),
        (_many(1), sample.end(), "1 of 1 judged case fails", "report.html"),
        ((Verdict("a/b", "a", Outcome.INCONCLUSIVE, "x"),), sample.end(), "Nothing could be judged", "URL"),
        ((Verdict("a/b", "a", Outcome.ERROR, "x"),), sample.end(), "Nothing could be judged", "suite itself broke"),
    ],
)
def test_the_hint_fits_the_run(
    run: Run, verdicts: tuple[Verdict, ...], end: record.Line | None, headline: str, hint: str
) -> None:
    """The summary opens with what the run says and closes with what to do next."""
    said = terminal.summary(replace(run, verdicts=verdicts, end=end)).split("\n")
    assert said[0].startswith(headline)
    assert hint in said[-1] + said[-2]


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environment", "coloured"),
    [
        (_Terminal(), {"TERM": "xterm"}, True),
        (_Terminal(), {"TERM": "xterm", "NO_COLOR": "1"}, False),
        (_Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {"TERM": "xterm"}, False),
    ],
)
def test_colours_only_where_they_are_wanted(
    run: Run, monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, environment: dict[str, str], coloured: bool
) -> None:
    """Colours stand on a terminal only, and not where NO_COLOR is set."""
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    terminal.show(run, stream)
    assert ("\x1b[" in stream.getvalue()) == coloured


def test_all_reports_stand_beside_the_record(tmp_path: Path) -> None:
    """A run leaves report.html, junit.xml and summary.md, and nothing half written."""
    path = sample.write(tmp_path / "run.jsonl")
    commands.write_all(record.read(path), tmp_path, None)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["junit.xml", "report.html", "run.jsonl", "summary.md"]
    for each in tmp_path.iterdir():
        assert sample.KEY.encode() not in each.read_bytes()
        assert b"canary-cookie" not in each.read_bytes()


@pytest.mark.parametrize("form", commands.FORMATS)
def test_a_record_is_rendered_in_any_format(tmp_path: Path, form: str) -> None:
    """`report` writes to a file, into a folder, or hands the text over where no file is named."""
    path = sample.write(tmp_path / "run.jsonl")
    said: list[str] = []
    assert commands.report(path, form, tmp_path / "mine", None) == 0
    (tmp_path / "folder").mkdir()
    commands.report(path, form, tmp_path / "folder", None, previous=path)
    commands.report(path, form, None, None, write=said.append)
    whole = (tmp_path / "mine").read_text()
    assert (tmp_path / "folder" / commands.FORMATS[form]).is_file()
    assert said == ([whole] if form != "html" else [])
    assert (tmp_path / commands.FORMATS["html"]).is_file() == (form == "html")


def test_a_report_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """An odd format or a path that is no file gives one clear line and leaves no half page."""
    path = sample.write(tmp_path / "run.jsonl")
    with pytest.raises(UsageError, match="choose one of html"):
        commands.report(path, "pdf", None, None)
    with pytest.raises(RecordError, match="cannot write the report"):
        commands.report(path, "json", path / "inside", None)
    with pytest.raises(UsageError, match="no record"):
        commands.side_by_side([], tmp_path / "matrix.html", None)
    assert [each.name for each in tmp_path.iterdir()] == ["run.jsonl"]


def test_the_matrix_is_written(tmp_path: Path) -> None:
    """`matrix` leaves one page for all its records."""
    path = sample.write(tmp_path / "run.jsonl")
    assert commands.side_by_side([path, path], tmp_path / "matrix.html", None) == 0
    assert (tmp_path / "matrix.html").read_text().startswith("<!doctype html>")


def test_the_run_as_one_document_holds_all_of_it(run: Run) -> None:
    """The JSON format has every line of the record in one document."""
    document = json.loads(commands.as_json(run))
    assert document["run"] == run.header
    assert document["end"] == run.end
    assert document["exchanges"] == list(run.exchanges.values())
    assert [each["case"] for each in document["verdicts"]] == [each.case for each in run.verdicts]
