"""The spec: loaded safely, from any OpenAPI 3.0 or 3.1 document, with the line of every pointer."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from contract import cache, loading, pointer
from contract.errors import SpecError
from contract.spec import bundled_path, load

SPEC = load()
MINIMAL = {
    "openapi": "3.1.0",
    "info": {"title": "T", "version": "2"},
    "paths": {"/a": {"get": {"responses": {"200": {"description": "x"}}}}},
}


def written(tmp_path: Path, content: object, name: str = "spec.yaml") -> Path:
    """A file with that text, or with that value as JSON."""
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


def refused(path: Path) -> str:
    """The one line with which a document is refused."""
    with pytest.raises(SpecError) as caught:
        _ = load(path).operations
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_bundled_spec_is_whole() -> None:
    """126 operations, 436 schemas, title and version as published."""
    assert len(SPEC.operations) == 126
    assert len(SPEC.corrected["components"]["schemas"]) == 436
    assert (SPEC.title, SPEC.version) == ("OpenAI API", "2.3.0")


def test_openapi_core_loads_the_corrected_spec_with_its_validator_on() -> None:
    """openapi-core refuses the published document and takes the corrected and the strict one."""
    from openapi_core import OpenAPI
    from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

    with pytest.raises(OpenAPIValidationError):
        OpenAPI.from_dict(SPEC.published)
    for document in (SPEC.corrected, SPEC.strict):
        assert len(OpenAPI.from_dict(document).spec / "paths") == 85


def test_schemathesis_loads_the_corrected_spec() -> None:
    """Schemathesis finds all operations, none in error."""
    import schemathesis

    loaded = schemathesis.openapi.from_dict(SPEC.corrected)
    labels = [each.ok() for each in loaded.get_all_operations()]
    assert len(labels) == 126
    assert all(each is not None for each in labels)


def test_the_safe_reader_agrees_with_pyyaml_on_the_bundled_spec() -> None:
    """Our reader and CSafeLoader see the same document."""
    text = bundled_path().read_bytes()
    assert loading.parse(text, "x").document == yaml.load(text, Loader=yaml.CSafeLoader)


def test_every_line_is_the_line_of_its_key() -> None:
    """The line of each mapping key holds that key."""
    lines = SPEC.text.splitlines()
    checked = 0
    for at, line in SPEC.lines.items():
        key = pointer.tokens(at)[-1] if at else ""
        if key and not key.isdigit():
            assert key in lines[line - 1], at
            checked += 1
    assert checked > 15000


def test_a_pointer_that_was_corrected_in_has_the_line_of_its_nearest_ancestor() -> None:
    """What only the overlay added points at the published place that it corrects."""
    added = "/components/schemas/UsageTimeBucket/anyOf/0"
    assert SPEC.line(added) == SPEC.line("/components/schemas/UsageTimeBucket")
    assert SPEC.line("/nowhere/at/all") == 1


def test_a_copy_of_the_bundled_spec_gets_its_overlays(tmp_path: Path) -> None:
    """The overlay belongs to the bytes, not to the place."""
    path = tmp_path / "copy.yaml"
    path.write_bytes(bundled_path().read_bytes())
    assert load(path).actions
    assert load(path).sha256 == SPEC.sha256


@pytest.mark.parametrize("form", ["yaml", "json", "json with tabs"])
def test_any_other_document_loads_without_overlay(tmp_path: Path, form: str) -> None:
    """3.1 in YAML and JSON; an operation without an id is called by method and path."""
    text = {
        "yaml": yaml.safe_dump(MINIMAL),
        "json": json.dumps(MINIMAL),
        "json with tabs": json.dumps(MINIMAL, indent="\t"),
    }
    spec = load(written(tmp_path, text[form]))
    assert list(spec.operations) == ["GET /a"]
    assert not spec.actions
    assert spec.strict == spec.corrected == spec.published == MINIMAL


def test_components_by_reference_and_path_level_parameters_are_found(tmp_path: Path) -> None:
    """Parameters, bodies, responses and path items may all stand behind a local `$ref`."""
    document = {
        "openapi": "3.0.3",
        "info": {"title": "T", "version": "1"},
        "paths": {
            "/a/{id}": {
                "parameters": [
                    {"$ref": "#/components/parameters/Id"},
                    {"name": "q", "in": "query", "schema": {"type": "string"}},
                ],
                "post": {
                    "parameters": [{"name": "q", "in": "query", "schema": {"type": "integer"}}],
                    "requestBody": {"$ref": "#/components/requestBodies/B"},
                    "responses": {"4xx": {"$ref": "#/components/responses/R"}},
                },
            }
        },
        "components": {
            "parameters": {"Id": {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}},
            "requestBodies": {"B": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}},
            "responses": {"R": {"description": "x", "content": {"application/json": {"schema": {"type": "object"}}}}},
        },
    }
    operation = load(written(tmp_path, document)).operations["POST /a/{id}"]
    assert {(each.name, each.schema["type"]) for each in operation.parameters} == {("id", "string"), ("q", "integer")}
    assert operation.body is not None
    assert operation.body.media_type.schema_pointer == "/components/requestBodies/B/content/application~1json/schema"
    found = operation.answer(404)
    assert found is not None
    assert found.pointer == "/components/responses/R"


def test_a_document_with_webhooks_only_has_no_operations(tmp_path: Path) -> None:
    """3.1 allows a document without paths."""
    document = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "webhooks": {"w": {"post": {}}}}
    assert not load(written(tmp_path, document)).operations


def test_two_operations_of_one_id_are_both_kept(tmp_path: Path) -> None:
    """A duplicate id loses no operation."""
    answer = {"operationId": "x", "responses": {"200": {"description": "x"}}}
    document = {**MINIMAL, "paths": {"/a": {"get": answer}, "/b": {"get": answer}}}
    assert list(load(written(tmp_path, document)).operations) == ["x", "GET /b"]


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("other.yaml#/a", "leaves the document"),
        ("https://example.com/s.json", "leaves the document"),
        ("file:///etc/passwd", "leaves the document"),
        ("//host/x", "leaves the document"),
        ("#/components/schemas/Gone", "points to nothing"),
        ("#/components/schemas/A", "circle"),
    ],
)
def test_unsafe_and_broken_references_are_refused(tmp_path: Path, target: str, says: str) -> None:
    """A reference that leaves the document, dangles or leads to itself is named."""
    document = {**MINIMAL, "components": {"schemas": {"A": {"$ref": target}}}}
    message = refused(written(tmp_path, document))
    assert says in message
    assert target in message


def test_what_only_looks_like_a_reference_is_left_alone(tmp_path: Path) -> None:
    """A property called `$ref` and an example that holds one are no references."""
    schema = {"properties": {"$ref": {"type": "string"}}, "example": {"$ref": "https://x/y"}}
    document = {**MINIMAL, "components": {"schemas": {"A": schema}}}
    assert load(written(tmp_path, document)).operations


def test_an_alias_bomb_is_refused_before_it_expands(tmp_path: Path) -> None:
    """Nine levels of ten aliases are a billion nodes; nothing of it is built."""
    levels = "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))
    started = time.monotonic()
    assert "aliases expand" in refused(written(tmp_path, f"openapi: 3.0.0\na0: &a0 [1]\n{levels}"))
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[" * 100000, "nested deeper"),
        ("- " * 100000 + "a", "nested deeper"),
        ('{"a":' * 100000, "nested deeper"),
        ("a: &a [*a]", "refers to itself"),
        ("a: 1\na: 2", "duplicate key 'a'"),
        ('{"a": 1, "a": 2}', "duplicate key 'a'"),
        ("a: !!python/object/apply:os.system [x]", "is not allowed"),
        ("a: !secret x", "is not allowed"),
        ("? [1]\n: 2", "no string"),
        ("a: [1", "not readable"),
        ("", "no mapping"),
        ("openapi: 3.0.0", "`paths`"),
        ("swagger: '2.0'\npaths: {}", "swagger: 2.0"),
        ("openapi: 4.0.0\npaths: {}", "openapi: 4.0.0"),
        ("openapi: 3.0.0\npaths: {/a: 1}", "path /a"),
        ("--- 1\n--- 2", "more than one"),
    ],
)
def test_broken_input_is_told_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    """Whatever is wrong, one line says what and no traceback follows."""
    assert says in refused(written(tmp_path, text))


@pytest.mark.parametrize(
    "schema",
    [{"type": "string", "pattern": "("}, {"type": "nonsense"}, {"type": "string", "minLength": "x"}],
)
def test_a_schema_that_no_validator_can_use_is_told_at_the_start(tmp_path: Path, schema: object) -> None:
    """One line that names the place."""
    message = refused(written(tmp_path, {**MINIMAL, "components": {"schemas": {"A": schema}}}))
    assert "/components/schemas/A" in message


@pytest.mark.parametrize("depth", [30, 120, 380, 900, 5000])
def test_deep_documents_load_or_are_refused_in_one_line(tmp_path: Path, depth: int) -> None:
    """No recursion limit of ours becomes a traceback."""
    schema = '{"items":' * depth + "{}" + "}" * depth
    text = json.dumps({**MINIMAL, "components": {"schemas": {"A": "HERE"}}}).replace('"HERE"', schema)
    if depth <= 120:
        assert load(written(tmp_path, text)).operations
    else:
        try:
            assert load(written(tmp_path, text)).operations
        except SpecError as error:
            assert "deep" in str(error)  # noqa: PT017 - either way is right


def test_a_huge_file_is_refused_before_it_is_read_as_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is on bytes."""
    monkeypatch.setattr(loading, "MAX_BYTES", 100)
    assert "larger than" in refused(written(tmp_path, {**MINIMAL, "x-padding": "x" * 200}))


