"""Examples mode: one valid answer per operation, whatever is asked.

An answer is the spec's own example where it has one, mended where it breaks its schema: 116 of the published ones do in
some member (a null where none is admitted, a required member that is absent) or are no JSON (trailing commas, `...`).
What can be kept is kept, the rest is made from the schema. An event stream is one that the stateful server gives, taken
down once. Deterministic: the same spec gives the same examples.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import yaml

from contract import pointer
from contract.draft import Upload
from contract.errors import SpecError
from contract.mock.kernel import REGISTRY, Call, Events, Json, Part, Settings
from contract.mock.store import Store
from contract.operation import Operation

if TYPE_CHECKING:
    from contract.spec import Spec

#: "Nothing of this value can be kept": the caller drops the member, or makes one where it is required.
LOST: Final = object()
_SCALARS: Final[Mapping[str, Any]] = {"string": "string", "integer": 1, "number": 1.0, "boolean": True}
_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
}
_DEEP = 12


class Examples:
    """The examples of a spec, each made when it is first asked for."""

    def __init__(self, spec: Spec) -> None:
        """`spec` is where bodies come from."""
        self._spec = spec
        self._bodies: dict[str, Any] = {}
        self._streams: dict[str, list[Part]] = {}

    def body(self, operation: Operation) -> Any:
        """The JSON body of the 200 answer, valid under both readings; None where the operation declares none.

        Raises SpecError where no valid body can be made.
        """
        if operation.id not in self._bodies:
            self._bodies[operation.id] = _body(self._spec, operation)
        return self._bodies[operation.id]

    def stream(self, call: Call) -> list[Part]:
        """The frames of a whole event stream of the call's operation."""
        if call.operation.id not in self._streams:
            self._streams[call.operation.id] = _take_down(call)
        return self._streams[call.operation.id]


def _body(spec: Spec, operation: Operation) -> Any:
    answer = operation.answer(200)
    media = answer.content.get("application/json") if answer else None
    if media is None or media.schema_pointer is None:
        return None
    document = _home(spec, media.schema_pointer)
    maker, schema = _Maker(document), pointer.resolve(document, media.schema_pointer)
    for value in (*(maker.mend(schema, each) for each in _published(spec, operation)), maker.make(schema)):
        settled = _settled(value)
        if settled is not LOST and _valid(spec, media.schema_pointer, settled):
            return settled
    raise SpecError(f"{operation.id}: no valid example can be made from its response schema")


def _settled(value: Any) -> Any:
    """A list that says of itself what is true: it is the only page, from its first object to its last."""
    if not isinstance(value, dict) or not isinstance(value.get("data"), list) or "has_more" not in value:
        return value
    ids = [each["id"] for each in value["data"] if isinstance(each, dict) and "id" in each]
    ends = {"first_id": ids[0], "last_id": ids[-1]} if ids else {}
    ends |= {"next_page": ""} if isinstance(value.get("next_page"), str) else {}
    return {**value, **{name: end for name, end in ends.items() if name in value}, "has_more": False}


def _home(spec: Spec, at: str) -> dict[str, Any]:
    """The strict reading, which the corrected one only widens; the corrected one for what stands only there."""
    try:
        pointer.resolve(spec.strict, at)
    except KeyError:
        return spec.corrected
    return spec.strict


def _valid(spec: Spec, at: str, value: Any) -> bool:
    both = _home(spec, at) is spec.strict
    return spec.schemas.is_valid(at, value) and (not both or spec.strict_schemas.is_valid(at, value))


def _published(spec: Spec, operation: Operation) -> Iterator[Any]:
    """The response examples of an operation as far as they can be parsed (`x-oaiMeta.examples`)."""
    examples = pointer.resolve(spec.strict, operation.pointer).get("x-oaiMeta", {}).get("examples", [])
    for each in examples if isinstance(examples, list) else [examples]:
        text = each.get("response", "") if isinstance(each, Mapping) else ""
        for parse in (json.loads, _flow):
            try:
                value = parse(text)
            except (ValueError, yaml.YAMLError):
                continue
            if isinstance(value, dict):
                yield _both_results(value)
            break


def _flow(text: str) -> Any:
    """JSON with trailing commas, bare keys or `...`: all of it is YAML."""
    return yaml.load(text, Loader=yaml.CSafeLoader)


