"""Minimal, edge and streaming requests: all can be put on the wire, none expects a server to fail."""

import json

import pytest
from paper_stage import PaperStage

import strategies
from contract import spec as specs
from contract.case import Ended, Kind
from contract.draft import Upload
from strategies import edge, media, streams
from strategies.plan import Planner

SPEC = specs.load()
CASES = list(strategies.cases(SPEC))
EDGE = [case for case in CASES if case.id.split("/")[1] == "edge"]
MINIMAL = [case for case in CASES if case.id.endswith("/minimal/request")]
STREAMS = [case for case in CASES if case.id.split("/")[1] == "stream"]


def played(case):
    """What a case sends."""
    paper = PaperStage(SPEC)
    try:
        case.play(paper)
    except Ended as ended:
        if "did not stop for tool outputs" not in ended.reason:
            raise
    return paper.sent


def plain(body):
    """A body as the validators see it."""
    if isinstance(body, dict):
        return {name: plain(each) for name, each in body.items()}
    if isinstance(body, list):
        return [plain(each) for each in body]
    return body.filename if isinstance(body, Upload) else body


def whole(path):
    """True where no template is left in a path."""
    return "{" not in path and "<" not in path


@pytest.mark.parametrize("case", MINIMAL, ids=lambda case: case.operation)
def test_minimal_requests_are_valid(case):
    """Each operation's smallest request is filled from the target and admitted by both readings of its schema."""
    [(draft, expect)] = played(case)
    assert expect.kind in {Kind.MINIMAL, Kind.VALID, Kind.EDGE}
    operation = draft.operation
    assert whole(draft.build("http://target").url)
    if draft.body is not None and case.operation != "modify-user":  # a user keeps its role, whatever that is
        at = operation.body.media_type.schema_pointer
        assert "<" not in repr(plain(draft.body))
        assert SPEC.schemas.is_valid(at, plain(draft.body))
        assert SPEC.strict_schemas.is_valid(at, plain(draft.body))
    assert {each.name for each in operation.parameters_in("path")} == set(draft.path)
    assert {each.name for each in operation.parameters_in("query") if each.required} <= set(draft.query)


@pytest.mark.parametrize("case", STREAMS, ids=lambda case: case.id)
def test_streams_are_asked_for_validly(case):
    """Each kind of stream is a valid request with `stream: true` on an operation that streams."""
    draft, _ = played(case)[0]
    assert draft.operation.streams
    assert draft.body["stream"] is True
    assert SPEC.schemas.is_valid(draft.operation.body.media_type.schema_pointer, plain(draft.body))


def test_every_streaming_operation_is_streamed():
    """All seven operations have a plain stream and others."""
    streaming = {name for name, each in SPEC.operations.items() if each.streams}
    assert len(streaming) == 7
    assert {case.operation for case in STREAMS} == streaming == set(streams.KINDS)


def test_edge_cases_expect_no_failure():
    """Every edge case allows a set of statuses with a reason, and only 501 of those from 500 on."""
    for operation in SPEC.operations.values():
        for situation in edge.situations(SPEC, operation):
            assert situation.statuses
            assert situation.reason
            assert {each for each in situation.statuses if each >= 500} <= {501}


@pytest.mark.parametrize("name", ["createChatCompletion", "getRun", "createFile", "listModels", "completeUpload"])
def test_edge_requests_can_be_sent(name):
    """Each odd request of an operation of each kind can be put on the wire, as many as the case says."""
    for case in EDGE:
        if case.operation == name:
            sent = played(case)
            assert len(sent) == case.requests, case.id
            assert all(expect.kind is Kind.EDGE for _, expect in sent)


