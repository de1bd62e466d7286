"""Resources: how each kind of object on a target is found, made, waited for and removed.

A resource is the object as the target described it, with `_path` beside it: the path parameters that address it.
Ids always come from the target. What the target cannot give ends the case with the reason.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from contract import pointer
from contract.case import Ended, Stage
from contract.created import Removal
from contract.draft import Draft
from contract.exchange import Exchange
from contract.operation import Operation
from contract.verdict import Outcome
from strategies import foreign, media, templates
from strategies.kinds import KINDS, ResourceKind, kind_at

#: A resource as the target described it, with `_path` beside it.
Found = Mapping[str, Any]
#: Seconds between two looks at something that takes its time; about ten in all.
POLLS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)
#: A key of the right form that nobody has.
WRONG_KEY = "Bearer sk-contract-no-such-key"
#: How often a kind is tried again after the target could not give it.
_TRIES = 2


class Resources:
    """The provider of a process; remembers what the target could not give, so that it is not asked in vain."""

    def __init__(self) -> None:
        """Nothing is known of the target yet."""
        self._failed: dict[str, list[Ended]] = {}

    def find_or_make(self, stage: Stage, kind: str, *, fresh: bool, wants: Mapping[str, Any]) -> Found:
        """A resource of that kind. `wants`: `owned=True` made by this run; `purpose`; `stage` as the kind knows it.

        Ends the case (skipped, unsupported) with the reason where the target cannot give one.
        """
        if kind == foreign.KIND:
            return foreign.find(stage, **wants)
        key = f"{kind} {sorted(wants.items())}"
        failed = self._failed.setdefault(key, [])
        if len(failed) >= _TRIES:
            raise Ended(failed[-1].outcome, failed[-1].reason)
        try:
            return _obtain(stage, KINDS[kind], fresh=fresh, wants=dict(wants))
        except Ended as ended:
            if ended.outcome in {Outcome.SKIPPED, Outcome.UNSUPPORTED} and not ended.reason.startswith("budget"):
                failed.append(ended)
            raise


def provider() -> Resources:
    """A provider that knows nothing yet; one a process."""
    return Resources()


def removals() -> Mapping[str, Removal]:
    """Operation id of the producer -> how its product is removed."""
    found = {
        each.maker: Removal(each.name, each.remove, each.ids) for each in KINDS.values() if each.maker and each.ledger
    }
    found["createThreadAndRun"] = Removal("thread", "deleteThread", {"thread_id": "thread_id"})
    found["completeUpload"] = Removal("file", "deleteFile", {"file_id": "file.id"})
    return found


def remover(kind: str) -> str | None:
    """The operation that removes a resource of that kind, None where nothing does."""
    return KINDS[kind].remove


def can_make(operation: Operation) -> bool:
    """True where this run can make what the path of an operation addresses."""
    kind = kind_at(operation)
    return kind is None or KINDS[kind].maker is not None or kind in _FINDERS.keys() - {"org_user"}


def path_resource(stage: Stage, operation: Operation, *, fresh: bool = False, changes: bool = False) -> Found | None:
    """The resource that the path of an operation addresses, None where it has no parameters or no known kind.

    `fresh`: one for this case alone; `changes`: the case changes it, so it must be one that this run made.
    """
    kind = kind_at(operation)
    if kind is None:
        return None
    if fresh:
        return stage.fresh(kind)
    return stage.resource(kind, owned=True) if changes else stage.resource(kind)


def path_values(stage: Stage, operation: Operation, fresh: bool = False, changes: bool = False) -> dict[str, Any]:
    """Values for the path parameters of an operation, from the target."""
    found = path_resource(stage, operation, fresh=fresh, changes=changes)
    return values_of(stage, operation, found)


def values_of(stage: Stage, operation: Operation, found: Mapping[str, Any] | None) -> dict[str, Any]:
    """The path parameters of an operation out of a resource."""
    names = [each.name for each in operation.parameters_in("path")]
    known = dict(found["_path"]) if found else {}
    for name in names:
        if name not in known and stage.spec.overlays:
            stage.skip(f"nothing is known that gives {{{name}}} of {operation.path}")
        if name not in known:
            known[name] = foreign.path_value(stage, operation, name)
    return {name: known[name] for name in names}


def _obtain(stage: Stage, row: ResourceKind, *, fresh: bool, wants: dict[str, Any]) -> Found:
    owned = fresh or bool(wants.pop("owned", False))
    find = _FINDERS.get(row.name)
    if find is not None:
        return find(stage, owned=owned, **wants)
    parent = _parent(stage, row, owned)
    if not owned and row.found_first:
        existing = _existing(stage, row, parent, wants)
        if existing is not None:
            return existing
    if row.maker is None:
        existing = _existing(stage, row, parent, wants)
        return existing if existing is not None else stage.skip(f"needs a {row.title}: the target lists none")
    try:
        return _made(stage, row, parent, wants)
    except Ended as ended:
        existing = None if owned or "safety" not in ended.reason else _existing(stage, row, parent, wants)
        if existing is None:
            raise
        return existing


def _parent(stage: Stage, row: ResourceKind, owned: bool) -> Found:
    if row.parent is None:
        return {"_path": {}}
    if row.parent_fresh:
        return stage.fresh(row.parent)
    return stage.resource(row.parent, owned=True) if owned else stage.resource(row.parent)


def _existing(stage: Stage, row: ResourceKind, parent: Mapping[str, Any], wants: Mapping[str, Any]) -> Found | None:
    if row.lister is None:
        return None
    operation = stage.operation(row.lister)
    answer = _json(stage.send(_draft(stage, operation, parent), judge=False))
    entries = answer.get("data") if isinstance(answer, dict) else None
    for each in entries if isinstance(entries, list) else []:
        if _fits(each, row, wants):
            return _addressed(row, each, parent)
    return None


def _fits(entry: Any, row: ResourceKind, wants: Mapping[str, Any]) -> bool:
    if not isinstance(entry, dict) or not isinstance(entry.get(row.key), str):
        return False
    return all(entry.get(name) == value for name, value in wants.items())


def _draft(stage: Stage, operation: Operation, parent: Mapping[str, Any], body: Any = None) -> Draft:
    names = {each.name for each in operation.parameters_in("path")}
    path = {name: value for name, value in parent["_path"].items() if name in names}
    return Draft(operation, path=path, body=templates.resolve(stage, body, parent))


def _made(stage: Stage, row: ResourceKind, parent: Mapping[str, Any], wants: Mapping[str, Any]) -> Found:
    assert row.maker is not None  # noqa: S101 - told by the caller; for the type checker
    body = row.variants.get(str(wants.get("purpose", "")), row.body)
    answer = asked(stage, row.title, row.maker, parent, body)
    try:
        made = pointer.resolve(answer, row.at)
    except KeyError:
        made = None
    if not isinstance(made, dict) or not isinstance(made.get(row.key), str):
        stage.skip(f"needs a {row.title}: the answer of {row.maker} has no {row.key}")
    found = _addressed(row, made, parent)
    return _settled(stage, row, found) if row.ready else found


def asked(stage: Stage, title: str, maker: str, parent: Mapping[str, Any], body: Any) -> Any:
    """The JSON answer of an operation that makes something needed; ends the case where it refuses."""
    exchange = stage.send(_draft(stage, stage.operation(maker), parent, body), judge=False)
    response = exchange.response
    if response is None or not response.succeeded:
        said = response.status if response else exchange.error.kind if exchange.error else "nothing"
        reason = f"needs a {title}: {maker} answered {said}"
        if response is not None and response.status in {404, 405, 501} and not parent["_path"]:
            stage.unsupported(reason)
        stage.skip(reason)
    answer = _json(exchange)
    return answer if answer is not None else stage.skip(f"needs a {title}: the answer of {maker} is no JSON")


def _addressed(row: ResourceKind, value: Mapping[str, Any], parent: Mapping[str, Any]) -> Found:
    path = {**parent["_path"], **({row.parameter: value[row.key]} if row.parameter else {})}
    return {**value, "_path": path}


def call_ids(run: Mapping[str, Any]) -> list[str]:
    """The ids of the tool calls whose outputs a run waits for."""
    action = run.get("required_action")
    asked = action.get("submit_tool_outputs") if isinstance(action, dict) else None
    calls = asked.get("tool_calls") if isinstance(asked, dict) else None
    return [str(each.get("id")) for each in calls or () if isinstance(each, dict)]


def ended(stage: Stage, kind: str, found: Mapping[str, Any]) -> Found:
    """A resource that was made elsewhere, once its status is one of those that its kind waits for."""
    return _settled(stage, KINDS[kind], found)


def _settled(stage: Stage, row: ResourceKind, found: Mapping[str, Any]) -> Found:
    """The resource once its status is one of those wanted; ends the case where it takes too long or fails."""
    assert row.getter is not None  # noqa: S101 - the table has one wherever it has `ready`; for the type checker
    operation = stage.operation(row.getter)
    for pause in (*POLLS, None):
        if found.get("status") in row.ready:
            return found
        if found.get("status") in row.failed:
            stage.skip(f"needs a {row.title}: it ended as {found.get('status')}")
        if pause is None:
            break
        stage.wait(pause)
        answer = _json(stage.send(_draft(stage, operation, found), judge=False))
        if isinstance(answer, dict):
            found = {**answer, "_path": found["_path"]}
    return stage.skip(f"needs a {row.title}: still {found.get('status')} after {sum(POLLS):.0f} s")


def _json(exchange: Exchange) -> Any:
    response = exchange.response
    if response is None or not response.succeeded:
        return None
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None


def _waiting_run(stage: Stage, *, owned: bool = False) -> Found:
    """A run that waits for tool outputs; `tool_call_id` and `tool_outputs` beside the run's own members."""
    del owned  # always made: what waits for its owner is not ours to answer
    found = _made(stage, KINDS["waiting_run"], stage.fresh("thread"), {})
    action = found.get("required_action") or {}
    calls = (action.get("submit_tool_outputs") or {}).get("tool_calls") or []
    if not calls:
        stage.skip("needs a run that waits for tool outputs: required_action has no tool_calls")
    outputs = [{"tool_call_id": each.get("id"), "output": "22 degrees"} for each in calls]
    return {**found, "tool_call_id": outputs[0]["tool_call_id"], "tool_outputs": outputs}


