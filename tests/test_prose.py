"""The rules of the descriptions: each with a request that breaks it alone, one that obeys, and its mending."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract import spec as specs
from contract.draft import Draft
from contract.verdict import Keyword
from strategies import bodies, prose
from strategies.plan import filled

SPEC = specs.load()
PAIRS = [(rule, name) for rule in prose.rules() for name in rule.operations]
IDS = [f"{rule.id}-{name}" for rule, name in PAIRS]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.sampled_from(["", "json_object", "function", "tool", "dall-e-3"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "role", "id", "name"]), inner),
    max_leaves=6,
)
MEMBERS = sorted(
    {name for schema in SPEC.corrected["components"]["schemas"].values() for name in schema.get("properties", {})}
)


def admitted(operation_id, body):
    """True where the schema admits the body, or there is none."""
    body_of = SPEC.operations[operation_id].body
    return body_of is None or SPEC.schemas.is_valid(body_of.media_type.schema_pointer, filled(body))


@pytest.mark.parametrize(("rule", "name"), PAIRS, ids=IDS)
def test_a_breaking_request_breaks_its_rule_alone(rule, name):
    """The neighbour of a rule breaks that rule, no other rule and no schema."""
    values = prose.breaking(rule, name, bodies.minimal(name))
    assert set(prose.broken_rules(name, values)) - set(rule.also) == {rule.id}
    assert admitted(name, values.body) or rule.id == "COMP-6"


@pytest.mark.parametrize(("rule", "name"), PAIRS, ids=IDS)
def test_the_minimal_request_obeys(rule, name):
    """The request that a neighbour is made from breaks no rule but the one that contradicts its schema (ADM-5)."""
    assert rule.id == "ADM-5" or not rule.broken(prose.Values(name, bodies.minimal(name)))


@pytest.mark.parametrize(("rule", "name"), PAIRS, ids=IDS)
def test_mending_heals_and_keeps_the_schema(rule, name):
    """A body that breaks a rule is mended into one that obeys all, by either way of mending."""
    broken = prose.breaking(rule, name, bodies.minimal(name))
    if SPEC.operations[name].body is None:
        rule.mend(broken)
        assert not rule.broken(broken)
        return
    for support in (False, True):
        mended = prose.mend(name, broken.body, support=support)
        assert not prose.broken_rules(name, prose.Values(name, mended))
        assert admitted(name, mended)


def test_at_least_eighty_of_the_inventory_are_broken():
    """Of the 84 rules that the inventory calls decidable, 80 have a request; each of the others has a reason."""
    of_inventory = set(prose.texts()) - {"CHAT-20"}  # counted there as one that needs earlier messages
    assert len(of_inventory) == 84
    told = {rule.id for rule in prose.rules()} - {"CHAT-20"}
    assert len(told) == 80
    assert of_inventory - told == set(prose.UNBREAKABLE)


@pytest.mark.parametrize("name", sorted(prose.texts()))
def test_the_quote_stands_at_the_line(name):
    """Each rule's words stand in openapi.yaml, close to the line that the rule gives."""
    text = prose.texts()[name]
    lines = SPEC.text.splitlines()[max(0, text["line"] - 14) : text["line"] + 14]
    near = " ".join(" ".join(lines).split())
    assert " ".join(text["quote"].split()) in near


def test_what_must_be_says_must():
    """A rule is a MUST only where the text around its quote says so, must not or the like."""
    for rule in prose.rules():
        if rule.keyword is Keyword.MUST:
            lines = SPEC.text.splitlines()[rule.line - 14 : rule.line + 14]
            assert "must" in " ".join(lines).lower(), rule.id


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted({name for _, name in PAIRS})), st.dictionaries(st.sampled_from(MEMBERS), JSON, max_size=6)
)
def test_rules_leave_ill_typed_values_to_the_schema(name, body):
    """Asking which rules a body breaks never fails, whatever the body holds."""
    assert isinstance(prose.broken(name, body), list)


def test_a_request_may_be_ruled_out_by_the_models_that_a_target_has() -> None:
    """`instructions` do not work with tts-1 (openapi.yaml:20145): with another model the request is right."""
    operation = SPEC.operations["createSpeech"]
    body = {"input": "Hello.", "voice": "alloy", "instructions": "Slowly."}
    assert prose.forbids(Draft(operation, body={**body, "model": "tts-1"})) == "AUD-1"
    assert prose.forbids(Draft(operation, body={**body, "model": "gpt-4o-mini-tts"})) is None
