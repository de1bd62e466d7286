"""One run, as all its processes see it: options, spec, target, cases, and where the record goes."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from contract import budget, spec, wiring
from contract.case import Case
from contract.cost import Prices
from contract.created import Ledger, Note
from contract.errors import TargetError, UsageError
from contract.exchange import Request
from contract.options import Options
from contract.redact import Redactor
from contract.target import MOCK_ADMIN_KEY, MOCK_KEY, Target, from_options
from contract.transport import Limits, Transport
from contract.world import World

#: Options that name files or folders.
_FILES = ("spec", "prices", "ca", "known_failures", "resume", "out")
#: Jobs of the embedded mock end so much sooner than those that a person watches: a run would only wait for them.
_MOCK_SPEED = 10.0
#: Parameters of `--query` whose value is no secret; any other is taken for a key.
_PLAIN_QUERY = frozenset({"api-version", "version", "v"})


@dataclass
class Session:
    """Made once by the controller (`start`); every worker gets a copy (`from_worker`)."""

    options: Options
    raw: dict[str, Any]
    mock_url: str | None = None
    models: tuple[str, ...] = ()
    until: float | None = None
    ledger: str | None = None
    record: str | None = None
    #: Cases that an earlier part of the same run has judged already (`--resume`), and how often it was resumed.
    done: tuple[str, ...] = ()
    resumed: int = 0
    started: float = field(default_factory=time.time)
    mock: Any = None
    #: Workers that share the caps without sharing a file, because some are on other machines.
    split: int = 1
    #: Notes of what was made, on their way to the controller; None where they go to the record at once.
    notes: list[dict[str, Any]] | None = None

    @classmethod
    def start(cls, raw: dict[str, Any], options: Options) -> Session:
        """Check everything that a user can get wrong, start the mock where no target is named, ask for the models.

        Raises UsageError, SpecError and TargetError, each one line.
        """
        if options.resume:
            options, raw, done, resumed = _resumed(Path(options.resume), raw)
            session = cls(options, raw, done=done, resumed=resumed)
        else:
            session = cls(options, raw)
        try:
            session._prepare()
        except BaseException:
            session.close()
            raise
        return session

    def _prepare(self) -> None:
        options = self.options
        if options.target is None:
            self._start_mock()  # it starts while the spec is read
        _ = self.target, self.prices
        self.record = options.resume or str(writable(Path(options.out)) / "run.jsonl")
        self.until = time.time() + options.max_time if options.max_time else None
        self.ledger = str(Path(tempfile.mkdtemp(prefix="contract-")) / "budget.json")
        if not self.cases and not self.done:
            raise UsageError("no case is left: loosen --include, --exclude, --profile or --depth")

    @classmethod
    def of_record(cls, header: Mapping[str, Any], raw: dict[str, Any], record: Path) -> Session:
        """The session of a run that is over, to clean up after it. Raises UsageError."""
        spec_path = header["options"].get("spec")
        values = {"target": header["target"]["url"], **({"spec": spec_path} if spec_path else {}), **raw}
        return cls(Options().merged(values), values, record=str(record))

    def _start_mock(self) -> None:
        from contract.mock.server import Running

        self.mock = Running(seed=self.options.seed, speed=_MOCK_SPEED, key=MOCK_KEY, admin_key=MOCK_ADMIN_KEY)
        self.mock.start()
        self.mock_url = self.mock.url

    def warnings(self) -> list[str]:
        """What a user must see before anything is sent."""
        insecure = f"contract: WARNING: the certificate of {self.target.url} is NOT verified (--insecure)"
        return [] if self.target.verify else [insecure]

    def close(self) -> None:
        """Stop the mock."""
        if self.mock is not None:
            self.mock.stop()
            self.mock = None
        if self.ledger:
            Path(self.ledger).unlink(missing_ok=True)
            Path(self.ledger).parent.rmdir()
            self.ledger = None

    @cached_property
    def target(self) -> Target:
        """Where requests go, with the keys of this process' environment."""
        return from_options(self.options, mock_url=self.mock_url)

    @cached_property
    def prices(self) -> Prices:
        """What requests cost."""
        return Prices(Path(self.options.prices) if self.options.prices else None)

    @cached_property
    def redactor(self) -> Redactor:
        """Takes this process' secrets out of everything that is written."""
        target, listed = self.target, self.options.secrets
        keys = {self.options.auth_env: target.key, self.options.admin_auth_env: target.admin_key}
        named = {name: value for name, value in keys.items() if value} if self.mock_url is None else {}
        own = {name: os.environ[name] for name in listed if os.environ.get(name)}
        query = [(name, value) for name, value in target.query if name.lower() not in _PLAIN_QUERY]
        loose = {f"{name} of --header or --query": value for name, value in (*target.headers, *query)}
        return Redactor({**loose, **own, **named}, headers=listed, members=listed)

    @cached_property
    def spec(self) -> spec.Spec:
        """The contract."""
        return spec.load(Path(self.options.spec) if self.options.spec else None)

    @cached_property
    def cases(self) -> list[Case]:
        """The same list in the same order in every process."""
        done = frozenset(self.done)
        return [case for case in wiring.cases(self.spec, self.options) if case.id not in done]

    def to_worker(self, *, split: int = 1, remote: bool = False) -> str:
        """What a worker needs, as JSON; no keys: those come from its own environment. `split` workers share the caps
        where some are on other machines; a `remote` one cannot reach the record and the ledger.
        """
        members = ("mock_url", "models", "ledger", "started", "done", "resumed")
        values = {name: getattr(self, name) for name in members}
        # A worker may run in another folder.
        files = {name: str(Path(self.raw[name]).absolute()) for name in _FILES if self.raw.get(name)}
        if "/" in self.options.profile or self.options.profile.endswith(".toml"):
            files["profile"] = str(Path(self.options.profile).absolute())
        values |= {"raw": {**self.raw, **files}, "record": str(Path(self.record or "").absolute()), "split": split}
        left_s = None if self.until is None else max(0.0, self.until - time.time())
        return json.dumps({**values, "until": self.until, "left_s": left_s, "remote": remote})

    @classmethod
    def from_worker(cls, text: str) -> Session:
        """The inverse of `to_worker`."""
        values = json.loads(text)
        left_s, remote = values.pop("left_s"), values.pop("remote")
        if remote and left_s is not None:
            values["until"] = time.time() + left_s  # clocks of two machines differ
        if remote or values["split"] > 1:
            values["ledger"] = None
        options = Options().merged(values["raw"])
        made = cls(options, **{**values, "models": tuple(values["models"]), "done": tuple(values["done"])})
        made.notes = [] if remote else None
        return made

    def world(self, name: str, note: Note) -> World:
        """A connection and a memory of its own for one process."""
        options = self.options
        limits = Limits(idle_s=min(30.0, options.timeout), total_s=options.timeout)
        caps = budget.Caps(options.max_requests, options.max_tokens, options.max_cost, self.until, options.rate)
        caps = caps.share(self.split)
        ledger = Path(self.ledger) if self.ledger else None
        return World(
            self.spec,
            self.target,
            Transport(self.target, limits),
            wiring.provider(),
            budget.Budget(caps, ledger),
            Ledger(wiring.removals(), self.spec.operations, note, self.redactor.learn),
            self.prices,
            depth=options.depth,
            seed=options.seed,
            models=self.models,
            model=options.model,
            name=f"{name}-r{self.resumed}" if self.resumed else name,
        )

    def probe(self) -> None:
        """Ask the target for its models. Raises TargetError where it cannot be reached at all."""
        if self.mock is not None:
            self.mock.wait()
        transport = Transport(self.target, Limits(connect_s=5.0, idle_s=10.0, total_s=15.0))
        authorization = f"Bearer {self.target.key}" if self.target.key else None
        headers = (("Authorization", authorization),) if authorization else ()
        query = "&".join(f"{k}={v}" for k, v in self.target.query)
        request = Request(
            "GET", f"{self.target.url}/models{'?' + query if query else ''}", (*headers, *self.target.headers)
        )
        response, fault = transport.send(request)
        transport.close()
        if response is None and fault is not None:
            why = self.redactor.text(f"{fault.kind} {fault.detail}".strip())
            raise TargetError(f"{self.target.url} cannot be reached: {why}")
        self.models = _model_ids(response)


