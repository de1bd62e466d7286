"""Every member of every event is left out, one at a time: its schema says so, and what else follows is known.

A grammar reads members that a broken server may leave out (or that were taken out because they broke their schema).
The golden file holds what is found then: mostly RESP-001 alone, since an event that says less proves no more.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import golden_files
import stream_builders_responses as responses
from stream_cases_responses import ERRING

from contract.rules import RULES
from contract.streams import judge_stream
from contract.verdict import Finding

STREAMS: dict[str, responses.Events] = {
    "citations": responses.citing(),
    "two parts": responses.two_parts(),
    "a refusal": responses.refusing(),
    "two calls": responses.calling(2),
    "a file search": responses.searching("file_search_call"),
    "a web search": responses.searching(),
    "code": responses.coding(),
    "audio": responses.speaking(),
    "an error": ERRING,
    "failed": [*responses.opened(), responses.of("failed")],
    "incomplete": [*responses.opened(), responses.of("incomplete")],
    "JSON": responses.plain('{"a"', ":1}"),
    "reasoning": responses.reasoning(),
}
REQUESTS: dict[str, dict[str, Any]] = {
    "two calls": responses.WITH_TOOLS,
    "JSON": {**responses.REQUEST, "text": {"format": {"type": "json_object"}}},
}
Path = tuple[str, ...]


def members(value: Any, above: Path = ()) -> Iterator[Path]:
    """The paths of the members of an object, and of theirs, down to the third."""
    for key, each in value.items() if isinstance(value, dict) and len(above) < 3 else ():
        yield (*above, key)
        yield from members(each, (*above, key))


def lacking(event: dict[str, Any], path: Path) -> dict[str, Any]:
    """A copy of an event without a member."""
    changed = node = json.loads(json.dumps(event))
    for each in path[:-1]:
        node = node[each]
    del node[path[-1]]
    return changed


def told(each: Finding) -> str:
    """A finding in one line."""
    expected = "" if each.expected == RULES[each.rule].statement else f"{each.expected} -> "
    return f"    {each.rule} at {each.where}: {expected}{each.actual}"[:140]


def lines(name: str) -> Iterator[str]:
    """What is found besides RESP-001 where a member is missing; each type of event once in a stream."""
    events = STREAMS[name]
    request = REQUESTS.get(name, responses.REQUEST)
    met = set()
    for at, event in enumerate(events):
        for path in members(event):
            if (event["type"], path) in met:
                continue
            met.add((event["type"], path))
            body = responses.encoded([*events[:at], lacking(event, path), *events[at + 1 :]])
            found = judge_stream("createResponse", request, 200, "text/event-stream", body)
            more = [each for each in found if each.rule != "RESP-001"]
            if more:
                yield f"  {event['type']} without {'/'.join(map(str, path))}"
                yield from map(told, more)


def test_a_missing_member_is_told_of_and_nothing_is_made_up() -> None:
    """The findings on streams, one member of one event missing."""
    golden_files.check("missing.RESP.txt", "".join(f"{line}\n" for name in STREAMS for line in (name, *lines(name))))
