"""The tables: one module or package a streaming surface, loaded when it is asked for."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from contract.errors import UsageError
from contract.grammar import Surface

#: Surface (`contract.classify.SURFACES` and "realtime") -> module that exports `SURFACE`.
MODULES = {
    "chat": "contract.grammars.chat",
    "completions": "contract.grammars.completions",
    "transcription": "contract.grammars.transcription",
    "runs": "contract.grammars.runs",
    "responses": "contract.grammars.responses",
    "realtime": "contract.grammars.realtime",
}


@cache
def surface(name: str) -> Surface:
    """The surface `name`. Raises UsageError where there is none."""
    if name not in MODULES:
        raise UsageError(f"{name}: no such streaming surface; there are {', '.join(MODULES)}")
    found: Surface = import_module(MODULES[name]).SURFACE
    return found


def load_all() -> tuple[Surface, ...]:
    """Every surface; afterwards all their rules stand in `contract.rules.RULES`."""
    import_module("contract.grammars.sse_rules")
    return tuple(surface(name) for name in MODULES)