def _both_results(value: dict[str, Any]) -> dict[str, Any]:
    """The usage examples say `results` where the schema says `result`: keep what they show under both names."""
    for each in value["data"] if isinstance(value.get("data"), list) else []:
        if isinstance(each, dict) and "results" in each:
            each.setdefault("result", each["results"])
    return value


#: Streaming operation -> the request whose stream is the example; `@name` stands for what `_PREPARED` made.
_ASK: Final[Mapping[str, Mapping[str, Any]]] = {
    "createChatCompletion": {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello!"}]},
    "createCompletion": {"model": "gpt-3.5-turbo-instruct", "prompt": "Hello!"},
    "createResponse": {"model": "gpt-4o-mini", "input": "Hello!"},
    "createTranscription": {"model": "gpt-4o-transcribe", "file": Upload("hello.wav", b"RIFF")},
    "createThreadAndRun": {"thread": {"messages": [{"role": "user", "content": "Hello!"}]}},
    "createRun": {"additional_messages": [{"role": "user", "content": "Hello!"}]},
    "submitToolOuputsToRun": {},
}
_TOOL: Final = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}


def _take_down(call: Call) -> list[Part]:
    """The stream that the stateful server gives to the operation's canonical request, without its pauses."""
    scratch = _Scratch(call)
    operation, body, path = call.operation.id, dict(_ASK[call.operation.id]), {}
    if operation in {"createRun", "createThreadAndRun", "submitToolOuputsToRun"}:
        path = {"thread_id": scratch.ask("createThread", {})["id"]}
        tools = [_TOOL] if operation == "submitToolOuputsToRun" else []
        assistant = scratch.ask("createAssistant", {"model": "gpt-4o-mini", "tools": tools})
        if operation == "submitToolOuputsToRun":
            path["run_id"], body["tool_outputs"] = scratch.wait_for_tools(path, assistant["id"])
        else:
            body["assistant_id"] = assistant["id"]
    reply = scratch.reply(operation, {**body, "stream": True}, path)
    if not isinstance(reply, Events):
        raise TypeError(f"{operation} gave no stream")
    return [part for part in reply.frames if not isinstance(part, float)]


class _Scratch:
    """A stateful server of its own, for a few requests; its time passes only when it is told to."""

    def __init__(self, call: Call) -> None:
        settings = Settings(speed=1.0, seed=call.settings.seed)
        self._call = replace(call, store=Store(seed=call.settings.seed), settings=settings, query={}, time=call.time)

    def reply(self, operation_id: str, body: Any, path: Mapping[str, Any] | None = None) -> Any:
        operation = self._call.spec.operations[operation_id]
        handler = REGISTRY.handler("stateful", operation_id)
        if handler is None:
            raise LookupError(f"{operation_id} has no handler")
        return handler(replace(self._call, operation=operation, body=body, path=dict(path or {})))

    def ask(self, operation_id: str, body: Any, path: Mapping[str, Any] | None = None) -> Any:
        reply = self.reply(operation_id, body, path)
        return reply.body if isinstance(reply, Json) else reply

    def wait_for_tools(self, path: Mapping[str, Any], assistant_id: str) -> tuple[str, list[dict[str, Any]]]:
        """A run that waits for tool outputs: its id and the outputs to submit."""
        said = [{"role": "user", "content": "Call look."}]
        asked = {"assistant_id": assistant_id, "additional_messages": said, "tool_choice": "required"}
        run = self.ask("createRun", asked, path)
        for _ in range(20):
            if run["status"] == "requires_action":
                break
            self._call = replace(self._call, time=self._call.time + 1.0)
            run = self.ask("getRun", None, {**path, "run_id": run["id"]})
        calls = run["required_action"]["submit_tool_outputs"]["tool_calls"]
        return run["id"], [{"tool_call_id": each["id"], "output": "42"} for each in calls]


