"""The wheel and the sdist, built here: what is in them, and that the wheel works where nothing else of us is."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import httpx
import pytest

from contract.mock.server import Running

ROOT = Path(__file__).parent.parent
PACKAGES = ("contract", "strategies", "reports")
#: What ships beside Python: pattern -> at least so many files.
DATA = {
    "contract/data/openapi.yaml": 1,
    "contract/overlays/*.yaml": 5,
    "contract/profiles/*.toml": 5,
    "contract/prices.toml": 1,
    "reports/record.schema.json": 1,
    "reports/page/*.html": 2,
    "reports/page/*.js": 2,
    "reports/page/*.css": 1,
    "strategies/prose_rules.json": 1,
    "*/py.typed": 3,
}

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("hatchling") is None, reason="hatchling builds the wheel: pip install"),
    pytest.mark.skipif(not (ROOT / "pyproject.toml").is_file(), reason="no checkout to build from"),
]


def execute(*command: str | Path, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, without any way to the checkout."""
    clean = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTEST_ADDOPTS"}}
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={**clean, "OPENAI_API_KEY": "sk-test-key", **more},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def build(kind: str, folder: Path, source: Path = ROOT) -> Path:
    """A distribution, built without a network."""
    execute(sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", folder, cwd=source)
    return next(folder.iterdir())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel."""
    return build("wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that has the wheel, and our dependencies by their path alone."""
    folder = tmp_path_factory.mktemp("environment")
    execute(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    inside = folder / "venv" / "bin" / "python"
    execute(sys.executable, "-m", "pip", "--python", inside, "install", "--no-deps", "--no-index", wheel, cwd=folder)
    own = execute(inside, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).stdout.strip()
    # A path in a .pth does not read the .pth files there: an editable install of the checkout stays out.
    (Path(own) / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return inside


@pytest.fixture(scope="module")
def record(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The record of a run in an empty folder."""
    folder = tmp_path_factory.mktemp("empty")
    execute(python.with_name("contract"), "run", "--include", "listModels", cwd=folder)
    return folder / "contract-report" / "run.jsonl"


def shipped(wheel: Path) -> set[PurePosixPath]:
    """The files of a wheel without its metadata."""
    names = (PurePosixPath(each) for each in zipfile.ZipFile(wheel).namelist())
    return {each for each in names if not each.parts[0].endswith(".dist-info")}


def test_the_wheel_holds_the_packages_and_their_data_and_nothing_else(wheel: Path) -> None:
    """Every module of the three packages is there, every data file, and no file of any other kind."""
    files = shipped(wheel)
    modules = {
        PurePosixPath(each.relative_to(ROOT).as_posix()) for name in PACKAGES for each in (ROOT / name).rglob("*.py")
    }
    assert {each for each in files if each.suffix == ".py"} == modules
    data = {each for each in files if each.suffix != ".py"}
    matched = {pattern: {each for each in data if each.match(pattern)} for pattern in DATA}
    assert {pattern: len(found) >= DATA[pattern] for pattern, found in matched.items()} == dict.fromkeys(DATA, True)
    assert data - set().union(*matched.values()) == set()
    assert {each.parts[0] for each in files} == set(PACKAGES)


def test_the_metadata_names_command_licence_and_dependencies(wheel: Path) -> None:
    """`contract` is the console script, the licence is inside, and no pytest plugin loads by itself."""
    archive = zipfile.ZipFile(wheel)
    inside = {name.partition(".dist-info/")[2]: name for name in archive.namelist() if ".dist-info/" in name}
    assert archive.read(inside["entry_points.txt"]).decode().split() == [
        *("[console_scripts]", "contract", "=", "contract.cli:main")
    ]
    assert archive.read(inside["licenses/LICENSE"]) == (ROOT / "LICENSE").read_bytes()
    metadata = archive.read(inside["METADATA"]).decode()
    assert "Name: openapi-contract" in metadata
    assert "Requires-Dist: pytest" in metadata


def test_the_sdist_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    """What is published as source holds tests and contract, nothing that a run leaves, and gives the same wheel."""
    with tarfile.open(build("sdist", tmp_path / "sdist")) as archive:
        names = {PurePosixPath(*PurePosixPath(each).parts[1:]) for each in archive.getnames()}
        archive.extractall(tmp_path / "source", filter="data")
    for wanted in ("openapi.yaml", "README.md", "LICENSE", "tox.ini", "tests/test_wheel.py"):
        assert PurePosixPath(wanted) in names
    left = {"contract-report", ".venv", ".tox", ".hypothesis", "__pycache__", ".mypy_cache", ".git"}
    assert [each for each in names if left & set(each.parts)] == []
    again = build("wheel", tmp_path / "again", next((tmp_path / "source").iterdir()))
    assert shipped(again) == shipped(wheel)


def test_the_installed_package_is_the_wheels(python: Path, tmp_path: Path) -> None:
    """The environment imports its own copy, not the checkout."""
    said = execute(python, "-c", "import contract, reports; print(contract.__file__, reports.__file__)", cwd=tmp_path)
    assert all(str(python.parent.parent) in each for each in said.stdout.split())


def test_run_works_from_an_empty_folder(record: Path) -> None:
    """`contract run` judges its embedded mock and leaves record and reports."""
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    assert lines[-1]["kind"] == "end"
    assert {"report.html", "junit.xml", "summary.md"} < {each.name for each in record.parent.iterdir()}


def test_verify_and_report_work_there(python: Path, record: Path, tmp_path: Path) -> None:
    """The record is judged again and rendered by the installed command."""
    command = python.with_name("contract")
    said = execute(command, "verify", record, "--json", cwd=tmp_path)
    assert {json.loads(line)["outcome"] for line in said.stdout.splitlines()} == {"pass"}
    execute(command, "report", record, "--format", "html", "--out", "page.html", cwd=tmp_path)
    assert "listModels" in (tmp_path / "page.html").read_text()


def test_the_catalogues_work_there(python: Path, tmp_path: Path) -> None:
    """Rules, cases, operations and faults need no file of the checkout."""
    for catalogue in ("operations", "cases", "rules", "faults"):
        said = execute(python, "-m", "contract", catalogue, "--json", cwd=tmp_path)
        assert len(json.loads(said.stdout)) > 5


@pytest.fixture
def mock(python: Path, tmp_path: Path) -> Iterator[str]:
    """`python -m contract.mock` of the installed package; its base URL."""
    process = subprocess.Popen(
        [python, "-m", "contract.mock", "--port", "0"], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    yield process.stdout.readline().split()[-1]
    process.terminate()
    process.communicate(timeout=30)


def test_the_mock_serves_there(mock: str) -> None:
    """The installed mock answers."""
    answer = httpx.get(f"{mock}/models", headers={"Authorization": "Bearer any"}, trust_env=False)
    assert answer.json()["object"] == "list"


def test_pytest_runs_the_installed_suite(python: Path, tmp_path: Path) -> None:
    """`pytest -p contract.plugin --pyargs contract.suite --target URL` judges from an empty folder."""
    arguments = ["-p", "contract.plugin", "--pyargs", "contract.suite", "--include", "listModels", "-q"]
    with Running() as running:
        said = execute(python, "-m", "pytest", *arguments, "--target", running.url, cwd=tmp_path)
    assert "passed" in said.stdout
    assert (tmp_path / "contract-report" / "run.jsonl").is_file()
