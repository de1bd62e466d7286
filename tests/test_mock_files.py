import pytest
from mock_driver import Driver

from contract.draft import Upload


@pytest.fixture
def mock() -> Driver:
    """A fresh server."""
    return Driver()


def put(mock: Driver, content: bytes, name: str = "notes.txt", purpose: str = "assistants") -> dict:
    """Upload a file."""
    return mock.ok("createFile", body={"file": Upload(name, content), "purpose": purpose})


def test_a_file_keeps_its_bytes_name_and_purpose(mock):
    """What was uploaded is told by get and comes back byte for byte."""
    content = bytes(range(256))
    made = put(mock, content, "blob.bin")
    assert made["id"].startswith("file-")
    assert (made["bytes"], made["filename"], made["purpose"]) == (256, "blob.bin", "assistants")
    mock.wait(10)
    assert mock.ok("retrieveFile", {"file_id": made["id"]}) == made
    assert mock.send("downloadFile", {"file_id": made["id"]}).content == content


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.jsonl", "application/jsonl"),
        ("a.json", "application/octet-stream"),
        ("a.md", "text/markdown"),
        ("a.png", "image/png"),
        ("a", "application/octet-stream"),
    ],
)
def test_content_comes_in_the_media_type_that_the_name_tells(mock, name, media_type):
    """The content's media type follows the file's name."""
    made = put(mock, b"{}", name)
    assert mock.send("downloadFile", {"file_id": made["id"]}).headers["content-type"] == media_type


@pytest.mark.parametrize("purpose", ["assistants", "vision", "user_data", "evals"])
def test_every_purpose_is_answered_as_sent(mock, purpose):
    """Purposes that ask for no special format take any file."""
    assert put(mock, b"x", purpose=purpose)["purpose"] == purpose


@pytest.mark.parametrize("purpose", ["batch", "fine-tune"])
def test_line_purposes_take_only_jsonl(mock, purpose):
    """Batch and fine-tuning files are `.jsonl`."""
    error = mock.refused(400, "createFile", body={"file": Upload("a.txt", b"{}"), "purpose": purpose})
    assert error["param"] == "file"
    assert put(mock, b"{}", "a.jsonl", purpose)["purpose"] == purpose


def test_files_are_listed_by_purpose_order_and_page(mock):
    """A list has what was asked for, newest first, with cursors."""
    made = [put(mock, b"x", f"{n}.txt", "vision" if n == 1 else "assistants")["id"] for n in range(4)]
    assert [each["id"] for each in mock.ok("listFiles")["data"]] == made[::-1]
    assert [each["id"] for each in mock.ok("listFiles", order="asc")["data"]] == made
    assert [each["id"] for each in mock.ok("listFiles", purpose="vision")["data"]] == [made[1]]
    first = mock.ok("listFiles", order="asc", limit=3)
    assert (first["first_id"], first["last_id"], first["has_more"]) == (made[0], made[2], True)
    rest = mock.ok("listFiles", order="asc", limit=3, after=first["last_id"])
    assert ([each["id"] for each in rest["data"]], rest["has_more"]) == ([made[3]], False)
    assert mock.ok("listFiles", limit=10_000)["has_more"] is False


@pytest.mark.parametrize("limit", [0, 10_001, -1])
def test_a_limit_out_of_bounds_is_refused(mock, limit):
    """The limit of files lies between 1 and 10,000."""
    assert mock.refused(400, "listFiles", limit=limit)["param"] == "limit"


def test_a_deleted_file_is_gone_everywhere(mock):
    """Deleting takes the file, its content and its places in vector stores."""
    made = put(mock, b"x")
    store = mock.ok("createVectorStore", body={"file_ids": [made["id"]]})
    assert mock.ok("deleteFile", {"file_id": made["id"]})["deleted"] is True
    for operation in ("retrieveFile", "downloadFile", "deleteFile"):
        mock.refused(404, operation, {"file_id": made["id"]})
    assert mock.ok("listFiles")["data"] == []
    assert mock.ok("listVectorStoreFiles", {"vector_store_id": store["id"]})["data"] == []
