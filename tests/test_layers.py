"""The rooms of the house keep to themselves: who may import what."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted(path for room in ("contract", "strategies", "reports") for path in (ROOT / room).rglob("*.py"))

#: Package -> the only places (files or folders) that may import it.
ONLY_IN = {
    "pytest": {"contract/plugin.py", "contract/suite", "contract/commands/run.py"},
    "httpcore": {"contract/transport.py"},
    "socket": {"contract/mock", "contract/transport.py"},
    "starlette": {"contract/mock"},
    "uvicorn": {"contract/mock"},
    "openapi_core": {"contract/mock"},
    "hypothesis": {"strategies"},
    "schemathesis": {"strategies"},
    "strategies": {"contract/wiring.py", "strategies"},
    "reports": {"contract/wiring.py", "reports"},
}
#: The sans-IO middle: no socket, no clock, no files.
PURE = {"contract/sse.py", "contract/grammar.py", "contract/grammars", "contract/checks", "contract/verdict.py"}
IMPURE = {"socket", "time", "datetime", "os", "pathlib", "threading", "subprocess", "httpx", "httpcore", "random"}


@cache
def imported(path: Path) -> frozenset[str]:
    """The top-level packages that a module imports, inside functions too."""
    return frozenset(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def within(path: Path, places: set[str]) -> bool:
    """True where a module is one of the places or stands below one."""
    name = path.relative_to(ROOT).as_posix()
    return any(name == place or name.startswith(f"{place}/") for place in places)


@pytest.mark.parametrize("package", ONLY_IN)
def test_a_package_is_imported_only_where_it_belongs(package: str) -> None:
    """Each line of the table holds for every module that ships."""
    wrong = [
        path.relative_to(ROOT).as_posix()
        for path in MODULES
        if package in set(imported(path)) and not within(path, ONLY_IN[package])
    ]
    assert wrong == []


def test_the_middle_has_no_socket_and_no_clock() -> None:
    """Bytes to events to grammar to findings are pure."""
    wrong = {
        path.relative_to(ROOT).as_posix(): found
        for path in MODULES
        if within(path, PURE) and (found := IMPURE & set(imported(path)))
    }
    assert wrong == {}


def test_nothing_points_outside_the_project() -> None:
    """No module names a folder beside the project."""
    assert [path for path in MODULES if "../shared" in path.read_text("utf-8")] == []
