"""Parameters judged by openapi-core against the corrected spec: style, type, schema, presence.

Bodies are judged by compiled validators of the same corrected spec (`contract.schema`), fifty times faster; for the
few query parameters of a list openapi-core's milliseconds are no matter, and equal queries are judged once.
"""

from __future__ import annotations

from collections import OrderedDict
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from contract.mock.errors import ApiError, invalid
from contract.operation import Operation
from contract.spec import Spec

_HOST = "http://mock"
_KEPT = 4096


class ParameterJudge:
    """Judges query strings; openapi-core is loaded with the first one."""

    def __init__(self, spec: Spec) -> None:
        """`spec` gives the corrected document."""
        self._spec = spec
        self._known: OrderedDict[tuple[str, bytes], tuple[str, str] | None] = OrderedDict()

    def check(self, operation: Operation, query: bytes) -> None:
        """Raise ApiError (400) where openapi-core refuses the parameters."""
        key = (operation.id, query)
        if key not in self._known:
            self._known[key] = self._judged(operation, query)
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        found = self._known[key]
        if found:
            raise _refusal(*found)

    def _judged(self, operation: Operation, query: bytes) -> tuple[str, str] | None:
        from openapi_core.exceptions import OpenAPIError

        try:
            self._validator.validate(_request(operation, query))
        except OpenAPIError as error:
            first = next(iter(getattr(error, "errors", ())), error)
            reason = str(first.__cause__ or first).splitlines()[0]
            return str(getattr(first, "name", "")), reason[:300]
        return None

    @cached_property
    def _validator(self) -> Any:
        from jsonschema_path import SchemaPath
        from openapi_core.validation.request.validators import (
            V30RequestParametersValidator,
            V31RequestParametersValidator,
        )

        document = {**self._spec.corrected, "servers": [{"url": _HOST}], "security": []}
        recent = str(document.get("openapi", "")).startswith("3.1")
        kind: Any = V31RequestParametersValidator if recent else V30RequestParametersValidator
        return kind(SchemaPath.from_dict(document))


def _refusal(name: str, reason: str) -> ApiError:
    return invalid(f"Invalid value for '{name}': {reason}", name or None, "invalid_value")


class _Request:
    """openapi-core's protocol of a request, parameters only."""

    host_url = _HOST
    body = None
    content_type = ""

    def __init__(self, method: str, path: str, query: list[tuple[str, str]]) -> None:
        from openapi_core.datatypes import RequestParameters
        from werkzeug.datastructures import Headers, ImmutableMultiDict

        self.method = method
        # The template itself is a path of the operation: its values are texts of any form.
        self.path = path
        self.parameters = RequestParameters(query=ImmutableMultiDict(query), header=Headers())


def _request(operation: Operation, query: bytes) -> _Request:
    path = operation.path.replace("{", "").replace("}", "")
    return _Request(operation.method.lower(), path, parse_qsl(query.decode("ascii"), keep_blank_values=True))
