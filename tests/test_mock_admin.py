import pytest
from mock_driver import Driver

LISTS = {
    "list-users": {},
    "list-projects": {},
    "list-invites": {},
    "admin-api-keys-list": {},
    "list-project-users": {"project_id": None},
    "list-project-service-accounts": {"project_id": None},
    "list-project-api-keys": {"project_id": None},
    "list-project-rate-limits": {"project_id": None},
}


@pytest.fixture
def mock() -> Driver:
    """A fresh server."""
    return Driver()


def default_project(mock: Driver) -> str:
    """The id of the project that is there from the start."""
    return mock.ok("list-projects")["data"][-1]["id"]


def new_project(mock: Driver, name: str = "Apollo") -> dict:
    """Make a project; the path that names it."""
    return {"project_id": mock.ok("create-project", body={"name": name})["id"]}


def paged(mock: Driver, operation: str, path: dict | None = None, limit: int = 2, **query) -> list[dict]:
    """Every object of a list, a few a page."""
    found, after = [], {}
    while True:
        page = mock.ok(operation, path, limit=limit, **after, **query)
        found += page["data"]
        if not page["has_more"]:
            return found
        assert (page["first_id"], page["last_id"]) == (page["data"][0]["id"], page["data"][-1]["id"])
        after = {"after": page["last_id"]}


@pytest.mark.parametrize("operation", LISTS)
def test_every_list_of_a_fresh_server_has_something_and_pages_once(mock, operation):
    """A list has at least one object at the start; page by page each comes exactly once."""
    path = dict.fromkeys(LISTS[operation], default_project(mock))
    everything = mock.ok(operation, path, limit=100)["data"]
    assert everything
    assert paged(mock, operation, path) == everything
    assert len({each["id"] for each in everything}) == len(everything)


@pytest.mark.parametrize("operation", LISTS)
def test_limits_and_cursors_are_checked(mock, operation):
    """A limit of nought and a cursor that names nothing are refused with the parameter's name."""
    path = dict.fromkeys(LISTS[operation], default_project(mock))
    assert mock.refused(400, operation, path, limit=0)["param"] == "limit"
    assert mock.refused(400, operation, path, after="none")["param"] == "after"


def test_a_project_is_made_changed_and_archived(mock):
    """What was sent comes back, changing the name changes nothing else, archived it is left out of the list."""
    path = new_project(mock)
    made = mock.ok("retrieve-project", path)
    assert (made["name"], made["status"], made["archived_at"]) == ("Apollo", "active", None)
    mock.wait(10)
    assert mock.ok("modify-project", path, {"name": "Artemis"}) == made | {"name": "Artemis"}
    archived = mock.ok("archive-project", path)
    assert (archived["status"], archived["archived_at"] >= archived["created_at"]) == ("archived", True)
    assert made["id"] not in [each["id"] for each in mock.ok("list-projects")["data"]]
    assert made["id"] in [each["id"] for each in mock.ok("list-projects", include_archived=True)["data"]]
    assert mock.ok("retrieve-project", path) == archived


def test_an_archived_project_cannot_be_used_or_changed(mock):
    """Everything that changes or uses an archived project is a 400, archiving it again too."""
    path = new_project(mock)
    account = mock.ok("create-project-service-account", path, {"name": "Bot"})
    mock.ok("archive-project", path)
    user = mock.ok("list-users")["data"][0]["id"]
    mock.refused(400, "modify-project", path, {"name": "x"})
    mock.refused(400, "archive-project", path)
    mock.refused(400, "list-project-users", path)
    mock.refused(400, "create-project-user", path, {"user_id": user, "role": "member"})
    mock.refused(400, "list-project-service-accounts", path)
    mock.refused(400, "create-project-service-account", path, {"name": "Bot"})
    mock.refused(400, "update-project-rate-limits", path | {"rate_limit_id": "rl-gpt-4o"}, {})
    mock.refused(404, "retrieve-project-service-account", path | {"service_account_id": account["id"]})


def test_the_default_project_stays_as_it_is(mock):
    """The default project can be neither renamed nor archived."""
    path = {"project_id": default_project(mock)}
    mock.refused(400, "modify-project", path, {"name": "x"})
    mock.refused(400, "archive-project", path)


