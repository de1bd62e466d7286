"""Users of the organization: they come by invites only, change their role, and leave (`openapi.yaml:8446`)."""

from __future__ import annotations

from contract.mock.errors import invalid
from contract.mock.handlers import organization
from contract.mock.kernel import Call, Json, Reply, route
from contract.mock.paging import page


@route("list-users")
def list_users(call: Call) -> Reply:
    """Everybody, or those with certain addresses."""
    organization.seed(call)
    found, emails = call.store.list(organization.USER), call.query.get("emails")
    return Json(page([each for each in found if not emails or each["email"] in emails], call))


@route("retrieve-user")
def retrieve_user(call: Call) -> Reply:
    """One user."""
    return Json(organization.user(call, call.path["user_id"]))


@route("modify-user")
def modify_user(call: Call) -> Reply:
    """Change a role; the organization keeps an owner."""
    user = organization.user(call, call.path["user_id"])
    if call.body["role"] != "owner":
        _keep_an_owner(call, user["id"])
    user["role"] = call.body["role"]
    call.store.put(organization.USER, user["id"], user)
    return Json(user)


@route("delete-user")
def delete_user(call: Call) -> Reply:
    """Take a user out of the organization and of every project."""
    user = organization.user(call, call.path["user_id"])
    _keep_an_owner(call, user["id"])
    call.store.delete(organization.USER, user["id"])
    call.store.delete(organization.PROJECT_USER, user["id"])
    return Json({"object": "organization.user.deleted", "id": user["id"], "deleted": True})


def _keep_an_owner(call: Call, leaving: str) -> None:
    owners = [each["id"] for each in call.store.list(organization.USER) if each["role"] == "owner"]
    if owners == [leaving]:
        raise invalid("The organization must keep at least one owner.", "user_id")
