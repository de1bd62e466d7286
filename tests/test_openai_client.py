"""The official client drives the mock over a socket, as its users do."""

import base64
import io
import json

import pytest

from contract.mock.server import Running

openai = pytest.importorskip("openai", reason="the official client is a development dependency")

#: Newer clients say that assistants are deprecated; the contract under test has them.
pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated.*:DeprecationWarning")

LINE = b'{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}\n'
HI = [{"role": "user", "content": "Say hello."}]
TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


@pytest.fixture(scope="module")
def client():
    """A client of one server whose time runs twenty times as fast."""
    with Running(speed=20) as mock, openai.OpenAI(base_url=mock.url, api_key="My API Key", max_retries=0) as made:
        yield made


@pytest.fixture
def assistant(client):
    """An assistant with a function tool."""
    made = client.beta.assistants.create(model="gpt-4o-mini", name="Helper", tools=[TOOL])
    yield made
    client.beta.assistants.delete(made.id)


def wait(get, ended, tries: int = 200):
    """Poll until `ended` holds."""
    import time

    for _ in range(tries):
        found = get()
        if ended(found):
            return found
        time.sleep(0.02)
    raise AssertionError(found)


def test_models(client):
    """Models are listed and told one by one; an unknown one raises NotFoundError."""
    assert "gpt-4o-mini" in {each.id for each in client.models.list()}
    assert client.models.retrieve("gpt-4o").object == "model"
    with pytest.raises(openai.NotFoundError) as caught:
        client.models.retrieve("gpt-99")
    assert caught.value.code == "model_not_found"
    assert caught.value.request_id


def test_a_fine_tuning_job_from_file_to_deleted_model(client):
    """File, job, events, checkpoints and the tuned model, which talks and is deleted."""
    data = client.files.create(file=("train.jsonl", LINE * 10), purpose="fine-tune")
    job = client.fine_tuning.jobs.create(model="gpt-4o-mini-2024-07-18", training_file=data.id, suffix="mine")
    done = wait(lambda: client.fine_tuning.jobs.retrieve(job.id), lambda found: found.status == "succeeded")
    assert done.fine_tuned_model.startswith("ft:gpt-4o-mini-2024-07-18:org:mine:")
    events = list(client.fine_tuning.jobs.list_events(job.id, limit=3))
    assert len({each.id for each in events}) == len(events) > 3
    checkpoints = list(client.fine_tuning.jobs.checkpoints.list(job.id, limit=1))
    assert len(checkpoints) == 3
    assert job.id in {each.id for each in client.fine_tuning.jobs.list(limit=1)}
    said = client.chat.completions.create(model=done.fine_tuned_model, messages=HI)
    assert said.choices[0].message.content
    assert client.models.delete(done.fine_tuned_model).deleted
    with pytest.raises(openai.BadRequestError):
        client.fine_tuning.jobs.cancel(job.id)
    assert client.files.content(done.result_files[0]).text.startswith("step,")


def test_checkpoint_permissions_by_both_paths(client):
    """A permission is made for a checkpoint and taken back by the template's path or by the one that clients call."""
    data = client.files.create(file=("train.jsonl", LINE * 10), purpose="fine-tune")
    job = client.fine_tuning.jobs.create(model="gpt-4o-mini-2024-07-18", training_file=data.id)
    wait(lambda: client.fine_tuning.jobs.retrieve(job.id), lambda found: found.status == "succeeded")
    checkpoint = next(iter(client.fine_tuning.jobs.checkpoints.list(job.id))).fine_tuned_model_checkpoint
    base = "/fine_tuning/checkpoints"
    for form in ("{permission}/permissions", "{checkpoint}/permissions/{permission}"):
        project = client.post("/organization/projects", cast_to=object, body={"name": "P"})["id"]
        body = {"project_ids": [project]}
        made = client.post(f"{base}/{checkpoint}/permissions", cast_to=object, body=body)["data"][0]["id"]
        path = f"{base}/{form.format(checkpoint=checkpoint, permission=made)}"
        assert client.delete(path, cast_to=object) == {"id": made, "object": "checkpoint.permission", "deleted": True}
        with pytest.raises(openai.NotFoundError):
            client.delete(path, cast_to=object)


