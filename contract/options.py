"""The options of a run: one table for the command line, for pytest and for `contract.toml`."""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from contract.case import Depth
from contract.errors import UsageError
from contract.operation import Safety


def _rate(text: str) -> float:
    """`5` or `5/s` requests a second, `30/m` a minute."""
    number, _, unit = str(text).partition("/")
    per = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}.get(unit.strip())
    try:
        value = float(number)
    except ValueError:
        value = 0.0
    if per is None or not 0 < value < float("inf"):
        raise ValueError(f"{text!r} is no rate: write 5/s or 30/m")
    return value / per


def _shard(text: str) -> tuple[int, int]:
    """`I/N`, 1-based."""
    part, _, whole = str(text).partition("/")
    if not (part.isdecimal() and whole.isdecimal() and 1 <= int(part) <= int(whole)):
        raise ValueError(f"{text!r} is no shard: write I/N with 1 <= I <= N, such as 2/4")
    return int(part), int(whole)


def _workers(text: str) -> int | str:
    if str(text) == "auto":
        return "auto"
    return _count(text)


def _count(text: str) -> int:
    """A whole number from 1 up."""
    if isinstance(text, bool) or not str(text).isdecimal() or int(text) < 1:
        raise ValueError(f"{text!r} is no whole number from 1 up")
    return int(text)


def _positive(text: str) -> float:
    try:
        value = float(text)
    except (TypeError, ValueError):
        value = -1.0
    if not 0 < value < float("inf"):
        raise ValueError(f"{text!r} is no positive number")
    return value


def _seed(text: str) -> int:
    try:
        return int(text)
    except (TypeError, ValueError):
        raise ValueError(f"{text!r} is no whole number") from None


def _header(text: str) -> tuple[str, str]:
    name, colon, value = str(text).partition(":")
    if not colon or not name.strip() or any(c in text for c in "\r\n\0"):
        raise ValueError(f"{name!r}: write a header as 'Name: value'")
    return name.strip(), value.strip()


def _query(text: str) -> tuple[str, str]:
    name, equals, value = str(text).partition("=")
    if not equals or not name:
        raise ValueError(f"{text!r}: write a query parameter as 'name=value'")
    return name, value


def _env_name(text: str) -> str:
    if not str(text).replace("_", "a").isalnum() or str(text)[0].isdigit() or str(text).startswith("sk-"):
        raise ValueError("name an environment variable; a key never stands on the command line")
    return str(text)


def _option(
    help_: str, parse: Callable[[str], Any] = str, *, metavar: str = "", many: bool = False, default: Any = None
) -> Any:
    meta = {"help": help_, "parse": parse, "metavar": metavar, "many": many}
    return field(default=() if many else default, metadata=meta)


