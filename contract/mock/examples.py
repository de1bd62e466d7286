"""Examples mode: one valid answer per operation, whatever is asked.

An answer is the spec's own example where it has one, mended where it breaks its schema: 116 of the published ones do in
some member (a null where none is admitted, a required member that is absent) or are no JSON (trailing commas, `...`).
What can be kept is kept, the rest is made from the schema. An event stream is one that the stateful server gives, taken
down once. Deterministic: the same spec gives the same examples.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import yaml

from contract import pointer
from contract.errors import SpecError
from contract.mock.kernel import Call, Part
from contract.mock.maker import LOST, Maker, flow
from contract.mock.taken import take_down
from contract.operation import Operation

if TYPE_CHECKING:
    from contract.spec import Spec


class Examples:
    """The examples of a spec, each made when it is first asked for."""

    def __init__(self, spec: Spec) -> None:
        """`spec` is where bodies come from."""
        self._spec = spec
        self._bodies: dict[str, Any] = {}
        self._streams: dict[str, list[Part]] = {}

    def body(self, operation: Operation) -> Any:
        """The JSON body of the 200 answer, valid under both readings; None where the operation declares none.

        Raises SpecError where no valid body can be made.
        """
        if operation.id not in self._bodies:
            self._bodies[operation.id] = _body(self._spec, operation)
        return self._bodies[operation.id]

    def stream(self, call: Call) -> list[Part]:
        """The frames of a whole event stream of the call's operation."""
        if call.operation.id not in self._streams:
            self._streams[call.operation.id] = take_down(call)
        return self._streams[call.operation.id]


def _body(spec: Spec, operation: Operation) -> Any:
    answer = operation.answer(200)
    media = answer.content.get("application/json") if answer else None
    if media is None or media.schema_pointer is None:
        return None
    document = _home(spec, media.schema_pointer)
    maker, schema = Maker(document), pointer.resolve(document, media.schema_pointer)
    for value in (*(maker.mend(schema, each) for each in _published(spec, operation)), maker.make(schema)):
        settled = _settled(value)
        if settled is not LOST and _valid(spec, media.schema_pointer, settled):
            return settled
    raise SpecError(f"{operation.id}: no valid example can be made from its response schema")


def _settled(value: Any) -> Any:
    """A list that says of itself what is true: it is the only page, from its first object to its last."""
    if not isinstance(value, dict) or not isinstance(value.get("data"), list) or "has_more" not in value:
        return value
    ids = [each["id"] for each in value["data"] if isinstance(each, dict) and "id" in each]
    ends = {"first_id": ids[0], "last_id": ids[-1]} if ids else {}
    ends |= {"next_page": ""} if isinstance(value.get("next_page"), str) else {}
    return {**value, **{name: end for name, end in ends.items() if name in value}, "has_more": False}


def _home(spec: Spec, at: str) -> dict[str, Any]:
    """The strict reading, which the corrected one only widens; the corrected one for what stands only there."""
    try:
        pointer.resolve(spec.strict, at)
    except KeyError:
        return spec.corrected
    return spec.strict


def _valid(spec: Spec, at: str, value: Any) -> bool:
    both = _home(spec, at) is spec.strict
    return spec.schemas.is_valid(at, value) and (not both or spec.strict_schemas.is_valid(at, value))


def _published(spec: Spec, operation: Operation) -> Iterator[Any]:
    """The response examples of an operation as far as they can be parsed (`x-oaiMeta.examples`)."""
    examples = pointer.resolve(spec.strict, operation.pointer).get("x-oaiMeta", {}).get("examples", [])
    for each in examples if isinstance(examples, list) else [examples]:
        text = each.get("response", "") if isinstance(each, Mapping) else ""
        for parse in (json.loads, flow):
            try:
                value = parse(text)
            except (ValueError, yaml.YAMLError):
                continue
            if isinstance(value, dict):
                yield _both_results(value)
            break


def _both_results(value: dict[str, Any]) -> dict[str, Any]:
    """The usage examples say `results` where the schema says `result`: keep what they show under both names."""
    for each in value["data"] if isinstance(value.get("data"), list) else []:
        if isinstance(each, dict) and "results" in each:
            each.setdefault("result", each["results"])
    return value
