"""Scenes: the draft of a request with what the target must give it, ids, models and the object that the path names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contract import checks
from contract.case import Stage
from contract.draft import Draft
from contract.operation import Operation, Safety
from strategies import bodies, foreign, resources, templates
from strategies.samples import sample
from strategies.views import Views

#: Operations whose valid request uses up or locks what its path names.
_CONSUMING = frozenset({"createRun", "completeUpload", "submitToolOuputsToRun", "create-project-user"})
#: May change an object that was there before, since the minimal request leaves it as it is.
_HARMLESS = frozenset(bodies.GENTLE)


@dataclass(frozen=True, slots=True)
class Scene:
    """An operation with the values of its path; `here` is the object that the path names."""

    stage: Stage
    operation: Operation
    path: Mapping[str, Any]
    here: Mapping[str, Any] | None = None

    def draft(self, body: Any = None, query: Mapping[str, Any] | None = None) -> Draft:
        """A draft with templates filled; ends the case where the target cannot give a part of them."""
        return Draft(
            self.operation,
            path=self.path,
            query=templates.resolve(self.stage, dict(query or {}), self.here),
            headers=foreign.headers(self.stage.spec, self.operation),
            body=templates.resolve(self.stage, body, self.here),
        )


def scene(stage: Stage, operation_id: str, *, valid: bool, gentle: bool = False) -> Scene:
    """The scene of an operation. `valid`: the request is meant to work, so it may need an object of its own.

    `gentle`: the request leaves the object as it is, so that any will do.
    """
    operation = stage.operation(operation_id)
    uses_up = operation.safety is Safety.DESTROY or operation.method == "DELETE" or operation.path.endswith("/archive")
    fresh = valid and (uses_up or operation_id in _CONSUMING)
    changes = operation.method != "GET" and not gentle and (valid or resources.can_make(operation))
    here = resources.path_resource(stage, operation, fresh=fresh, changes=changes)
    return Scene(stage, operation, resources.values_of(stage, operation, here), here)


def prove_route(stage: Stage, ordinary: Draft) -> None:
    """End the case, with nothing found, where an ordinary request does not meet its operation either."""
    missing = checks.unsupported(ordinary.operation, stage.send(ordinary, judge=False))
    if missing:
        stage.start_over()
        stage.unsupported(missing)


def required_query(views: Views, operation: Operation) -> dict[str, Any]:
    """Values for the query parameters that an operation cannot do without."""
    return {
        each.name: sample(views, operation.id, each.schema_pointer, (each.name,))
        for each in operation.parameters_in("query")
        if each.required
    }
