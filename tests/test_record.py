from __future__ import annotations

import json
import math
import os
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
import report_sample as sample
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.errors import RecordError
from contract.exchange import Exchange, FaultKind, Request, Response, StreamEvent, TransportFault
from contract.redact import Redactor
from contract.verdict import Finding, Keyword, Outcome, Place, Verdict
from reports import record
from reports.record import Run, Writer, encode, read

_SCHEMA = jsonschema.Draft202012Validator(record.schema())
_TEXT = st.text(st.characters(), max_size=20)
_SECONDS = st.floats(0, 1e6).map(lambda each: round(each, 6))
_HEADERS = st.lists(st.tuples(_TEXT, _TEXT), max_size=3).map(tuple)
_EVENTS = st.lists(
    st.builds(StreamEvent, st.integers(0, 2**40), _SECONDS, st.none() | _TEXT, _TEXT, st.none() | _TEXT), max_size=4
).map(tuple)
_RESPONSES = st.builds(
    Response, st.integers(100, 999), _HEADERS, st.binary(max_size=40), st.booleans(), st.none() | _EVENTS
)
_EXCHANGES = st.builds(
    Exchange,
    st.uuids().map(str),
    st.none() | _TEXT,
    st.builds(Request, _TEXT, _TEXT, _HEADERS, st.none() | st.binary(max_size=40)),
    st.none() | _RESPONSES,
    st.none() | st.builds(TransportFault, st.sampled_from(FaultKind), _TEXT),
    _SECONDS,
)
_PLACES = st.none() | st.builds(Place, _TEXT, st.none() | st.integers(1))
_FINDINGS = st.builds(
    Finding, _TEXT, st.sampled_from(Keyword), _TEXT, _TEXT, _TEXT, _TEXT, _PLACES, st.none() | _TEXT,
    st.lists(_TEXT, max_size=2).map(tuple), st.lists(_TEXT, max_size=2).map(tuple),
)  # fmt: skip
_VERDICTS = st.builds(
    Verdict, st.uuids().map(str), st.none() | _TEXT, st.sampled_from(Outcome), st.none() | _TEXT,
    st.lists(_FINDINGS, max_size=2).map(tuple), st.integers(0, 99), _SECONDS,
)  # fmt: skip


@st.composite
def _runs(draw: st.DrawFn) -> Run:
    verdicts = tuple(draw(st.lists(_VERDICTS, max_size=4, unique_by=lambda each: each.case)))
    exchanges = [
        record.exchange(each) for each in draw(st.lists(_EXCHANGES, max_size=4, unique_by=lambda each: each.id))
    ]
    header = record.header(
        suite=draw(_TEXT),
        spec={"title": draw(_TEXT), "version": "", "sha256": "", "path": ""},
        target={"url": draw(_TEXT), "profile": draw(st.none() | _TEXT), "models": []},
        options={"header": [draw(_TEXT)]},
        seed=draw(st.integers()),
        planned=[each.case for each in verdicts],
        started_at=datetime.fromtimestamp(draw(st.integers(0, 2**32)), UTC),
    )
    end = record.end(verdicts, duration_s=draw(_SECONDS), requests=1, events=2, tokens=3, coverage={}, exit_status=0)
    notes = draw(st.lists(st.fixed_dictionaries({"kind": st.just("created"), "path": _TEXT}), max_size=2))
    return Run(header, {each["id"]: each for each in exchanges}, verdicts, draw(st.none() | st.just(end)), tuple(notes))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(run=_runs())
def test_a_record_reads_as_what_was_written(tmp_path: Path, run: Run) -> None:
    """Any run comes back from its lines as it was, and each line is valid under the published schema."""
    path = tmp_path / "run.jsonl"
    with Writer(path) as writer:
        for line in run.lines():
            writer.write(line)
    for raw in path.read_bytes().splitlines():
        _SCHEMA.validate(json.loads(raw))
    assert read(path) == run


