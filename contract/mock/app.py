"""The ASGI application: route, authenticate, read, refuse or handle, answer."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from contract import pointer
from contract import spec as specs
from contract.mock import auth, handlers, pictures
from contract.mock.body import too_large
from contract.mock.clock import Clock
from contract.mock.errors import ApiError
from contract.mock.kernel import REGISTRY, Call, Events, Hooks, Json, Part, Reply, Settings
from contract.mock.params import ParameterJudge
from contract.mock.requests import Reader
from contract.mock.routing import Router
from contract.mock.store import Store
from contract.mock.streaming import Frame, dumps
from contract.operation import Operation
from contract.spec import Spec

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

BASE_PATH = "/v1"
#: The largest body that is read: a file may have 512 MB (openapi.yaml:3512).
MAX_BODY = 513 * 1024 * 1024
#: The largest JSON body; batches of inputs stay far below.
MAX_JSON = 64 * 1024 * 1024
#: Frames that a stream sends before others get their turn.
_TURN = 32


def create(  # noqa: PLR0913 - the options of `contract mock`
    spec: Spec | None = None,
    *,
    mode: str = "stateful",
    faults: Sequence[str] = (),
    key: str | None = None,
    admin_key: str | None = None,
    db: str | None = None,
    speed: float = 1.0,
    seed: int = 0,
    base_path: str = BASE_PATH,
) -> Application:
    """The server as an ASGI application, mounted at `base_path` (empty: at the root)."""
    handlers.load()
    settings = Settings(mode, speed, seed, key, admin_key, db, tuple(faults), mounted(base_path))
    return Mock(spec or specs.load(), settings, _hooks(settings.faults))


def mounted(base_path: str) -> str:
    """A base path as it stands before a path of the spec: empty, or with a leading and no trailing slash."""
    trimmed = base_path.strip("/")
    return f"/{trimmed}" if trimmed else ""


def _hooks(faults: tuple[str, ...]) -> Hooks:
    if not faults:
        return Hooks()
    import importlib

    hooks: Hooks = importlib.import_module("contract.mock.faults").hooks(faults)
    return hooks


class Mock:
    """One server: its spec, its store, its clock."""

    def __init__(self, spec: Spec, settings: Settings, hooks: Hooks) -> None:
        """`hooks` are where faults get in."""
        self.spec = spec
        self.settings = settings
        self.hooks = hooks
        self.store = Store(Path(settings.db) if settings.db else None, settings.seed)
        self.clock = Clock()
        # Clients' own unit tests may name a server without a base path: examples mode answers there too.
        bases = (settings.base_path, "") if settings.mode == "examples" else (settings.base_path,)
        self._router = Router(spec.operations.values(), *bases)
        for operation in spec.operations.values():
            # A path that an example calls and no template has (overlay `path/delete-checkpoint-permission`).
            for path in pointer.resolve(spec.corrected, operation.pointer).get("x-also-paths", ()):
                for base in bases:
                    self._router.add(operation, base + path)
        self._parameters = ParameterJudge(spec)
        self._readers: dict[str, Reader] = {}

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """ASGI 3: http and lifespan."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            for wrap in self.hooks.send:
                send = wrap(scope, send)
            picture = pictures.find(scope["method"], scope["path"])
            if picture is not None:
                await self._send(None, picture, {}, scope["method"], receive, send)
            else:
                await self._serve(scope, receive, send)

    async def _serve(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        call: Call | None = None
        started = time.perf_counter()
        try:
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            raw_path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0]
            operation, path = self._router.find(scope["method"], raw_path)
            token = auth.token(headers, operation, self.settings)
            content = await _read(operation, headers, receive)
            call, refusal = self._call(operation, path, scope["query_string"], headers, token, content)
            reply = self._handle(call, refusal)
        except ApiError as error:
            reply = self._refused(call, error)
        except Exception:
            # Whatever breaks here, a client gets the envelope and never a trace.
            reply = _broken(call)
        finally:
            self.store.commit()
        took = {"openai-processing-ms": str(round((time.perf_counter() - started) * 1000))}
        await self._send(call, reply, took, scope["method"], receive, send)

    def _refused(self, call: Call | None, error: ApiError) -> Reply:
        for hook in self.hooks.errors:
            reply = hook(call, error)
            if reply is not None:
                return reply
        return Json(error.body, error.status, dict(error.headers))

    def _reader(self, operation: Operation) -> Reader:
        reader = self._readers.get(operation.id)
        if reader is None:
            reader = self._readers[operation.id] = Reader(self.spec, operation, self._parameters)
        return reader

    def _call(
        self,
        operation: Operation,
        path: dict[str, Any],
        query: bytes,
        headers: Mapping[str, str],
        token: str,
        content: bytes,
    ) -> tuple[Call, ApiError | None]:
        """The call, and why it is refused. A refusal stands beside it: a fault may let the request through."""
        reader = self._reader(operation)
        call = Call(
            operation=operation,
            path=path,
            query={},
            body=None,
            headers=headers,
            key=token,
            store=self.store,
            settings=self.settings,
            spec=self.spec,
            time=self.clock.time(),
            invoker=self._invoke,
        )
        try:
            call.query = reader.query(query)
            call.body = reader.body(headers, content)
        except ApiError as error:
            return call, error
        return call, None

    def _handle(self, call: Call, refusal: ApiError | None = None) -> Reply:
        try:
            if refusal is not None:
                raise refusal
            for check in REGISTRY.checks(self.settings.mode, call.operation.id):
                check(call)
        except ApiError as error:
            kept: ApiError | None = error
            for hook in self.hooks.refusal:
                kept = hook(call, kept) if kept else None
            if kept is not None:
                raise kept from None
        handler = REGISTRY.handler(self.settings.mode, call.operation.id)
        if handler is None:
            raise ApiError(501, f"{call.operation.id} is not implemented.", "server_error")
        for around in self.hooks.around:
            handler = partial(around, handler)
        reply = handler(call)
        for watch in REGISTRY.observers:
            watch(call, reply)
        for change in self.hooks.reply:
            reply = change(call, reply)
        return reply

    def _invoke(
        self, outer: Call, operation_id: str, path: Mapping[str, Any], query: Mapping[str, Any], body: Any
    ) -> Reply:
        operation = self.spec.operations[operation_id]
        if operation.body and body is not None:
            self._reader(operation).check_body(operation.body.media_type.name, body)
        inner = Call(
            operation=operation,
            path=dict(path),
            query=dict(query),
            body=body,
            headers=outer.headers,
            key=outer.key,
            store=self.store,
            settings=self.settings,
            spec=self.spec,
            time=outer.time,
            invoker=self._invoke,
        )
        return self._handle(inner)

    async def _send(
        self, call: Call | None, reply: Reply, took: dict[str, str], method: str, receive: Receive, send: Send
    ) -> None:
        head = {"x-request-id": f"req_{uuid.uuid4().hex}", "openai-version": "2020-10-01", **took, **reply.headers}
        if isinstance(reply, Events):
            await self._stream(call, reply, head, receive, send)
            return
        if isinstance(reply, Json):
            content, media_type = dumps(reply.body).encode(errors="replace"), "application/json"
        else:
            content, media_type = reply.content, reply.media_type
        head = {"content-type": media_type, "content-length": str(len(content)), **head}
        await send({"type": "http.response.start", "status": reply.status, "headers": _encoded(head)})
        await send({"type": "http.response.body", "body": b"" if method == "HEAD" else content})

    async def _stream(
        self, call: Call | None, reply: Events, head: dict[str, str], receive: Receive, send: Send
    ) -> None:
        head = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache", **head}
        await send({"type": "http.response.start", "status": reply.status, "headers": _encoded(head)})
        parts: Iterable[Part] = reply.frames
        for wrap in self.hooks.frames:
            if call is not None:
                parts = wrap(call, parts)
        gone = asyncio.ensure_future(_until_gone(receive))
        try:
            for number, part in enumerate(parts):
                if isinstance(part, float) or number % _TURN == 0:
                    # Others get their turn; a client that hung up is noticed, also by a stream that never ends.
                    await asyncio.wait((gone,), timeout=part if isinstance(part, float) else 0)
                if gone.done():
                    return
                if not isinstance(part, float):
                    content = part.encode() if isinstance(part, Frame) else part
                    await send({"type": "http.response.body", "body": content, "more_body": True})
        finally:
            gone.cancel()
            self.store.commit()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            else:
                self.store.close()
                await send({"type": "lifespan.shutdown.complete"})
                return


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


async def _read(operation: Operation, headers: Mapping[str, str], receive: Receive) -> bytes:
    """The whole body. Raises ApiError (413) once it is over the limit."""
    form = operation.body is not None and "multipart/form-data" in operation.body.content
    limit = MAX_BODY if form else MAX_JSON
    announced = headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise too_large(limit)
    chunks: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > limit:
            raise too_large(limit)
        more = message.get("more_body", False)
    return b"".join(chunks) if len(chunks) > 1 else chunks[0] if chunks else b""


def _broken(call: Call | None) -> Json:
    """Our own fault: told to the operator on standard error, to the client as the envelope."""
    import sys
    import traceback

    where = call.operation.id if call else "a request"
    print(f"contract mock: {where} broke the server; this is a bug", file=sys.stderr)  # noqa: T201 - no logger runs here
    traceback.print_exc()
    return Json(ApiError(500, "The server had an error while processing your request.", "server_error").body, 500)
