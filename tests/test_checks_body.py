"""Bodies: each fault is caught, and its conforming twin is not."""

import copy
import math
from dataclasses import replace
from typing import Any

import pytest
from checks_support import MODELS, SPEC, broken, exchange, judged
from test_checks_media_type import CHAT

from contract import checks
from contract.case import Expect, Kind
from contract.checks.json_text import read
from contract.checks.made import required


def test_a_valid_body_is_no_finding() -> None:
    """The twin of the faults below; undeclared members of an open schema are an extension, not a fault."""
    extended = copy.deepcopy(MODELS)
    extended["data"][0]["meta"] = {"x": 1}  # type: ignore[index]
    assert broken("listModels", 200, extended) == []


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda body: body["data"][0].pop("id"), "/data/0"),
        (lambda body: body["data"][0].update(created="now"), "/data/0/created"),
        (lambda body: body["data"][0].update(object="engine"), "/data/0/object"),
        (lambda body: body.update(data=None), "/data"),
        (lambda body: body.pop("object"), ""),
    ],
)
def test_a_broken_body_is_a_failure_with_its_place_and_line(change: Any, where: str) -> None:
    """Absent member, wrong type, wrong constant, null: where it is and the line that forbids it."""
    body = copy.deepcopy(MODELS)
    change(body)
    (found,) = judged("listModels", 200, body)
    assert (found.rule, str(found.keyword), found.where) == ("body/schema", "MUST", where)
    assert found.expected
    assert found.actual
    assert found.spec is not None
    assert found.spec.line is not None


def test_a_contested_reading_is_a_warning_with_its_reason() -> None:
    """`refusal` is required by the schema and omitted by eight examples."""
    body = copy.deepcopy(CHAT)
    del body["choices"][0]["message"]["refusal"]  # type: ignore[index]
    (found,) = judged("createChatCompletion", 200, body, request_body=b"{}")
    assert (found.rule, str(found.keyword)) == ("body/contested", "SHOULD")
    assert "omit `refusal`" in found.summary
    assert broken("createChatCompletion", 200, CHAT, request_body=b"{}") == []


def test_a_certain_fault_beside_a_contested_one_is_still_a_failure() -> None:
    """The two are told apart."""
    body = copy.deepcopy(CHAT)
    del body["choices"][0]["message"]["refusal"]  # type: ignore[index]
    body["choices"][0]["message"]["role"] = "robot"  # type: ignore[index]
    assert sorted(broken("createChatCompletion", 200, body, request_body=b"{}")) == [
        ("body/contested", "SHOULD"),
        ("body/schema", "MUST"),
    ]


@pytest.mark.parametrize("member", ["result", "results"])
def test_usage_may_be_told_under_either_name(member: str) -> None:
    """Schema and examples differ; one of the two must be there."""
    bucket: dict[str, Any] = {"object": "bucket", "start_time": 1, "end_time": 2, member: []}
    page = {"object": "page", "data": [bucket], "has_more": False, "next_page": None}
    assert all(strength == "SHOULD" for _, strength in broken("usage-costs", 200, page))
    del bucket[member]
    assert ("body/schema", "MUST") in broken("usage-costs", 200, page)


@pytest.mark.parametrize("ids", [None, "a"])
def test_an_empty_list_may_have_no_ids(ids: str | None) -> None:
    """Null for `first_id` and `last_id` is the only way to write an empty list."""
    assert (
        broken(
            "listAssistants", 200, {"object": "list", "data": [], "first_id": ids, "last_id": ids, "has_more": False}
        )
        == []
    )


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"{", "no JSON"),
        (b"<html>", "no JSON"),
        (b'{"object": "list", "data": [], "x": NaN}', "NaN"),
        (b'{"object": "list", "data": [], "x": -Infinity}', "-Infinity"),
        (b'{"object": "list", "data": [], "data": []}', "twice"),
        (b'\xef\xbb\xbf{"object": "list", "data": []}', "byte order mark"),
        (b'{"object": "list", "data": [], "x": "\xff"}', "UTF-8"),
        (b"[" * 1_000_000, "deep"),
    ],
)
def test_a_json_answer_that_is_no_json_is_a_failure(body: bytes, says: str) -> None:
    """Python's reader lets most of these pass; RFC 8259 does not."""
    (found,) = judged("listModels", 200, body)
    assert (found.rule, str(found.keyword)) == ("body/json", "MUST")
    assert says in found.actual


