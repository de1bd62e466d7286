"""Service accounts and API keys of projects (`openapi.yaml:6784`, `openapi.yaml:6397`).

A key comes with its service account, and its value is told once.
"""

from __future__ import annotations

from typing import Any

from contract.mock.errors import invalid
from contract.mock.handlers import organization
from contract.mock.kernel import Call, Json, Reply, route
from contract.mock.paging import page


@route("create-project-service-account")
def create_service_account(call: Call) -> Reply:
    """A service account and its key; this answer is the only one with the key's value."""
    project = organization.project_of(call, active=True)
    account, key, value = organization.add_service_account(call, project["id"], call.body["name"], call.now)
    shown = {name: key[name] for name in ("name", "created_at", "id")}
    return Json({**account, "api_key": {"object": f"{organization.SERVICE_ACCOUNT}.api_key", "value": value, **shown}})


@route("list-project-service-accounts")
def list_service_accounts(call: Call) -> Reply:
    """The service accounts of a project; an archived one cannot be asked."""
    project = organization.project_of(call, active=True)
    return Json(page(call.store.list(organization.SERVICE_ACCOUNT, project["id"]), call))


def _account(call: Call) -> dict[str, Any]:
    return organization.in_project(call, organization.SERVICE_ACCOUNT, "service_account_id")


@route("retrieve-project-service-account")
def retrieve_service_account(call: Call) -> Reply:
    """One service account."""
    return Json(_account(call))


@route("delete-project-service-account")
def delete_service_account(call: Call) -> Reply:
    """Remove a service account and its keys."""
    account = _account(call)
    for key in call.store.list(organization.PROJECT_KEY, call.path["project_id"]):
        if key["owner"].get("service_account", {}).get("id") == account["id"]:
            call.store.delete(organization.PROJECT_KEY, key["id"], call.path["project_id"])
    call.store.delete(organization.SERVICE_ACCOUNT, account["id"], call.path["project_id"])
    return Json({"object": f"{organization.SERVICE_ACCOUNT}.deleted", "id": account["id"], "deleted": True})


@route("list-project-api-keys")
def list_project_api_keys(call: Call) -> Reply:
    """The keys of a project, redacted."""
    project = organization.project_of(call)
    return Json(page(call.store.list(organization.PROJECT_KEY, project["id"]), call))


def _key(call: Call) -> dict[str, Any]:
    return organization.in_project(call, organization.PROJECT_KEY, "key_id")


@route("retrieve-project-api-key")
def retrieve_project_api_key(call: Call) -> Reply:
    """One key, redacted."""
    return Json(_key(call))


@route("delete-project-api-key")
def delete_project_api_key(call: Call) -> Reply:
    """Remove a user's key; one of a service account goes only with its account (openapi.yaml:6571)."""
    key = _key(call)
    if key["owner"]["type"] == "service_account":
        raise invalid("This key belongs to a service account: delete the service account.", "key_id")
    call.store.delete(organization.PROJECT_KEY, key["id"], call.path["project_id"])
    return Json({"object": f"{organization.PROJECT_KEY}.deleted", "id": key["id"], "deleted": True})
