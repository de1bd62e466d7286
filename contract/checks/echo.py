"""What was sent comes back: members that an object has from the request that made or changed it.

Only operations and members whose text says that the object keeps what was sent, one row each; null, `auto` and what is
empty leave the value to the server, and a server may fill in defaults beside what was sent.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from contract.case import Expect, Kind
from contract.checks.made import asked, finding, required, told
from contract.exchange import Exchange
from contract.operation import Operation
from contract.rules import Rule, register
from contract.spec import Spec
from contract.verdict import Finding, Keyword
from contract.wording import shorten

register(
    Rule(
        "body/echo",
        Keyword.MUST,
        "An object keeps what the request that made or changed it says of it.",
        "openapi.yaml:24044 (metadata), 14602 (AssistantObject), 31326 (RunObject) and the other objects",
        "Store every member of the request that the object has, and answer it as it was sent.",
        "body",
    ),
)
_RUN = (
    "assistant_id instructions metadata max_prompt_tokens max_completion_tokens parallel_tool_calls tools "
    "truncation_strategy response_format temperature top_p"
)
_ASSISTANT = "name description instructions metadata tools tool_resources response_format temperature top_p"
_SESSION = "input_audio_format input_audio_transcription turn_detection modalities"
#: Operation -> members of the request that the object in the answer has too.
KEPT: Mapping[str, frozenset[str]] = {
    name: frozenset(members.split())
    for name, members in {
        "createAssistant": _ASSISTANT,
        "modifyAssistant": _ASSISTANT,
        "createThread": "metadata tool_resources",
        "modifyThread": "metadata tool_resources",
        "createMessage": "role metadata attachments",
        "modifyMessage": "metadata",
        "createRun": _RUN,
        "createThreadAndRun": _RUN,
        "modifyRun": "metadata",
        "createVectorStore": "name metadata expires_after",
        "modifyVectorStore": "name metadata expires_after",
        "createVectorStoreFile": "attributes chunking_strategy",
        "updateVectorStoreFileAttributes": "attributes",
        "createBatch": "input_file_id endpoint completion_window metadata",
        "createFineTuningJob": "training_file validation_file seed metadata hyperparameters method integrations",
        "createUpload": "filename purpose bytes",
        "updateChatCompletion": "metadata",
        "createResponse": "instructions max_output_tokens metadata parallel_tool_calls previous_response_id reasoning "
        "tools tool_choice text truncation user temperature top_p",
        "create-realtime-session": f"{_SESSION} instructions voice output_audio_format temperature",
        "create-realtime-transcription-session": _SESSION,
        "inviteUser": "email role projects",
        "create-project": "name",
        "modify-project": "name",
        "create-project-user": "role",
        "modify-project-user": "role",
        "modify-user": "role",
        "create-project-service-account": "name",
        "admin-api-keys-create": "name",
        "update-project-rate-limits": "max_requests_per_1_minute max_tokens_per_1_minute max_images_per_1_minute "
        "max_audio_megabytes_per_1_minute max_requests_per_1_day batch_1_day_max_input_tokens",
    }.items()
}
#: A model may know no such knob, and its server says so by another value.
KNOBS = frozenset({"temperature", "top_p", "parallel_tool_calls"})
#: A response has these in common with its request (openapi.yaml:30784), where each promises an effect; that the object
#: tells of it is promised of `metadata` and of the previous response alone.
_EFFECTS = frozenset(
    {"instructions", "max_output_tokens", "reasoning", "tools", "tool_choice", "text", "truncation", "user"}
)
#: Objects with keys of the client's own.
_MAPS = frozenset({"metadata", "attributes"})
#: Objects of which every key must come back: those, and ids by tool.
_WHOLE = _MAPS | {"tool_resources"}
#: Members whose absence is a loss, though no schema requires them.
_MISSED = _MAPS | {"expires_after"}


def check(spec: Spec, operation: Operation, exchange: Exchange, expect: Expect) -> Iterator[Finding]:
    """Judge the success of a request that made or changed an object."""
    if operation.id not in KEPT or expect.kind not in {Kind.MINIMAL, Kind.VALID}:
        return
    value, sent = told(spec, exchange), asked(exchange)
    if not isinstance(value, dict) or not isinstance(sent, dict):
        return
    absent = required(spec, f"{operation.pointer}/responses/200/content/application~1json/schema") - value.keys()
    for name, wanted, came in differences(operation.id, sent, value):
        if name in absent:
            continue  # the check of bodies tells
        yield finding(
            "body/echo",
            spec,
            exchange,
            expected=shorten(str(wanted), 200),
            actual=shorten(str(came), 200),
            where=f"/{name}",
            keyword=None if name in value and firm(operation.id, name) else Keyword.SHOULD,
        )


def firm(operation: str, name: str) -> bool:
    """True where the spec promises that the object tells what the request said, False where it may know better."""
    return name not in KNOBS and not (operation == "createResponse" and name in _EFFECTS)


def differences(operation: str, sent: Mapping[str, Any], value: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Name, value sent and value of the object, of the members that did not come back."""
    for name in sorted(KEPT.get(operation, frozenset()) & sent.keys() & (value.keys() | _MISSED)):
        seen = _SEEN.get(name, _as_it_is)
        wanted, came = seen(sent[name]), seen(value.get(name))
        if name == "instructions" and sent.get("additional_instructions") and str(wanted) in str(came):
            continue  # the additional ones stand behind them (openapi.yaml:20026)
        if not _within(wanted, came, whole=name in _WHOLE):
            yield name, wanted, came


