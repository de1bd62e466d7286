"""Overlays: every correction bites, says why, and stands where it says."""

import copy
import re
from pathlib import Path

import pytest

from contract import overlay, pointer
from contract.defects import render
from contract.errors import SpecError
from contract.spec import load, overlay_paths

SPEC = load()
DEFECTS = list(dict.fromkeys(action.defect for action in SPEC.actions))


@pytest.mark.parametrize("defect", DEFECTS)
def test_each_correction_bites(defect: str) -> None:
    """Every target of a defect exists, and the document differs after each of its actions."""
    before = [each for each in SPEC.actions if not each.contested]
    document = SPEC.published
    own = [each for each in SPEC.actions if each.defect == defect]
    if own[0].contested:
        document = SPEC.strict
    else:
        assert all(each in before for each in own)
    for action in own:
        after = overlay.apply(document, [action])
        assert after != document
        document = after


def test_a_defect_takes_one_action_or_an_update_and_a_remove() -> None:
    """Overlay cannot rename a key: no defect takes more than an update and a remove of the same certainty."""
    for defect in DEFECTS:
        own = [each for each in SPEC.actions if each.defect == defect]
        assert len(own) == 1 or [each.remove for each in own] == [False, True], defect
        assert len({(each.contested, each.reason) for each in own}) == 1, defect


def test_each_line_is_the_line_of_the_target() -> None:
    """`x-line` is the line of the target in openapi.yaml, of its nearest ancestor, or inside it."""
    for action in SPEC.actions:
        line = SPEC.line(action.pointer)
        assert line is not None
        assert line <= action.line, action.defect
        named = re.search(r"== '([^']*)'", action.target)
        if named:
            assert SPEC.text.splitlines()[action.line - 1].strip() == f"- {named[1]}", action.defect
        else:
            assert line == action.line, action.defect


def test_every_reason_is_a_sentence() -> None:
    """A correction without a reason cannot be reviewed."""
    assert all(each.reason.endswith(".") and len(each.reason) > 40 for each in SPEC.actions)


@pytest.mark.parametrize(
    ("prefix", "count"),
    [
        ("default/", 7),
        ("discriminator/", 8),
        ("nullable-enum/", 14),
        ("nullable-all-of/", 8),
        ("event-stream/", 4),
        ("union/", 6),
    ],
)
def test_every_known_defect_of_a_kind_is_corrected(prefix: str, count: int) -> None:
    """The counted kinds of defects are there in full."""
    assert sum(each.startswith(prefix) for each in DEFECTS) == count


def test_null_beside_references_and_unions_is_corrected_everywhere() -> None:
    """`nullable` without a type stands in 26 places, eight of them branches of `allOf`.

    One of the 26 needs no correction: a branch of StopConfiguration admits null itself, a second one would double it.
    """
    kinds = ("nullable-ref/", "nullable-union/", "nullable-all-of/")
    assert sum(each.startswith(kinds) for each in DEFECTS) == 25
    at = "/components/schemas/StopConfiguration"
    assert SPEC.strict_schemas.is_valid(at, None)


def test_certain_corrections_never_depend_on_contested_ones() -> None:
    """The strict reading has none of the contested corrections."""
    certain = [each for each in SPEC.actions if not each.contested]
    assert overlay.apply(SPEC.published, certain) == SPEC.strict
    assert SPEC.strict != SPEC.corrected


def test_the_list_of_defects_is_not_stale() -> None:
    """docs/spec-defects.md is what the overlays say."""
    written = (Path(__file__).parent.parent / "docs" / "spec-defects.md").read_text("utf-8")
    assert written == render(overlay_paths())


def test_a_target_that_matches_nothing_is_an_error() -> None:
    """A correction whose defect is gone does not pass in silence."""
    gone = overlay.Action("x/y", "$.nowhere", "Reason.", 1, contested=False, remove=True)
    with pytest.raises(SpecError, match=r"x/y: \$\.nowhere matches nothing"):
        overlay.apply({"a": 1}, [gone])


def test_apply_leaves_the_document_alone() -> None:
    """The document that is corrected stays as it was."""
    document = {"a": {"b": [1, 2]}}
    before = copy.deepcopy(document)
    action = overlay.Action("x/y", "$.a", "Reason.", 1, contested=False, update={"b": [3], "c": 4})
    assert overlay.apply(document, [action]) == {"a": {"b": [1, 2, 3], "c": 4}}
    assert document == before


def test_removing_entries_of_one_array_removes_the_right_ones() -> None:
    """Two targets in one array are removed from the end."""
    action = overlay.Action("x/y", "$.a[?@ == 1]", "Reason.", 1, contested=False, remove=True)
    assert overlay.apply({"a": [1, 2, 1, 3]}, [action]) == {"a": [2, 3]}


@pytest.mark.parametrize(
    "text", ["a: 1", "overlay: 1.0.0\nactions: [{target: $.a}]", "overlay: 1.0.0\nactions: [1]", "- 1"]
)
def test_what_is_no_overlay_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    """A broken overlay document is told with its name."""
    path = tmp_path / "broken.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(SpecError, match=r"broken\.yaml") as caught:
        overlay.read(path)
    assert "\n" not in str(caught.value)


def test_a_contested_finding_gets_the_reason_of_the_nearest_action() -> None:
    """The reason names the member at hand, not a neighbour."""
    at = "/components/schemas/ChatCompletionResponseMessage/required"
    assert "`refusal`" in overlay.reason(SPEC.actions, [at], "member `refusal`")
    assert overlay.reason(SPEC.actions, ["/components/schemas/Model"], "object") == ""


def test_action_pointers_lead_somewhere() -> None:
    """The plain part of each target is a pointer of the published document."""
    for action in SPEC.actions:
        pointer.resolve(SPEC.published, action.pointer)


@pytest.mark.parametrize("defect", [each for each in DEFECTS if each.startswith("nullable-") or each.endswith("-null")])
def test_null_is_valid_where_a_correction_admits_it(defect: str) -> None:
    """Admitted by our validators, and by OpenAPI's own reading of the corrected document."""
    from openapi_schema_validator import OAS30Validator

    action = next(each for each in SPEC.actions if each.defect == defect)
    schema = pointer.resolve(SPEC.corrected, action.pointer)
    assert SPEC.schemas.is_valid(action.pointer, None)
    if not action.contested:
        assert SPEC.strict_schemas.is_valid(action.pointer, None)
    shallow = {key: value for key, value in schema.items() if key in {"type", "nullable", "enum"}}
    unions = [each for name in ("anyOf", "oneOf") for each in schema.get(name, ())]
    alternatives = [each for each in unions if "$ref" not in each and "allOf" not in each] or [shallow]
    assert any(OAS30Validator(each).is_valid(None) for each in alternatives)
