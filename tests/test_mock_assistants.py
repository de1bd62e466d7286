from typing import Any

import pytest
from mock_driver import Driver

from contract.draft import Upload

FUNCTION = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}


@pytest.fixture
def mock() -> Driver:
    """A fresh server."""
    return Driver()


def a_file(mock: Driver, name: str = "a.txt", purpose: str = "assistants") -> str:
    """Upload a file; its id."""
    return mock.ok("createFile", body={"file": Upload(name, b"some text"), "purpose": purpose})["id"]


def a_thread(mock: Driver, *said: str) -> dict[str, str]:
    """A thread with what the user said; its path."""
    messages = [{"role": "user", "content": each} for each in said]
    return {"thread_id": mock.ok("createThread", body={"messages": messages})["id"]}


def test_an_assistant_has_the_documented_defaults(mock):
    """Only the model is needed; the rest has its default."""
    made = mock.ok("createAssistant", body={"model": "gpt-4o"})
    assert made["id"].startswith("asst_")
    shown = {
        name: made[name] for name in ("name", "description", "instructions", "tools", "metadata", "tool_resources")
    }
    assert shown == {
        "name": None,
        "description": None,
        "instructions": None,
        "tools": [],
        "metadata": {},
        "tool_resources": {},
    }
    assert (made["temperature"], made["top_p"], made["response_format"]) == (1, 1, "auto")


def test_what_was_sent_comes_back_and_stays(mock):
    """Every member of an assistant is answered as sent, also later."""
    body = {
        "model": "o3-mini",
        "name": "n",
        "description": "d",
        "instructions": "i",
        "tools": [
            {"type": "code_interpreter"},
            {"type": "file_search", "file_search": {"max_num_results": 3}},
            FUNCTION,
        ],
        "tool_resources": {"code_interpreter": {"file_ids": [a_file(mock)]}},
        "metadata": {"k": "v"},
        "temperature": 0.5,
        "top_p": 0.25,
        "response_format": {"type": "json_object"},
        "reasoning_effort": "low",
    }
    made = mock.ok("createAssistant", body=body)
    assert {name: made[name] for name in body} == body
    mock.wait(100)
    assert mock.ok("getAssistant", {"assistant_id": made["id"]}) == made


def test_a_change_touches_nothing_else(mock):
    """Members that were sent are replaced, the others and `created_at` stay."""
    made = mock.ok(
        "createAssistant", body={"model": "gpt-4o", "name": "a", "instructions": "i", "metadata": {"a": "1"}}
    )
    path = {"assistant_id": made["id"]}
    mock.wait(5)
    assert mock.ok("modifyAssistant", path, {"metadata": {"b": "2"}}) == {**made, "metadata": {"b": "2"}}
    changed = mock.ok("modifyAssistant", path, {"name": None, "tools": [FUNCTION], "model": "gpt-4o-mini"})
    assert changed == {**made, "metadata": {"b": "2"}, "name": None, "tools": [FUNCTION], "model": "gpt-4o-mini"}
    assert mock.ok("getAssistant", path) == changed


def test_a_deleted_assistant_is_gone(mock):
    """404, and not listed."""
    kept, gone = (mock.ok("createAssistant", body={"model": "gpt-4o"})["id"] for _ in range(2))
    path = {"assistant_id": gone}
    assert mock.ok("deleteAssistant", path) == {"id": gone, "object": "assistant.deleted", "deleted": True}
    mock.refused(404, "getAssistant", path)
    mock.refused(404, "modifyAssistant", path, {})
    mock.refused(404, "deleteAssistant", path)
    assert [each["id"] for each in mock.ok("listAssistants")["data"]] == [kept]


def test_assistants_page_both_ways(mock):
    """`after` goes on, `before` goes back, both orders hold every assistant once."""
    made = [mock.ok("createAssistant", body={"model": "gpt-4o"})["id"] for _ in range(5)]
    assert [each["id"] for each in mock.ok("listAssistants")["data"]] == made[::-1]
    page = mock.ok("listAssistants", order="asc", limit=2, after=made[1])
    assert ([each["id"] for each in page["data"]], page["has_more"]) == (made[2:4], True)
    assert [each["id"] for each in mock.ok("listAssistants", order="asc", before=made[2])["data"]] == made[:2]
    assert mock.refused(400, "listAssistants", after="asst_none")["param"] == "after"
    assert mock.refused(400, "listAssistants", limit=101)["param"] == "limit"


