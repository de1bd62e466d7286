"""Stage: where a case is played on a live target; see `contract.case.Stage` for what each method promises."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NoReturn

from contract import asking, checks
from contract.case import Case, Ended, Expect, Kind, StreamReply
from contract.draft import Draft
from contract.errors import ContractError
from contract.exchange import Exchange, FaultKind, Response, TransportFault
from contract.models import choose, named
from contract.operation import Operation
from contract.rules import RULES, Rule, register
from contract.verdict import Finding, Keyword, Outcome, Place
from contract.world import World

register(
    Rule(
        "transport/complete",
        Keyword.MUST,
        "An answer that has begun arrives whole: right length, valid HTTP framing, a readable Content-Encoding.",
        "RFC 9112 section 8",
        "Send as many bytes as Content-Length says, end chunked bodies with the zero chunk, encode what you declare.",
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
        "The body of an answer stays within the suite's limit of bytes and events.",
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
#: Rules of cases that ask one member whether it comes back.
_ASKED = ("parameter/", "lifecycle/sent-comes-back")


class LiveStage:
    """The stage of one case: findings and exchanges are its own."""

    def __init__(self, world: World, case: Case) -> None:
        """Nothing is sent yet."""
        self.world = world
        self.spec = world.spec
        self.depth = world.depth
        self.case = case
        self.random = random.Random(f"{world.seed}/{case.id}")  # noqa: S311 - repeatable on purpose, no secret
        self.findings: list[Finding] = []
        self.exchanges: list[Exchange] = []
        self.events = 0
        self.asker = asking.Asker(world, self.wait)

    def start_over(self) -> None:
        """See `Stage.start_over`."""
        self.findings.clear()
        self.exchanges.clear()

    def operation(self, identifier: str) -> Operation:
        """See `Stage.operation`."""
        try:
            return self.spec.operations[identifier]
        except KeyError:
            self.unsupported(f"the spec has no operation {identifier}")

    def send(self, draft: Draft, expect: Expect = Expect(), *, judge: bool = True) -> Exchange:
        """See `Stage.send`."""
        self._check_safety(draft)
        edge = expect.kind is Kind.EDGE
        exchange = self.asker.ask(draft, patient=not edge)
        self.exchanges.append(exchange)
        self._check_asked(exchange.response, exchange.error, edge=edge)
        self._check_put_off()
        if not judge:
            return exchange
        if exchange.error is not None:
            self._fault(exchange, exchange.error)
        elif exchange.response is not None:
            self._check_offered(draft.operation, exchange, expect)
            self.findings += checks.judge(self.spec, draft.operation, exchange, expect, live=True)
            if exchange.response.succeeded and expect.kind in {Kind.MINIMAL, Kind.VALID}:
                self.world.tracker.answer(draft.operation, asking.parsed(exchange.response))
        return exchange

    def stream(self, draft: Draft, expect: Expect = Expect()) -> StreamReply:
        """See `Stage.stream`."""
        self._check_safety(draft)
        reply = self.asker.stream(draft)
        response, error = reply.exchange.response, reply.exchange.error
        self.exchanges.append(reply.exchange)
        self._check_asked(response, error)
        self._check_put_off()
        self.events += reply.events
        self.world.tracker.events(set(reply.kinds))
        if response is not None and not response.succeeded:
            self._check_offered(draft.operation, reply.exchange, expect)
            self.findings += checks.judge(self.spec, draft.operation, reply.exchange, expect)
        else:
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
        chosen = choose(capability, self.world.models, self.world.model)
        if chosen is None:
            self.unsupported(f"the target lists no model for {capability} (name one with --model {capability}=NAME)")
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
        keyword: Keyword | None = None,
    ) -> None:
        """See `Stage.found`. Raises ContractError for a rule that is not registered."""
        known = RULES.get(rule)
        if known is None:
            raise ContractError(f"rule {rule!r} is not registered")
        place = Place(spec_pointer, self.spec.line(spec_pointer)) if spec_pointer else None
        strength = Keyword.SHOULD if known.contested else keyword or known.keyword
        finding = Finding(rule, strength, summary or known.statement, expected, actual, where, place)
        if rule.startswith(_ASKED):
            # What the case asks of one member, the rule that every answer is held to says of it too: one defect, once.
            # A parameter that is ignored shows in its effect, elsewhere than where it does not come back.
            here = {where, f"/{rule.rpartition('/')[2].partition('-')[0]}"}
            self.findings[:] = [each for each in self.findings if each.rule != "body/echo" or each.where not in here]
        self.findings.append(replace(finding, exchange=exchange.id) if exchange else finding)

    def skip(self, reason: str) -> NoReturn:
        """See `Stage.skip`."""
        raise Ended(Outcome.SKIPPED, reason)

    def unsupported(self, reason: str) -> NoReturn:
        """See `Stage.unsupported`."""
        raise Ended(Outcome.UNSUPPORTED, reason)

    def inconclusive(self, reason: str) -> NoReturn:
        """See `Stage.inconclusive`."""
        raise Ended(Outcome.INCONCLUSIVE, reason)

    def _check_safety(self, draft: Draft) -> None:
        if not asking.may(self.world, draft):
            safety = draft.operation.safety
            self.skip(f"safety: {draft.operation.id} is {safety} and the target is not loopback (--allow {safety})")

    def _check_asked(self, response: Response | None, fault: TransportFault | None, *, edge: bool = False) -> None:
        # A target that answers others and closes the connection on this request, twice, has been asked.
        closed = fault is not None and fault.kind is FaultKind.RESET and bool(self.world.answered or self.world.models)
        if response is None and fault is not None and asking.unasked(fault) and not closed:
            self.inconclusive(f"the target could not be asked: {fault.kind} {fault.detail}".strip())
        if response is not None and asking.busy(response) and not edge:
            self.inconclusive(f"the target answered {response.status} {asking.ATTEMPTS} times")

    def _check_put_off(self) -> None:
        """Judge the 429s before an answer; where no answer came the case is inconclusive and tells nothing."""
        for exchange in self.asker.put_off:
            if found := list(checks.limited(self.spec, exchange)):
                self.exchanges.append(exchange)
                self.findings += found

    def _check_offered(self, operation: Operation, exchange: Exchange, expect: Expect) -> None:
        """End the case where the target has no such route or model, or does not let us in."""
        models = {*self.world.models, *named(self.world.model)}
        missing = None if expect.kind is Kind.EDGE else checks.unsupported(operation, exchange)
        if reason := missing or checks.without_model(self.spec, operation, exchange, expect, models):
            self.unsupported(reason)
        if denied := checks.denied(exchange, expect):
            self.inconclusive(denied)
        if reason := checks.made_up(
            self.spec, exchange, expect, [each.name for each in operation.parameters_in("path")]
        ):
            self.skip(reason)

    def _fault(self, exchange: Exchange, fault: TransportFault) -> None:
        rule = _FAULT_RULES.get(fault.kind, "transport/complete")
        self.found(rule, actual=f"{fault.kind}: {fault.detail}", where="transport", exchange=exchange)