def _filled_upload(stage: Stage, *, owned: bool = False) -> Found:
    """A pending upload that holds all its bytes; `part_id` beside the upload's own members."""
    del owned  # uploads cannot be listed: always made
    upload = stage.fresh("upload")
    part = asked(stage, "upload part", "addUploadPart", upload, {"data": "<upload part>"})
    checksum = hashlib.md5(media.PART, usedforsecurity=False).hexdigest()
    return {**upload, "part_id": part["id"], "md5": checksum}


def _run_step(stage: Stage, *, owned: bool = False) -> Found:
    del owned
    return _polled(stage, KINDS["run_step"], stage.resource("run"))


def _checkpoint(stage: Stage, *, owned: bool = False) -> Found:
    del owned
    job = _settled(stage, KINDS["ft_done"], stage.resource("ft_job"))
    found = _polled(stage, KINDS["checkpoint"], job)
    name = found["fine_tuned_model_checkpoint"]
    return {**found, "_path": {"permission_id": name, "fine_tuned_model_checkpoint": name}}


def _ckpt_permission(stage: Stage, *, owned: bool = False) -> Found:
    checkpoint = stage.resource("checkpoint")
    row = KINDS["ckpt_permission"]
    found = None if owned else _existing(stage, row, checkpoint, {})
    return found or _made(stage, row, checkpoint, {})


