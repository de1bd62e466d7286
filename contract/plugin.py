"""The thin pytest adapter: options, one test a case, verdicts to the record. The work is done elsewhere."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from contract.case import Case
from contract.errors import ContractError
from contract.options import Options, configured, flag, load
from contract.verdict import Outcome, Verdict

if TYPE_CHECKING:  # the rest is imported when a run begins: this plugin is loaded by every pytest of a checkout
    from contract.conduct import Conductor
    from contract.runner import Played
    from contract.session import Session

Play = Callable[[Case], Verdict]
_SUITE = Path(__file__).parent / "suite"
_KEY = pytest.StashKey["Adapter"]()
#: Extra member of a test report: xdist carries it to the controller.
_ATTRIBUTE = "contract"
_PAYLOAD = pytest.StashKey[str]()


class Adapter:
    """What one pytest process knows of the run."""

    def __init__(self, session: Session, conductor: Conductor | None, worker: str) -> None:
        """`conductor` is None in a worker."""
        from contract.conduct import noter

        self.session = session
        self.conductor = conductor
        self.world = session.world(worker, noter(session))

    def play(self, case: Case) -> Played:
        """Play a case in this process."""
        from contract.runner import play as play_case

        return play_case(case, self.world)


#: Set by `contract run` before it calls pytest in the same process.
HANDOFF: list[tuple[Session, Conductor]] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    """Every option of `contract run`; where pytest has the name already, only `--contract-NAME`."""
    group = parser.getgroup("contract", "contract tests of an OpenAPI target")
    for name, meta in Options.table().items():
        own = f"--contract-{name.replace('_', '-')}"
        settings: dict[str, Any] = {"dest": f"contract_{name}", "help": meta["help"], "default": None}
        if meta["metavar"]:
            settings |= {"metavar": meta["metavar"], "action": "append" if meta["many"] else "store"}
        else:
            settings |= {"action": "store_const", "const": True}
        try:
            group.addoption(flag(name), own, **settings)
        except (ValueError, argparse.ArgumentError):
            group.addoption(own, **settings)


def _wanted(config: pytest.Config) -> bool:
    """True where this pytest run holds the contract suite, not only the tests of some project."""
    if config.option.collectonly and not HANDOFF:
        return config.getoption("contract_target") is not None
    roots = [Path(str(argument).partition("::")[0]).resolve() for argument in config.args]
    named = any(root == _SUITE or root in _SUITE.parents or root.parent == _SUITE for root in roots)
    return (
        bool(HANDOFF) or config.getoption("contract_target") is not None or (named and "contract" in str(config.args))
    )


def pytest_configure(config: pytest.Config) -> None:
    """Start the run, once: in the controller, or as a worker of it."""
    workerinput = getattr(config, "workerinput", None)
    if workerinput is not None:
        if "contract" in workerinput:
            from contract.session import Session

            session = Session.from_worker(workerinput["contract"])
            config.stash[_KEY] = Adapter(session, None, workerinput["workerid"])
        return
    if HANDOFF:
        session, conductor = HANDOFF.pop()
    elif _wanted(config):
        session, conductor = _start(config)
    else:
        return
    config.stash[_KEY] = Adapter(session, conductor, "main")


def _start(config: pytest.Config) -> tuple[Session, Conductor]:
    from contract.conduct import Conductor
    from contract.session import Session, raw_from

    values = {name: config.getoption(f"contract_{name}") for name in Options.table()}
    try:
        folder = Path(config.invocation_params.dir)
        raw = configured(folder) | raw_from(values)
        session = Session.start(raw, load(raw, folder))
        session.probe()
        return session, Conductor(session)
    except ContractError as error:
        raise pytest.UsageError(str(error)) from None


def pytest_report_header(config: pytest.Config) -> list[str]:
    """What is judged, and loudly that its certificate is not verified."""
    adapter = config.stash.get(_KEY, None)
    if adapter is None or adapter.conductor is None:
        return []
    return [f"contract: judging {adapter.session.target.url}", *adapter.session.warnings()]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The same warnings at the end: `-q` shows no header."""
    adapter = config.stash.get(_KEY, None)
    for line in adapter.session.warnings() if adapter is not None else ():
        terminalreporter.write_line(line, red=True)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Hand the run to an xdist worker."""
    adapter = node.config.stash.get(_KEY, None)
    if adapter is not None:
        specs = node.nodemanager.specs
        split = len(specs) if any(not spec.popen for spec in specs) else 1
        remote = not node.gateway.spec.popen
        node.workerinput["contract"] = adapter.session.to_worker(split=split, remote=remote)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Without a run there is nothing to collect in the suite."""
    if collection_path.parent == _SUITE and collection_path.name.startswith("test_"):
        return True if config.stash.get(_KEY, None) is None else None
    return None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test a case, named by it."""
    adapter = metafunc.config.stash.get(_KEY, None)
    if adapter is not None and metafunc.module.__name__.endswith("suite.test_contract"):
        cases = adapter.session.cases
        metafunc.parametrize("case", cases, ids=[case.id for case in cases])


@pytest.fixture
def play(request: pytest.FixtureRequest) -> Play:
    """Plays a case; fails, skips or passes the test by its verdict."""
    from contract.conduct import pack

    adapter = request.config.stash[_KEY]

    def run(case: Case) -> Verdict:
        played = adapter.play(case)
        payload = request.node.stash[_PAYLOAD] = pack(adapter.session, played, adapter.world.tracker.take())
        # What pytest shows is what the record holds: without secrets.
        _tell(Verdict.from_json(json.loads(payload)["verdict"]), strict=adapter.session.options.strict)
        return played.verdict

    return run


def _tell(verdict: Verdict, *, strict: bool) -> None:
    lines = [
        f"{f.keyword} {f.rule}: {f.summary} [{f.where}] expected {f.expected}, got {f.actual}" for f in verdict.findings
    ]
    if verdict.outcome is Outcome.ERROR:
        pytest.fail(f"the suite itself broke: {verdict.reason}", pytrace=False)
    if verdict.outcome is Outcome.FAIL or (strict and verdict.outcome is Outcome.WARN):
        pytest.fail("\n".join(lines), pytrace=False)
    if verdict.outcome in {Outcome.SKIPPED, Outcome.UNSUPPORTED, Outcome.INCONCLUSIVE}:
        pytest.skip(f"{verdict.outcome}: {verdict.reason}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """The verdict travels on the report, from a worker to the controller too."""
    report = yield
    if report.when == "call" and _PAYLOAD in item.stash:
        setattr(report, _ATTRIBUTE, item.stash[_PAYLOAD])
        del item.stash[_PAYLOAD]  # items stay to the end; their exchanges need not
    return report


class _Receiver:
    """Registered on the controller alone."""

    def __init__(self, conductor: Conductor) -> None:
        self._conductor = conductor

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        payload = getattr(report, _ATTRIBUTE, None)
        if payload is None or self._conductor.error is not None:
            return
        try:
            self._conductor.receive(payload)
        except ContractError as error:
            self._conductor.error = error
            pytest.exit(str(error), returncode=error.exit_status)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Listen for verdicts where they arrive."""
    adapter = session.config.stash.get(_KEY, None)
    if adapter is not None and adapter.conductor is not None:
        session.config.pluginmanager.register(_Receiver(adapter.conductor), "contract-receiver")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """End the record, write the reports, and let pytest end as the run did."""
    adapter = session.config.stash.get(_KEY, None)
    if adapter is None:
        return
    adapter.world.transport.close()
    if adapter.conductor is not None:
        interrupted = exitstatus == pytest.ExitCode.INTERRUPTED
        session.exitstatus = adapter.conductor.finish(interrupted=interrupted)
        adapter.session.close()