def test_an_unknown_model_is_not_found(mock):
    """Create and change refuse a model that does not exist."""
    assert mock.refused(404, "createAssistant", body={"model": "none"})["param"] == "model"
    made = mock.ok("createAssistant", body={"model": "gpt-4o"})
    error = mock.refused(404, "modifyAssistant", {"assistant_id": made["id"]}, {"model": "none"})
    assert error["code"] == "model_not_found"


@pytest.mark.parametrize(
    ("resources", "param"),
    [
        ({"code_interpreter": {"file_ids": ["file-none"]}}, "tool_resources.code_interpreter.file_ids"),
        ({"file_search": {"vector_store_ids": ["vs_none"]}}, "tool_resources.file_search.vector_store_ids"),
    ],
)
def test_unknown_resources_are_not_found(mock, resources, param):
    """Files and vector stores of `tool_resources` must exist."""
    body = {"model": "gpt-4o", "tool_resources": resources}
    assert mock.refused(404, "createAssistant", body=body)["param"] == param
    assert mock.refused(404, "createThread", body={"tool_resources": resources})["param"] == param


def test_a_helper_makes_a_real_vector_store(mock):
    """`vector_stores` of `tool_resources` becomes a store with the files; a thread's expires after a week."""
    helper = {"file_search": {"vector_stores": [{"file_ids": [a_file(mock)], "metadata": {"k": "v"}}]}}
    assistant = mock.ok("createAssistant", body={"model": "gpt-4o", "tool_resources": helper})
    thread = mock.ok("createThread", body={"tool_resources": helper})
    for holder, days in ((assistant, None), (thread, 7)):
        (store_id,) = holder["tool_resources"]["file_search"]["vector_store_ids"]
        store = mock.ok("getVectorStore", {"vector_store_id": store_id})
        assert (store["file_counts"]["total"], store["metadata"]) == (1, {"k": "v"})
        assert store.get("expires_after", {}).get("days") == days


def test_a_thread_keeps_messages_and_metadata(mock):
    """A thread begins with its messages, in their order."""
    body = {
        "messages": [{"role": "user", "content": "one"}, {"role": "assistant", "content": "two"}],
        "metadata": {"k": "v"},
    }
    thread = mock.ok("createThread", body=body)
    path = {"thread_id": thread["id"]}
    assert (thread["metadata"], thread["tool_resources"]) == ({"k": "v"}, {})
    listed = mock.ok("listMessages", path, order="asc")["data"]
    said = [(each["role"], each["content"][0]["text"]["value"]) for each in listed]
    assert said == [("user", "one"), ("assistant", "two")]
    assert mock.ok("modifyThread", path, {"metadata": {}}) == {**thread, "metadata": {}}
    assert mock.ok("getThread", path) == {**thread, "metadata": {}}


def test_a_thread_can_be_made_without_a_body(mock):
    """The body of createThread is optional."""
    assert mock.ok("createThread")["id"].startswith("thread_")


def test_a_deleted_thread_takes_everything_with_it(mock):
    """Thread, messages, runs and steps are 404 after it."""
    assistant = mock.ok("createAssistant", body={"model": "gpt-4o"})
    path = a_thread(mock, "hello")
    run = mock.ok("createRun", path, {"assistant_id": assistant["id"]})
    (message,) = mock.ok("listMessages", path)["data"]
    assert mock.ok("deleteThread", path)["object"] == "thread.deleted"
    mock.refused(404, "getThread", path)
    mock.refused(404, "getMessage", {**path, "message_id": message["id"]})
    mock.refused(404, "getRun", {**path, "run_id": run["id"]})
    mock.refused(404, "listRunSteps", {**path, "run_id": run["id"]})
    mock.refused(404, "createMessage", path, {"role": "user", "content": "x"})


def test_message_parts_come_back_in_answer_form(mock):
    """Text gets annotations, images their default detail."""
    path = a_thread(mock)
    picture = a_file(mock, "a.png", "vision")
    parts: list[Any] = [
        {"type": "text", "text": "look"},
        {"type": "image_file", "image_file": {"file_id": picture}},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "low"}},
    ]
    message = mock.ok("createMessage", path, {"role": "user", "content": parts, "metadata": {"k": "v"}})
    assert message["content"] == [
        {"type": "text", "text": {"value": "look", "annotations": []}},
        {"type": "image_file", "image_file": {"file_id": picture, "detail": "auto"}},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "low"}},
    ]
    assert (message["status"], message["assistant_id"], message["run_id"]) == ("completed", None, None)
    assert (message["attachments"], message["metadata"]) == ([], {"k": "v"})