def _resumed(path: Path, raw: dict[str, Any]) -> tuple[Options, dict[str, Any], tuple[str, ...], int]:
    """The options of the run that is gone on with (those given now win), and what it has judged already.

    Raises UsageError where the record is whole, RecordError where it is none.
    """
    run = wiring.record().read(path)
    if run.end is not None:
        raise UsageError(f"{path}: this run came to its end; there is nothing to resume")
    before = {name.replace("-", "_"): value for name, value in run.header["options"].items()}
    merged = {**before, **raw, "resume": str(path), "out": str(path.parent)}
    done = tuple(verdict.case for verdict in run.verdicts)
    return Options().merged(merged), merged, done, 1 + sum(line["kind"] == "resumed" for line in run.others)


def _model_ids(response: Any) -> tuple[str, ...]:
    try:
        listed = response.json()["data"]
        return tuple(each["id"] for each in listed if isinstance(each.get("id"), str))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ()


def writable(out: Path) -> Path:
    """The folder, made and tried. Raises UsageError where nothing can be written there."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / f".contract-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise UsageError(f"--out {out}: cannot write there ({error.strerror})") from None
    return out


def raw_from(values: Mapping[str, Any]) -> dict[str, Any]:
    """Option values that travel to workers: plain JSON."""
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in values.items() if value is not None
    }
