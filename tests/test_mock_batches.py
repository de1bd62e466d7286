import json
from typing import Any

import pytest
from mock_driver import Driver

from contract.draft import Upload

CHAT = "/v1/chat/completions"


@pytest.fixture
def mock() -> Driver:
    """A fresh server."""
    return Driver()


def line(custom_id: str, url: str = CHAT, **body: Any) -> dict[str, Any]:
    """One request of a batch."""
    asked = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Say hello"}], **body}
    return {"custom_id": custom_id, "method": "POST", "url": url, "body": asked}


def begin(mock: Driver, lines: list[Any], endpoint: str = CHAT, **body: Any) -> dict[str, Any]:
    """Upload lines (text as it stands, or JSON) and create a batch of them."""
    text = "\n".join(each if isinstance(each, str) else json.dumps(each) for each in lines)
    made = mock.ok("createFile", body={"file": Upload("in.jsonl", text.encode()), "purpose": "batch"})
    asked = {"input_file_id": made["id"], "endpoint": endpoint, "completion_window": "24h", **body}
    return mock.ok("createBatch", body=asked)


def now(mock: Driver, batch: dict[str, Any]) -> dict[str, Any]:
    """The batch as it is now."""
    return mock.ok("retrieveBatch", {"batch_id": batch["id"]})


def output(mock: Driver, file_id: str) -> list[dict[str, Any]]:
    """The lines of an output file."""
    content = mock.send("downloadFile", {"file_id": file_id}).text
    return [json.loads(each) for each in content.splitlines()]


def test_a_batch_goes_through_its_states_and_answers_every_line(mock):
    """validating, in_progress, finalizing, completed; the answers are those of the real endpoint."""
    batch = begin(mock, [line("a"), line("b", n=2)], metadata={"k": "v"})
    assert batch["id"].startswith("batch_")
    assert (batch["status"], batch["metadata"], batch["expires_at"] - batch["created_at"]) == (
        "validating",
        {"k": "v"},
        86_400,
    )
    seen = []
    for _ in range(20):
        seen.append(now(mock, batch)["status"])
        mock.wait(0.1)
    assert list(dict.fromkeys(seen)) == ["validating", "in_progress", "finalizing", "completed"]
    done = now(mock, batch)
    assert done["request_counts"] == {"total": 2, "completed": 2, "failed": 0}
    assert done["created_at"] <= done["in_progress_at"] <= done["finalizing_at"] <= done["completed_at"]
    assert "error_file_id" not in done
    answers = output(mock, done["output_file_id"])
    assert [each["custom_id"] for each in answers] == ["a", "b"]
    assert [len(each["response"]["body"]["choices"]) for each in answers] == [1, 2]
    assert {each["response"]["status_code"] for each in answers} == {200}
    assert mock.ok("retrieveFile", {"file_id": done["output_file_id"]})["purpose"] == "batch_output"


def test_an_unread_batch_ends_on_time(mock):
    """A batch that nobody looked at has the same times as one that was watched."""
    batch = begin(mock, [line("a")])
    mock.wait(3600)
    done = now(mock, batch)
    assert done["status"] == "completed"
    assert done["completed_at"] - batch["created_at"] <= 2
    assert now(mock, batch) == done


def test_embeddings_are_batched_too(mock):
    """The endpoint of the batch decides which operation answers."""
    asked = {
        "custom_id": "a",
        "method": "POST",
        "url": "/v1/embeddings",
        "body": {"model": "text-embedding-3-small", "input": "x"},
    }
    batch = begin(mock, [asked], "/v1/embeddings")
    mock.wait(5)
    (answer,) = output(mock, now(mock, batch)["output_file_id"])
    assert answer["response"]["body"]["object"] == "list"


def test_bad_lines_go_to_the_error_file(mock):
    """Lines that are refused, or meant for another endpoint, are counted as failed and told in the error file."""
    batch = begin(
        mock, [line("good"), line("model", model="none"), line("url", "/v1/embeddings"), line("stream", stream=True)]
    )
    mock.wait(5)
    done = now(mock, batch)
    assert (done["status"], done["request_counts"]) == ("completed", {"total": 4, "completed": 1, "failed": 3})
    assert [each["custom_id"] for each in output(mock, done["output_file_id"])] == ["good"]
    refused, misplaced, streamed = output(mock, done["error_file_id"])
    assert (refused["response"]["status_code"], refused["error"]) == (404, None)
    assert refused["response"]["body"]["error"]["code"] == "model_not_found"
    assert (misplaced["response"], misplaced["error"]["code"]) == (None, "invalid_url")
    assert streamed["error"]["code"] == "unsupported_stream"


def test_a_batch_without_a_good_line_has_no_output_file(mock):
    """All lines failed: an error file only."""
    batch = begin(mock, [line("a", model="none")])
    mock.wait(5)
    done = now(mock, batch)
    assert "output_file_id" not in done
    assert len(output(mock, done["error_file_id"])) == 1


