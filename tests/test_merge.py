from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest
import report_sample as sample

from contract.errors import UsageError
from contract.verdict import Finding, Keyword, Outcome, Verdict
from reports import commands, merge, record
from reports.record import Run


@pytest.fixture
def whole(tmp_path: Path) -> Run:
    """The sample as one run."""
    return record.read(sample.write(tmp_path / "whole.jsonl"))


def _shards(whole: Run, number: int) -> list[Run]:
    shards = []
    for index in range(number):
        mine = [each for place, each in enumerate(whole.verdicts) if place % number == index]
        cases = {each.case for each in mine}
        options = whole.header["options"] | {"shard": f"{index + 1}/{number}"}
        header = whole.header | {"options": options, "planned": [each.case for each in mine]}
        exchanges = {name: line for name, line in whole.exchanges.items() if line["case"] in cases}
        end = sample.end(requests=index, duration_s=float(index)) | {"exit_status": 1}
        shards.append(Run(header, exchanges, tuple(mine), end))
    return shards


def test_shards_give_the_verdicts_of_one_run(whole: Run) -> None:
    """Records of shards, in any order, merge to the verdicts, exchanges and totals of the whole."""
    merged = {str(merge.merge(order)) for order in permutations(_shards(whole, 3))}
    assert len(merged) == 1
    one = merge.merge(_shards(whole, 4))
    assert sorted(each.case for each in one.verdicts) == sorted(each.case for each in whole.verdicts)
    assert {each.case: each for each in one.verdicts} == {each.case: each for each in whole.verdicts}
    assert one.exchanges == whole.exchanges
    assert sorted(one.header["planned"]) == sorted(whole.header["planned"])
    assert one.end is not None
    assert whole.end is not None
    assert one.end["totals"] == dict(sorted(whole.end["totals"].items()))
    assert (one.end["requests"], one.end["duration_s"], one.end["exit_status"]) == (6, 3.0, 3)
    assert "shard" not in one.header["options"]


def test_a_shard_that_was_cut_off_leaves_the_whole_without_an_end(whole: Run) -> None:
    """Without an end in every shard the merged run was cut off as well."""
    first, second = _shards(whole, 2)
    assert merge.merge([first, replace(second, end=None)]).end is None


@pytest.mark.parametrize(
    ("one", "two", "wins"),
    [
        ("skipped", "pass", "pass"),
        ("inconclusive", "fail", "fail"),
        ("pass", "fail", "fail"),
        ("warn", "pass", "warn"),
        ("skipped", "inconclusive", "inconclusive"),
    ],
)
def test_a_case_of_two_shards_counts_once(whole: Run, one: str, two: str, wins: str) -> None:
    """A judgement beats none and the worse verdict wins, whichever record comes first."""
    runs = [
        replace(shard, verdicts=(Verdict("a/b", "a", Outcome(outcome), "why"),), exchanges={})
        for shard, outcome in zip(_shards(whole, 2), (one, two), strict=True)
    ]
    for order in (runs, runs[::-1]):
        assert [str(each.outcome) for each in merge.merge(order).verdicts] == [wins]


def test_exchanges_with_the_same_id_stay_apart(whole: Run) -> None:
    """Two shards may name different exchanges alike: both are kept and findings follow their own."""
    shards = []
    for index, shard in enumerate(_shards(whole, 2)):
        line = dict(whole.exchanges["x-models"], id="x1", elapsed_s=float(index))
        finding = Finding("R", Keyword.MUST, "s", exchange="x1")
        verdict = Verdict(f"a/{index}", "a", Outcome.FAIL, None, (finding,))
        shards.append(replace(shard, exchanges={"x1": line}, verdicts=(verdict,)))
    merged = merge.merge(shards)
    for each in merged.verdicts:
        name = each.findings[0].exchange
        assert name is not None
        assert merged.exchanges[name]["elapsed_s"] == float(each.case[-1])
        assert merged.exchanges[name]["id"] == name


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 8},
        {"suite": "9"},
        {"spec": {"title": "", "version": "", "sha256": "other", "path": ""}},
        {"target": {"url": "https://other.example/v1", "profile": "full", "models": []}},
        {"options": {"depth": "smoke", "workers": 1}},
    ],
)
def test_records_of_different_runs_are_refused(whole: Run, change: dict[str, object]) -> None:
    """Another seed, suite, spec, target or option is named in one line."""
    other = replace(whole, header=whole.header | change)
    with pytest.raises(UsageError, match="not of one run"):
        merge.merge([whole, other])
    with pytest.raises(UsageError, match="no record to merge"):
        merge.merge([])


def test_coverage_is_joined_where_it_can_be(whole: Run) -> None:
    """What is missing in every shard is missing; a recount counts before the shards do."""
    shards = _shards(whole, 2)
    for shard, missing in zip(shards, (["a", "b"], ["b", "c"]), strict=True):
        assert shard.end is not None
        shard.end["coverage"] = {"events": {"judged": 1, "of": 3, "missing": missing}}
    end = merge.merge(shards).end
    assert end is not None
    assert end["coverage"] == {"events": {"judged": 2, "of": 3, "missing": ["b"]}}
    end = merge.merge(shards, lambda verdicts: {"cases": {"judged": len(verdicts), "of": 99}}).end
    assert end is not None
    assert end["coverage"]["cases"] == {"judged": len(whole.verdicts), "of": 99}
    assert end["coverage"]["events"] == {"judged": 2, "of": 3, "missing": ["b"]}


def test_the_command_writes_one_record(whole: Run, tmp_path: Path) -> None:
    """The merged record is a record again, and none of those it came from is overwritten."""
    paths = []
    for index, shard in enumerate(_shards(whole, 2)):
        paths.append(tmp_path / f"{index}.jsonl")
        with record.Writer(paths[-1]) as writer:
            for line in shard.lines():
                writer.write(line)
    merged = commands.merge(paths, tmp_path / "out" / "run.jsonl")
    assert record.read(tmp_path / "out" / "run.jsonl") == merged
    with pytest.raises(UsageError, match="is one of the records"):
        commands.merge(paths, paths[0])
