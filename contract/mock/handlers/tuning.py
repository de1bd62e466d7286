"""The life of a fine-tuning job: validating_files, queued, running, succeeded or failed, unless it is cancelled.

What time changes is worked out when somebody looks (`settle`): a job's events and checkpoints are a function of its
record and of the mock seconds since it began, so they come out the same for every reader and after a restart.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from contract.mock.errors import invalid, no_model
from contract.mock.handlers import models
from contract.mock.handlers.files import new_file
from contract.mock.kernel import Call

KIND = "fine_tuning_job"
ORGANIZATION_ID: Final = "org-mock"
#: Mock seconds after its creation at which a job is queued, running and done.
QUEUED, RUNNING, DONE = 0.3, 0.6, 2.0
ENDED: Final = frozenset({"succeeded", "failed", "cancelled"})
#: Names that stand for a dated snapshot, which is what gets trained (openapi.yaml:4010 and its request).
_SNAPSHOTS: Final = {
    "gpt-4o": "gpt-4o-2024-08-06",
    "gpt-4o-mini": "gpt-4o-mini-2024-07-18",
    "gpt-4": "gpt-4-0613",
    "gpt-3.5-turbo": "gpt-3.5-turbo-0125",
}
_AUTO_EPOCHS = 3
_CHECKPOINTS = 3
_BATCH = 4
_METRIC_EVENTS = 10
#: Most lines of data that are checked, most rows of the results file: jobs on large files stay quick.
_CHECKED = 10_000
_ROWS = 1_000


class Moment(NamedTuple):
    """Something that happens to a job `at` mock seconds after its creation."""

    at: float
    message: str
    level: str = "info"
    data: dict[str, Any] | None = None


def snapshot(call: Call, model: str) -> str:
    """The model that is trained for a name. Raises ApiError: 404 for an unknown one, 400 where it cannot be tuned."""
    if not models.exists(call, model):
        raise no_model(model)
    if models.capability(call, model) not in {"chat", "completions"}:
        raise invalid(f"Model {model} is not available for fine-tuning.", "model", "model_not_available")
    return _SNAPSHOTS.get(model, model)


def short(*parts: object, length: int = 8) -> str:
    """A few letters and digits that depend on `parts` only."""
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()[:length]


def problem(content: bytes) -> str | None:
    """What is wrong with training data, None where every line is a JSON object and there is one."""
    if not content.strip():
        return "The training file is empty."
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines()[:_CHECKED], 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError:
            return f"Invalid file format. Line {number} is not valid JSON."
        if not isinstance(value, dict):
            return f"Invalid file format. Line {number} is not a JSON object."
    return None


def record(job: dict[str, Any], began: float, content: bytes, hyperparameters: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a job beside the object that clients see."""
    epochs = hyperparameters.get("n_epochs", "auto")
    epochs = _AUTO_EPOCHS if epochs == "auto" else epochs
    batch = hyperparameters.get("batch_size", "auto")
    examples = max(1, content.count(b"\n"))
    return {
        "job": job,
        "began": began,
        "stopped": None,
        "epochs": epochs,
        "steps": epochs * -(-examples // (_BATCH if batch == "auto" else batch)),
        "tokens": epochs * max(1, len(content) // 4),
        "problem": problem(content),
    }


def _checkpoint_steps(kept: Mapping[str, Any]) -> list[int]:
    """The step at the end of each of the last epochs."""
    each = kept["steps"] // kept["epochs"]
    return [each * epoch for epoch in range(max(1, kept["epochs"] - _CHECKPOINTS + 1), kept["epochs"] + 1)]


def _at_step(kept: Mapping[str, Any], step: int) -> float:
    return RUNNING + (DONE - RUNNING) * 0.95 * step / float(kept["steps"])


def model_name(kept: Mapping[str, Any]) -> str:
    """`ft:BASE:org:SUFFIX:ID`; a tuned model is named after its own base."""
    job = kept["job"]
    base = job["model"].split(":")[1] if job["model"].startswith("ft:") else job["model"]
    return f"ft:{base}:org:{kept.get('suffix') or ''}:{short(job['id'])}"


def metrics(call: Call, kept: Mapping[str, Any], step: int) -> dict[str, Any]:
    """Losses that fall and accuracies that rise, the same for the same job and step."""
    noise = call.random(kept["job"]["id"], step).uniform(0, 0.05)
    part = step / kept["steps"]
    loss = round(2.0 - 1.5 * part + noise, 4)
    values = {"step": step, "train_loss": loss, "train_mean_token_accuracy": round(0.5 + 0.4 * part - noise, 4)}
    if kept["job"]["validation_file"]:
        values |= {"valid_loss": round(loss + 0.1, 4), "valid_mean_token_accuracy": round(0.45 + 0.4 * part, 4)}
        values |= {"full_valid_loss": round(loss + 0.12, 4)}
        values |= {"full_valid_mean_token_accuracy": round(0.44 + 0.4 * part, 4)}
    return values


def _moments(call: Call, kept: Mapping[str, Any]) -> Iterator[Moment]:
    """Everything that happens to a job that nobody cancels, in order."""
    job = kept["job"]
    yield Moment(0, f"Created fine-tuning job: {job['id']}")
    yield Moment(0, f"Validating training file: {job['training_file']}")
    if kept["problem"]:
        yield Moment(QUEUED, kept["problem"], "error")
        return
    yield Moment(QUEUED, "Files validated, moving job to queued state")
    yield Moment(RUNNING, "Fine-tuning job started")
    shown = max(1, kept["steps"] // _METRIC_EVENTS)
    for step in range(shown, kept["steps"] + 1, shown):
        data = metrics(call, kept, step)
        text = f"Step {step}/{kept['steps']}: training loss={data['train_loss']}"
        yield Moment(_at_step(kept, step), text, data=data)
    for step in _checkpoint_steps(kept):
        yield Moment(_at_step(kept, step), f"Checkpoint created at step {step}")
    yield Moment(DONE, f"New fine-tuned model created: {model_name(kept)}")
    yield Moment(DONE, "The job has successfully completed")


def _clock(call: Call, kept: Mapping[str, Any]) -> float:
    """Mock seconds that the job has lived: its clock stands still once it was cancelled."""
    if kept["stopped"] is not None:
        return float(kept["stopped"])
    return call.elapsed(kept["began"])


def _when(call: Call, kept: Mapping[str, Any], at: float) -> int:
    """The second of real time at which a moment came."""
    return int(kept["began"] + at / call.settings.speed)


def events(call: Call, kept: Mapping[str, Any]) -> list[dict[str, Any]]:
    """FineTuningJobEvent objects up to now, oldest first."""
    lived = _clock(call, kept)
    happened = sorted((each for each in _moments(call, kept) if each.at <= lived), key=lambda each: each.at)
    if kept["stopped"] is not None:
        happened.append(Moment(lived, "The job has been cancelled"))
    return [
        {
            "object": "fine_tuning.job.event",
            "id": f"ftevent-{short(kept['job']['id'], 'event', index, length=24)}",
            "created_at": _when(call, kept, each.at),
            "level": each.level,
            "message": each.message,
            "type": "metrics" if each.data else "message",
            "data": each.data or {},
        }
        for index, each in enumerate(happened)
    ]


def checkpoints(call: Call, kept: Mapping[str, Any]) -> list[dict[str, Any]]:
    """FineTuningJobCheckpoint objects up to now, oldest first."""
    if kept["problem"]:
        return []
    lived = _clock(call, kept)
    return [
        {
            "object": "fine_tuning.job.checkpoint",
            "id": f"ftckpt-{short(kept['job']['id'], 'checkpoint', step, length=24)}",
            "created_at": _when(call, kept, _at_step(kept, step)),
            "fine_tuned_model_checkpoint": f"{model_name(kept)}:ckpt-step-{step}",
            "fine_tuning_job_id": kept["job"]["id"],
            "metrics": metrics(call, kept, step),
            "step_number": step,
        }
        for step in _checkpoint_steps(kept)
        if _at_step(kept, step) <= lived
    ]


def settle(call: Call, kept: dict[str, Any]) -> dict[str, Any]:
    """Bring a record to the state that it has by now, save it where that is new, and give it back."""
    job, lived = kept["job"], _clock(call, kept)
    if job["status"] in ENDED:
        return kept
    before = job["status"]
    if kept["problem"] and lived >= QUEUED:
        error = {"code": "invalid_training_file", "message": kept["problem"], "param": "training_file"}
        job.update(status="failed", error=error, finished_at=_when(call, kept, QUEUED))
    elif lived >= DONE:
        _succeed(call, kept)
    else:
        job["status"] = "running" if lived >= RUNNING else "queued" if lived >= QUEUED else "validating_files"
        job["estimated_finish"] = _when(call, kept, DONE) + 1 if job["status"] == "running" else None
    if job["status"] != before:
        call.store.put(KIND, job["id"], kept)
    return kept


def _succeed(call: Call, kept: dict[str, Any]) -> None:
    job, name = kept["job"], model_name(kept)
    each_row = -(-kept["steps"] // _ROWS)
    rows = [metrics(call, kept, step) for step in range(each_row, kept["steps"] + 1, each_row)]
    lines = ["step,train_loss,train_accuracy"]
    lines += [f"{each['step']},{each['train_loss']},{each['train_mean_token_accuracy']}" for each in rows]
    results = new_file(call, "\n".join(lines).encode(), "step_metrics.csv", "fine-tune-results")
    job.update(status="succeeded", fine_tuned_model=name, finished_at=_when(call, kept, DONE), estimated_finish=None)
    job.update(result_files=[results["id"]], trained_tokens=kept["tokens"])
    for each in (name, *(point["fine_tuned_model_checkpoint"] for point in checkpoints(call, kept))):
        models.add(call, each, job["model"], ORGANIZATION_ID)


def settle_all(call: Call) -> list[dict[str, Any]]:
    """Every record as it is by now, oldest first."""
    return [settle(call, each) for each in call.store.list(KIND)]


def stop(call: Call, kept: dict[str, Any]) -> None:
    """Cancel a job that has not ended: its clock stands still from now on."""
    kept["stopped"] = _clock(call, kept)
    kept["job"].update(status="cancelled", finished_at=call.now, estimated_finish=None)
    call.store.put(KIND, kept["job"]["id"], kept)
