from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import golden_files
import pytest
import report_sample as sample

from contract import wiring
from contract.exchange import Exchange, Request, Response, StreamEvent
from contract.rules import RULES, Rule
from contract.spec import Spec, load
from contract.verdict import Finding, Keyword, Outcome, Place, Verdict
from reports import html, known, matrix, page, record
from reports.record import Run

# The page tells what a rule says: all of them are known, whichever tests run before.
wiring.rules()


class _Page(HTMLParser):
    """Elements with their attributes, and the text of scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {"script": [], "style": []}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in self.texts:
            self.texts[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        self.elements.append((f"/{tag}", {}))

    def handle_data(self, data: str) -> None:
        tag = self.elements[-1][0] if self.elements else ""
        if tag in self.texts:
            self.texts[tag][-1] += data


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """The sample, read from its record."""
    return record.read(sample.write(tmp_path / "run.jsonl"))


@pytest.fixture(scope="module")
def spec() -> Spec:
    """The bundled spec."""
    return load()


@pytest.fixture
def a_rule() -> Iterator[Rule]:
    """A rule of the sample in the catalogue."""
    rule = Rule("status-no-5xx", Keyword.MUST, "No 5xx.", "openapi.yaml:1", "Refuse with 400.", contested="is it?")
    before = RULES.get(rule.id)
    RULES[rule.id] = rule
    yield rule
    if before:
        RULES[rule.id] = before
    else:
        del RULES[rule.id]


def _data(text: str) -> Any:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found
    return json.loads(found[1])


def test_the_page_draws_the_run(run: Run) -> None:
    """What the page is given is what the golden file holds, the same each time."""
    said = json.dumps(html.data(run, None, None, None), indent=1, ensure_ascii=True) + "\n"
    golden_files.check("report.data.json", said)
    assert html.render(run) == html.render(run)
    assert _data(html.render(run)) == json.loads(said)


def test_the_matrix_draws_its_runs(run: Run) -> None:
    """The matrix of two targets is what the golden file holds."""
    other = replace(run, verdicts=run.verdicts[4:], end=None)
    said = json.dumps(matrix.data([run, other], None), indent=1, ensure_ascii=True) + "\n"
    golden_files.check("matrix.data.json", said)
    assert _data(matrix.render([run, other])) == json.loads(said)


def test_pages_load_nothing_and_run_nothing_but_their_own(run: Run, spec: Spec) -> None:
    """No element of a page names anything outside, and its policy admits exactly its own script and style."""
    for text in (html.render(run, spec), matrix.render([run, run], spec)):
        parsed = _Page(text)
        for tag, attributes in parsed.elements:
            assert not attributes.get("src"), tag
            assert (attributes.get("href") or "#").startswith(("#", "data:,")), tag
            assert not any(name.startswith("on") or name == "style" for name in attributes), tag
        policy = next(a["content"] for t, a in parsed.elements if a.get("http-equiv") == "Content-Security-Policy")
        assert policy is not None
        assert policy.startswith("default-src 'none';")
        assert "unsafe" not in policy
        for kind, inside in (("script", parsed.texts["script"][-1]), ("style", parsed.texts["style"][0])):
            digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
            assert f"{kind}-src 'sha256-{digest}'" in policy
        assert "url(" not in text.split("<body>")[0]


def test_nothing_that_a_server_sent_leaves_its_data(run: Run) -> None:
    """Two scripts stand in the page, data and code; no markup of the server does, nor a line separator."""
    for text in (html.render(run), matrix.render([run])):
        assert text.count("<script") == 2
        assert "<img" not in text
        assert "\u2028" not in text
        assert not any(ord(character) < 32 and character != "\n" for character in text)


def test_no_script_of_the_page_takes_markup() -> None:
    """The page's code makes text nodes only: nothing in it parses HTML or evaluates text."""
    scripts = "".join(each.read_text() for each in Path(page.__file__).parent.glob("*.js"))
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "DOMParser"):
        assert way not in scripts


