"""A stage without a target: what is asked for is made up, what is sent is kept."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any, NoReturn

from contract.case import Depth, Ended, Expect, StreamReply
from contract.draft import Draft
from contract.exchange import Exchange, Response
from contract.operation import Operation
from contract.spec import Spec
from contract.verdict import Outcome
from strategies.kinds import KINDS

MODELS = {"image": "dall-e-2", "image-edit": "dall-e-2", "image-3": "dall-e-3", "translation": "whisper-1"}


class PaperStage:
    """Implements `contract.case.Stage`; `answers` maps an operation id to (status, JSON) of its answers in turn."""

    def __init__(self, spec: Spec, answers: Mapping[str, list[tuple[int, Any]]] | None = None) -> None:
        """Without an answer an operation answers 200 with `{}`."""
        self.spec = spec
        self.depth = Depth.STANDARD
        self.random = random.Random(1)
        self.sent: list[tuple[Draft, Expect]] = []
        self.waited = 0.0
        self._answers = {name: list(each) for name, each in (answers or {}).items()}

    def operation(self, identifier: str) -> Operation:
        """See Stage."""
        return self.spec.operations[identifier]

    def send(self, draft: Draft, expect: Expect = Expect(), *, judge: bool = True) -> Exchange:
        """Keep the draft; every draft must be one that can be put on the wire."""
        del judge
        self.sent.append((draft, expect))
        request = draft.build("http://target/v1", (("Authorization", "Bearer key"),) if draft.authorization else ())
        waiting = self._answers.get(draft.operation.id, [(200, {})])
        status, body = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        import json

        return Exchange("1", draft.operation.id, request, Response(status, (), json.dumps(body).encode()))

    def stream(self, draft: Draft, expect: Expect = Expect()) -> StreamReply:
        """See Stage."""
        return StreamReply(self.send(draft, expect), ())

    def resource(self, kind: str, **wants: Any) -> Mapping[str, Any]:
        """An object of that kind with an id and a path of its own."""
        if kind == "foreign":
            return {"value": f"{wants['name']}_1"}
        if kind == "key":
            return {"id": "listModels", "sent": True, "wanted": True, "picky": True, "_path": {}}
        names = [part[1:-1] for part in KINDS[kind].path.split("/") if part.startswith("{")]
        names += ["fine_tuned_model_checkpoint", "permission_id"] if kind in {"checkpoint", "ckpt_permission"} else []
        extra = {"tool_call_id": "call_1", "part_id": "part_1", "md5": "0" * 32, "role": "reader"}
        outputs = [{"tool_call_id": "call_1", "output": "22 degrees"}]
        return {"id": f"{kind}_1", **extra, "tool_outputs": outputs, "_path": {name: f"{name}_1" for name in names}}

    fresh = resource

    def model(self, capability: str) -> str:
        """A name of the original where a rule looks at it."""
        return MODELS.get(capability, f"model-for-{capability}")

    def wait(self, seconds: float) -> None:
        """No time passes."""
        self.waited += seconds

    def found(self, rule: str, **_: Any) -> None:
        """Nothing is judged here."""
        raise AssertionError(rule)

    def skip(self, reason: str) -> NoReturn:
        """See Stage."""
        raise Ended(Outcome.SKIPPED, reason)

    def unsupported(self, reason: str) -> NoReturn:
        """See Stage."""
        raise Ended(Outcome.UNSUPPORTED, reason)

    def inconclusive(self, reason: str) -> NoReturn:
        """See Stage."""
        raise Ended(Outcome.INCONCLUSIVE, reason)
