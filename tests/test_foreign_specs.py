"""Documents that are not the API's own: `--spec PATH` end to end on small servers, right and wrong ones."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from spec_server import Handler, Refusal, SpecServer

SPECS = Path(__file__).parent / "specs"
KEY = "k-4711-vault"


def pets(spoilt: bool) -> dict[tuple[str, str], Handler]:
    """Pets; spoilt: made ones have a text for an id."""
    store: dict[int, dict[str, Any]] = {}
    ids = itertools.count(1)

    def put(number: int, body: Mapping[str, Any]) -> dict[str, Any]:
        store[number] = {"id": number, "status": "available", "tag": None, **body}
        return store[number]

    def one(path: Mapping[str, Any]) -> dict[str, Any]:
        if path["petId"] not in store:
            raise Refusal(404, "no such pet")
        return store[path["petId"]]

    def create(_: Any, __: Any, body: Any) -> tuple[int, Any]:
        made = put(next(ids), body)
        return 201, {**made, "id": "one"} if spoilt else made

    def listed(_: Any, query: Mapping[str, Any], __: Any) -> tuple[int, Any]:
        found = [each for each in store.values() if query.get("status") in {None, each["status"]}]
        return 200, found[: query.get("limit", 10)]

    return {
        ("GET", "/pets"): listed,
        ("POST", "/pets"): create,
        ("GET", "/pets/{petId}"): lambda path, _, __: (200, one(path)),
        ("PUT", "/pets/{petId}"): lambda path, _, body: (200, put(one(path)["id"], body)),
        ("DELETE", "/pets/{petId}"): lambda path, _, __: (204, store.pop(one(path)["id"]) and None),
    }


def orders(spoilt: bool) -> dict[tuple[str, str], Handler]:
    """Orders; spoilt: the list is called something else than its constant."""
    store: dict[str, dict[str, Any]] = {}

    def create(_: Any, __: Any, body: Any) -> tuple[int, Any]:
        made = {"id": f"ord_{len(store) + 1}", "kind": "order", "note": None, **body}
        return 201, store.setdefault(made["id"], made)

    def one(path: Mapping[str, Any], _: Any, __: Any) -> tuple[int, Any]:
        if path["order"] not in store:
            raise Refusal(404, "no such order")
        return 200, store[path["order"]]

    kind = "page" if spoilt else "list"
    return {
        ("GET", "/orders"): lambda *_: (200, {"kind": kind, "orders": list(store.values())}),
        ("POST", "/orders"): create,
        ("GET", "/orders/{order}"): one,
    }


def secrets(spoilt: bool) -> dict[tuple[str, str], Handler]:
    """Secrets; spoilt: an answer lacks a member of the second part of its `allOf`."""
    value = {"alpha": "a", "beta": "b"}

    def told(name: str, version: int) -> tuple[int, Any]:
        found = {"name": name, "value": value[name], "version": version}
        if spoilt:
            del found["version"]
        return 200, found

    def write(path: Mapping[str, Any], _: Any, body: Any) -> tuple[int, Any]:
        value[path["name"]] = body["value"]
        return told(path["name"], 1)

    return {
        ("GET", "/secrets/{name}"): lambda path, query, _: told(path["name"], query["version"]),
        ("PUT", "/secrets/{name}"): write,
    }


def serve(name: str, *, spoilt: bool) -> SpecServer:
    """The server of a document."""
    if name == "petstore.yaml":
        return SpecServer(SPECS / name, pets(spoilt), lambda _, why: ("application/json", {"message": why}))
    if name == "shop.json":
        return SpecServer(SPECS / name, orders(spoilt), lambda _, why: ("application/json", {"error": why}))
    problem = "application/problem+json"
    return SpecServer(SPECS / name, secrets(spoilt), lambda at, why: (problem, {"title": why, "status": at}), KEY)


def run(name: str, server: SpecServer, out: Path, *more: str) -> tuple[int, list[dict[str, Any]], str]:
    """Judge a server by a document: exit status, verdicts, and what was said."""
    command = [
        sys.executable,
        "-m",
        "contract",
        "run",
        server.url,
        "--spec",
        str(SPECS / name),
        "--out",
        str(out),
        *more,
    ]
    environment = {**os.environ, "OPENAI_API_KEY": "", "OPENAI_ADMIN_KEY": ""}
    done = subprocess.run(command, env=environment, cwd=out, capture_output=True, text=True, timeout=120, check=False)
    lines = [json.loads(line) for line in (out / "run.jsonl").read_text("utf-8").splitlines()]
    return done.returncode, [line for line in lines if line["kind"] == "verdict"], done.stdout + done.stderr


@pytest.mark.parametrize("name", ["petstore.yaml", "shop.json", "vault.yaml"])
def test_a_server_that_keeps_its_document_passes(name: str, tmp_path: Path) -> None:
    """No failure and no error of ours; every operation of the document gets a good answer and a refusal."""
    with serve(name, spoilt=False) as server:
        header = ("--header", f"X-Api-Key: {KEY}") if name == "vault.yaml" else ()
        status, verdicts, said = run(name, server, tmp_path, *header)
        judged = {outcome: [v for v in verdicts if v["outcome"] == outcome] for outcome in ("pass", "fail", "error")}
        assert not judged["fail"], judged["fail"][:2]
        assert not judged["error"], judged["error"][:2]
        assert status == 0, said
        assert len(judged["pass"]) > len(verdicts) / 2
        statuses = {(method, code // 100) for method, _, code in server.seen}
    methods = {
        method.upper() for item in server.document["paths"].values() for method in item if method != "parameters"
    }
    assert {(method, 2) for method in methods} <= statuses
    assert {(method, 4) for method in methods} <= statuses


@pytest.mark.parametrize(
    ("name", "operation"), [("petstore.yaml", "createPet"), ("shop.json", "GET /orders"), ("vault.yaml", "readSecret")]
)
def test_a_server_that_breaks_its_document_fails(name: str, operation: str, tmp_path: Path) -> None:
    """The fault is told for the operation that has it."""
    with serve(name, spoilt=True) as server:
        header = ("--header", f"X-Api-Key: {KEY}") if name == "vault.yaml" else ()
        status, verdicts, _ = run(name, server, tmp_path, "--depth", "smoke", *header)
    failed = [verdict for verdict in verdicts if verdict["outcome"] == "fail"]
    assert status == 1
    assert operation in {verdict["operation"] for verdict in failed}
    assert {finding["rule"] for verdict in failed for finding in verdict["findings"]} == {"body/schema"}