@settings(deadline=None, max_examples=80)
@given(exchange=_EXCHANGES)
def test_an_exchange_can_be_judged_again(exchange: Exchange) -> None:
    """What a record keeps of an exchange is what went over the wire, where nothing in it is secret."""
    again = record.load_exchange(json.loads(encode(record.exchange(exchange))))
    assert (again.id, again.operation, again.error) == (exchange.id, exchange.operation, exchange.error)
    assert (again.request.method, again.request.body or b"") == (exchange.request.method, exchange.request.body or b"")
    if exchange.response is None:
        assert again.response is None
    else:
        assert again.response is not None
        assert again.response.status == exchange.response.status
        assert again.response.events == (exchange.response.events or None)
        if not exchange.response.events and not exchange.response.truncated:
            assert again.response.body == exchange.response.body


def test_streams_keep_bytes_that_their_events_do_not_tell() -> None:
    """A BOM, comments and carriage returns of a whole stream are kept beside its events, and only then."""
    events = (StreamEvent(0, 0.1, None, "a"),)
    odd = Response(200, (), b"\xef\xbb\xbf: hi\r\ndata: a\r\n\r\n", False, events)
    plain = Response(200, (), b"data: a\n\n", False, events)
    lines = [record.exchange(Exchange("x", None, Request("GET", "/"), each))["response"] for each in (odd, plain)]
    assert ["raw_base64" in line for line in lines] == [True, False]
    loaded = record.load_exchange(record.exchange(Exchange("x", None, Request("GET", "/"), odd))).response
    assert loaded is not None
    assert loaded.body == odd.body


def test_long_bodies_and_streams_are_cut_and_say_so() -> None:
    """A body over the limit is cut between characters, a stream after so many events; both are marked."""
    body = "é".encode() * 100
    line = record.exchange(Exchange("x", None, Request("GET", "/"), Response(200, (), body)), limit=33)
    assert line["response"]["body"] == "é" * 16
    assert line["response"]["truncated"] is True
    events = tuple(StreamEvent(0, 0.0, None, "0123456789") for _ in range(9))
    line = record.exchange(Exchange("x", None, Request("GET", "/"), Response(200, (), b"", False, events)), limit=33)
    assert len(line["response"]["events"]) == 3
    assert line["response"]["truncated"] is True


def test_a_long_stream_of_which_events_are_left_out_says_so() -> None:
    """Where neither the events nor the bytes of a stream fit, the record does not claim to have all of it."""
    events = (StreamEvent(0, 0.0, None, "1", None, 1), StreamEvent(900, 0.0, None, "9", None, 9))
    answer = Response(200, (), b"data: 1\n\n" * 50, False, events)
    for limit, whole in ((1000, True), (100, False)):
        line = record.exchange(Exchange("x", None, Request("GET", "/"), answer), limit=limit)["response"]
        assert (line["truncated"], "raw_base64" in line) == (not whole, whole)


def test_half_a_character_at_the_cut_is_no_binary_body() -> None:
    """A body that the transport has cut inside a character stays text."""
    cut = Response(200, (), "aé".encode()[:-1], True)
    assert record.exchange(Exchange("x", None, Request("GET", "/"), cut))["response"]["body"] == "a"


@pytest.mark.parametrize("cut", [1, 20, 200])
def test_a_run_that_was_killed_is_readable(tmp_path: Path, cut: int) -> None:
    """A last line cut in the middle is left out; without an end the run was cut off."""
    path = sample.write(tmp_path / "run.jsonl")
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    run = read(path)
    assert (run.end is None) == (cut > 1)
    assert len(run.verdicts) == len(sample.verdicts())


@pytest.mark.parametrize(
    ("number", "bad"),
    [
        (3, b"{"),
        (3, b'{"kind": "verdict"}'),
        (3, b'["kind"]'),
        (3, b""),
        (2, json.dumps(sample.verdicts()[0].to_json() | {"outcome": "odd"}).encode()),
        (4, b"\xff\xfe"),
        (3, b"[" * 100_000),
    ],
)  # fmt: skip
def test_any_other_bad_line_is_named(tmp_path: Path, number: int, bad: bytes) -> None:
    """A line that is none of a record gives one clear line with its number."""
    path = sample.write(tmp_path / "run.jsonl")
    lines = path.read_bytes().split(b"\n")
    lines[number - 1] = bad
    path.write_bytes(b"\n".join(lines))
    with pytest.raises(RecordError, match=rf"run\.jsonl:{number}: ") as caught:
        read(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b'{"kind": "run"', b'{"kind": "end-of-world"}\n'])