def _fine_tuned_model(stage: Stage, *, owned: bool = False) -> Found:
    del owned  # only a model that this run has trained may be deleted
    job = _settled(stage, KINDS["ft_done"], stage.fresh("ft_job"))
    name = job.get("fine_tuned_model")
    if not isinstance(name, str):
        stage.skip("needs a fine-tuned model: the finished job names none")
    return {"id": name, "_path": {"model": name}}


def _org_user(stage: Stage, *, owned: bool = False) -> Found:
    """A member of the organization; to be changed only one that an invite of this run brought in."""
    row = KINDS["org_user"]
    nobody: Mapping[str, Any] = {"_path": {}}
    if not owned:
        found = _existing(stage, row, nobody, {})
        return found or stage.skip("needs a user of the organization: the target lists none")
    invite = stage.fresh("invite")
    found = _existing(stage, row, nobody, {"email": invite.get("email")})
    return found or stage.skip("needs a user made by this run: an invite waits for a person to accept it")


def _project_api_key(stage: Stage, *, owned: bool = False) -> Found:
    """A key of a project: listed, or the one that a new service account comes with."""
    row = KINDS["project_api_key"]
    if not owned:
        found = _existing(stage, row, stage.resource("project"), {})
        if found:
            return found
    account = stage.fresh("service_account")
    key = account.get("api_key")
    if not isinstance(key, dict) or not isinstance(key.get("id"), str):
        stage.skip("needs a project API key: the new service account came without api_key.id")
    return {**key, "_path": {"project_id": account["_path"]["project_id"], "key_id": key["id"]}}


