"""The CI files: they parse, what they name exists, and their scripts are run here as CI would run them."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from contract import cli
from contract.options import Options

ROOT = Path(__file__).parent.parent
if not (ROOT / "action.yml").is_file():
    pytest.skip("no checkout", allow_module_level=True)

FILES = [".github/workflows/ci.yml", ".github/workflows/nightly.yml", "action.yml", ".pre-commit-config.yaml"]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
NIGHTLY = (ROOT / "docs/nightly.md").read_text()
FENCED = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
BLOCKS = FENCED.findall(NIGHTLY)


def documents() -> dict[str, Any]:
    """Name -> parsed YAML: the files and the examples of the documentation."""
    found = {name: yaml.safe_load((ROOT / name).read_text()) for name in FILES}
    examples = [text for kind, text in BLOCKS if kind == "yaml"]
    return {**found, **{f"nightly.md-{number}": yaml.safe_load(text) for number, text in enumerate(examples)}}


def scripts() -> Iterator[str]:
    """Every shell script: of steps, of GitLab's jobs, of the documentation."""
    for document in documents().values():
        yield from _scripts(document)
    yield from (text for kind, text in BLOCKS if kind == "sh")


def _scripts(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "run" and isinstance(value, str):
                yield value
            elif name in {"script", "before_script"}:
                yield "\n".join(value)
            else:
                yield from _scripts(value)
    elif isinstance(node, list):
        for each in node:
            yield from _scripts(each)


def commands(script: str) -> Iterator[list[str]]:
    """The arguments of every `contract` command of a script; what the shell would fill in is `1`."""
    text = re.sub(r"\$\{\{.*?\}\}|\$\{?\w+\}?", "1", script.replace("\\\n", " "))
    for line in text.splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words: list[str] = []
        for word in [*lexer, ";"]:
            if set(word) <= set(";|&<>()"):
                if "contract" in words[:1] or words[:2] == ["then", "contract"]:
                    yield words[words.index("contract") + 1 :]
                words = []
            else:
                words.append(word)


ALL = [command for script in scripts() for command in commands(script)]


def test_the_files_are_yaml_with_jobs_and_steps() -> None:
    """Each file parses, and every job of a workflow has steps and a time limit."""
    for name, document in documents().items():
        assert document, name
        for job in document.get("jobs", {}).values() if isinstance(document, dict) else ():
            assert job["steps"]
            assert job["timeout-minutes"] <= 120


@pytest.mark.parametrize("script", list(scripts()))
def test_every_script_is_valid_bash(script: str) -> None:
    """Bash parses each of them."""
    text = re.sub(r"\$\{\{.*?\}\}", "x", script)
    done = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_search_for_commands_finds_them() -> None:
    """The files hold commands of each kind that a nightly job needs."""
    assert {command[0] for command in ALL} >= {"run", "merge", "diff", "report", "cleanup"}


@pytest.mark.parametrize("command", ALL, ids=" ".join)
def test_every_command_line_is_accepted(command: list[str]) -> None:
    """Our own parser takes each command, and each option of `run` its value."""
    parsed = vars(cli.parser().parse_args([word for word in command if word != "${arguments[@]}"]))
    if parsed["command"] == "run":
        Options().merged({name: value for name, value in parsed.items() if name in Options.table()})


def test_the_action_uses_its_inputs() -> None:
    """Every input is used, nothing else is, and what a workflow gives it is an input."""
    used = set(re.findall(r"inputs\.([a-z-]+)", (ROOT / "action.yml").read_text()))
    assert used == set(ACTION["inputs"])
    for document in documents().values():
        for step in _steps(document):
            if step.get("uses", "").startswith(("./", "OWNER/openapi-contract@")):
                assert set(step["with"]) <= set(ACTION["inputs"])


def _steps(document: Any) -> Iterator[dict[str, Any]]:
    if isinstance(document, list):
        yield from (each for each in document if isinstance(each, dict))
    else:
        for job in document.get("jobs", {}).values():
            yield from job["steps"]


def test_the_action_runs_no_text_of_an_input() -> None:
    """Inputs reach scripts as variables: text inside a script would be executed."""
    assert [script for script in _scripts(ACTION) if "${{" in script] == []


def test_the_actions_flags_are_options() -> None:
    """Each flag that the script adds is one of `contract run`."""
    flags = re.findall(r"(?:one|each) (--[a-z-]+)", _step("Judge")["run"])
    assert len(flags) > 10
    assert {flag[2:].replace("-", "_") for flag in flags} <= set(Options.table())


def test_named_environments_of_tox_exist() -> None:
    """`tox -e NAME` names one that tox.ini describes."""
    config = configparser.ConfigParser()
    config.read(ROOT / "tox.ini")
    text = "".join((ROOT / name).read_text() for name in FILES)
    named = {name for group in re.findall(r"tox -e ([\w,]+)", text) for name in group.split(",")}
    named |= set(yaml.safe_load((ROOT / FILES[1]).read_text())["jobs"]["suite"]["strategy"]["matrix"]["environment"])
    assert named - {"py"} == {name for name in named if f"testenv:{name}" in config}


def test_the_image_copies_what_exists_and_runs_without_rights() -> None:
    """Sources are there and let through, the user is not root, the entry point is the command."""
    text = (ROOT / "Dockerfile").read_text()
    copied = {name for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE) for name in line.split()[:-1]}
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert {f"!{name}" for name in copied} <= set((ROOT / ".dockerignore").read_text().split())
    assert re.findall(r"^USER (\w+)$", text, re.MULTILINE)[-1] != "root"
    assert json.loads(re.findall(r"^ENTRYPOINT (.+)$", text, re.MULTILINE)[-1]) == ["contract"]