class _Maker:
    """Makes and mends values of schemas of one document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def _flat(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """A schema with its `$ref` followed and its `allOf` merged into one."""
        while "$ref" in schema:
            schema = pointer.resolve(self._document, schema["$ref"].removeprefix("#"))
        flat = {key: value for key, value in schema.items() if key != "allOf"}
        for part in schema.get("allOf", []):
            for key, value in self._flat(part).items():
                if key == "properties":
                    flat[key] = {**flat.get(key, {}), **value}
                elif key == "required":
                    flat[key] = [*flat.get(key, []), *value]
                else:
                    flat.setdefault(key, value)
        return flat

    def _branches(self, schema: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The branches of a union, each with what stands beside it: that holds for every branch."""
        beside = {key: value for key, value in schema.items() if key not in {"oneOf", "anyOf"}}
        return [self._flat({"allOf": [each, beside]}) for each in (*schema.get("oneOf", ()), *schema.get("anyOf", ()))]

    def make(self, schema: Mapping[str, Any], depth: int = 0) -> Any:
        """The smallest useful value: required members, one item, the first branch."""
        schema = self._flat(schema)
        if "enum" in schema:
            return schema["enum"][0]
        if depth > _DEEP:
            return LOST
        if (shown := self._shown(schema)) is not LOST:
            return shown
        if branches := self._branches(schema):
            return next((made for each in branches if (made := self.make(each, depth + 1)) is not LOST), LOST)
        return self._make_plain(schema, depth)

    def _make_plain(self, schema: Mapping[str, Any], depth: int) -> Any:
        if schema.get("type") == "object" or "properties" in schema:
            return self._object(schema, {}, depth)
        if schema.get("type") == "array":
            item = self.make(schema.get("items", {}), depth + 1)
            return [] if item is LOST else [item] * max(1, schema.get("minItems", 1))
        return self._scalar(schema)

    def _shown(self, schema: Mapping[str, Any]) -> Any:
        """The example of a schema that documents an object (`x-oaiMeta.example`), mended; LOST where it has none."""
        try:
            value = _flow(schema.get("x-oaiMeta", {}).get("example", ""))
        except yaml.YAMLError:
            return LOST
        return self.mend(schema, value) if isinstance(value, dict) else LOST

    def _scalar(self, schema: Mapping[str, Any]) -> Any:
        kind = schema.get("type", "string")
        given = schema.get("example", schema.get("default"))
        if _is(given, kind):
            return given
        value = _SCALARS[kind]
        if kind in {"integer", "number"}:
            value = max(value, schema.get("minimum", value))
            value = min(value, schema.get("maximum", value))
        return value

    def _object(self, schema: Mapping[str, Any], value: Mapping[str, Any], depth: int) -> Any:
        """An object with what can be kept of `value` and every required member."""
        properties = schema.get("properties", {})
        open_ = schema.get("additionalProperties", True)
        kept = {}
        for name, each in value.items():
            rule = properties.get(name, open_)
            mended = self.mend(rule, each, depth + 1) if isinstance(rule, Mapping) else (each if rule else LOST)
            if mended is not LOST and name != "...":
                kept[name] = mended
        for name in schema.get("required", []):
            if name not in kept and name in properties:
                kept[name] = self.make(properties[name], depth + 1)
            elif name not in kept:
                kept[name] = 1
        return LOST if LOST in kept.values() else kept

    def mend(self, schema: Mapping[str, Any], value: Any, depth: int = 0) -> Any:
        """What can be kept of `value` under a schema, completed; LOST where that is nothing."""
        schema = self._flat(schema)
        if value is None:
            return None if schema.get("nullable") and "type" in schema and "enum" not in schema else LOST
        if "enum" in schema:
            return value if value in schema["enum"] else schema["enum"][0]
        if branches := self._branches(schema):
            fits = [each for each in branches if self._fits(each, value)]
            return self.mend(fits[0], value, depth + 1) if fits else LOST
        return self._mend_plain(schema, value, depth)

    def _mend_plain(self, schema: Mapping[str, Any], value: Any, depth: int) -> Any:
        kind = schema.get("type", "object" if "properties" in schema else None)
        if kind and not _is(value, kind):
            return LOST
        if isinstance(value, dict):
            return self._object(schema, value, depth)
        if isinstance(value, list):
            items = (self.mend(schema.get("items", {}), each, depth + 1) for each in value if each != {"...": None})
            return [each for each in items if each is not LOST]
        return value

    def _fits(self, branch: Mapping[str, Any], value: Any) -> bool:
        """True where the branch is of the value's type and its constants agree."""
        if "oneOf" in branch or "anyOf" in branch:
            return any(self._fits(each, value) for each in self._branches(branch))
        if "enum" in branch:
            return value in branch["enum"]
        if not _is(value, branch.get("type", "object" if "properties" in branch else "")):
            return False
        return not isinstance(value, dict) or all(
            value.get(name) in flat["enum"]
            for name, each in branch.get("properties", {}).items()
            if "enum" in (flat := self._flat(each)) and (name in value or name in {"type", "object", "role"})
        )


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES.get(kind, ()))