def test_a_stored_chat_is_kept_changed_and_deleted(client):
    """`store` keeps a completion with its messages and metadata until it is deleted."""
    made = client.chat.completions.create(model="gpt-4o-mini", messages=HI, store=True, metadata={"run": "1"})
    assert client.chat.completions.retrieve(made.id).choices == made.choices
    assert client.chat.completions.update(made.id, metadata={"run": "2"}).metadata == {"run": "2"}
    assert [each.content for each in client.chat.completions.messages.list(made.id)] == ["Say hello."]
    assert made.id in {each.id for each in client.chat.completions.list(metadata={"run": "2"})}
    assert client.chat.completions.delete(made.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.retrieve(made.id)


def test_a_streamed_chat_says_what_the_plain_one_says(client):
    """Chunks add up to the plain answer, and usage comes when it is asked for."""
    plain = client.chat.completions.create(model="gpt-4o-mini", messages=HI, seed=1)
    stream = client.chat.completions.create(
        model="gpt-4o-mini", messages=HI, seed=1, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    text = "".join(each.choices[0].delta.content or "" for each in chunks if each.choices)
    assert text == plain.choices[0].message.content
    assert chunks[-1].usage == plain.usage


def test_the_chat_stream_helper_accumulates(client):
    """`beta.chat.completions.stream` ends with the whole completion, tool calls parsed."""
    with client.beta.chat.completions.stream(model="gpt-4o-mini", messages=HI) as stream:
        kinds = {event.type for event in stream}
        final = stream.get_final_completion()
    assert {"chunk", "content.delta", "content.done"} <= kinds
    assert final.choices[0].finish_reason == "stop"
    asked = client.chat.completions.create(model="gpt-4o-mini", messages=HI, tools=[TOOL], tool_choice="required")
    call = asked.choices[0].message.tool_calls[0]
    assert (asked.choices[0].finish_reason, call.function.name) == ("tool_calls", "weather")
    assert isinstance(json.loads(call.function.arguments)["city"], str)


def test_responses_remember_and_stream(client):
    """A response is kept, follows another, tells its input, streams typed events and is deleted."""
    first = client.responses.create(model="gpt-4o-mini", input="Say hello.")
    assert client.responses.retrieve(first.id).output_text == first.output_text
    second = client.responses.create(model="gpt-4o-mini", input="And again.", previous_response_id=first.id)
    assert second.previous_response_id == first.id
    items = list(client.responses.input_items.list(first.id))
    assert items[0].content[0].text == "Say hello."
    events = list(client.responses.create(model="gpt-4o-mini", input="Say hello.", stream=True))
    assert (events[0].type, events[-1].type) == ("response.created", "response.completed")
    text = "".join(each.delta for each in events if each.type == "response.output_text.delta")
    assert text == events[-1].response.output_text
    client.responses.delete(first.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(first.id)


def test_a_run_stops_for_its_tools_and_ends(client, assistant):
    """A run that must call its function waits for the output and then completes with a message."""
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "Weather in Oslo?"}])
    run = client.beta.threads.runs.create_and_poll(
        thread_id=thread.id, assistant_id=assistant.id, tool_choice="required", poll_interval_ms=20
    )
    assert run.status == "requires_action"
    calls = run.required_action.submit_tool_outputs.tool_calls
    outputs = [{"tool_call_id": each.id, "output": "rain"} for each in calls]
    run = client.beta.threads.runs.submit_tool_outputs_and_poll(
        run_id=run.id, thread_id=thread.id, tool_outputs=outputs, poll_interval_ms=20
    )
    assert run.status == "completed"
    steps = list(client.beta.threads.runs.steps.list(run.id, thread_id=thread.id))
    assert {each.type for each in steps} == {"tool_calls", "message_creation"}
    messages = list(client.beta.threads.messages.list(thread.id))
    assert [each.role for each in messages] == ["assistant", "user"]
    assert client.beta.threads.delete(thread.id).deleted


def test_the_run_stream_helper_calls_its_handler(client):
    """`beta.threads.runs.stream` drives an event handler from the first event to the end."""
    seen = []

    class Handler(openai.AssistantEventHandler):
        def on_text_delta(self, delta, snapshot):  # noqa: ARG002 - the handler's own signature
            seen.append(delta.value)

        def on_message_done(self, message):
            seen.append(message.content[0].text.value)

    assistant = client.beta.assistants.create(model="gpt-4o-mini")
    thread = client.beta.threads.create(messages=HI)
    with client.beta.threads.runs.stream(
        thread_id=thread.id, assistant_id=assistant.id, event_handler=Handler()
    ) as stream:
        stream.until_done()
        assert stream.get_final_run().status == "completed"
    assert "".join(seen[:-1]) == seen[-1]


