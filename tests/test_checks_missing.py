"""Telling a missing route from a missing object."""

from dataclasses import replace
from typing import Any

import pytest
from checks_support import SPEC, exchange

from contract import checks
from contract.case import Expect, Kind

ROUTE: list[tuple[str, Any, str]] = [
    ("FastAPI", {"detail": "Not Found"}, "application/json"),
    ("Express", b"<!DOCTYPE html><pre>Cannot GET /v1/threads/id-1</pre>", "text/html"),
    ("Go", b"404 page not found\n", "text/plain"),
    ("nginx", b"<html><head><title>404 Not Found</title></head></html>", "text/html"),
    ("llama.cpp", {"error": {"code": 404, "message": "File Not Found", "type": "not_found_error"}}, "application/json"),
    (
        "the original",
        {"error": {"message": "Invalid URL (GET /v1/x)", "type": "invalid_request_error", "param": None, "code": None}},
        "application/json",
    ),
    ("fiber", {"error": {"code": 404, "message": "Not Found", "type": ""}}, "application/json"),
    ("gin", {"code": "PAGE_NOT_FOUND", "message": "Page not found"}, "application/json"),
    ("a code that says no more", {"error": {"message": "Not found", "code": "not_found"}}, "application/json"),
    ("empty", b"", ""),
    ("Flask", b"The requested URL was not found on the server.", "text/plain"),
    ("Rails", {"error": 'No route matches [GET] "/v1/threads"'}, "application/json"),
    ("aiohttp", b"404: Not Found", "text/plain"),
    ("words in msg", {"error": {"msg": "Not Found"}}, "application/json"),
    ("no words", {"status": 5}, "application/json"),
    ("words deep inside", {"error": {"error": {"error": {"message": "no such route"}}}}, "application/json"),
    ("a string as JSON", b'"Not Found"', "application/json"),
    ("a parameter that is no name", {"error": {"message": "Not Found", "param": ""}}, "application/json"),
    ("a parameter that is a number", {"error": {"message": "Not Found", "param": 5}}, "application/json"),
    ("a page too long to be read", b'{"message": "thread gone%s"}' % (b" " * 20_000), "application/json"),
    ("a number", {"message": 404}, "application/json"),
]
OBJECT: list[tuple[str, Any, str]] = [
    (
        "the original",
        {
            "error": {
                "message": "No thread found with id 'id-1'.",
                "type": "invalid_request_error",
                "param": None,
                "code": None,
            }
        },
        "application/json",
    ),
    ("a model", {"error": {"message": "Not found", "code": "model_not_found"}}, "application/json"),
    ("a parameter", {"error": {"message": "Not found", "param": "thread_id"}}, "application/json"),
    ("FastAPI with words", {"detail": "Thread id-1 not found"}, "application/json"),
    ("FastAPI without the id", {"detail": "Thread not found"}, "application/json"),
    ("text with the id", b"thread id-1 does not exist", "text/plain"),
    ("a string", {"error": "thread gone"}, "application/json"),
    ("words in msg", {"error": {"msg": "thread gone"}}, "application/json"),
    ("words too deep", {"error": {"error": {"error": {"error": {"message": "Not Found"}}}}}, "application/json"),
    ("a code of its own", {"code": "thread_gone", "message": "Not found"}, "application/json"),
    ("a long text with the id", b"id-1 is gone. " + b"x" * 20_000, "text/plain"),
]


@pytest.mark.parametrize(("name", "body", "media_type"), ROUTE, ids=[each[0] for each in ROUTE])
def test_a_router_speaks_of_a_route(name: str, body: Any, media_type: str) -> None:
    """What frameworks answer where they have no route."""
    assert checks.unsupported(SPEC.operations["getThread"], exchange("getThread", 404, body, media_type)), name


@pytest.mark.parametrize(("name", "body", "media_type"), OBJECT, ids=[each[0] for each in OBJECT])
def test_an_api_speaks_of_an_object(name: str, body: Any, media_type: str) -> None:
    """A 404 that knows what was asked for is an answer of the operation."""
    assert checks.unsupported(SPEC.operations["getThread"], exchange("getThread", 404, body, media_type)) is None, name


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (404, "the target answers 404: no such route"),
        (405, "the target answers 405: no GET on this route"),
        (501, "the target answers 501: not implemented"),
    ],
)
def test_what_is_not_offered_is_not_supported(status: int, said: str) -> None:
    """405 and 501 are taken at their word, a router's 404 too; the reader is told which it was."""
    body = {"detail": "Not Found"}
    assert checks.unsupported(SPEC.operations["getThread"], exchange("getThread", status, body)) == said


@pytest.mark.parametrize("status", [200, 400, 401, 403, 500, 503])
def test_any_other_status_is_an_answer(status: int) -> None:
    """An answer, right or wrong, comes from a route."""
    assert checks.unsupported(SPEC.operations["getThread"], exchange("getThread", status, b"Not Found")) is None


def test_a_request_beside_the_route_names_no_id() -> None:
    """Text without a router's words is a router's own page then."""
    own = exchange("getThread", 404, b"nothing here", "text/plain")
    beside = replace(own, request=replace(own.request, url="http://host/v1/threadz/id-1"))
    assert checks.unsupported(SPEC.operations["getThread"], beside) is not None


