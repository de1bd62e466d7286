"""Admin API keys of the organization: the value is told once, when a key is made (`openapi.yaml:5462`)."""

from __future__ import annotations

from contract.mock.handlers import organization
from contract.mock.kernel import Call, Json, Reply, route
from contract.mock.paging import page


@route("admin-api-keys-create")
def create_admin_key(call: Call) -> Reply:
    """A new key; this answer is the only one with its value."""
    organization.seed(call)
    value = organization.secret(call, "sk-admin-")
    return Json({**organization.keep_admin_key(call, value, call.body["name"], call.now), "value": value})


@route("admin-api-keys-list")
def list_admin_keys(call: Call) -> Reply:
    """Every key, redacted, oldest first unless asked otherwise."""
    organization.seed(call)
    found = page(call.store.list(organization.ADMIN_KEY), call, default_order="asc")
    # This list declares its ends as strings, where the others admit null: an empty page has none.
    return Json({name: value for name, value in found.items() if value is not None})


@route("admin-api-keys-get")
def get_admin_key(call: Call) -> Reply:
    """One key, redacted."""
    return Json(organization.find(call, organization.ADMIN_KEY, call.path["key_id"]))


@route("admin-api-keys-delete")
def delete_admin_key(call: Call) -> Reply:
    """Remove a key."""
    key = organization.find(call, organization.ADMIN_KEY, call.path["key_id"])
    call.store.delete(organization.ADMIN_KEY, key["id"])
    return Json({"id": key["id"], "object": f"{organization.ADMIN_KEY}.deleted", "deleted": True})
