"""Generated valid requests: drawn by hypothesis from the schemas, mended by the prose rules, checked by our validators.

Ids and models stay templates, sizes are small, and a seed gives the same requests in every process.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from contract.case import Case, Depth, Expect, Kind, Stage
from contract.exchange import Exchange
from contract.operation import Operation, Safety
from strategies import prose
from strategies.bodies import fit
from strategies.plan import FORMS, Planner, base_body, filled
from strategies.samples import FORMATS, Path, hinted, sample
from strategies.scenes import required_query, scene
from strategies.views import View, kinds_of

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

#: Requests of one case by depth.
EXAMPLES = {Depth.SMOKE: 0, Depth.STANDARD: 5, Depth.NIGHTLY: 30}
#: Requests that may be spent on making a failing one smaller.
SHRINKS = 12
_DEEPEST = 8
_LONGEST = 40
_MOST_OPTIONAL = 5
#: Numbers without a bound in the schema that models bound, or that cost.
_CALM = {
    "dimensions": (256, 512),
    "max_tokens": (1, 64),
    "max_output_tokens": (16, 64),
    "max_completion_tokens": (256, 512),
    "n": (1, 3),
}


class Drawer:
    """Strategies for the bodies of one operation; templates come out, `strategies.templates` fills them."""

    def __init__(self, planner: Planner, operation: Operation) -> None:
        """Hypothesis is imported here (0.2 s), not when cases are listed."""
        from hypothesis import strategies

        self._st = strategies
        self._views = planner.views
        self._strict = planner.strict_views
        self._operation = operation
        self._base = base_body(planner.views, operation)
        body = operation.body
        self._typed_values = body is not None and body.media_type.name not in FORMS

    def bodies(self) -> SearchStrategy[Any]:
        """Bodies that the schema admits; prose is not looked at."""
        body = self._operation.body
        assert body is not None  # noqa: S101 - only operations with a body are drawn
        return self._any(body.media_type.schema_pointer or "", (), frozenset(), 0)

    def _any(self, at: str, path: Path, seen: frozenset[str], depth: int) -> SearchStrategy[Any]:
        view = self._view(at)
        inner = self._of(view, at, path, seen, depth)
        if not view.nullable or depth == 0 or not self._typed_values:
            return inner
        return self._st.one_of(inner, inner, inner, self._st.none())

    def _view(self, at: str) -> View:
        """What both readings agree on: the corrected one, null and values only where the strict one has them too."""
        view = self._views.at(at)
        try:
            strict = self._strict.at(at)
        except KeyError:
            return view
        values = [each for each in view.values if each in strict.values] if strict.values else view.values
        bounds = {**strict.bounds, **view.bounds}
        if values and view.values:
            bounds["enum"] = (values, bounds["enum" if "enum" in bounds else "const"][1])
        required = {**strict.required, **view.required}
        return replace(view, nullable=view.nullable and strict.nullable, bounds=bounds, required=required)

    def _of(self, view: View, at: str, path: Path, seen: frozenset[str], depth: int) -> SearchStrategy[Any]:
        fixed = self._fixed(view, path)
        if fixed is not None:
            return self._st.just(fixed)
        if view.values:
            return self._st.sampled_from(view.values)
        if depth > _DEEPEST or seen & set(view.names):
            return self._st.just(sample(self._views, self._operation.id, at, path))
        seen = seen | set(view.names)
        if view.unions and not view.properties:
            # A reference to an item of thin air would be refused.
            branches = [each for each in view.unions[0].branches if "ItemReference" not in repr(self._view(each).names)]
            return self._st.one_of(*(self._any(each, path, seen, depth + 1) for each in branches))
        kinds = kinds_of(view)
        return self._typed(kinds[0] if kinds else "object", view, path, seen, depth)

    def _fixed(self, view: View, path: Path) -> Any:
        """What only the target can give: ids, models, file parts."""
        if len(path) == 1 and isinstance(self._base, dict):
            known = self._base.get(str(path[0]))
            if "<" in repr(known):
                return known
        if not path:
            return None
        hint = hinted(self._views, view, self._operation.id, path)
        opaque = path[-1] in {"parameters", "schema", "arguments", "url", "file_data", "data", "md5"}
        return hint if opaque or "<" in repr(hint) else None

    def _typed(self, kind: str, view: View, path: Path, seen: frozenset[str], depth: int) -> SearchStrategy[Any]:
        if kind == "object":
            return self._object(view, path, seen, depth)
        if kind == "array":
            return self._array(view, path, seen, depth)
        if kind == "string":
            return self._string(view)
        if kind == "boolean":
            return self._st.booleans()
        if path and path[-1] in _CALM:
            return self._st.integers(*_CALM[str(path[-1])])
        return self._number(view, whole=kind == "integer")

    def _object(self, view: View, path: Path, seen: frozenset[str], depth: int) -> SearchStrategy[Any]:
        members = {
            name: self._any(at, (*path, name), seen, depth + 1)
            for name, at in view.properties.items()
            if name in view.required or depth < _DEEPEST
        }
        wanted = {*view.required, *(view.choices[0] if view.choices else ())}
        rivals = {name for group in view.choices[1:] for name in group} - wanted
        optional = sorted(set(members) - wanted - rivals)
        extra = self._any(view.extra, (*path, "contract"), seen, depth + 1) if view.extra else None

        @self._st.composite
        def drawn(draw: Any) -> dict[str, Any]:
            most = min(len(optional), _MOST_OPTIONAL)
            chosen = draw(self._st.lists(self._st.sampled_from(optional), max_size=most, unique=True)) if most else []
            found = {name: draw(members[name]) for name in members if name in wanted or name in chosen}
            if extra is not None and not members:
                most = min(3, view.bound("maxProperties", 3))
                found |= draw(self._st.dictionaries(self._keys(path), extra, max_size=most))
            return found

        return drawn()

    def _keys(self, path: Path) -> SearchStrategy[str]:
        """Names of members; token ids where the map goes from tokens."""
        if path and path[-1] == "logit_bias":
            return self._st.integers(0, 100_000).map(str)
        return self._st.text(self._st.sampled_from("abcdefghijklmnopqrstuvwxyz_"), min_size=1, max_size=12)

    def _array(self, view: View, path: Path, seen: frozenset[str], depth: int) -> SearchStrategy[Any]:
        least = view.bound("minItems", 0)
        if len(path) == 1 and isinstance(self._base, dict) and path[0] in self._base:
            least = max(least, 1)  # an empty list of what is asked about asks nothing
        most = min(view.bound("maxItems", least + 3), max(least, 1) + 2)
        items = self._any(view.items, (*path, 0), seen, depth + 1) if view.items else self._st.just("item")
        unique = view.bound("uniqueItems") is True
        return self._st.lists(items, min_size=least, max_size=max(least, most), unique_by=repr if unique else None)

    def _string(self, view: View) -> SearchStrategy[Any]:
        name = view.bound("format")
        if name in FORMATS:
            return self._st.just(FORMATS[str(name)])
        least = view.bound("minLength", 0)
        if "pattern" in view.bounds:
            longest = view.bound("maxLength", least + _LONGEST)
            matching = self._st.from_regex(str(view.bound("pattern")))
            return matching.filter(lambda each: least <= len(each) <= longest and "<" not in each)
        most = min(view.bound("maxLength", least + _LONGEST), least + _LONGEST)
        letters = self._st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="<>")
        return self._st.text(letters, min_size=max(least, min(1, most)), max_size=most)

    def _number(self, view: View, *, whole: bool) -> SearchStrategy[Any]:
        low = view.bound("minimum", view.bound("exclusiveMinimum", 0))
        high = view.bound("maximum", view.bound("exclusiveMaximum", max(low, 0) + 10_000))
        if whole:
            first = low + 1 if "exclusiveMinimum" in view.bounds else low
            return self._st.integers(first, max(first, min(high, 2**53)))
        step = 1000
        first = low * step + 1 if "exclusiveMinimum" in view.bounds else low * step
        return self._st.integers(int(first), int(high * step)).map(lambda each: each / step)


def draw(planner: Planner, operation: Operation, count: int, seed: int) -> list[Any]:
    """That many bodies (templates) that obey schema and prose; fewer only where none more could be found."""
    found: list[Any] = []
    for body in raw(planner, operation, count + count // 2 + 3, seed):
        mended = fit(prose.mend(operation.id, body))
        if len(found) < count and obeys(planner, operation, mended):
            found.append(mended)
    return found


def raw(planner: Planner, operation: Operation, count: int, seed: int) -> list[Any]:
    """Bodies as the schema's strategy gives them."""
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded

    found: list[Any] = []

    @seeded(seed)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(Drawer(planner, operation).bodies())
    def collect(body: Any) -> None:
        found.append(copy.deepcopy(body))

    collect()
    return found


