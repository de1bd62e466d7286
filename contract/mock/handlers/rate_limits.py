"""Rate limits of projects, one a model (`openapi.yaml:6629`)."""

from __future__ import annotations

from typing import Any, Final

from contract.mock.errors import not_found
from contract.mock.handlers import organization
from contract.mock.handlers.models import MODELS
from contract.mock.kernel import Call, Json, Reply, route
from contract.mock.paging import page

KIND = "project.rate_limit"
_ID: Final = "rl-"
#: What limits the models of a capability beside requests and tokens a minute.
_MORE: Final[dict[str, dict[str, int]]] = {
    "image": {"max_images_per_1_minute": 10},
    "transcription": {"max_audio_megabytes_per_1_minute": 100},
    "speech": {"max_requests_per_1_day": 10_000},
    "chat": {"max_requests_per_1_day": 10_000, "batch_1_day_max_input_tokens": 900_000},
}
_UNBOUNDED = 2**31


def _limits(call: Call, project_id: str) -> list[dict[str, Any]]:
    """The limits of a project: what was set for it over what everybody has."""
    changed = {each["id"]: each for each in call.store.list(KIND, project_id)}
    listed = []
    for capability, names in MODELS.items():
        for model in names:
            base: dict[str, Any] = {"object": KIND, "id": _ID + model, "model": model}
            base |= {"max_requests_per_1_minute": 500, "max_tokens_per_1_minute": 150_000, **_MORE.get(capability, {})}
            listed.append(changed.get(_ID + model, base))
    return listed


@route("list-project-rate-limits")
def list_rate_limits(call: Call) -> Reply:
    """The limits of a project in the order of the models."""
    found = _limits(call, organization.project_of(call)["id"])
    return Json(page(found, call, default_limit=100, max_limit=_UNBOUNDED, default_order="asc"))


@route("update-project-rate-limits")
def update_rate_limit(call: Call) -> Reply:
    """Change what is sent; the rest of the limit stays."""
    project, identifier = organization.project_of(call, active=True), call.path["rate_limit_id"]
    for limit in _limits(call, project["id"]):
        if limit["id"] == identifier:
            sent = {name: value for name, value in call.body.items() if name.startswith(("max_", "batch_"))}
            changed = {**limit, **sent}
            call.store.put(KIND, identifier, changed, parent=project["id"])
            return Json(changed)
    raise not_found("rate limit", identifier)
