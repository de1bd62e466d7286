import base64
import functools
import io
import json
import random
from pathlib import Path
from typing import Any

import pytest
from stream_builders_realtime import encoded as session
from stream_builders_realtime import plain as spoken
from stream_builders_responses import REQUEST, drop, encoded, plain
from stream_case import edited, spoilt

from contract.exchange import Request
from contract.recorded_request import Finder, members
from contract.spec import load
from contract.verify import main, verify

MODELS = {"object": "list", "data": [{"id": "m", "object": "model", "created": 1, "owned_by": "o"}]}
STREAM = {"status": 200, "contentType": "text/event-stream"}
JSON = {"status": 200, "contentType": "application/json"}
BROKEN = encoded(edited(plain(), drop("completed")))
URL = "http://localhost:8000/v1"


def manifest(folder: Path, *entries: dict[str, Any], **files: bytes) -> Path:
    """A manifest with its files."""
    for name, body in files.items():
        (folder / name).write_bytes(body)
    path = folder / "manifest.json"
    path.write_text(json.dumps(entries))
    return path


def entry(file: str, operation: str = "createResponse", **members_: Any) -> dict[str, Any]:
    """An entry of a manifest, a right stream of createResponse if nothing else is said."""
    return {"file": file, "operationId": operation, "request": REQUEST, "http": STREAM, **members_}


def har(folder: Path, *entries: dict[str, Any]) -> Path:
    """A HAR file."""
    path = folder / "session.har"
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}))
    return path


def exchange(url: str, body: str | None, kind: str = "application/json", **members_: Any) -> dict[str, Any]:
    """A HAR entry: a GET, or a POST where `posted` gives the body of the request."""
    posted = members_.pop("posted", None)
    status = members_.pop("status", 200)
    request: dict[str, Any] = {"method": "POST" if posted else "GET", "url": url, "headers": []}
    if posted:
        request["headers"] = [{"name": "Content-Type", "value": "application/json"}]
        request["postData"] = {"mimeType": "application/json", "text": json.dumps(posted)}
    content = {"size": len(body or "x"), "mimeType": kind, **({} if body is None else {"text": body})}
    headers = [{"name": "content-type", "value": kind}]
    response = {"status": status, "headers": headers, "content": {**content, **members_}}
    return {"request": request, "response": response}


the_spec = functools.cache(load)


def lines(path: Path) -> list[dict[str, Any]]:
    """What `verify` says of one file."""
    return list(verify([path], the_spec()))


def test_a_manifest_gives_one_line_an_entry(tmp_path: Path) -> None:
    """Each line has the file, the operation, the outcome, the broken rules and the findings."""
    path = manifest(tmp_path, entry("good"), entry("bad"), good=encoded(plain()), bad=BROKEN)
    good, bad = lines(path)
    assert good == {"file": "good", "operation": "createResponse", "outcome": "pass", "rules": [], "findings": []}
    assert (bad["outcome"], bad["rules"]) == ("fail", ["RESP-006"])
    assert bad["findings"][0]["keyword"] == "MUST"


def test_a_broken_should_is_a_warning(tmp_path: Path) -> None:
    """Without its second event a stream only warns."""
    body = encoded(edited(plain(), drop("in_progress")))
    assert [each["outcome"] for each in lines(manifest(tmp_path, entry("a"), a=body))] == ["warn"]


def test_the_size_of_reads_changes_no_verdict(tmp_path: Path) -> None:
    """`feed.size` is how the bytes are fed, nothing else."""
    path = manifest(tmp_path, entry("a"), entry("a", feed={"mode": "bytes", "size": 1}), a=BROKEN)
    first, second = lines(path)
    assert first == second


def test_a_plain_answer_is_judged_by_the_checks_of_answers(tmp_path: Path) -> None:
    """An entry that is no stream is judged as an answer: schema, status, media type."""
    path = manifest(
        tmp_path,
        entry("good", "listModels", request=None, http=JSON),
        entry("bad", "listModels", request=None, http=JSON),
        good=json.dumps(MODELS).encode(),
        bad=b"{}",
    )
    assert [each["outcome"] for each in lines(path)] == ["pass", "fail"]


def test_a_just_refusal_is_no_failure(tmp_path: Path) -> None:
    """A 401 with an error envelope to a streaming request is an answer, not a broken stream."""
    error = {"error": {"message": "x", "type": "invalid_request_error", "param": None, "code": "invalid_api_key"}}
    http = {"status": 401, "contentType": "application/json"}
    path = manifest(tmp_path, entry("a", http=http), a=json.dumps(error).encode())
    assert [each["outcome"] for each in lines(path)] == ["pass"]


