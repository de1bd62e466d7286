"""A slice of the kill matrix: faults are caught by the rule meant for them, the server without them passes."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from contract.mock.faults import find


@pytest.fixture(scope="module")
def kill() -> ModuleType:
    """benchmarks/kill_matrix.py, which is no part of the package."""
    path = Path(__file__).parent.parent / "benchmarks" / "kill_matrix.py"
    made = importlib.util.spec_from_file_location("kill_matrix", path)
    assert made is not None
    assert made.loader is not None
    module = importlib.util.module_from_spec(made)
    sys.modules["kill_matrix"] = module
    made.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "name",
    [
        "schema-owner-dropped",
        "status-500-read",
        "media-type-text",
        "transport-gzip-plain",
        "transport-length-long",
        "lenient-minimum-dimensions",
        "error-js-trace",
        "list-page-width",
        "parameter-moderation-first",
        "stream-heard-text-differs",
    ],
)
def test_a_fault_is_killed_by_the_rule_meant_for_it(kill: ModuleType, name: str) -> None:
    """One fault a family, on operations that take few requests."""
    fault = find(name)
    row = kill.judged(name, fault.operations[:1], frozenset(), meant=fault.rule)
    assert fault.rule in row.rules
    assert 0 < row.first <= row.requests


@pytest.mark.parametrize("operation", ["listModels", "retrieveModel", "createEmbedding", "usage-completions"])
def test_the_server_without_a_fault_passes(kill: ModuleType, operation: str) -> None:
    """No failure, and nothing that breaks on our side."""
    row = kill.judged("", [operation], frozenset())
    assert row.failed == []
    assert row.rules == {}
    assert row.outcomes["pass"] > 0


def test_the_document_tells_what_was_killed_and_what_lives(kill: ModuleType) -> None:
    """Counts, the rule meant in bold, `ALIVE` where nothing caught a fault."""
    faults = [find("schema-owner-dropped"), find("status-500-read")]
    rows = [kill.Row("schema-owner-dropped", {"body/schema": "MUST"}, 3), kill.Row("status-500-read")]
    text = kill.document(faults, {"listModels": kill.Row("", requests=9)}, rows, 60.0)
    assert "| killed | 1 of 2 (50.0 %) |" in text
    assert "| `schema-owner-dropped` | schema | body/schema | **body/schema** | 3 |" in text
    assert "| `status-500-read` | status | status/server-error | ALIVE | 0 |" in text
    assert "`list/limit`: none yet" in text
    assert "| rules that caught a fault which no other caught | 1 of 1 |" in text
    assert "were left" not in text


def test_a_fault_that_was_left_early_proves_no_rule_to_be_its_only_one(kill: ModuleType) -> None:
    """What a later case would have found is not known; the document says how many were left."""
    whole = kill.Row("schema-owner-dropped", {"body/schema": "MUST"}, 3)
    left = kill.Row("status-500-read", {"status/server-error": "MUST"}, 1, stopped=True)
    assert kill.alone([whole, left]) == {"body/schema": ["schema-owner-dropped"]}
    text = kill.document([find("status-500-read")], {}, [left], 60.0)
    assert "1 of the faults were left once their rule had caught them" in text
