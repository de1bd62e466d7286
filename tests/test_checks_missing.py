"""Telling a missing route from a missing object."""

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
]


@pytest.mark.parametrize(("name", "body", "media_type"), ROUTE, ids=[each[0] for each in ROUTE])
def test_a_router_speaks_of_a_route(name: str, body: Any, media_type: str) -> None:
    """What frameworks answer where they have no route."""
    assert checks.unsupported(SPEC.operations["getThread"], exchange("getThread", 404, body, media_type)), name


@pytest.mark.parametrize(("name", "body", "media_type"), OBJECT, ids=[each[0] for each in OBJECT])
def test_an_api_speaks_of_an_object(name: str, body: Any, media_type: str) -> None:
    """A 404 that knows what was asked for is an answer of the operation."""
    assert checks.unsupported(SPEC.operations["getThread"], exchange("getThread", 404, body, media_type)) is None, name


@pytest.mark.parametrize("status", [405, 501])
def test_a_method_that_is_not_offered_is_not_supported(status: int) -> None:
    """405 and 501 are taken at their word."""
    assert checks.unsupported(SPEC.operations["getThread"], exchange("getThread", status, {"error": {}}))


@pytest.mark.parametrize("status", [200, 400, 401, 403, 500, 503])
def test_any_other_status_is_an_answer(status: int) -> None:
    """An answer, right or wrong, comes from a route."""
    assert checks.unsupported(SPEC.operations["getThread"], exchange("getThread", status, b"Not Found")) is None


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
