import pytest
from mock_driver import Driver

from contract.draft import Upload

TEXTS = {
    "france.txt": b"The capital of France is Paris.",
    "rust.md": b"Rust is a language with a borrow checker.",
    "tea.txt": b"Green tea is best brewed below the boiling point of water.",
}


@pytest.fixture
def mock() -> Driver:
    """A fresh server."""
    return Driver()


def files(mock: Driver, texts: dict[str, bytes]) -> list[str]:
    """Upload texts; their file ids."""
    return [
        mock.ok("createFile", body={"file": Upload(name, text), "purpose": "assistants"})["id"]
        for name, text in texts.items()
    ]


def filled(mock: Driver) -> tuple[dict[str, str], list[str]]:
    """A store with the three texts, processed: its path and the file ids."""
    made = files(mock, TEXTS)
    path = {"vector_store_id": mock.ok("createVectorStore", body={"file_ids": made})["id"]}
    mock.wait(1)
    return path, made


def test_a_new_store_has_the_documented_defaults(mock):
    """An empty store is complete at once and holds nothing."""
    store = mock.ok("createVectorStore", body={})
    assert store["id"].startswith("vs_")
    assert (store["name"], store["metadata"], store["status"], store["usage_bytes"]) == ("", {}, "completed", 0)
    assert store["file_counts"] == {"in_progress": 0, "completed": 0, "failed": 0, "cancelled": 0, "total": 0}
    assert "expires_after" not in store
    assert store["expires_at"] is None


def test_files_are_processed_and_counted(mock):
    """A store is in progress until its files are done; then it knows their bytes, and that some failed."""
    made = files(mock, {**TEXTS, "empty.txt": b"", "picture.png": b"\x89PNG\xff\xfe"})
    store = mock.ok("createVectorStore", body={"name": "docs", "file_ids": made})
    assert (store["status"], store["file_counts"]["in_progress"]) == ("in_progress", 5)
    path = {"vector_store_id": store["id"]}
    mock.wait(1)
    later = mock.ok("getVectorStore", path)
    assert (later["status"], later["created_at"], later["name"]) == ("completed", store["created_at"], "docs")
    assert later["file_counts"] == {"in_progress": 0, "completed": 3, "failed": 2, "cancelled": 0, "total": 5}
    assert later["usage_bytes"] == sum(map(len, TEXTS.values()))
    failed = mock.ok("listVectorStoreFiles", path, filter="failed", order="asc")["data"]
    assert [each["last_error"]["code"] for each in failed] == ["invalid_file", "unsupported_file"]


def test_a_store_changes_only_what_was_sent(mock):
    """Each member can be replaced or taken back, the others stay."""
    store = mock.ok("createVectorStore", body={"name": "a", "metadata": {"k": "v"}})
    path = {"vector_store_id": store["id"]}
    changed = mock.ok("modifyVectorStore", path, {"expires_after": {"anchor": "last_active_at", "days": 2}})
    assert changed == {
        **store,
        "expires_after": {"anchor": "last_active_at", "days": 2},
        "expires_at": store["last_active_at"] + 2 * 86_400,
    }
    assert mock.ok("modifyVectorStore", path, {"name": "b", "metadata": {}})["expires_after"]["days"] == 2
    assert mock.ok("modifyVectorStore", path, {"expires_after": None}) == {**store, "name": "b", "metadata": {}}


def test_a_store_expires_after_its_last_use(mock):
    """Days without use expire a store, which cannot be searched then; use puts it off."""
    body = {"expires_after": {"anchor": "last_active_at", "days": 1}}
    path = {"vector_store_id": mock.ok("createVectorStore", body=body)["id"]}
    mock.wait(80_000)
    mock.ok("searchVectorStore", path, {"query": "x"})
    mock.wait(80_000)
    assert mock.ok("getVectorStore", path)["status"] == "completed"
    mock.wait(80_000)
    assert mock.ok("getVectorStore", path)["status"] == "expired"
    mock.refused(400, "searchVectorStore", path, {"query": "x"})


def test_a_deleted_store_is_gone_and_its_files_stay(mock):
    """Deleting a store takes its places, never the files themselves."""
    path, made = filled(mock)
    assert mock.ok("deleteVectorStore", path)["deleted"] is True
    for operation in ("getVectorStore", "deleteVectorStore", "listVectorStoreFiles"):
        mock.refused(404, operation, path)
    assert mock.ok("listVectorStores")["data"] == []
    assert mock.ok("retrieveFile", {"file_id": made[0]})["id"] == made[0]


