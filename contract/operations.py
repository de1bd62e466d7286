"""The operations of an OpenAPI document as `Operation` values. 3.0 and 3.1; local `$ref`s are followed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from contract import classify, pointer
from contract.operation import Answer, Body, MediaType, Operation, Parameter
from contract.positions import local

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
#: Header parameters of these names are described elsewhere and must be ignored (OpenAPI 3.0.3 "Parameter Object").
_NOT_PARAMETERS = frozenset({"accept", "content-type", "authorization"})


@dataclass(frozen=True, slots=True)
class _Reader:
    document: Mapping[str, Any]
    line: Callable[[str], int | None]

    def deref(self, at: str, node: Any) -> tuple[str, Mapping[str, Any]]:
        """A node with its `$ref` followed, and the pointer where it really stands."""
        while isinstance(node, Mapping) and isinstance(node.get("$ref"), str):
            at = local(node["$ref"])
            node = pointer.resolve(self.document, at)
        return at, node if isinstance(node, Mapping) else {}

    def operations(self) -> Iterator[Operation]:
        for path, raw in (self.document.get("paths") or {}).items():
            at, item = self.deref(pointer.join("/paths", path), raw)
            for method in METHODS:
                if isinstance(item.get(method), Mapping):
                    yield self._operation(path, method, at, item)

    def _operation(self, path: str, method: str, at: str, item: Mapping[str, Any]) -> Operation:
        raw = item[method]
        base = pointer.join(at, method)
        identifier = str(raw.get("operationId") or f"{method.upper()} {path}")
        meta = raw.get("x-oaiMeta")
        group = meta.get("group") if isinstance(meta, Mapping) else None
        return Operation(
            id=identifier,
            method=method.upper(),
            path=path,
            pointer=base,
            line=self.line(base),
            summary=str(raw.get("summary", "")),
            group=str(group or next(iter(raw.get("tags") or []), "")),
            parameters=tuple(self._parameters(at, base, item, raw)),
            body=self._body(base, raw),
            answers={
                str(status).upper() if str(status)[1:].upper() == "XX" else str(status): self._answer(
                    base, status, each
                )
                for status, each in (raw.get("responses") or {}).items()
                if not status.startswith("x-")
            },
            safety=classify.safety(identifier, method.upper(), path),
            surface=classify.SURFACES.get(identifier),
            headers=classify.headers(path),
            also_paths=tuple(raw.get("x-also-paths") or ()),
        )

    def _parameters(self, at: str, base: str, item: Mapping[str, Any], raw: Mapping[str, Any]) -> Iterator[Parameter]:
        """Those of the path item first; an operation's own of the same name and place replace them."""
        found: dict[tuple[str, str], Parameter] = {}
        for home, group in ((at, item), (base, raw)):
            for index, each in enumerate(group.get("parameters") or []):
                parameter = self._parameter(*self.deref(pointer.join(home, "parameters", index), each))
                if parameter.location != "header" or parameter.name.lower() not in _NOT_PARAMETERS:
                    found[parameter.location, parameter.name] = parameter
        yield from found.values()

    def _parameter(self, at: str, node: Mapping[str, Any]) -> Parameter:
        location = str(node.get("in", "query"))
        style = str(node.get("style", "form" if location in {"query", "cookie"} else "simple"))
        return Parameter(
            name=str(node.get("name", "")),
            location=location,
            required=node.get("required") is True or location == "path",
            schema=node.get("schema", {}),
            style=style,
            explode=bool(node.get("explode", style in {"form", "deepObject"})),
            pointer=at,
        )

    def _content(self, base: str, raw: Mapping[str, Any]) -> dict[str, MediaType]:
        return {
            name: MediaType(
                name=name,
                pointer=pointer.join(base, "content", name),
                schema_pointer=pointer.join(base, "content", name, "schema") if "schema" in (each or {}) else None,
            )
            for name, each in (raw.get("content") or {}).items()
        }

    def _body(self, base: str, raw: Mapping[str, Any]) -> Body | None:
        if "requestBody" not in raw:
            return None
        at, node = self.deref(f"{base}/requestBody", raw["requestBody"])
        content = self._content(at, node)
        return Body(required=node.get("required") is True, content=content, pointer=at) if content else None

    def _answer(self, base: str, status: str, raw: Any) -> Answer:
        at, node = self.deref(pointer.join(base, "responses", status), raw)
        return Answer(status=status, content=self._content(at, node), headers=node.get("headers") or {}, pointer=at)


def read(document: Mapping[str, Any], line: Callable[[str], int | None]) -> dict[str, Operation]:
    """All operations by id, in document order; `line` gives the line of a pointer.

    An operation without `operationId` is called `GET /path`; so is one whose id is taken already.
    """
    found: dict[str, Operation] = {}
    for each in _Reader(document, line).operations():
        name = each.id if each.id not in found else f"{each.method} {each.path}"
        found[name] = replace(each, id=name)
    return found
