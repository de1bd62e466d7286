"""Leaks, sums, times, choices and ids of answers: each fault is caught, and its conforming twin is not."""

from dataclasses import replace
from typing import Any

import pytest
from checks_support import ENVELOPE, SPEC, broken, exchange

from contract import checks
from contract.case import Expect, Kind

REFUSED = Expect(Kind.INVALID)
MUST = "MUST"


def said(message: str) -> dict[str, Any]:
    """An envelope with that message."""
    return {"error": {**ENVELOPE["error"], "message": message}}


@pytest.mark.parametrize(
    "message",
    [
        'Traceback (most recent call last):\n  File "x.py", line 3',
        'File "/x/main.py", line 7, in create',
        "at com.acme.api.Chat.create(Chat.java:42)",
        "boom\n    at create (/app/x.js:12:5)",
        "at run (node:internal/x:1:2)",
        "goroutine 12 [running]:",
        "thread 'main' panicked at src/main.rs:4:5",
        "in Acme.Api.Create() in C.cs:line 12",
        "app/models/user.rb:12:in `find'",
        "cannot open /home/deploy/app/config.yaml",
        "cannot open /usr/lib/python3.11/site-packages/x/y.py",
        "see /opt/acme/server/log",
        "see /app/handlers/chat.py",
        "C:\\Users\\acme\\server.log is locked",
        "psycopg2.errors.UndefinedColumn: no",
        "sqlite3.OperationalError: no such table",
        "SQLSTATE[42S02]",
        "ORA-00942: table does not exist",
        "shared with sk-proj-0123456789abcdefghij",
    ],
)
def test_a_leak_is_told(message: str) -> None:
    """What no client may see in an error."""
    assert ("error/leak", MUST) in broken("createEmbedding", 400, said(message), expect=REFUSED)


@pytest.mark.parametrize(
    "message",
    [
        "Invalid URL (POST /v1/embeddings)",
        "See https://host.example/docs/home/errors for more",
        "Incorrect API key provided: sk-***********cdef",
        "No file found with id 'file-abc'.",
        "is not of type at most 4 at (line 3)",
        "/v1/files/file-1/content is not there",
        "The model `meta/llama-3/instruct` does not exist",
    ],
)
def test_an_ordinary_message_is_no_leak(message: str) -> None:
    """Routes, documents, masked keys and names of models may be named."""
    assert broken("createEmbedding", 400, said(message), expect=REFUSED) == []


def test_what_the_client_sent_may_be_quoted() -> None:
    """A path out of the request is not the server's."""
    sent = b'{"input": "/home/me/notes/today.txt"}'
    body = said("bad value: /home/me/notes/today.txt")
    assert broken("createEmbedding", 400, body, expect=REFUSED, request_body=sent) == []


def test_what_the_headers_said_may_be_quoted_and_what_nobody_reads_may_not() -> None:
    """A path in a header was sent too; in the body of the request it counts at any depth."""
    body = said("bad value: /home/me/notes/today.txt")
    own = exchange("createEmbedding", 400, body)
    quoting = replace(own, request=replace(own.request, headers=(("a", "b"), ("c", "/home/me/notes/today.txt"))))
    assert checks.judge(SPEC, SPEC.operations["createEmbedding"], quoting, REFUSED) == []
    deep = b"[" * 30 + b'"/home/me/notes/today.txt"' + b"]" * 30
    assert broken("createEmbedding", 400, body, expect=REFUSED, request_body=deep) == []


@pytest.mark.parametrize(("deep", "found"), [(19, 1), (20, 0), (400, 0)])
def test_a_leak_is_looked_for_to_a_depth(deep: int, found: int) -> None:
    """A person reads no string below twenty others; below that nothing is searched."""
    detail: Any = "see /home/me/app/config.yaml"
    for _ in range(deep):
        detail = [detail]
    rules = [rule for rule, _ in broken("createEmbedding", 400, {"detail": detail}, expect=REFUSED)]
    assert rules.count("error/leak") == found


def test_leaks_are_found_in_text_and_in_broken_bodies_too() -> None:
    """Not only in JSON; a success is not searched."""
    text = b"Traceback (most recent call last):"
    assert ("error/leak", MUST) in broken("createThread", 500, text, "text/plain")
    assert all(rule != "error/leak" for rule, _ in broken("createThread", 200, text, "text/plain"))


