"""The official client's own test suite against `contract mock --mode examples`: `tox -e conformance`.

Downloads the client's source package and installs what its tests need into an environment of its own, so it runs only
where `CONTRACT_CONFORMANCE` is set.
"""

import os
import subprocess
import sys
import tarfile
import venv
from pathlib import Path
from xml.etree import ElementTree

import pytest

from contract.mock.server import Running

VERSION = "1.68.2"
#: As the client's own requirements-dev.lock pins them, as far as `tests/api_resources` needs them.
NEEDS = [
    f"openai=={VERSION}",
    "pytest==8.3.3",
    "pytest-asyncio==0.24.0",
    "respx==0.22.0",
    "dirty-equals==0.6.0",
    "time-machine",
    "rich==13.7.1",
    "inline-snapshot==0.10.2",
    "nest_asyncio==1.6.0",
    "httpx==0.28.1",
    "pydantic==2.10.3",
]
#: These send `tool_resources.file_search` with both `vector_store_ids` and `vector_stores`, which the spec's oneOf
#: forbids (openapi.yaml:17473, 20487): each twice (loose, strict) for the plain and the asynchronous client.
REFUSED = {
    "beta.test_assistants.Test{}Assistants.test_method_create_with_all_params",
    "beta.test_threads.Test{}Threads.test_method_create_with_all_params",
    "beta.test_threads.Test{}Threads.test_method_create_and_run_with_all_params_overload_1",
    "beta.test_threads.Test{}Threads.test_method_create_and_run_with_all_params_overload_2",
}

pytestmark = pytest.mark.skipif(
    "CONTRACT_CONFORMANCE" not in os.environ, reason="needs PyPI: set CONTRACT_CONFORMANCE or run `tox -e conformance`"
)


@pytest.fixture(scope="module")
def suite(tmp_path_factory) -> tuple[Path, Path]:
    """The unpacked source package and the interpreter of the environment that it is tested in."""
    home = tmp_path_factory.mktemp("openai")
    venv.create(home / "venv", with_pip=True)
    python = home / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", *NEEDS], check=True)
    fetch = ["-m", "pip", "download", "-q", "--no-binary", ":all:", "--no-deps", "-d", home, f"openai=={VERSION}"]
    subprocess.run([sys.executable, *fetch], check=True)
    with tarfile.open(home / f"openai-{VERSION}.tar.gz") as archive:
        archive.extractall(home, filter="data")
    return home / f"openai-{VERSION}", python


def test_the_clients_own_tests_pass_but_those_that_the_spec_refuses(suite, tmp_path):
    """Of 1,528 tests 1,512 pass; the other 16 send bodies that the spec rejects, and no other one fails."""
    source, python = suite
    report = tmp_path / "junit.xml"
    with Running(mode="examples") as mock:
        # Their default server has no base path, so ours is asked without one.
        environment = {**os.environ, "TEST_API_BASE_URL": mock.url.removesuffix("/v1")}
        command = [python, "-m", "pytest", "tests/api_resources", "-q", "--tb=line", f"--junitxml={report}"]
        subprocess.run(command, cwd=source, env=environment, check=False, timeout=600)
    cases = list(ElementTree.parse(report).iter("testcase"))  # noqa: S314 - written by the pytest that was just run
    failed = [
        f"{case.get('classname')}.{case.get('name')}".removeprefix("tests.api_resources.")
        for case in cases
        if case.find("failure") is not None or case.find("error") is not None
    ]
    refused = [
        f"{name.format(kind)}[{mode}]" for name in REFUSED for kind in ("", "Async") for mode in ("loose", "strict")
    ]
    assert len(cases) == 1528
    assert sorted(failed) == sorted(refused)
