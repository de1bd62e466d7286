"""One response stream: which event goes where, the members of response objects, and the end.

Not in the tables, because it compares members: RESP-001 (unknown types) to RESP-003, RESP-007 to RESP-016, RESP-064,
RESP-071, RESP-075 and what the parts check for themselves (`items`, `parts`, `beside`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from contract.grammar import Context, Machine
from contract.grammars.promised_json import flaw
from contract.grammars.responses.beside import Audio, Code
from contract.grammars.responses.items import Items
from contract.grammars.responses.tables import ALPHABET, ENDS, RESPONSE, SYMBOLS

_OPEN_LIST = "the list of event types is closed here, but later versions of the API have added some"
_MOST = "response.output_text.delta"
#: Types of items that have content parts; None: the item was added without a type, so nothing is said of its events.
_WITH_PARTS = frozenset({"message", None})
_SENTINEL = "neither the schema nor the text forbids it, and many servers send it"


class ResponseStream:
    """The handler of one stream of createResponse."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._machine = Machine(RESPONSE)
        self._items = Items(context)
        self._code = Code(context, self._items.taken)
        self._audio = Audio(context)
        self._constant: dict[str, Any] = {}
        self._sequence: int | None = None
        self._final: Mapping[str, Any] | None = None

    def event(self, name: str | None, value: Any) -> None:
        """One event; `name` is its event field."""
        if name == _MOST and self._machine.state == "working" and value.get("type") == name:
            self._number(value.get("sequence_number"))  # nine events of ten are deltas of an open part
            self._part(name, value)
        else:
            self._rare(name, value)

    def _rare(self, name: str | None, value: Any) -> None:
        kind = value["type"] if isinstance(value.get("type"), str) else ""
        self._names(name, kind)
        self._number(value.get("sequence_number"))
        going = self._machine.state != "ended"
        said = f"{kind or 'an event without a type'} while the response is {self._machine.state}"
        self._machine.step(self._context, SYMBOLS.get(kind, "other"), said)
        if not going or kind not in ALPHABET:
            return
        if "response_id" in value:
            self._same("id", value["response_id"], "RESP-064", "response_id")
        self._dispatch(kind, value)

    def _dispatch(self, kind: str, value: Mapping[str, Any]) -> None:
        _, _, rest = kind.partition(".")
        family = rest.partition(".")[0]
        if "response" in value:
            self._response(kind, value["response"])
        elif family == "output_item":
            (self._items.added if kind.endswith("added") else self._items.done)(value)
        elif family == "function_call_arguments":
            self._items.arguments(kind, value)
        elif family in {"file_search_call", "web_search_call"}:
            self._items.search(kind, value)
        elif family == "code_interpreter_call":
            self._code.event(kind, value)
        elif family == "audio":
            self._audio.event(kind, value)
        elif family in {"content_part", "output_text", "refusal"}:
            self._part(kind, value)

    def _part(self, kind: str, value: Mapping[str, Any]) -> None:
        item = self._items.find(value, kind)
        if item is None:
            return
        if item.kind not in _WITH_PARTS:
            self._context.report("RESP-037", expected="a message item", actual=f"{kind} of a {item.kind} item")
        elif kind == "response.content_part.added":
            item.parts.added(value)
        elif kind == "response.content_part.done":
            item.parts.done(value)
        else:
            item.parts.said(kind, value)

    def _names(self, name: str | None, kind: str) -> None:
        report = self._context.report
        if not kind:
            report("RESP-001", expected="a type", actual="none")
            return
        if kind not in ALPHABET:
            report("RESP-001", expected="a type of ResponseStreamEvent", actual=kind, contested=_OPEN_LIST)
        if name is None:
            report("RESP-002", expected=f"event: {kind}", actual="no event field")
        elif name != kind:
            report("RESP-003", expected=f"event: {kind}", actual=f"event: {name}")

    def _number(self, number: Any) -> None:
        if not isinstance(number, int):
            return
        if self._sequence is not None and number != self._sequence + 1:
            self._context.report("RESP-075", expected=f"sequence_number {self._sequence + 1}", actual=f"{number}")
        self._sequence = number

    def _same(self, member: str, said: Any, rule: str, name: str) -> None:
        """A member that is constant; the first that tells it counts."""
        if said is not None and self._constant.setdefault(member, said) != said:
            self._context.report(rule, expected=f"{name} {self._constant[member]!r}", actual=f"{said!r}")

    def _response(self, kind: str, response: Mapping[str, Any]) -> None:
        for member, rule in (("id", "RESP-008"), ("created_at", "RESP-008"), ("model", "RESP-016")):
            self._same(member, response.get(member), rule, member)
        state = kind.removeprefix("response.")
        due = state if kind in ENDS else "in_progress"
        if response.get("status", due) != due:
            self._context.report("RESP-007", expected=f"status {due!r}", actual=f"{response['status']!r}")
        self._reasons(state, response)
        self._usage(state, response.get("usage"))
        if kind in ENDS:
            self._end(state, response)
        elif response.get("output"):
            self._context.report("RESP-010", expected="output []", actual=f"{len(response['output'])} items")

    def _reasons(self, state: str, response: Mapping[str, Any]) -> None:
        """RESP-011 and RESP-012."""
        error = response.get("error")
        if (error is not None) != (state == "failed"):
            self._context.report("RESP-011", expected="an error iff failed", actual=f"{error!r} in {state}")
        details = response.get("incomplete_details")
        wrong = not (details or {}).get("reason") if state == "incomplete" else details is not None
        if wrong:
            self._context.report("RESP-012", expected="a reason iff incomplete", actual=f"{details!r} in {state}")

    def _usage(self, state: str, usage: Mapping[str, Any] | None) -> None:
        report = self._context.report
        if usage is None:
            if state == "completed":
                report("RESP-013", expected="usage", actual="none")
            return
        if state in {"created", "in_progress"}:
            report("RESP-013", expected="no usage yet", actual=f"{usage}")
        spent, output, total = (usage.get(f"{part}_tokens") for part in ("input", "output", "total"))
        if spent is not None and output is not None and total is not None and spent + output != total:
            report("RESP-014", expected=f"total_tokens {spent + output}", actual=f"{total}")
        limit = self._context.request.get("max_output_tokens")
        if isinstance(limit, int) and output is not None and output > limit:
            report("RESP-015", expected=f"at most {limit} output_tokens", actual=f"{output}")

    def _end(self, state: str, response: Mapping[str, Any]) -> None:
        self._final = response
        self._items.end(state, response.get("output"))
        if state != "completed":
            return
        self._audio.end()
        kind, schema = _format(self._context.request)
        parts = list(_content(response.get("output") or ()))
        if kind is None or any(part.get("type") == "refusal" for part in parts):
            return
        for part in parts:
            if "text" in part and (reason := flaw(part["text"], schema)):
                self._context.report("RESP-071", expected=f"text that is {kind}", actual=reason)

    def sentinel(self, name: str | None) -> None:  # noqa: ARG002 - the engine's protocol
        """`data: [DONE]`: not in the spec, but widely sent."""
        self._context.report("RESP-009", expected="no [DONE]", actual="[DONE]", contested=_SENTINEL)

    def end(self) -> None:
        """The body ended."""
        if self._machine.state == "new":
            self._context.report("RESP-004", expected="response.created", actual="no event")
        self._machine.leave(self._context)

    def accumulated(self) -> Any:
        """The final response object, whose output was compared with what was streamed."""
        return self._final

    def text(self) -> str:
        """The text of the messages."""
        return self._items.text.value


def _format(request: Mapping[str, Any]) -> tuple[str | None, Any]:
    """The JSON format that the request asks for (None: it asks for none) and the schema to match."""
    text = request.get("text")
    wanted = text.get("format") if isinstance(text, Mapping) else None
    if not isinstance(wanted, Mapping) or wanted.get("type") not in ["json_object", "json_schema"]:
        return None, None
    return wanted["type"], None if wanted.get("strict") is False else wanted.get("schema")


def _content(output: Any) -> Iterator[Mapping[str, Any]]:
    """The content parts of the messages of an output."""
    for item in output:
        if item.get("type") == "message":
            yield from item.get("content") or ()
