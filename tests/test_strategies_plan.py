"""Plans: invalid neighbours break exactly one constraint, boundary requests are valid, nothing is silently left out."""

import copy
import json
import re

import pytest

import strategies
from contract import pointer
from contract import spec as specs
from contract.case import Depth, Kind
from contract.positions import local
from contract.schema import Schemas
from strategies import prose
from strategies.plan import Plan, Planner, filled

SPEC = specs.load()
PLANNER = Planner(SPEC)
BODIES = [name for name, each in SPEC.operations.items() if each.body is not None]
QUERIES = [name for name, each in SPEC.operations.items() if any(each.parameters_in("query"))]


def schema_of(name):
    """The pointer of an operation's body schema."""
    return SPEC.operations[name].body.media_type.schema_pointer


def without(entry, name):
    """Validators of the spec without one constraint, its unions as wide as `anyOf`."""
    document = excerpt(name)
    holder, _, keyword = entry.pointer.rpartition("/")
    if entry.keyword == "null" and keyword != "type":
        holder = entry.pointer  # a union has no type to admit null beside
    schema = pointer.resolve(document, holder)
    if entry.keyword == "required":
        schema["required"] = [each for each in schema["required"] if each != entry.where.rpartition("/")[2]]
    elif entry.keyword == "null":
        schema["nullable"] = True
    else:
        schema.pop(keyword)
        if entry.keyword == "type":
            for each in set(schema) - {"nullable", "description"}:
                del schema[each]
    _widen(document)
    return Schemas(document)


def excerpt(name):
    """A copy of one operation and the components that it needs."""
    operation = SPEC.operations[name]
    paths = {operation.path: {operation.method.lower(): pointer.resolve(SPEC.corrected, operation.pointer)}}
    components, waiting = SPEC.corrected["components"]["schemas"], [json.dumps(paths)]
    needed = {}
    while waiting:
        for each in set(re.findall('"#/components/schemas/([^"]+)"', waiting.pop())) - set(needed):
            needed[each] = components[each]
            waiting.append(json.dumps(components[each]))
    return copy.deepcopy({"openapi": "3.0.0", "paths": paths, "components": {"schemas": needed}})


def _widen(node):
    if isinstance(node, dict):
        if isinstance(node.get("oneOf"), list):
            node["anyOf"] = node.pop("oneOf")
        for each in node.values():
            _widen(each)
    elif isinstance(node, list):
        for each in node:
            _widen(each)


@pytest.mark.parametrize("name", BODIES)
def test_a_neighbour_is_broken_in_one_place(name):
    """Each invalid body is refused for its own place, or, where a union blames another, for its constraint alone."""
    for entry in PLANNER.plan(SPEC.operations[name]).invalid:
        if entry.parameter:
            continue
        body = filled(entry.body)
        found = {each.where for each in SPEC.schemas.broken(schema_of(name), body)}
        assert found, entry.name
        place = entry.where.removeprefix("/body")
        if not (len(found) == 1 and found <= {place, place.rpartition("/")[0]}):
            assert without(entry, name).is_valid(schema_of(name), body), (entry.name, found)


@pytest.mark.parametrize("name", BODIES)
def test_a_neighbour_obeys_the_descriptions(name):
    """An invalid body breaks a constraint of the schema and no rule of the descriptions beside."""
    for entry in PLANNER.plan(SPEC.operations[name]).invalid:
        if not entry.parameter:
            assert not prose.broken(name, entry.body), entry.name


@pytest.mark.parametrize("name", BODIES)
def test_boundary_bodies_are_valid(name):
    """Every body at an edge is admitted by both readings and by the descriptions."""
    for entry in PLANNER.plan(SPEC.operations[name]).boundary:
        if not entry.parameter:
            body = filled(entry.body)
            assert SPEC.schemas.is_valid(schema_of(name), body), entry.name
            assert SPEC.strict_schemas.is_valid(schema_of(name), body), entry.name
            assert not prose.broken(name, entry.body), entry.name


@pytest.mark.parametrize("name", QUERIES)
def test_query_parameters_on_either_side(name):
    """A value of a query parameter is refused by its schema where it should be, admitted where it should be."""
    schemas = {each.name: each.schema_pointer for each in SPEC.operations[name].parameters_in("query")}
    plan = PLANNER.plan(SPEC.operations[name])
    for entry in plan.invalid:
        if entry.parameter and entry.keyword != "required":
            assert not SPEC.schemas.is_valid(schemas[entry.parameter], entry.body), entry.name
    for entry in plan.boundary:
        if entry.parameter:
            assert SPEC.schemas.is_valid(schemas[entry.parameter], entry.body), entry.name


