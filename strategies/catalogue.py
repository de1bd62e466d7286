"""The catalogue: every case of every operation, made when it is asked for and never twice under one id."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from contract import checks
from contract.case import Case, Depth, Expect, Kind, Stage
from contract.draft import Draft
from contract.exchange import Exchange
from contract.operation import Operation, Safety
from contract.spec import Spec
from contract.verdict import Keyword
from strategies import bodies, edge, generated, lifecycles, lists, odd, parameters, prose, streams
from strategies.lists import spent
from strategies.plan import Entry, Planner, base_body
from strategies.prose import Change, ProseRule
from strategies.scenes import required_query, scene

#: Deeper places run nightly only.
_DEEP_INVALID = 5
_DEEP_BOUNDARY = 3
#: What a server may answer where a text advises or contradicts its schema.
_EITHER = frozenset({200, 400, 404, 409, 422})
#: The API makes keys with service accounts only, and a server may want those deleted with their account.
_SERVICE_KEY = Expect(
    Kind.EDGE,
    frozenset({200, 400, 403, 409}),
    "the key of a service account may go with its account only (openapi.yaml:6578)",
)
#: Ended meanwhile, it may rightly refuse to be cancelled (openapi.yaml:1685, 13764).
_RACING = frozenset({"cancelBatch", "cancelFineTuningJob", "cancelVectorStoreFileBatch"})
#: Query parameters that hold a cursor: only an answer can give one, which is for the cases of lists.
_CURSORS = frozenset({"after", "before", "page"})
#: Keywords that are broken in a request for a stream too.
_STREAMED = frozenset({"required", "type", "enum", "maximum"})
Family = Callable[["Kitchen", Operation], Iterable[Case]]


@dataclass(frozen=True)
class Kitchen:
    """What families make their cases from."""

    spec: Spec
    planner: Planner

    def base(self, operation: Operation) -> Any:
        """The template of the minimal body."""
        return base_body(self.planner.views, operation)

    def query(self, operation: Operation) -> dict[str, Any]:
        """The query parameters that a request needs."""
        return required_query(self.planner.views, operation)


def cases(spec: Spec, operations: Iterable[str] | None = None) -> Iterator[Case]:
    """The cases of those operations (None: of all), operation by operation. Raises ValueError on an id taken twice."""
    planner = Planner(spec)
    kitchen = Kitchen(spec, planner)
    seen: set[str] = set()
    for name in spec.operations if operations is None else operations:
        for family in families():
            for case in family(kitchen, spec.operations[name]):
                if case.id in seen:
                    raise ValueError(f"case id {case.id!r} is taken twice")
                seen.add(case.id)
                yield case
    planner.save()


def families() -> tuple[Family, ...]:
    """What makes cases of one operation, the most telling first."""
    return (minimal, boundary, invalid, contradicted, lived, listed, honoured, streamed, drawn, edges)


def lived(kitchen: Kitchen, operation: Operation) -> Iterable[Case]:
    """What was created is there, what was deleted is gone."""
    return lifecycles.cases(kitchen.spec, frozenset({operation.id}))


def listed(kitchen: Kitchen, operation: Operation) -> Iterable[Case]:
    """What a list promises over all its pages."""
    yield from lists.cases(kitchen.spec, frozenset({operation.id}))
    yield from spent.cases(kitchen.spec, frozenset({operation.id}))


def honoured(kitchen: Kitchen, operation: Operation) -> Iterable[Case]:
    """Parameters with an effect that can be observed."""
    return parameters.cases(kitchen.spec, frozenset({operation.id}))


def streamed(_: Kitchen, operation: Operation) -> Iterable[Case]:
    """Event streams of every kind."""
    return streams.cases(operation)


def drawn(kitchen: Kitchen, operation: Operation) -> Iterable[Case]:
    """Requests drawn from the schemas."""
    yield from generated.cases(kitchen.planner, operation)
    yield from odd.cases(kitchen.planner, operation)


def edges(kitchen: Kitchen, operation: Operation) -> Iterable[Case]:
    """The edge of HTTP."""
    return edge.cases(kitchen.spec, kitchen.planner, operation)


def safety_of(operation: Operation, body: Any) -> Safety:
    """The class of a request: what asks to be stored is more than generated."""
    stored = isinstance(body, dict) and body.get("store") is True
    return Safety.WRITE if operation.safety is Safety.GENERATE and stored else operation.safety


def play_valid(stage: Stage, draft: Draft, expect: Expect) -> Exchange:
    """Send a draft that is meant to work, as a stream where its body asks for one.

    Ends the case where it breaks a rule of the descriptions by the model alone that the target has.
    """
    named = isinstance(draft.body, dict) and isinstance(draft.body.get("model"), str)
    if named and expect.kind is not Kind.EDGE and (rule := prose.forbids(draft)):
        stage.skip(f"{rule} (openapi.yaml) rules it out for {draft.body['model']}, the model that the target has")
    wants = isinstance(draft.body, dict) and draft.body.get("stream") is True and draft.operation.streams
    return stage.stream(draft, expect).exchange if wants else stage.send(draft, expect)


def minimal(kitchen: Kitchen, operation: Operation) -> Iterator[Case]:
    """The smallest documented request."""
    body = bodies.GENTLE.get(operation.id, kitchen.base(operation))
    query = kitchen.query(operation)
    expect = Expect(Kind.VALID if operation.id in _RACING else Kind.MINIMAL)
    if operation.id == "delete-project-api-key":
        expect = _SERVICE_KEY

    def play(stage: Stage) -> None:
        draft = scene(stage, operation.id, valid=True, gentle=operation.id in bodies.GENTLE).draft(body, query)
        play_valid(stage, draft, expect)

    yield Case(
        id=f"{operation.id}/minimal/request",
        operation=operation.id,
        statement="The smallest documented request is accepted and answered as declared.",
        play=play,
        safety=operation.safety,
        depth=Depth.SMOKE,
        rank=10,
    )


def boundary(kitchen: Kitchen, operation: Operation) -> Iterator[Case]:
    """Valid requests at each end of what the schemas admit."""
    for entry in kitchen.planner.plan(operation).boundary:
        if entry.parameter not in _CURSORS:
            yield _boundary(kitchen, operation, entry)


def _boundary(kitchen: Kitchen, operation: Operation, entry: Entry) -> Case:
    body, query = _request(kitchen, operation, entry)
    body = bodies.fit(body)

    def play(stage: Stage) -> None:
        draft = scene(stage, operation.id, valid=True).draft(body, query)
        play_valid(stage, draft, Expect(Kind.VALID))

    large = "<text " in repr(entry.body) or "$repeat" in repr(entry.body)
    return Case(
        id=f"{operation.id}/boundary/{entry.name}",
        operation=operation.id,
        statement=f"A request at the edge of `{entry.keyword}` at {entry.where} is valid.",
        play=play,
        safety=safety_of(operation, body),
        depth=Depth.NIGHTLY if entry.deep > _DEEP_BOUNDARY or large else Depth.STANDARD,
        rank=40,
        constraint=entry.pointer,
    )


def _request(kitchen: Kitchen, operation: Operation, entry: Entry) -> tuple[Any, dict[str, Any]]:
    query = kitchen.query(operation)
    if not entry.parameter:
        return entry.body, query
    if entry.keyword == "required":
        query.pop(entry.parameter)
    else:
        query[entry.parameter] = entry.body
    return kitchen.base(operation), query


def invalid(kitchen: Kitchen, operation: Operation) -> Iterator[Case]:
    """Requests that break exactly one constraint of a schema."""
    smoked = False
    for entry in kitchen.planner.plan(operation).invalid:
        smoke = not smoked and entry.keyword == "required"
        smoked = smoked or smoke
        yield _invalid(kitchen, operation, entry, smoke=smoke)
    if operation.streams:
        yield from _invalid_streamed(kitchen, operation)


def _invalid_streamed(kitchen: Kitchen, operation: Operation) -> Iterator[Case]:
    """The same once more where a stream is asked for: one a keyword. Some servers begin the stream, then look."""
    asked: set[str] = set()
    for entry in kitchen.planner.plan(operation).invalid:
        fits = isinstance(entry.body, dict) and not entry.parameter and not entry.where.startswith("/body/stream")
        if fits and entry.first and entry.keyword in _STREAMED and entry.keyword not in asked and not entry.contested:
            asked.add(entry.keyword)
            streamed = replace(entry, name=f"streamed.{entry.name}", body={**entry.body, "stream": True})
            yield _invalid(kitchen, operation, streamed, smoke=False)


def _invalid(kitchen: Kitchen, operation: Operation, entry: Entry, *, smoke: bool) -> Case:
    body, query = _request(kitchen, operation, entry)
    # `format` is an annotation by default (JSON Schema 2020-12 validation 7.1), in requests as in answers
    keyword = Keyword.SHOULD if entry.contested or entry.keyword == "format" else Keyword.MUST
    expect = Expect(Kind.INVALID, constraint=entry.name, spec_pointer=entry.pointer, keyword=keyword, where=entry.where)

    def play(stage: Stage) -> None:
        draft = scene(stage, operation.id, valid=False).draft(body, query)
        # A draft without a body sends none; here JSON's null is meant.
        stage.send(draft.but(raw_body=b"null") if entry.where == "/body" and body is None else draft, expect)

    shallow = entry.first and entry.deep <= _DEEP_INVALID
    return Case(
        id=f"{operation.id}/invalid/{entry.name}",
        operation=operation.id,
        statement=f"A request that breaks only `{entry.keyword}` at {entry.where} is refused.",
        play=play,
        safety=operation.safety,
        depth=Depth.SMOKE if smoke else Depth.STANDARD if shallow else Depth.NIGHTLY,
        rank=20 if smoke else 30,
        constraint=entry.pointer,
    )


def contradicted(kitchen: Kitchen, operation: Operation) -> Iterator[Case]:
    """Requests that obey the schemas and break one rule of the descriptions."""
    for rule in prose.rules_of(operation.id):
        yield _contradicted(kitchen, operation, rule, rule.breaks)
        if rule.beyond is not None:
            yield _contradicted(kitchen, operation, rule, rule.beyond, "-beyond")


def _changed(kitchen: Kitchen, operation: Operation, values: prose.Values) -> str:
    """Where values differ from the smallest request: the member that the refusal should name."""
    base = kitchen.base(operation)
    for place, before, after in (("query", kitchen.query(operation), values.query), ("body", base, values.body)):
        if isinstance(before, dict) and isinstance(after, dict):
            names = [name for name in {**after, **before} if before.get(name) != after.get(name)]
            if names:
                return f"/{place}/{names[-1]}"
    return ""


def _contradicted(kitchen: Kitchen, operation: Operation, rule: ProseRule, breaks: Change, end: str = "") -> Case:
    values = prose.breaking(rule, operation.id, kitchen.base(operation), kitchen.query(operation), breaks)
    statement = f"{rule.statement} (openapi.yaml:{rule.line})"
    advice = rule.keyword is Keyword.MAY
    expect = Expect(
        Kind.EDGE if advice else Kind.INVALID,
        statuses=_EITHER if advice else frozenset(),
        reason="the description advises, or contradicts the schema" if advice else "",
        constraint=rule.id,
        spec_pointer=rule.pointer,
        keyword=rule.keyword,
        where=_changed(kitchen, operation, values),
    )

    def play(stage: Stage) -> None:
        draft = scene(stage, operation.id, valid=advice).draft(values.body, values.query)
        if "<model " in repr(values.body) and not prose.broken_by(rule, draft):
            stage.skip(f"{rule.id} says nothing of the target's model")
        exchange = play_valid(stage, draft, expect) if advice else stage.send(draft, expect)
        if advice and (missing := checks.unsupported(operation, exchange)):
            stage.start_over()
            stage.unsupported(missing)

    return Case(
        id=f"{operation.id}/invalid/prose.{rule.id.lower()}{end}",
        operation=operation.id,
        statement=statement[0].upper() + statement[1:],
        play=play,
        safety=safety_of(operation, values.body),
        depth=Depth.STANDARD,
        rank=35,
        constraint=rule.pointer,
    )
