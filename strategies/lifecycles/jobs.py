"""Batches, fine-tuning jobs, stored completions, chained responses, rate limits."""

from __future__ import annotations

import json
from typing import Any

from contract.draft import Upload
from strategies.lifecycles.steps import Steps

#: Pages of a long list that are read at most.
_PAGES = 20


def _batch(steps: Steps, lines: int) -> dict[str, str]:
    model = steps.stage.model("chat")
    said = {"model": model, "messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 16}
    rows = [
        {"custom_id": f"line-{index}", "method": "POST", "url": "/v1/chat/completions", "body": said}
        for index in range(lines)
    ]
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    upload = Upload("contract.jsonl", content, "application/jsonl")
    file = steps.ask("createFile", body={"file": upload, "purpose": "batch"})
    body = {"input_file_id": file.get("id"), "endpoint": "/v1/chat/completions", "completion_window": "24h"}
    return {"batch_id": str(steps.ask("createBatch", body=body).get("id"))}


def batch(steps: Steps) -> None:
    """Three lines, each answered once in the output file; an ended batch is not cancelled."""
    here = _batch(steps, 3)
    ended = steps.until_ended("retrieveBatch", here)
    if ended.get("status") != "completed":
        steps.stage.skip(f"the batch ended as {ended.get('status')}")
    counts = ended.get("request_counts") or {}
    steps.equal("lifecycle/follows", 3, counts.get("total"), "/request_counts/total")
    output = ended.get("output_file_id")
    if not isinstance(output, str):
        steps.broken("lifecycle/follows", "an output file", output, "/output_file_id")
        return
    exchange = steps.send("downloadFile", {"file_id": output})
    raw = exchange.response.body if exchange.response else b""
    for row in _rows(raw):
        for broken in steps.stage.spec.schemas.broken("/components/schemas/BatchRequestOutput", row):
            steps.broken("lifecycle/content", broken.expected, broken.message, broken.where)
        if not isinstance((row.get("response") or {}).get("status_code"), int):
            steps.broken("lifecycle/content", "a status_code in the response of each line", row, "body")
            break
    answered = sorted(str(each.get("custom_id")) for each in _rows(raw))
    steps.equal("lifecycle/follows", ["line-0", "line-1", "line-2"], answered, "body")
    steps.refused("lifecycle/ended-stays", "cancelBatch", here, why="the batch has ended")


def _rows(raw: bytes) -> list[dict[str, Any]]:
    rows = []
    for line in raw.splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict):
            rows.append(row)
    return rows


def cancelled_batch(steps: Steps) -> None:
    """Cancelled while it works: cancelling, then cancelled (openapi.yaml:1685)."""
    here = _batch(steps, 1)
    exchange = steps.send("cancelBatch", here)
    if exchange.response is None or exchange.response.status != 200:
        steps.stage.inconclusive("the batch had ended before it could be cancelled")
    status = (steps.json(exchange) or {}).get("status")
    if status not in {"cancelling", "cancelled"}:
        steps.broken("lifecycle/cancelled", "cancelling or cancelled", status, "/status")
    ended = steps.until_ended("retrieveBatch", here)
    steps.equal("lifecycle/cancelled", "cancelled", ended.get("status"), "/status")


def _job(steps: Steps) -> dict[str, str]:
    file = steps.stage.fresh("file", purpose="fine-tune")
    body = {"model": "<model fine-tuning>", "training_file": file["id"], "suffix": "contract"}
    here = {"fine_tuning_job_id": str(steps.ask("createFineTuningJob", body=body).get("id"))}
    told = steps.ask("retrieveFineTuningJob", here)
    steps.equal("lifecycle/same-everywhere", file["id"], told.get("training_file"), "/training_file")
    return here


def fine_tuning(steps: Steps) -> None:
    """A job succeeds; its events and checkpoints are listed, its model exists."""
    here = _job(steps)
    ended = steps.until_ended("retrieveFineTuningJob", here)
    if ended.get("status") != "succeeded":
        steps.stage.skip(f"the job ended as {ended.get('status')}")
    if not steps.ask("listFineTuningEvents", here).get("data"):
        steps.broken("lifecycle/follows", "events of the job", "none", "/data")
    if not steps.ask("listFineTuningJobCheckpoints", here).get("data"):
        steps.broken("lifecycle/follows", "checkpoints of the job", "none", "/data")
    model = str(ended.get("fine_tuned_model"))
    if "contract" not in model:
        steps.broken("lifecycle/sent-comes-back", "the suffix in the model's name", model, "/fine_tuned_model")
    if steps.lost("retrieveModel", {"model": model}):
        steps.broken("lifecycle/follows", f"GET /models/{model} answers 200", "another status", "status")
    listed = steps.ask("listModels").get("data")
    if isinstance(listed, list) and model not in [each.get("id") for each in listed if isinstance(each, dict)]:
        steps.broken("lifecycle/listed", f"{model} among the models", "it is not there", "/data")
    steps.refused("lifecycle/ended-stays", "cancelFineTuningJob", here, why="the job has ended")
    steps.ask("deleteModel", {"model": model})
    if steps.read("retrieveModel", {"model": model}) == 200:
        steps.broken("lifecycle/deleted-is-gone", "404", "200", "status")