def reachable(at, seen=frozenset()):
    """Own walk, apart from `strategies.places`: (pointer of a schema, keyword, value) of all that a body can hold."""
    schema = pointer.resolve(SPEC.corrected, at)
    if "$ref" in schema:
        target = local(schema["$ref"])
        if target not in seen:
            yield from reachable(target, seen | {target})
        return
    yield from said(at, schema)
    for each in below(at, schema):
        yield from reachable(each, seen)


def said(at, schema):
    """The constraints that one schema object states itself."""
    for keyword in ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "enum", "required"):
        if keyword in schema and not (keyword == "minimum" and schema.get("exclusiveMinimum") is True):
            yield at, keyword, schema[keyword]
    if schema.get("additionalProperties") is False:
        yield at, "additionalProperties", False


def below(at, schema):
    """Pointers of the schemas right below one."""
    yield from (pointer.join(at, "properties", name) for name in schema.get("properties", {}))
    for keyword in ("allOf", "oneOf", "anyOf"):
        yield from (pointer.join(at, keyword, index) for index in range(len(schema.get(keyword, ()))))
    yield from (
        f"{at}/{keyword}" for keyword in ("items", "additionalProperties") if isinstance(schema.get(keyword), dict)
    )


@pytest.mark.parametrize("name", BODIES)
def test_no_constraint_is_silently_left_out(name):
    """Every bound, enum, required list and closed object within reach is in the plan, broken or with a reason."""
    plan = PLANNER.plan(SPEC.operations[name])
    known = {(each.pointer, each.keyword) for each in [*plan.invalid, *plan.left]}
    for at, keyword, value in reachable(schema_of(name)):
        if (keyword == "minLength" and value == 0) or (keyword == "minItems" and value == 0) or value == [None]:
            continue  # admits everything
        if keyword == "required" and _only_requires(at):
            continue  # a branch of a choice: "no-choice" breaks it
        assert (f"{at}/{keyword}", keyword) in known, (at, keyword)


def _only_requires(at):
    return set(pointer.resolve(SPEC.corrected, at)) == {"required"}


def test_what_is_left_out_has_a_reason():
    """Coverage names a reason for each constraint without a request of its own, and most have a request."""
    rows = list(strategies.coverage(SPEC))
    assert [row.operation for row in rows] == list(SPEC.operations)
    assert all(left.reason for row in rows for left in row.left)
    breakable = sum(row.broken + row.shared for row in rows)
    unbreakable = sum(len(row.left) for row in rows)
    assert breakable > 2500
    reasons = {left.reason for row in rows for left in row.left}
    assert not any(each.startswith("no valid body") for each in reasons)
    assert unbreakable < 0.2 * breakable


def test_plans_survive_the_cache():
    """A plan written as JSON and read again is the same plan."""
    plan = PLANNER.plan(SPEC.operations["createEmbedding"])
    assert Plan.from_json(plan.to_json()) == plan


def test_every_operation_has_a_minimal_case():
    """Each of the 126 operations has its smallest request, at the lightest depth."""
    found = {case.operation: case for case in strategies.cases(SPEC) if case.id.endswith("/minimal/request")}
    assert set(found) == set(SPEC.operations)
    assert len(found) == 126
    assert {case.depth for case in found.values()} == {Depth.SMOKE}


def test_ids_are_unique_and_stable():
    """Listing twice gives the same ids in the same order, each once; one operation can be listed without the others."""
    first = [case.id for case in strategies.cases(SPEC)]
    assert first == [case.id for case in strategies.cases(SPEC)]
    assert len(first) == len(set(first))
    alone = [case.id for case in strategies.cases(SPEC, ["createRun"])]
    assert alone == [each for each in first if each.startswith("createRun/")]


def test_the_median_operation_needs_few_requests():
    """At standard depth the median operation takes at most 150 requests."""
    spent = dict.fromkeys(SPEC.operations, 0)
    for case in strategies.cases(SPEC):
        if case.depth is not Depth.NIGHTLY and case.operation in spent:
            spent[case.operation] += case.requests
    assert sorted(spent.values())[len(spent) // 2] <= 150


def test_constraints_travel_with_the_request(paper):
    """An invalid case sends its constraint, pointer and place along."""
    case = next(each for each in strategies.cases(SPEC, ["createChatCompletion"]) if each.id.endswith(".role/enum"))
    case.play(paper)
    draft, expect = paper.sent[-1]
    assert expect.kind is Kind.INVALID
    assert expect.where == "/body/messages/0/role"
    assert SPEC.line(expect.spec_pointer)
    assert draft.body["messages"][0]["role"] == "contract-no-such-value"


@pytest.fixture
def paper():
    """A stage without a target."""
    from paper_stage import PaperStage

    return PaperStage(SPEC)
