import asyncio
import json
import re

import httpx
import pytest
from mock_driver import BASE, Driver, the_spec

from contract.mock import handlers
from contract.mock.app import create
from contract.mock.kernel import REGISTRY, Events, Hooks, Json

CHAT = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Say hello."}]}
TEXT = json.dumps(CHAT)
AUTHORIZED = {"Authorization": "Bearer a key with spaces"}
AS_JSON = {**AUTHORIZED, "Content-Type": "application/json"}


def ask(application, method, path, **arguments):
    """One request without a socket."""

    async def send():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url=BASE) as client:
            return await client.request(method, path, **{"headers": AUTHORIZED, **arguments})

    return asyncio.run(send())


@pytest.fixture(scope="module")
def server():
    """A server that tests only read from or whose answers they ignore."""
    return create(the_spec())


def is_envelope(response):
    """Whether an answer is the error envelope and nothing else."""
    return set(response.json()) == {"error"} and the_spec().schemas.is_valid(
        "/components/schemas/ErrorResponse", response.json()
    )


def test_every_operation_of_the_spec_has_a_handler():
    """All 126 operations are answered by a handler of their own."""
    handlers.load()
    missing = [each for each in the_spec().operations if ("stateful", each) not in REGISTRY.handlers]
    assert missing == []
    assert len(the_spec().operations) == 126


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", "/nothing", 404, None),
        ("GET", "/models/", 404, None),
        ("GET", "http://mock/models", 404, None),
        ("PUT", "/assistants", 405, "GET, POST"),
        ("OPTIONS", "/models", 405, "GET"),
        ("PATCH", "/threads/runs", 405, "DELETE, GET, POST"),
    ],
)
def test_what_is_no_operation_gets_the_envelope(server, method, path, status, allow):
    """An unknown path is 404, an unknown method 405 with `Allow`."""
    response = ask(server, method, path)
    assert response.status_code == status
    assert is_envelope(response)
    assert response.headers.get("allow") == allow


def test_a_literal_path_wins_over_a_template(server):
    """POST /threads/runs makes a run, GET /threads/runs asks for a thread of that name."""
    assert "assistant_id" in ask(server, "POST", "/threads/runs", json={}).text
    assert ask(server, "GET", "/threads/runs").status_code == 404


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer    ", "Basic abc"])
def test_without_a_bearer_token_it_is_401(server, value):
    """A missing or empty token is refused with the envelope."""
    response = ask(server, "GET", "/models", headers={"Authorization": value})
    assert response.status_code == 401
    assert is_envelope(response)


def test_given_keys_open_their_side_only():
    """With keys the ordinary key opens what is not administration, the admin key the rest."""
    server = create(the_spec(), key="one", admin_key="two")
    for token, path, status in [
        ("one", "/models", 200),
        ("two", "/models", 401),
        ("two", "/organization/projects", 200),
        ("one", "/organization/projects", 401),
    ]:
        response = ask(server, "GET", path, headers={"Authorization": f"Bearer {token}"})
        assert response.status_code == status
    assert response.json()["error"]["code"] == "invalid_api_key"


@pytest.mark.parametrize(
    "body",
    [
        "",
        TEXT[:-2],
        "[]",
        "null",
        '{"model": "gpt-4o", "model": "o1"}',
        TEXT[:-1] + ', "temperature": NaN}',
        TEXT[:-1] + ', "temperature": 1e999}',
        TEXT[:-1] + ', "seed": ' + "9" * 5000 + "}",
        TEXT.replace("Say hello.", "\\ud800"),
        TEXT.replace("Say hello.", "\x00"),
        "[" * 100_000,
        TEXT[:-1] + ', "x": ' + "[" * 400 + "]" * 400 + "}",
        b"\xff\xfe",
        TEXT.encode("utf-16"),
    ],
    ids=str,
)
def test_what_is_no_json_object_is_400(server, body):
    """Malformed, doubled, endless and unspeakable JSON is refused, never 422 or 500."""
    response = ask(server, "POST", "/chat/completions", content=body, headers=AS_JSON)
    assert response.status_code == 400
    assert is_envelope(response)
    assert response.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=b", None])
def test_another_media_type_is_415(server, kind):
    """A body of a type that the operation does not declare is refused."""
    headers = {**AUTHORIZED, **({"Content-Type": kind} if kind else {})}
    assert ask(server, "POST", "/chat/completions", content=TEXT, headers=headers).status_code == 415


def test_a_json_content_type_without_a_body_does_no_harm(server):
    """The official client sends Content-Type with every request, also with GET."""
    assert ask(server, "GET", "/models", headers=AS_JSON).status_code == 200
    assert ask(server, "POST", "/threads", headers=AS_JSON).status_code == 200


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"model": None}, "model"),
        ({"temperature": 2.1}, "temperature"),
        ({"n": 0}, "n"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "user", "content": 3}]}, "messages[0]"),
        ({"tools": [{"type": "function", "function": {}}]}, "tools[0].function.name"),
    ],
)
def test_a_broken_schema_is_400_and_names_the_place(server, change, param):
    """The envelope's `param` is the place in the body."""
    response = ask(server, "POST", "/chat/completions", json={**CHAT, **change})
    assert response.status_code == 400
    assert response.json()["error"]["param"] == param


def test_a_missing_member_is_named(server):
    """A body without a required member is told which."""
    error = ask(server, "POST", "/chat/completions", json={"messages": CHAT["messages"]}).json()["error"]
    assert error["param"] == "model"
    assert error["code"] == "missing_required_parameter"