def cancelled_job(steps: Steps) -> None:
    """Cancelled it stays cancelled."""
    here = _job(steps)
    exchange = steps.send("cancelFineTuningJob", here)
    if exchange.response is None or exchange.response.status != 200:
        steps.stage.inconclusive("the job had ended before it could be cancelled")
    steps.equal("lifecycle/cancelled", "cancelled", (steps.json(exchange) or {}).get("status"), "/status")
    steps.equal("lifecycle/cancelled", "cancelled", steps.ask("retrieveFineTuningJob", here).get("status"), "/status")
    listed = steps.ask("listPaginatedFineTuningJobs", limit=100).get("data") or []
    ours = [each for each in listed if isinstance(each, dict) and each.get("id") == here["fine_tuning_job_id"]]
    for each in ours:
        steps.equal("lifecycle/same-everywhere", "cancelled", each.get("status"), "/data")


def models(steps: Steps) -> None:
    """Each listed model is found; of a long list a few that are drawn."""
    listed = steps.ask("listModels").get("data") or []
    for each in steps.stage.random.sample(listed, min(8, len(listed))):
        here = {"model": str(each.get("id"))}
        if steps.lost("retrieveModel", here):
            steps.broken("lifecycle/created-is-there", f"GET /models/{here['model']} answers 200", "another status")


def user_role(steps: Steps) -> None:
    """A reader becomes an owner, reads as one, and is a reader again."""
    readers = [each for each in steps.ask("list-users").get("data") or [] if each.get("role") == "reader"]
    if not readers:
        steps.stage.skip("the organization has no reader")
    here = {"user_id": str(readers[0].get("id"))}
    steps.ask("modify-user", here, {"role": "owner"})
    kept = steps.ask("retrieve-user", here).get("role")
    steps.ask("modify-user", here, {"role": "reader"})
    steps.equal("lifecycle/change-kept", "owner", kept, "/role")


def stored_messages(steps: Steps) -> None:
    """Three messages sent are the three that are listed."""
    said = [
        {"role": "user", "content": "Say one."},
        {"role": "assistant", "content": "One."},
        {"role": "user", "content": "Say two."},
    ]
    made = steps.ask("createChatCompletion", body={"model": "<model chat>", "messages": said, "store": True})
    here = {"completion_id": str(made.get("id"))}
    for pause in (0.0, 0.5, 2.0):
        steps.stage.wait(pause)
        if steps.read("getChatCompletion", here) == 200:
            break
    listed = steps.ask("getChatCompletionMessages", here, order="asc").get("data") or []
    contents = [each.get("content") for each in listed if isinstance(each, dict)]
    steps.equal("lifecycle/sent-comes-back", [each["content"] for each in said], contents[: len(said)], "/data")
    steps.ask("deleteChatCompletion", here)
    steps.gone("getChatCompletionMessages", here)


def response_chain(steps: Steps) -> None:
    """A second response follows the first; the input items of the first are what was sent."""
    said = "My name is Ada."
    body = {"model": "<model responses>", "input": said, "store": True, "instructions": "Be short."}
    first = steps.ask("createResponse", body=body)
    here = {"response_id": str(first.get("id"))}
    items = steps.ask("listInputItems", here).get("data") or []
    texts = [part.get("text") for each in items if isinstance(each, dict) for part in _parts(each)]
    if said not in texts:
        steps.broken("lifecycle/sent-comes-back", f"an item with {said!r}", texts, "/data")
    body = {"model": "<model responses>", "input": "What is my name?", "previous_response_id": here["response_id"]}
    second = steps.ask("createResponse", body=body)
    if second.get("instructions") == "Be short.":
        expected = "no instructions: those of a previous response are not carried over (openapi.yaml:30826)"
        steps.broken("lifecycle/follows", expected, second["instructions"], "/instructions")
    exchange = steps.send("deleteResponse", here)
    if exchange.response is None or not exchange.response.succeeded:
        return
    if steps.read("getResponse", here) == 200:
        steps.broken("lifecycle/deleted-is-gone", "404", "200", "status")
    steps.gone("listInputItems", here)


