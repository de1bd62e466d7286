"""From method and path to an operation: literal segments before templates (`/threads/runs`, openapi.yaml:10148)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from contract.mock.errors import ApiError
from contract.operation import Operation


@dataclass(slots=True)
class _Node:
    literal: dict[str, _Node] = field(default_factory=dict)
    template: _Node | None = None
    operations: dict[str, tuple[Operation, tuple[str, ...]]] = field(default_factory=dict)


class Router:
    """A tree of path segments."""

    def __init__(self, operations: Iterable[Operation], *prefixes: str) -> None:
        """`prefixes` are where the API is mounted, such as `/v1`."""
        self._root = _Node()
        for operation in operations:
            for prefix in prefixes:
                self.add(operation, prefix + operation.path)

    def find(self, method: str, raw_path: str) -> tuple[Operation, dict[str, str]]:
        """The operation and its path values, percent-decoded. Raises ApiError: 404, or 405 with `Allow`."""
        segments = raw_path.split("/")[1:]
        nodes = [(node, values) for node, values in _walk(self._root, segments, ()) if node.operations]
        for node, values in nodes:
            if method in node.operations:
                operation, names = node.operations[method]
                return operation, dict(zip(names, values, strict=True))
        if not nodes:
            raise ApiError(404, f"Invalid URL ({method} {raw_path[:200]})", code="unknown_url")
        allowed = ", ".join(sorted({each for node, _ in nodes for each in node.operations}))
        text = f"Not allowed to {method} on {raw_path[:200]} (allowed: {allowed})."
        raise ApiError(405, text, code="method_not_supported", headers=(("allow", allowed),))

    def add(self, operation: Operation, path: str) -> None:
        """Answer an operation at one more path template."""
        node, names = self._root, []
        for segment in path.split("/")[1:]:
            if segment.startswith("{"):
                names.append(segment[1:-1])
                node.template = node = node.template or _Node()
            else:
                node = node.literal.setdefault(segment, _Node())
        node.operations[operation.method] = (operation, tuple(names))


def _walk(node: _Node, segments: list[str], values: tuple[str, ...]) -> Iterator[tuple[_Node, tuple[str, ...]]]:
    if not segments:
        yield node, values
        return
    segment = unquote(segments[0], errors="replace")
    if segment in node.literal:
        yield from _walk(node.literal[segment], segments[1:], values)
    if node.template is not None and segment:
        yield from _walk(node.template, segments[1:], (*values, segment))