def _polled(stage: Stage, row: ResourceKind, parent: Mapping[str, Any]) -> Found:
    for pause in (*POLLS[:6], None):
        found = _existing(stage, row, parent, {})
        if found is not None:
            return found
        if pause is not None:
            stage.wait(pause)
    return stage.skip(f"needs a {row.title}: {row.lister} lists none")


def _key(stage: Stage, *, owned: bool = False, admin: str = "no") -> Found:
    """What is known of keys: `sent` if we have one, `wanted` and `picky` if none and a wrong one are refused."""
    del owned
    operation = stage.operation("list-projects" if admin == "yes" else "listModels")
    with_key = stage.send(Draft(operation), judge=False)
    without = stage.send(Draft(operation, authorization=False), judge=False)
    wrong = stage.send(Draft(operation, authorization=WRONG_KEY), judge=False)
    picky = wrong.response is not None and not wrong.response.succeeded
    sent = any(name.lower() == "authorization" for name, _ in with_key.request.headers)
    status = without.response.status if without.response else 0
    return {"id": operation.id, "sent": sent, "wanted": not 200 <= status < 300, "picky": picky, "_path": {}}


_FINDERS: dict[str, Callable[..., Found]] = {
    "key": _key,
    "waiting_run": _waiting_run,
    "filled_upload": _filled_upload,
    "run_step": _run_step,
    "checkpoint": _checkpoint,
    "ckpt_permission": _ckpt_permission,
    "fine_tuned_model": _fine_tuned_model,
    "org_user": _org_user,
    "project_api_key": _project_api_key,
}


def kinds() -> Iterator[ResourceKind]:
    """All kinds, in the order of the table."""
    yield from KINDS.values()


def kind_of(operation: Operation) -> str | None:
    """The kind of resource that the path of an operation addresses."""
    return kind_at(operation)


def bare(stage: Stage, kind: str) -> Found:
    """A resource of a case's own with nothing in it (a thread without messages)."""
    row = KINDS[kind]
    nowhere: Mapping[str, Any] = {"_path": {}}
    if row.maker is None or row.parent is not None:
        return stage.fresh(kind)
    return _addressed(row, asked(stage, row.title, row.maker, nowhere, _BARE.get(kind, row.body)), nowhere)


def below(stage: Stage, kind: str, parent: Mapping[str, Any]) -> Found:
    """A resource of a case's own below a certain parent."""
    return _made(stage, KINDS[kind], parent, {})


def settled(stage: Stage, kind: str, parent: Mapping[str, Any], body: Any) -> Found:
    """A resource of a case's own below a parent, from a body of its own, once its status is one of those wanted."""
    row = KINDS[kind]
    return _settled(stage, row, _addressed(row, asked(stage, row.title, str(row.maker), parent, body), parent))


def finished_job(stage: Stage) -> Found:
    """A fine-tuning job that has succeeded."""
    return _settled(stage, KINDS["ft_done"], stage.resource("ft_job"))


#: Bodies that make a resource without content, where the table's own brings some.
_BARE: Mapping[str, Any] = {"thread": {}}