def test_json_where_a_stream_was_asked_for_fails(tmp_path: Path) -> None:
    """A 200 of another media type is not the stream that the request asked for."""
    (line,) = lines(manifest(tmp_path, entry("a", http=JSON), a=b"{}"))
    assert "SSE-001" in line["rules"]


def test_a_realtime_session_is_judged_frame_by_frame(tmp_path: Path) -> None:
    """Operation ids that begin with realtime name the server events of a WebSocket."""
    http = {"status": 101, "contentType": None}
    path = manifest(tmp_path, entry("a", "realtime", http=http), a=session(spoken()[:-1]))
    assert [(each["operation"], each["rules"]) for each in lines(path)] == [("realtime", ["RT-006"])]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"operationId": None}, "no operationId"),
        ({"operationId": "createNothing"}, "no operation of the spec"),
        ({"file": "absent"}, "cannot be read"),
        ({"http": None}, "no http.status"),
    ],
)
def test_a_bad_entry_is_told_in_one_line_and_the_others_are_judged(
    tmp_path: Path, changed: dict[str, Any], said: str
) -> None:
    """One wrong entry does not keep the next from its verdict."""
    bad, good = lines(manifest(tmp_path, {**entry("a"), **changed}, entry("a"), a=encoded(plain())))
    assert (bad["outcome"], good["outcome"]) == ("error", "pass")
    assert said in bad["reason"]
    assert "\n" not in bad["reason"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", "{", "no JSON"),
        ("a.json", "{}", "neither a manifest"),
        ("a.json", "[1]", "expected shape"),
        ("a.har", '{"log": {"entries": [{}]}}', "expected shape"),
        ("a.jsonl", "x\n", "no line of a record"),
        ("a.jsonl", "", "no record"),
    ],
)
def test_a_file_that_is_no_recording_is_told_in_one_line(tmp_path: Path, name: str, text: str, said: str) -> None:
    """Whatever is wrong with an input, the line names it."""
    (tmp_path / name).write_text(text)
    (line,) = lines(tmp_path / name)
    assert line["outcome"] == "error"
    assert said in line["reason"]


@pytest.mark.parametrize("name", ["absent.json", "absent.har", "absent.jsonl"])
def test_a_missing_file_is_told_in_one_line(tmp_path: Path, name: str) -> None:
    """A path that is not there has one line too."""
    (line,) = lines(tmp_path / name)
    assert line["outcome"] == "error"


def test_a_har_finds_operations_below_any_base_path(tmp_path: Path) -> None:
    """The longest template that ends the path wins, whatever stands before it."""
    path = har(
        tmp_path,
        exchange("http://host/openai/v1/models?x=1", json.dumps(MODELS)),
        exchange("https://host/models/m", json.dumps(MODELS["data"])),
    )
    first, second = lines(path)
    assert (first["id"], first["operation"], first["outcome"]) == ("session.har#1", "listModels", "pass")
    assert (second["operation"], second["outcome"]) == ("retrieveModel", "fail")


def test_a_har_holds_streams_as_text_and_as_base64(tmp_path: Path) -> None:
    """Both spellings of a body give the same verdict."""
    text = BROKEN.decode()
    coded = base64.b64encode(BROKEN).decode()
    kind = "text/event-stream"
    path = har(
        tmp_path,
        exchange(f"{URL}/responses", text, kind, posted=REQUEST),
        exchange(f"{URL}/responses", coded, kind, posted=REQUEST, encoding="base64"),
    )
    assert [each["rules"] for each in lines(path)] == [["RESP-006"]] * 2


def test_what_a_har_did_not_record_is_not_judged(tmp_path: Path) -> None:
    """Foreign URLs are skipped; lost bodies and answers are inconclusive, each with its reason."""
    path = har(
        tmp_path,
        exchange("https://host/index.html", ""),
        exchange(f"{URL}/models", None),
        exchange(f"{URL}/models", "", status=0),
    )
    assert [each["outcome"] for each in lines(path)] == ["skipped", "inconclusive", "inconclusive"]
    assert all(each["reason"] for each in lines(path))