def test_a_file_leaves_a_store_alone(mock):
    """Taking a file out of one store leaves the file, and its place in another store."""
    path, made = filled(mock)
    other = {"vector_store_id": mock.ok("createVectorStore", body={"file_ids": made})["id"]}
    assert mock.ok("deleteVectorStoreFile", {**path, "file_id": made[0]})["deleted"] is True
    mock.refused(404, "getVectorStoreFile", {**path, "file_id": made[0]})
    assert mock.ok("getVectorStore", path)["file_counts"]["total"] == 2
    assert mock.ok("getVectorStoreFile", {**other, "file_id": made[0]})["id"] == made[0]
    assert mock.ok("retrieveFile", {"file_id": made[0]})["id"] == made[0]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (None, (800, 400)),
        ({"type": "auto"}, (800, 400)),
        ({"type": "static", "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 50}}, (100, 50)),
    ],
)
def test_chunking_is_shown_as_static(mock, sent, shown):
    """`auto` and nothing show the documented defaults, `static` what was sent."""
    (made,) = files(mock, {"a.txt": b"x"})
    path = {"vector_store_id": mock.ok("createVectorStore", body={})["id"]}
    body = {"file_id": made, **({"chunking_strategy": sent} if sent else {})}
    strategy = mock.ok("createVectorStoreFile", path, body)["chunking_strategy"]
    assert tuple(strategy["static"].values()) == shown


def test_search_ranks_by_shared_words(mock):
    """The best text comes first; limit and threshold narrow the rest; the same search gives the same answer."""
    path, made = filled(mock)
    found = mock.ok("searchVectorStore", path, {"query": "What is the capital of France?"})
    assert found["data"][0]["file_id"] == made[0]
    assert found["data"][0]["content"] == [{"type": "text", "text": "The capital of France is Paris."}]
    assert found["search_query"] == ["What is the capital of France?"]
    scores = [each["score"] for each in found["data"]]
    assert scores == sorted(scores, reverse=True)
    assert mock.ok("searchVectorStore", path, {"query": "What is the capital of France?"}) == found
    assert len(mock.ok("searchVectorStore", path, {"query": "tea", "max_num_results": 1})["data"]) == 1
    strict = {"query": "green tea", "ranking_options": {"score_threshold": 0.5}}
    assert [each["file_id"] for each in mock.ok("searchVectorStore", path, strict)["data"]] == [made[2]]


def test_a_query_is_rewritten_only_when_asked(mock):
    """`rewrite_query` shows the query that was really searched for."""
    path, _ = filled(mock)
    body = {"query": ["What is the capital?"], "rewrite_query": True}
    assert mock.ok("searchVectorStore", path, body)["search_query"] == ["capital"]


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ({"type": "eq", "key": "lang", "value": "en"}, [0, 2]),
        ({"type": "ne", "key": "lang", "value": "en"}, [1]),
        ({"type": "gt", "key": "year", "value": 2000}, [1, 2]),
        ({"type": "gte", "key": "year", "value": 2000}, [0, 1, 2]),
        ({"type": "lt", "key": "year", "value": 2010}, [0]),
        ({"type": "lte", "key": "year", "value": 2010}, [0, 1]),
        ({"type": "eq", "key": "draft", "value": True}, [2]),
        ({"type": "gt", "key": "lang", "value": 3}, []),
        ({"type": "eq", "key": "none", "value": "x"}, []),
        (
            {
                "type": "and",
                "filters": [{"type": "eq", "key": "lang", "value": "en"}, {"type": "gt", "key": "year", "value": 2000}],
            },
            [2],
        ),
        (
            {
                "type": "or",
                "filters": [
                    {"type": "eq", "key": "lang", "value": "de"},
                    {"type": "and", "filters": [{"type": "eq", "key": "draft", "value": True}]},
                ],
            },
            [1, 2],
        ),
    ],
)
def test_filters_are_evaluated(mock, condition, kept):
    """Comparisons and their compounds keep exactly the files whose attributes pass."""
    path, made = filled(mock)
    for each, attributes in zip(
        made,
        ({"lang": "en", "year": 2000}, {"lang": "de", "year": 2010}, {"lang": "en", "year": 2020, "draft": True}),
        strict=True,
    ):
        changed = mock.ok("updateVectorStoreFileAttributes", {**path, "file_id": each}, {"attributes": attributes})
        assert changed["attributes"] == attributes
    found = mock.ok("searchVectorStore", path, {"query": "anything", "filters": condition})["data"]
    assert sorted(made.index(each["file_id"]) for each in found) == kept


@pytest.mark.parametrize(
    ("condition", "param"),
    [
        ({"type": "and", "filters": [{"anything": 1}]}, "filters.filters[0].type"),
        ({"type": "or", "filters": [{"type": "eq", "key": "a"}]}, "filters.filters[0]"),
    ],
)
def test_what_is_no_filter_is_refused(mock, condition, param):
    """Members of a compound filter are filters again, although the schema takes any object."""
    path, _ = filled(mock)
    assert mock.refused(400, "searchVectorStore", path, {"query": "x", "filters": condition})["param"] == param


