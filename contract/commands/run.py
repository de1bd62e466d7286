"""`contract run [URL]`: the main job."""

from __future__ import annotations

import argparse
import gc
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from contract.errors import ContractError
from contract.options import Options, add_to_argparse, configured, load

if TYPE_CHECKING:
    from contract.session import Session

_SUITE = Path(__file__).parent.parent / "suite"

#: Plugins of pytest that a run has no use for; the last two collect garbage at the end.
_UNUSED: tuple[str, ...] = (
    "cacheprovider",
    "terminal",
    "warnings",
    "logging",
    "faulthandler",
    "junitxml",
    "doctest",
    "pastebin",
)
_UNUSED += ("stepwise", "debugging", "setuponly", "setupplan", "unittest", "unraisableexception", "threadexception")

_EXAMPLE = """\
examples:
  contract run                                           the embedded mock, all operations
  contract run http://localhost:8000/v1 --profile chat
  contract run https://api.example.com/v1 --depth smoke --max-requests 200 --rate 2/s

exit status: 0 nothing failed, 1 something failed, 2 wrong usage, 3 nothing could be judged
"""


def add(parser: argparse.ArgumentParser) -> None:
    """The base URL and every option of `Options`."""
    parser.epilog = _EXAMPLE
    parser.add_argument("target", nargs="?", metavar="URL", help="base URL, such as http://localhost:8000/v1")
    add_to_argparse(parser)


def run(arguments: argparse.Namespace) -> int:
    """Judge the target; returns the exit status."""
    gc.disable()  # what is made at the start stays to the end: looking for garbage in it takes a third of the start
    try:
        return _run(arguments)
    finally:
        gc.enable()


def _run(arguments: argparse.Namespace) -> int:
    from contract import cache
    from contract.session import Session, raw_from

    values = {name: getattr(arguments, name) for name in Options.table()}
    options = load(values)
    raw = configured() | raw_from(values)
    if options.plan:
        from contract.plan import show

        return show(options)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if home := cache.directory():
        # Else hypothesis would leave a folder of its own where the user stands.
        os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(home / "hypothesis"))
    session = Session.start(raw, options)
    try:
        for line in session.warnings():
            sys.stderr.write(line + "\n")
        session.probe()
        return _play(session)
    finally:
        session.close()


def _play(session: Session) -> int:
    import pytest

    from contract import plugin, wiring
    from contract.conduct import Conductor
    from contract.progress import Progress

    progress = Progress(len(session.cases), sys.stderr)
    conductor = Conductor(session, (progress,))
    plugin.HANDOFF.append((session, conductor))
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    gc.freeze()
    gc.enable()
    with progress:
        pytest.main(_arguments(session))
    if conductor.error is not None:
        raise conductor.error
    if not conductor.finished:
        raise ContractError("the run ended before its first case: see the lines above")
    stale = wiring.stale(session, conductor.known) if conductor.known else None
    wiring.show_summary(Path(session.record or ""), stale_patterns=stale)
    return conductor.exit_status


def _arguments(session: Session) -> list[str]:
    """Run pytest without the user's configuration, plugins and terminal report: the cases alone."""
    given = [str(_SUITE / "test_contract.py"), "-p", "contract.plugin", "-c", os.devnull, "--rootdir", str(_SUITE)]
    given += ["--assert=plain", "--capture=no"]
    for name in _UNUSED:
        given += ["-p", f"no:{name}"]
    workers = session.options.workers
    if workers != 1:
        count = os.cpu_count() if workers == "auto" else workers
        given += ["-p", "xdist.plugin", "-n", str(count)]
    return given
