"""Headers: each fault is caught, and its conforming twin is not."""

import json
from pathlib import Path
from typing import Any

import pytest
from checks_support import ENVELOPE, broken, exchange

from contract import checks
from contract.case import Expect, Kind
from contract.spec import Spec, load

EDGE = Expect(Kind.EDGE)


@pytest.fixture
def spec(tmp_path: Path) -> Spec:
    """A document that declares headers: one required integer, one behind a reference, one of HTTP's own."""
    headers = {
        "X-Left": {"required": True, "schema": {"type": "integer", "minimum": 0}},
        "X-Kind": {"$ref": "#/components/headers/Kind"},
        "X-Flag": {"schema": {"type": "boolean"}},
        "X-On": {"schema": {"type": "boolean", "enum": [True]}},
        "X-Even": {"schema": {"type": "integer", "minimum": 0, "multipleOf": 2}},
        "X-Rate": {"schema": {"type": "number"}},
        "X-Parts": {"schema": {"type": "array", "items": {"enum": ["a", "b"]}}},
        "X-Any": {"description": "no schema"},
        "Transfer-Encoding": {"required": True, "schema": {"type": "string"}},
    }
    document = {
        "openapi": "3.0.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"get": {"operationId": "a", "responses": {"200": {"description": "x", "headers": headers}}}}},
        "components": {"headers": {"Kind": {"schema": {"type": "string", "enum": ["a", "b"]}}}},
    }
    path = tmp_path / "s.json"
    path.write_text(json.dumps(document), "utf-8")
    return load(path)


def rules(spec: Spec, headers: dict[str, str], status: int = 200) -> list[str]:
    """The rules that an answer with these headers breaks."""
    operation = spec.operations["a"]
    return [each.rule for each in checks.judge(spec, operation, exchange(operation, status, headers=headers))]


@pytest.mark.parametrize(
    "headers",
    [
        {"x-left": "0"},
        {"X-LEFT": "12", "X-Kind": "b"},
        *({"X-Left": "1", "X-Flag": value} for value in ("true", "false")),
        {"X-Left": "1", "X-On": "true", "X-Even": "2"},
        *({"X-Left": "1", "X-Rate": value} for value in ("1", "0.5")),
        *({"X-Left": "1", "X-Parts": value} for value in ("a", "a,b", "b, a")),
        {"X-Left": "1", "X-Any": "of any kind"},
    ],
)
def test_declared_headers_of_the_right_kind_are_no_finding(spec: Spec, headers: dict[str, str]) -> None:
    """Names are compared without case; what is not required may be absent; framing is not the API's."""
    assert rules(spec, headers) == []


@pytest.mark.parametrize("headers", [{}, {"X-Left": "many"}, {"X-Left": "-1"}, {"X-Left": "1", "X-Kind": "c"}])
def test_absent_and_wrong_headers_are_failures(spec: Spec, headers: dict[str, str]) -> None:
    """Required and not there, or not of the schema."""
    assert rules(spec, headers) == ["header/declared"]


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({}, ("X-Left", "X-Left", "absent", "/X-Left")),
        ({"X-Left": "many"}, ("X-Left", "integer", "many", "/X-Left/schema")),
        ({"X-Left": "-1"}, ("X-Left", "at least 0", "-1", "/X-Left/schema")),
        ({"X-Left": "1", "X-Flag": "yes"}, ("X-Flag", "boolean", "yes", "/X-Flag/schema")),
        ({"X-Left": "1", "X-On": "false"}, ("X-On", "true", "false", "/X-On/schema")),
        ({"X-Left": "1", "X-Even": "-1"}, ("X-Even", "at least 0", "-1", "/X-Even/schema")),
        ({"X-Left": "1", "X-Rate": "half"}, ("X-Rate", "number", "half", "/X-Rate/schema")),
        ({"X-Left": "1", "X-Kind": "c"}, ("X-Kind", "one of 'a', 'b'", "c", "/components/headers/Kind/schema")),
    ],
)
def test_a_wrong_header_is_told_with_its_name_its_value_and_its_place(
    spec: Spec, headers: dict[str, str], told: tuple[str, ...]
) -> None:
    """What was expected comes from the schema; the place is that of the schema, or of the header that is absent."""
    [found] = checks.judge(spec, spec.operations["a"], exchange(spec.operations["a"], headers=headers))
    assert found.spec
    where, expected, actual, at = told
    assert (found.rule, found.where, found.actual, found.exchange) == ("header/declared", where, actual, "e-1")
    assert found.expected == expected
    assert found.spec.pointer.endswith(at)


def test_errors_of_another_api_are_its_own_business(spec: Spec) -> None:
    """A document without ErrorResponse says nothing of error bodies and request ids."""
    operation = spec.operations["a"]
    answer = exchange(operation, 400, b"no", "text/plain", headers={"x-request-id": ""})
    assert [each.rule for each in checks.judge(spec, operation, answer)] == ["request/valid-refused"]


def test_an_error_without_a_request_id_is_a_warning() -> None:
    """A SHOULD, for errors only: a success needs no tracing."""
    without: dict[str, Any] = {"headers": {"x-request-id": ""}}
    assert broken("listModels", 404, ENVELOPE, expect=EDGE, **without) == [("header/request-id", "SHOULD")]
    assert broken("listModels", 404, ENVELOPE, expect=EDGE) == []


def test_a_429_says_when_to_come_back() -> None:
    """`Retry-After` is a SHOULD."""
    assert broken("listModels", 429, ENVELOPE, expect=EDGE) == [("header/retry-after", "SHOULD")]
    assert broken("listModels", 429, ENVELOPE, expect=EDGE, headers={"retry-after": "1"}) == []


def test_speech_need_not_be_chunked() -> None:
    """The declared Transfer-Encoding is HTTP's business."""
    assert broken("createSpeech", 200, b"x", "audio/mpeg") == []
