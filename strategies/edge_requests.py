"""Odd keys, methods, paths, ids, queries and headers."""

from __future__ import annotations

from contract.case import Stage
from contract.draft import Draft
from contract.operation import Operation
from contract.spec import Spec
from contract.verdict import Keyword
from strategies.kinds import KINDS, ResourceKind
from strategies.resources import WRONG_KEY, kind_of
from strategies.situations import NO_SUCH, Situation

#: Kinds whose objects may stand below several parents: a new project may have its maker as a member.
_SHARED = frozenset({"project_user"})
#: 404 and 405 where the target lacks the route; the ids are real, so a server that asks for no key would not say so.
_KEYLESS = frozenset({401, 403, 404, 405})
_UNKNOWN = frozenset({400, 403, 404, 405, 410, 422})
_ANY = frozenset({200, 400, 404, 405, 409, 413, 414, 415, 417, 422, 431})


def _without_key(_: Stage, draft: Draft) -> Draft:
    return draft.but(authorization=False)


def _wrong_key(_: Stage, draft: Draft) -> Draft:
    return draft.but(authorization=WRONG_KEY)


def _malformed_keys(_: Stage, draft: Draft) -> list[Draft]:
    return [draft.but(authorization=each) for each in ("Basic Y29udHJhY3Q6Y29udHJhY3Q=", "Bearer")]


KEY_SITUATIONS = (
    Situation(
        "no-key",
        "A request without a key is refused.",
        _without_key,
        _KEYLESS,
        "openapi.yaml `security`: every operation wants a bearer key; RFC 9110 15.5.2",
        usual=True,
        key=True,
        where="Authorization",
    ),
    Situation(
        "wrong-key",
        "A request with an unknown key is refused.",
        _wrong_key,
        _KEYLESS,
        "openapi.yaml `security`: every operation wants a bearer key; RFC 9110 15.5.2",
        key=True,
        where="Authorization",
    ),
    Situation(
        "malformed-key",
        "A malformed Authorization header is refused.",
        _malformed_keys,
        _KEYLESS | {400},
        "RFC 9110 11.6.2: not the bearer scheme that the spec wants",
        key=True,
        requests=2,
        where="Authorization",
    ),
)  # fmt: skip - a row reads as a row


def _named(draft: Draft, value: str) -> Draft:
    """The draft with the last id of its path replaced."""
    last = list(draft.path)[-1]
    return draft.but(path={**draft.path, last: value})


def _other_id(stage: Stage, draft: Draft) -> Draft:
    """With the id of an object of another kind."""
    kind = "thread" if kind_of(draft.operation) != "thread" else "vector_store"
    return _named(draft, str(stage.resource(kind)["id"]))


def _above(operation: Operation) -> ResourceKind | None:
    """The kind that stands first in the path of an operation which reads an object below it, None for others."""
    kind = kind_of(operation)
    row = KINDS[kind] if kind else None
    reads_one = operation.method == "GET" and operation.path.endswith("}") and operation.path.count("{") > 1
    if not reads_one or row is None or row.parent is None or row.name in _SHARED:
        return None
    while row.parent is not None:
        row = KINDS[row.parent]
    return row


def _other_parent(stage: Stage, draft: Draft) -> Draft:
    """Below another parent of the same kind, which has been made for it."""
    above = _above(draft.operation)
    assert above is not None  # noqa: S101 - the situation applies only then; for the type checker
    return draft.but(path={**draft.path, above.parameter: str(stage.fresh(above.name)[above.key])})


PATH_SITUATIONS = (
    Situation(
        "other-parent",
        "An object is not found below a parent that it does not stand below.",
        _other_parent,
        _UNKNOWN,
        "RFC 9110 15.5.5: the parent of the path has no such object",
        applies=lambda _, operation: _above(operation) is not None,
        usual=True,
        where="path",
    ),
    Situation(
        "unknown-id",
        "An id that does not exist is not found.",
        lambda _, draft: _named(draft, NO_SUCH),
        _UNKNOWN,
        "RFC 9110 15.5.5: no such object; 400 where the id is malformed to the server",
        usual=True,
        unaddressed=True,
        where="path",
    ),
    Situation(
        "unicode-id",
        "An id of other scripts and signs is not found.",
        lambda _, draft: _named(draft, "идентификатор-識別子-🔑/../%2e%2e"),
        _UNKNOWN | {405},
        "RFC 9110 15.5.5; a decoded slash may lead to a route that does not exist",
        usual=True,
        unaddressed=True,
        where="path",
    ),
    Situation(
        "long-id",
        "An id of 8,000 letters is refused.",
        lambda _, draft: _named(draft, "a" * 8000),
        _UNKNOWN | {413, 414, 431},
        "RFC 9110 15.5.15: the URL may be too long",
        unaddressed=True,
        where="path",
    ),
    Situation(
        "other-id",
        "The id of an object of another kind is not found.",
        _other_id,
        _UNKNOWN,
        "RFC 9110 15.5.5: no object of this kind has that id",
        usual=True,
        unaddressed=True,
        where="path",
    ),
    Situation(
        "injected-header",
        "Line breaks in an id do not become headers of the answer.",
        lambda _, draft: _named(draft, "contract\r\nX-Injected: contract"),
        _UNKNOWN | {405},
        "RFC 9110 5.5: a header field holds no line break",
        unaddressed=True,
        where="path",
    ),
    Situation(
        "nul-id",
        "A NUL in an id is refused.",
        lambda _, draft: _named(draft, "contract\0id"),
        _UNKNOWN | {405},
        "RFC 3986 7.3: encoded NUL is dangerous in a path",
        unaddressed=True,
        where="path",
    ),
)  # fmt: skip - a row reads as a row