@pytest.mark.parametrize("body", [b"[" * 15000, b"{" * 15000, b'"\xff', b"null", b"[]", b"5", b"x" * 10**6])
def test_no_body_makes_it_raise(body: bytes) -> None:
    """Hostile bodies are only not understood."""
    checks.unsupported(SPEC.operations["getThread"], exchange("getThread", 404, body))


def test_a_missing_file_is_no_missing_route() -> None:
    """Where the API has files, the words of llama.cpp's router speak of a file."""
    body = {"error": {"message": "File not found", "type": "invalid_request_error"}}
    assert checks.unsupported(SPEC.operations["retrieveFile"], exchange("retrieveFile", 404, body)) is None
    assert checks.unsupported(SPEC.operations["listModels"], exchange("listModels", 404, body)) is not None


UNKNOWN_MODEL = {"error": {"message": "The model `m-9` does not exist", "type": "x", "param": None, "code": None}}
_FORM = b'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nm-9\r\n--b--\r\n'


@pytest.mark.parametrize("request_body", [b'{"model": "m-9"}', _FORM], ids=["json", "form"])
def test_a_refused_model_that_the_target_does_not_list_says_nothing_of_the_request(request_body: bytes) -> None:
    """A server has the models that it has; refusing one that it lists is another matter."""
    answer = exchange("createTranscription", 400, UNKNOWN_MODEL, request_body=request_body)
    asked = (SPEC, SPEC.operations["createTranscription"], answer, Expect(Kind.MINIMAL))
    assert checks.without_model(*asked, {"m-1"}) == "the target has no model m-9"
    assert checks.without_model(*asked, {"m-9"}) is None


def test_a_model_of_odd_bytes_is_a_model_all_the_same() -> None:
    """It is told as far as it can be read; another member called so counts nothing."""
    form = b'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nm-\xff\r\n--b--\r\n'
    answer = exchange("createTranscription", 400, b"unknown model \xff", request_body=form)
    operation = SPEC.operations["createTranscription"]
    assert checks.without_model(SPEC, operation, answer, Expect(), ()) == "the target has no model m-\ufffd"
    answer = exchange("createChatCompletion", 400, UNKNOWN_MODEL, request_body=b'{"model": 5}')
    said = checks.without_model(SPEC, SPEC.operations["createChatCompletion"], answer, Expect(), ())
    assert said == "the target refuses the model that it takes by itself"


@pytest.mark.parametrize(("status", "told"), [(400, True), (404, True), (422, True), (405, False), (423, False)])
def test_a_refusal_as_invalid_or_unknown_may_be_for_the_model(status: int, told: bool) -> None:
    """Other statuses mean something else, and a long page is no refusal."""
    operation = SPEC.operations["createChatCompletion"]
    answer = exchange("createChatCompletion", status, UNKNOWN_MODEL, request_body=b'{"model": "m-9"}')
    assert (checks.without_model(SPEC, operation, answer, Expect(Kind.MINIMAL), ()) is not None) is told
    expected = Expect(Kind.MINIMAL, frozenset({status}))
    assert checks.without_model(SPEC, operation, answer, expected, ()) is None
    assert checks.without_model(SPEC, operation, replace(answer, response=None), Expect(Kind.MINIMAL), ()) is None


@pytest.mark.parametrize(("size", "told"), [(20_000, True), (20_001, False)])
def test_a_long_page_is_no_refusal_for_a_model(size: int, told: bool) -> None:
    """What a person would have to search is no answer of an API."""
    text = b"unknown model m-9".ljust(size)
    answer = exchange("createChatCompletion", 404, text, "text/html", request_body=b'{"model": "m-9"}')
    operation = SPEC.operations["createChatCompletion"]
    assert (checks.without_model(SPEC, operation, answer, Expect(Kind.MINIMAL), ()) is not None) is told


@pytest.mark.parametrize("operation", ["listModels", "createThreadAndRun", "createMessage"])
def test_an_operation_without_a_model_by_default_has_none(operation: str) -> None:
    """No body, or a body that gives no model."""
    answer = exchange(operation, 404, UNKNOWN_MODEL)
    said = checks.without_model(SPEC, SPEC.operations[operation], answer, Expect(Kind.MINIMAL), ())
    assert said == "the target refuses the model that it takes by itself"


def test_a_request_without_a_model_means_the_default() -> None:
    """`dall-e-2` for an image: a server that lists it takes the request."""
    answer = exchange("createImageEdit", 400, {"detail": "Invalid model name passed in model=None"})
    asked = (SPEC, SPEC.operations["createImageEdit"], answer, Expect(Kind.MINIMAL))
    assert checks.without_model(*asked, {"gpt-4o"}) == "the target has no model dall-e-2"
    assert checks.without_model(*asked, {"dall-e-2"}) is None


@pytest.mark.parametrize("message", ["messages must not be empty", "the model failed to load", "n is not supported"])
def test_a_refusal_for_another_reason_is_judged(message: str) -> None:
    """Only words for a model that is not there count."""
    answer = exchange("createChatCompletion", 400, {"error": {"message": message}}, request_body=b'{"model": "m-9"}')
    asked = (SPEC, SPEC.operations["createChatCompletion"], answer)
    assert checks.without_model(*asked, Expect(Kind.VALID), set()) is None
    assert checks.without_model(*asked, Expect(Kind.INVALID), set()) is None
