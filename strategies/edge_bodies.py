"""Odd bodies: no JSON, hardly JSON, JSON that parsers disagree on, and media types that do not fit."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from contract import pointer
from contract.case import Stage
from contract.draft import Draft, Upload
from contract.operation import Operation
from contract.spec import Spec
from contract.verdict import Keyword
from strategies import media
from strategies.situations import NO_SUCH, Situation

#: 404 and 405 where the target lacks the route, or looks ids up before it reads the body.
_REFUSED = frozenset({400, 404, 405, 411, 413, 415, 422})
_EITHER = _REFUSED | {200, 409, 417}
_NUMBERS = ("9223372036854775808", "-9223372036854775809", "1e308", "1e400", "-0.0", "4.9e-324", "0.1e-6", "1E2")


def _json(_: Spec, operation: Operation) -> bool:
    return operation.body is not None and "json" in operation.body.media_type.name


def _form(_: Spec, operation: Operation) -> bool:
    return operation.body is not None and operation.body.media_type.name == "multipart/form-data"


def _raw(text: str | bytes) -> Callable[[Stage, Draft], Draft]:
    content = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return lambda _, draft: draft.but(raw_body=content)


def _members(draft: Draft) -> dict[str, Any]:
    """The members of a body as JSON can carry them: a file by its name."""
    members = draft.body if isinstance(draft.body, Mapping) else {}
    return {name: each.filename if isinstance(each, Upload) else each for name, each in members.items()}


def _cut(_: Stage, draft: Draft) -> list[Draft]:
    text = json.dumps(_members(draft) or {"contract": True})
    return [draft.but(raw_body=each.encode()) for each in (text[:-1], text.replace('"', "'"), text + "}")]


def _doubled(_: Stage, draft: Draft) -> Draft:
    """The first member twice, with the same value: whichever is taken, nothing changes."""
    members = _members(draft) or {"metadata": {}}
    name, value = next(iter(members.items()))
    text = json.dumps(members)
    return draft.but(raw_body=(text[:-1] + f", {json.dumps(name)}: {json.dumps(value)}}}").encode())


def _deep(_: Stage, draft: Draft) -> Draft:
    text = json.dumps({**_members(draft), "contract_deep": "@"})
    return draft.but(raw_body=text.replace('"@"', "[" * 5000 + "]" * 5000).encode())


def _numeric(stage: Stage, operation: Operation) -> str:
    """A member of the body that takes numbers, else one that nobody knows."""
    body = operation.body
    schema = pointer.resolve(stage.spec.corrected, body.media_type.schema_pointer or "") if body else {}
    for name, each in _properties(stage, schema).items():
        if isinstance(each, Mapping) and each.get("type") in ("integer", "number"):
            return name
    return "contract_number"


def _properties(stage: Stage, schema: Any) -> dict[str, Any]:
    if not isinstance(schema, Mapping):
        return {}
    if isinstance(schema.get("$ref"), str):
        return _properties(stage, pointer.resolve(stage.spec.corrected, schema["$ref"]))
    found: dict[str, Any] = {}
    for part in schema.get("allOf", ()):
        found.update(_properties(stage, part))
    return {**found, **schema.get("properties", {})}


def _numbers(stage: Stage, draft: Draft) -> list[Draft]:
    name = _numeric(stage, draft.operation)
    text = json.dumps({**_members(draft), name: "@"})
    return [draft.but(raw_body=text.replace('"@"', each).encode()) for each in _NUMBERS]


def _text(draft: Draft, escaped: str) -> Draft:
    """The draft with a piece of JSON inside its first text, or as a member that nobody knows."""
    members = _members(draft)
    name = next((key for key in ("prompt", "input", "instructions", "name", "user") if key in members), None)
    text = json.dumps({**members, name or "user": "contract @"})
    return draft.but(raw_body=text.replace("@", escaped).encode())


def _surrogates(_: Stage, draft: Draft) -> list[Draft]:
    return [_text(draft, each) for each in ("\\ud800", "\\udc00\\ud800")]


def _large(_: Stage, draft: Draft) -> Draft:
    return _text(draft, "a" * 4_000_000)


def _typed(kind: str) -> Callable[[Stage, Draft], Draft]:
    return lambda _, draft: draft.but(raw_body=json.dumps(_members(draft)).encode(), media_type=kind)


def _untyped(_: Stage, draft: Draft) -> Draft:
    request = draft.build("http://target")
    return draft.but(raw_body=request.body or b"", media_type="")


def _patient(_: Stage, draft: Draft) -> Draft:
    return draft.but(headers={**draft.headers, "Expect": "100-continue"})


#: Operation -> the member of its body that names an object, which must be there for the request to mean anything.
REFERENCES = {
    "createRun": "assistant_id",
    "createThreadAndRun": "assistant_id",
    "createBatch": "input_file_id",
    "createFineTuningJob": "training_file",
    "createResponse": "previous_response_id",
    "createVectorStoreFile": "file_id",
    "create-project-user": "user_id",
}


def _refers(_: Spec, operation: Operation) -> bool:
    return operation.id in REFERENCES


def _dangling(_: Stage, draft: Draft) -> Draft:
    return draft.but(body={**_members(draft), REFERENCES[draft.operation.id]: NO_SUCH})


def _broken_form(_: Stage, draft: Draft) -> list[Draft]:
    request = draft.build("http://target")
    body = request.body or b""
    kind = next(value for name, value in request.headers if name.lower() == "content-type")
    return [
        draft.but(raw_body=body[: len(body) // 2], media_type=kind),
        draft.but(raw_body=body, media_type="multipart/form-data"),
        draft.but(raw_body=body, media_type="multipart/form-data; boundary=another"),
    ]


def _names_model(_: Spec, operation: Operation) -> bool:
    return operation.id in _WITH_MODEL


def _unknown_model(_: Stage, draft: Draft) -> Draft:
    return draft.but(body={**draft.body, "model": "contract-no-such-model"})


#: Operations whose work is done by the model that the body names; a job for a made-up one might be begun and paid for.
_WITH_MODEL = frozenset(
    {"createChatCompletion", "createCompletion", "createResponse", "createEmbedding", "createModeration", "createImage"}
    | {"createSpeech", "createTranscription", "createTranslation", "createAssistant"}
)
BODY_SITUATIONS = (
    Situation(
        "unknown-model",
        "A model that does not exist is refused, or another one answers.",
        _unknown_model,
        frozenset({200, 400, 403, 404, 422}),
        "RFC 9110 15.5.5: no such model; a server of one model may take any name for it",
        applies=_names_model,
        usual=True,
        where="/body/model",
    ),
    Situation(
        "not-jsonl",
        "A file for a batch that is not of JSON lines is refused.",
        lambda _, draft: draft.but(body={"file": media.upload("text", str), "purpose": "batch"}),
        frozenset({400, 403, 404, 409, 415, 422}),
        "openapi.yaml:3527: the Batch API only supports `.jsonl` files, though the batch might refuse it instead",
        Keyword.SHOULD,
        applies=lambda _, operation: operation.id == "createFile",
        usual=True,
        where="/body/file",
    ),
    Situation(
        "unknown-reference",
        "The id of an object that does not exist, in a body, is refused.",
        _dangling,
        frozenset({400, 403, 404, 409, 422}),
        "RFC 9110 15.5.1, 15.5.5: no such object; the spec does not say how that is refused",
        Keyword.SHOULD,
        applies=_refers,
        usual=True,
        where="body",
    ),
    Situation(
        "malformed-json",
        "A body that is no JSON is refused.",
        _cut,
        _REFUSED,
        "RFC 8259: not JSON",
        applies=_json,
        usual=True,
        unaddressed=True,
        requests=3,
        where="body",
    ),
    Situation(
        "empty-body",
        "An empty body is refused where a body is required.",
        _raw(b""),
        _REFUSED,
        "openapi.yaml: `requestBody.required`",
        applies=_json,
        usual=True,
        unaddressed=True,
        where="body",
    ),
    Situation(
        "not-utf-8",
        "A body that is no UTF-8 is refused.",
        _raw(b'{"contract": "\xff\xfe\x80"}'),
        _REFUSED,
        "RFC 8259 8.1: JSON is UTF-8; a parser may be lenient (section 9)",
        Keyword.SHOULD,
        applies=_json,
        unaddressed=True,
        where="body",
    ),
    Situation(
        "image-not-square",
        "An image that is not square is refused.",
        lambda _, draft: draft.but(body={**draft.body, "image": media.upload("wide-png", str)}),
        frozenset({400, 404, 413, 415, 422}),
        "openapi.yaml:19119, 19291: a valid PNG file, less than 4MB, and square",
        applies=lambda _, operation: operation.id in {"createImageEdit", "createImageVariation"},
        usual=True,
        where="/body/image",
    ),
    Situation(
        "wrong-content-type",
        "JSON under another media type is refused or taken.",
        _typed("text/plain"),
        _EITHER,
        "RFC 9110 15.5.16: 415; some servers read any body as JSON",
        Keyword.SHOULD,
        applies=_json,
        usual=True,
        unaddressed=True,
        where="Content-Type",
    ),
    Situation(
        "foreign-content-type",
        "JSON that is said to be XML is refused.",
        _typed("application/xml"),
        frozenset({400, 404, 415, 422}),
        "RFC 9110 15.5.16: the operation declares no XML",
        Keyword.SHOULD,
        applies=_json,
        usual=True,
        unaddressed=True,
        where="Content-Type",
    ),
    Situation(
        "missing-content-type",
        "A body without a media type is refused or taken.",
        _untyped,
        _EITHER,
        "RFC 9110 8.3: the recipient may guess",
        Keyword.SHOULD,
        unaddressed=True,
        where="Content-Type",
    ),
    Situation(
        "json-for-form",
        "JSON where a form is wanted is refused.",
        _typed("application/json"),
        _REFUSED,
        "openapi.yaml declares multipart/form-data alone; RFC 9110 15.5.16",
        applies=_form,
        usual=True,
        unaddressed=True,
        where="Content-Type",
    ),
    Situation(
        "broken-form",
        "A form whose parts cannot be told apart is refused.",
        _broken_form,
        _REFUSED,
        "RFC 7578 4.1, RFC 2046 5.1.1",
        applies=_form,
        usual=True,
        unaddressed=True,
        requests=3,
        where="body",
    ),
    Situation(
        "duplicate-keys",
        "A member that comes twice is taken or refused.",
        _doubled,
        _EITHER,
        "RFC 8259 4: names should be unique, behaviour is not set",
        applies=_json,
        unaddressed=True,
        where="body",
    ),
    Situation(
        "deep-nesting",
        "Arrays 5,000 deep are refused or ignored.",
        _deep,
        _EITHER,
        "RFC 8259 9: a parser may limit depth",
        applies=_json,
        unaddressed=True,
        where="body",
    ),
    Situation(
        "odd-numbers",
        "Numbers at the edge of int64 and float64 are taken or refused.",
        _numbers,
        _EITHER,
        "RFC 8259 6: a parser may limit range",
        applies=_json,
        unaddressed=True,
        requests=len(_NUMBERS),
        where="body",
    ),
    Situation(
        "lone-surrogates",
        "Lone surrogates in a text are taken or refused.",
        _surrogates,
        _EITHER,
        "RFC 8259 8.2: behaviour is not set",
        applies=_json,
        unaddressed=True,
        requests=2,
        where="body",
    ),
    Situation(
        "nul",
        "A NUL in a text is taken or refused.",
        lambda _, draft: _text(draft, "\\u0000"),
        _EITHER,
        "RFC 8259 7: NUL may be escaped in a string",
        applies=_json,
        unaddressed=True,
        where="body",
    ),
    Situation(
        "large-body",
        "A body of 4 MB is taken or refused.",
        _large,
        _EITHER,
        "RFC 9110 15.5.14: 413",
        applies=_json,
        unaddressed=True,
        large=True,
        where="body",
    ),
    Situation(
        "expect-continue",
        "Expect: 100-continue is honoured or refused.",
        _patient,
        _EITHER,
        "RFC 9110 10.1.1",
        unaddressed=True,
        where="Expect",
    ),
)  # fmt: skip - a row reads as a row
