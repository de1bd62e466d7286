"""The controller's side of a run: verdicts come in from any process, the record and the reports go out."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from contract import cleanup, coverage, wiring
from contract.created import Note
from contract.errors import ContractError, UsageError
from contract.options import flag
from contract.runner import Played
from contract.session import Session
from contract.verdict import Outcome, Verdict


class Watcher(Protocol):
    """Who is told as the run goes on: a progress line, or nobody."""

    def verdict(self, verdict: Verdict, requests: int) -> None:
        """A case is done."""
        ...


class Conductor:
    """Writes the record as verdicts arrive, and ends the run."""

    def __init__(self, session: Session, watchers: tuple[Watcher, ...] = ()) -> None:
        """Opens the record and writes its first line. Raises RecordError."""
        self.session = session
        self.watchers = watchers
        self.verdicts: list[Verdict] = []
        self.requests = self.tokens = self.events = 0
        self.met: set[str] = set()
        self.exit_status = 3
        self.finished = False
        #: Why nothing more can be written: the disk is full or gone.
        self.error: ContractError | None = None
        self._started = time.monotonic()
        known = session.options.known_failures
        self.known = wiring.known_failures(Path(known) if known else None)
        self._record = wiring.record()
        self._writer = self._record.Writer(Path(session.record or ""), resume=bool(session.resumed))
        if session.resumed:
            self._go_on()
        else:
            self._writer.write(self._header())

    def _go_on(self) -> None:
        """Take over the verdicts of the part that was cut off."""
        run = self._record.read(Path(self.session.record or ""))
        self._check_same(run.header)
        self._writer.write({"kind": "resumed", "done": len(run.verdicts)})
        self.verdicts += run.verdicts
        self.requests = sum(verdict.requests for verdict in run.verdicts)

    def _check_same(self, header: dict[str, Any]) -> None:
        if header["spec"]["sha256"] != self.session.spec.sha256:
            raise UsageError(f"{self.session.record}: that run judged another spec")

    def _header(self) -> dict[str, Any]:
        session, spec = self.session, self.session.spec
        options = {flag(name)[2:]: value for name, value in session.raw.items() if name not in {"header", "query"}}
        path = str(session.options.spec or "openapi.yaml")
        header: dict[str, Any] = self._record.header(
            suite=wiring.version(),
            spec={"title": spec.title, "version": spec.version, "sha256": spec.sha256, "path": path},
            target={
                "url": session.target.url,
                "profile": session.options.profile,
                "models": list(session.models),
            },
            options=options,
            seed=session.options.seed,
            planned=[case.id for case in session.cases],
            redactor=session.redactor,
        )
        return header

    def receive(self, payload: str) -> None:
        """A case was played somewhere: `payload` is what `pack` made there."""
        values = json.loads(payload)
        verdict = Verdict.from_json(values["verdict"])
        for line in (*values.get("notes", ()), *values["exchanges"], values["verdict"]):
            self._writer.write(line)
        self.verdicts.append(verdict)
        self.requests += verdict.requests
        self.tokens += values["tokens"]
        self.events += values["events"]
        self.met.update(values["met"])
        for watcher in self.watchers:
            watcher.verdict(verdict, self.requests)

    def finish(self, *, interrupted: bool = False) -> int:
        """Remove what is left on the target, write the last line and the reports, say how it ended. Where they cannot
        be written `error` says why.
        """
        left = cleanup.from_record(self.session)
        try:
            if self.error is None:
                self._end(left, interrupted=interrupted)
        except ContractError as error:
            self.error = error
        if self.error is not None:
            self.exit_status = self.error.exit_status
        return self.exit_status

    def _end(self, left: list[dict[str, Any]], *, interrupted: bool) -> None:
        self.exit_status = self._status() or (130 if interrupted else 0)
        end = self._record.end(
            self.verdicts,
            duration_s=time.monotonic() - self._started,
            requests=self.requests,
            events=self.events,
            tokens=self.tokens,
            coverage=coverage.of(self.session.spec, self.session.cases, self.verdicts, self.met),
            exit_status=self.exit_status,
        )
        self._writer.write({**end, "left": left} if left else end)
        self._writer.close()
        self.finished = True
        wiring.write_reports(self.session, self.known)

    def _status(self) -> int:
        outcomes = {verdict.outcome for verdict in self.verdicts}
        if Outcome.ERROR in outcomes:
            return 3
        if wiring.broken(self.session, self.verdicts, self.known):
            return 1
        judged = {Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNSUPPORTED}
        return 0 if outcomes & judged else 3


def pack(session: Session, played: Played, met: Sequence[str] = ()) -> str:
    """A played case as JSON text, secrets already redacted; travels from a worker to the controller."""
    record, redactor = wiring.record(), session.redactor
    case = played.verdict.case
    # Exchanges first: the redactor learns the keys that answers hold before it sees what findings quote of them.
    exchanges = [record.exchange(each, redactor, case=case) for each in played.exchanges]
    return json.dumps(
        {
            "verdict": record.verdict(played.verdict, redactor),
            "exchanges": exchanges,
            **_notes(session),
            "tokens": played.tokens,
            "events": played.events,
            "met": met,
        }
    )


def _notes(session: Session) -> dict[str, Any]:
    """What was made since the last verdict, where the record is out of reach."""
    if not session.notes:
        return {}
    notes = [*session.notes]
    session.notes.clear()
    return {"notes": notes}


def noter(session: Session) -> Note:
    """Writes a line to the record at once, from any process of this machine; on another one keeps it for `pack`."""
    path = Path(session.record or "")

    def note(line: dict[str, Any]) -> None:
        said = session.redactor.value(line)
        if session.notes is not None:
            session.notes.append(said)
        if session.notes is not None or not path.is_file():
            return
        try:
            with path.open("ab", buffering=0) as file:
                file.write(json.dumps(said).encode() + b"\n")
        except OSError as error:
            raise ContractError(f"{path}: cannot write the record ({error.strerror})") from error

    return note
