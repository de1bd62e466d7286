import json

import pytest
from mock_driver import Driver

from contract.draft import Upload

DAY = 86_400
CHAT = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Count these words, please."}]}
SURFACES = [
    "usage-completions",
    "usage-embeddings",
    "usage-moderations",
    "usage-images",
    "usage-audio-speeches",
    "usage-audio-transcriptions",
    "usage-vector-stores",
    "usage-code-interpreter-sessions",
]


@pytest.fixture
def mock() -> Driver:
    """A fresh server, its clock at the beginning of a day."""
    made = Driver()
    made.clock.moment = float(1_750_000_000 // DAY * DAY)
    return made


def report(mock: Driver, operation: str, **query) -> list[dict]:
    """The results of the day so far, over all its buckets."""
    page = mock.ok(operation, start_time=int(mock.clock.moment) // DAY * DAY, **query)
    return [result for bucket in page["data"] for result in bucket["results"]]


def as_key(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    """Send everything from now on with another key."""
    build = Driver._send

    async def send(self, method, url, headers, content):
        return await build(self, method, url, {**headers, "authorization": f"Bearer {token}"}, content)

    monkeypatch.setattr(Driver, "_send", send)


def test_completions_add_up_to_the_usage_that_the_answers_told(mock):
    """Tokens and requests of chat, responses and completions are the sum of what their answers said."""
    told = []
    for _ in range(3):
        usage = mock.ok("createChatCompletion", body=CHAT)["usage"]
        told.append((usage["prompt_tokens"], usage["completion_tokens"]))
    usage = mock.ok("createCompletion", body={"model": "gpt-3.5-turbo-instruct", "prompt": "Hi"})["usage"]
    told.append((usage["prompt_tokens"], usage["completion_tokens"]))
    usage = mock.ok("createResponse", body={"model": "gpt-4o-mini", "input": "Hi"})["usage"]
    told.append((usage["input_tokens"], usage["output_tokens"]))
    mock.stream("createChatCompletion", body=CHAT)
    told.append(told[0])
    mock.wait(1)
    (result,) = report(mock, "usage-completions")
    assert result["num_model_requests"] == 6
    assert (result["input_tokens"], result["output_tokens"]) == tuple(map(sum, zip(*told, strict=True)))
    assert [result[name] for name in ("project_id", "user_id", "api_key_id", "model", "batch")] == [None] * 5


def test_every_surface_counts_in_its_own_unit(mock):
    """Embeddings and moderations count tokens, images pictures, speech characters, stores bytes."""
    mock.ok("createEmbedding", body={"model": "text-embedding-3-small", "input": ["one two", "three"]})
    mock.ok("createModeration", body={"model": "omni-moderation-latest", "input": "be nice"})
    mock.ok("createImage", body={"model": "dall-e-2", "prompt": "a cat", "n": 2, "size": "256x256"})
    mock.send("createSpeech", body={"model": "tts-1", "voice": "alloy", "input": "hello"})
    mock.wait(1)
    (embeddings,) = report(mock, "usage-embeddings")
    assert embeddings["input_tokens"] > 0
    (moderations,) = report(mock, "usage-moderations")
    assert moderations["num_model_requests"] == 1
    (images,) = report(mock, "usage-images", group_by=["size", "source", "model"])
    assert (images["images"], images["size"], images["source"]) == (2, "256x256", "image.generation")
    assert report(mock, "usage-images", sizes=["512x512"]) == []
    assert report(mock, "usage-images", sources=["image.generation"]) != []
    (speech,) = report(mock, "usage-audio-speeches", models=["tts-1"])
    assert speech["characters"] == 5


def test_groups_have_one_result_each_and_the_same_sum(mock):
    """Grouped by model there is a result a model; filters keep only theirs; the sums stay."""
    for model in ("gpt-4o", "gpt-4o-mini", "gpt-4o-mini"):
        mock.ok("createChatCompletion", body=CHAT | {"model": model})
    mock.wait(1)
    (whole,) = report(mock, "usage-completions")
    groups = report(mock, "usage-completions", group_by=["model"])
    assert {each["model"]: each["num_model_requests"] for each in groups} == {"gpt-4o": 1, "gpt-4o-mini": 2}
    assert sum(each["input_tokens"] for each in groups) == whole["input_tokens"]
    (only,) = report(mock, "usage-completions", models=["gpt-4o"])
    assert only["num_model_requests"] == 1
    (both,) = report(mock, "usage-completions", group_by=["project_id", "user_id"])
    assert both["project_id"].startswith("proj_")
    assert both["user_id"].startswith("user-")


def test_a_service_accounts_key_is_counted_for_its_project(mock, monkeypatch):
    """What a project's key did stands under that project and that key."""
    project = {"project_id": mock.ok("create-project", body={"name": "P"})["id"]}
    account = mock.ok("create-project-service-account", project, {"name": "Bot"})
    mock.ok("createChatCompletion", body=CHAT)
    as_key(monkeypatch, account["api_key"]["value"])
    mock.ok("createChatCompletion", body=CHAT)
    mock.wait(1)
    groups = report(mock, "usage-completions", group_by=["project_id", "api_key_id"])
    assert {each["project_id"]: each["num_model_requests"] for each in groups}[project["project_id"]] == 1
    assert len(groups) == 2
    (own,) = report(mock, "usage-completions", project_ids=[project["project_id"]], group_by=["api_key_id"])
    assert own["api_key_id"] == account["api_key"]["id"]
    assert report(mock, "usage-completions", api_key_ids=["key_none"]) == []


def test_batch_lines_are_told_from_other_requests(mock):
    """`batch` keeps the lines of batches, or everything else; without it both are counted."""
    line = {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": CHAT}
    upload = Upload("in.jsonl", json.dumps(line).encode())
    file_id = mock.ok("createFile", body={"file": upload, "purpose": "batch"})["id"]
    body = {"input_file_id": file_id, "endpoint": "/v1/chat/completions", "completion_window": "24h"}
    batch = mock.ok("createBatch", body=body)
    mock.wait(30)
    assert mock.ok("retrieveBatch", {"batch_id": batch["id"]})["status"] == "completed"
    mock.ok("createChatCompletion", body=CHAT)
    mock.wait(1)
    counted = [
        sum(each["num_model_requests"] for each in report(mock, "usage-completions", **query))
        for query in ({}, {"batch": True}, {"batch": False})
    ]
    assert counted == [2, 1, 1]
    assert {each["batch"] for each in report(mock, "usage-completions", group_by=["batch"])} == {True, False}


def test_buckets_cover_the_time_that_was_asked_for(mock):
    """Buckets stand side by side from the start to the end, empty ones too, and a request falls into one."""
    start = int(mock.clock.moment)
    mock.wait(3 * 3600 + 10)
    mock.ok("createChatCompletion", body=CHAT)
    page = mock.ok("usage-completions", start_time=start, end_time=start + 5 * 3600, bucket_width="1h")
    edges = [(each["start_time"], each["end_time"]) for each in page["data"]]
    assert edges == [(start + hour * 3600, start + (hour + 1) * 3600) for hour in range(5)]
    assert [len(each["results"]) for each in page["data"]] == [0, 0, 0, 1, 0]
    assert all(each["result"] == each["results"] for each in page["data"])


@pytest.mark.parametrize(("width", "seconds"), [("1m", 60), ("1h", 3600), ("1d", DAY)])
def test_pages_have_every_bucket_once(mock, width, seconds):
    """Following `next_page` gives every bucket of the range exactly once and then ends."""
    start = int(mock.clock.moment)
    query = {"start_time": start, "end_time": start + 10 * seconds, "bucket_width": width, "limit": 3}
    starts, page = [], mock.ok("usage-completions", **query)
    while True:
        starts += [each["start_time"] for each in page["data"]]
        if not page["has_more"]:
            break
        page = mock.ok("usage-completions", **query, page=page["next_page"])
    assert starts == [start + index * seconds for index in range(10)]


@pytest.mark.parametrize("operation", SURFACES)
@pytest.mark.parametrize(("width", "default", "most"), [("1m", 60, 1440), ("1h", 24, 168), ("1d", 7, 31)])
def test_limits_depend_on_the_width_of_buckets(mock, operation, width, default, most):
    """Each width has its default and its maximum; beyond it, and below one, the limit is refused."""
    query = {"start_time": 1_600_000_000, "bucket_width": width}
    assert len(mock.ok(operation, **query)["data"]) == default
    assert len(mock.ok(operation, **query, limit=most)["data"]) == most
    for limit in (0, most + 1):
        assert mock.refused(400, operation, **query, limit=limit)["param"] == "limit"


def test_costs_have_limits_of_their_own(mock):
    """Costs give 7 days unless asked for up to 180."""
    query = {"start_time": 1_600_000_000}
    assert len(mock.ok("usage-costs", **query)["data"]) == 7
    assert len(mock.ok("usage-costs", **query, limit=180)["data"]) == 180
    assert mock.refused(400, "usage-costs", **query, limit=181)["param"] == "limit"


@pytest.mark.parametrize("operation", [*SURFACES, "usage-costs"])
def test_a_cursor_and_a_range_must_make_sense(mock, operation):
    """A page that no answer named, an end before the start and a missing start are refused."""
    start = 1_600_000_000
    for page in ("page_bm9uZQ", "none", ""):
        assert mock.refused(400, operation, start_time=start, page=page)["param"] == "page"
    assert mock.refused(400, operation, start_time=start, end_time=start)["param"] == "end_time"
    assert mock.refused(400, operation)["param"] == "start_time"


def test_costs_are_the_priced_usage(mock):
    """The cost of a day is its tokens at the model's price, the same however it is grouped."""
    usage = mock.ok("createChatCompletion", body=CHAT)["usage"]
    mock.ok("createImage", body={"model": "dall-e-2", "prompt": "a cat", "n": 2})
    mock.wait(1)
    tokens = (usage["prompt_tokens"] * 0.15 + usage["completion_tokens"] * 0.6) / 1_000_000
    (whole,) = report(mock, "usage-costs")
    assert whole["amount"]["value"] == pytest.approx(tokens + 0.04)
    assert (whole["amount"]["currency"], whole["line_item"], whole["project_id"]) == ("usd", None, None)
    items = report(mock, "usage-costs", group_by=["line_item", "project_id"])
    assert {each["line_item"] for each in items} == {
        "gpt-4o-mini, input",
        "gpt-4o-mini, output",
        "dall-e-2, images",
    }
    assert sum(each["amount"]["value"] for each in items) == pytest.approx(whole["amount"]["value"])
    assert report(mock, "usage-costs", project_ids=["proj_none"]) == []
