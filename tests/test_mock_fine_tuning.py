import pytest
from mock_driver import Driver

from contract.draft import Upload

LINE = b'{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}\n'


@pytest.fixture
def mock() -> Driver:
    """A fresh server."""
    return Driver()


def data_file(mock: Driver, content: bytes = LINE * 10, purpose: str = "fine-tune") -> str:
    """Upload training data; the file's id."""
    return mock.ok("createFile", body={"file": Upload("train.jsonl", content), "purpose": purpose})["id"]


def start(mock: Driver, **members) -> dict:
    """Create a job, on new data unless a file is named."""
    body = {"model": "gpt-4o-mini", **members}
    if "training_file" not in body:
        body["training_file"] = data_file(mock)
    return mock.ok("createFineTuningJob", body=body)


def get(mock: Driver, job: dict) -> dict:
    """The job as it is now."""
    return mock.ok("retrieveFineTuningJob", {"fine_tuning_job_id": job["id"]})


def paged(mock: Driver, operation: str, path: dict | None = None, **query) -> list[dict]:
    """Every object of a list, two a page."""
    found, after = [], {}
    while True:
        page = mock.ok(operation, path, limit=2, **after, **query)
        found += page["data"]
        if not page["has_more"]:
            return found
        after = {"after": page["data"][-1]["id"]}


def test_a_job_goes_through_its_states_and_leaves_a_model(mock):
    """validating_files, queued, running, succeeded; then the model can be used, with a results file beside."""
    job = start(mock, suffix="mine", seed=7, metadata={"a": "b"})
    assert job["id"].startswith("ftjob-")
    assert (job["status"], job["seed"], job["metadata"]) == ("validating_files", 7, {"a": "b"})
    seen = []
    for _ in range(12):
        mock.wait(0.25)
        seen.append(get(mock, job)["status"])
    assert list(dict.fromkeys(seen)) == ["validating_files", "queued", "running", "succeeded"]
    done = get(mock, job)
    assert done["fine_tuned_model"].startswith("ft:gpt-4o-mini-2024-07-18:org:mine:")
    assert done["created_at"] == job["created_at"] <= done["finished_at"]
    assert done["trained_tokens"] > 0
    assert mock.ok("retrieveModel", {"model": done["fine_tuned_model"]})["object"] == "model"
    content = mock.send("downloadFile", {"file_id": done["result_files"][0]}).text
    assert content.startswith("step,train_loss")


def test_a_tuned_model_is_listed_without_asking_for_its_job_and_can_be_deleted(mock):
    """The list of models knows a finished job's model; deleted it is gone."""
    job = start(mock)
    mock.wait(5)
    tuned = [each["id"] for each in mock.ok("listModels")["data"] if each["id"].startswith("ft:")]
    name = get(mock, job)["fine_tuned_model"]
    assert name in tuned
    assert mock.ok("deleteModel", {"model": name})["deleted"] is True
    mock.refused(404, "retrieveModel", {"model": name})
    assert name not in [each["id"] for each in mock.ok("listModels")["data"]]


def test_a_tuned_model_answers_chats(mock):
    """What fine-tuning made can be talked to."""
    job = start(mock)
    mock.wait(5)
    name = get(mock, job)["fine_tuned_model"]
    body = {"model": name, "messages": [{"role": "user", "content": "Hi"}]}
    assert mock.ok("createChatCompletion", body=body)["model"] == name


def test_cancelling_stops_a_job_and_an_ended_one_cannot_be_cancelled(mock):
    """A cancelled job stays so and leaves no model; cancelling what has ended is a 400."""
    path = {"fine_tuning_job_id": start(mock)["id"]}
    mock.wait(1)
    assert mock.ok("cancelFineTuningJob", path)["status"] == "cancelled"
    mock.wait(10)
    job = mock.ok("retrieveFineTuningJob", path)
    assert (job["status"], job["fine_tuned_model"]) == ("cancelled", None)
    mock.refused(400, "cancelFineTuningJob", path)
    done = {"fine_tuning_job_id": start(mock)["id"]}
    mock.wait(10)
    mock.refused(400, "cancelFineTuningJob", done)


@pytest.mark.parametrize(
    ("content", "word"), [(b"", "empty"), (b"no json\n", "not valid JSON"), (b"[1]\n", "not a JSON object")]
)
def test_data_that_cannot_be_read_fails_the_job(mock, content, word):
    """A job on broken data fails with the reason, in the job as in its events."""
    job = start(mock, training_file=data_file(mock, content))
    mock.wait(1)
    failed = get(mock, job)
    assert (failed["status"], failed["error"]["param"]) == ("failed", "training_file")
    assert word in failed["error"]["message"]
    path = {"fine_tuning_job_id": job["id"]}
    assert mock.ok("listFineTuningEvents", path)["data"][0]["level"] == "error"
    assert mock.ok("listFineTuningJobCheckpoints", path)["data"] == []
    mock.refused(400, "cancelFineTuningJob", path)


