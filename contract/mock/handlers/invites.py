"""Invites to the organization: pending for a week, then expired; accepted ones stay (`openapi.yaml:5985`)."""

from __future__ import annotations

from typing import Any

from contract.mock.errors import invalid
from contract.mock.handlers import organization
from contract.mock.kernel import Call, Json, Reply, route
from contract.mock.paging import page


def _now(call: Call, invite: dict[str, Any]) -> dict[str, Any]:
    """An invite as it is by now."""
    if invite["status"] == "pending" and call.now >= invite["expires_at"]:
        invite["status"] = "expired"
    return invite


@route("inviteUser")
def invite_user(call: Call) -> Reply:
    """Invite somebody, to certain projects where they are named."""
    organization.seed(call)
    projects = call.body.get("projects") or []
    for index, each in enumerate(projects):
        found = organization.project(call, each["id"])
        if found is None or found["status"] == "archived":
            raise invalid(f"No active project found with id '{each['id']}'.", f"projects[{index}].id")
    members = {each["email"] for each in call.store.list(organization.USER)}
    if call.body["email"] in members:
        raise invalid(f"{call.body['email']} is already a member of the organization.", "email")
    email, role = call.body["email"], call.body["role"]
    return Json(organization.keep_invite(call, email, role, at=call.now, accepted_at=None, projects=projects))


@route("list-invites")
def list_invites(call: Call) -> Reply:
    """Every invite that was not deleted."""
    organization.seed(call)
    return Json(page([_now(call, each) for each in call.store.list(organization.INVITE)], call))


@route("retrieve-invite")
def retrieve_invite(call: Call) -> Reply:
    """One invite."""
    return Json(_now(call, organization.find(call, organization.INVITE, call.path["invite_id"])))


@route("delete-invite")
def delete_invite(call: Call) -> Reply:
    """Take an invite back unless it was accepted (openapi.yaml:6160)."""
    invite = organization.find(call, organization.INVITE, call.path["invite_id"])
    if invite["status"] == "accepted":
        raise invalid("This invite has already been accepted and cannot be deleted.", "invite_id")
    call.store.delete(organization.INVITE, invite["id"])
    return Json({"object": "organization.invite.deleted", "id": invite["id"], "deleted": True})
