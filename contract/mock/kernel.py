"""The kernel: what a handler gets (`Call`), what it gives (`Json`, `Binary`, `Events`) and how it is found (`route`).

Handlers are plain functions, run one at a time on the event loop: each is atomic. A rule refuses a request that its
schema admits and its prose does not; an observer sees every answer. `invoke` runs a request inside the server.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contract.mock.errors import ApiError
from contract.mock.store import Store
from contract.mock.streaming import Frame
from contract.operation import Operation
from contract.spec import Spec

#: What a stream is made of: frames, raw bytes as they are, or a float: seconds to wait.
Part = Frame | bytes | float


@dataclass(slots=True)
class Json:
    """An answer with a JSON body."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Binary:
    """An answer with bytes of another media type."""

    content: bytes
    media_type: str = "application/octet-stream"
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200


@dataclass(slots=True)
class Events:
    """An event stream; `frames` is walked while it is sent, other requests may be answered between two frames."""

    frames: Iterable[Part]
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Reply = Json | Binary | Events
Handler = Callable[["Call"], Reply]


@dataclass(frozen=True, slots=True)
class Settings:
    """How the server was asked to behave. `speed` is mock seconds a real second; keys None: any token opens."""

    mode: str = "stateful"
    speed: float = 1.0
    seed: int = 0
    key: str | None = None
    admin_key: str | None = None
    db: str | None = None
    faults: tuple[str, ...] = ()
    base_path: str = "/v1"


@dataclass(frozen=True)
class Hooks:
    """Where faults get in; empty tuples cost nothing.

    `refusal(call, error)`: what to do with a refusal, None lets the request through. `reply(call, reply)`: another
    reply. `frames(call, parts)`: another stream. `send(scope, send)`: another ASGI send. `around(handler, call)`:
    stands before the handler and may call it. `errors(call, error)`: a reply instead of the envelope, None for the
    envelope; `call` is None where the request had no route or no key.
    """

    refusal: tuple[Callable[[Call, ApiError], ApiError | None], ...] = ()
    reply: tuple[Callable[[Call, Reply], Reply], ...] = ()
    frames: tuple[Callable[[Call, Iterable[Part]], Iterator[Part]], ...] = ()
    send: tuple[Callable[[Mapping[str, Any], Any], Any], ...] = ()
    around: tuple[Callable[[Handler, Call], Reply], ...] = ()
    errors: tuple[Callable[[Call | None, ApiError], Reply | None], ...] = ()


@dataclass(slots=True)
class Call:
    """One request that passed validation, with what the server knows. `path`, `query` and `body` are already typed.

    `query` holds only what was sent (arrays as lists, deepObject as dict). `body` is parsed JSON; for multipart a
    dict whose file parts are `contract.draft.Upload`; `{}` where an optional body was left out; None without one.
    `headers` have lower-case names. `key` is the bearer token. `time` is now in seconds with a fraction.
    """

    operation: Operation
    path: dict[str, Any]
    query: dict[str, Any]
    body: Any
    headers: Mapping[str, str]
    key: str
    store: Store
    settings: Settings
    spec: Spec
    time: float
    invoker: Callable[[Call, str, Mapping[str, Any], Mapping[str, Any], Any], Reply]

    @property
    def now(self) -> int:
        """Whole seconds since the epoch, for `created_at` and its like."""
        return int(self.time)

    def elapsed(self, since: float) -> float:
        """Mock seconds since a `time` kept earlier: real seconds times `--speed`."""
        return max(0.0, (self.time - since) * self.settings.speed)

    def random(self, *parts: object) -> random.Random:
        """A generator that depends on `--seed` and `parts` only."""
        return random.Random(repr((self.settings.seed, *parts)))  # noqa: S311 - repeatable, not secret

    def invoke(
        self,
        operation_id: str,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
    ) -> Reply:
        """Validate and run another operation inside the server, as the same client. Raises ApiError."""
        return self.invoker(self, operation_id, path or {}, query or {}, body)


@dataclass
class Registry:
    """Handlers by mode and operation id, rules by operation id, observers."""

    handlers: dict[tuple[str, str], Handler] = field(default_factory=dict)
    fallbacks: dict[str, Handler] = field(default_factory=dict)
    rules: dict[str, list[Callable[[Call], None]]] = field(default_factory=dict)
    observers: list[Callable[[Call, Reply], None]] = field(default_factory=list)

    def handler(self, mode: str, operation_id: str) -> Handler | None:
        """The handler of an operation in a mode: its own, the mode's fallback, or None."""
        return self.handlers.get((mode, operation_id)) or self.fallbacks.get(mode)

    def checks(self, mode: str, operation_id: str) -> Sequence[Callable[[Call], None]]:
        """The rules of an operation. Examples mode has none: it is for placeholders, which only the schema binds."""
        return self.rules.get(operation_id, ()) if mode == "stateful" else ()


#: Filled by the modules in `contract/mock/handlers/` when they are imported.
REGISTRY = Registry()


def route(*operation_ids: str, mode: str = "stateful") -> Callable[[Handler], Handler]:
    """Register a handler for operations."""

    def register(handler: Handler) -> Handler:
        for each in operation_ids:
            if (mode, each) in REGISTRY.handlers:
                raise ValueError(f"two handlers for {each} in mode {mode}")
            REGISTRY.handlers[mode, each] = handler
        return handler

    return register


def fallback(mode: str) -> Callable[[Handler], Handler]:
    """Register what answers every operation of a mode that has no handler of its own there."""

    def register(handler: Handler) -> Handler:
        REGISTRY.fallbacks[mode] = handler
        return handler

    return register


def rule(*operation_ids: str) -> Callable[[Callable[[Call], None]], Callable[[Call], None]]:
    """Register a check that runs after the schema's and before the handler; it raises ApiError to refuse."""

    def register(check: Callable[[Call], None]) -> Callable[[Call], None]:
        for each in operation_ids:
            REGISTRY.rules.setdefault(each, []).append(check)
        return check

    return register


def observe(watch: Callable[[Call, Reply], None]) -> Callable[[Call, Reply], None]:
    """Register a function that is called after every handler that answered (audit logs)."""
    REGISTRY.observers.append(watch)
    return watch
