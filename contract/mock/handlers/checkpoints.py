"""Checkpoint permissions: which projects may use a tuned model (`openapi.yaml:3746`).

The path says `permission_id`, but it names the checkpoint where permissions are made and listed, and the permission
only where one is deleted.
"""

from __future__ import annotations

from typing import Any

from contract.mock.errors import invalid, not_found
from contract.mock.handlers import models, organization
from contract.mock.kernel import Call, Json, Reply, route
from contract.mock.paging import page

KIND = "checkpoint.permission"
_UNBOUNDED = 2**31


def _checkpoint(call: Call) -> str:
    name: str = call.path["permission_id"]
    if not name.startswith("ft:") or not models.exists(call, name):
        raise not_found("fine-tuned model checkpoint", name)
    return name


@route("createFineTuningCheckpointPermission")
def create_permissions(call: Call) -> Reply:
    """Share a checkpoint with projects; with one that has it already nothing changes."""
    checkpoint, made = _checkpoint(call), []
    for project_id in call.body["project_ids"]:
        if organization.project(call, project_id) is None:
            raise invalid(f"No project found with id '{project_id}'.", "project_ids")
    shared = {each["project_id"]: each for each in call.store.list(KIND, checkpoint)}
    for project_id in dict.fromkeys(call.body["project_ids"]):
        permission = shared.get(project_id) or _new(call, project_id)
        call.store.put(KIND, permission["id"], permission, parent=checkpoint)
        made.append(permission)
    ids = [each["id"] for each in made]
    first, last = (ids[0], ids[-1]) if ids else (None, None)
    return Json({"object": "list", "data": made, "first_id": first, "last_id": last, "has_more": False})


def _new(call: Call, project_id: str) -> dict[str, Any]:
    identifier = call.store.new_id("cp_")
    return {"id": identifier, "object": KIND, "created_at": call.now, "project_id": project_id}


@route("listFineTuningCheckpointPermissions")
def list_permissions(call: Call) -> Reply:
    """The permissions of a checkpoint, of one project where it is asked for."""
    found, wanted = call.store.list(KIND, _checkpoint(call)), call.query.get("project_id")
    kept = [each for each in found if wanted is None or each["project_id"] == wanted]
    return Json(page(kept, call, default_limit=10, max_limit=_UNBOUNDED))


@route("deleteFineTuningCheckpointPermission")
def delete_permission(call: Call) -> Reply:
    """Take a permission back."""
    identifier = call.path["permission_id"]
    if not call.store.delete(KIND, identifier):
        raise not_found("checkpoint permission", identifier)
    return Json({"id": identifier, "object": KIND, "deleted": True})
