"""openapi.yaml -> Spec: loaded safely, overlays applied, every JSON pointer with its line.

Three readings of one document: `published` (untouched), `strict` (certain corrections only) and `corrected`
(contested ones too: the most lenient reading, the only one that a MUST finding may rest on).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from contract import classify, overlay, pointer
from contract.errors import SpecError
from contract.operation import Answer, Body, MediaType, Operation, Parameter
from contract.schema import Schemas

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_HERE = Path(__file__).parent


def bundled_path() -> Path:
    """The spec that ships with the package, the checkout's where there is one."""
    checkout = _HERE.parent / "openapi.yaml"
    return checkout if checkout.is_file() else _HERE / "data" / "openapi.yaml"


@dataclass(frozen=True)
class Spec:
    """A loaded spec; `operations` by id in document order."""

    path: Path
    text: str
    published: dict[str, Any]
    strict: dict[str, Any]
    corrected: dict[str, Any]
    actions: tuple[overlay.Action, ...]

    @property
    def title(self) -> str:
        """`info.title`."""
        return str(self.published.get("info", {}).get("title", ""))

    @property
    def version(self) -> str:
        """`info.version`."""
        return str(self.published.get("info", {}).get("version", ""))

    @cached_property
    def sha256(self) -> str:
        """Of the file's bytes, hexadecimal."""
        return hashlib.sha256(self.text.encode("utf-8")).hexdigest()

    @cached_property
    def lines(self) -> Mapping[str, int]:
        """JSON pointer -> 1-based line of its key."""
        return dict(_lines(self.text))

    def line(self, at: str) -> int | None:
        """The line of a pointer, of its nearest ancestor where it does not stand in the published document."""
        while at and at not in self.lines:
            at = at.rpartition("/")[0]
        return self.lines.get(at)

    @cached_property
    def operations(self) -> Mapping[str, Operation]:
        """All operations by id."""
        return {each.id: each for each in _operations(self)}

    @cached_property
    def schemas(self) -> Schemas:
        """Compiled validators under the corrected reading."""
        return Schemas(self.corrected)

    @cached_property
    def strict_schemas(self) -> Schemas:
        """Compiled validators under the strict reading."""
        return Schemas(self.strict)


def load(path: Path | None = None) -> Spec:
    """Load a spec; the bundled one gets its overlays, any other none. Raises SpecError."""
    source = path or bundled_path()
    try:
        text = source.read_text("utf-8")
    except OSError as error:
        raise SpecError(f"{source}: cannot read the spec ({error.strerror})") from error
    try:
        published = yaml.load(text, Loader=yaml.CSafeLoader)  # noqa: S506 - CSafeLoader is safe
    except yaml.YAMLError as error:
        raise SpecError(f"{source}: no YAML ({str(error).splitlines()[0]})") from error
    if not isinstance(published, dict) or not str(published.get("openapi", "")).startswith("3."):
        raise SpecError(f"{source}: no OpenAPI 3 document")
    actions = tuple(_overlays(text))
    certain = [each for each in actions if not each.contested]
    strict = overlay.apply(published, certain)
    corrected = overlay.apply(strict, [each for each in actions if each.contested])
    return Spec(source, text, published, strict, corrected, actions)


def _overlays(text: str) -> Iterator[overlay.Action]:
    if text != bundled_path().read_text("utf-8"):
        return
    for path in sorted((_HERE / "overlays").glob("*.yaml")):
        yield from overlay.read(path)


def _lines(text: str) -> Iterator[tuple[str, int]]:
    stack: list[tuple[str, yaml.Node, int]] = [("", yaml.compose(text, Loader=yaml.CSafeLoader), 1)]
    while stack:
        at, node, line = stack.pop()
        yield at, line
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                stack.append((pointer.join(at, key.value), value, key.start_mark.line + 1))
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                stack.append((pointer.join(at, index), value, value.start_mark.line + 1))


def _operations(spec: Spec) -> Iterator[Operation]:
    for path, item in spec.corrected.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                yield _operation(spec, path, method, item)


def _operation(spec: Spec, path: str, method: str, item: Mapping[str, Any]) -> Operation:
    raw = item[method]
    base = pointer.join("/paths", path, method)
    identifier = raw.get("operationId") or f"{method.upper()} {path}"
    return Operation(
        id=identifier,
        method=method.upper(),
        path=path,
        pointer=base,
        line=spec.line(base),
        summary=raw.get("summary", ""),
        group=raw.get("x-oaiMeta", {}).get("group") or next(iter(raw.get("tags", [])), ""),
        parameters=tuple(_parameters(spec, path, base, item, raw)),
        body=_body(spec, base, raw),
        answers={str(status): _answer(spec, base, str(status), each) for status, each in raw["responses"].items()},
        safety=classify.safety(identifier, method.upper(), path),
        surface=classify.SURFACES.get(identifier),
        headers=classify.headers(path),
    )


def _deref(spec: Spec, at: str, node: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """A node with its `$ref` followed, and the pointer where it really stands."""
    while "$ref" in node:
        at = node["$ref"].removeprefix("#")
        node = pointer.resolve(spec.corrected, at)
    return at, node


def _parameters(
    spec: Spec, path: str, base: str, item: Mapping[str, Any], raw: Mapping[str, Any]
) -> Iterator[Parameter]:
    shared = pointer.join("/paths", path, "parameters")
    found: dict[tuple[str, str], Parameter] = {}
    for home, group in ((shared, item.get("parameters", [])), (f"{base}/parameters", raw.get("parameters", []))):
        for index, each in enumerate(group):
            at, node = _deref(spec, pointer.join(home, index), each)
            style = node.get("style", "form" if node["in"] in {"query", "cookie"} else "simple")
            found[node["in"], node["name"]] = Parameter(
                name=node["name"],
                location=node["in"],
                required=node.get("required", False),
                schema=node.get("schema", {}),
                style=style,
                explode=node.get("explode", style in {"form", "deepObject"}),
                pointer=at,
            )
    yield from found.values()


def _content(base: str, raw: Mapping[str, Any]) -> dict[str, MediaType]:
    return {
        name: MediaType(
            name=name,
            pointer=pointer.join(base, "content", name),
            schema_pointer=pointer.join(base, "content", name, "schema") if "schema" in each else None,
        )
        for name, each in raw.get("content", {}).items()
    }


def _body(spec: Spec, base: str, raw: Mapping[str, Any]) -> Body | None:
    if "requestBody" not in raw:
        return None
    at, node = _deref(spec, f"{base}/requestBody", raw["requestBody"])
    return Body(required=node.get("required", False), content=_content(at, node), pointer=at)


def _answer(spec: Spec, base: str, status: str, raw: Mapping[str, Any]) -> Answer:
    at, node = _deref(spec, pointer.join(base, "responses", status), raw)
    return Answer(status=status, content=_content(at, node), headers=node.get("headers", {}), pointer=at)
