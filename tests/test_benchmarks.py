"""The benchmarks run, at sizes that say nothing of speed: their numbers are no tests."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.long

FOLDER = Path(__file__).parent.parent / "benchmarks"


def benchmark(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A script as a module."""
    source = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    assert source is not None
    assert source.loader is not None
    module = importlib.util.module_from_spec(source)
    monkeypatch.setitem(sys.modules, name, module)
    source.loader.exec_module(module)
    return module


def test_start_is_measured_in_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both sides end well and the ratio is theirs."""
    found = benchmark("bench_start", monkeypatch).measure(1)
    assert found.ours > 0
    assert found.ratio == pytest.approx(found.ours / found.theirs)


def test_exchanges_are_recorded_and_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop sends what the run sent, and meets the same answers where no object is made."""
    found = benchmark("bench_exchanges", monkeypatch).measure(1, ["listModels", "createEmbedding"])
    assert found.requests >= 3
    assert found.same == 1.0
    assert found.ratio > 0


def test_the_peak_of_a_run_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """The run is judged, and its process took some memory."""
    found = benchmark("bench_memory", monkeypatch).measure("smoke", ["listModels"])
    assert found.status == 0
    assert found.cases == 1
    assert found.peak_mb > 10


def test_a_stream_is_read_from_a_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every chunk of it is judged as right."""
    megabytes, _ = benchmark("bench_stream_memory", monkeypatch).measure(5_000)
    assert megabytes < 50


def test_one_command_writes_the_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What a script prints stands on the page with its bar and command; what was not run is named."""
    module = benchmark("run", monkeypatch)
    small = module.Benchmark("bench_stream_memory.py", "Memory", "under 50 MB", ("2000",))
    monkeypatch.setitem(module.BENCHMARKS, "stream-memory", small)
    out = tmp_path / "page.md"
    assert module.main(["--only", "stream-memory", "--out", str(out)]) == 0
    page = out.read_text("utf-8")
    assert "$ python benchmarks/bench_stream_memory.py 2000" in page
    assert "2,000 chunks from a socket" in page
    assert "Not in this run: start, " in page


def test_the_mutation_report_lists_every_survivor_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed and never-ending ones count as noticed; a survivor shows what was changed, and why nobody can notice."""
    mutation = benchmark("mutation", monkeypatch)
    module = "contract.checks.sums"
    found = [
        mutation.Mutant(f"{module}.x_check__mutmut_1", module, "killed"),
        mutation.Mutant(f"{module}.x_check__mutmut_2", module, "timeout"),
        mutation.Mutant(f"{module}.x__usage__mutmut_1", module, "survived"),
        mutation.Mutant(f"{module}.xǁSumsǁadd__mutmut_3", module, "no tests"),
    ]
    changes = {found[2].name: ("return a | b", "return a & b"), found[3].name: ("total = 0", "total = None")}
    known = [{"function": "contract.checks.sums._usage", "has": "a & b", "why": "a and b are the same"}]
    text = mutation.document(found, changes, known)
    assert "**2 of 4 (50.0 %) killed**, 2 survived, 1 of them with a reason." in text
    assert "| `contract.checks.sums` | 4 | 50 % | 2 |" in text
    assert (
        "| `contract.checks.sums._usage` | `` return a \\| b `` | `` return a & b `` | a and b are the same |" in text
    )
    assert "| `contract.checks.sums.Sums.add` | `` total = 0 `` | `` total = None `` | not looked into |" in text
