import asyncio

import httpx
import pytest
from mock_driver import Driver, parsed, the_spec

from contract.draft import Upload
from contract.mock.app import create
from contract.mock.examples import Examples

STREAMS = {
    "createChatCompletion": {"model": "any", "messages": [{"role": "user", "content": "Hi"}]},
    "createCompletion": {"model": "any", "prompt": "Hi"},
    "createResponse": {"model": "any", "input": "Hi"},
    "createTranscription": {"model": "gpt-4o-transcribe", "file": Upload("a.wav", b"no wave")},
    "createThreadAndRun": {"assistant_id": "any"},
    "createRun": {"assistant_id": "any"},
    "submitToolOuputsToRun": {"tool_outputs": [{"tool_call_id": "any", "output": "1"}]},
}


@pytest.fixture(scope="module")
def mock() -> Driver:
    """One server in examples mode: it remembers nothing."""
    return Driver(mode="examples")


@pytest.fixture(scope="module")
def examples() -> Examples:
    """The examples of the bundled spec."""
    return Examples(the_spec())


def path_of(operation_id: str) -> dict[str, str]:
    """Placeholders for every path parameter of an operation."""
    return {each.name: f"any-{each.name}" for each in the_spec().operations[operation_id].parameters_in("path")}


@pytest.mark.parametrize("operation_id", the_spec().operations)
def test_every_operation_has_a_valid_example(examples, operation_id):
    """The example of an operation is valid under the strict and the corrected reading of its 200 answer."""
    operation = the_spec().operations[operation_id]
    body = examples.body(operation)
    media = operation.answer(200).content.get("application/json")
    if media is None:
        assert body is None
        return
    assert the_spec().schemas.is_valid(media.schema_pointer, body)
    if operation_id != "deleteResponse":  # its body stands in the corrected reading only
        assert the_spec().strict_schemas.is_valid(media.schema_pointer, body)


@pytest.mark.parametrize(
    "operation_id",
    [each.id for each in the_spec().operations.values() if each.method in {"GET", "DELETE"}],
)
def test_any_id_is_answered(mock, operation_id):
    """Reading and deleting take any well-formed id and answer 200 with a body that fits."""
    query = {"start_time": 1} if "usage" in operation_id else {}
    response = mock.send(operation_id, path_of(operation_id), **query)
    assert response.status_code == 200, response.text
    if response.headers["content-type"] == "application/json":
        assert response.json() is not None


def test_the_answer_names_the_object_that_was_asked_for(mock):
    """Where the last parameter names the very object, its id comes back."""
    assert mock.ok("getAssistant", {"assistant_id": "asst_mine"})["id"] == "asst_mine"
    assert mock.ok("retrieveModel", {"model": "my-model"})["id"] == "my-model"
    assert mock.ok("cancelBatch", {"batch_id": "batch_mine"})["id"] == "batch_mine"
    assert mock.ok("listModels")["data"]


def test_the_same_request_gives_the_same_answer(mock):
    """Examples are deterministic, also over servers."""
    again = Driver(mode="examples")
    assert mock.ok("listAssistants") == again.ok("listAssistants") == mock.ok("listAssistants")


def test_a_list_is_its_only_page(mock):
    """A client's iterator ends: no example list has more, and its ends are its first and last object."""
    for operation in the_spec().operations.values():
        if operation.method != "GET" or not operation.path.endswith("s") or "usage" in operation.id:
            continue
        page = mock.send(operation.id, path_of(operation.id)).json()
        assert page.get("has_more", False) is False, operation.id
        if "first_id" in page and "id" in page["data"][0]:
            assert (page["first_id"], page["last_id"]) == (page["data"][0]["id"], page["data"][-1]["id"])


@pytest.mark.parametrize("operation_id", STREAMS)
def test_a_streaming_request_is_answered_with_a_whole_stream(mock, operation_id):
    """Every streaming operation gives an event stream that its grammar accepts, the same each time."""
    body = STREAMS[operation_id]
    response = mock.send(operation_id, path_of(operation_id), {**body, "stream": True})
    assert response.headers["content-type"].startswith("text/event-stream")
    events = parsed(response.content)
    assert len(events) > 2
    assert mock.stream(operation_id, path_of(operation_id), body) == events


def test_requests_are_held_to_their_schema(mock):
    """A body or a parameter that its schema rejects is a 400 as in the stateful mode, no key is a 401."""
    error = mock.refused(400, "createChatCompletion", body={"model": "any"})
    assert error["param"] == "messages"
    assert mock.refused(400, "listAssistants", limit="many")["param"] == "limit"


def test_prose_rules_do_not_bind_placeholders(mock):
    """What only the prose forbids is taken: clients' unit tests send `foo` where a token id belongs."""
    body = {"model": "any", "messages": [{"role": "user", "content": "Hi"}], "logit_bias": {"foo": 0}}
    assert mock.ok("createChatCompletion", body=body)["object"] == "chat.completion"


def test_files_and_speech_are_bytes(mock):
    """Operations that answer with other media types answer with bytes of one."""
    speech = mock.send("createSpeech", body={"model": "tts-1", "voice": "alloy", "input": "hi"})
    assert (speech.status_code, speech.headers["content-type"]) == (200, "application/octet-stream")
    assert speech.content
    assert mock.send("downloadFile", {"file_id": "any"}).status_code == 200


def test_it_answers_with_and_without_the_base_path(mock):
    """Clients' unit tests may name the server without `/v1`; the stateful mode keeps to it."""

    async def status(driver: Driver, url: str) -> int:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(driver.mock)) as client:
            return (await client.get(url, headers={"authorization": "Bearer a b"})).status_code

    assert asyncio.run(status(mock, "http://mock/models")) == 200
    assert asyncio.run(status(mock, "http://mock/v1/models")) == 200
    assert asyncio.run(status(Driver(), "http://mock/models")) == 404


@pytest.mark.parametrize("base_path", ["", "/", "/openai/v1", "openai/v1/"])
def test_the_base_path_can_be_chosen(base_path):
    """The server is mounted where it is asked to be, with or without slashes, and nowhere else."""
    app = create(the_spec(), base_path=base_path)

    async def status(path: str) -> int:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
            return (await client.get(f"http://mock{path}", headers={"authorization": "Bearer x"})).status_code

    chosen = f"/{base_path.strip('/')}" if base_path.strip("/") else ""
    assert asyncio.run(status(f"{chosen}/models")) == 200
    assert asyncio.run(status("/v1/models")) == 404
