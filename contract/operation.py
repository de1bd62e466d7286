"""Operation: one method on one path, as the spec declares it, with what a run needs to know beside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Safety(StrEnum):
    """What a request may do to a target, mildest first."""

    READ = "read"
    GENERATE = "generate"  # costs tokens, leaves nothing
    WRITE = "write"  # makes or changes something that can be removed again
    DESTROY = "destroy"  # removes, cancels or ends something
    ADMIN = "admin"  # touches the organization: users, keys, projects


@dataclass(frozen=True, slots=True)
class Parameter:
    """A path, query or header parameter; `schema` is the OpenAPI schema object, `$ref`s unresolved."""

    name: str
    location: str
    required: bool
    schema: Mapping[str, Any]
    style: str
    explode: bool
    pointer: str

    @property
    def schema_pointer(self) -> str:
        """JSON pointer of the parameter's schema."""
        return f"{self.pointer}/schema"


@dataclass(frozen=True, slots=True)
class MediaType:
    """One media type of a body or an answer; `schema_pointer` is None where the spec gives no schema."""

    name: str
    pointer: str
    schema_pointer: str | None


@dataclass(frozen=True, slots=True)
class Body:
    """A request body: media types by name."""

    required: bool
    content: Mapping[str, MediaType]
    pointer: str

    @property
    def media_type(self) -> MediaType:
        """The one that the suite sends: the first declared."""
        return next(iter(self.content.values()))


@dataclass(frozen=True, slots=True)
class Answer:
    """A declared response: media types by name and declared headers (name -> header object)."""

    status: str
    content: Mapping[str, MediaType]
    headers: Mapping[str, Any]
    pointer: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One of the spec's operations. `path` is the template, `surface` names the stream grammar or is None."""

    id: str
    method: str
    path: str
    pointer: str
    line: int | None
    summary: str
    group: str
    parameters: tuple[Parameter, ...]
    body: Body | None
    answers: Mapping[str, Answer]
    safety: Safety
    surface: str | None = None
    #: Header name -> value that every request of the operation carries.
    headers: Mapping[str, str] = field(default_factory=dict)
    #: Other path templates that mean the same operation (a contested correction, `x-also-paths`).
    also_paths: tuple[str, ...] = ()

    @property
    def admin(self) -> bool:
        """True where the admin key is wanted (`/organization/...`)."""
        return self.path.startswith("/organization/")

    @property
    def streams(self) -> bool:
        """True where a request can ask for an event stream."""
        return self.surface is not None

    def parameters_in(self, location: str) -> Iterator[Parameter]:
        """The parameters of one location: `path`, `query` or `header`."""
        return (each for each in self.parameters if each.location == location)

    def answer(self, status: int) -> Answer | None:
        """The declared response for a status: exact, then `4XX`, then `default`."""
        for key in (str(status), f"{status // 100}XX", "default"):
            if key in self.answers:
                return self.answers[key]
        return None
