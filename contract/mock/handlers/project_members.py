"""Project users: members of the organization in a project, each with a role there (`openapi.yaml:7018`)."""

from __future__ import annotations

from typing import Any

from contract.mock.errors import invalid
from contract.mock.handlers import organization
from contract.mock.kernel import Call, Json, Reply, route
from contract.mock.paging import page


def _member(call: Call, *, active: bool = False) -> dict[str, Any]:
    return organization.in_project(call, organization.PROJECT_USER, "user_id", active=active)


@route("list-project-users")
def list_project_users(call: Call) -> Reply:
    """Who is in a project; an archived one cannot be asked."""
    project = organization.project_of(call, active=True)
    return Json(page(call.store.list(organization.PROJECT_USER, project["id"]), call))


@route("create-project-user")
def create_project_user(call: Call) -> Reply:
    """Put a member of the organization into a project (openapi.yaml:7095)."""
    project, user_id = organization.project_of(call, active=True), call.body["user_id"]
    user = call.store.get(organization.USER, user_id)
    if user is None:
        raise invalid(f"User {user_id} is not a member of the organization.", "user_id", "user_not_in_organization")
    if call.store.get(organization.PROJECT_USER, user_id, project["id"]):
        raise invalid(f"User {user_id} is already in the project.", "user_id", "user_already_in_project")
    return Json(organization.add_member(call, project["id"], user, call.body["role"], call.now))


@route("retrieve-project-user")
def retrieve_project_user(call: Call) -> Reply:
    """One user of a project."""
    return Json(_member(call))


@route("modify-project-user")
def modify_project_user(call: Call) -> Reply:
    """Change a role in the project; the one in the organization stays."""
    member = _member(call, active=True)
    member["role"] = call.body["role"]
    call.store.put(organization.PROJECT_USER, member["id"], member, parent=call.path["project_id"])
    return Json(member)


@route("delete-project-user")
def delete_project_user(call: Call) -> Reply:
    """Take a user out of a project; the organization keeps them."""
    member = _member(call, active=True)
    call.store.delete(organization.PROJECT_USER, member["id"], call.path["project_id"])
    return Json({"object": "organization.project.user.deleted", "id": member["id"], "deleted": True})
