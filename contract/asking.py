"""Asking a target: may we, can we pay, and once more where it was only busy. Every request of a run passes here."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from contract.cost import Spent
from contract.created import Removal, deletable
from contract.draft import Draft
from contract.exchange import Exchange, FaultKind, Request, Response, TransportFault
from contract.operation import Operation, Safety
from contract.retry import pause
from contract.streaming import LiveReply, read_stream
from contract.world import World

ATTEMPTS = 3
_CREDENTIALS = frozenset({"authorization", "api-key", "x-api-key", "cookie", "proxy-authorization"})


def may(world: World, draft: Draft) -> bool:
    """A distant target gets what only reads or generates, what makes something that can be removed again, and what
    concerns objects of this run alone; the organization never without `--allow admin`.
    """
    safety = draft.operation.safety
    if world.target.may(safety):
        return True
    if safety is Safety.WRITE:
        return world.ledger.owns(draft) or (world.ledger.makes_removable(draft.operation) and not draft.path)
    return safety is Safety.DESTROY and world.ledger.owns(draft)


def possible_at_a_distance(
    operation: Operation, safety: Safety, removals: Mapping[str, Removal], operations: Mapping[str, Operation]
) -> bool:
    """True where a case of that class can run on a distant target without `--allow`: on objects that it makes."""
    if safety is Safety.WRITE:
        return "{" in operation.path or deletable(operation, removals, operations)
    return safety is Safety.DESTROY


def request_of(world: World, draft: Draft) -> Request:
    """The draft as a request to the target, with its credentials unless the draft says otherwise."""
    target = world.target
    own: tuple[tuple[str, str], ...] = ()
    if draft.authorization is True:
        value = target.authorization(draft.operation)
        own = (("Authorization", value),) if value else ()
    elif draft.authorization:
        own = (("Authorization", draft.authorization),)
    keyless = draft.authorization is not True
    sent = tuple(h for h in target.headers if not (keyless and h[0].lower() in _CREDENTIALS))
    return draft.build(target.url, (*own, *sent), dict(target.query))


@dataclass(slots=True)
class Asker:
    """Asks for one case, and counts what that took. `wait` lets time pass (and may end the case)."""

    world: World
    wait: Callable[[float], None]
    requests: int = 0
    tokens: int = 0
    #: The 429s before the answer of the last request.
    put_off: list[Exchange] = field(default_factory=list)

    def ask(self, draft: Draft, *, patient: bool = True) -> Exchange:
        """One exchange. A connection that was lost is tried once more, a busy target (429, a gateway's 5xx) twice
        if `patient`. Raises Ended where the budget is spent.
        """
        request = request_of(self.world, draft)
        self.put_off = []
        for attempt in range(ATTEMPTS):
            estimate = self._pay(draft)
            started = time.monotonic()
            response, error = self.world.transport.send(request)
            elapsed = time.monotonic() - started
            answer = parsed(response)
            self._settle(draft, estimate, response, answer)
            if attempt == 0 and _unheard(error):
                continue
            wait = pause(response, attempt) if response is not None and patient else None
            if wait is None or attempt == ATTEMPTS - 1:
                break
            self._note(Exchange(self.world.next_id(), draft.operation.id, request, response, error, elapsed))
            self.wait(wait)
        if response is not None:
            self.world.answered = True
            self.world.ledger.saw(draft, response.status, answer)
        return Exchange(self.world.next_id(), draft.operation.id, request, response, error, elapsed)

    def stream(self, draft: Draft) -> LiveReply:
        """One event stream, read and judged as it arrives; a lost connection and a busy target are as in `ask`."""
        request = request_of(self.world, draft)
        self.put_off = []
        for attempt in range(ATTEMPTS):
            estimate = self._pay(draft)
            reply = read_stream(self.world.transport, self.world.spec, draft, request, self.world.next_id())
            response = reply.exchange.response
            self._settle(draft, estimate, response, reply.accumulated)
            if attempt == 0 and _unheard(reply.exchange.error):
                continue
            wait = pause(response, attempt) if response is not None else None
            if wait is None or attempt == ATTEMPTS - 1:
                break
            self._note(reply.exchange)
            self.wait(wait)
        if response is not None:
            self.world.answered = True
            self.world.ledger.saw(draft, response.status, reply.accumulated)
        return reply

    def _note(self, exchange: Exchange) -> None:
        if exchange.response is not None and exchange.response.status == 429:
            self.put_off.append(exchange)

    def _pay(self, draft: Draft) -> Spent:
        """Pay for one request at its safe estimate, and note what it may create before it is sent."""
        counted = self.world.budget.caps.counted
        estimate = self.world.prices.at_most(draft) if counted else Spent()
        self.world.budget.take(estimate)
        self.world.ledger.intends(draft)
        self.requests += 1
        return estimate

    def _settle(self, draft: Draft, estimate: Spent, response: Response | None, answer: Any) -> None:
        actual = self.world.prices.of_answer(draft, answer)
        if actual is None and response is not None and response.status >= 400:
            actual = Spent()  # a refused request costs nothing
        if actual is not None:
            self.tokens += actual.tokens
            self.world.budget.settle(estimate, actual)


def _unheard(error: TransportFault | None) -> bool:
    """True where no answer began: it may have been a pooled connection that the server had closed."""
    return error is not None and error.kind is FaultKind.RESET


def parsed(response: Response | None) -> Any:
    """The JSON of an answer, None where there is none."""
    if response is None or "json" not in response.media_type:
        return None
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None


def busy(response: Response | None) -> bool:
    """True where the target said "not now" and went on saying it."""
    return response is not None and pause(response, 0) is not None


def unasked(fault: TransportFault | None) -> bool:
    """True where the target could not be asked: nothing can be said of it."""
    return fault is not None and fault.kind in {FaultKind.CONNECT, FaultKind.DNS, FaultKind.TLS, FaultKind.RESET}