def completion(*choices: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A chat completion."""
    usage = {"prompt_tokens": 2, "completion_tokens": 3, "total_tokens": 5}
    base = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": list(choices)}
    return {**base, "usage": usage, **more}


def choice(index: int = 0, reason: str = "stop", **message: Any) -> dict[str, Any]:
    """A choice."""
    said = {"role": "assistant", "content": "Hi", "refusal": None, **message}
    return {"index": index, "finish_reason": reason, "logprobs": None, "message": said}


CALL = {"id": "call_1", "type": "function", "function": {"name": "get", "arguments": "{}"}}
ASKED = b'{"messages": []}'
OFFER = b'{"messages": [], "tools": [{"type": "function", "function": {"name": "get"}}]}'
FORCED = b'{"messages": [], "tools": [{"type": "function", "function": {"name": "get"}}], "tool_choice": "required"}'


@pytest.mark.parametrize(
    ("body", "sent", "rules"),
    [
        (completion(choice()), None, []),
        (completion(choice(0), choice(1)), b'{"n": 2}', []),
        (completion(choice(0), choice(0)), b'{"n": 2}', ["choices/index"]),
        (completion(choice(1)), None, ["choices/index"]),
        (completion(choice(0, "tool_calls", tool_calls=[CALL])), OFFER, []),
        (completion(choice(0, "stop", tool_calls=[CALL])), FORCED, []),
        (completion(choice(0, "length", tool_calls=[CALL])), OFFER, []),
        (completion(choice(0, "stop", tool_calls=[CALL])), OFFER, ["choices/finish-reason"]),
        (completion(choice(0, "tool_calls")), OFFER, ["choices/finish-reason"]),
        (completion(choice(0, "tool_calls", tool_calls=[CALL])), ASKED, ["choices/unoffered"]),
        (
            completion(choice(), usage={"prompt_tokens": 2, "completion_tokens": 3, "total_tokens": 6}),
            None,
            ["usage/sum"],
        ),
        (completion(choice(), created=1_700_000_000_000), None, ["body/seconds"]),
        (completion(choice(), created=1_700_000_000), None, []),
        (completion({**choice(), "message": "Hi"}), ASKED, ["body/schema"]),
        (completion(choice(0, "tool_calls", tool_calls=[{**CALL, "function": "get"}])), OFFER, ["body/schema"]),
        (
            completion(choice(), usage={"prompt_tokens": 2, "completion_tokens": 3, "total_tokens": "6"}),
            None,
            ["body/schema"],
        ),
        (completion(choice(), usage={"total_tokens": -1}), None, ["body/schema", "body/schema"]),
    ],
)
def test_choices_sums_and_times_agree(body: Any, sent: bytes | None, rules: list[str]) -> None:
    """What a stream must hold, an answer in one piece holds too."""
    found = [rule for rule, _ in broken("createChatCompletion", 200, body, request_body=sent)]
    assert found == rules


@pytest.mark.parametrize(("total", "rules"), [(8, []), (9, []), (7, ["usage/sum"])])
def test_the_total_of_embeddings_is_no_less_than_the_prompt(total: int, rules: list[str]) -> None:
    """They have one part only."""
    usage = {"prompt_tokens": 8, "total_tokens": total}
    body = {"object": "list", "model": "m", "data": [], "usage": usage}
    assert [rule for rule, _ in broken("createEmbedding", 200, body)] == rules


THREAD = {"id": "id-1", "object": "thread", "created_at": 1, "metadata": {}, "tool_resources": None}


@pytest.mark.parametrize(("identifier", "rules"), [("id-1", []), ("id-2", ["body/same-object"])])
def test_an_answer_is_about_the_object_of_the_path(identifier: str, rules: list[str]) -> None:
    """The id that was asked for comes back."""
    assert [rule for rule, _ in broken("getThread", 200, {**THREAD, "id": identifier}, live=True)] == rules


def test_elements_of_a_list_stand_below_the_parent_of_the_path() -> None:
    """A message of another thread is no element of this one's list; a model may have several names."""
    body = {"object": "list", "data": [{"thread_id": "id-1"}, {"thread_id": "id-9"}]}
    found = [rule for rule, _ in broken("listMessages", 200, body, live=True)]
    assert found.count("body/same-object") == 1
    model = {"id": "id-1-2025", "object": "model", "created": 1, "owned_by": "o"}
    assert broken("retrieveModel", 200, model, live=True) == []


@pytest.mark.parametrize(
    ("operation", "path", "value", "found"),
    [
        ("getMessage", "/threads/t-1/messages/m-1", {"id": "m-1", "thread_id": "t-1"}, []),
        ("getMessage", "/threads/t-1/messages/m-1", {"id": "m-1", "thread_id": "t-2"}, ["/thread_id"]),
        ("getMessage", "/threads/t-1/messages/m-1", {"id": "t-1", "thread_id": "t-1"}, ["/id"]),
        ("getThread", "/threads/t%201", {"id": "t 1"}, []),
        ("getThread", "/threadz/t-1", {"id": "t-2"}, []),
        ("deleteFineTuningCheckpointPermission", "/fine_tuning/checkpoints/c-1/permissions/p-1", {"id": "p-2"}, []),
    ],
)
def test_each_id_of_the_path_names_its_own_member(operation: str, path: str, value: Any, found: list[str]) -> None:
    """The last one is the object's, those before it are its parents'; another form of the path tells nothing."""
    own = exchange(operation, 200, value)
    asked = replace(own, request=replace(own.request, url=f"http://host/v1{path}"))
    told = checks.judge(SPEC, SPEC.operations[operation], asked, live=True)
    assert [each.where for each in told if each.rule == "body/same-object"] == found


def test_a_recorded_answer_may_stand_under_any_path() -> None:
    """Only what was just sent is held to its path."""
    found = checks.judge(SPEC, SPEC.operations["getThread"], exchange("getThread", 200, {**THREAD, "id": "id-2"}))
    assert found == []


@pytest.mark.parametrize(("more", "found"), [({}, 1), ({"truncated": True}, 0), ({"content_type": "text/html"}, 0)])
def test_only_whole_json_is_held_to_what_is_promised_of_it(more: dict[str, Any], found: int) -> None:
    """What was cut, or says that it is something else, is told by other rules."""
    body = {**THREAD, "created_at": 10**12, "object": "thread"}
    assert [rule for rule, _ in broken("getThread", 200, body, **more)].count("body/seconds") == found
    assert [rule for rule, _ in broken("getThread", 200, b"{", **more)].count("body/seconds") == 0
