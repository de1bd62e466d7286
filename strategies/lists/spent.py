"""Usage and costs of something that the case itself consumed: results are there to be judged, grouped and filtered.

A report may lag behind what was done (the spec promises no time), so buckets without results decide nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

from contract.case import Case, Stage
from contract.draft import Draft
from contract.exchange import Exchange, header
from contract.operation import Operation, Safety
from contract.spec import Spec
from strategies import templates
from strategies.lists.table import Filled
from strategies.lists.walk import page

_HELLO = {"model": "<model chat>", "messages": [{"role": "user", "content": "Say hello."}]}
#: Report -> what is done first, and the group whose member every result then has.
SPENT: Mapping[str, tuple[str, Any, str]] = {
    "usage-completions": ("createChatCompletion", _HELLO, "model"),
    "usage-embeddings": ("createEmbedding", {"model": "<model embeddings>", "input": "hello"}, "model"),
    "usage-moderations": ("createModeration", {"input": "hello"}, "model"),
    "usage-images": ("createImage", {"model": "<model image>", "prompt": "A red square."}, "model"),
    "usage-audio-speeches": (
        "createSpeech",
        {"model": "<model speech>", "input": "Hello.", "voice": "alloy"},
        "model",
    ),
    "usage-audio-transcriptions": (
        "createTranscription",
        {"model": "<model transcription>", "file": "<upload wav>"},
        "model",
    ),
    "usage-costs": ("createChatCompletion", _HELLO, "line_item"),
}
_DAY_S, _HOUR_S = 86_400, 3_600
#: Filters that can name what nobody has.
_FILTERS = frozenset({"project_ids", "user_ids", "api_key_ids", "models"})


def cases(spec: Spec, wanted: frozenset[str] | None = None) -> Iterator[Case]:
    """A case a report; `wanted`: only those operations."""
    for name, (maker, body, group) in SPENT.items():
        if name in spec.operations and maker in spec.operations and (wanted is None or name in wanted):
            yield Case(
                f"{name}/list/results",
                name,
                "What was just consumed is reported, grouped as asked for, and left out by a filter that it does not "
                "fit.",
                partial(_results, report=spec.operations[name], maker=maker, body=body, group=group),
                Safety.ADMIN,
                requests=9,
                rank=36,
                also=(maker,),
            )


def _results(stage: Stage, report: Operation, maker: str, body: Any, group: str) -> None:
    done = stage.send(Draft(stage.operation(maker), body=templates.resolve(stage, body)), judge=False)
    if done.response is None or done.response.status != 200:
        stage.skip(f"{maker} answered {done.response.status if done.response else 'nothing'}: no usage to report")
    now = _now(done)
    if now is None:
        stage.inconclusive("the target's answers have no Date: when its today began is not known")
    today = {"start_time": now // _DAY_S * _DAY_S, "limit": 2}
    plain, _ = _asked(stage, report, today)
    if not plain:
        stage.inconclusive("no usage is reported yet: a report may lag behind")
    names = {each.name.removesuffix("[]"): each.name for each in report.parameters_in("query")}
    grouped, exchange = _asked(stage, report, {**today, names["group_by"]: [group]})
    if any(group in each and each[group] is None for each in grouped):
        expected = f"a {group} in every result of group_by={group}"
        stage.found("list/filter", expected=expected, actual="null", where="/data", exchange=exchange)
    for name in _FILTERS & names.keys():
        left, exchange = _asked(stage, report, {**today, names[name]: ["contract-none"]})
        if left:
            expected, actual = f"no results of {name} that are none", f"{len(left)} results"
            stage.found("list/filter", expected=expected, actual=actual, where="/data", exchange=exchange)
    widths = next(
        (each.schema.get("enum", ()) for each in report.parameters_in("query") if each.name == "bucket_width"), ()
    )
    if "1h" in widths:
        body, exchange = page(stage, report, Filled({}), **{**today, "bucket_width": "1h"})
        wrong = [each for each in body["data"] if each.get("end_time", 0) - each.get("start_time", 0) != _HOUR_S]
        if wrong:
            expected, actual = "buckets of an hour", f"{wrong[0].get('start_time')} to {wrong[0].get('end_time')}"
            stage.found("list/bucket", expected=expected, actual=actual, where="/data", exchange=exchange)


def _asked(stage: Stage, report: Operation, query: Mapping[str, Any]) -> tuple[list[Mapping[str, Any]], Exchange]:
    """The results of all buckets of a page."""
    body, exchange = page(stage, report, Filled({}), **query)
    found = [each.get("results") or each.get("result") or [] for each in body["data"]]
    return [each for some in found if isinstance(some, list) for each in some if isinstance(each, dict)], exchange


def _now(exchange: Exchange) -> int | None:
    """The target's own time."""
    try:
        return int(parsedate_to_datetime(header(exchange.response.headers, "date") or "").timestamp())  # type: ignore[union-attr]
    except (AttributeError, ValueError, OverflowError):
        return None
