"""Templates: JSON values whose strings may stand for what only the target can tell.

`<model chat>`: a model for a capability. `<ref file purpose=batch>`: the id of a shared resource (`<ref run.thread_id>`
another member of it). `<here part_id>`: a member of the resource that the path names. `<upload png>`: a file part.
`<text 300>`: that many letters. `<unique>`: a name that no other case takes. `{"$repeat": 3, "item": X}`: a list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from contract.case import Stage
from strategies import media

_HOLE = re.compile(r"^<(model|ref|here|upload|text|unique|email)(?: ([^<>]*))?>$")


def resolve(stage: Stage, template: Any, here: Mapping[str, Any] | None = None) -> Any:
    """The value that a template stands for on this stage; ends the case where the target cannot give a part of it."""
    if isinstance(template, str):
        found = _HOLE.match(template) if template.startswith("<") else None
        return _fill(stage, found[1], found[2] or "", here or {}) if found else template
    if isinstance(template, list):
        return [resolve(stage, each, here) for each in template]
    if isinstance(template, dict):
        if "$repeat" in template:
            return [resolve(stage, template["item"], here)] * int(template["$repeat"])
        return {resolve(stage, name, here): resolve(stage, each, here) for name, each in template.items()}
    return template


def _fill(stage: Stage, what: str, argument: str, here: Mapping[str, Any]) -> Any:
    if what == "model":
        return stage.model(argument)
    if what == "ref":
        return _reference(stage, argument)
    if what == "upload":
        return media.upload(argument, lambda: stage.model("chat"))
    if what == "text":
        return "a" * int(argument)
    if what == "here":
        if argument not in here:
            stage.skip(f"the resource of the path has no {argument}")
        return here[argument]
    name = f"contract-{stage.random.randrange(16**10):010x}"
    return f"{name}@example.com" if what == "email" else name


def _reference(stage: Stage, argument: str) -> Any:
    target, *pairs = argument.split()
    kind, _, member = target.partition(".")
    wants = dict(pair.split("=", 1) for pair in pairs)
    return stage.resource(kind, **wants)[member or "id"]
