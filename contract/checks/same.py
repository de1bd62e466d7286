"""The object that is answered is the one that the path names, and stands below the parents that the path names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from contract.case import Expect
from contract.checks.made import finding, objects, path_match, told
from contract.exchange import Exchange
from contract.operation import Operation
from contract.rules import Rule, register
from contract.spec import Spec
from contract.verdict import Finding, Keyword

register(
    Rule(
        "body/same-object",
        Keyword.MUST,
        "An answer is about the object that the path names, and its parents are those of the path.",
        "openapi.yaml: path parameters (the ID of the ... to retrieve, modify, delete)",
        "Look the object up by the ids of the path, and answer that one.",
        "body",
    ),
)
#: A server may know a model by several names.
_ALIASED = frozenset({"model", "fine_tuned_model_checkpoint", "permission_id"})


def check(spec: Spec, operation: Operation, exchange: Exchange, expect: Expect) -> Iterator[Finding]:  # noqa: ARG001 - one signature for all checks
    """Judge the ids of a success, of the object itself and of the elements of a list."""
    ids = _ids(operation, exchange)
    for where, each in objects(told(spec, exchange)) if ids else ():
        for name, wanted in ids.items():
            own = not where and operation.path.endswith(f"{{{name}}}")
            for member in (name, "id") if own else (name,):
                if isinstance(each.get(member), str) and each[member] != wanted:
                    actual, at = str(each[member]), f"{where}/{member}"
                    yield finding("body/same-object", spec, exchange, expected=wanted, actual=actual, where=at)


def _ids(operation: Operation, exchange: Exchange) -> dict[str, str]:
    """Path parameter -> its value in the request, where a value of the spec stands for one object."""
    names = re.findall(r"\{([^}]*)\}", operation.path)
    found = path_match(operation, exchange)
    if found is None or len(found.groups()) != len(names):
        return {}
    return {name: unquote(value) for name, value in zip(names, found.groups(), strict=True) if name not in _ALIASED}
