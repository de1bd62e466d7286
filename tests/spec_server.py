"""A small server for any document of `tests/specs`: refuses by the document, with a validator of its own kind.

It shares no code with the suite: `jsonschema` validates, `http.server` serves, and each API is a handful of functions.
"""

from __future__ import annotations

import copy
import json
import re
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

import yaml
from jsonschema import Draft202012Validator

#: (status, body) from path parameters, query and body; raises Refusal.
Handler = Callable[[Mapping[str, Any], Mapping[str, Any], Any], tuple[int, Any]]


class Refusal(Exception):
    """An answer that is none of the good ones."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def inlined(document: Mapping[str, Any], node: Any) -> Any:
    """A node with every local reference replaced, `nullable` and OpenAPI 3.0's bounds told in JSON Schema."""
    if isinstance(node, list):
        return [inlined(document, each) for each in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target: Any = document
        for part in node["$ref"][2:].split("/"):
            target = target[part]
        return inlined(document, target)
    made = {key: inlined(document, value) for key, value in node.items()}
    if made.pop("nullable", False) is True:
        made["type"] = [made["type"], "null"]
    if made.get("exclusiveMinimum") is True:
        made["exclusiveMinimum"] = made.pop("minimum")
    return made


def cast(schema: Mapping[str, Any], text: str) -> Any:
    """A value that travelled as text."""
    if schema.get("type") == "integer":
        return int(text) if re.fullmatch(r"-?[0-9]+", text) else text
    return text


class SpecServer:
    """`with SpecServer(path, handlers) as server: server.url`. `key`: what X-Api-Key must be."""

    def __init__(
        self,
        path: Path,
        handlers: Mapping[tuple[str, str], Handler],
        error: Callable[[int, str], tuple[str, Any]],
        key: str | None = None,
    ) -> None:
        self.document = yaml.safe_load(path.read_text("utf-8"))
        self.handlers, self.error, self.key = handlers, error, key
        self.seen: list[tuple[str, str, int]] = []
        server = self

        class Requests(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                kind, more = "application/json", {}
                try:
                    status, body = server.answer(self.command, self.path, self.headers, content)
                except Refusal as refusal:
                    status = refusal.status
                    kind, body = server.error(status, str(refusal))
                    more = {"Allow": ", ".join(server.methods(self.path))} if status == 405 else {}
                server.seen.append((self.command, self.path, status))
                data = b"" if body is None else json.dumps(body).encode()
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                if data:
                    self.send_header("Content-Type", kind)
                if status != 204:
                    self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = do_TRACE = _answer  # noqa: N815 - its names

            def log_message(self, *arguments: object) -> None:
                """Say nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Requests)
        self.url = f"http://127.0.0.1:{self._http.server_port}/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.shutdown()
        self._http.server_close()

    def _route(self, target: str) -> tuple[str, dict[str, str]]:
        parts = urlsplit(target).path.removeprefix("/v1").split("/")
        for template in self.document["paths"]:
            names = template.split("/")
            if len(names) == len(parts) and all(n.startswith("{") or n == p for n, p in zip(names, parts, strict=True)):
                found = {n[1:-1]: unquote(p) for n, p in zip(names, parts, strict=True) if n.startswith("{")}
                return template, found
        raise Refusal(404, "no such route")

    def methods(self, target: str) -> list[str]:
        """What a route takes."""
        return [name.upper() for name in self.document["paths"][self._route(target)[0]] if name != "parameters"]

    def answer(self, method: str, target: str, headers: Mapping[str, str], content: bytes) -> tuple[int, Any]:
        """Judge a request by the document and hand it on."""
        template, path = self._route(target)
        if method not in self.methods(target):
            raise Refusal(405, "method not allowed")
        if self.key is not None and headers.get("X-Api-Key") != self.key:
            raise Refusal(401, "wrong key")
        item = self.document["paths"][template]
        operation = inlined(self.document, {**item[method.lower()]})
        declared = inlined(self.document, item.get("parameters", [])) + operation.get("parameters", [])
        query = dict(parse_qsl(urlsplit(target).query, keep_blank_values=True))
        values: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}}
        for each in declared:
            given = {"path": path, "query": query, "header": headers}[each["in"]].get(each["name"])
            if given is None:
                if each.get("required"):
                    raise Refusal(400, f"{each['name']} is missing")
                continue
            values[each["in"]][each["name"]] = self._valid(each["schema"], cast(each["schema"], given), each["name"])
        body = self._body(operation.get("requestBody"), headers, content)
        return self.handlers[method, template](values["path"], values["query"], body)

    def _body(self, declared: Any, headers: Mapping[str, str], content: bytes) -> Any:
        if declared is None:
            return None
        [(name, media)] = declared["content"].items()
        if not content:
            raise Refusal(400, "no body")
        if headers.get("Content-Type", "").partition(";")[0].strip().lower() != name:
            raise Refusal(415, f"send {name}")
        try:
            if name.endswith("json"):
                value = json.loads(content)
            else:
                schema = media["schema"]["properties"]
                value = {k: cast(schema.get(k, {}), v) for k, v in parse_qsl(content.decode(), keep_blank_values=True)}
        except (ValueError, RecursionError):
            raise Refusal(400, "cannot be read") from None
        return self._valid(media["schema"], value, "body")

    @staticmethod
    def _valid(schema: Mapping[str, Any], value: Any, name: str) -> Any:
        try:
            error = next(Draft202012Validator(schema).iter_errors(value), None)
        except RecursionError:
            raise Refusal(400, f"{name} is nested too deeply") from None
        if error is not None:
            raise Refusal(400, f"{name}: {error.message[:80]}")
        return copy.deepcopy(value)