def _first_of_path(spec: Spec, operation: Operation) -> bool:
    """One operation speaks for its path."""
    return next(each.id for each in spec.operations.values() if each.path == operation.path) == operation.id


def _no_patch(spec: Spec, operation: Operation) -> bool:
    methods = {each.method for each in spec.operations.values() if each.path == operation.path}
    return "PATCH" not in methods and _first_of_path(spec, operation)


def _reads(_: Spec, operation: Operation) -> bool:
    return operation.method == "GET"


def _lists_models(_: Spec, operation: Operation) -> bool:
    return operation.id == "listModels"


def _slashed(_: Stage, draft: Draft) -> Draft:
    path = draft.build("http://target").url.removeprefix("http://target").partition("?")[0]
    return draft.but(url_path=f"{path}/")


PLAIN_SITUATIONS = (
    Situation(
        "wrong-method",
        "A method that the path does not have is refused.",
        lambda _, draft: draft.but(method="PATCH", body={}, media_type="application/json"),
        frozenset({400, 403, 404, 405, 415, 422, 501}),
        "RFC 9110 15.5.6: 405; some routers say 404",
        applies=_no_patch,
        usual=True,
        body=False,
        unaddressed=True,
        where="method",
    ),
    Situation(
        "head",
        "HEAD is answered without content or refused.",
        lambda _, draft: draft.but(method="HEAD"),
        frozenset({200, 204, 400, 401, 403, 404, 405, 501}),
        "RFC 9110 9.3.2; the spec declares no HEAD",
        applies=_reads,
        unaddressed=True,
        where="method",
    ),
    Situation(
        "options",
        "OPTIONS is answered or refused.",
        lambda _, draft: draft.but(method="OPTIONS", body=None),
        frozenset({200, 204, 400, 401, 403, 404, 405, 501}),
        "RFC 9110 9.3.7; the spec declares no OPTIONS",
        applies=_first_of_path,
        body=False,
        unaddressed=True,
        where="method",
    ),
    Situation(
        "unknown-route",
        "A route that does not exist is not found.",
        lambda _, draft: draft.but(url_path="/contract-no-such-route"),
        frozenset({400, 404, 405}),
        "RFC 9110 15.5.5",
        applies=_lists_models,
        usual=True,
        where="path",
    ),
    Situation(
        "trailing-slash",
        "A slash at the end of the path is taken, redirected or refused.",
        _slashed,
        frozenset({200, 301, 302, 307, 308, 400, 404, 405}),
        "RFC 3986 6.2.3: the two paths may differ",
        applies=_reads,
        unaddressed=True,
        where="path",
    ),
    Situation(
        "unknown-query",
        "A query parameter that is not declared is ignored or refused.",
        lambda _, draft: draft.but(query={**draft.query, "contract_unknown": "1"}),
        _ANY,
        "the spec closes no query",
        applies=_reads,
        unaddressed=True,
        where="query",
    ),
    Situation(
        "repeated-query",
        "A query parameter that comes twice is taken or refused.",
        lambda _, draft: draft.but(query={**draft.query, "limit": ["2", "3"]}),
        _ANY,
        "the spec is silent on repeated parameters",
        Keyword.SHOULD,
        applies=lambda _, operation: any(each.name == "limit" for each in operation.parameters),
        unaddressed=True,
        where="query",
    ),
    Situation(
        "odd-query",
        "A query of odd bytes is taken or refused.",
        lambda _, draft: draft.but(query={**draft.query, "limit": "\0🔑' OR 1=1 --"}),
        frozenset({200, 400, 404, 422}),
        "not an integer, and yet no reason to fail",
        applies=lambda _, operation: any(each.name == "limit" for each in operation.parameters),
        unaddressed=True,
        where="query",
    ),
    Situation(
        "odd-header",
        "A header that nobody declared, with odd content, is ignored or refused.",
        lambda _, draft: draft.but(headers={**draft.headers, "X-Contract": "%0d%0aX-Injected: contract ${jndi:x}"}),
        _ANY,
        "RFC 9110 5.1: unknown header fields are ignored",
        applies=_reads,
        unaddressed=True,
        where="X-Contract",
    ),
)  # fmt: skip - a row reads as a row
