"""Operations of the bundled spec: what a run must know of each."""

from collections import Counter

import pytest

from contract import classify, pointer
from contract.operation import Safety
from contract.spec import load

SPEC = load()
OPERATIONS = SPEC.operations


def test_methods_bodies_and_streams_are_counted() -> None:
    """58 GET, 52 POST, 16 DELETE; 46 bodies, 6 of them multipart; seven operations stream."""
    assert Counter(each.method for each in OPERATIONS.values()) == {"GET": 58, "POST": 52, "DELETE": 16}
    bodies = [each.body for each in OPERATIONS.values() if each.body]
    assert len(bodies) == 46
    assert sum(each.media_type.name == "multipart/form-data" for each in bodies) == 6
    assert sum(not each.required for each in bodies) == 1
    assert {each.id for each in OPERATIONS.values() if each.streams} == set(classify.SURFACES)


def test_every_streaming_operation_declares_its_stream() -> None:
    """The overlay adds what four of them forgot."""
    for name in classify.SURFACES:
        answer = OPERATIONS[name].answer(200)
        assert answer is not None
        assert "text/event-stream" in answer.content, name
        assert answer.content["text/event-stream"].schema_pointer is not None


def test_every_pointer_of_an_operation_leads_somewhere() -> None:
    """Operations, parameters, bodies and answers stand where they say."""
    for each in OPERATIONS.values():
        pointer.resolve(SPEC.corrected, each.pointer)
        for parameter in each.parameters:
            assert pointer.resolve(SPEC.corrected, parameter.schema_pointer) == parameter.schema
        contents = [each.body.content] if each.body else []
        for media_types in [*contents, *(answer.content for answer in each.answers.values())]:
            for media_type in media_types.values():
                assert media_type.schema_pointer is not None
                pointer.resolve(SPEC.corrected, media_type.schema_pointer)


def test_every_operation_has_the_line_of_its_method() -> None:
    """`line` is that of `get:`, `post:` or `delete:`."""
    lines = SPEC.text.splitlines()
    for each in OPERATIONS.values():
        assert each.line is not None
        assert lines[each.line - 1].strip() == f"{each.method.lower()}:"


def test_every_operation_has_a_group_and_a_summary() -> None:
    """What a report shows beside the id; four operations have no tag."""
    assert all(each.group and each.summary for each in OPERATIONS.values())


def test_parameters_have_their_style() -> None:
    """177 in the query and 106 in the path; `metadata` of one list is a deep object."""
    where = Counter(parameter.location for each in OPERATIONS.values() for parameter in each.parameters)
    assert where == {"query": 177, "path": 106}
    jobs = {each.name: each for each in OPERATIONS["listPaginatedFineTuningJobs"].parameters}
    assert (jobs["metadata"].style, jobs["metadata"].explode) == ("deepObject", True)
    assert (jobs["limit"].style, jobs["limit"].explode) == ("form", True)
    assert all(parameter.required for each in OPERATIONS.values() for parameter in each.parameters_in("path"))


@pytest.mark.parametrize(
    ("name", "safety"),
    [
        ("listModels", Safety.READ),
        ("searchVectorStore", Safety.READ),
        ("createChatCompletion", Safety.GENERATE),
        ("createModeration", Safety.GENERATE),
        ("createFile", Safety.WRITE),
        ("createRun", Safety.WRITE),
        ("createFineTuningJob", Safety.WRITE),
        ("deleteModel", Safety.DESTROY),
        ("cancelBatch", Safety.DESTROY),
        ("archive-project", Safety.ADMIN),
        ("list-users", Safety.ADMIN),
        ("deleteFineTuningCheckpointPermission", Safety.ADMIN),
    ],
)
def test_safety_classes(name: str, safety: Safety) -> None:
    """What a request may do to a target."""
    assert OPERATIONS[name].safety is safety


def test_nothing_that_changes_a_target_is_called_harmless() -> None:
    """Every DELETE, cancel and archive is `destroy` or `admin`; every `read` is a GET or the one known lookup."""
    for each in OPERATIONS.values():
        if each.method == "DELETE" or each.path.endswith(("/cancel", "/archive")):
            assert each.safety in {Safety.DESTROY, Safety.ADMIN}, each.id
        if each.safety is Safety.READ:
            assert each.method == "GET" or each.id in classify.READ, each.id
    assert sum(each.safety is Safety.ADMIN for each in OPERATIONS.values()) == 44


def test_tables_name_only_operations_of_the_spec() -> None:
    """A renamed operation is told here, not missed in a run."""
    assert set(classify.SURFACES) | classify.GENERATE | classify.READ | classify.ADMIN <= OPERATIONS.keys()


def test_the_beta_header_is_sent_where_the_examples_send_it() -> None:
    """All 36 operations whose example sends `OpenAI-Beta`; three of the same family have an example without it."""
    name, value = classify.BETA_HEADER
    without = set()
    for each in OPERATIONS.values():
        examples = str(pointer.resolve(SPEC.published, each.pointer).get("x-oaiMeta", {}).get("examples"))
        sends = f"{name}: {value}" in examples
        assert not sends or each.headers == {name: value}, each.id
        if each.headers and not sends:
            without.add(each.id)
    assert without == {"updateVectorStoreFileAttributes", "retrieveVectorStoreFileContent", "searchVectorStore"}


def test_answers_are_found_by_status_class_and_default() -> None:
    """Exact status first; the spec declares errors for ten operations."""
    assert OPERATIONS["deleteResponse"].answer(404) is not None
    assert OPERATIONS["listModels"].answer(404) is None
    assert sum(any(status != "200" for status in each.answers) for each in OPERATIONS.values()) == 10


def test_the_contested_path_is_known() -> None:
    """The example of one deletion calls another path than the spec's."""
    operation = OPERATIONS["deleteFineTuningCheckpointPermission"]
    assert operation.also_paths == (
        "/fine_tuning/checkpoints/{fine_tuned_model_checkpoint}/permissions/{permission_id}",
    )
    assert sum(bool(each.also_paths) for each in OPERATIONS.values()) == 1
