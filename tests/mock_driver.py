"""Drives the embedded server in-process, without a socket: requests by operation id, answers held to their schema.

Time stands still until a test moves it, so that lifecycles are tested without waiting.
"""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import Mapping
from typing import Any

import httpx

from contract import spec as specs
from contract.draft import Draft
from contract.mock import handlers
from contract.mock.app import Mock
from contract.mock.kernel import Hooks, Settings
from contract.spec import Spec
from contract.streams import judge_stream

BASE = "http://mock/v1"
_ERROR = "/components/schemas/ErrorResponse"


@functools.cache
def the_spec() -> Spec:
    """The bundled spec, loaded once a test process."""
    return specs.load()


class FrozenClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.moment = 1_750_000_000.0

    def time(self) -> float:
        """The moment that the test set."""
        return self.moment


class Driver:
    """One server with its clock. `ok` and `refused` say what is expected of the answer."""

    def __init__(self, **settings: Any) -> None:
        """`settings` are those of `contract.mock.kernel.Settings`."""
        handlers.load()
        self.mock = Mock(the_spec(), Settings(**settings), Hooks())
        self.clock = self.mock.clock = FrozenClock()  # type: ignore[assignment] - a clock by shape

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.moment += seconds

    def send(
        self, operation_id: str, path: Mapping[str, Any] | None = None, body: Any = None, **query: Any
    ) -> httpx.Response:
        """Send a request; query parameters by name, `include` for `include[]`."""
        if "include" in query:
            query["include[]"] = query.pop("include")
        draft = Draft(the_spec().operations[operation_id], path or {}, query, body=body)
        request = draft.build(BASE, (("Authorization", "Bearer test key"),))
        return asyncio.run(self._send(request.method, request.url, dict(request.headers), request.body))

    async def _send(self, method: str, url: str, headers: dict[str, str], content: bytes | None) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.mock)) as client:
            return await client.request(method, url, headers=headers, content=content)

    def ok(self, operation_id: str, path: Mapping[str, Any] | None = None, body: Any = None, **query: Any) -> Any:
        """The JSON of a 200 answer that is valid under the strict and the corrected reading."""
        response = self.send(operation_id, path, body, **query)
        assert response.status_code == 200, response.text
        answer = response.json()
        declared = the_spec().operations[operation_id].answer(200)
        assert declared is not None
        at = declared.content["application/json"].schema_pointer
        assert at is not None
        for schemas in (the_spec().strict_schemas, the_spec().schemas):
            assert schemas.is_valid(at, answer), [each.message for each in schemas.broken(at, answer)]
        return answer

    def refused(
        self, status: int, operation_id: str, path: Mapping[str, Any] | None = None, body: Any = None, **query: Any
    ) -> dict[str, Any]:
        """The error of an answer with that status, in the four-member envelope."""
        response = self.send(operation_id, path, body, **query)
        assert response.status_code == status, response.text
        assert the_spec().schemas.is_valid(_ERROR, response.json()), response.text
        error: dict[str, Any] = response.json()["error"]
        assert error["type"] == "invalid_request_error"
        return error

    def stream(
        self, operation_id: str, path: Mapping[str, Any] | None = None, body: Any = None, **query: Any
    ) -> list[tuple[str, Any]]:
        """The events of a stream in which the stream grammar finds nothing wrong: (name, data)."""
        response = self.send(operation_id, path, {**body, "stream": True}, **query)
        assert response.status_code == 200, response.text
        kind = response.headers["content-type"]
        found = judge_stream(operation_id, {**body, "stream": True}, 200, kind, response.content, spec=the_spec())
        assert [(each.rule, each.actual) for each in found] == []
        return parsed(response.content)


def parsed(content: bytes) -> list[tuple[str, Any]]:
    """Events of a stream's bytes: name, and data as JSON where it is JSON."""
    events = []
    for block in content.decode().split("\n\n"):
        fields = dict(line.partition(": ")[::2] for line in block.splitlines())
        if "data" in fields:
            data = fields["data"]
            events.append((fields.get("event", ""), data if data == "[DONE]" else json.loads(data)))
    return events
