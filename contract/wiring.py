"""The one place where `contract` reaches for `strategies` and `reports`; everything is imported when it is needed."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contract.case import DEPTHS, Case
from contract.created import Removal
from contract.errors import UsageError
from contract.operation import Safety
from contract.options import Options
from contract.profile import load as load_profile
from contract.profile import matches
from contract.rules import Rule
from contract.spec import Spec
from contract.verdict import Keyword, Verdict

if TYPE_CHECKING:
    from contract.session import Session
    from contract.world import Provider


#: Every safety class.
SAFETIES = tuple(Safety)


def provider() -> Provider:
    """How resources are found and made."""
    from strategies import resources

    return resources.provider()


def removals() -> Mapping[str, Removal]:
    """Operation id -> how what it makes is removed."""
    from strategies import resources

    return resources.removals()


def cases(spec: Spec, options: Options) -> list[Case]:
    """The cases that a run plays, most telling first. Raises UsageError where a glob matches nothing."""
    import strategies

    profile = load_profile(options.profile)
    claimed = [each for each in spec.operations if profile.claims(each)] if not options.spec else list(spec.operations)
    named = [glob for glob in options.include if any(matches(each, [glob]) for each in spec.operations)]
    heads = {glob.partition("/")[0] for glob in options.include if glob not in named}
    wanted = [each for each in claimed if not options.include or matches(each, named) or matches(each, heads)]
    depth = DEPTHS.index(options.depth)
    through = strategies.through(spec, named, claimed) if options.include else ()
    found = [each for each in (*strategies.cases(spec, wanted), *through) if DEPTHS.index(each.depth) <= depth]
    found = list({each.id: each for each in found}.values())
    _check_globs(spec, options, found)
    chosen = [each for each in found if _included(each, options)]
    if options.shard:
        part, whole = options.shard
        chosen = [each for each in chosen if _bucket(each.id, whole) == part - 1]
    return sorted(chosen, key=lambda each: each.rank)


def _included(case: Case, options: Options) -> bool:
    names = [case.id, *([case.operation] if case.operation else [])]
    if options.include and not any(matches(name, options.include) for name in (*names, *case.also)):
        return False
    return not any(matches(name, options.exclude) for name in names)


def _check_globs(spec: Spec, options: Options, found: Iterable[Case]) -> None:
    identifiers: set[str] = set(spec.operations)
    loose = [g for g in (*options.include, *options.exclude) if not any(matches(i, [g]) for i in identifiers)]
    if not loose:
        return
    import strategies

    every = {case.id for case in found} | {case.id for case in strategies.cases(spec, None)}
    for glob in loose:
        if not any(matches(each, [glob]) for each in every):
            raise UsageError(f"{glob!r} matches no operation and no case (see `contract operations`, `contract cases`)")


def _bucket(identifier: str, whole: int) -> int:
    """The shard of a case: by its id alone, so that new cases move no old ones."""
    return int.from_bytes(hashlib.sha256(identifier.encode()).digest()[:8], "big") % whole


def version() -> str:
    """The suite's version."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("openapi-contract")
    except PackageNotFoundError:
        return "0+checkout"


def rules() -> Mapping[str, Rule]:
    """Every rule that any part of the suite checks."""
    from contract import checks, grammars, stage
    from contract.rules import RULES
    from strategies import catalogue
    from strategies.lifecycles import rules as lifecycle_rules

    grammars.load_all()
    _ = checks, stage, catalogue, lifecycle_rules  # importing them registers their rules
    return RULES


def record() -> Any:
    """The module that writes and reads records."""
    from reports import record

    return record


def reporting() -> Any:
    """What `contract report`, `merge`, `diff` and `matrix` do."""
    from reports import commands

    return commands


def known_failures(path: Path | None) -> Any:
    """The known failures of a file, None without. Raises UsageError."""
    if path is None:
        return None
    from reports import known

    return known.load(path)


def broken(session: Session, verdicts: Sequence[Verdict], known: Any) -> bool:
    """True where the run must exit with 1: a failure that is not known, or a known one that is stale."""
    bad = {Keyword.MUST, Keyword.SHOULD} if session.options.strict else {Keyword.MUST}
    findings = ((verdict, finding) for verdict in verdicts for finding in verdict.findings if finding.keyword in bad)
    if any(known is None or known.expected(verdict, finding) is None for verdict, finding in findings):
        return True
    return known is not None and bool(stale(session, known))


def stale(session: Session, known: Any) -> Any:
    """Patterns of known failures that this run has not earned."""
    import strategies

    run = record().read(Path(session.record or ""))
    return known.stale(run, [case.id for case in strategies.cases(session.spec, None)])


def write_reports(session: Session, known: Any) -> None:
    """Everything beside the record: the page, JUnit, the summary."""
    path = Path(session.record or "")
    reporting().write_all(record().read(path), path.parent, session.spec, known=known)


def show_summary(path: Path, stale_patterns: Any = None) -> None:
    """The closing words on the terminal."""
    from reports import terminal

    terminal.show(record().read(path), sys.stdout, path.parent, stale_patterns)
