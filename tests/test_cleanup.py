"""What a run leaves on a target: read from its notes, removed politely, told where it stays."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from contract import cleanup, wiring
from contract.created import Ledger
from contract.draft import Draft
from contract.options import Options
from contract.session import Session
from contract.spec import load

SPEC = load()
Answer = Callable[[str, int], tuple[int, dict[str, str], bytes]]


@contextmanager
def target(answer: Answer) -> Iterator[tuple[str, list[str]]]:
    """A loopback server that answers by path and number; its base URL and the requests it saw."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            seen.append(f"{self.command} {self.path}")
            status, headers, body = answer(self.path, len(seen))
            if not status:
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_DELETE = _serve  # noqa: N815 - the base class names them so

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
            """Nothing is logged."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1", seen
    finally:
        server.shutdown()
        server.server_close()


def created(kind: str, remove: str | None, **path: str) -> dict[str, Any]:
    """The note of something made."""
    return {"kind": "created", "makes": kind, "remove": remove, "path": path}


def thread(number: int) -> dict[str, Any]:
    """The note of a thread."""
    return created("thread", "deleteThread", thread_id=f"thread_{number}")


def removed(operation: str, **path: str) -> dict[str, Any]:
    """The note of something removed."""
    return {"kind": "removed", "operation": operation, "path": path}


def record(folder: Path, *lines: dict[str, Any], end: str = "") -> Path:
    """A record's notes in a file."""
    path = folder / "run.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines) + end)
    return path


def clean(url: str, path: Path, **options: Any) -> list[dict[str, Any]]:
    """What is left after the objects of a record were removed."""
    return cleanup.from_record(Session(Options(target=url, **options), {}, record=str(path)))


def gone(_: str, __: int) -> tuple[int, dict[str, str], bytes]:
    """Every removal succeeds."""
    return 200, {}, b"{}"


def test_the_newest_goes_first_and_what_is_gone_is_not_asked_for(tmp_path: Path) -> None:
    """Objects are removed in the reverse order of their making, those that a case removed are passed over."""
    path = record(tmp_path, thread(1), thread(2), thread(3), removed("deleteThread", thread_id="thread_2"))
    with target(gone) as (url, seen):
        assert clean(url, path) == []
    assert seen == ["DELETE /v1/threads/thread_3", "DELETE /v1/threads/thread_1"]


def test_a_last_line_that_is_cut_is_passed_over(tmp_path: Path) -> None:
    """A run that was killed while it wrote leaves readable notes."""
    path = record(tmp_path, thread(1), end='{"kind": "created", "makes": "thr')
    removable, left = cleanup.leftovers(path)
    assert ([each.path for each in removable], left) == ([{"thread_id": "thread_1"}], [])


def test_what_the_api_cannot_remove_is_told(tmp_path: Path) -> None:
    """A batch stays, with the reason; what lies below something removable goes with it."""
    inside = created("run", None, thread_id="thread_1", run_id="run_1")
    path = record(tmp_path, thread(1), inside, created("batch", None, batch_id="batch_1"))
    with target(gone) as (url, _):
        left = clean(url, path)
    assert left == [{"kind": "batch", "path": {"batch_id": "batch_1"}, "why": cleanup.NO_WAY}]


@pytest.mark.parametrize(("status", "stays"), [(200, False), (404, False), (403, True), (500, True)])
def test_gone_is_gone_whoever_removed_it(tmp_path: Path, status: int, stays: bool) -> None:
    """404 is as good as a deletion; any other refusal is told with its status."""
    with target(lambda _, __: (status, {}, b"{}")) as (url, _):
        left = clean(url, record(tmp_path, thread(1)))
    assert [each["why"] for each in left] == ([f"the target answered {status}"] if stays else [])


def test_a_busy_target_is_asked_again(tmp_path: Path) -> None:
    """429 with Retry-After, then success: nothing is left."""
    with target(lambda _, number: (429 if number == 1 else 200, {"Retry-After": "0"}, b"{}")) as (url, seen):
        assert clean(url, record(tmp_path, thread(1))) == []
    assert len(seen) == 2


def test_a_silent_target_is_left_alone(tmp_path: Path) -> None:
    """After three requests without an answer the rest is listed, not tried: cleaning up ends in time."""
    path = record(tmp_path, *map(thread, range(20)))
    with target(lambda _, __: (0, {}, b"")) as (url, seen):
        left = clean(url, path)
    assert len(left) == 20
    assert len(seen) == 3
    assert [each["why"] for each in left].count(cleanup.SILENT) == 17


def test_removal_keeps_the_pace(tmp_path: Path) -> None:
    """--rate holds for the end of a run too."""
    path = record(tmp_path, *map(thread, range(4)))
    started = time.monotonic()
    with target(gone) as (url, seen):
        clean(url, path, rate=20.0)
    assert len(seen) == 4
    assert time.monotonic() - started >= 4 / 20