def test_messages_change_and_go(mock):
    """Metadata can be replaced; a deleted message is 404 and not listed; another thread does not know it."""
    path, other = a_thread(mock, "one", "two"), a_thread(mock)
    first, second = (each for each in mock.ok("listMessages", path, order="asc")["data"])
    at = {**path, "message_id": first["id"]}
    assert mock.ok("modifyMessage", at, {"metadata": {"k": "v"}}) == {**first, "metadata": {"k": "v"}}
    mock.refused(404, "getMessage", {**other, "message_id": first["id"]})
    assert mock.ok("deleteMessage", at)["deleted"] is True
    mock.refused(404, "getMessage", at)
    assert [each["id"] for each in mock.ok("listMessages", path)["data"]] == [second["id"]]


def test_attachments_reach_the_threads_tools(mock):
    """A file is added to the tools that the attachment names."""
    path, made = a_thread(mock), a_file(mock)
    tools = [{"type": "code_interpreter"}, {"type": "file_search"}]
    body = {"role": "user", "content": "x", "attachments": [{"file_id": made, "tools": tools}]}
    assert mock.ok("createMessage", path, body)["attachments"] == body["attachments"]
    resources = mock.ok("getThread", path)["tool_resources"]
    assert resources["code_interpreter"] == {"file_ids": [made]}
    (store_id,) = resources["file_search"]["vector_store_ids"]
    assert mock.ok("getVectorStoreFile", {"vector_store_id": store_id, "file_id": made})["id"] == made


MANY = {str(n): "" for n in range(17)}
OVERLAP = {"type": "static", "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 51}}


@pytest.mark.parametrize(
    ("operation", "body", "status", "param"),
    [
        ("createMessage", {"metadata": MANY}, 400, "metadata"),
        ("createMessage", {"metadata": {"k" * 65: ""}}, 400, "metadata"),
        ("createMessage", {"metadata": {"k": "v" * 513}}, 400, "metadata.k"),
        ("createMessage", {"attachments": [{"file_id": "file-none", "tools": []}]}, 404, "attachments[0].file_id"),
        (
            "createMessage",
            {"content": [{"type": "image_file", "image_file": {"file_id": "file-none"}}]},
            404,
            "content[0].image_file.file_id",
        ),
        (
            "createMessage",
            {"content": [{"type": "image_url", "image_url": {"url": "https://example.com/a.pdf"}}]},
            400,
            "content[0].image_url.url",
        ),
        (
            "createThread",
            {"messages": [{"role": "user", "content": "x", "metadata": MANY}]},
            400,
            "messages[0].metadata",
        ),
        (
            "createThread",
            {"tool_resources": {"file_search": {"vector_stores": [{"chunking_strategy": OVERLAP}]}}},
            400,
            "tool_resources.file_search.vector_stores[0].chunking_strategy.static.chunk_overlap_tokens",
        ),
        ("createAssistant", {"metadata": MANY}, 400, "metadata"),
    ],
)
def test_prose_rules_are_enforced(mock, operation, body, status, param):
    """What the schema admits and the description refuses is refused, with the member's place."""
    defaults = {
        "createMessage": {"role": "user", "content": "x"},
        "createThread": {},
        "createAssistant": {"model": "gpt-4o"},
    }
    path = a_thread(mock) if operation == "createMessage" else {}
    assert mock.refused(status, operation, path, {**defaults[operation], **body})["param"] == param


@pytest.mark.parametrize(
    "url", ["https://example.com/a.JPEG?x=1", "https://example.com/picture", "data:image/png;base64,AA=="]
)
def test_image_urls_that_may_be_images_are_taken(mock, url):
    """Case, a query and a missing extension do not matter."""
    content = [{"type": "image_url", "image_url": {"url": url}}]
    assert mock.ok("createMessage", a_thread(mock), {"role": "user", "content": content})["status"] == "completed"


def test_a_picture_must_have_been_uploaded_as_one(mock):
    """An image part takes only files of purpose `vision`."""
    content = [{"type": "image_file", "image_file": {"file_id": a_file(mock)}}]
    error = mock.refused(400, "createMessage", a_thread(mock), {"role": "user", "content": content})
    assert error["param"] == "content[0].image_file.file_id"