def test_a_user_changes_role_and_leaves(mock):
    """A role change stays and changes nothing else; a deleted user is gone from the organization and its projects."""
    project = {"project_id": default_project(mock)}
    member = next(each for each in mock.ok("list-project-users", project)["data"] if each["role"] == "member")
    path = {"user_id": member["id"]}
    before = mock.ok("retrieve-user", path)
    assert before["role"] == "reader"
    assert mock.ok("modify-user", path, {"role": "owner"}) == before | {"role": "owner"}
    assert mock.ok("list-users", emails=[before["email"]])["data"] == [before | {"role": "owner"}]
    assert mock.ok("delete-user", path)["deleted"] is True
    mock.refused(404, "retrieve-user", path)
    mock.refused(404, "retrieve-project-user", project | path)
    assert member["id"] not in [each["id"] for each in mock.ok("list-users")["data"]]


def test_the_organization_keeps_an_owner(mock):
    """The last owner can neither leave nor become a reader."""
    owner = next(each for each in mock.ok("list-users")["data"] if each["role"] == "owner")
    mock.refused(400, "delete-user", {"user_id": owner["id"]})
    mock.refused(400, "modify-user", {"user_id": owner["id"]}, {"role": "reader"})


def test_a_project_user_comes_and_goes(mock):
    """A member of the organization joins once, changes role there only, and leaves the project only."""
    project, user = new_project(mock), mock.ok("list-users")["data"][0]
    path = project | {"user_id": user["id"]}
    made = mock.ok("create-project-user", project, {"user_id": user["id"], "role": "member"})
    assert (made["email"], made["role"]) == (user["email"], "member")
    mock.refused(400, "create-project-user", project, {"user_id": user["id"], "role": "owner"})
    assert mock.ok("list-project-users", project)["data"] == [made]
    assert mock.ok("modify-project-user", path, {"role": "owner"}) == made | {"role": "owner"}
    assert mock.ok("retrieve-project-user", path)["role"] == "owner"
    assert mock.ok("retrieve-user", {"user_id": user["id"]}) == user
    assert mock.ok("delete-project-user", path)["id"] == user["id"]
    mock.refused(404, "retrieve-project-user", path)
    assert mock.ok("list-project-users", project)["data"] == []


def test_a_project_user_must_belong_to_the_organization(mock):
    """Somebody unknown cannot be added to a project: 400."""
    body = {"user_id": "user-none", "role": "member"}
    assert mock.refused(400, "create-project-user", new_project(mock), body)["param"] == "user_id"


def test_a_service_account_tells_its_key_once(mock):
    """The key's value comes with the creation only; afterwards it is redacted, and it goes with the account."""
    project = new_project(mock)
    made = mock.ok("create-project-service-account", project, {"name": "Bot"})
    value, key = made["api_key"]["value"], made["api_key"]["id"]
    path = project | {"service_account_id": made["id"]}
    account = mock.ok("retrieve-project-service-account", path)
    assert "api_key" not in account
    assert account.items() <= made.items()
    listed = mock.ok("list-project-api-keys", project)["data"]
    assert [each["id"] for each in listed] == [key]
    got = mock.ok("retrieve-project-api-key", project | {"key_id": key})
    assert listed == [got]
    assert value not in str(got)
    assert got["redacted_value"].startswith(value[:6])
    assert got["owner"]["service_account"]["id"] == made["id"]
    mock.refused(400, "delete-project-api-key", project | {"key_id": key})
    assert mock.ok("delete-project-service-account", path)["deleted"] is True
    mock.refused(404, "retrieve-project-service-account", path)
    mock.refused(404, "retrieve-project-api-key", project | {"key_id": key})


def test_a_users_project_key_can_be_deleted(mock):
    """A key that belongs to a user is removed."""
    project = {"project_id": default_project(mock)}
    keys = mock.ok("list-project-api-keys", project)["data"]
    path = project | {"key_id": next(each["id"] for each in keys if each["owner"]["type"] == "user")}
    assert mock.ok("delete-project-api-key", path)["deleted"] is True
    mock.refused(404, "retrieve-project-api-key", path)


