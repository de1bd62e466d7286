"""Moderations: every category, by the words of a text (openapi.yaml:5172)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contract.mock import text as texts
from contract.mock.kernel import Call, Json, Reply, route
from contract.mock.meter import meter
from contract.mock.wanted import want

_DEFAULT_MODEL = "omni-moderation-latest"
#: Category -> words that set it off. The names are the spec's (openapi.yaml:19507).
_WORDS: Mapping[str, frozenset[str]] = {
    "harassment": frozenset({"idiot", "stupid", "loser", "harass", "pathetic"}),
    "harassment/threatening": frozenset({"threaten", "threat"}),
    "hate": frozenset({"hate", "hateful", "inferior"}),
    "hate/threatening": frozenset({"exterminate"}),
    "illicit": frozenset({"steal", "shoplift", "counterfeit", "bomb", "explosive", "drugs"}),
    "illicit/violent": frozenset({"bomb", "explosive", "weapon"}),
    "self-harm": frozenset({"suicide", "self-harm", "selfharm", "cut myself"}),
    "self-harm/intent": frozenset({"suicide"}),
    "self-harm/instructions": frozenset({"overdose"}),
    "sexual": frozenset({"sex", "sexual", "porn", "nude"}),
    "sexual/minors": frozenset({"lolita"}),
    "violence": frozenset({"kill", "murder", "shoot", "stab", "attack", "violence", "violent", "bomb"}),
    "violence/graphic": frozenset({"gore", "dismember", "blood"}),
}
#: Categories that are judged for images too (openapi.yaml:19620); the others take text only.
_IMAGES = frozenset(
    ["self-harm", "self-harm/intent", "self-harm/instructions", "sexual", "violence", "violence/graphic"],
)
#: Judged by the omni models only (openapi.yaml:19545).
_OMNI = frozenset({"illicit", "illicit/violent"})


@route("createModeration")
def create_moderation(call: Call) -> Reply:
    """Judge each text; the parts of one multimodal input together."""
    body = call.body
    model = want(call, body.get("model") or _DEFAULT_MODEL, "moderation")
    given = body["input"]
    if isinstance(given, str):
        inputs = [(given, {"text"})]
    elif any(isinstance(each, dict) for each in given):
        text = "\n".join(each.get("text", "") for each in given)
        inputs = [(text, {"image" if each["type"] == "image_url" else "text" for each in given})]
    else:
        inputs = [(each, {"text"}) for each in given]
    meter(call, "moderations", model, input_tokens=sum(texts.count(text) for text, _ in inputs))
    omni = model.startswith("omni")
    results = [_result(text, kinds, omni) for text, kinds in inputs]
    return Json({"id": call.store.new_id("modr-"), "model": model, "results": results})


def _result(text: str, kinds: set[str], omni: bool) -> dict[str, Any]:
    lowered = text.lower()
    words = frozenset("".join(each if each.isalpha() else " " for each in lowered).split())
    hits = {
        category: bool(found & words or any(each in lowered for each in found if not each.isalpha()))
        for category, found in _WORDS.items()
        if omni or category not in _OMNI
    }
    applied: dict[str, list[str]] = {}
    for category in _WORDS:
        able = kinds if category in _IMAGES else kinds & {"text"}
        applied[category] = sorted(able, reverse=True) if omni else ["text"] if category in hits else []
    return {
        "flagged": any(hits.values()),
        "categories": {category: hits.get(category, False) for category in _WORDS},
        "category_scores": {category: _score(category, text, hits.get(category, False)) for category in _WORDS},
        "category_applied_input_types": applied,
    }


def _score(category: str, text: str, hit: bool) -> float:
    share = texts.token_id(f"{category}:{text}") / 100_000
    return round(0.8 + share * 0.19, 6) if hit else round(share * 0.01, 8)