def test_a_stream_whose_request_was_not_recorded_is_inconclusive(tmp_path: Path) -> None:
    """What a stream has to hold depends on what was asked for."""
    sent = exchange(f"{URL}/responses", encoded(plain()).decode(), "text/event-stream", posted=REQUEST)
    del sent["request"]["postData"]
    (line,) = lines(har(tmp_path, sent))
    assert (line["outcome"], "request" in line["reason"]) == ("inconclusive", True)


def test_a_har_with_broken_base64_is_told(tmp_path: Path) -> None:
    """A body that is marked as base64 and is none cannot be read."""
    (line,) = lines(har(tmp_path, exchange(f"{URL}/models", "*", encoding="base64")))
    assert (line["outcome"], "base64" in line["reason"]) == ("error", True)


def test_a_har_of_a_websocket_is_a_session(tmp_path: Path) -> None:
    """The received messages of a WebSocket to /realtime are its server events."""
    frames = session(spoken()).decode().splitlines()
    sent = exchange("https://host/v1/realtime?model=m", "", status=101)
    sent["_webSocketMessages"] = [{"type": "receive", "data": each} for each in frames] + [{"type": "send"}]
    assert [(each["operation"], each["outcome"]) for each in lines(har(tmp_path, sent))] == [("realtime", "pass")]


def test_a_record_of_an_earlier_run_is_judged_again(tmp_path: Path) -> None:
    """Bodies, base64 bodies and events of a `run.jsonl` lead to the verdicts of the live answers."""
    events = [
        {"offset": 0, "at_s": 0.1, "event": each["type"], "data": json.dumps(each)}
        for each in edited(plain(), drop("completed"))
    ]
    kinds = {"json": [["content-type", "application/json"]], "sse": [["content-type", "text/event-stream"]]}
    whole = json.dumps(MODELS)
    answers = {
        "e1": ("listModels", "GET", "models", {"headers": kinds["json"], "body": whole, "truncated": False}),
        "e2": (
            "listModels",
            "GET",
            "models",
            {"headers": kinds["json"], "body_base64": base64.b64encode(b"{}").decode(), "truncated": False},
        ),
        "e3": ("createResponse", "POST", "responses", {"headers": kinds["sse"], "events": events, "truncated": False}),
        "e4": ("createResponse", "POST", "responses", {"headers": kinds["sse"], "events": events, "truncated": True}),
        "e5": ("listModels", "GET", "models", None),
        "e6": ("ofAnotherSpec", "GET", "models", {"headers": kinds["json"], "body": whole, "truncated": False}),
    }
    path = tmp_path / "run.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in record(answers)))
    found = {each["id"]: each for each in lines(path)}
    outcomes = [found[name]["outcome"] for name in answers]
    assert outcomes == ["pass", "fail", "fail", "inconclusive", "inconclusive", "inconclusive"]
    assert found["e3"]["rules"] == ["RESP-006"]