def test_a_rate_limit_changes_for_one_project_and_model(mock):
    """What is sent changes, the rest of the limit, other models and other projects stay."""
    one, two = new_project(mock), new_project(mock)
    before = mock.ok("list-project-rate-limits", one)["data"]
    limit = next(each for each in before if each["model"] == "gpt-4o")
    changed = mock.ok(
        "update-project-rate-limits", one | {"rate_limit_id": limit["id"]}, {"max_requests_per_1_minute": 7}
    )
    assert changed == limit | {"max_requests_per_1_minute": 7}
    assert mock.ok("list-project-rate-limits", one)["data"] == [
        changed if each["id"] == limit["id"] else each for each in before
    ]
    assert mock.ok("list-project-rate-limits", two)["data"] == before
    last = before[-1]["id"]
    assert mock.ok("list-project-rate-limits", one, before=last, limit=1)["data"] == before[-2:-1]
    mock.refused(404, "update-project-rate-limits", one | {"rate_limit_id": "rl-none"}, {})


def test_an_invite_waits_expires_or_is_taken_back(mock):
    """A pending invite tells what was sent, expires after a week, and can be deleted."""
    projects = [{"id": new_project(mock)["project_id"], "role": "member"}]
    body = {"email": "new@example.com", "role": "reader", "projects": projects}
    made = mock.ok("inviteUser", body=body)
    assert made["status"] == "pending"
    assert body.items() <= made.items()
    path = {"invite_id": made["id"]}
    assert mock.ok("retrieve-invite", path) == made
    mock.wait(8 * 86_400)
    assert mock.ok("retrieve-invite", path) == made | {"status": "expired"}
    assert mock.ok("delete-invite", path)["deleted"] is True
    mock.refused(404, "retrieve-invite", path)


def test_an_accepted_invite_cannot_be_deleted(mock):
    """Deleting an invite that was accepted is a 400, and it stays."""
    accepted = next(each for each in mock.ok("list-invites")["data"] if each["status"] == "accepted")
    mock.refused(400, "delete-invite", {"invite_id": accepted["id"]})
    assert mock.ok("retrieve-invite", {"invite_id": accepted["id"]}) == accepted


def test_an_invite_names_projects_and_people_that_fit(mock):
    """An unknown project and somebody who is a member already are refused."""
    wrong = {"email": "a@example.com", "role": "reader", "projects": [{"id": "proj_none", "role": "owner"}]}
    assert mock.refused(400, "inviteUser", body=wrong)["param"] == "projects[0].id"
    member = mock.ok("list-users")["data"][0]["email"]
    assert mock.refused(400, "inviteUser", body={"email": member, "role": "reader"})["param"] == "email"


def test_an_admin_key_tells_its_value_once(mock):
    """The value comes with the creation only; the list has keys oldest first unless asked otherwise."""
    made = mock.ok("admin-api-keys-create", body={"name": "Deploy"})
    path = {"key_id": made["id"]}
    value = made.pop("value")
    assert value.startswith("sk-admin-")
    assert mock.ok("admin-api-keys-get", path) == made
    assert value not in mock.send("admin-api-keys-list").text
    assert mock.ok("admin-api-keys-list")["data"][-1] == made
    assert mock.ok("admin-api-keys-list", order="desc")["data"][0] == made
    assert mock.ok("admin-api-keys-delete", path)["deleted"] is True
    mock.refused(404, "admin-api-keys-get", path)


def test_audit_logs_tell_what_was_done(mock):
    """Every action leaves an entry with its target, newest first; reads and refusals leave none."""
    mock.ok("list-users")
    mock.refused(400, "create-project-user", new_project(mock, "P"), {"user_id": "user-none", "role": "member"})
    project = new_project(mock, "Q")
    user = mock.ok("list-users")["data"][0]["id"]
    mock.ok("create-project-user", project, {"user_id": user, "role": "member"})
    mock.ok("modify-project-user", project | {"user_id": user}, {"role": "owner"})
    mock.ok("delete-project-user", project | {"user_id": user})
    account = mock.ok("create-project-service-account", project, {"name": "Bot"})
    mock.ok("delete-project-service-account", project | {"service_account_id": account["id"]})
    mock.ok("update-project-rate-limits", project | {"rate_limit_id": "rl-gpt-4o"}, {"max_requests_per_1_minute": 9})
    mock.ok("archive-project", project)
    invite = mock.ok("inviteUser", body={"email": "n@example.com", "role": "reader"})
    mock.ok("delete-invite", {"invite_id": invite["id"]})
    key = mock.ok("admin-api-keys-create", body={"name": "k"})
    mock.ok("admin-api-keys-delete", {"key_id": key["id"]})
    entries = mock.ok("list-audit-logs", limit=100)["data"]
    assert [(each["type"], each[each["type"]]["id"]) for each in reversed(entries)][1:] == [
        ("project.created", project["project_id"]),
        ("user.added", user),
        ("user.updated", user),
        ("user.deleted", user),
        ("service_account.created", account["id"]),
        ("api_key.created", account["api_key"]["id"]),
        ("service_account.deleted", account["id"]),
        ("rate_limit.updated", "rl-gpt-4o"),
        ("project.archived", project["project_id"]),
        ("invite.sent", invite["id"]),
        ("invite.deleted", invite["id"]),
        ("api_key.created", key["id"]),
        ("api_key.deleted", key["id"]),
    ]
    changed = next(each for each in entries if each["type"] == "rate_limit.updated")
    assert changed["rate_limit.updated"]["changes_requested"] == {"max_requests_per_1_minute": 9}
    assert changed["project"] == {"id": project["project_id"], "name": "Q"}
    assert all(each["id"].startswith("audit_log-") for each in entries)
    assert paged(mock, "list-audit-logs") == entries