def test_long_texts_are_searched_in_chunks(mock):
    """A text longer than a chunk gives several hits, whose words overlap as asked."""
    (made,) = files(mock, {"long.txt": " ".join(f"word{n}" for n in range(250)).encode()})
    path = {"vector_store_id": mock.ok("createVectorStore", body={})["id"]}
    strategy = {"type": "static", "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 50}}
    mock.ok("createVectorStoreFile", path, {"file_id": made, "chunking_strategy": strategy})
    mock.wait(1)
    found = mock.ok("searchVectorStore", path, {"query": "word120"})["data"]
    assert len(found) == 4
    assert [("word120 " in each["content"][0]["text"]) for each in found] == [True, True, False, False]


def test_content_is_the_parsed_text(mock):
    """The content of a vector store file is the file's text."""
    path, made = filled(mock)
    content = mock.ok("retrieveVectorStoreFileContent", {**path, "file_id": made[1]})
    assert content["data"] == [{"type": "text", "text": TEXTS["rust.md"].decode()}]


def test_a_file_batch_ends_with_its_files(mock):
    """A batch counts its own files only, and completes when they are done."""
    path, made = filled(mock)
    more = files(mock, {"x.txt": b"x", "y.txt": b"y"})
    body = {"file_ids": more, "attributes": {"from": "batch"}}
    batch = mock.ok("createVectorStoreFileBatch", path, body)
    assert batch["id"].startswith("vsfb_")
    assert (batch["status"], batch["file_counts"]["in_progress"]) == ("in_progress", 2)
    at = {**path, "batch_id": batch["id"]}
    mock.wait(1)
    done = mock.ok("getVectorStoreFileBatch", at)
    assert (done["status"], done["file_counts"]["completed"], done["created_at"]) == (
        "completed",
        2,
        batch["created_at"],
    )
    listed = mock.ok("listFilesInVectorStoreBatch", at, order="asc")["data"]
    assert [(each["id"], each["attributes"]) for each in listed] == [(each, {"from": "batch"}) for each in more]
    assert mock.ok("listFilesInVectorStoreBatch", at, filter="failed")["data"] == []
    mock.refused(400, "cancelVectorStoreFileBatch", at)
    assert mock.ok("getVectorStore", path)["file_counts"]["total"] == len(made) + 2


def test_a_file_batch_can_be_cancelled(mock):
    """Cancelling stops the files that are not done, for good."""
    path, _ = filled(mock)
    more = files(mock, {"x.txt": b"x"})
    batch = mock.ok("createVectorStoreFileBatch", path, {"file_ids": more})
    at = {**path, "batch_id": batch["id"]}
    assert mock.ok("cancelVectorStoreFileBatch", at)["status"] == "cancelled"
    mock.wait(5)
    assert mock.ok("getVectorStoreFileBatch", at)["file_counts"]["cancelled"] == 1
    assert mock.ok("getVectorStoreFile", {**path, "file_id": more[0]})["status"] == "cancelled"


def test_ids_of_another_store_are_not_found(mock):
    """A batch or file is known only under its own store."""
    path, made = filled(mock)
    other = {"vector_store_id": mock.ok("createVectorStore", body={})["id"]}
    batch = mock.ok("createVectorStoreFileBatch", path, {"file_ids": made})
    mock.refused(404, "getVectorStoreFileBatch", {**other, "batch_id": batch["id"]})
    mock.refused(404, "getVectorStoreFile", {**other, "file_id": made[0]})


@pytest.mark.parametrize(
    ("operation", "body", "param"),
    [
        ("createVectorStore", {"file_ids": ["file-none"]}, "file_ids"),
        ("createVectorStoreFile", {"file_id": "file-none"}, "file_id"),
        ("createVectorStoreFileBatch", {"file_ids": ["file-none"]}, "file_ids"),
    ],
)
def test_unknown_files_are_not_found(mock, operation, body, param):
    """A body that names an unknown file is refused with the member's name."""
    path, _ = filled(mock)
    assert mock.refused(404, operation, path if "{" in _path(operation) else {}, body)["param"] == param


def _path(operation: str) -> str:
    return "" if operation == "createVectorStore" else "{vector_store_id}"


TOO_MUCH = {"type": "static", "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 51}}


def test_prose_rules_are_enforced(mock):
    """Overlap over half, chunking without files, long attribute keys and too much metadata are refused."""
    path, made = filled(mock)
    place = "chunking_strategy.static.chunk_overlap_tokens"
    body = {"file_ids": made, "chunking_strategy": TOO_MUCH}
    assert mock.refused(400, "createVectorStore", body=body)["param"] == place
    assert mock.refused(400, "createVectorStoreFileBatch", path, body)["param"] == place
    alone = {"chunking_strategy": {"type": "auto"}}
    assert mock.refused(400, "createVectorStore", body=alone)["param"] == "chunking_strategy"
    keys = {"file_id": made[0], "attributes": {"k" * 65: 1}}
    assert mock.refused(400, "createVectorStoreFile", path, keys)["param"] == "attributes"
    many = {"metadata": {str(n): "" for n in range(17)}}
    assert mock.refused(400, "createVectorStore", body=many)["param"] == "metadata"
