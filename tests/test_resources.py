"""Resources: found or made, waited for, removed; a target that cannot give one ends the case with the reason."""

import pytest
from paper_stage import PaperStage

from contract import spec as specs
from contract.case import Ended
from contract.verdict import Outcome
from strategies import resources
from strategies.kinds import KINDS, kind_at

SPEC = specs.load()


class Stage(PaperStage):
    """A paper stage whose resources come from the real provider."""

    def __init__(self, answers):
        """`answers`: operation id -> answers in turn."""
        super().__init__(SPEC, answers)
        self.provider = resources.provider()

    def resource(self, kind, **wants):
        """See Stage."""
        return self.provider.find_or_make(self, kind, fresh=False, wants=wants)

    def fresh(self, kind, **wants):
        """See Stage."""
        return self.provider.find_or_make(self, kind, fresh=True, wants=wants)


def sent(stage):
    """Operation ids in the order of the requests."""
    return [draft.operation.id for draft, _ in stage.sent]


THREAD = (200, {"id": "thread_7"})


def test_a_child_is_addressed_through_its_parent():
    """A message carries the ids of its thread and its own, as its path wants them."""
    stage = Stage({"createThread": [THREAD], "createMessage": [(200, {"id": "msg_1"})]})
    found = stage.resource("message")
    assert found["_path"] == {"thread_id": "thread_7", "message_id": "msg_1"}
    assert stage.sent[-1][0].path == {"thread_id": "thread_7"}


def test_an_asynchronous_resource_is_waited_for():
    """A run is looked at until its status is final."""
    run = {"id": "run_1", "thread_id": "thread_7"}
    answers = {
        "createThread": [THREAD],
        "createAssistant": [(200, {"id": "asst_1"})],
        "createRun": [(200, {**run, "status": "queued"})],
        "getRun": [(200, {**run, "status": "in_progress"}), (200, {**run, "status": "completed"})],
    }
    stage = Stage(answers)
    assert stage.resource("run")["status"] == "completed"
    assert sent(stage).count("getRun") == 2
    assert stage.waited > 0


def test_what_never_gets_ready_ends_the_case():
    """A run that stays queued is given up after a bounded time, with the reason."""
    run = {"id": "run_1", "status": "queued"}
    stage = Stage(
        {
            "createThread": [THREAD],
            "createAssistant": [(200, {"id": "asst_1"})],
            "createRun": [(200, run)],
            "getRun": [(200, run)],
        }
    )
    with pytest.raises(Ended, match="still queued"):
        stage.resource("run")
    assert stage.waited < 15


def test_a_refusal_is_told_and_not_asked_for_again_and_again():
    """Where the target cannot give a kind, the reason says so, and after two tries nothing more is sent."""
    stage = Stage({"createThread": [THREAD], "createMessage": [(400, {"error": {}})]})
    for _ in range(4):
        with pytest.raises(Ended, match="needs a message: createMessage answered 400") as caught:
            stage.resource("message")
        assert caught.value.outcome is Outcome.SKIPPED
    assert sent(stage).count("createMessage") == 2


def test_a_route_that_is_not_there_is_unsupported():
    """404 on the operation that makes a kind, without ids in its path, means that the target has no such thing."""
    stage = Stage({"createThread": [(404, {})]})
    with pytest.raises(Ended) as caught:
        stage.resource("thread")
    assert caught.value.outcome is Outcome.UNSUPPORTED


def test_reading_falls_back_on_what_is_there():
    """Where making is forbidden by the safety class, an existing object is read instead; a fresh one is not."""

    class Careful(Stage):
        def send(self, draft, *args, **kwargs):
            if draft.operation.id == "createAssistant":
                self.skip("safety: createAssistant is write and the target is not loopback")
            return super().send(draft, *args, **kwargs)

    stage = Careful({"listAssistants": [(200, {"data": [{"id": "asst_9"}]})]})
    assert stage.resource("assistant")["id"] == "asst_9"
    with pytest.raises(Ended, match="safety"):
        stage.fresh("assistant")


def test_only_what_this_run_made_is_changed():
    """A user to be changed must have come by an invite of this run; others are only read."""
    stage = Stage(
        {
            "list-users": [(200, {"data": [{"id": "user_1", "email": "someone@example.org"}]})],
            "inviteUser": [(200, {"id": "invite_1", "email": "contract@example.com"})],
        }
    )
    assert stage.resource("org_user")["id"] == "user_1"
    with pytest.raises(Ended, match="an invite waits"):
        stage.resource("org_user", owned=True)


def test_dear_things_are_looked_for_first():
    """A batch that is there already is taken; one is made where none is, or an own one is wanted."""
    stage = Stage({"listBatches": [(200, {"data": [{"id": "batch_1"}]})], "createFile": [(200, {"id": "file_1"})]})
    assert stage.resource("batch")["id"] == "batch_1"
    assert "createBatch" not in sent(stage)


def test_a_waiting_run_brings_its_calls():
    """A run in requires_action carries the outputs that its calls want."""
    action = {"submit_tool_outputs": {"tool_calls": [{"id": "call_1"}, {"id": "call_2"}]}}
    run = {"id": "run_1", "status": "requires_action", "required_action": action}
    stage = Stage({"createThread": [THREAD], "createAssistant": [(200, {"id": "asst_1"})], "createRun": [(200, run)]})
    found = stage.fresh("waiting_run")
    assert [each["tool_call_id"] for each in found["tool_outputs"]] == ["call_1", "call_2"]


def test_every_path_of_the_spec_is_addressed():
    """Each operation with path parameters has a kind of resource that gives them."""
    with_path = [each for each in SPEC.operations.values() if "{" in each.path]
    assert len(with_path) == 81
    assert [each.id for each in with_path if kind_at(each) is None] == []


def test_the_table_names_operations_of_the_spec():
    """Every operation of the table exists, and every removal fills exactly the parameters of its path."""
    for row in KINDS.values():
        named = [row.maker, row.lister, row.getter, row.remove]
        assert all(each in SPEC.operations for each in named if each), row.name
        assert row.parent is None or row.parent in KINDS
    for removal in resources.removals().values():
        if removal.remove and removal.kind != "ckpt_permission":
            wanted = {each.name for each in SPEC.operations[removal.remove].parameters_in("path")}
            assert set(removal.ids) == wanted, removal


def test_removers():
    """What can be removed names its operation; what cannot, none."""
    assert resources.remover("thread") == "deleteThread"
    assert resources.remover("batch") is None


def test_keys_are_probed():
    """Whether keys matter is asked with one, without one and with a wrong one."""
    stage = Stage({"listModels": [(200, {}), (401, {}), (401, {})]})
    found = stage.resource("key", admin="no")
    assert (found["sent"], found["wanted"], found["picky"]) == (True, True, True)