@pytest.mark.parametrize(
    ("path", "param"),
    [
        ("/assistants?limit=x", "limit"),
        ("/assistants?limit=0", "limit"),
        ("/assistants?limit=101", "limit"),
        ("/assistants?order=up", "order"),
        ("/organization/usage/completions", "start_time"),
        ("/organization/usage/completions?start_time=now", "start_time"),
    ],
)
def test_a_bad_query_parameter_is_400(server, path, param):
    """Types, bounds, choices and presence of query parameters hold."""
    response = ask(server, "GET", path)
    assert response.status_code == 400
    assert response.json()["error"]["param"] == param


def test_whole_floats_are_integers(server):
    """JSON has one kind of number: `n: 2.0` is two."""
    response = ask(server, "POST", "/chat/completions", content=TEXT[:-1] + ', "n": 2.0}', headers=AS_JSON)
    assert len(response.json()["choices"]) == 2


@pytest.mark.parametrize(
    "content",
    [
        b"junk",
        b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch',
        b"--b\r\n\r\nbatch\r\n--b--\r\n",
        b"--b\r\nno header\r\n\r\nbatch\r\n--b--\r\n",
        b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--b--\r\n',
        b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\n\xff\r\n--b--\r\n',
    ],
)
def test_a_broken_multipart_body_is_400(server, content):
    """Boundaries, names, ends and file parts are asked for."""
    headers = {**AUTHORIZED, "Content-Type": "multipart/form-data; boundary=b"}
    assert ask(server, "POST", "/files", content=content, headers=headers).status_code == 400


def test_a_body_over_the_limit_is_413(server):
    """What is announced too large is not read."""
    headers = {**AS_JSON, "Content-Length": "100000000"}
    assert ask(server, "POST", "/chat/completions", content=b"{}", headers=headers).status_code == 413


def test_a_body_of_several_megabytes_is_read(server):
    """A long conversation is no error."""
    body = {**CHAT, "messages": [{"role": "user", "content": "word " * 600_000}]}
    assert ask(server, "POST", "/chat/completions", json=body).status_code == 200


def test_every_answer_has_a_request_id_of_its_own(server):
    """`x-request-id` stands on answers and on refusals, and never twice."""
    found = [ask(server, "GET", path).headers["x-request-id"] for path in ("/models", "/models", "/nothing")]
    assert len(set(found)) == 3
    assert all(re.fullmatch("req_[0-9a-f]{32}", each) for each in found)


def test_every_model_error_is_404_with_its_code(server):
    """An unknown model is `model_not_found`, one of the wrong sort is refused."""
    response = ask(server, "POST", "/chat/completions", json={**CHAT, "model": "nobody"})
    assert (response.status_code, response.json()["error"]["code"]) == (404, "model_not_found")
    wrong = ask(server, "POST", "/chat/completions", json={**CHAT, "model": "dall-e-3"})
    assert (wrong.status_code, wrong.json()["error"]["param"]) == (400, "model")


def test_our_own_fault_is_an_envelope_without_a_trace(server, monkeypatch, capsys):
    """A handler that breaks gives 500 with the envelope; the trace stays with the operator."""

    def breaks(_call):
        raise RuntimeError("secret detail")

    monkeypatch.setitem(REGISTRY.handlers, ("stateful", "listModels"), breaks)
    response = ask(server, "GET", "/models")
    assert response.status_code == 500
    assert is_envelope(response)
    assert "secret detail" not in response.text
    assert "listModels broke the server" in capsys.readouterr().err


def test_invoke_validates_like_a_request():
    """A request that runs inside the server is refused by the same schema and the same rules."""
    mock = Driver()
    lines = [{**CHAT, "n": 0}, {**CHAT, "top_logprobs": 1}, CHAT]
    statuses = []

    def watch(call, _reply):
        if call.operation.id == "listModels":
            for body in lines:
                try:
                    statuses.append(call.invoke("createChatCompletion", body=body).status)
                except Exception as error:  # the refusal is what is looked at
                    statuses.append(error.status)

    REGISTRY.observers.append(watch)
    try:
        mock.send("listModels")
    finally:
        REGISTRY.observers.remove(watch)
    assert statuses == [400, 400, 200]


def test_hooks_change_refusals_replies_frames_and_sends():
    """Everything that a fault needs to spoil passes through a hook."""
    mock = Driver()
    seen = []

    def frames(_call, parts):
        for part in parts:
            seen.append("frame")
            yield part

    def send(_scope, inner):
        async def wrapped(message):
            seen.append(message["type"])
            await inner(message)

        return wrapped

    def reply(_call, given):
        seen.append(type(given))
        return given

    mock.mock.hooks = Hooks(refusal=(lambda _call, _error: None,), reply=(reply,), frames=(frames,), send=(send,))
    assert mock.send("createChatCompletion", body={**CHAT, "top_logprobs": 2}).status_code == 200
    assert mock.send("createChatCompletion", body={**CHAT, "stream": True}).status_code == 200
    assert {"frame", "http.response.start", "http.response.body", Json, Events} <= set(seen)


@pytest.mark.parametrize("name", ["include", "include[]"])
def test_arrays_are_read_with_and_without_brackets(name):
    """Clients write arrays both ways; a value outside the enum is refused in either."""
    path = f"/threads/thread_x/runs/run_x/steps?{name}=nonsense"
    response = ask(create(the_spec()), "GET", path)
    assert (response.status_code, response.json()["error"]["param"]) == (400, "include[0]")


def test_openapi_core_accepts_the_corrected_spec_and_agrees():
    """openapi-core loads the corrected spec with its own checks on, and judges queries as the mock answers them."""
    from openapi_core import OpenAPI

    assert OpenAPI.from_dict(the_spec().corrected).spec is not None
    mock = Driver()
    assert mock.send("listAssistants", limit=100, order="asc").status_code == 200
    assert mock.send("listAssistants", limit="ten").status_code == 400
