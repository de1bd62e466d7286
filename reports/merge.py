"""Records of shards into one: the same verdicts as one run would have given."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from contract.errors import UsageError
from contract.verdict import SEVERITY, Outcome, Verdict
from reports.record import Line, Run

#: Options that may differ between the shards of one run.
_OWN_OPTIONS = frozenset({"shard", "out", "workers", "resume"})
_NOT_JUDGED = frozenset({Outcome.SKIPPED, Outcome.INCONCLUSIVE})


Recount = Callable[[Sequence[Verdict]], Mapping[str, Any]]


def merge(runs: Sequence[Run], recount: Recount | None = None) -> Run:
    """One run of all shards, whatever their order. Where two judged a case, a judgement beats none, then the worse
    verdict wins. Without an `end` in every shard there is none. `recount` counts the coverage anew from all
    verdicts; without it what lies across shards is known by its largest share. Raises UsageError where the records
    are not of one run.
    """
    if not runs:
        raise UsageError("no record to merge: give the run.jsonl of each shard")
    ordered = sorted(runs, key=lambda run: json.dumps([_shard(run), run.header["started_at"], *_cases(run)]))
    for other in ordered[1:]:
        _same(ordered[0], other)
    exchanges, renamed = _exchanges(ordered)
    verdicts = _verdicts(ordered, renamed)
    header = {**ordered[0].header, "planned": _planned(ordered), "started_at": min(_started(each) for each in ordered)}
    header["options"] = {name: value for name, value in header["options"].items() if name != "shard"}
    place = {case: index for index, case in enumerate(header["planned"])}
    inside = sorted(verdicts.values(), key=lambda each: (place.get(each.case, len(place)), each.case))
    others = tuple(line for run in ordered for line in run.others)
    return Run(header, exchanges, tuple(inside), _end(ordered, inside, recount), others)


def _shard(run: Run) -> str:
    return str(run.header["options"].get("shard", ""))


def _cases(run: Run) -> list[str]:
    return sorted(each.case for each in run.verdicts)


def _started(run: Run) -> str:
    return str(run.header["started_at"])


def _planned(runs: Sequence[Run]) -> list[str]:
    """Cases of all shards in turn: each shard's own order is kept, so the most telling come first."""
    columns: list[list[str]] = [run.header["planned"] for run in runs]
    longest = max(len(each) for each in columns)
    return list(dict.fromkeys(each[index] for index in range(longest) for each in columns if index < len(each)))


def _same(first: Run, other: Run) -> None:
    for name, one, two in _identity(first, other):
        if one != two:
            raise UsageError(f"these records are not of one run: {name} is {_short(one)} and {_short(two)}")


def _identity(first: Run, other: Run) -> Iterable[tuple[str, Any, Any]]:
    one, two = first.header, other.header
    yield "the suite", one["suite"], two["suite"]
    yield "the spec", one["spec"]["sha256"], two["spec"]["sha256"]
    yield "the target", _host(one["target"]), _host(two["target"])
    yield "the profile", one["target"]["profile"], two["target"]["profile"]
    yield "the seed", one["seed"], two["seed"]
    yield "the options", _options(one), _options(two)


def _host(target: Mapping[str, Any]) -> Any:
    """A mock that each shard starts for itself has a port of its own."""
    url = str(target["url"])
    return "the embedded mock" if url.startswith(("http://127.0.0.1:", "http://localhost:")) else url


def _options(header: Line) -> dict[str, Any]:
    return {name: value for name, value in sorted(header["options"].items()) if name not in _OWN_OPTIONS}


def _short(value: Any) -> str:
    said = json.dumps(value)
    return said if len(said) <= 80 else said[:79] + "…"


def _exchanges(runs: Sequence[Run]) -> tuple[dict[str, Line], list[dict[str, str]]]:
    """All exchanges, and for each run the ids that had to change because another run uses them."""
    found: dict[str, Line] = {}
    renamed: list[dict[str, str]] = []
    for number, run in enumerate(runs, 1):
        names: dict[str, str] = {}
        for identifier, line in run.exchanges.items():
            if identifier in found and found[identifier] != line:
                names[identifier] = f"{identifier}@{number}"
            name = names.get(identifier, identifier)
            found[name] = {**line, "id": name}
        renamed.append(names)
    return found, renamed


def _verdicts(runs: Sequence[Run], renamed: Sequence[Mapping[str, str]]) -> dict[str, Verdict]:
    found: dict[str, Verdict] = {}
    for run, names in zip(runs, renamed, strict=True):
        for each in run.verdicts:
            verdict = _renamed(each, names)
            other = found.get(verdict.case)
            found[verdict.case] = verdict if other is None else max(other, verdict, key=_weight)
    return found


def _renamed(verdict: Verdict, names: Mapping[str, str]) -> Verdict:
    if not names:
        return verdict
    line = verdict.to_json()
    for finding in line["findings"]:
        finding["exchange"] = names.get(finding["exchange"], finding["exchange"])
    return Verdict.from_json(line)


def _weight(verdict: Verdict) -> tuple[bool, int, str]:
    judged = verdict.outcome not in _NOT_JUDGED
    return judged, SEVERITY.index(verdict.outcome), json.dumps(verdict.to_json(), sort_keys=True)


def _end(runs: Sequence[Run], verdicts: Sequence[Verdict], recount: Recount | None) -> Line | None:
    ends = [run.end for run in runs if run.end is not None]
    if len(ends) < len(runs):
        return None
    totals: dict[str, int] = {}
    for each in verdicts:
        totals[str(each.outcome)] = totals.get(str(each.outcome), 0) + 1
    left = [each for end in ends for each in end.get("left", ())]
    return {
        **ends[0],
        "duration_s": max(each["duration_s"] for each in ends),
        "totals": dict(sorted(totals.items())),
        **{name: sum(each[name] for each in ends) for name in ("requests", "events", "tokens")},
        "coverage": {**_coverage(ends, verdicts), **(recount(verdicts) if recount else {})},
        "exit_status": _exit_status(ends, totals),
        **({"left": left} if left else {}),
    }


def _coverage(ends: Sequence[Line], verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Operations and cases are counted anew; of what lies across shards only the largest share is certain."""
    judged = [each for each in verdicts if each.outcome in {Outcome.PASS, Outcome.WARN, Outcome.FAIL}]
    found: dict[str, Any] = {}
    for name in dict.fromkeys(name for end in ends for name in end["coverage"]):
        shares = [end["coverage"][name] for end in ends if name in end["coverage"]]
        share = {**shares[0], "of": max(each["of"] for each in shares)}
        share["judged"] = max(each["judged"] for each in shares)
        if all("missing" in each for each in shares):
            missing = set.intersection(*(set(each["missing"]) for each in shares))
            share |= {"missing": sorted(missing), "judged": share["of"] - len(missing)}
        found[name] = share
    if "operations" in found:
        found["operations"]["judged"] = len({each.operation for each in judged if each.operation})
        found["operations"].pop("planned", None)
    if "cases" in found:
        found["cases"] |= {"judged": len(judged), "of": sum(end["coverage"]["cases"]["of"] for end in ends)}
    return found


def _exit_status(ends: Sequence[Line], totals: Mapping[str, int]) -> int:
    told = {end["exit_status"] for end in ends}
    if totals.get("error"):
        return 3
    if 1 in told:
        return 1
    judged = any(totals.get(each) for each in ("pass", "warn", "fail", "unsupported"))
    return max(told - {3}, default=0) if judged else 3
