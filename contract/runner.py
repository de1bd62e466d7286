"""A case + a world -> verdict; knows nothing of pytest."""

from __future__ import annotations

import time
import traceback
from dataclasses import dataclass

from contract.case import Case, Ended
from contract.exchange import Exchange
from contract.operation import Safety
from contract.stage import LiveStage
from contract.verdict import Outcome, Verdict, worst
from contract.world import World

#: Of the cases without a finding, one in so many keeps its exchanges in the record.
SAMPLE = 16


@dataclass(frozen=True, slots=True)
class Played:
    """A verdict with the exchanges behind it that the record keeps, and what it took."""

    verdict: Verdict
    exchanges: tuple[Exchange, ...]
    tokens: int = 0
    events: int = 0


def play(case: Case, world: World) -> Played:
    """Play one case. Whatever goes wrong on our side becomes outcome `error`; only Ctrl-C passes through."""
    stage = LiveStage(world, case)
    started = time.monotonic()
    outcome, reason = Outcome.PASS, None
    try:
        if case.safety is Safety.ADMIN and not world.target.may(Safety.ADMIN):
            stage.skip("safety: the target is not loopback and this touches the organization (--allow admin)")
        case.play(stage)
    except Ended as end:
        outcome, reason = end.outcome, end.reason
    except Exception as error:  # our own fault becomes a verdict and does not end the run
        outcome, reason = Outcome.ERROR, _blame(error)
    findings = tuple(stage.findings)
    if findings and outcome is not Outcome.ERROR:
        outcome, reason = worst(findings), None
    verdict = Verdict(
        case.id, case.operation, outcome, reason, findings, stage.asker.requests, time.monotonic() - started
    )
    return Played(verdict, _kept(case, stage, verdict), stage.asker.tokens, stage.events)


def _kept(case: Case, stage: LiveStage, verdict: Verdict) -> tuple[Exchange, ...]:
    if verdict.findings or verdict.outcome in {Outcome.INCONCLUSIVE, Outcome.ERROR}:
        return tuple(stage.exchanges)
    sampled = sum(map(ord, case.id)) % SAMPLE == 0 or case.id.endswith("/valid/minimal")
    return tuple(stage.exchanges) if sampled else ()


def _blame(error: Exception) -> str:
    """The error and the innermost frames of ours, in one line."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    where = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(error).__name__}: {str(error)[:300]} ({where})"