def _parts(item: dict[str, Any]) -> list[dict[str, Any]]:
    content = item.get("content")
    if isinstance(content, str):
        return [{"text": content}]
    return [each for each in content if isinstance(each, dict)] if isinstance(content, list) else []


def archived_project(steps: Steps) -> None:
    """Archived it is listed where archived projects are asked for, and only there (openapi.yaml:6228)."""
    project = str(steps.stage.fresh("project")["id"])
    steps.ask("archive-project", {"project_id": project})
    why = "an archived project cannot be used or updated (openapi.yaml:6590)"
    steps.refused("lifecycle/refused", "modify-project", {"project_id": project}, {"name": "contract"}, why=why)
    for included in (True, False):
        listed: set[str] = set()
        query: dict[str, Any] = {"limit": 100, "include_archived": included}
        for _ in range(_PAGES):
            page = steps.ask("list-projects", **query)
            data = [each for each in page.get("data") or [] if isinstance(each, dict)]
            listed |= {str(each.get("id")) for each in data}
            if project in listed or not page.get("has_more") or not data:
                break
            query["after"] = data[-1].get("id")
        else:
            return  # too long to be read to its end
        if included and project not in listed:
            steps.broken("lifecycle/listed", f"{project}, since archived projects are included", "it is not there")
        if not included and project in listed:
            steps.broken("lifecycle/deleted-not-listed", "no archived project", f"{project} is there", "/data")


def permissions(steps: Steps) -> None:
    """Each project gets a permission for the checkpoint; one that is deleted is listed no more."""
    checkpoint = steps.stage.resource("checkpoint")["_path"]
    here = {"fine_tuned_model_checkpoint": checkpoint["fine_tuned_model_checkpoint"]}
    projects = [steps.stage.fresh("project")["id"] for _ in range(2)]
    made = steps.ask("createFineTuningCheckpointPermission", {**here, **checkpoint}, {"project_ids": projects})
    granted = {each.get("project_id"): each.get("id") for each in made.get("data") or [] if isinstance(each, dict)}
    steps.equal("lifecycle/follows", sorted(projects), sorted(map(str, granted)), "/data")
    gone = str(granted.get(projects[0]))
    steps.ask("deleteFineTuningCheckpointPermission", {**here, "permission_id": gone})
    query = {"project_id": projects[0]}
    listed = steps.ask("listFineTuningCheckpointPermissions", checkpoint, **query).get("data") or []
    if gone in [each.get("id") for each in listed if isinstance(each, dict)]:
        steps.broken("lifecycle/deleted-not-listed", "no deleted permission", f"{gone} is still there", "/data")


def service_key(steps: Steps) -> None:
    """The key of a service account goes with the account, and not by itself (openapi.yaml:6571)."""
    project = {"project_id": steps.stage.fresh("project")["id"]}
    made = steps.ask("create-project-service-account", project, {"name": "contract"})
    key = (made.get("api_key") or {}).get("id")
    if not isinstance(key, str):
        steps.broken("lifecycle/follows", "the id of the account's key", made.get("api_key"), "/api_key/id")
        return
    why = "the key belongs to a service account"
    steps.refused("lifecycle/refused", "delete-project-api-key", {**project, "key_id": key}, why=why)


def rate_limit(steps: Steps) -> None:
    """Changed, it reads as changed."""
    project = {"project_id": steps.stage.resource("project", owned=True)["id"]}
    limits = steps.ask("list-project-rate-limits", project).get("data") or []
    if not limits:
        steps.stage.skip("the project has no rate limits")
    chosen = limits[0]
    wanted = max(1, int(chosen.get("max_requests_per_1_minute", 2)) - 1)
    here = {**project, "rate_limit_id": chosen["id"]}
    told = steps.ask("update-project-rate-limits", here, {"max_requests_per_1_minute": wanted})
    steps.equal("lifecycle/change-kept", wanted, told.get("max_requests_per_1_minute"), "/max_requests_per_1_minute")
    again = steps.ask("list-project-rate-limits", project).get("data") or []
    kept = {each.get("id"): each.get("max_requests_per_1_minute") for each in again}
    steps.equal("lifecycle/change-kept", wanted, kept.get(chosen["id"]), "/data")