def test_a_missing_or_binary_file_is_told_in_one_line(tmp_path: Path) -> None:
    """No file and no text are told by name."""
    assert "cannot read" in refused(tmp_path / "gone.yaml")
    (tmp_path / "b").write_bytes(b"\xff\xfe\x00")
    assert "UTF-8" in refused(tmp_path / "b")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2020-01-01", "2020-01-01"),
        ("yes", "yes"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("true", True),
        ("null", None),
        ("~", None),
        ("-5", -5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("'5'", "5"),
        (".nan", ".nan"),
    ],
)
def test_plain_scalars_follow_yaml_1_2(text: str, value: object) -> None:
    """Dates, `yes` and sexagesimals stay strings; JSON's own words are values."""
    assert loading.parse(f"a: {text}".encode(), "x").document == {"a": value}


def test_merge_keys_and_aliases_are_expanded() -> None:
    """`<<` merges without overriding what stands there."""
    text = b"base: &b {x: 1, y: 2}\nown:\n  <<: *b\n  y: 3\nlist: [*b]"
    assert loading.parse(text, "x").document["own"] == {"x": 1, "y": 3}
    assert loading.parse(text, "x").document["list"] == [{"x": 1, "y": 2}]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    )
)
def test_json_round_trips(value: object) -> None:
    """Law: what JSON writes as an object, the reader reads back."""
    assert loading.parse(json.dumps({"v": value}).encode(), "x").document == {"v": value}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff"])