def test_audit_logs_are_filtered(mock):
    """Entries are found by type, target, project, actor and time; a filter that fits nothing finds nothing."""
    assert mock.ok("list-audit-logs")["data"] == []
    one = new_project(mock, "One")
    mock.wait(100)
    two = new_project(mock, "Two")
    mock.ok("modify-project", two, {"name": "Zwei"})
    updated, created, first = mock.ok("list-audit-logs")["data"]
    at = created["effective_at"]
    actor = first["actor"]["api_key"]
    for query, wanted in (
        ({"event_types[]": ["project.created"]}, [created, first]),
        ({"event_types[]": ["user.added", "project.updated"]}, [updated]),
        ({"resource_ids[]": [one["project_id"]]}, [first]),
        ({"project_ids[]": [two["project_id"]]}, [updated, created]),
        ({"actor_ids[]": [actor["id"]]}, [updated, created, first]),
        ({"actor_ids[]": [actor["user"]["id"]]}, [updated, created, first]),
        ({"actor_ids[]": ["user-none"]}, []),
        ({"actor_emails[]": [actor["user"]["email"]]}, [updated, created, first]),
        ({"actor_emails[]": ["nobody@example.com"]}, []),
        ({"effective_at[gt]": at}, []),
        ({"effective_at[gte]": at}, [updated, created]),
        ({"effective_at[lt]": at}, [first]),
        ({"effective_at[lte]": at}, [updated, created, first]),
        ({"effective_at[gt]": at - 100, "effective_at[lt]": at + 1}, [updated, created]),
    ):
        assert mock.ok("list-audit-logs", **query)["data"] == wanted, query


UNKNOWN = {
    "retrieve-user": {"user_id": "x"},
    "modify-user": {"user_id": "x"},
    "delete-user": {"user_id": "x"},
    "retrieve-invite": {"invite_id": "x"},
    "delete-invite": {"invite_id": "x"},
    "retrieve-project": {"project_id": "x"},
    "modify-project": {"project_id": "x"},
    "archive-project": {"project_id": "x"},
    "list-project-users": {"project_id": "x"},
    "list-project-service-accounts": {"project_id": "x"},
    "list-project-api-keys": {"project_id": "x"},
    "list-project-rate-limits": {"project_id": "x"},
    "admin-api-keys-get": {"key_id": "x"},
    "admin-api-keys-delete": {"key_id": "x"},
}
BODIES = {"modify-user": {"role": "owner"}, "modify-project": {"name": "x"}}


@pytest.mark.parametrize("operation", UNKNOWN)
def test_unknown_ids_are_not_found(mock, operation):
    """Whatever names an object that is not there is 404."""
    mock.refused(404, operation, UNKNOWN[operation], BODIES.get(operation))


def test_the_organization_survives_a_restart(tmp_path):
    """With a file behind it the server starts with the same people, projects and logs."""
    mock = Driver(db=str(tmp_path / "state.db"))
    new_project(mock)
    told = [mock.ok(each)["data"] for each in ("list-users", "list-projects", "list-audit-logs")]
    mock.mock.store.close()
    again = Driver(db=str(tmp_path / "state.db"))
    assert [again.ok(each)["data"] for each in ("list-users", "list-projects", "list-audit-logs")] == told
