"""openapi.yaml -> Spec: loaded safely, overlays applied, every JSON pointer with its line.

Three readings of one document: `published` (untouched), `strict` (certain corrections only) and `corrected`
(contested ones too: the most lenient reading, the only one that a MUST finding may rest on).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contract import cache, convert, loading, operations, overlay, positions
from contract.errors import SpecError
from contract.operation import Operation

if TYPE_CHECKING:
    from contract.schema import Schemas

METHODS = operations.METHODS
_HERE = Path(__file__).parent
#: Part of every cache key: raise it when what is stored changes.
_CACHE_FORMAT = "1"


def bundled_path() -> Path:
    """The spec that ships with the package, the checkout's where there is one."""
    checkout = _HERE.parent / "openapi.yaml"
    return checkout if checkout.is_file() else _HERE / "data" / "openapi.yaml"


def overlay_paths() -> list[Path]:
    """The overlay documents of the bundled spec, in the order in which they are applied."""
    return sorted((_HERE / "overlays").glob("*.yaml"))


@dataclass(frozen=True)
class Spec:
    """A loaded spec; `operations` by id in document order. Its parts are read from the cache when first asked for."""

    path: Path
    content: bytes = field(repr=False)
    overlays: tuple[Path, ...] = ()
    #: Names this document, its overlays and the code that reads them in the cache.
    key: str = ""

    @cached_property
    def text(self) -> str:
        """The file as text."""
        return self.content.decode("utf-8-sig")

    @cached_property
    def sha256(self) -> str:
        """Of the file's bytes, hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def title(self) -> str:
        """`info.title`."""
        return str((self.corrected.get("info") or {}).get("title", ""))

    @property
    def version(self) -> str:
        """`info.version`."""
        return str((self.corrected.get("info") or {}).get("version", ""))

    @cached_property
    def published(self) -> dict[str, Any]:
        """The document as its owner published it."""
        return self._part("published")

    @cached_property
    def strict(self) -> dict[str, Any]:
        """The document with certain corrections."""
        return self._part("strict")

    @cached_property
    def corrected(self) -> dict[str, Any]:
        """The document with certain and contested corrections: the most lenient reading."""
        return self._part("corrected")

    @cached_property
    def lines(self) -> Mapping[str, int]:
        """JSON pointer -> 1-based line of its key, of the published document."""
        return self._part("lines")

    @cached_property
    def actions(self) -> tuple[overlay.Action, ...]:
        """Every correction that was applied, in order."""
        return tuple(action for path in self.overlays for action in overlay.read(path))

    def line(self, at: str) -> int | None:
        """The line of a pointer, of its nearest ancestor where it does not stand in the published document."""
        while at and at not in self.lines:
            at = at.rpartition("/")[0]
        return self.lines.get(at)

    @cached_property
    def operations(self) -> Mapping[str, Operation]:
        """All operations by id."""
        return operations.read(self.corrected, self.line)

    @cached_property
    def schemas(self) -> Schemas:
        """Compiled validators under the corrected reading."""
        from contract.schema import Schemas  # jsonschema-rs takes 23 ms to import

        return Schemas(self.corrected)

    @cached_property
    def strict_schemas(self) -> Schemas:
        """Compiled validators under the strict reading."""
        from contract.schema import Schemas

        return Schemas(self.strict) if self.overlays else self.schemas

    def _part(self, name: str) -> dict[str, Any]:
        if "built" not in self.__dict__:
            stored = cache.read(f"{self.key}-{name}")
            if isinstance(stored, dict):
                return stored
        return self.built[name]

    @cached_property
    def built(self) -> Mapping[str, dict[str, Any]]:
        """All parts made anew from the file, and left in the cache. Raises SpecError."""
        parsed = loading.parse(self.content, str(self.path))
        published = _checked(parsed.document, self.path)
        if not self.overlays:  # the bundled document is known to be sound
            _compiled(published, self.path)
        parts: dict[str, dict[str, Any]] = {"published": published, "lines": parsed.lines}
        parts["strict"] = overlay.apply(published, [each for each in self.actions if not each.contested])
        parts["corrected"] = overlay.apply(parts["strict"], [each for each in self.actions if each.contested])
        for name, part in parts.items():
            cache.write(f"{self.key}-{name}", part)
        return parts


def load(path: Path | None = None) -> Spec:
    """Load a spec; the bundled one gets its overlays, any other none. Raises SpecError."""
    source = path or bundled_path()
    content = _read(source)
    ours = source == bundled_path() or content == _read(bundled_path())
    overlays = tuple(overlay_paths()) if ours else ()
    spec = Spec(source, content, overlays, _key(content, overlays))
    try:
        _ = spec.corrected  # broken input is told here, not in the middle of a run
    except RecursionError as error:
        raise SpecError(f"{source}: nested too deeply") from error
    return spec


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SpecError(f"{path}: cannot read the spec ({error.strerror})") from error


def _key(content: bytes, overlays: tuple[Path, ...]) -> str:
    digest = hashlib.sha256(content)
    for path in overlays:
        digest.update(b"\0" + path.read_bytes())
    for module in (loading, overlay, positions):
        # By date, not by a version number: a checkout changes without one.
        digest.update(str(Path(module.__file__ or "").stat().st_mtime_ns).encode())
    return f"spec-{_CACHE_FORMAT}-{digest.hexdigest()[:32]}"


def _checked(document: Any, source: Path) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise SpecError(f"{source}: no OpenAPI document (no mapping at the top)")
    version = document.get("openapi")
    if not isinstance(version, str) or not version.startswith(("3.0", "3.1")):
        said = (
            f"openapi: {version}" if version else f"swagger: {document['swagger']}" if "swagger" in document else "none"
        )
        raise SpecError(f"{source}: no OpenAPI 3.0 or 3.1 document (version said: {said})")
    paths = document.get("paths", {})
    if not isinstance(paths, dict) or ("paths" not in document and not convert.is_31(document)):
        raise SpecError(f"{source}: `paths` is missing or no mapping")
    for path, item in paths.items():
        if not isinstance(item, dict):
            raise SpecError(f"{source}: path {path} is no mapping")
    positions.check_references(document, str(source))
    return document


def _compiled(document: dict[str, Any], source: Path) -> None:
    """Raise SpecError for a schema that no validator can use: told at the start, not in the middle of a run."""
    from contract.schema import Schemas

    schemas = Schemas(document)
    for at, _ in positions.outermost(document):
        try:
            schemas.validator(at)
        except SpecError as error:
            raise SpecError(f"{source}: {error}") from error
