"""Secrets reach no output: canaries in every place that holds one, echoed by the target in every spelling."""

from __future__ import annotations

import base64
import html
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from echoing import OWN, Echo

from contract.conduct import noter
from contract.draft import Draft
from contract.options import load
from contract.session import Session

CANARIES = {
    "OPENAI_API_KEY": "sk-canary-Kf83hR2mQz71LxV0bTn5",
    "OPENAI_ADMIN_KEY": "adm/canary+9aW=4Yc7Pq2Ze8Ud1Ks6",
    "MY_GATEWAY": "gw.canary~5Jt1Rb8Nc3Mv6Xs0Lp9Q",
    "header": "hd-canary-0Bg4Fh7Yk2Wd9Ej5Tn3C",
    "query": "qu-canary-8Vm2Zx6Qs1Pa4Lr7Io0U",
    "cookie": "ck-canary-3Ds7Gt5Hb9Nj1Kw8Ec2M",
}
OPTIONS = [
    *("--header", f"X-Tenant-Key: {CANARIES['header']}", "--header", f"Cookie: session={CANARIES['cookie']}"),
    *("--header", f"X-Gateway: {CANARIES['MY_GATEWAY']}", "--query", f"code={CANARIES['query']}"),
]
INCLUDE = [
    part
    for name in (
        *("listModels", "createChatCompletion", "createEmbedding", "createSpeech", "create-realtime-session"),
        *("admin-api-keys-create", "create-project-service-account", "createThreadAndRun", "createResponse"),
    )
    for part in ("--include", name)
]


def environment() -> dict[str, str]:
    """The caller's environment with the canaries as keys."""
    clean = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return {**clean, **{name: value for name, value in CANARIES.items() if name.isupper()}, "PYTHONUTF8": "1"}


def spellings(secret: str) -> Iterator[bytes]:
    """A secret as texts, URLs, JSON, HTML, hex and base64 write it."""
    raw = secret.encode()
    yield from (raw, raw.hex().encode(), json.dumps(secret)[1:-1].encode(), html.escape(secret).encode())
    yield from (quote(secret, safe="").encode(), quote(secret).encode(), quote_plus(secret).encode())
    for lead in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            whole = encode(b"\0" * lead + raw).rstrip(b"=")
            yield whole[4:-2]


def hits(texts: dict[str, bytes]) -> list[tuple[str, str]]:
    """(where, which) of every secret that stands in a text, whole or by a half of it, inside base64 too."""
    found = []
    for where, data in texts.items():
        inner = b"\n".join(_unpacked(data))
        for name, secret in {**CANARIES, **OWN}.items():
            half = len(secret) // 2
            wanted = [*spellings(secret), secret[:half].encode(), secret[half:].encode()]
            if any(each in data or each in inner for each in wanted):
                found.append((where, name))
    return found


def _unpacked(data: bytes) -> Iterator[bytes]:
    """What stands in the base64 of a record, such as the raw bytes of a stream."""
    for match in re.finditer(rb'_base64\\?":\s*\\?"([A-Za-z0-9+/=]+)', data):
        yield base64.b64decode(match.group(1))


def outputs(folder: Path, done: subprocess.CompletedProcess[bytes]) -> dict[str, bytes]:
    """Everything that a run left: its files, what it said."""
    files = {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}
    return {**files, "stdout": done.stdout, "stderr": done.stderr}


def execute(command: list[str], folder: Path) -> dict[str, bytes]:
    """Run a command to its end; its outputs."""
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment(), capture_output=True, timeout=240, check=False
    )
    assert done.returncode in {1, 3}, done.stdout + done.stderr
    return outputs(folder, done)


def test_the_search_finds_what_is_there() -> None:
    """The search itself sees every spelling, a half, and what is packed in base64."""
    for name, secret in CANARIES.items():
        packed = base64.b64encode(b"data: " + secret.encode()).decode()
        texts = [*spellings(secret), secret[:15].encode(), f'{{"raw_base64": "{packed}"}}'.encode()]
        for text in texts:
            assert ("here", name) in hits({"here": b"<b>" + text + b"</b>"})


