"""Answers of an operation of some other API, whose document says what that of OpenAI never does."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from checks_support import exchange

from contract import checks
from contract.case import Expect, Kind
from contract.spec import Spec, load

JSON = "application/json"
Made = Callable[..., Spec]


@pytest.fixture
def api(tmp_path: Path) -> Made:
    """Makes a document with one operation: its responses, and what else the operation has."""

    def made(responses: dict[str, Any], version: str = "3.0.3", **more: Any) -> Spec:
        operation = {"operationId": "a", "responses": responses, **more}
        document = {"openapi": version, "info": {"title": "T", "version": "1"}, "paths": {"/a": {"post": operation}}}
        path = tmp_path / "other.json"
        path.write_text(json.dumps(document), "utf-8")
        return load(path)

    return made


def content(schema: Any = None, name: str = JSON) -> dict[str, Any]:
    """A response with one media type; without a schema where there is none."""
    return {"description": "x", "content": {name: {} if schema is None else {"schema": schema}}}


def rules(spec: Spec, status: int, body: Any = b"", *more: Any, kind: Kind = Kind.VALID) -> list[str]:
    """The rules that an answer breaks."""
    operation = spec.operations["a"]
    return [each.rule for each in checks.judge(spec, operation, exchange(operation, status, body, *more), Expect(kind))]


@pytest.mark.parametrize(
    ("declared", "media_type", "found"),
    [
        (content({"type": "object"}), JSON, ["body/json"]),
        (content(), JSON, ["body/json"]),
        (content({"type": "object"}, "application/problem+json"), "application/problem+json", ["body/json"]),
        (content({"type": "object"}, "application/json; charset=utf-8"), JSON, ["body/json"]),
        (content({"type": "string", "format": "binary"}), JSON, []),
        (content({"type": "string", "format": "byte"}), JSON, []),
        (content(name="*/*"), JSON, []),
        (content(name="text/*"), "text/x-json", []),
    ],
)
def test_json_is_read_where_json_is_declared_and_a_file_is_not(
    api: Made, declared: dict[str, Any], media_type: str, found: list[str]
) -> None:
    """A file's content may look like JSON and be none; a media type without a schema still is one."""
    assert rules(api({"200": declared}), 200, b"{", media_type) == found


def test_a_document_without_contested_places_has_failures_alone(api: Made) -> None:
    """One reading: what breaks it breaks it."""
    spec = api({"200": content({"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}})})
    assert rules(spec, 200, {"a": 1}) == ["body/schema"]
    assert rules(spec, 200, {"a": "1"}) == []


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ({"200": content(), "201": content(), "400": content()}, "a declared status (200, 201)"),
        ({"400": content()}, "a declared status (none)"),
    ],
)
def test_another_success_than_the_declared_ones_names_them(api: Made, declared: dict[str, Any], expected: str) -> None:
    """In their order; or says that there is none."""
    spec = api(declared)
    operation = spec.operations["a"]
    (found,) = checks.judge(spec, operation, exchange(operation, 204))
    assert (found.rule, found.expected) == ("status/declared", expected)


def test_a_declared_refusal_is_plausible_whatever_its_number(api: Made) -> None:
    """418 where the document says 418."""
    spec = api({"200": content(), "418": content()})
    assert rules(spec, 418, {}) == ["request/valid-refused"]
    assert rules(spec, 418, {}, kind=Kind.INVALID) == []
    assert rules(spec, 420, {}, kind=Kind.INVALID) == ["status/plausible"]


@pytest.mark.parametrize(("status", "found"), [(299, "request/invalid-accepted"), (300, "status/declared")])
def test_a_success_is_a_status_of_two_hundred_and_something(api: Made, status: int, found: str) -> None:
    """A redirect has accepted nothing."""
    assert rules(api({"200": content()}), status, kind=Kind.INVALID) == [found]


def test_a_declared_error_is_judged_by_its_own_schema(api: Made) -> None:
    """Not by the envelope of an API that this is not; one declared as text is not judged as JSON."""
    spec = api({"200": content(), "400": content({"type": "object", "required": ["reason"]})})
    assert rules(spec, 400, {"reason": "x"}, kind=Kind.INVALID) == []
    assert rules(spec, 400, {"why": "x"}, kind=Kind.INVALID) == ["error/declared"]
    assert rules(spec, 400, {"reason": "x"}, "text/plain", kind=Kind.INVALID) == ["error/media-type"]
    text = api({"200": content(), "400": content(name="text/plain")})
    assert rules(text, 400, b"no", "text/html", kind=Kind.INVALID) == []


def test_promises_of_the_published_api_bind_no_other(api: Made) -> None:
    """Times, states and sums have their meaning from its descriptions."""
    spec = api({"200": content()})
    body = {"created_at": 10**12, "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 9}}
    assert rules(spec, 200, body) == []


@pytest.mark.parametrize("schema", [True, {"properties": {"model": True}}, {"properties": {}}, {}])
def test_a_request_whose_schema_says_nothing_has_no_model_by_default(api: Made, schema: Any) -> None:
    """A boolean schema has no members; a refusal for a model is one for the model that the server takes."""
    spec = api({"200": content()}, "3.1.0", requestBody={"content": {JSON: {"schema": schema}}})
    operation = spec.operations["a"]
    answer = exchange(operation, 404, {"error": {"message": "model not found"}})
    said = checks.without_model(spec, operation, answer, Expect(Kind.MINIMAL), set())
    assert said == "the target refuses the model that it takes by itself"


@pytest.mark.parametrize(
    ("status", "path", "kind", "statuses", "said"),
    [
        (404, {"id"}, Kind.VALID, (), "the target answers 404: nothing is known that the path would name"),
        (404, {"id"}, Kind.EDGE, (), None),
        (404, {"id"}, Kind.VALID, (404,), None),
        (404, (), Kind.VALID, (), None),
        (405, {"id"}, Kind.VALID, (), None),
    ],
)
def test_an_id_that_was_made_up_may_name_nothing(
    api: Made, status: int, path: Any, kind: Kind, statuses: tuple[int, ...], said: str | None
) -> None:
    """Nobody tells what another API has: a 404 for a made-up id says nothing of the operation."""
    spec = api({"200": content()})
    answer = exchange(spec.operations["a"], status)
    assert checks.made_up(spec, answer, Expect(kind, frozenset(statuses)), path) == said


def test_no_answer_says_nothing_of_a_made_up_id(api: Made) -> None:
    """The twin without a response."""
    spec = api({"200": content()})
    unanswered = replace(exchange(spec.operations["a"]), response=None)
    assert checks.made_up(spec, unanswered, Expect(Kind.VALID), {"id"}) is None