@pytest.mark.parametrize(
    ("lines", "code", "number"),
    [
        (["no json"], "invalid_json_line", 1),
        (["[1]"], "invalid_json_line", 1),
        ([line("a"), "", line("a")], "duplicate_custom_id", 3),
        ([{**line("a"), "custom_id": None}], "missing_required_parameter", 1),
        ([""], "empty_file", None),
        ([line("a", "/v1/embeddings"), line("b", "/v1/embeddings")], "invalid_url", 1),
    ],
)
def test_a_file_that_is_no_list_of_requests_fails_the_batch(mock, lines, code, number):
    """The errors name the line and what is wrong with it."""
    batch = begin(mock, lines)
    mock.wait(1)
    done = now(mock, batch)
    assert done["status"] == "failed"
    assert done["failed_at"] >= done["created_at"]
    assert [(each["code"], each["line"]) for each in done["errors"]["data"]] == [(code, number)]
    mock.refused(400, "cancelBatch", {"batch_id": batch["id"]})


@pytest.mark.parametrize("after", [0, 0.5])
def test_a_batch_can_be_cancelled_until_it_has_ended(mock, after):
    """cancelling, then cancelled, and no output; what has ended cannot be cancelled."""
    batch = begin(mock, [line("a")])
    mock.wait(after)
    at = {"batch_id": batch["id"]}
    assert mock.ok("cancelBatch", at)["status"] == "cancelling"
    mock.refused(400, "cancelBatch", at)
    mock.wait(5)
    done = now(mock, batch)
    assert (done["status"], "output_file_id" in done) == ("cancelled", False)
    assert done["cancelled_at"] >= done["cancelling_at"]
    mock.refused(400, "cancelBatch", at)


def test_a_large_batch_is_answered_in_slices(mock):
    """Each read answers some lines; cancelled in between, what was answered is kept."""
    body = {"model": "text-embedding-3-small", "input": "x", "dimensions": 2}
    asked = {"method": "POST", "url": "/v1/embeddings", "body": body}
    lines = [{"custom_id": str(number), **asked} for number in range(1100)]
    whole, cut = (begin(mock, lines, "/v1/embeddings") for _ in range(2))
    mock.wait(5)
    counts = [now(mock, whole)["request_counts"]["completed"] for _ in range(3)]
    assert counts == [500, 1000, 1100]
    done = now(mock, whole)
    assert done["status"] == "completed"
    assert [each["custom_id"] for each in output(mock, done["output_file_id"])] == [each["custom_id"] for each in lines]
    assert now(mock, cut)["status"] == "in_progress"
    mock.ok("cancelBatch", {"batch_id": cut["id"]})
    mock.wait(1)
    stopped = now(mock, cut)
    assert stopped["status"] == "cancelled"
    assert len(output(mock, stopped["output_file_id"])) == stopped["request_counts"]["completed"] < 1100


def test_the_input_must_be_a_batch_file_that_exists(mock):
    """Another purpose is 400, an unknown file or batch 404."""
    made = mock.ok("createFile", body={"file": Upload("in.jsonl", b"{}"), "purpose": "assistants"})
    body = {"endpoint": CHAT, "completion_window": "24h"}
    assert mock.refused(400, "createBatch", body={**body, "input_file_id": made["id"]})["param"] == "input_file_id"
    assert mock.refused(404, "createBatch", body={**body, "input_file_id": "file-none"})["param"] == "input_file_id"
    mock.refused(404, "retrieveBatch", {"batch_id": "batch_none"})


def test_a_deleted_input_fails_the_batch_only_if_it_was_not_read(mock):
    """Work that was due before the file was deleted has been done."""
    done, late = begin(mock, [line("a")]), None
    mock.wait(5)
    late = begin(mock, [line("b")])
    for each in (done, late):
        mock.ok("deleteFile", {"file_id": each["input_file_id"]})
    mock.wait(5)
    assert (now(mock, done)["status"], now(mock, late)["status"]) == ("completed", "failed")


def test_batches_are_listed_newest_first(mock):
    """All batches, page by page; an empty list has neither a first nor a last id."""
    assert mock.ok("listBatches") == {"object": "list", "data": [], "has_more": False}
    made = [begin(mock, [line("a")])["id"] for _ in range(3)]
    first = mock.ok("listBatches", limit=2)
    assert ([each["id"] for each in first["data"]], first["has_more"]) == ([made[2], made[1]], True)
    rest = mock.ok("listBatches", limit=2, after=first["last_id"])
    assert ([each["id"] for each in rest["data"]], rest["has_more"]) == ([made[0]], False)
    mock.refused(400, "listBatches", limit=101)
    mock.refused(400, "listBatches", after="batch_none")


def test_speed_makes_batches_faster():
    """With `--speed 100` a hundredth of the time is enough."""
    mock = Driver(speed=100)
    batch = begin(mock, [line("a")])
    mock.wait(0.016)
    assert now(mock, batch)["status"] == "completed"
