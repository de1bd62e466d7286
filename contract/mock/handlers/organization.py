"""The organization behind the admin side: who is in it, its projects and keys, and what it holds at the start.

A fresh server has an owner, some readers, a default project with a key and a service account, and one invite of each
kind, so that every list has something and every rule can be met.
"""

from __future__ import annotations

from typing import Any, Final

from contract.mock.errors import invalid, not_found
from contract.mock.kernel import Call
from contract.mock.meter import key_id

ORGANIZATION, USER, PROJECT, INVITE = "organization", "organization.user", "organization.project", "organization.invite"
PROJECT_USER = "organization.project.user"
PROJECT_KEY = "organization.project.api_key"
SERVICE_ACCOUNT = "organization.project.service_account"
ADMIN_KEY = "organization.admin_api_key"
_DAY: Final = 86_400
_PEOPLE: Final = ("Ada Owner", "Ben Reader", "Chi Reader", "Dee Reader", "Eve Reader")
#: What is kept of a secret, so that it can be told from others: its beginning and its end.
_HEAD, _TAIL = 8, 4


def secret(call: Call, prefix: str) -> str:
    """A new key's value; it is told once and never kept."""
    return call.store.new_id(prefix) + call.store.new_id("")


def redacted(value: str) -> str:
    """What may be shown of a key's value later."""
    return f"{value[:_HEAD]}...{value[-_TAIL:]}"


def seed(call: Call) -> dict[str, Any]:
    """The organization's own record, with everything that it starts with; made once for a store."""
    found = call.store.get(ORGANIZATION, ORGANIZATION)
    if found is not None:
        return found
    since = call.now - 30 * _DAY
    people = [_person(call, index, name, since) for index, name in enumerate(_PEOPLE)]
    default = call.store.new_id("proj_")
    record = {"owner": people[0]["id"], "project": default}
    call.store.put(ORGANIZATION, ORGANIZATION, record)
    project = {"id": default, "object": PROJECT, "name": "Default project", "created_at": since}
    call.store.put(PROJECT, default, {**project, "archived_at": None, "status": "active"})
    member = add_member(call, default, people[0], "owner", since)
    add_member(call, default, people[1], "member", since)
    user_key = {"type": "user", "user": member}
    keep_key(call, default, secret(call, "sk-proj-"), "Default key", at=since, owner=user_key)
    add_service_account(call, default, "Default service account", since)
    keep_admin_key(call, secret(call, "sk-admin-"), "Default admin key", since)
    for email, accepted in (("eve@example.com", since), ("fay@example.com", None)):
        keep_invite(call, email, "reader", at=accepted or call.now, accepted_at=accepted, projects=[])
    return record


def _person(call: Call, index: int, name: str, since: int) -> dict[str, Any]:
    user: dict[str, Any] = {
        "object": USER,
        "id": call.store.new_id("user-"),
        "name": name,
        "email": f"{name.partition(' ')[0].lower()}@example.com",
        "role": "owner" if index == 0 else "reader",
        "added_at": since + index,
    }
    call.store.put(USER, user["id"], user)
    return user


def add_member(call: Call, project_id: str, person: dict[str, Any], role: str, at: int) -> dict[str, Any]:
    """Put a user of the organization into a project; the ProjectUser object."""
    shared = {name: person[name] for name in ("id", "name", "email")}
    member = {"object": PROJECT_USER, **shared, "role": role, "added_at": at}
    call.store.put(PROJECT_USER, person["id"], member, parent=project_id)
    return member


def keep_key(call: Call, project_id: str, value: str, name: str, *, at: int, owner: dict[str, Any]) -> dict[str, Any]:
    """Keep a project's key without its value; the ProjectApiKey object."""
    key: dict[str, Any] = {
        "object": PROJECT_KEY,
        "redacted_value": redacted(value),
        "name": name,
        "created_at": at,
        "id": key_id(value),
        "owner": owner,
    }
    call.store.put(PROJECT_KEY, key["id"], key, parent=project_id)
    return key


def add_service_account(call: Call, project_id: str, name: str, at: int) -> tuple[dict[str, Any], dict[str, Any], str]:
    """A service account with its key: the ProjectServiceAccount, the ProjectApiKey, and the key's value."""
    account: dict[str, Any] = {
        "object": SERVICE_ACCOUNT,
        "id": call.store.new_id("svc_acct_"),
        "name": name,
        "role": "member",
        "created_at": at,
    }
    call.store.put(SERVICE_ACCOUNT, account["id"], account, parent=project_id)
    value = secret(call, "sk-svcacct-")
    owner = {"type": "service_account", "service_account": account}
    return account, keep_key(call, project_id, value, "Secret Key", at=at, owner=owner), value


def keep_admin_key(call: Call, value: str, name: str, at: int) -> dict[str, Any]:
    """Keep an admin key without its value; the AdminApiKey object."""
    owner = user(call, seed(call)["owner"])
    key: dict[str, Any] = {
        "object": ADMIN_KEY,
        "id": key_id(value),
        "name": name,
        "redacted_value": redacted(value),
        "created_at": at,
        "owner": {
            "type": "user",
            "object": USER,
            "id": owner["id"],
            "name": owner["name"],
            "created_at": owner["added_at"],
            "role": "owner",
        },
    }
    call.store.put(ADMIN_KEY, key["id"], key)
    return key


def keep_invite(
    call: Call, email: str, role: str, *, at: int, accepted_at: int | None, projects: list[dict[str, Any]]
) -> dict[str, Any]:
    """Keep an invite, which expires after a week; the Invite object."""
    invite: dict[str, Any] = {
        "object": INVITE,
        "id": call.store.new_id("invite-"),
        "email": email,
        "role": role,
        "status": "pending" if accepted_at is None else "accepted",
        "invited_at": at,
        "expires_at": at + 7 * _DAY,
        "projects": projects,
    }
    if accepted_at is not None:
        invite["accepted_at"] = accepted_at
    call.store.put(INVITE, invite["id"], invite)
    return invite


def find(call: Call, kind: str, identifier: str, parent: str | None = None) -> dict[str, Any]:
    """An object of the admin side. Raises ApiError 404 with its kind's last word where there is none."""
    seed(call)
    found = call.store.get(kind, identifier, parent)
    if found is None:
        raise not_found(kind.rpartition(".")[2].replace("_", " "), identifier)
    return found


def user(call: Call, identifier: str) -> dict[str, Any]:
    """A User object. Raises ApiError 404."""
    return find(call, USER, identifier)


def project(call: Call, identifier: str) -> dict[str, Any] | None:
    """A Project object, None where there is none."""
    seed(call)
    return call.store.get(PROJECT, identifier)


def project_of(call: Call, *, active: bool = False) -> dict[str, Any]:
    """The Project that the path names. Raises ApiError: 404 for an unknown one, 400 for an archived one if `active`."""
    found = find(call, PROJECT, call.path["project_id"])
    if active and found["status"] == "archived":
        raise invalid(f"Project {found['id']} is archived.", "project_id", "project_archived")
    return found


def in_project(call: Call, kind: str, parameter: str, *, active: bool = False) -> dict[str, Any]:
    """The object of the path's project that a path parameter names. Raises ApiError as `project_of` and `find`."""
    home = project_of(call, active=active)["id"]
    return find(call, kind, call.path[parameter], home)
