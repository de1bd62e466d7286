"""Lifecycles, errors and lists as users of the official client write them, against the stateful mock."""

import asyncio
import base64
import json
import time
import urllib.request

import pytest

from contract.mock import media
from contract.mock.server import Running

openai = pytest.importorskip("openai", reason="the official client is a development dependency")

#: Newer clients say that assistants are deprecated; the contract under test has them.
pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated.*:DeprecationWarning")

MODEL = "gpt-4o-mini"
HI = [{"role": "user", "content": "Tell a long story about the sea."}]
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = {"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}
CLOCK = {"type": "function", "function": {"name": "clock", "parameters": {"type": "object", "properties": {}}}}
SOUND = ("speech.wav", media.wav(media.pcm(1.0)))


@pytest.fixture(scope="module")
def url():
    """The base URL of one server whose time runs twenty times as fast."""
    with Running(speed=20) as mock:
        yield mock.url


@pytest.fixture(scope="module")
def client(url):
    """A client that retries nothing."""
    with openai.OpenAI(base_url=url, api_key="any key at all", max_retries=0) as made:
        yield made


@pytest.fixture
def thread(client):
    """A thread with one message."""
    return client.beta.threads.create(messages=HI)


def run(client, thread, poll=10, **options):
    """A run of a new assistant, waited for."""
    assistant = client.beta.assistants.create(model=MODEL, tools=options.pop("tools", []))
    return client.beta.threads.runs.create_and_poll(
        thread_id=thread.id, assistant_id=assistant.id, poll_interval_ms=poll, **options
    )


def wait(get, status, tries=300):
    """Poll until the status is reached."""
    for _ in range(tries):
        found = get()
        if found.status == status:
            return found
        time.sleep(0.02)
    raise AssertionError(found)


def chat(client, **options):
    """A chat completion."""
    return client.chat.completions.create(**{"model": MODEL, "messages": HI, **options})


UNKNOWN = {
    "models.retrieve": ("none",),
    "models.delete": ("ft:none",),
    "files.retrieve": ("file-none",),
    "files.content": ("file-none",),
    "files.delete": ("file-none",),
    "batches.retrieve": ("batch_none",),
    "batches.cancel": ("batch_none",),
    "uploads.cancel": ("upload_none",),
    "beta.assistants.retrieve": ("asst_none",),
    "beta.assistants.delete": ("asst_none",),
    "beta.threads.retrieve": ("thread_none",),
    "beta.threads.delete": ("thread_none",),
    "beta.threads.messages.list": ("thread_none",),
    "beta.threads.runs.list": ("thread_none",),
    "vector_stores.retrieve": ("vs_none",),
    "vector_stores.delete": ("vs_none",),
    "vector_stores.files.list": ("vs_none",),
    "chat.completions.retrieve": ("chatcmpl-none",),
    "chat.completions.delete": ("chatcmpl-none",),
    "chat.completions.messages.list": ("chatcmpl-none",),
    "responses.retrieve": ("resp_none",),
    "responses.delete": ("resp_none",),
    "responses.input_items.list": ("resp_none",),
    "fine_tuning.jobs.retrieve": ("ftjob-none",),
    "fine_tuning.jobs.cancel": ("ftjob-none",),
    "fine_tuning.jobs.checkpoints.list": ("ftjob-none",),
}


@pytest.mark.parametrize("method", UNKNOWN)
def test_an_unknown_id_is_not_found(client, method):
    """Whatever is asked of an id that nobody made: NotFoundError with the members of the envelope."""
    call = client
    for name in method.split("."):
        call = getattr(call, name)
    with pytest.raises(openai.NotFoundError) as caught:
        call(*UNKNOWN[method])
    assert set(caught.value.body) == {"message", "type", "param", "code"}
    assert caught.value.type == "invalid_request_error"
    assert caught.value.request_id


REFUSED = {
    "messages": {"messages": []},
    "temperature": {"temperature": 3},
    "n": {"n": 0},
    "stop": {"stop": ["a", "b", "c", "d", "e"]},
    "max_tokens": {"model": "o1", "max_tokens": 5},
    "top_logprobs": {"top_logprobs": 3},
    "stream_options": {"stream_options": {"include_usage": True}},
    "tool_choice": {"tools": [CLOCK], "tool_choice": {"type": "function", "function": {"name": "none"}}},
    "logit_bias": {"logit_bias": {"50256": 101}},
    "metadata.k": {"metadata": {"k": "v" * 513}},
}


@pytest.mark.parametrize("param", REFUSED)
def test_a_bad_parameter_is_named(client, param):
    """A request that breaks a rule raises BadRequestError, which names the parameter."""
    with pytest.raises(openai.BadRequestError) as caught:
        chat(client, **REFUSED[param])
    assert caught.value.param == param


def test_every_answer_has_an_id_of_its_own(client):
    """Request ids differ."""
    assert len({client.models.list()._request_id for _ in range(5)}) == 5


@pytest.mark.parametrize("limit", [1, 2, 5, 100])
def test_a_list_gives_all_once_both_ways(client, limit):
    """The iterator gives every message once for any limit, newest first or oldest first."""
    thread = client.beta.threads.create(messages=[{"role": "user", "content": str(n)} for n in range(5)])
    listed = client.beta.threads.messages.list
    newest = [each.content[0].text.value for each in listed(thread.id, limit=limit)]
    assert newest == ["4", "3", "2", "1", "0"]
    assert [each.content[0].text.value for each in listed(thread.id, limit=limit, order="asc")] == newest[::-1]


def test_cursors_stand_between(client):
    """`after` and `before` exclude the object they name; a page tells its ends and whether there is more."""
    ids = [client.vector_stores.create(name=str(n)).id for n in range(4)]
    page = client.vector_stores.list(limit=2)
    assert [each.id for each in page.data] == [ids[3], ids[2]]
    assert (page.first_id, page.last_id, page.has_more) == (ids[3], ids[2], True)
    assert [each.id for each in client.vector_stores.list(limit=2, after=ids[2]).data] == [ids[1], ids[0]]
    assert [each.id for each in client.vector_stores.list(before=ids[2]).data] == [ids[3]]


@pytest.mark.parametrize("limit", [0, -1, 101])
def test_a_limit_has_bounds(client, limit):
    """A limit outside of 1 to 100 is refused and named."""
    with pytest.raises(openai.BadRequestError) as caught:
        client.beta.assistants.list(limit=limit)
    assert caught.value.param == "limit"


def test_an_update_changes_what_was_sent_and_nothing_else(client):
    """An assistant keeps what an update leaves out; deleted, it is neither found nor listed."""
    made = client.beta.assistants.create(model=MODEL, name="A", instructions="I", metadata={"a": "b"})
    changed = client.beta.assistants.update(made.id, name="B")
    assert changed.model_dump() == {**made.model_dump(), "name": "B"}
    assert client.beta.assistants.retrieve(made.id).model_dump() == changed.model_dump()
    assert client.beta.assistants.delete(made.id).deleted
    assert made.id not in {each.id for each in client.beta.assistants.list()}


def test_a_thread_takes_its_messages_along(client, thread):
    """The messages of a deleted thread are gone."""
    message = client.beta.threads.messages.list(thread.id).data[0]
    client.beta.threads.delete(thread.id)
    with pytest.raises(openai.NotFoundError):
        client.beta.threads.messages.retrieve(message.id, thread_id=thread.id)


def test_a_run_ends_and_cannot_be_cancelled(client, thread):
    """A completed run has usage, a step and a message, and refuses to be cancelled."""
    done = run(client, thread)
    assert done.status == "completed"
    assert done.usage.total_tokens == done.usage.prompt_tokens + done.usage.completion_tokens
    [step] = client.beta.threads.runs.steps.list(done.id, thread_id=thread.id).data
    message = client.beta.threads.messages.list(thread.id).data[0]
    assert step.step_details.message_creation.message_id == message.id
    assert message.run_id == done.id
    with pytest.raises(openai.BadRequestError):
        client.beta.threads.runs.cancel(done.id, thread_id=thread.id)


def test_tool_outputs_finish_a_run(client, thread):
    """A run pauses for its function, refuses outputs of other calls, and completes with the right ones."""
    paused = run(client, thread, tools=[WEATHER])
    calls = paused.required_action.submit_tool_outputs.tool_calls
    submit = client.beta.threads.runs.submit_tool_outputs_and_poll
    with pytest.raises(openai.BadRequestError):
        submit(run_id=paused.id, thread_id=thread.id, tool_outputs=[{"tool_call_id": "call_none", "output": "22"}])
    outputs = [{"tool_call_id": each.id, "output": "22"} for each in calls]
    assert (
        submit(run_id=paused.id, thread_id=thread.id, tool_outputs=outputs, poll_interval_ms=10).status == "completed"
    )
    steps = client.beta.threads.runs.steps.list(paused.id, thread_id=thread.id, order="asc").data
    assert [each.type for each in steps] == ["tool_calls", "message_creation"]
    assert steps[0].step_details.tool_calls[0].function.output == "22"


def test_a_prompt_over_its_budget_leaves_a_run_incomplete(client, thread):
    """`max_prompt_tokens` ends a run as incomplete, with the reason."""
    client.beta.threads.messages.create(thread.id, role="user", content="word " * 2000)
    done = run(client, thread, max_prompt_tokens=256)
    assert (done.status, done.incomplete_details.reason) == ("incomplete", "max_prompt_tokens")


def test_a_stream_of_a_thread_and_run(client):
    """`create_and_run_stream` goes from the thread's creation to the run's end."""
    assistant = client.beta.assistants.create(model=MODEL)
    with client.beta.threads.create_and_run_stream(assistant_id=assistant.id, thread={"messages": HI}) as stream:
        events = [each.event for each in stream]
    assert events[0] == "thread.created"
    assert "thread.run.completed" in events


def test_a_file_leaves_the_stores_it_was_in(client):
    """A deleted file is no longer in a vector store; a deleted store leaves its files."""
    kept, gone = (client.files.create(file=("a.txt", b"words"), purpose="assistants") for _ in range(2))
    store = client.vector_stores.create(file_ids=[kept.id, gone.id])
    wait(lambda: client.vector_stores.retrieve(store.id), "completed")
    client.files.delete(gone.id)
    assert [each.id for each in client.vector_stores.files.list(store.id)] == [kept.id]
    client.vector_stores.delete(store.id)
    assert client.files.retrieve(kept.id).id == kept.id


def test_a_file_batch_uploads_and_counts(client):
    """`upload_and_poll` puts files into a store; a finished file batch cannot be cancelled."""
    store = client.vector_stores.create()
    files = [("a.txt", b"one"), ("b.txt", b"two")]
    batch = client.vector_stores.file_batches.upload_and_poll(store.id, files=files, poll_interval_ms=10)
    assert (batch.status, batch.file_counts.completed) == ("completed", 2)
    assert client.vector_stores.retrieve(store.id).file_counts.total == 2
    with pytest.raises(openai.BadRequestError):
        client.vector_stores.file_batches.cancel(batch.id, vector_store_id=store.id)


def test_an_upload_refuses_what_comes_late_or_short(client):
    """An upload whose bytes do not add up is refused, as is a part after the end."""
    upload = client.uploads.create(bytes=4, filename="a.txt", mime_type="text/plain", purpose="assistants")
    first = client.uploads.parts.create(upload.id, data=b"ab").id
    with pytest.raises(openai.BadRequestError):
        client.uploads.complete(upload.id, part_ids=[first])
    second = client.uploads.parts.create(upload.id, data=b"cd").id
    done = client.uploads.complete(upload.id, part_ids=[second, first])
    assert client.files.content(done.file.id).content == b"cdab"
    with pytest.raises(openai.BadRequestError):
        client.uploads.parts.create(upload.id, data=b"ef")


def test_a_batch_tells_its_errors_apart(client):
    """Good lines go to the output file, an unknown model and a bad request to the error file."""
    bodies = ({"model": MODEL, "messages": HI}, {"model": "none", "messages": HI}, {"model": MODEL})
    rows = [
        {"custom_id": str(number), "method": "POST", "url": "/v1/chat/completions", "body": body}
        for number, body in enumerate(bodies)
    ]
    file = client.files.create(file=("in.jsonl", "\n".join(map(json.dumps, rows)).encode()), purpose="batch")
    made = client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
    done = wait(lambda: client.batches.retrieve(made.id), "completed")
    assert (done.request_counts.completed, done.request_counts.failed) == (1, 2)
    lines = [json.loads(each) for each in client.files.content(done.error_file_id).text.splitlines()]
    assert {each["custom_id"]: each["response"]["status_code"] for each in lines} == {"1": 404, "2": 400}
    with pytest.raises(openai.BadRequestError):
        client.batches.cancel(made.id)


def test_chat_parameters_have_their_effect(client):
    """`n`, the token limit, `logprobs` and `stop` show in the answer."""
    assert [each.index for each in chat(client, n=3).choices] == [0, 1, 2]
    short = chat(client, max_completion_tokens=3, logprobs=True)
    assert (short.choices[0].finish_reason, short.usage.completion_tokens) == ("length", 3)
    assert "".join(each.token for each in short.choices[0].logprobs.content) == short.choices[0].message.content
    whole = chat(client).choices[0].message.content
    word = whole.split()[2]
    assert word not in chat(client, stop=word).choices[0].message.content


@pytest.mark.parametrize(
    ("choice", "names"),
    [("none", []), ("required", ["weather"]), ({"type": "function", "function": {"name": "clock"}}, ["clock"])],
)
def test_a_tool_choice_is_kept(client, choice, names):
    """No call, some call, the forced call."""
    answer = chat(client, tools=[WEATHER, CLOCK], tool_choice=choice, parallel_tool_calls=False)
    assert [each.function.name for each in answer.choices[0].message.tool_calls or []] == names


def test_a_stored_chat_is_filtered_by_its_metadata(client):
    """Only stored completions are listed; all metadata sent has to match."""
    made = [chat(client, store=True, metadata={"test": "filter", "n": str(n)}).id for n in range(3)]
    listed = client.chat.completions.list
    assert [each.id for each in listed(metadata={"test": "filter"}, limit=1)] == made
    assert [each.id for each in listed(metadata={"test": "filter", "n": "1"})] == [made[1]]
    client.chat.completions.delete(made[0])
    assert [each.id for each in listed(metadata={"test": "filter"})] == made[1:]


def test_a_response_is_kept_unless_it_was_not_stored(client):
    """A stored response comes back unchanged; `store: false` leaves nothing to get or to go on from."""
    made = client.responses.create(model=MODEL, input="first", metadata={"a": "b"})
    assert client.responses.retrieve(made.id).model_dump() == made.model_dump()
    assert [each.content[0].text for each in client.responses.input_items.list(made.id)] == ["first"]
    gone = client.responses.create(model=MODEL, input="second", store=False)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(gone.id)
    with pytest.raises(openai.BadRequestError):
        client.responses.create(model=MODEL, input="third", previous_response_id=gone.id)


@pytest.mark.parametrize("size", ["256x256", "512x512"])
def test_an_image_link_can_be_followed(client, size):
    """The link of an image leads to a PNG of the size asked for, the same that base 64 holds."""
    options = {"prompt": "a cat", "model": "dall-e-2", "size": size}
    [image] = client.images.generate(**options).data
    with urllib.request.urlopen(image.url) as answer:  # noqa: S310 - a link of our own server
        content = answer.read()
    assert "x".join(map(str, media.png_size(content)[:2])) == size
    [packed] = client.images.generate(**options, response_format="b64_json").data
    assert base64.b64decode(packed.b64_json) == content


@pytest.mark.parametrize(("kind", "start"), [("text", ""), ("srt", "1\n00:00:00,000 --> "), ("vtt", "WEBVTT\n\n")])
def test_a_transcript_has_the_format_asked_for(client, kind, start):
    """Plain formats come as text."""
    text = client.audio.transcriptions.create(model="whisper-1", file=SOUND, response_format=kind)
    assert isinstance(text, str)
    assert text.startswith(start)


def test_a_verbose_transcript_has_its_words(client):
    """Words only where they are asked for, within the sound's duration."""
    found = client.audio.transcriptions.create(
        model="whisper-1", file=SOUND, response_format="verbose_json", timestamp_granularities=["word"]
    )
    assert float(found.duration) == pytest.approx(1.0, abs=0.1)
    assert found.words[-1].end <= 1.1
    assert not found.segments


def test_a_projects_secret_is_shown_once_and_the_archived_hidden(client):
    """A service account's key is told at its creation only; an archived project is listed on request only."""

    def get(path):
        return client.get(f"/organization/projects{path}", cast_to=object)

    def post(path, body=None):
        return client.post(f"/organization/projects{path}", body=body, cast_to=object)

    project = post("", {"name": "Secret"})["id"]
    account = post(f"/{project}/service_accounts", {"name": "bot"})
    assert account["api_key"]["value"] not in json.dumps(get(f"/{project}/api_keys"))
    post(f"/{project}/archive")
    assert project not in {each["id"] for each in get("?limit=100")["data"]}
    assert project in {each["id"] for each in get("?limit=100&include_archived=true")["data"]}
    with pytest.raises(openai.BadRequestError):
        post(f"/{project}", {"name": "Late"})
    logs = client.get(f"/organization/audit_logs?resource_ids[]={project}", cast_to=object)["data"]
    assert {each["type"] for each in logs} >= {"project.created", "project.archived"}


def test_fifty_clients_at_once_lose_nothing(url):
    """Fifty threads filled and read at the same time each hold their own messages."""

    async def one(client, number):
        thread = await client.beta.threads.create()
        sent = [await client.beta.threads.messages.create(thread.id, role="user", content=f"{number}") for _ in "abc"]
        read = [each.id async for each in client.beta.threads.messages.list(thread.id, limit=2, order="asc")]
        assert read == [each.id for each in sent]
        return thread.id

    async def all_of_them():
        async with openai.AsyncOpenAI(base_url=url, api_key="any", max_retries=0) as client:
            return await asyncio.gather(*(one(client, number) for number in range(50)))

    assert len(set(asyncio.run(all_of_them()))) == 50


def test_what_was_kept_in_a_file_survives_a_restart(tmp_path):
    """With a database: what was created is unchanged after a restart, what was deleted stays gone."""
    db = tmp_path / "state.db"
    with Running(db=str(db)) as mock, openai.OpenAI(base_url=mock.url, api_key="any", max_retries=0) as client:
        kept, gone = (client.beta.assistants.create(model=MODEL, name=name) for name in "ab")
        file = client.files.create(file=("a.bin", b"\x00\xff"), purpose="assistants")
        client.beta.assistants.delete(gone.id)
    with Running(db=str(db)) as mock, openai.OpenAI(base_url=mock.url, api_key="any", max_retries=0) as client:
        assert client.beta.assistants.list().data == [kept]
        assert client.files.content(file.id).content == b"\x00\xff"
