"""Projects: made, changed and archived, never deleted (`openapi.yaml:6196`)."""

from __future__ import annotations

from contract.mock.errors import invalid
from contract.mock.handlers import organization
from contract.mock.kernel import Call, Json, Reply, route
from contract.mock.paging import page


@route("create-project")
def create_project(call: Call) -> Reply:
    """A new project, empty."""
    organization.seed(call)
    project = {
        "id": call.store.new_id("proj_"),
        "object": organization.PROJECT,
        "name": call.body["name"],
        "created_at": call.now,
        "archived_at": None,
        "status": "active",
    }
    call.store.put(organization.PROJECT, project["id"], project)
    return Json(project)


@route("list-projects")
def list_projects(call: Call) -> Reply:
    """The projects in use, with `include_archived` also the others."""
    organization.seed(call)
    everything = call.query.get("include_archived", False)
    found = call.store.list(organization.PROJECT)
    return Json(page([each for each in found if everything or each["status"] == "active"], call))


@route("retrieve-project")
def retrieve_project(call: Call) -> Reply:
    """One project, archived or not."""
    return Json(organization.project_of(call))


@route("modify-project")
def modify_project(call: Call) -> Reply:
    """Change the name; neither the default project's (openapi.yaml:6378) nor an archived one's."""
    project = organization.project_of(call, active=True)
    _not_default(call, project["id"])
    project["name"] = call.body["name"]
    call.store.put(organization.PROJECT, project["id"], project)
    return Json(project)


@route("archive-project")
def archive_project(call: Call) -> Reply:
    """Take a project out of use, with its users, service accounts and keys."""
    project = organization.project_of(call, active=True)
    _not_default(call, project["id"])
    for kind in (organization.PROJECT_USER, organization.SERVICE_ACCOUNT, organization.PROJECT_KEY):
        for each in call.store.list(kind, project["id"]):
            call.store.delete(kind, each["id"], project["id"])
    project.update(status="archived", archived_at=call.now)
    call.store.put(organization.PROJECT, project["id"], project)
    return Json(project)


def _not_default(call: Call, identifier: str) -> None:
    if identifier == organization.seed(call)["project"]:
        raise invalid("The default project cannot be changed or archived.", "project_id", "default_project")