@pytest.mark.parametrize("value", [sample.EVIL, "<!-- <script>", "\u2028\u2029", "\ud800", "\0", "]]>", "&lt;"])
def test_embedded_data_comes_back_whole(value: str) -> None:
    """Any string survives being embedded, a lone surrogate as a replacement."""
    said = page.embed({"a": value})
    assert "<" not in said
    assert json.loads(said) == {"a": value.encode("utf-8", "replace").decode()}


def test_a_title_cannot_break_out(run: Run) -> None:
    """A target's URL is escaped where it becomes the page's title."""
    target = run.header["target"] | {"url": f"http://x/{sample.EVIL}"}
    text = html.render(replace(run, header=run.header | {"target": target}))
    assert text.count("<script") == 2


def test_the_spec_is_cited_with_its_lines(run: Run, spec: Spec) -> None:
    """A cause with a line shows the lines of openapi.yaml around it, and every operation of the spec has a row."""
    data = html.data(run, spec, None, None)
    cause = next(each for each in data["causes"] if each["rule"] == "response-schema")
    first, lines, marked = cause["excerpt"]
    assert marked == 18120
    assert lines == spec.text.split("\n")[first - 1 : first - 1 + len(lines)]
    assert first <= marked < first + len(lines)
    assert [row[0] for row in data["operations"][: len(spec.operations)]] == list(spec.operations)
    assert html.excerpt(spec, 10**9) is None


def test_rules_tell_statement_and_remedy(run: Run, a_rule: Rule) -> None:
    """A rule of the catalogue gives the page its sentence, its remedy, its source and what is contested."""
    said = html.data(run, None, None, None)["rules"]["status-no-5xx"]
    assert said == [a_rule.statement, a_rule.mend, a_rule.source, a_rule.contested]


def test_one_defect_is_one_cause(run: Run) -> None:
    """Findings of one rule at one place of the contract and of the answer are one entry, indices aside."""
    findings = [Finding("R", Keyword.MUST, "s", where=f"/data/{n}/id", spec=Place("/p", 9)) for n in range(40)]
    other = Finding("R", Keyword.MUST, "s", where="/data/1/name", spec=Place("/p", 9))
    verdicts = [Verdict(f"a/{n}", "a", Outcome.FAIL, None, (each,)) for n, each in enumerate([*findings, other])]
    data = html.data(replace(run, verdicts=tuple(verdicts)), None, None, None)
    assert [(each["place"], each["count"]) for each in data["causes"]] == [("/data/*/id", 40), ("/data/*/name", 1)]


def test_an_earlier_record_tells_since_when(run: Run) -> None:
    """With yesterday's record each cause is new or known from then."""
    previous = replace(run, verdicts=run.verdicts[:4])
    said = {each["rule"]: each["since"] for each in html.data(run, None, previous, None)["causes"]}
    assert said["response-schema"] == "since 2026-01-02 or before"
    assert said["CHAT-014"] == "new since 2026-01-02"


def test_known_failures_are_named(run: Run, tmp_path: Path) -> None:
    """A finding that the file of known failures expects shows its reason."""
    path = tmp_path / "known"
    path.write_text("listModels/boundary/* response-schema  # they say lists\n")
    data = html.data(run, None, None, known.load(path))
    told = next(each["known"] for each in data["causes"] if each["rule"] == "response-schema")
    assert told == {"1": "they say lists", "2": "they say lists", "3": "they say lists"}


def test_a_sequence_holds_all_requests_of_its_case(run: Run) -> None:
    """A lifecycle that fails shows every request of its case, in order, as curl lines with the key's name."""
    data = html.data(run, None, None, None)
    index = next(n for n, each in enumerate(data["cases"]) if "lifecycle" in each[0])
    assert data["sequences"][str(index)] == ["x-a-1", "x-a-2"]
    assert all("$OPENAI_API_KEY" in data["exchanges"][each]["curl"] for each in ("x-a-1", "x-a-2"))


