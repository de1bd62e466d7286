"""Profile: which operations a target claims. TOML: `description`, `operations` (globs), `exclude` (globs)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from contract.errors import UsageError

_FOLDER = Path(__file__).parent / "profiles"
_MEMBERS = {"description", "operations", "exclude"}


@dataclass(frozen=True, slots=True)
class Profile:
    """Operations by glob on their ids."""

    name: str
    description: str
    operations: tuple[str, ...]
    exclude: tuple[str, ...] = ()

    def claims(self, operation: str) -> bool:
        """True where the target claims the operation."""
        return matches(operation, self.operations) and not matches(operation, self.exclude)


def matches(name: str, globs: Iterable[str]) -> bool:
    """True where any glob matches the name, case included."""
    return any(fnmatchcase(name, glob) for glob in globs)


def names() -> list[str]:
    """The built-in profiles."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


def load(name: str) -> Profile:
    """A built-in profile or a file of the user's own. Raises UsageError."""
    path = Path(name) if name.endswith(".toml") or "/" in name else _FOLDER / f"{name}.toml"
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except OSError:
        raise UsageError(f"no profile {name!r}: use one of {', '.join(names())}, or a TOML file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: no TOML ({error})") from None
    unknown = set(document) - _MEMBERS
    if unknown or not _globs(document.get("operations")) or not _globs(document.get("exclude", [])):
        raise UsageError(f"{path}: a profile has `operations` (a list of globs), `exclude` and `description`, no more")
    return Profile(
        path.stem, document.get("description", ""), tuple(document["operations"]), tuple(document.get("exclude", ()))
    )


def _globs(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)