def test_what_is_no_record_is_refused(tmp_path: Path, content: bytes) -> None:
    """A file without a whole first line of kind run is no record."""
    path = tmp_path / "run.jsonl"
    path.write_bytes(content)
    with pytest.raises(RecordError):
        read(path)
    with pytest.raises(RecordError, match="cannot read"):
        read(tmp_path / "none.jsonl")


def test_records_joined_by_hand_are_refused(tmp_path: Path) -> None:
    """A second first line points to `contract merge`."""
    path = sample.write(tmp_path / "run.jsonl")
    path.write_bytes(path.read_bytes() * 2)
    with pytest.raises(RecordError, match="contract merge"):
        read(path)


def test_a_resumed_run_goes_on_behind_the_last_whole_line(tmp_path: Path) -> None:
    """Resuming drops the cut line, keeps the rest, and the last verdict of a case counts."""
    path = sample.write(tmp_path / "run.jsonl", finished=False)
    path.write_bytes(path.read_bytes() + b'{"kind": "verd')
    again = Verdict("createEmbedding/valid/minimal", "createEmbedding", Outcome.PASS)
    with Writer(path, resume=True) as writer:
        writer.write(record.verdict(again))
    run = read(path)
    assert again in run.verdicts
    assert len(run.verdicts) == len(sample.verdicts())


def test_lines_behind_an_end_take_it_back(tmp_path: Path) -> None:
    """A run that ended and was resumed has no end until it ends again."""
    path = sample.write(tmp_path / "run.jsonl")
    with Writer(path, resume=True) as writer:
        writer.write(record.verdict(sample.verdicts()[0]))
        assert read(path).end is None
        writer.write(sample.end())
    assert read(path).end == sample.end()


def test_two_runs_in_one_folder_are_told(tmp_path: Path) -> None:
    """The second writer of a record gets one clear line and harms nothing."""
    path = tmp_path / "run.jsonl"
    with Writer(path) as writer:
        writer.write(sample.header())
        with pytest.raises(RecordError, match="another run is writing here"):
            Writer(path)
    assert read(path).header == sample.header()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_told_in_one_line() -> None:
    """No space left gives a RecordError that names the file."""
    with pytest.raises(RecordError, match="/dev/full: cannot write the record"), Writer(Path("/dev/full")) as writer:
        writer.write(sample.header())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_unwritable_folder_is_told(tmp_path: Path) -> None:
    """A folder without permission gives a RecordError."""
    tmp_path.chmod(0o500)
    with pytest.raises(RecordError, match="cannot write the record"):
        Writer(tmp_path / "run.jsonl")


def test_a_folder_in_the_place_of_the_record_is_told(tmp_path: Path) -> None:
    """A path that is no file gives a RecordError."""
    with pytest.raises(RecordError, match="cannot write the record"):
        Writer(tmp_path)


def test_nothing_in_a_record_tells_a_secret(tmp_path: Path) -> None:
    """The key is in no line, nor is a cookie that the server set."""
    path = sample.write(tmp_path / "run.jsonl")
    hide = Redactor({"OPENAI_API_KEY": sample.KEY})
    leak = Finding("r", Keyword.MUST, "s", actual=f"said {sample.KEY}", where=f"/{sample.KEY}")
    fault = Exchange(
        "x9", None, Request("GET", f"http://h/?k={sample.KEY}"), None, TransportFault(FaultKind.DNS, sample.KEY)
    )
    with Writer(path, resume=True) as writer:
        writer.write(record.verdict(Verdict("a", None, Outcome.FAIL, sample.KEY, (leak,)), hide))
        writer.write(record.exchange(fault, hide))
    written = path.read_bytes()
    assert sample.KEY.encode() not in written
    assert b"canary-cookie" not in written
    assert b"[redacted:OPENAI_API_KEY]" in written


def test_the_published_schema_is_one_and_is_strict() -> None:
    """docs/ shows the schema that ships, the schema is a valid one, and numbers that are none never get in."""
    docs = Path(__file__).parent.parent / "docs" / "record.schema.json"
    assert json.loads(docs.read_text()) == record.schema()
    jsonschema.Draft202012Validator.check_schema(record.schema())
    line = sample.header() | {"seed": math.pi}
    assert not _SCHEMA.is_valid(line)