def test_the_training_file_must_exist_and_be_for_fine_tuning(mock):
    """A file that is not there, or has another purpose, is a 400 that names the member."""
    other = data_file(mock, purpose="assistants")
    good = data_file(mock)
    for wrong in ("file-none", other):
        body = {"model": "gpt-4o-mini", "training_file": wrong}
        assert mock.refused(400, "createFineTuningJob", body=body)["param"] == "training_file"
        body = {"model": "gpt-4o-mini", "training_file": good, "validation_file": wrong}
        assert mock.refused(400, "createFineTuningJob", body=body)["param"] == "validation_file"


def test_the_model_must_exist_and_be_tunable(mock):
    """An unknown model is 404, one that cannot be tuned is 400."""
    file_id = data_file(mock)
    mock.refused(404, "createFineTuningJob", body={"model": "gpt-99", "training_file": file_id})
    error = mock.refused(400, "createFineTuningJob", body={"model": "whisper-1", "training_file": file_id})
    assert error["param"] == "model"


def test_hyperparameters_come_back_where_they_were_sent(mock):
    """Those of a method stand in the method, the deprecated ones too; what was not sent is auto."""
    auto = {"batch_size": "auto", "learning_rate_multiplier": "auto", "n_epochs": "auto"}
    assert start(mock)["method"] == {"type": "supervised", "supervised": {"hyperparameters": auto}}
    old = start(mock, hyperparameters={"n_epochs": 2})
    assert old["hyperparameters"] == auto | {"n_epochs": 2} == old["method"]["supervised"]["hyperparameters"]
    method = {"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.1, "batch_size": 8}}}
    preferred = start(mock, method=method)["method"]
    assert preferred == {"type": "dpo", "dpo": {"hyperparameters": auto | {"beta": 0.1, "batch_size": 8}}}


def test_integrations_come_back_as_they_were_sent(mock):
    """A job tells its integrations."""
    integrations = [{"type": "wandb", "wandb": {"project": "p", "tags": ["t"]}}]
    assert start(mock, integrations=integrations)["integrations"] == integrations


def test_jobs_are_listed_newest_first_and_page_once(mock):
    """Every job stands on exactly one page; an unknown cursor is refused."""
    file_id = data_file(mock)
    made = [start(mock, training_file=file_id)["id"] for _ in range(5)]
    assert [each["id"] for each in paged(mock, "listPaginatedFineTuningJobs")] == made[::-1]
    assert mock.refused(400, "listPaginatedFineTuningJobs", after="ftjob-none")["param"] == "after"


def test_jobs_are_filtered_by_metadata(mock):
    """`metadata[k]=v` lists the jobs that have it, `metadata=null` those without any."""
    file_id = data_file(mock)
    one = start(mock, training_file=file_id, metadata={"team": "a", "x": "1"})
    two = start(mock, training_file=file_id, metadata={"team": "b"})
    none = start(mock, training_file=file_id)
    for query, wanted in (
        ({"metadata[team]": "a"}, [one]),
        ({"metadata[team]": "a", "metadata[x]": "2"}, []),
        ({"metadata[team]": "b"}, [two]),
        ({"metadata": "null"}, [none]),
    ):
        listed = mock.ok("listPaginatedFineTuningJobs", **query)["data"]
        assert [each["id"] for each in listed] == [each["id"] for each in wanted]


def test_events_tell_the_story_and_page_once(mock):
    """Events come newest first, each once over all pages, with stable ids and metrics on the way."""
    job = start(mock)
    path = {"fine_tuning_job_id": job["id"]}
    mock.wait(1)
    early = mock.ok("listFineTuningEvents", path, limit=100)["data"]
    mock.wait(5)
    events = mock.ok("listFineTuningEvents", path, limit=100)["data"]
    assert events[-len(early) :] == early
    assert paged(mock, "listFineTuningEvents", path) == events
    assert len({each["id"] for each in events}) == len(events)
    assert all(each["id"].startswith("ftevent-") for each in events)
    assert {each["type"] for each in events} == {"message", "metrics"}
    assert "successfully completed" in events[0]["message"]


def test_checkpoints_come_with_the_last_epochs(mock):
    """A job of five epochs leaves three checkpoints, newest first, each a model with falling loss."""
    job = start(mock, method={"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 5}}})
    path = {"fine_tuning_job_id": job["id"]}
    assert mock.ok("listFineTuningJobCheckpoints", path)["data"] == []
    mock.wait(5)
    listed = mock.ok("listFineTuningJobCheckpoints", path)["data"]
    steps = [each["step_number"] for each in listed]
    assert len(steps) == 3
    assert steps == sorted(steps, reverse=True)
    assert paged(mock, "listFineTuningJobCheckpoints", path) == listed
    losses = [each["metrics"]["train_loss"] for each in listed]
    assert losses == sorted(losses)
    for each in listed:
        assert each["id"].startswith("ftckpt-")
        assert mock.ok("retrieveModel", {"model": each["fine_tuned_model_checkpoint"]})


def test_permissions_share_a_checkpoint_with_projects(mock):
    """Made for several projects at once, listed both ways and by project, taken back by their own id."""
    start(mock)
    mock.wait(5)
    checkpoint = {
        "permission_id": next(each["id"] for each in mock.ok("listModels")["data"] if "ckpt-step" in each["id"])
    }
    projects = [mock.ok("create-project", body={"name": f"P{index}"})["id"] for index in range(3)]
    assert mock.ok("listFineTuningCheckpointPermissions", checkpoint)["data"] == []
    made = mock.ok("createFineTuningCheckpointPermission", checkpoint, {"project_ids": projects})["data"]
    assert [each["project_id"] for each in made] == projects
    assert all(each["id"].startswith("cp_") for each in made)
    assert paged(mock, "listFineTuningCheckpointPermissions", checkpoint) == made[::-1]
    assert paged(mock, "listFineTuningCheckpointPermissions", checkpoint, order="ascending") == made
    assert mock.ok("listFineTuningCheckpointPermissions", checkpoint, project_id=projects[1])["data"] == [made[1]]
    again = mock.ok("createFineTuningCheckpointPermission", checkpoint, {"project_ids": projects[:1]})["data"]
    assert again == made[:1]
    gone = {"permission_id": made[0]["id"]}
    assert mock.ok("deleteFineTuningCheckpointPermission", gone)["deleted"] is True
    mock.refused(404, "deleteFineTuningCheckpointPermission", gone)
    assert mock.ok("listFineTuningCheckpointPermissions", checkpoint, order="ascending")["data"] == made[1:]


def test_permissions_need_a_checkpoint_and_projects_that_exist(mock):
    """An unknown checkpoint is 404, an unknown project 400."""
    start(mock)
    mock.wait(5)
    checkpoint = {
        "permission_id": next(each["id"] for each in mock.ok("listModels")["data"] if "ckpt-step" in each["id"])
    }
    wrong = {"project_ids": ["proj_none"]}
    assert mock.refused(400, "createFineTuningCheckpointPermission", checkpoint, wrong)["param"] == "project_ids"
    mock.refused(404, "createFineTuningCheckpointPermission", {"permission_id": "ft:none"}, {"project_ids": []})


def test_an_unknown_job_is_not_found(mock):
    """Every operation on a job that is not there is 404."""
    path = {"fine_tuning_job_id": "ftjob-none"}
    for operation in (
        "retrieveFineTuningJob",
        "cancelFineTuningJob",
        "listFineTuningEvents",
        "listFineTuningJobCheckpoints",
    ):
        mock.refused(404, operation, path)


def test_a_job_goes_on_after_a_restart(tmp_path):
    """With a file behind it, a server that starts again knows the job, and time has passed for it."""
    mock = Driver(db=str(tmp_path / "state.db"))
    job = start(mock)
    moment = mock.clock.moment
    mock.mock.store.close()
    again = Driver(db=str(tmp_path / "state.db"))
    again.clock.moment = moment + 5
    assert get(again, job)["status"] == "succeeded"


@pytest.mark.parametrize(
    ("members", "param"),
    [
        ({"metadata": {str(index): "" for index in range(17)}}, "metadata"),
        ({"metadata": {"k" * 65: ""}}, "metadata"),
        ({"integrations": [{"type": "wandb", "wandb": {"project": "p"}}] * 6}, "integrations"),
        ({"seed": -1}, "seed"),
        ({"suffix": "s" * 65}, "suffix"),
        ({"hyperparameters": {"n_epochs": 0}}, "hyperparameters.n_epochs"),
    ],
)
def test_a_job_that_breaks_a_bound_is_refused(mock, members, param):
    """What the schema or its prose bounds is a 400 that names the place."""
    body = {"model": "gpt-4o-mini", "training_file": data_file(mock), **members}
    assert mock.refused(400, "createFineTuningJob", body=body)["param"].startswith(param)


def test_a_job_on_much_data_is_quick(mock):
    """Fifty epochs on many lines end with a results file of bounded length."""
    hyperparameters = {"n_epochs": 50, "batch_size": 1}
    job = start(mock, training_file=data_file(mock, LINE * 20_000), hyperparameters=hyperparameters)
    mock.wait(5)
    rows = mock.send("downloadFile", {"file_id": get(mock, job)["result_files"][0]}).text.splitlines()
    assert 500 < len(rows) <= 1001