@dataclass(frozen=True)
class Options:
    """Everything a run can be told. `target` None means the embedded mock."""

    target: str | None = _option("base URL of the API to judge, such as http://localhost:8000/v1", metavar="URL")
    profile: str = _option(
        "what the target claims: chat, responses, assistants, files, full, or a file",
        metavar="NAME|FILE",
        default="full",
    )
    include: tuple[str, ...] = _option("only operations or cases whose id matches", metavar="GLOB", many=True)
    exclude: tuple[str, ...] = _option("not these", metavar="GLOB", many=True)
    depth: Depth = _option(
        "how much is tried: smoke, standard or nightly", Depth, metavar="DEPTH", default=Depth.STANDARD
    )
    workers: int | str = _option("processes that send requests", _workers, metavar="N|auto", default=1)
    seed: int = _option("the same seed repeats a run exactly", _seed, metavar="N", default=0)
    spec: str | None = _option("another OpenAPI document instead of the bundled one", metavar="PATH")
    model: tuple[str, ...] = _option(
        "the model to ask for where the target serves several; CAPABILITY=NAME for one use, such as embeddings=bge-m3",
        metavar="NAME",
        many=True,
    )
    auth_env: str = _option(
        "environment variable that holds the key", _env_name, metavar="NAME", default="OPENAI_API_KEY"
    )
    admin_auth_env: str = _option(
        "environment variable that holds the admin key", _env_name, metavar="NAME", default="OPENAI_ADMIN_KEY"
    )
    header: tuple[tuple[str, str], ...] = _option("sent with every request", _header, metavar="'K: V'", many=True)
    query: tuple[tuple[str, str], ...] = _option(
        "added to every URL, as some gateways want", _query, metavar="'k=v'", many=True
    )
    allow: tuple[Safety, ...] = _option(
        "allow a safety class where the target is not loopback: write, destroy, admin",
        Safety,
        metavar="CLASS",
        many=True,
    )
    secrets: tuple[str, ...] = _option(
        "environment variable, header or JSON member whose value is a secret: never written anywhere",
        metavar="NAME",
        many=True,
    )
    plan: bool = _option("say what would be sent, send nothing", default=False)
    max_requests: int | None = _option("stop after so many requests", _count, metavar="N")
    max_tokens: int | None = _option("stop after so many tokens", _count, metavar="N")
    max_cost: float | None = _option("stop after so many US dollars, by the price table", _positive, metavar="USD")
    prices: str | None = _option(
        "price table (TOML) for --max-cost and --plan instead of the built-in one", metavar="FILE"
    )
    max_time: float | None = _option("stop after so many seconds", _positive, metavar="SECONDS")
    rate: float | None = _option("at most so many requests a second (5/s, 30/m)", _rate, metavar="N/s")
    timeout: float = _option("longest wait for one answer, in seconds", _positive, metavar="SECONDS", default=60.0)
    resume: str | None = _option("go on where a killed run stopped", metavar="RUN.jsonl")
    known_failures: str | None = _option("file of failures that are known", metavar="FILE")
    strict: bool = _option("a warning fails the run", default=False)
    shard: tuple[int, int] | None = _option("run one part of N", _shard, metavar="I/N")
    out: str = _option("folder for the record and the reports", metavar="DIR", default="contract-report")
    insecure: bool = _option("do not verify the target's TLS certificate", default=False)
    ca: str | None = _option("file of certificates (PEM) to trust beside the system's", metavar="FILE")

    @classmethod
    def table(cls) -> Mapping[str, Any]:
        """Member name -> metadata: help, parse, metavar, many."""
        return {each.name: each.metadata for each in fields(cls)}

    def merged(self, values: Mapping[str, Any]) -> Options:
        """A copy with raw values (strings, lists, booleans) parsed in. Raises UsageError."""
        table = self.table()
        parsed: dict[str, Any] = {}
        for name, value in values.items():
            if name not in table:
                raise UsageError(f"unknown option {name!r} (known: {', '.join(table)})")
            if value is None:
                continue
            parsed[name] = _parse(name, table[name], value)
        return replace(self, **parsed)


def flag(name: str) -> str:
    """`max_requests` -> `--max-requests`."""
    return "--" + name.replace("_", "-")


def _parse(name: str, meta: Mapping[str, Any], value: Any) -> Any:
    try:
        if meta["many"]:
            return tuple(meta["parse"](each) for each in ([value] if isinstance(value, str) else value))
        if not meta["metavar"]:
            if not isinstance(value, bool):
                raise ValueError(f"{value!r} is neither true nor false")
            return value
        return meta["parse"](value)
    except (ValueError, TypeError) as error:
        text = str(error)
        if "is not a valid" in text:
            kinds = ", ".join(meta["parse"])
            text = f"{value!r} is none of {kinds}"
        raise UsageError(f"{flag(name)}: {text}") from None


def add_to_argparse(parser: argparse.ArgumentParser) -> None:
    """Every option but the positional target; nothing is parsed here, so that files and flags share one parser."""
    for name, meta in Options.table().items():
        if name == "target":
            continue
        if meta["metavar"]:
            action = "append" if meta["many"] else "store"
            parser.add_argument(flag(name), action=action, metavar=meta["metavar"], help=meta["help"])
        else:
            parser.add_argument(flag(name), action="store_const", const=True, help=meta["help"])


def from_file(path: Path) -> dict[str, Any]:
    """Options of a `contract.toml` (top level, or below `[run]`). Raises UsageError."""
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: cannot read it ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: no TOML ({error})") from None
    values = document.get("run", document)
    return {name.replace("-", "_"): value for name, value in values.items()}


def configured(folder: Path | None = None) -> dict[str, Any]:
    """Options of the folder's `contract.toml` as plain values that workers parse again. Raises UsageError."""
    config = (folder or Path()) / "contract.toml"
    return from_file(config) if config.is_file() else {}


def load(values: Mapping[str, Any], folder: Path | None = None) -> Options:
    """Defaults, then `contract.toml` of `folder` (the current one), then `values` (the command line)."""
    config = (folder or Path()) / "contract.toml"
    options = Options()
    if config.is_file():
        try:
            options = options.merged(from_file(config))
        except UsageError as error:
            raise UsageError(f"{config}: {error}") from None
    return options.merged(values)