@pytest.mark.parametrize("identifier", ["../../organization/users/u", "..", "a/b?c=d#e", "a\r\nX: y", "ü\0"])
def test_an_id_leads_nowhere_else(tmp_path: Path, identifier: str) -> None:
    """Whatever a target calls its object, the request stays below `/threads/`."""
    path = record(tmp_path, created("thread", "deleteThread", thread_id=identifier))
    with target(gone) as (url, seen):
        clean(url, path)
    for line in seen:
        assert line.startswith("DELETE /v1/threads/")
        assert "/" not in line.removeprefix("DELETE /v1/threads/")
        assert line != "DELETE /v1/threads/.."


def test_a_thread_that_brought_a_store_takes_it_along(tmp_path: Path) -> None:
    """A vector store made inline is found through its thread before the thread goes, and removed too."""
    holder = {**thread(1), "holds": "vector_store"}
    told = json.dumps({"tool_resources": {"file_search": {"vector_store_ids": ["vs_1"]}}}).encode()
    with target(lambda _, __: (200, {"Content-Type": "application/json"}, told)) as (url, seen):
        assert clean(url, record(tmp_path, holder)) == []
    assert seen == [
        "GET /v1/threads/thread_1",
        "DELETE /v1/threads/thread_1",
        "DELETE /v1/vector_stores/vs_1",
    ]


@pytest.fixture
def notes() -> list[dict[str, Any]]:
    """Where a ledger writes."""
    return []


@pytest.fixture
def ledger(notes: list[dict[str, Any]]) -> Ledger:
    """A ledger over the whole API."""
    return Ledger(wiring.removals(), SPEC.operations, notes.append)


def test_an_object_is_announced_before_and_noted_after(ledger: Ledger, notes: list[dict[str, Any]]) -> None:
    """The intent comes before the request, the object with its way out after the answer, its end when it goes."""
    make = Draft(SPEC.operations["createThread"], body={})
    ledger.intends(make)
    ledger.saw(make, 200, {"id": "thread_9"})
    end = Draft(SPEC.operations["deleteThread"], path={"thread_id": "thread_9"})
    assert ledger.owns(end)
    ledger.saw(end, 200, {"deleted": True})
    assert [line["kind"] for line in notes] == ["intent", "created", "removed"]
    assert notes[1]["remove"] == "deleteThread"
    assert not ledger.owns(end)


@pytest.mark.parametrize(
    ("status", "answer"), [(400, {"id": "t"}), (200, {}), (200, None), (200, {"id": 3}), (200, [])]
)
def test_what_was_not_made_is_not_noted(ledger: Ledger, notes: list[dict[str, Any]], status: int, answer: Any) -> None:
    """A refusal or an answer without an id makes nothing that could be removed."""
    ledger.saw(Draft(SPEC.operations["createThread"], body={}), status, answer)
    assert notes == []


@pytest.mark.parametrize(("operation", "body", "noted"), [
    ("createResponse", {}, True),
    ("createResponse", {"store": False}, False),
    ("createChatCompletion", {}, False),
    ("createChatCompletion", {"store": True}, True),
])  # fmt: skip
def test_only_what_is_stored_is_noted(
    ledger: Ledger, notes: list[dict[str, Any]], operation: str, body: dict[str, Any], noted: bool
) -> None:
    """`store` decides whether a response or a completion stays on the target."""
    ledger.saw(Draft(SPEC.operations[operation], body=body), 200, {"id": "x_1"})
    assert bool(notes) is noted


@pytest.mark.parametrize("body", [
    {"tool_resources": {"file_search": {"vector_stores": [{}]}}},
    {"messages": [{"role": "user", "content": "x", "attachments": [{"tools": [{"type": "file_search"}]}]}]},
])  # fmt: skip
def test_a_store_that_comes_with_a_thread_is_noted(
    ledger: Ledger, notes: list[dict[str, Any]], body: dict[str, Any]
) -> None:
    """Asked for inline, or made for files to be searched: the store that the answer names goes too."""
    made = {"id": "thread_1", "tool_resources": {"file_search": {"vector_store_ids": ["vs_1"]}}}
    ledger.saw(Draft(SPEC.operations["createThread"], body=body), 200, made)
    assert [line["remove"] for line in notes] == ["deleteVectorStore", "deleteThread"]


@pytest.mark.parametrize("body", [{}, {"tool_resources": {"file_search": {"vector_store_ids": ["vs_1"]}}}, [], None])
def test_a_store_of_somebody_else_is_left_alone(ledger: Ledger, notes: list[dict[str, Any]], body: Any) -> None:
    """A store that the request only names, or that a target adds by itself, is not this run's to remove."""
    made = {"id": "thread_1", "tool_resources": {"file_search": {"vector_store_ids": ["vs_1"]}}}
    ledger.saw(Draft(SPEC.operations["createThread"], body=body), 200, made)
    assert [line["remove"] for line in notes] == ["deleteThread"]


def test_whatever_can_be_deleted_is_removed() -> None:
    """Every operation that makes what another one deletes is known with its way out."""
    removals = wiring.removals()
    by_place = {(each.method, each.path): each.id for each in SPEC.operations.values()}
    ways = {
        maker: by_place["DELETE", path]
        for method, path in by_place
        if method == "DELETE" and (maker := by_place.get(("POST", path.rpartition("/")[0])))
    }
    assert len(ways) > 10
    assert {maker: removals[maker].remove for maker in ways} == ways
