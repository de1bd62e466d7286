"""Schemas: converted only where schemas stand, judged fast, explained in a line that a person can act on."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from contract import convert, examples, explain, pointer, positions, wording
from contract.schema import Schemas
from contract.spec import load

SPEC = load()
NAMES = "/components/schemas/"


def schemas(schema: dict[str, Any], version: str = "3.0.3", **others: Any) -> Schemas:
    """The validators of a document with one schema `S` and others."""
    return Schemas({"openapi": version, "paths": {}, "components": {"schemas": {"S": schema, **others}}})


def lines(schema: dict[str, Any], instance: Any, **others: Any) -> list[str]:
    """What is said of an instance, line by line."""
    return [each.message for each in schemas(schema, **others).broken(f"{NAMES}S", instance)]


def test_members_named_like_keywords_survive_the_conversion() -> None:
    """A property may be called `nullable`, `example`, `default` or `discriminator`."""
    properties = {
        name: {"type": "integer"} for name in ("nullable", "example", "default", "discriminator", "$ref", "enum")
    }
    converted = convert.schema({"type": "object", "properties": properties, "required": ["nullable"]})
    assert converted["properties"] == properties
    assert converted["required"] == ["nullable"]


def test_values_are_not_converted() -> None:
    """What `enum` and `default` hold is data, whatever it looks like."""
    value = {"type": "string", "nullable": True, "example": 1}
    converted = convert.schema({"enum": [value], "default": value})
    assert converted == {"enum": [value], "default": value}


def test_only_schema_positions_are_converted() -> None:
    """Examples of a media type and extensions stay as they are; parameters, headers and bodies are converted."""
    nullable = {"type": "string", "nullable": True}
    document = {
        "openapi": "3.0.0",
        "paths": {
            "/a": {
                "get": {
                    "parameters": [{"name": "q", "in": "query", "schema": dict(nullable)}],
                    "responses": {
                        "200": {
                            "headers": {"schema": {"schema": dict(nullable)}},
                            "content": {"x/y": {"schema": dict(nullable), "example": dict(nullable)}},
                        }
                    },
                }
            }
        },
        "x-own": {"schema": dict(nullable)},
    }
    got = convert.document(document)
    get = got["paths"]["/a"]["get"]
    assert get["parameters"][0]["schema"] == {"type": ["string", "null"]}
    assert get["responses"]["200"]["headers"]["schema"]["schema"] == {"type": ["string", "null"]}
    assert get["responses"]["200"]["content"]["x/y"] == {"schema": {"type": ["string", "null"]}, "example": nullable}
    assert got["x-own"] == {"schema": nullable}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "nullable": True},
        {"type": "string", "enum": ["a"], "nullable": True},
        {"$ref": f"#{NAMES}R", "nullable": True},
        {"allOf": [{"$ref": f"#{NAMES}R"}], "nullable": True},
        {"allOf": [{"$ref": f"#{NAMES}R"}, {"nullable": True}]},
        {"oneOf": [{"$ref": f"#{NAMES}R"}, {"type": "integer"}], "nullable": True},
        {"anyOf": [{"$ref": f"#{NAMES}R"}, {"enum": [None], "nullable": True}], "nullable": True},
        {"type": "string", "allOf": [{"minLength": 1}], "nullable": True},
    ],
)
def test_nullable_admits_null_wherever_it_stands(schema: dict[str, Any]) -> None:
    """Null and the plain value are valid, another value is not."""
    own = schemas(schema, R={"type": "string"})
    assert [own.is_valid(f"{NAMES}S", each) for each in (None, "a", [])] == [True, True, False]


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "integer", "minimum": 1, "exclusiveMinimum": True}, 2, 1),
        ({"type": "integer", "minimum": 1, "exclusiveMinimum": False}, 1, 0),
        ({"type": "number", "maximum": 1, "exclusiveMaximum": True}, 0.5, 1),
        ({"type": "integer", "format": "int64"}, 2**63 - 1, 2**63),
        ({"type": "integer", "format": "int32", "minimum": 0}, 2**31 - 1, -1),
        ({"type": "string", "format": "uri"}, "https://a/b", "a b"),
        ({"$ref": f"#{NAMES}R", "type": "integer"}, "a", 1),
    ],
)
def test_keywords_of_openapi_3_0(schema: dict[str, Any], good: Any, bad: Any) -> None:
    """Boolean exclusive bounds, integer ranges, formats, and siblings of `$ref` that are ignored."""
    own = schemas(schema, R={"type": "string"})
    assert own.is_valid(f"{NAMES}S", good)
    assert not own.is_valid(f"{NAMES}S", bad)


@pytest.mark.parametrize("name", ["binary", "byte", "float", "password", "unheard-of"])
def test_formats_that_assert_nothing(name: str) -> None:
    """`binary` and its like say how a value is meant, not which it is."""
    assert schemas({"type": "string", "format": name}).is_valid(f"{NAMES}S", "\x00ü")


def test_3_1_is_json_schema_as_it_is() -> None:
    """Type arrays, `const` and siblings of `$ref` count; `nullable` is no keyword there."""
    own = schemas({"$ref": f"#{NAMES}R", "maxLength": 1}, "3.1.0", R={"type": ["string", "null"], "nullable": True})
    assert [own.is_valid(f"{NAMES}S", each) for each in ("a", None, "ab", 1)] == [True, True, False, False]
    assert not schemas({"type": "string", "nullable": True}, "3.1.0").is_valid(f"{NAMES}S", None)


def test_verdicts_agree_with_jsonschema_on_the_examples() -> None:
    """jsonschema-rs on the shared registry and jsonschema on the same schemas judge all examples alike."""
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012

    registry = Registry().with_resource("urn:s", DRAFT202012.create_resource(SPEC.schemas.converted))
    for each in examples.published(SPEC):
        if each.problem is None and each.schema is not None and each.kind == "object":
            slow = Draft202012Validator({"$ref": f"urn:s#{each.schema}"}, registry=registry)
            assert slow.is_valid(each.value) == SPEC.schemas.is_valid(each.schema, each.value), each.owner


def test_every_schema_of_the_spec_compiles_under_both_readings() -> None:
    """No pointer of a schema is lost by the conversion."""
    for reading, document in ((SPEC.schemas, SPEC.corrected), (SPEC.strict_schemas, SPEC.strict)):
        for at, _ in positions.every(document):
            assert reading.validator(at) is not None


@pytest.mark.parametrize(
    ("schema", "instance", "line"),
    [
        ({"type": "object", "required": ["a"]}, {}, "body: expected member `a`, got absent"),
        ({"properties": {"a": {"type": "string"}}}, {"a": 1}, "/a: expected string, got 1"),
        ({"properties": {"a/b": {"type": "string"}}}, {"a/b": None}, "/a~1b: expected string, got null"),
        ({"items": {"enum": ["x", "y"]}}, ["z"], "/0: expected one of 'x', 'y', got 'z'"),
        ({"items": {"enum": ["x"]}}, [{}], "/0: expected 'x', got an empty object"),
        ({"type": "array", "minItems": 2}, [1], "body: expected at least 2 items, got 1"),
        ({"type": "string", "maxLength": 1}, "ab", "body: expected at most 1 characters, got 2"),
        ({"type": "integer", "maximum": 3}, 4, "body: expected at most 3, got 4"),
        (
            {"properties": {"a": {}}, "additionalProperties": False},
            {"z": 1},
            "body: expected no undeclared members, got `z`",
        ),
        ({"type": "string", "format": "uri"}, "a b", "body: expected format uri, got 'a b'"),
        ({"type": "string", "nullable": True}, 5, "body: expected string or null, got 5"),
        ({"not": {"type": "integer"}}, 1, "body: expected a value that the schema does not exclude, got 1"),
        (
            {"properties": {"a": {"type": "array", "uniqueItems": True}}},
            {"a": [1, 1]},
            "/a: expected items that all differ, got an array of 2",
        ),
    ],
)
def test_an_explanation_says_where_what_and_instead_of_what(schema: dict[str, Any], instance: Any, line: str) -> None:
    """One line for each broken constraint."""
    assert lines(schema, instance) == [line]


UNION = {
    "oneOf": [
        {
            "title": "Cat",
            "required": ["type", "meow"],
            "properties": {"type": {"enum": ["cat"]}, "meow": {"type": "string"}},
        },
        {
            "title": "Dog",
            "required": ["type", "bark"],
            "properties": {"type": {"enum": ["dog"]}, "bark": {"type": "string"}},
        },
        {"type": "string"},
    ]
}


@pytest.mark.parametrize(
    ("instance", "line"),
    [
        ({"type": "dog", "bark": 1}, "/bark: expected string, got 1 (Dog)"),
        ({"type": "cat", "bark": "x"}, "body: expected member `meow`, got absent (Cat)"),
    ],
)
def test_a_union_is_explained_by_the_branch_that_its_constant_selects(instance: Any, line: str) -> None:
    """The other branches are not spoken of."""
    assert lines(UNION, instance) == [line]


def test_a_constant_of_no_branch_is_told_with_all_constants() -> None:
    """A wrong `type` is one line, not one for each branch."""
    own = {"oneOf": [{"type": "object", **each} for each in UNION["oneOf"][:2]]}
    assert lines(own, {"type": "cow"}) == ["/type: expected one of 'cat', 'dog', got 'cow'"]


def test_nested_unions_are_explained_by_their_innermost_branch() -> None:
    """The stream of assistants is a union of unions; its event name selects."""
    at = f"{NAMES}AssistantStreamEvent"
    found = [each.message for each in SPEC.schemas.broken(at, {"event": "thread.run.queued", "data": {"id": 1}})]
    assert "/data/id: expected string, got 1 (oneOf/1)" in found
    assert not any("thread.created" in each for each in found)


def test_a_value_of_several_branches_is_told_as_ambiguous() -> None:
    """`oneOf` names the branches that match."""
    own = {"oneOf": [{"title": "A", "type": "integer"}, {"title": "B", "type": "number"}]}
    assert lines(own, 1) == ["body: expected exactly one of the alternatives to match, got 2 match (A and B)"]


def test_the_wrong_type_for_every_branch_is_one_line() -> None:
    """A number where objects and strings are wanted."""
    assert lines({"oneOf": [{"type": "string"}, {"type": "object"}]}, 1) == ["body: expected object or string, got 1"]


def test_an_explanation_points_into_the_published_document() -> None:
    """The pointer of a broken constraint has the line of its keyword in openapi.yaml."""
    body = {"object": "list", "data": [{"id": 1, "object": "model", "created": 1, "owned_by": "x"}]}
    (broken,) = SPEC.schemas.broken(f"{NAMES}ListModelsResponse", body)
    assert (broken.where, broken.spec_pointer) == ("/data/0/id", f"{NAMES}Model/properties/id/type")
    line = SPEC.line(broken.spec_pointer)
    assert line is not None
    assert SPEC.text.splitlines()[line - 1].strip() == "type: string"
    assert broken.via == (f"{NAMES}ListModelsResponse", f"{NAMES}ListModelsResponse/properties/data/items")


def test_pointers_inside_a_wrapped_nullable_schema_still_work() -> None:
    """What the conversion moves below `anyOf` is found and told under its own pointer."""
    schema = {"nullable": True, "allOf": [{"properties": {"a": {"type": "string"}}}]}
    own = schemas(schema)
    assert own.is_valid(f"{NAMES}S/allOf/0/properties/a", "x")
    (broken,) = own.broken(f"{NAMES}S", {"a": 1})
    assert broken.spec_pointer == f"{NAMES}S/allOf/0/properties/a/type"


def nested(depth: int) -> Any:
    """An array in an array in an array."""
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "instance",
    [
        {"model": "\ud800", "messages": []},
        {"model": "x", "messages": nested(900)},
        {"model": "x", "messages": [], "n": 10**4000},
        {"model": "x", "messages": [], "temperature": float("nan")},
        {"model": "x", "messages": [], "temperature": float("inf")},
        {"model": "x" * 1_000_000, "messages": "\u202e\x00\x1b[31m"},
        {"model": "x", "messages": [{"role": {"type": []}}] * 5000},
    ],
    ids=["surrogate", "deep", "huge", "nan", "infinity", "long", "many"],
)
def test_no_instance_makes_an_explanation_raise_or_grow(instance: Any) -> None:
    """Whatever a target sends, the lines are few, short and printable."""
    found = list(SPEC.schemas.broken(f"{NAMES}CreateChatCompletionRequest", instance))
    assert found
    assert len(found) <= explain.MAX_FINDINGS
    assert all(len(each.message) < 500 and each.message.isprintable() for each in found)


def test_a_schema_that_refers_to_itself_is_explained() -> None:
    """A union that contains itself ends somewhere."""
    tree = {"type": "object", "properties": {"in": {"oneOf": [{"$ref": f"#{NAMES}S"}, {"type": "null"}]}}}
    assert lines({"anyOf": [tree, {"type": "string"}]}, {"in": {"in": {"in": 5}}})


def test_unions_in_unions_do_not_explode() -> None:
    """Two like branches at each of nine levels are 512 ways; few are told."""
    level = {"type": "object", "required": ["x"], "properties": {"in": {"$ref": f"#{NAMES}S"}}}
    instance: Any = 5
    for _ in range(9):
        instance = {"in": instance}
    found = list(schemas({"oneOf": [level, dict(level, title="twin")]}).broken(f"{NAMES}S", instance))
    assert 0 < len(found) <= explain.MAX_FINDINGS


def test_anchors_of_3_1_are_followed_and_explained() -> None:
    """A reference by name is no pointer; the finding is there all the same."""
    own = schemas({"properties": {"a": {"$ref": "#own"}}}, "3.1.0", T={"$anchor": "own", "type": "string"})
    assert own.is_valid(f"{NAMES}S", {"a": "x"})
    (broken,) = own.broken(f"{NAMES}S", {"a": 1})
    assert broken.where == "/a"


def test_a_pointer_to_nothing_is_a_key_error() -> None:
    """Asking for a schema that is not there is our own fault, told at once."""
    with pytest.raises(KeyError):
        SPEC.schemas.validator(f"{NAMES}Nope")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)


@given(JSON)
def test_what_is_invalid_is_always_explained(instance: Any) -> None:
    """Law: a verdict and its explanation agree."""
    for name in ("OutputItem", "CreateResponse", "ErrorResponse", "ComparisonFilter"):
        found = list(SPEC.schemas.broken(NAMES + name, instance))
        assert bool(found) != SPEC.schemas.is_valid(NAMES + name, instance)


@given(JSON)
def test_every_place_of_an_explanation_is_in_the_instance(instance: Any) -> None:
    """Law: `where` resolves in the instance."""
    for each in SPEC.schemas.broken(f"{NAMES}CreateResponse", instance):
        pointer.resolve(instance, each.where)


def test_values_are_shown_in_a_few_words() -> None:
    """Long, deep and unprintable values stay on one short line."""
    assert wording.show({"a": 1, "b": 2}) == "an object with a, b"
    assert wording.show([1] * 9) == "an array of 9"
    assert wording.show("a\nb") == "'a\\nb'"
    assert len(wording.show("x" * 10**6)) < 90
    assert json.dumps(wording.tame("\ud800")) == '"?"'