def obeys(planner: Planner, operation: Operation, body: Any) -> bool:
    """True for a body that both readings of the schema admit and no prose rule forbids."""
    at = operation.body.media_type.schema_pointer if operation.body else None
    if at is None:
        return True
    value = filled(body)
    spec = planner.spec
    return (
        spec.schemas.is_valid(at, value)
        and spec.strict_schemas.is_valid(at, value)
        and not prose.broken(operation.id, body)
    )


def cases(planner: Planner, operation: Operation) -> Iterator[Case]:
    """The case of one operation, where it takes a body."""
    if operation.body is None or operation.body.media_type.schema_pointer is None:
        return

    def play(stage: Stage) -> None:
        for body in draw(planner, operation, EXAMPLES[stage.depth], stage.random.randrange(2**32)):
            exchange = _send(stage, planner, operation, body, judge=True)
            if _fails(exchange):
                smaller = _shrunk(stage, planner, operation, body)
                if smaller is not None:
                    _send(stage, planner, operation, smaller, judge=True)

    costs = operation.safety is Safety.GENERATE
    yield Case(
        id=f"{operation.id}/generated/valid",
        operation=operation.id,
        statement="Requests drawn from the schema that obey its descriptions too are taken.",
        play=play,
        safety=Safety.WRITE if costs and _stores(planner, operation) else operation.safety,
        depth=Depth.STANDARD,
        requests=EXAMPLES[Depth.STANDARD],
        rank=45,
    )


