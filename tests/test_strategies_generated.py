"""Generated valid requests: they obey schema and descriptions, a seed repeats them, and listing them costs nothing."""

import subprocess
import sys

import pytest
from paper_stage import PaperStage

import strategies
from contract import spec as specs
from contract.case import Kind
from strategies import bodies, generated, odd, prose
from strategies.plan import Planner

SPEC = specs.load()
PLANNER = Planner(SPEC)
BODIES = [name for name, each in SPEC.operations.items() if each.body is not None]


def test_forty_six_operations_take_a_body():
    """The generator serves every operation with a body: 46 of them."""
    assert len(BODIES) == 46
    found = [case for case in strategies.cases(SPEC) if case.id.endswith("/generated/valid")]
    assert [case.operation for case in found] == BODIES


@pytest.mark.parametrize("name", BODIES)
def test_drawn_bodies_obey(name):
    """What is drawn and mended obeys both readings of the schema and every rule, before anything is filtered."""
    operation = SPEC.operations[name]
    for body in generated.raw(PLANNER, operation, 8, seed=3):
        mended = bodies.fit(prose.mend(name, body))
        assert generated.obeys(PLANNER, operation, mended), mended


@pytest.mark.parametrize("name", ["createChatCompletion", "createThread", "createVectorStore"])
def test_a_seed_repeats(name):
    """The same seed gives the same bodies, another seed gives others."""
    operation = SPEC.operations[name]
    first = generated.draw(PLANNER, operation, 5, seed=11)
    assert len(first) == 5
    assert generated.draw(PLANNER, operation, 5, seed=11) == first
    assert generated.draw(PLANNER, operation, 5, seed=12) != first


def test_a_case_sends_valid_requests_with_ids_of_the_target():
    """Playing the case sends its requests as valid, with models and ids that the stage gave."""
    paper = PaperStage(SPEC)
    case = next(each for each in strategies.cases(SPEC, ["createRun"]) if each.id.endswith("/generated/valid"))
    case.play(paper)
    assert 1 <= len(paper.sent) <= generated.EXAMPLES[paper.depth]
    for draft, expect in paper.sent:
        assert expect.kind is Kind.VALID
        assert draft.body["assistant_id"] == "assistant_1"
        assert draft.path == {"thread_id": "thread_id_1"}


def test_a_failing_request_is_made_smaller_within_bounds():
    """A 500 is answered by at most a few more requests, the last of them smaller and judged."""
    paper = PaperStage(SPEC, {"createAssistant": [(500, {})]})
    case = next(each for each in strategies.cases(SPEC, ["createAssistant"]) if each.id.endswith("/generated/valid"))
    case.play(paper)
    assert len(paper.sent) <= generated.EXAMPLES[paper.depth] * (generated.SHRINKS + 2)
    sizes = [len(draft.body) for draft, _ in paper.sent]
    assert min(sizes) == 1  # `model` alone


def test_listing_needs_no_generator():
    """Listing cases imports neither hypothesis nor schemathesis."""
    code = (
        "import sys, strategies; from contract import spec;"
        "list(strategies.cases(spec.load(), ['listModels', 'createRun']));"
        "sys.exit(bool({'hypothesis', 'schemathesis', 'openapi_core', 'jsonschema'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_odd_bodies_obey_and_repeat():
    """What schemathesis draws is filled with the target's ids, obeys schema and rules, and repeats by its seed."""
    operation = SPEC.operations["createAssistant"]
    first = odd.draw(PLANNER, operation, 6, seed=5)
    assert first == odd.draw(PLANNER, operation, 6, seed=5)
    assert len(first) >= 3
    assert all(body["model"] == "<model assistants>" for body in first)
    assert all(generated.obeys(PLANNER, operation, body) for body in first)