def test_a_corrupt_cache_is_only_slower(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    """Whatever lies in the cache, the spec is the same."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    path = written(tmp_path, MINIMAL)
    assert load(path).operations
    for stored in (tmp_path / "openapi-contract").glob("*.json"):
        stored.write_bytes(content)
    assert list(load(path).operations) == ["GET /a"]
    assert load(path).line("/paths/~1a/get") == 1


def test_an_unwritable_cache_is_only_slower(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in the place of the directory stops nothing."""
    (tmp_path / "openapi-contract").write_text("x", "utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert load(written(tmp_path, MINIMAL)).operations


def test_the_cache_keeps_few_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Old entries go when new ones come."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for number in range(60):
        cache.write(f"n{number}", {"n": number})
    assert len(list((tmp_path / "openapi-contract").iterdir())) <= 40
    assert cache.read("n59") == {"n": 59}
    assert cache.read("never") is None


def test_a_changed_spec_is_read_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache goes by content, not by name."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert load(written(tmp_path, MINIMAL)).title == "T"
    assert load(written(tmp_path, {**MINIMAL, "info": {"title": "U", "version": "1"}})).title == "U"


def test_a_warm_start_imports_little(tmp_path: Path) -> None:
    """The second start on one cache needs no YAML, no JSONPath and no validators."""
    code = (
        "import sys; from contract.spec import load; n = len(load().operations);"
        "heavy = {'yaml', 'jsonpath_rfc9535', 'jsonschema_rs'}; print(n, sorted(heavy & set(sys.modules)))"
    )
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == "126 []"