@pytest.mark.parametrize(
    "body",
    [
        b'{"object": "list", "data": [], "x": ' + b"9" * 100_000 + b"}",
        b'{"object": "list", "data": [], "x": 1e999999}',
        b'{"object": "list", "data": [], "x": "\\ud800"}',
        b'{"object": "list", "data": [], "x": ' + b"[" * 400 + b"]" * 400 + b"}",
    ],
)
def test_odd_but_lawful_json_is_no_finding(body: bytes) -> None:
    """Numbers of any size, lone surrogates and deep nesting are JSON text."""
    assert broken("listModels", 200, body) == []


def test_an_integer_is_read_as_one_up_to_thousands_of_digits() -> None:
    """Beyond them it is the nearest float, as most readers have it."""
    assert read(b"1" * 4000).value == int("1" * 4000)
    assert read(b"1" * 4001).value == math.inf


@pytest.mark.parametrize(
    ("schema", "members"),
    [("LogProb", {"token", "logprob", "bytes"}), ("InputMessageResource", {"role", "content", "id"})],
)
def test_what_a_schema_requires_is_what_its_parts_require(schema: str, members: set[str]) -> None:
    """Those of an `allOf` too, referenced or not."""
    assert required(SPEC, f"/components/schemas/{schema}") == members


def test_no_body_where_one_is_declared_is_a_failure() -> None:
    """An empty 200; the deletion of a response declares none and is right either way."""
    assert broken("listModels", 200, b"") == [("body/present", "MUST")]
    assert broken("deleteResponse", 200, b"") == []
    assert broken("deleteResponse", 200, {"id": "r", "object": "response", "deleted": True}) == []
    assert broken("deleteResponse", 200, {"id": 5}) == [("body/contested", "SHOULD")]


def test_bytes_are_not_read_as_json() -> None:
    """Audio and files are what they are; an empty file is a file."""
    assert broken("createSpeech", 200, b"\x00\xff", "audio/mpeg") == []
    assert broken("downloadFile", 200, b"", "application/octet-stream") == []


def test_a_body_that_was_cut_is_not_judged() -> None:
    """The transport has told that already."""
    assert broken("listModels", 200, b"{", truncated=True) == []


@pytest.mark.parametrize(("status", "body"), [(200, b""), (200, b"{"), (400, b"")])
def test_a_head_has_no_body_to_judge(status: int, body: bytes) -> None:
    """The answer to HEAD has the headers of the answer to GET, and no more."""
    operation = SPEC.operations["listModels"]
    sent = exchange(operation, status, body)
    asked = replace(sent, request=replace(sent.request, method="HEAD"))
    found = checks.judge(SPEC, operation, asked, Expect(Kind.EDGE, frozenset({200, 400})))
    assert not {each.rule for each in found} & {"body/present", "body/json", "error/envelope"}


def test_a_wrong_format_is_a_warning() -> None:
    """Formats annotate; an image url that is none still is a string."""
    image = {"created": 1, "data": [{"url": "https://h/a.png"}]}
    assert broken("createImage", 200, image) == []
    at = "/paths/~1a/get/responses/200/content/application~1json/schema"
    assert SPEC.line(at) is not None


def test_what_an_invalid_request_is_answered_with_is_no_second_fault() -> None:
    """That it was accepted is the one defect; what comes of it follows."""
    found = broken("listModels", 200, {"object": "list"}, expect=Expect(Kind.INVALID))
    assert found == [("request/invalid-accepted", "MUST")]