def test_files_keep_their_bytes(client):
    """What was uploaded comes back; deleted it raises NotFoundError."""
    content = bytes(range(256))
    made = client.files.create(file=("a.bin", io.BytesIO(content)), purpose="assistants")
    assert client.files.content(made.id).read() == content
    assert made.id in {each.id for each in client.files.list(limit=1)}
    assert client.files.delete(made.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(made.id)


def test_an_upload_in_parts_becomes_a_file(client):
    """Parts in the order of the completion make the file; bytes that do not add up are refused."""
    made = client.uploads.create(bytes=4, filename="a.txt", mime_type="text/plain", purpose="assistants")
    parts = [client.uploads.parts.create(made.id, data=each).id for each in (b"cd", b"ab")]
    with pytest.raises(openai.BadRequestError):
        client.uploads.complete(made.id, part_ids=parts[:1])
    done = client.uploads.complete(made.id, part_ids=parts[::-1])
    assert client.files.content(done.file.id).read() == b"abcd"


def test_a_vector_store_is_searched(client):
    """A file is uploaded, polled until it is ready, and found."""
    store = client.vector_stores.create(name="Docs")
    placed = client.vector_stores.files.upload_and_poll(
        vector_store_id=store.id, file=("cats.txt", b"Cats purr when they are content."), poll_interval_ms=20
    )
    assert placed.status == "completed"
    hits = client.vector_stores.search(store.id, query="purr")
    assert next(iter(hits)).file_id == placed.id
    assert client.vector_stores.delete(store.id).deleted


def test_a_batch_answers_its_lines(client):
    """A batch reaches its end and leaves a file with an answer a line."""
    lines = [
        {
            "custom_id": str(index),
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": {"model": "gpt-4o-mini", "messages": HI},
        }
        for index in range(3)
    ]
    data = client.files.create(file=("in.jsonl", "\n".join(map(json.dumps, lines)).encode()), purpose="batch")
    made = client.batches.create(input_file_id=data.id, endpoint="/v1/chat/completions", completion_window="24h")
    done = wait(lambda: client.batches.retrieve(made.id), lambda found: found.status == "completed")
    answers = [json.loads(line) for line in client.files.content(done.output_file_id).text.splitlines()]
    assert [each["custom_id"] for each in answers] == ["0", "1", "2"]
    assert {each["response"]["status_code"] for each in answers} == {200}


def test_embeddings_moderations_images_and_audio(client):
    """Vectors have the length asked for, pictures and sound are real bytes."""
    vector = client.embeddings.create(model="text-embedding-3-small", input="hi", dimensions=64).data[0].embedding
    assert len(vector) == 64
    assert len(client.moderations.create(input=["a", "b"]).results) == 2
    image = client.images.generate(model="dall-e-2", prompt="cat", size="256x256", response_format="b64_json")
    assert base64.b64decode(image.data[0].b64_json).startswith(b"\x89PNG")
    speech = client.audio.speech.create(model="tts-1", voice="alloy", input="hello", response_format="wav").read()
    assert speech.startswith(b"RIFF")
    heard = client.audio.transcriptions.create(model="whisper-1", file=("a.wav", speech), response_format="srt")
    assert "-->" in heard


def test_pages_give_every_object_once(client):
    """The iterator follows cursors over every page, either way round."""
    made = [client.beta.assistants.create(model="gpt-4o", name=f"A{index}").id for index in range(5)]
    for order in ("asc", "desc"):
        listed = [each.id for each in client.beta.assistants.list(limit=2, order=order) if each.id in made]
        assert listed == (made if order == "asc" else made[::-1])
    for each in made:
        client.beta.assistants.delete(each)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda client: client.chat.completions.create(model="gpt-4o", messages=[]), "BadRequestError"),
        (lambda client: client.chat.completions.create(model="none", messages=HI), "NotFoundError"),
        (lambda client: client.beta.threads.retrieve("thread_none"), "NotFoundError"),
        (lambda client: client.models.delete("gpt-4o"), "PermissionDeniedError"),
        (lambda client: client.get("/nowhere", cast_to=object), "NotFoundError"),
    ],
)
def test_errors_have_the_class_that_clients_catch(client, call, error):
    """Refusals become the client's own exception classes, with the envelope's members."""
    with pytest.raises(getattr(openai, error)) as caught:
        call(client)
    assert caught.value.type == "invalid_request_error"
    assert caught.value.message


def test_a_key_is_needed(client):
    """A request without a key raises AuthenticationError, any other key is as good."""
    with pytest.raises(openai.AuthenticationError):
        client.with_options(default_headers={"Authorization": "Basic x"}).models.list()
    assert client.with_options(api_key="another one").models.list().data


@pytest.mark.skipif(not hasattr(openai.OpenAI, "admin"), reason="clients of the spec's day have no admin side")
def test_the_admin_side_of_newer_clients(client):
    """Projects, service accounts, limits and logs through the client's own resources."""
    organization = client.with_options(admin_api_key="admin key").admin.organization
    project = organization.projects.create(name="Apollo")
    account = organization.projects.service_accounts.create(project.id, name="Bot")
    assert account.api_key.value.startswith("sk-svcacct-")
    keys = list(organization.projects.api_keys.list(project.id))
    assert [each.id for each in keys] == [account.api_key.id]
    assert organization.projects.archive(project.id).status == "archived"
    assert project.id not in {each.id for each in organization.projects.list(limit=1)}
    logged = list(organization.audit_logs.list(resource_ids=[project.id], limit=1))
    assert [each.type for each in logged] == ["project.archived", "project.created"]
    assert len(list(organization.users.list(limit=2))) >= 5
