"""Fine-tuning jobs: create, list, get, cancel, events and checkpoints (`openapi.yaml:3945`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contract.mock.errors import invalid, not_found
from contract.mock.handlers import tuning
from contract.mock.handlers.files import KIND as FILE
from contract.mock.handlers.files import content_of
from contract.mock.kernel import Call, Json, Reply, route
from contract.mock.paging import page

_AUTO: Mapping[str, Mapping[str, Any]] = {
    "supervised": {"batch_size": "auto", "learning_rate_multiplier": "auto", "n_epochs": "auto"},
    "dpo": {"beta": "auto", "batch_size": "auto", "learning_rate_multiplier": "auto", "n_epochs": "auto"},
}
#: The spec bounds no `limit` here: every positive one is taken.
_UNBOUNDED = 2**31


def _data_file(call: Call, member: str) -> str | None:
    """The id of a file that can be trained on. Raises ApiError 400 where there is none or it is for something else."""
    identifier: str | None = call.body.get(member)
    if identifier is None:
        return None
    found = call.store.get(FILE, identifier)
    if found is None:
        raise invalid(f"invalid {member}: {identifier}", member, "file_not_found")
    if found["purpose"] != "fine-tune":
        text = f"invalid {member}: {identifier} has the purpose '{found['purpose']}', it must be 'fine-tune'"
        raise invalid(text, member, "invalid_file_purpose")
    return identifier


def _method(body: Mapping[str, Any]) -> dict[str, Any]:
    """The method with every hyperparameter: those of `method`, those of the deprecated member, or `auto`."""
    given = body.get("method") or {}
    kind = given.get("type") or ("dpo" if "dpo" in given else "supervised")
    chosen = (given.get(kind) or {}).get("hyperparameters") or body.get("hyperparameters") or {}
    return {"type": kind, kind: {"hyperparameters": {**_AUTO[kind], **chosen}}}


@route("createFineTuningJob")
def create_fine_tuning_job(call: Call) -> Reply:
    """Start a job; it reaches its end by itself."""
    body = call.body
    training_file, validation_file = _data_file(call, "training_file"), _data_file(call, "validation_file")
    method = _method(body)
    hyperparameters = method[method["type"]]["hyperparameters"]
    seed = body.get("seed")
    identifier = call.store.new_id("ftjob-")
    job = {
        "id": identifier,
        "object": "fine_tuning.job",
        "created_at": call.now,
        "error": None,
        "fine_tuned_model": None,
        "finished_at": None,
        "hyperparameters": {key: value for key, value in hyperparameters.items() if key != "beta"},
        "model": tuning.snapshot(call, body["model"]),
        "organization_id": tuning.ORGANIZATION_ID,
        "result_files": [],
        "status": "validating_files",
        "trained_tokens": None,
        "training_file": training_file,
        "validation_file": validation_file,
        "integrations": body.get("integrations") or [],
        "seed": call.random(identifier).randrange(2**31) if seed is None else seed,
        "estimated_finish": None,
        "method": method,
        "metadata": body.get("metadata"),
    }
    kept = tuning.record(job, call.time, content_of(call, training_file or ""), hyperparameters)
    kept["suffix"] = body.get("suffix")
    call.store.put(tuning.KIND, identifier, kept)
    return Json(job)


def _kept(call: Call) -> dict[str, Any]:
    identifier = call.path["fine_tuning_job_id"]
    kept = call.store.get(tuning.KIND, identifier)
    if kept is None:
        raise not_found("fine-tuning job", identifier)
    return tuning.settle(call, kept)


def _matches(job: Mapping[str, Any], wanted: Any) -> bool:
    """True where a job has the metadata that a list asks for; `metadata=null` asks for jobs without any."""
    own = job["metadata"] or {}
    if isinstance(wanted, Mapping) and wanted:
        return all(own.get(key) == value for key, value in wanted.items())
    return not own


@route("listPaginatedFineTuningJobs")
def list_fine_tuning_jobs(call: Call) -> Reply:
    """All jobs, newest first, of some metadata where it is asked for."""
    jobs = [each["job"] for each in tuning.settle_all(call)]
    if "metadata" in call.query:
        jobs = [each for each in jobs if _matches(each, call.query["metadata"])]
    return Json(page(jobs, call, max_limit=_UNBOUNDED, cursor=False))


@route("retrieveFineTuningJob")
def retrieve_fine_tuning_job(call: Call) -> Reply:
    """One job as it is now."""
    return Json(_kept(call)["job"])


@route("cancelFineTuningJob")
def cancel_fine_tuning_job(call: Call) -> Reply:
    """Stop a job at once; what has ended cannot be cancelled."""
    kept = _kept(call)
    if kept["job"]["status"] in tuning.ENDED:
        raise invalid(f"Job has already completed: {kept['job']['id']} is {kept['job']['status']}.")
    tuning.stop(call, kept)
    return Json(kept["job"])


@route("listFineTuningEvents")
def list_fine_tuning_events(call: Call) -> Reply:
    """What happened to a job, newest first."""
    return Json(page(tuning.events(call, _kept(call)), call, max_limit=_UNBOUNDED, cursor=False))


@route("listFineTuningJobCheckpoints")
def list_fine_tuning_job_checkpoints(call: Call) -> Reply:
    """The models that a job left on its way, newest first."""
    found = tuning.checkpoints(call, _kept(call))
    return Json(page(found, call, default_limit=10, max_limit=_UNBOUNDED))
