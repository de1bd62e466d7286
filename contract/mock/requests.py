"""Request validation: from raw parts to typed values that hold what the corrected spec asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contract import pointer
from contract.draft import Upload
from contract.mock.body import parse_json, parse_multipart
from contract.mock.casting import QueryCaster, Shape, cast_form
from contract.mock.errors import ApiError, invalid
from contract.mock.params import ParameterJudge
from contract.operation import Operation
from contract.spec import Spec

_FORM = "multipart/form-data"


class Reader:
    """Reads the requests of one operation; compiled once."""

    def __init__(self, spec: Spec, operation: Operation, parameters: ParameterJudge) -> None:
        """`spec` gives schemas and validators of the corrected reading; `parameters` is shared by all readers."""
        self._parameters = parameters
        self._spec = spec
        self._operation = operation
        self._query = QueryCaster(spec.corrected, operation.parameters_in("query"))
        self._pointers = {each.name: each.schema_pointer for each in operation.parameters}
        self._members: dict[str, Shape] = {}
        if operation.body and _FORM in operation.body.content:
            at = operation.body.content[_FORM].schema_pointer
            self._members = Shape(spec.corrected, pointer.resolve(spec.corrected, at)).properties() if at else {}

    def query(self, text: bytes) -> dict[str, Any]:
        """Typed query parameters. Raises ApiError (400)."""
        if not text and not self._query.required:
            return {}
        values = self._query.cast(text)
        for name in self._query.required:
            if name not in values:
                raise invalid(f"Missing required parameter: '{name}'.", name, "missing_required_parameter")
        for name, value in values.items():
            self.check(self._pointers[name], value, name)
        if values:
            self._parameters.check(self._operation, text)
        return values

    def body(self, headers: Mapping[str, str], content: bytes) -> Any:
        """The typed body. Raises ApiError (400, 415)."""
        declared = self._operation.body
        if declared is None:
            return None
        if not content and not declared.required:
            return {}
        sent = headers.get("content-type", "")
        media_type = sent.partition(";")[0].strip().lower()
        if media_type not in declared.content:
            wanted = " or ".join(declared.content)
            raise ApiError(415, f"Unsupported content type: '{media_type[:100]}'. Send the body as {wanted}.")
        if media_type == _FORM:
            body: Any = cast_form(self._members, parse_multipart(content, sent))
        else:
            body = parse_json(content)
        try:
            self.check_body(media_type, body)
        except ApiError as error:
            error.sent = body
            raise
        return body

    def check_body(self, media_type: str, body: Any) -> None:
        """Raises ApiError (400) where the body breaks its schema."""
        declared = self._operation.body
        at = declared.content[media_type].schema_pointer if declared else None
        if at is None:
            return
        if media_type == _FORM:
            self._check_files(body)
            body = {name: _bare(value) for name, value in body.items()}
        self.check(at, body, None)

    def check(self, at: str, value: Any, name: str | None) -> None:
        """Raises ApiError (400) where `value` breaks the schema at pointer `at`; `name` is the parameter's."""
        try:
            if self._spec.schemas.is_valid(at, value):
                return
            raise _refusal(self._spec.schemas.validator(at).iter_errors(value), name)
        except (ValueError, RecursionError, OverflowError):
            raise invalid("The request has a value that cannot be read.", name) from None

    def _check_files(self, body: Mapping[str, Any]) -> None:
        for name, shape in self._members.items():
            wanted = any(node.get("format") == "binary" for node in shape.nodes)
            if name in body and wanted != isinstance(body[name], Upload):
                raise invalid(f"'{name}' must be {'a file' if wanted else 'a plain value'}.", name)


def _bare(value: Any) -> Any:
    """A form value as its schema sees it: a file is a string (`format: binary`)."""
    if isinstance(value, list):
        return [_bare(each) for each in value]
    return "" if isinstance(value, Upload) else value


def _refusal(errors: Any, name: str | None) -> ApiError:
    worst = max(errors, key=lambda error: len(list(error.instance_path)))
    path = [str(each) if isinstance(each, str) else each for each in worst.instance_path]
    missing = getattr(worst.kind, "property", None) if "Required" in type(worst.kind).__name__ else None
    param = _param([*([name.removesuffix("[]")] if name else []), *path, *([missing] if missing else [])])
    if missing:
        return invalid(f"Missing required parameter: '{param}'.", param, "missing_required_parameter")
    text = str(worst.message)
    return invalid(f"Invalid value for '{param or 'body'}': {text[:500]}", param or None, "invalid_value")


def _param(path: list[Any]) -> str:
    text = ""
    for each in path:
        text += f"[{each}]" if isinstance(each, int) else f".{each}" if text else str(each)
    return text
