"""Stage: where a case is played. Every request to a target passes here: safety, budget, judgement, record, cleanup."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Mapping
from typing import Any, NoReturn, Protocol

from contract import checks
from contract.budget import Budget
from contract.case import Case, Depth, Ended, Expect, Kind, StreamReply
from contract.created import Ledger
from contract.draft import Draft
from contract.errors import ContractError
from contract.exchange import Exchange, FaultKind, Request, Response, TransportFault
from contract.operation import Operation, Safety
from contract.retry import pause
from contract.rules import RULES, Rule, register
from contract.spec import Spec
from contract.streaming import read_stream
from contract.target import Target
from contract.transport import Transport
from contract.verdict import Finding, Keyword, Outcome, Place

#: The target could not be asked: nothing is said of it.
UNASKED = frozenset({FaultKind.CONNECT, FaultKind.DNS, FaultKind.TLS, FaultKind.RESET})
_ATTEMPTS = 3

register(
    Rule(
        "transport/complete",
        Keyword.MUST,
        "An answer that has begun arrives whole: right length, valid HTTP framing, a readable Content-Encoding.",
        "RFC 9112 section 8",
        "Send as many bytes as Content-Length says, end chunked bodies with the zero chunk, and encode what you declare.",
        "transport",
    ),
    Rule(
        "transport/in-time",
        Keyword.MUST,
        "A request is answered, and an answer that has begun ends, within --timeout.",
        "RFC 9110 section 15.6.5",
        "Answer, or refuse with 503 or 504; never leave a client without an answer.",
        "transport",
    ),
    Rule(
        "transport/bounded",
        Keyword.MUST,
        "The body of an answer stays within the suite's limit of bytes.",
        "RFC 9110 section 17.5",
        "End the body; do not send compressed data that expands without end.",
        "transport",
    ),
)
_FAULT_RULES = {
    FaultKind.TIMEOUT: "transport/in-time",
    FaultKind.STALLED: "transport/in-time",
    FaultKind.TOO_LARGE: "transport/bounded",
}


class Provider(Protocol):
    """How resources are found and made; `strategies.resources` is one."""

    def find_or_make(self, stage: LiveStage, kind: str, *, fresh: bool, wants: Mapping[str, Any]) -> Mapping[str, Any]:
        """A resource of that kind, as the target described it."""
        ...


class World:
    """What outlives a case within one process: connection, shared resources, models, what was created."""

    def __init__(
        self,
        spec: Spec,
        target: Target,
        transport: Transport,
        provider: Provider,
        budget: Budget,
        ledger: Ledger,
        *,
        depth: Depth = Depth.STANDARD,
        seed: int = 0,
        models: tuple[str, ...] = (),
        model: str | None = None,
        name: str = "main",
    ) -> None:
        """`models`: what the target lists; `model`: what `--model` says; `name` keeps exchange ids apart."""
        self.spec = spec
        self.target = target
        self.transport = transport
        self.provider = provider
        self.budget = budget
        self.ledger = ledger
        self.depth = depth
        self.seed = seed
        self.models = models
        self.model = model
        self.shared: dict[Any, Mapping[str, Any]] = {}
        self._ids = itertools.count(1)
        self._name = name

    def next_id(self) -> str:
        """An exchange id, unique in the run."""
        return f"{self._name}-{next(self._ids)}"


class LiveStage:
    """The stage of one case on a live target; see `contract.case.Stage` for what each method promises."""

    def __init__(self, world: World, case: Case) -> None:
        """One stage a case: findings and exchanges are its own."""
        self.world = world
        self.spec = world.spec
        self.depth = world.depth
        self.case = case
        self.random = random.Random(f"{world.seed}/{case.id}")  # noqa: S311 - repeatable on purpose, no secret
        self.findings: list[Finding] = []
        self.exchanges: list[Exchange] = []
        self.requests = 0
        self.tokens = 0
        self.events = 0

    def operation(self, identifier: str) -> Operation:
        """See `Stage.operation`."""
        try:
            return self.spec.operations[identifier]
        except KeyError:
            self.unsupported(f"the spec has no operation {identifier}")

    def send(self, draft: Draft, expect: Expect = Expect(), *, judge: bool = True) -> Exchange:
        """See `Stage.send`."""
        exchange = self._asked(draft, expect)
        self.exchanges.append(exchange)
        if exchange.response is not None:
            self.world.ledger.saw(draft, exchange.response)
            self.tokens += _tokens(exchange.response)
        if not judge:
            return exchange
        if exchange.error is not None:
            self._fault(exchange, exchange.error)
        if exchange.response is not None and exchange.error is None:
            reason = checks.unsupported(draft.operation, exchange)
            if reason and expect.kind is not Kind.EDGE:
                self.unsupported(reason)
            self.findings += checks.judge(self.spec, draft.operation, exchange, expect)
        return exchange

    def stream(self, draft: Draft, expect: Expect = Expect()) -> StreamReply:
        """See `Stage.stream`."""
        request = self._prepared(draft)
        self._pay()
        reply = read_stream(self.world.transport, self.spec, draft, request, self.world.next_id())
        self.exchanges.append(reply.exchange)
        response, error = reply.exchange.response, reply.exchange.error
        if response is None and error is not None:
            self._unasked(error)
            self._fault(reply.exchange, error)
            return reply
        if response is not None:
            self.world.ledger.saw(draft, response)
            if response.status == 429 or response.status in {502, 503, 504}:
                self.inconclusive(f"the target answered {response.status}")
            reason = checks.unsupported(draft.operation, reply.exchange)
            if reason:
                self.unsupported(reason)
            if not 200 <= response.status < 300:
                self.findings += checks.judge(self.spec, draft.operation, reply.exchange, expect)
                return reply
        self.events += reply.events
        self.tokens += reply.tokens
        self.findings += reply.findings
        if error is not None:
            self._fault(reply.exchange, error)
        return reply

    def resource(self, kind: str, **wants: Any) -> Mapping[str, Any]:
        """See `Stage.resource`."""
        key = (kind, tuple(sorted((name, repr(value)) for name, value in wants.items())))
        if key not in self.world.shared:
            self.world.shared[key] = self.world.provider.find_or_make(self, kind, fresh=False, wants=wants)
        return self.world.shared[key]

    def fresh(self, kind: str, **wants: Any) -> Mapping[str, Any]:
        """See `Stage.fresh`."""
        return self.world.provider.find_or_make(self, kind, fresh=True, wants=wants)

    def model(self, capability: str) -> str:
        """See `Stage.model`."""
        from contract.models import choose

        chosen = choose(capability, self.world.models, self.world.model)
        if chosen is None:
            self.unsupported(f"the target lists no model for {capability} (name one with --model)")
        return chosen

    def wait(self, seconds: float) -> None:
        """See `Stage.wait`."""
        left = self.world.budget.left_s()
        if left is not None and left <= seconds:
            self.skip("budget: --max-time is over")
        time.sleep(seconds)

    def found(
        self,
        rule: str,
        *,
        expected: str = "",
        actual: str = "",
        where: str = "",
        exchange: Exchange | None = None,
        spec_pointer: str | None = None,
        summary: str | None = None,
    ) -> None:
        """See `Stage.found`. Raises ContractError for a rule that is not registered."""
        known = RULES.get(rule)
        if known is None:
            raise ContractError(f"rule {rule!r} is not registered")
        place = Place(spec_pointer, self.spec.line(spec_pointer)) if spec_pointer else None
        keyword = Keyword.SHOULD if known.contested else known.keyword
        self.findings.append(
            Finding(
                rule,
                keyword,
                summary or known.statement,
                expected,
                actual,
                where,
                place,
                exchange.id if exchange else None,
            )
        )

    def skip(self, reason: str) -> NoReturn:
        """See `Stage.skip`."""
        raise Ended(Outcome.SKIPPED, reason)

    def unsupported(self, reason: str) -> NoReturn:
        """See `Stage.unsupported`."""
        raise Ended(Outcome.UNSUPPORTED, reason)

    def inconclusive(self, reason: str) -> NoReturn:
        """See `Stage.inconclusive`."""
        raise Ended(Outcome.INCONCLUSIVE, reason)

    def _prepared(self, draft: Draft) -> Request:
        target = self.world.target
        safety = self.case.safety if self.case.safety is Safety.ADMIN else draft.operation.safety
        if not (target.may(safety) or self.world.ledger.owns(draft)):
            self.skip(f"safety: {draft.operation.id} is {safety} and the target is not loopback (--allow {safety})")
        own: tuple[tuple[str, str], ...] = ()
        if draft.authorization is True:
            value = target.authorization(draft.operation)
            own = (("Authorization", value),) if value else ()
        elif draft.authorization:
            own = (("Authorization", draft.authorization),)
        sent = target.headers if draft.authorization else tuple(h for h in target.headers if not _credential(h[0]))
        return draft.build(target.url, (*own, *sent), dict(target.query))

    def _pay(self) -> None:
        self.world.budget.take()
        self.requests += 1

    def _asked(self, draft: Draft, expect: Expect) -> Exchange:
        """One exchange; a lost connection, a 429 and a gateway's 5xx are tried again before anything is said."""
        request = self._prepared(draft)
        for attempt in range(_ATTEMPTS):
            self._pay()
            self.world.ledger.intends(draft)
            started = time.monotonic()
            response, error = self.world.transport.send(request)
            elapsed = time.monotonic() - started
            last = attempt == _ATTEMPTS - 1
            if error is not None and error.kind is FaultKind.RESET and attempt == 0:
                continue  # a pooled connection that the server had closed: once more on a fresh one
            wait = pause(response, attempt) if response is not None and not last else None
            if wait is not None and expect.kind is not Kind.EDGE:
                self.wait(wait)
                continue
            break
        exchange = Exchange(self.world.next_id(), draft.operation.id, request, response, error, elapsed)
        if error is not None and response is None:
            self.exchanges.append(exchange)
            self._unasked(error)
            self.exchanges.pop()
        if response is not None and pause(response, 0) is not None and expect.kind is not Kind.EDGE:
            self.exchanges.append(exchange)
            self.inconclusive(f"the target answered {response.status} {_ATTEMPTS} times")
        return exchange

    def _unasked(self, error: TransportFault) -> None:
        if error.kind in UNASKED:
            self.inconclusive(f"the target could not be asked: {error.kind} {error.detail}".strip())

    def _fault(self, exchange: Exchange, error: TransportFault) -> None:
        rule = _FAULT_RULES.get(error.kind, "transport/complete")
        self.found(rule, actual=f"{error.kind}: {error.detail}", where="transport", exchange=exchange)


def _credential(name: str) -> bool:
    return name.lower() in {"authorization", "api-key", "x-api-key", "cookie", "proxy-authorization"}


def _tokens(response: Response) -> int:
    if b'"usage"' not in response.body or "json" not in response.media_type:
        return 0
    try:
        usage = response.json().get("usage") or {}
        return int(usage.get("total_tokens") or 0)
    except (ValueError, AttributeError, TypeError, RecursionError):
        return 0