def test_all_situations_of_the_issue_are_tried():
    """The oddities that a server must survive are all there."""
    names = {case.id.split("/")[2] for case in EDGE}
    assert names >= {
        "malformed-json", "empty-body", "wrong-content-type", "missing-content-type", "wrong-method", "unknown-route",
        "no-key", "malformed-key", "wrong-key", "unknown-id", "other-id", "unicode-id", "long-id", "duplicate-keys",
        "deep-nesting", "odd-numbers", "lone-surrogates", "nul", "large-body", "unknown-query", "trailing-slash",
        "head", "options", "injected-header", "expect-continue",
    }  # fmt: skip


def test_a_key_that_means_nothing_is_not_judged():
    """Where the target takes requests without a key, one case says so and the others are skipped."""

    class Open(PaperStage):
        def resource(self, kind, **wants):
            found = super().resource(kind, **wants)
            return {**found, "wanted": False, "picky": False} if kind == "key" else found

    outcomes = {}
    for case in EDGE:
        if case.id.endswith("/no-key") and case.operation in {"listModels", "getRun"}:
            try:
                case.play(Open(SPEC))
                outcomes[case.operation] = "sent"
            except Ended as ended:
                outcomes[case.operation] = ended.reason
    assert outcomes["listModels"] == "sent"
    assert "asks for no key" in outcomes["getRun"]


def test_media_are_what_they_say():
    """The PNG, WAV and JSONL that are uploaded can be read as such."""
    import io
    import wave

    picture = media.png()
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert picture[16:24] == (256).to_bytes(4, "big") * 2
    with wave.open(io.BytesIO(media.wav())) as sound:
        assert sound.getnframes() == 4000
    lines = [json.loads(each) for each in media.upload("batch", lambda: "m").content.splitlines()]
    assert len({each["custom_id"] for each in lines}) == len(lines) == 2
    assert len(media.training_lines().splitlines()) == 10


def test_null_bodies_are_sent_as_null():
    """The neighbour that breaks the type of the whole body by null sends JSON's null, not an empty body."""
    case = next(each for each in CASES if each.id == "createThread/invalid/body/null")
    [(draft, _)] = played(case)
    assert draft.build("http://target").body == b"null"


def test_plans_need_no_cache(monkeypatch, tmp_path):
    """Without a cache directory that can be read the same plan is made anew."""
    operation = SPEC.operations["createEmbedding"]
    known = Planner(SPEC).plan(operation)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert Planner(SPEC).plan(operation) == known


PETS = """
openapi: 3.1.0
info: {title: Pets, version: "1"}
paths:
  /pets:
    post:
      operationId: makePet
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
      responses: {"201": {description: made}}
  /pets/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: found}}
components:
  schemas:
    Pet:
      type: object
      required: [name, kind]
      additionalProperties: false
      properties:
        name: {type: [string, "null"], minLength: 2, maxLength: 5, pattern: "^[a-z]+$"}
        kind: {const: cat}
        age: {type: number, exclusiveMinimum: 0}
        parent: {anyOf: [{$ref: "#/components/schemas/Pet"}, {type: "null"}]}
        tags: {type: array, items: {type: string}, uniqueItems: true, minItems: 1}
"""


def test_any_other_document_gets_its_cases(tmp_path):
    """A document of OpenAPI 3.1 that knows none of our tables gets boundary, invalid and generated requests too."""
    source = tmp_path / "pets.yaml"
    source.write_text(PETS, "utf-8")
    pets = specs.load(source)
    cases = {case.id: case for case in strategies.cases(pets)}
    broken = {each.partition("/invalid/")[2] for each in cases if "makePet/invalid/" in each}
    assert broken >= {
        "body.name/required", "body.name/type", "body.name/pattern", "body.name/min-length", "body.name/max-length",
        "body.kind/const", "body.age/exclusive-minimum", "body.tags/unique-items", "body.tags/min-items",
        "body/extra-property", "body.age/null",
    }  # fmt: skip
    assert "body.name/null" not in broken
    paper = PaperStage(pets)
    cases["makePet/generated/valid"].play(paper)
    assert paper.sent
    cases["GET /pets/{id}/minimal/request"].play(paper)
    assert paper.sent[-1][0].resolved_path == "/pets/id_1"