def record(answers: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines of a record with these exchanges."""
    spec = {"title": "t", "version": "1", "sha256": "0" * 64, "path": "openapi.yaml"}
    target = {"url": URL, "profile": "any", "models": {}}
    first = {"kind": "run", "schema": 1, "suite": "0", "spec": spec, "target": target, "options": {}, "seed": 0}
    exchanges = []
    for name, (operation, method, path, response) in answers.items():
        headers = [["content-type", "application/json"]]
        request = {"method": method, "url": f"{URL}/{path}", "headers": headers, "body": json.dumps(REQUEST)}
        got = None if response is None else {"status": 200, **response}
        error = {"kind": "connect", "detail": "refused"} if response is None else None
        line = {"kind": "exchange", "id": name, "operation": operation, "request": request, "response": got}
        exchanges.append({**line, "error": error, "elapsed_s": 0.1})
    return [{**first, "started_at": "2025-01-01T00:00:00Z", "planned": []}, *exchanges]


@pytest.mark.parametrize(
    ("entries", "status"),
    [([], 3), ([entry("good")], 0), ([entry("good"), entry("bad")], 1), ([entry("bad"), entry("absent")], 2)],
)
def test_the_exit_status_tells_the_worst(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], entries: list[dict[str, Any]], status: int
) -> None:
    """0 nothing failed, 1 something failed, 2 an unreadable input (stderr tells it in one line), 3 nothing judged."""
    path = manifest(tmp_path, *entries, good=encoded(plain()), bad=BROKEN)
    assert main([path], False, io.StringIO()) == status
    assert capsys.readouterr().err.count("\n") == (status == 2)


def test_traffic_without_anything_to_judge_is_no_success(tmp_path: Path) -> None:
    """An empty manifest, or a recording of foreign URLs alone, ends with status 3."""
    assert main([manifest(tmp_path)], True, io.StringIO()) == 3
    assert main([har(tmp_path, exchange("http://localhost/favicon.ico", "{}"))], True, io.StringIO()) == 3


def test_json_lines_are_one_an_exchange(tmp_path: Path) -> None:
    """With `--json` every line of the output is one object and nothing else."""
    path = manifest(tmp_path, entry("good"), entry("bad"), good=encoded(plain()), bad=BROKEN)
    out = io.StringIO()
    main([path], True, out)
    assert [json.loads(line)["file"] for line in out.getvalue().splitlines()] == ["good", "bad"]


def test_people_read_the_finding_and_what_was_allowed(tmp_path: Path) -> None:
    """Without `--json` a line an exchange, its findings below, a summary at the end."""
    path = manifest(tmp_path, entry("bad"), bad=BROKEN)
    out = io.StringIO()
    main([path], False, out)
    text = out.getvalue()
    assert text.startswith("FAIL")
    assert "RESP-006 MUST" in text
    assert "allowed there: " in text
    assert "1 exchange in" in text.splitlines()[-1]


def test_a_recorded_key_reaches_no_output(tmp_path: Path) -> None:
    """What looks like a key is taken out of findings."""
    key = "sk-" + "a1b2c3d4" * 4
    (line,) = lines(manifest(tmp_path, entry("a"), a=encoded([{"type": key}])))
    assert key not in json.dumps(line)


def test_hundreds_of_streams_take_seconds(tmp_path: Path) -> None:
    """Five hundred entries are judged in one process in a few seconds."""
    import time

    path = manifest(tmp_path, *[entry("a")] * 500, a=encoded(plain()))
    started = time.monotonic()
    assert len(lines(path)) == 500
    assert time.monotonic() - started < 10


def test_a_spoilt_recording_never_raises(tmp_path: Path) -> None:
    """Whatever stands in a manifest, a HAR file or a record, each entry gets a line."""
    drawn = random.Random(7)
    (tmp_path / "a").write_bytes(encoded(plain()))
    whole = {"headers": [["content-type", "text/event-stream"]], "body": encoded(plain()).decode(), "truncated": False}
    stream = exchange(f"{URL}/responses", encoded(plain()).decode(), "text/event-stream", posted=REQUEST)
    sources: dict[str, Any] = {
        "x.har": {"log": {"entries": [stream, exchange(f"{URL}/models", json.dumps(MODELS))]}},
        "x.json": [entry("a"), entry("a", "listModels", http=JSON), entry("a", "realtime")],
        "x.jsonl": record({"e1": ("createResponse", "POST", "responses", whole)}),
    }
    for _ in range(100):
        for name, document in sources.items():
            first, *rest = document if name == "x.jsonl" else [document]
            changed = [first, *(spoilt(each, drawn) for each in rest)] if rest else [spoilt(first, drawn)]
            (tmp_path / name).write_text("".join(f"{json.dumps(each)}\n" for each in changed))
            json.dumps(lines(tmp_path / name))


def test_a_multipart_request_is_read_by_its_fields() -> None:
    """Repeated and bracketed fields become lists, files their names."""
    body = (
        b'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n'
        b'--b\r\nContent-Disposition: form-data; name="include[]"\r\n\r\nlogprobs\r\n'
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp3"\r\n\r\n\x00\xff\r\n--b--\r\n'
    )
    sent = Request("POST", URL, (("Content-Type", "multipart/form-data; boundary=b"),), body)
    assert members(sent) == {"model": "whisper-1", "include[]": ["logprobs"], "file": "@a.mp3"}


def test_a_form_request_is_read_by_its_fields() -> None:
    """A urlencoded body is an object of strings; a body that is nothing of the kind is empty."""
    form = Request("POST", URL, (("Content-Type", "application/x-www-form-urlencoded"),), b"a=1&a=2")
    assert members(form) == {"a": ["1", "2"]}
    assert members(Request("POST", URL, (), b"\xff")) == {}


def test_every_operation_is_found_by_its_own_path() -> None:
    """A path made from a template leads back to its operation, below a base path too."""
    import re

    spec = the_spec()
    finder = Finder(spec)
    for operation in spec.operations.values():
        path = re.sub(r"\{[^}]*\}", "x-1", operation.path)
        assert finder.find(Request(operation.method, f"{URL}{path}")) == operation.id