@pytest.mark.parametrize("workers", ["1", "2"])
def test_no_output_of_a_run_holds_a_secret(tmp_path: Path, workers: str) -> None:
    """Record, page, JUnit, summary, terminal: nothing, whatever a target that echoes everything answers."""
    command = ["-m", "contract", "run"]
    with Echo() as echo:
        found = execute([*command, echo.url, *INCLUDE, *OPTIONS, "--depth", "smoke", "--workers", workers], tmp_path)
    received = json.dumps(echo.seen)
    assert [name for name, secret in CANARIES.items() if secret not in received] == []
    assert hits(found) == []
    lines = [json.loads(line) for line in found["contract-report/run.jsonl"].splitlines()]
    outcomes = {line["outcome"] for line in lines if line["kind"] == "verdict"}
    assert "fail" in outcomes
    assert "error" not in outcomes
    assert b"[redacted" in found["contract-report/run.jsonl"]


def test_a_key_that_an_answer_calls_an_id_is_not_noted(tmp_path: Path) -> None:
    """What a run makes is noted before its exchange is written: the answer's keys are known by then."""
    target = Session(load({"target": "http://127.0.0.1:9/v1"}, tmp_path), {"record": "run.jsonl"})
    target.notes = []
    key = OWN["admin"]
    world = target.world("main", noter(target))
    draft = Draft(target.spec.operations["createAssistant"], body={"model": "m"})
    world.ledger.saw(draft, 200, {"id": key, "object": "organization.admin_api_key", "value": key})
    assert [line["kind"] for line in target.notes] == ["created"]
    assert key not in str(target.notes)


def test_pytest_shows_no_secret(tmp_path: Path) -> None:
    """Failures, tracebacks, local variables, captured logs and JUnit of pytest itself hold nothing either."""
    command = ["-m", "pytest", "-p", "contract.plugin", "--pyargs", "contract.suite", "-l", "--tb=long", "-rA", "-vv"]
    logs = ["--log-level=DEBUG", "--junitxml=pytest.xml", "-p", "no:cacheprovider"]
    with Echo() as echo:
        found = execute([*command, *logs, "--target", echo.url, *INCLUDE, *OPTIONS, "--depth", "smoke"], tmp_path)
    assert hits(found) == []
    assert b"FAILED" in found["stdout"]


#: `contract` with a check of ours that breaks and quotes the request.
BROKEN = """
import sys
from contract import checks
from contract.cli import main
def boom(spec, operation, exchange, expect):
    raise ValueError(f"{'x' * LEAD} {exchange.request.headers} {exchange.request.url}")
checks.judge = boom
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("lead", [0, 230, 245, 260])
def test_an_error_of_our_own_tells_no_secret(tmp_path: Path, lead: int) -> None:
    """An exception that quotes the request becomes an `error` verdict without keys, wherever its text is cut."""
    (tmp_path / "broken.py").write_text(BROKEN.replace("LEAD", str(lead)))
    with Echo() as echo:
        arguments = ["run", echo.url, "--include", "createEmbedding", *OPTIONS, "--depth", "smoke"]
        found = execute(["broken.py", *arguments], tmp_path)
    assert b'"outcome":"error"' in found["contract-report/run.jsonl"]
    assert hits(found) == []


def test_curl_lines_take_the_key_from_the_environment(tmp_path: Path) -> None:
    """The page's requests name the variable that holds the key, so that a curl line can be pasted."""
    with Echo() as echo:
        arguments = ["-m", "contract", "run", echo.url, "--include", "createEmbedding", "--depth", "smoke"]
        found = execute(arguments, tmp_path)
    assert b"$OPENAI_API_KEY" in found["contract-report/report.html"]


def test_a_listed_name_is_a_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`secrets` of contract.toml names environment variables, headers and members whose values go."""
    (tmp_path / "contract.toml").write_text('[run]\nsecrets = ["MY_GATEWAY", "X-Session", "licence"]\n')
    monkeypatch.setenv("MY_GATEWAY", CANARIES["MY_GATEWAY"])
    hide = Session(load({"target": "http://127.0.0.1:9/v1"}, tmp_path), {}).redactor
    assert CANARIES["MY_GATEWAY"] not in hide.text(f"it is {CANARIES['MY_GATEWAY']}")
    assert hide.headers((("x-session", "anything at all"),)) == [["x-session", "[redacted]"]]
    assert "anything" not in hide.body('{"licence": "anything at all"}')


def test_a_credential_never_follows_a_redirect(tmp_path: Path) -> None:
    """A target that redirects every request to another origin: that origin hears nothing."""
    with Echo() as other, Echo(elsewhere=other.url) as echo:
        execute(["-m", "contract", "run", echo.url, *INCLUDE, *OPTIONS, "--depth", "smoke"], tmp_path)
    assert len(echo.seen) > 10
    assert other.seen == []
