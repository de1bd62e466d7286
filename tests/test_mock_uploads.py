import hashlib

import pytest
from mock_driver import Driver

from contract.draft import Upload


@pytest.fixture
def mock() -> Driver:
    """A fresh server."""
    return Driver()


def begin(mock: Driver, size: int) -> dict[str, str]:
    """Create an upload of that many bytes; its path."""
    body = {"filename": "whole.txt", "purpose": "assistants", "bytes": size, "mime_type": "text/plain"}
    upload = mock.ok("createUpload", body=body)
    assert (upload["status"], upload["expires_at"] - upload["created_at"]) == ("pending", 3600)
    return {"upload_id": upload["id"]}


def add(mock: Driver, path: dict[str, str], content: bytes) -> str:
    """Add a part; its id."""
    part = mock.ok("addUploadPart", path, {"data": Upload("part", content)})
    assert part["upload_id"] == path["upload_id"]
    return part["id"]


def test_parts_join_in_the_order_asked_for(mock):
    """The file of a completed upload holds the parts in the order of `part_ids`, not of their arrival."""
    path = begin(mock, 6)
    second, first = add(mock, path, b"def"), add(mock, path, b"abc")
    done = mock.ok("completeUpload", path, {"part_ids": [first, second], "md5": hashlib.md5(b"abcdef").hexdigest()})  # noqa: S324 - the API's own checksum
    assert done["status"] == "completed"
    assert (done["file"]["filename"], done["file"]["bytes"]) == ("whole.txt", 6)
    assert mock.send("downloadFile", {"file_id": done["file"]["id"]}).content == b"abcdef"
    assert mock.ok("retrieveFile", {"file_id": done["file"]["id"]}) == done["file"]


@pytest.mark.parametrize(
    ("size", "order", "md5", "param"),
    [
        (7, [0, 1], None, "part_ids"),
        (6, [0], None, "part_ids"),
        (6, [0, 0], None, "part_ids"),
        (6, [0, 1], "0" * 32, "md5"),
        (6, [1, 0], hashlib.md5(b"abcdef").hexdigest(), "md5"),  # noqa: S324 - the API's own checksum
    ],
)
def test_bytes_that_do_not_add_up_are_refused_and_can_be_mended(mock, size, order, md5, param):
    """A wrong sum, a part named twice or a wrong checksum leaves the upload pending."""
    path = begin(mock, size)
    parts = [add(mock, path, b"abc"), add(mock, path, b"def")]
    body = {"part_ids": [parts[each] for each in order], **({"md5": md5} if md5 else {})}
    assert mock.refused(400, "completeUpload", path, body)["param"] == param
    if size == 6:
        assert mock.ok("completeUpload", path, {"part_ids": parts})["status"] == "completed"


def test_a_part_of_another_upload_is_refused(mock):
    """Only parts of the upload itself can complete it."""
    one, other = begin(mock, 3), begin(mock, 3)
    part = add(mock, other, b"abc")
    assert mock.refused(400, "completeUpload", one, {"part_ids": [part]})["param"] == "part_ids"


@pytest.mark.parametrize("ended", ["completed", "cancelled", "expired"])
def test_what_has_ended_takes_nothing_more(mock, ended):
    """A part that comes late, a second end and a cancel are refused once an upload has ended."""
    path = begin(mock, 3)
    part = add(mock, path, b"abc")
    if ended == "completed":
        mock.ok("completeUpload", path, {"part_ids": [part]})
    elif ended == "cancelled":
        assert mock.ok("cancelUpload", path)["status"] == "cancelled"
    else:
        mock.wait(3600)
    mock.refused(400, "addUploadPart", path, {"data": Upload("part", b"x")})
    mock.refused(400, "completeUpload", path, {"part_ids": [part]})
    assert ended in mock.refused(400, "cancelUpload", path)["message"]


@pytest.mark.parametrize("size", [0, -1, 8 * 1024**3 + 1])
def test_an_upload_has_between_one_byte_and_eight_gib(mock, size):
    """`bytes` out of bounds is refused."""
    body = {"filename": "a", "purpose": "assistants", "bytes": size, "mime_type": "text/plain"}
    assert mock.refused(400, "createUpload", body=body)["param"] == "bytes"


@pytest.mark.parametrize(
    ("purpose", "mime_type"), [("batch", "image/png"), ("fine-tune", "audio/mpeg"), ("vision", "text/plain")]
)
def test_a_media_type_that_contradicts_the_purpose_is_refused(mock, purpose, mime_type):
    """Pictures are no lines, text is no picture."""
    body = {"filename": "a", "purpose": purpose, "bytes": 1, "mime_type": mime_type}
    assert mock.refused(400, "createUpload", body=body)["param"] == "mime_type"


def test_an_unknown_upload_is_not_found(mock):
    """Every operation on an unknown upload answers 404."""
    path = {"upload_id": "upload_none"}
    mock.refused(404, "cancelUpload", path)
    mock.refused(404, "addUploadPart", path, {"data": Upload("part", b"x")})
    mock.refused(404, "completeUpload", path, {"part_ids": []})