def test_the_hooks_are_tools_of_this_repository() -> None:
    """Each local hook starts a tool of the development group."""
    group = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]["dev"]
    tools = {re.split(r"[<>=]", name)[0] for name in group}
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    assert {hook["entry"].split()[0] for hook in hooks} == {"ruff", "mypy"} <= tools


def _step(name: str) -> dict[str, Any]:
    report = yaml.safe_load((ROOT / FILES[1]).read_text())["jobs"]["report"]["steps"]
    found: dict[str, Any] = next(each for each in [*ACTION["runs"]["steps"], *report] if each.get("name") == name)
    return found


def execute(name: str, folder: Path, **inputs: str) -> tuple[int, str, str]:
    """Run the script of a step as CI does; (status, what it told CI, the job's page)."""
    step = _step(name)
    (folder / "bin").mkdir(exist_ok=True)
    command = folder / "bin" / "contract"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m contract "$@"\n')
    command.chmod(0o755)
    empty = dict.fromkeys(step.get("env", {}), "")
    told = {"GITHUB_OUTPUT": str(folder / "output"), "GITHUB_STEP_SUMMARY": str(folder / "page")}
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=folder,
        env={**os.environ, **empty, **inputs, **told, "PATH": path},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    texts = [(folder / each).read_text() if (folder / each).is_file() else "" for each in ("output", "page")]
    return done.returncode, texts[0] + done.stderr, texts[1]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where the action has judged the embedded mock."""
    folder = tmp_path_factory.mktemp("night")
    status, said, page = execute("Judge", folder, INCLUDE="listModels\nretrieveModel\n", DEPTH="smoke", OUT="out")
    assert status == 0, said
    assert "status=0" in said
    assert "hold" in page
    return folder


def test_the_action_judges_and_tells(night: Path) -> None:
    """Both operations of its input are judged, and the reports are where the artifact takes them."""
    lines = [json.loads(line) for line in (night / "out" / "run.jsonl").read_text().splitlines()]
    assert {line["operation"] for line in lines if line["kind"] == "verdict"} == {"listModels", "retrieveModel"}
    assert (night / "out" / "report.html").is_file()


def test_the_action_passes_wrong_usage_on(tmp_path: Path) -> None:
    """Exit 2 fails the job even where findings do not, and nothing in an input is run."""
    status, said, _ = execute("Judge", tmp_path, INCLUDE="$(touch hacked)", OUT="out", FAIL_ON_FINDINGS="false")
    assert status == 2
    assert "status=2" in said
    assert not (tmp_path / "hacked").exists()


def test_the_nightly_job_fails_only_on_what_is_new(night: Path, tmp_path: Path) -> None:
    """First night: passes. Broken the second night: fails. The same the third night: passes."""
    good = (night / "out" / "run.jsonl").read_text()
    statuses = []
    for text in (good, _broken(good), _broken(good)):
        shard = tmp_path / "shards" / "shard-1" / "run.jsonl"
        shard.parent.mkdir(parents=True, exist_ok=True)
        shard.write_text(text)
        status, said, _ = execute("Merge", tmp_path)
        assert status == 0, said
        statuses.append(execute("Compare with last night", tmp_path)[0])
        assert execute("Keep the record for tomorrow", tmp_path)[0] == 0
    assert statuses == [0, 1, 0]
    assert "listModels" in (tmp_path / "page").read_text()


def _broken(record: str) -> str:
    """The record with one failure more."""
    lines = [json.loads(line) for line in record.splitlines()]
    verdict = next(line for line in lines if line["kind"] == "verdict" and line["operation"] == "listModels")
    finding = {"rule": "status/expected", "keyword": "MUST", "summary": "No.", "expected": "200", "actual": "500"}
    verdict |= {"outcome": "fail", "findings": [{**finding, "where": "status", "spec": None, "exchange": None}]}
    lines[-1]["exit_status"] = 1
    return "".join(json.dumps(line) + "\n" for line in lines)
