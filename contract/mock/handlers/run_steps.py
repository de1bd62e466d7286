"""Steps of a run: list and get (`openapi.yaml:12330`)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from contract.mock.errors import not_found
from contract.mock.handlers.conversation import STEP
from contract.mock.handlers.run_engine import run_of
from contract.mock.kernel import Call, Json, Reply, route
from contract.mock.paging import page

_CONTENT = "step_details.tool_calls[*].file_search.results[*].content"


def shown(step: Mapping[str, Any], call: Call) -> dict[str, Any]:
    """The step as the call asks for it: what file search found is quoted only on demand (openapi.yaml:32023)."""
    visible = copy.deepcopy(dict(step))
    if _CONTENT not in (call.query.get("include[]") or []):
        for tool_call in visible["step_details"].get("tool_calls", []):
            for result in tool_call.get("file_search", {}).get("results", []):
                result.pop("content", None)
    return visible


@route("listRunSteps")
def list_run_steps(call: Call) -> Reply:
    """The steps of a run."""
    steps = call.store.list(STEP, run_of(call)["object"]["id"])
    return Json(page([shown(each, call) for each in steps], call))


@route("getRunStep")
def get_run_step(call: Call) -> Reply:
    """One step."""
    found = call.store.get(STEP, call.path["step_id"], run_of(call)["object"]["id"])
    if found is None:
        raise not_found("run step", call.path["step_id"])
    return Json(shown(found, call))
