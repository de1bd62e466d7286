"""Faults of the mock: the catalogue, its names, and that a fault changes its own answers and no others."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from contract import spec, wiring
from contract.errors import UsageError
from contract.exchange import Request
from contract.mock.faults import catalogue, find, hooks
from contract.mock.faults.kit import drop, put, turn
from contract.mock.kernel import Hooks
from contract.mock.server import Running
from contract.target import Target
from contract.transport import Limits, Transport

FAMILIES = {
    "schema",
    "status",
    "media-type",
    "error-body",
    "leniency",
    "state",
    "lists",
    "parameters",
    "transport",
    "stream-chat",
    "stream-completions",
    "stream-transcription",
    "stream-responses",
    "stream-runs",
}  # fmt: skip - one group a line


def ask(url: str, path: str, body: Any = None) -> tuple[int, Any]:
    """Status and JSON of one request with a key."""
    content = None if body is None else json.dumps(body).encode()
    headers = (("Authorization", "Bearer k"), ("Content-Type", "application/json"))
    transport = Transport(Target(url), Limits())
    response, _ = transport.send(Request("POST" if content else "GET", url + path, headers, content))
    transport.close()
    assert response is not None
    return response.status, response.json()


def test_the_catalogue_has_faults_of_every_family() -> None:
    """At least 120, each with a name of its own."""
    names = [fault.name for fault in catalogue()]
    assert len(names) >= 120
    assert len(set(names)) == len(names)
    assert {fault.family for fault in catalogue()} == FAMILIES


def test_a_fault_names_operations_and_a_rule_that_exist() -> None:
    """What `contract faults` says can be looked up."""
    operations, rules = spec.load().operations, wiring.rules()
    wrong = [each.name for each in catalogue() if not each.operations or not set(each.operations) <= set(operations)]
    assert wrong == []
    assert [(each.name, each.rule) for each in catalogue() if each.rule not in rules] == []


@pytest.mark.parametrize("fault", catalogue(), ids=lambda fault: fault.name)
def test_a_fault_gets_into_the_server(fault: Any) -> None:
    """Each has a hook at least, made anew for each server."""
    assert fault.make() != Hooks()


def test_an_unknown_name_is_told_with_the_nearest_one() -> None:
    """One line that says what was meant."""
    with pytest.raises(UsageError, match="did you mean 'list-limit-ignored'"):
        find("list-limit-ignord")
    with pytest.raises(UsageError, match="see `contract faults`"):
        find("####")


def test_the_command_refuses_an_unknown_name_before_it_listens() -> None:
    """Exit 2, one line on standard error, nothing on standard output."""
    command = [sys.executable, "-m", "contract", "mock", "--port", "0", "--fault", "no-such-fault"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "no-such-fault" in done.stderr


def test_several_faults_show_in_one_server_and_leave_the_rest_alone() -> None:
    """Two faults at once; an operation that neither names answers as ever."""
    with Running(faults=["schema-owner-dropped", "error-string"]) as mock:
        models = ask(mock.url, "/models")[1]["data"]
        refused = ask(mock.url, "/assistants", {"model": 7})
        thread = ask(mock.url, "/threads", {})
    assert all("owned_by" not in each for each in models)
    assert refused[0] == 400
    assert isinstance(refused[1]["error"], str)
    assert thread[0] == 200
    assert thread[1]["object"] == "thread"


def test_servers_share_no_memory() -> None:
    """A fault that remembers starts anew in each server."""
    one, other = hooks(["state-id-reused"]), hooks(["state-id-reused"])
    assert one.reply[0] is not other.reply[0]


def test_edits_reach_every_element_and_leave_what_is_absent() -> None:
    """`*` is each element of a list; a path that leads nowhere changes nothing."""
    body = {"data": [{"id": 1}, {"id": 2, "x": 3}], "n": 1}
    assert turn("data/*/id", lambda value: value + 1)(body)["data"] == [{"id": 2}, {"id": 3, "x": 3}]
    assert drop("data/*/x")(body)["data"] == [{"id": 2}, {"id": 3}]
    assert drop("data/0")(body)["data"] == [{"id": 3}]
    assert put("data/*/y", None)(body)["data"] == [{"id": 3, "y": None}]
    assert put("nowhere/at/all", 1)(body) == body
    assert turn("absent", lambda value: value)(body) == body
