"""Audit logs: what was done on the admin side, by whom and when (`openapi.yaml:5682`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from contract.mock.handlers import organization
from contract.mock.kernel import Call, Json, Reply, observe, route
from contract.mock.meter import key_id
from contract.mock.paging import page

KIND = "audit_log"
#: What an entry tells of an action: the id of its target and what is said of it (AuditLog, openapi.yaml:14745).
_Told = tuple[str, dict[str, Any]]
_COMPARE: Final[Mapping[str, Callable[[int, int], bool]]] = {
    "gt": lambda at, bound: at > bound,
    "gte": lambda at, bound: at >= bound,
    "lt": lambda at, bound: at < bound,
    "lte": lambda at, bound: at <= bound,
}


def _plain(_: Call, body: Mapping[str, Any]) -> _Told:
    return body["id"], {}


def _created(*members: str) -> Callable[[Call, Mapping[str, Any]], _Told]:
    return lambda _, body: (body["id"], {"data": {name: body[name] for name in members}})


def _changed(**members: str) -> Callable[[Call, Mapping[str, Any]], _Told]:
    """`changes_requested` from the request: name in the entry -> name in the body."""
    return lambda call, body: (
        body["id"],
        {"changes_requested": {ours: call.body[theirs] for ours, theirs in members.items() if theirs in call.body}},
    )


_LIMITS: Final = (
    "max_requests_per_1_minute",
    "max_tokens_per_1_minute",
    "max_images_per_1_minute",
    "max_audio_megabytes_per_1_minute",
    "max_requests_per_1_day",
    "batch_1_day_max_input_tokens",
)
_KEY_SCOPES: Final = {"data": {"scopes": ["all"]}}
#: operationId -> what it leaves: event types, each with what is told of it.
_EVENTS: Final[Mapping[str, Mapping[str, Callable[[Call, Mapping[str, Any]], _Told]]]] = {
    "admin-api-keys-create": {"api_key.created": lambda _, body: (body["id"], _KEY_SCOPES)},
    "admin-api-keys-delete": {"api_key.deleted": _plain},
    "inviteUser": {"invite.sent": _created("email", "role")},
    "delete-invite": {"invite.deleted": _plain},
    "create-project": {
        "project.created": lambda _, body: (body["id"], {"data": {"name": body["name"], "title": body["name"]}})
    },
    "modify-project": {"project.updated": _changed(title="name")},
    "archive-project": {"project.archived": _plain},
    "update-project-rate-limits": {"rate_limit.updated": _changed(**{name: name for name in _LIMITS})},
    "create-project-service-account": {
        "service_account.created": _created("role"),
        "api_key.created": lambda _, body: (body["api_key"]["id"], _KEY_SCOPES),
    },
    "delete-project-service-account": {"service_account.deleted": _plain},
    "delete-project-api-key": {"api_key.deleted": _plain},
    "create-project-user": {"user.added": _created("role")},
    "modify-project-user": {"user.updated": _changed(role="role")},
    "delete-project-user": {"user.deleted": _plain},
    "modify-user": {"user.updated": _changed(role="role")},
    "delete-user": {"user.deleted": _plain},
}


@observe
def record(call: Call, reply: Reply) -> None:
    """Keep what an action on the admin side did; nothing is kept of reads and refusals."""
    told = _EVENTS.get(call.operation.id)
    if told is None or call.settings.mode != "stateful" or not isinstance(reply, Json):
        return
    for kind, tell in told.items():
        target, details = tell(call, reply.body)
        entry: dict[str, Any] = {
            "id": call.store.new_id("audit_log-"),
            "type": kind,
            "effective_at": call.now,
            "actor": _actor(call),
            kind: {"id": target, **details},
        }
        project = organization.project(call, call.path.get("project_id") or target)
        if project is not None:
            entry["project"] = {"id": project["id"], "name": project["name"]}
        call.store.put(KIND, entry["id"], entry)


def _actor(call: Call) -> dict[str, Any]:
    """The admin key that was used: keys belong to the organization's owner."""
    owner = organization.seed(call)["owner"]
    person = call.store.get(organization.USER, owner) or {"id": owner, "email": ""}
    shown = {"id": person["id"], "email": person["email"]}
    return {"type": "api_key", "api_key": {"id": key_id(call.key), "type": "user", "user": shown}}


def _asked(call: Call, entry: Mapping[str, Any]) -> bool:
    """True where an entry passes every filter of the request."""
    key = entry["actor"]["api_key"]
    facts = {
        "project_ids[]": {entry.get("project", {}).get("id")},
        "event_types[]": {entry["type"]},
        "actor_ids[]": {key["id"], key["user"]["id"]},
        "actor_emails[]": {key["user"]["email"]},
        "resource_ids[]": {entry[entry["type"]]["id"]},
    }
    bounds = call.query.get("effective_at") or {}
    return all(not call.query.get(name) or not own.isdisjoint(call.query[name]) for name, own in facts.items()) and all(
        _COMPARE[name](entry["effective_at"], bound) for name, bound in bounds.items() if name in _COMPARE
    )


@route("list-audit-logs")
def list_audit_logs(call: Call) -> Reply:
    """What was done, newest first, of certain kinds, times, actors, targets or projects where they are asked for."""
    return Json(page([each for each in call.store.list(KIND) if _asked(call, each)], call))
