import os
import subprocess
import sys
import threading
import time

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import UsageError
from contract.mock.server import Running
from contract.mock.store import Store

HEADERS = {"Authorization": "Bearer key"}


@pytest.fixture(params=["memory", "file"])
def store(request, tmp_path):
    """A store of either kind."""
    made = Store(tmp_path / "state.db" if request.param == "file" else None, seed=1)
    yield made
    made.close()


def test_what_is_put_is_got_and_is_a_copy(store):
    """An object comes back as it was, and changing either side changes nothing in the store."""
    value = {"id": "a", "deep": {"list": [1, None, "é"]}}
    store.put("thread", "a", value)
    value["deep"]["list"].append(2)
    store.get("thread", "a")["deep"]["list"].append(3)
    assert store.get("thread", "a") == {"id": "a", "deep": {"list": [1, None, "é"]}}


def test_lists_keep_the_order_of_creation_through_changes(store):
    """A changed object keeps its place; a deleted and remade one goes to the end."""
    for name in "abc":
        store.put("message", name, {"id": name}, parent="thread")
    store.put("message", "a", {"id": "a", "new": True}, parent="thread")
    store.delete("message", "b")
    store.put("message", "b", {"id": "b"}, parent="thread")
    assert [each["id"] for each in store.list("message", "thread")] == ["a", "c", "b"]


def test_one_id_can_stand_under_several_parents(store):
    """A vector store's file has the file's id: each parent has an object of its own."""
    for parent in ("x", "y"):
        store.put("vs_file", "f", {"parent": parent}, parent=parent)
    assert store.get("vs_file", "f", "y") == {"parent": "y"}
    assert store.list("vs_file") == [{"parent": "x"}, {"parent": "y"}]
    assert store.delete("vs_file", "f", "x") is True
    assert store.get("vs_file", "f", "x") is None
    assert store.get("vs_file", "f") == {"parent": "y"}
    assert store.delete("vs_file", "f") is True
    assert store.delete("vs_file", "f") is False


def test_blobs_are_bytes(store):
    """Any bytes come back; a deleted blob is gone."""
    store.blob_put("b", bytes(range(256)))
    assert store.blob_get("b") == bytes(range(256))
    assert store.blob_delete("b") is True
    assert store.blob_get("b") is None
    assert store.blob_delete("b") is False


def test_ids_are_unique_and_the_same_for_a_seed():
    """24 base-62 characters after the prefix, none twice, another sequence for another seed."""
    one, same, other = Store(seed=1), Store(seed=1), Store(seed=2)
    found = [one.new_id("x_") for _ in range(3000)]
    assert len(set(found)) == 3000
    assert all(len(each) == 26 and each[2:].isalnum() for each in found)
    assert [same.new_id("x_") for _ in range(3000)] == found
    assert other.new_id("x_") not in found


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("pgd"), st.sampled_from("abc"), st.sampled_from(["", "x", "y"]))))
def test_a_store_that_is_opened_again_is_the_same(tmp_path_factory, steps):
    """Whatever was done, a new process sees what the old one saw, and goes on with fresh ids."""
    path = tmp_path_factory.mktemp("store") / "state.db"
    old = Store(path)
    first = old.new_id("")
    for number, (step, name, parent) in enumerate(steps):
        if step == "p":
            old.put("kind", name, {"number": number}, parent)
        elif step == "d":
            old.delete("kind", name, parent)
    seen = [old.list("kind"), old.list("kind", "x"), [old.get("kind", name) for name in "abc"]]
    old.close()
    new = Store(path)
    assert [new.list("kind"), new.list("kind", "x"), [new.get("kind", name) for name in "abc"]] == seen
    assert new.new_id("") != first
    new.close()


def test_state_survives_a_kill(tmp_path):
    """What was answered is there after `kill -9` and a new start on the same file."""
    path = str(tmp_path / "state.db")
    with Running(db=path) as mock:
        made = httpx.post(f"{mock.url}/threads", headers=HEADERS, json={"metadata": {"a": "b"}}).json()
        upload = {"file": ("a.txt", b"content"), "purpose": (None, "assistants")}
        file = httpx.post(f"{mock.url}/files", headers=HEADERS, files=upload).json()
        mock._process.kill()
    with Running(db=path) as mock:
        assert httpx.get(f"{mock.url}/threads/{made['id']}", headers=HEADERS).json() == made
        assert httpx.get(f"{mock.url}/files/{file['id']}/content", headers=HEADERS).content == b"content"
        assert httpx.post(f"{mock.url}/threads", headers=HEADERS).json()["id"] != made["id"]


def test_fifty_clients_lose_and_double_nothing(tmp_path):
    """Fifty clients at once: every object that was answered is listed once, all ids are distinct."""
    made, failed = [], []

    def client(mock):
        try:
            with httpx.Client(base_url=mock.url, headers=HEADERS, timeout=30) as http:
                made.extend(http.post("assistants", json={"model": "gpt-4o"}).json()["id"] for _ in range(4))
                doomed = http.post("assistants", json={"model": "gpt-4o"}).json()["id"]
                assert http.delete(f"assistants/{doomed}").json()["deleted"] is True
        except Exception as error:  # a thread's failure must reach the test
            failed.append(error)

    with Running(db=str(tmp_path / "state.db")) as mock:
        threads = [threading.Thread(target=client, args=(mock,)) for _ in range(50)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        listed, after = [], None
        while after != "":
            query = {"limit": 100, **({"after": after} if after else {})}
            page = httpx.get(f"{mock.url}/assistants", headers=HEADERS, params=query).json()
            listed += [each["id"] for each in page["data"]]
            after = page["last_id"] if page["has_more"] else ""
    assert failed == []
    assert len(set(made)) == len(made) == 200
    assert sorted(listed) == sorted(made)


def test_a_taken_port_is_one_line():
    """The server says in one line that the port is taken and exits with 2."""
    with Running() as mock:
        port = mock.url.split(":")[2].split("/")[0]
        command = [sys.executable, "-m", "contract.mock", "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr


def test_a_state_that_cannot_be_kept_is_one_line(tmp_path):
    """A file that is none, a folder that is missing, a file in use: one line that names the option."""
    (tmp_path / "text").write_text("no database")
    taken = Store(tmp_path / "taken.db")
    for path in (tmp_path / "text", tmp_path / "missing" / "state.db", tmp_path / "taken.db"):
        with pytest.raises(UsageError, match="choose another --db"):
            Store(path)
    taken.close()


def test_the_server_ends_with_the_process_that_started_it():
    """A run that is killed leaves no server behind."""
    program = (
        "import sys, os, signal; from contract.mock.server import Running; mock = Running().__enter__();"
        "print(mock._process.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    child = int(done.stdout)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            break
        time.sleep(0.05)
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