def _as_it_is(value: Any) -> Any:
    return value


def _tools(value: Any) -> Any:
    """Type and function of each tool: the rest has defaults."""
    if not isinstance(value, list):
        return None
    named = [(each.get("type"), each.get("function") or each) for each in value if isinstance(each, dict)]
    return [(kind, more.get("name") if isinstance(more, dict) else None) for kind, more in named]


def _format(value: Any) -> Any:
    """The type of a format; text is the default and has several spellings."""
    kind = value.get("type") if isinstance(value, dict) else None
    return kind if kind != "text" else None


def _texted(value: Any) -> Any:
    """The format of `text`."""
    return _format(value.get("format")) if isinstance(value, dict) else None


def _files(value: Any) -> Any:
    """The files of attachments."""
    return [each.get("file_id") for each in value if isinstance(each, dict)] if isinstance(value, list) else None


def _held(value: Any) -> Any:
    """Ids that tools may use; a request can also ask for a new vector store."""
    if not isinstance(value, dict):
        return None
    lists = {"code_interpreter": "file_ids", "file_search": "vector_store_ids"}
    held = {tool: value[tool].get(name) for tool, name in lists.items() if isinstance(value.get(tool), dict)}
    return {tool: each for tool, each in held.items() if each}


def _set(value: Any) -> Any:
    """A list without an order."""
    return sorted(map(str, value)) if isinstance(value, list) else value


#: Members of which only a part is compared.
_SEEN: Mapping[str, Callable[[Any], Any]] = {
    "tools": _tools,
    "response_format": _format,
    "text": _texted,
    "attachments": _files,
    "modalities": _set,
    "tool_resources": _held,
}


def _within(sent: Any, came: Any, *, whole: bool = False) -> bool:
    """True where what was sent came back, defaults beside it or not.

    `whole`: every key of an object comes back; else those that the answer has, too, as of what stands in either.
    """
    if sent in (None, "auto", "", [], {}):
        return True
    if isinstance(sent, dict):
        if sent.get("type") == "auto":
            return True
        keys = sent.keys() if whole else sent.keys() & (came.keys() if isinstance(came, dict) else ())
        return isinstance(came, dict) and all(_within(sent[key], came.get(key)) for key in keys)
    if isinstance(sent, list):
        return isinstance(came, list) and len(came) == len(sent) and all(map(_within, sent, came))
    if isinstance(sent, int | float) and not isinstance(sent, bool) and isinstance(came, int | float):
        return math.isclose(sent, came, rel_tol=1e-6, abs_tol=1e-9)
    return bool(sent == came)