def _stores(planner: Planner, operation: Operation) -> bool:
    """True where a body may ask for its answer to be stored."""
    at = operation.body.media_type.schema_pointer if operation.body else None
    return at is not None and "store" in planner.views.at(at).properties


def _send(stage: Stage, planner: Planner, operation: Operation, body: Any, *, judge: bool) -> Exchange:
    query = required_query(planner.views, operation)
    draft = scene(stage, operation.id, valid=True).draft(body, query)
    if prose.forbids(draft):  # by the model that the target has
        draft = draft.but(body=prose.mend(operation.id, draft.body))
    expect = Expect(Kind.VALID)
    wants = isinstance(body, dict) and body.get("stream") is True and operation.streams
    if judge and wants:
        return stage.stream(draft, expect).exchange
    return stage.send(draft, expect, judge=judge)


def _fails(exchange: Exchange) -> bool:
    return exchange.response is None or exchange.response.status >= 500


def _shrunk(stage: Stage, planner: Planner, operation: Operation, body: Any) -> Any:
    """The body with as few members as still make the target fail, None where none could be taken away."""
    smallest, spent = body, 0
    for name in list(body) if isinstance(body, dict) else ():
        fewer = prose.mend(operation.id, {key: each for key, each in smallest.items() if key != name})
        if spent < SHRINKS and fewer != smallest and obeys(planner, operation, fewer):
            spent += 1
            if _fails(_send(stage, planner, operation, fewer, judge=False)):
                smallest = fewer
    return smallest if smallest is not body else None
