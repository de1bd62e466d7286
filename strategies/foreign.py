"""What a request to an API that the suite does not know needs: values for its path and headers, by its document alone.

A path value is an example or an enum value of the document, else an id that the target lists or gives to a new object,
else a value of the schema: made up, so that a 404 says nothing (`contract.checks.missing.made_up`).
Requests that change or delete prefer an object of their own, so that they leave others alone.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from contract.case import Ended, Stage
from contract.draft import Draft
from contract.operation import Operation, Parameter
from contract.spec import Spec
from strategies.samples import sample
from strategies.views import Views

#: The kind of resource under which `strategies.resources` shares what is found here.
KIND = "foreign"
_NAMES = ("id", "uuid", "key", "name", "slug", "code")


def path_value(stage: Stage, operation: Operation, name: str) -> Any:
    """A value for a path parameter of an operation of unknown kind."""
    head = operation.path.partition("{" + name + "}")[0] + "{" + name + "}"
    anchor = next(each.id for each in stage.spec.operations.values() if each.path.startswith(head))
    wants = {"operation": anchor, "name": name, "made": operation.method not in {"GET", "HEAD"}}
    alone = operation.method == "DELETE" and operation.path.endswith("{" + name + "}")
    found = stage.fresh(KIND, **wants) if alone else stage.resource(KIND, **wants)
    return found["value"]


def find(stage: Stage, operation: str, name: str, made: bool) -> Mapping[str, Any]:
    """The value as `{"value": …}`; `made`: of an object that this run makes, where the API has a way."""
    chosen = stage.operation(operation)
    parameter = next(each for each in chosen.parameters_in("path") if each.name == name)
    for value in _shown(stage.spec, parameter):
        return {"value": value}
    for method in ("POST",) if made else ("GET", "POST"):
        with contextlib.suppress(Ended):  # the target may not let us; the schema still has a value
            for value in _told(stage, chosen, parameter, method):
                return {"value": value}
    return {"value": sample(_views(stage.spec), chosen.id, parameter.schema_pointer, (name,))}


def headers(spec: Spec, operation: Operation) -> dict[str, str]:
    """Values for the header parameters that an operation cannot do without."""
    found = {}
    for each in operation.parameters_in("header"):
        if each.required and each.name not in operation.headers:
            shown = next(_shown(spec, each), None)
            value = sample(_views(spec), operation.id, each.schema_pointer, (each.name,)) if shown is None else shown
            found[each.name] = str(value).lower() if isinstance(value, bool) else str(value)
    return found


@cache
def _views(spec: Spec) -> Views:
    return Views(spec.corrected)


def _shown(spec: Spec, parameter: Parameter) -> Iterator[Any]:
    """Values that the document shows for a parameter and that its schema admits."""
    from contract import pointer

    node = pointer.resolve(spec.corrected, parameter.pointer)
    named = node.get("examples")
    candidates = [each.get("value") for each in named.values() if isinstance(each, dict)] if named else []
    schema = parameter.schema if isinstance(parameter.schema, Mapping) else {}
    candidates += [node.get("example"), schema.get("example"), *(schema.get("examples") or ())]
    candidates += _views(spec).at(parameter.schema_pointer).values
    for each in candidates:
        if isinstance(each, str | int | float) and spec.schemas.is_valid(parameter.schema_pointer, each):
            yield each


def _told(stage: Stage, operation: Operation, parameter: Parameter, method: str) -> Iterator[Any]:
    """Ids that the collection above a path tells: those that it lists, or the one of a new object."""
    above = operation.path.partition("{" + parameter.name + "}")[0].rstrip("/")
    collection = next((e for e in stage.spec.operations.values() if (e.method, e.path) == (method, above)), None)
    if collection is None:
        return
    views = _views(stage.spec)
    query = {
        each.name: sample(views, collection.id, each.schema_pointer, (each.name,))
        for each in collection.parameters_in("query")
        if each.required
    }
    path = {each.name: path_value(stage, collection, each.name) for each in collection.parameters_in("path")}
    at = collection.body.media_type.schema_pointer if collection.body else None
    body = sample(views, collection.id, at) if at else None
    draft = Draft(collection, path=path, query=query, headers=headers(stage.spec, collection), body=body)
    response = stage.send(draft, judge=False).response
    try:
        answer = response.json() if response is not None and response.succeeded else None
    except (ValueError, RecursionError):
        return
    for value in _identifiers(answer, parameter.name):
        if stage.spec.schemas.is_valid(parameter.schema_pointer, value):
            yield value


def _identifiers(answer: Any, name: str) -> Iterator[Any]:
    """What may be an id in an answer: of an object its own, of a list those of its elements."""
    if isinstance(answer, dict):
        for each in (name, *_NAMES):
            if isinstance(answer.get(each), str | int) and not isinstance(answer[each], bool):
                yield answer[each]
        answer = next((each for each in answer.values() if isinstance(each, list)), [])
    for each in answer if isinstance(answer, list) else ():
        yield from (
            _identifiers(each, name) if isinstance(each, dict) else ([each] if isinstance(each, str | int) else [])
        )