def test_a_stream_is_folded_and_its_finding_marked(run: Run) -> None:
    """Deltas of one kind are one row, an event with a finding stands alone, the text is what they add up to."""
    stream = html.data(run, None, None, None)["exchanges"]["x-stream"]
    assert [row[:2] for row in stream["rows"]] == [[1, 1], [2, 10], [11, 11], [12, 12], [13, 13], [14, 14]]
    assert {mark["n"] for mark in stream["marks"]} == {11, 13}
    assert stream["marks"][0]["allowed"] == ["content", "finish"]
    assert stream["texts"]["choice 0 content"].startswith("The quick brown fox")


def test_a_long_stream_keeps_its_text_and_its_numbers(run: Run) -> None:
    """Of a long stream a selection of events is shown by their numbers, the text is that of all of them."""
    data = [f'{{"choices":[{{"index":0,"delta":{{"content":"{n} "}}}}]}}' for n in range(1, 200)]
    body = "".join(f"data: {each}\n\n" for each in data).encode()
    kept = [StreamEvent(0, 0.1, None, data[n - 1], None, n) for n in (1, 2, 198, 199)]
    found = Finding("r", Keyword.MUST, "s", where="event 199", exchange="x")
    verdict = Verdict("a/b", "a", Outcome.FAIL, None, (found,))
    for whole in (True, False):
        answer = Response(200, (), body if whole else body[:99], not whole, tuple(kept))
        line = record.exchange(Exchange("x", "a", Request("GET", "http://h/"), answer))
        shown = html.data(replace(run, exchanges={"x": line}, verdicts=(verdict,)), None, None, None)["exchanges"]["x"]
        assert [row[:2] for row in shown["rows"]] == [[1, 2], [198, 198], [199, 199]]
        assert (shown["total"], shown["partial"], shown["gaps"]) == (199, True, not whole)
        assert shown["texts"]["choice 0 content"].count(" ") == (199 if whole else 4)


def test_a_run_that_was_cut_off_says_so(run: Run) -> None:
    """Without an end the page knows how many planned cases were not played."""
    cut = replace(run, verdicts=run.verdicts[:3], end=None)
    meta = html.data(cut, None, None, None)["meta"]
    assert (meta["finished"], meta["planned"]) == (False, len(run.verdicts))


def _huge(cases: int, findings: int) -> Run:
    """A run in which every case fails several times, with an answer each."""
    body = json.dumps({"data": [{"id": "<>&\u2028" * 20}] * 20}).encode()
    answer = Response(200, (("Content-Type", "application/json"),), body)
    verdicts = []
    line = record.exchange(Exchange("x", "a", Request("POST", "http://127.0.0.1/v1/x", (), b"{}"), answer))
    exchanges = {f"x{number}": line for number in range(cases)}
    for number in range(cases):
        name = f"x{number}"
        found = tuple(
            Finding(f"rule-{n}", Keyword.MUST, "s" * 80, "e" * 300, f"{number}" * 90, f"/data/{n}/id", None, name)
            for n in range(findings)
        )
        verdicts.append(
            Verdict(f"operation-{number % 126}/valid/property-{number}", f"o{number % 126}", Outcome.FAIL, None, found)
        )
    return Run(sample.header(planned=[each.case for each in verdicts]), exchanges, tuple(verdicts), sample.end())


def test_a_page_of_twenty_thousand_failures_stays_small() -> None:
    """Whatever fails, the page stays below 15 MB and says what it leaves out."""
    huge = _huge(20_000, 2)
    said = html.render(huge)
    assert len(said.encode()) < 15_000_000
    cause = _data(said)["causes"][0]
    assert cause["more"] + len(cause["found"]) == cause["count"] == 20_000
