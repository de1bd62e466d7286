"""For each MUST and SHOULD of completion streams: a stream that breaks it and its twin."""

from __future__ import annotations

from typing import Any

from stream_builders_chat import COUNTED, ERROR, NOTHING, USAGE, altered, stream, without
from stream_case import StreamCase, sse

HEAD: dict[str, Any] = {"id": "cmpl-1", "object": "text_completion", "created": 1742601600, "model": "model-1"}


def chunk(text: str, reason: str | None = None, index: int = 0, logprobs: Any = None, **more: Any) -> dict[str, Any]:
    """One chunk with one entry; `more` are members of the chunk."""
    entry = {"text": text, "index": index, "logprobs": logprobs, "finish_reason": reason}
    return {**HEAD, **more, "choices": [entry]}


def text(*pieces: str, index: int = 0, reason: str = "stop") -> list[Any]:
    """A whole choice."""
    return [*(chunk(each, index=index) for each in pieces or ("This", " is")), chunk("", reason, index)]


def several(count: int) -> list[Any]:
    """Choices one after the other."""
    return [each for index in range(count) for each in text(index=index)]


def counted(chunks: list[Any], usage: Any = USAGE) -> list[Any]:
    """`chunks` as include_usage wants them: null, then the usage chunk."""
    return [*({**each, "usage": None} for each in chunks), {**HEAD, "choices": [], "usage": usage}]


def scores(*tokens: str, at: int = 0, top: int = 1) -> dict[str, Any]:
    """The four parallel arrays."""
    offsets = [at + len("".join(tokens[:number])) for number in range(len(tokens))]
    return {
        "tokens": list(tokens),
        "token_logprobs": [-0.5] * len(tokens),
        "top_logprobs": [{f"t{number}": -0.5 for number in range(top)}] * len(tokens),
        "text_offset": offsets,
    }


def scored(logprobs: Any) -> list[Any]:
    """A choice whose text `This is` comes with logprobs."""
    return [chunk("This is", logprobs=logprobs), chunk("", "stop")]


def case(  # the parts of a case, by name
    rule: str,
    breaking: list[Any] | bytes,
    twin: list[Any] | bytes,
    *,
    note: str = "",
    twin_request: Any = None,
    **asked: Any,
) -> StreamCase:
    """A case of createCompletion; `asked` are members of the request."""
    request = {"model": "model-1", "prompt": "Say", "stream": True, **asked}
    return StreamCase(
        rule,
        "createCompletion",
        breaking if isinstance(breaking, bytes) else stream(breaking),
        twin if isinstance(twin, bytes) else stream(twin),
        request,
        twin_request=None if twin_request is None else {**request, **twin_request},
        note=note,
    )


#: Two pieces of one choice in one chunk.
BOTH = {**HEAD, "choices": [*chunk("a")["choices"], *chunk("b")["choices"]]}
SPLIT = scores("This", " is")

CASES = [
    case("CMPL-001", altered(text(), 0, model=None), text(), note="model null"),
    case("CMPL-001", [chunk("a", "abort")], [chunk("a", "stop")], note="finish_reason unknown"),
    case("CMPL-001", [{**HEAD, "choices": [{"index": 0, "text": "a", "logprobs": None}]}, *text()], text()),
    case("CMPL-001", without(text(), 0, "created"), text(), note="no created"),
    case("CMPL-001", counted(text(), {**USAGE, "total_tokens": "9"}), counted(text()), note="usage", **COUNTED),
    case(
        "CMPL-001",
        counted(text(), {**NOTHING, "completion_tokens": "4"}),
        counted(text(), NOTHING),
        note="completion_tokens where none are allowed",
        **COUNTED,
        max_tokens=0,
    ),
    case("CMPL-002", stream(text(), done=False), text()),
    case("CMPL-002", stream(counted(text()), done=False), counted(text()), note="after the usage", **COUNTED),
    case("CMPL-003", sse([("completion", each) for each in text()]) + b"data: [DONE]\n\n", text()),
    case("CMPL-003", stream(text(), done=False) + b"event: end\ndata: [DONE]\n\n", text(), note="the sentinel's too"),
    case("CMPL-004", altered(text(), 1, id="cmpl-2"), text()),
    case("CMPL-005", altered(text(), 1, created=1), text()),
    case("CMPL-006", altered(text(), 1, object="chat.completion.chunk"), text()),
    case("CMPL-006", without(text(), 1, "object"), text(), note="missing"),
    case("CMPL-007", altered(text(), 1, model="model-2"), text()),
    case("CMPL-008", text(), several(2), note="missing", n=2),
    case("CMPL-008", several(129), several(130), note="the last of many", prompt=["a"] * 130),
    case("CMPL-008", text(), several(52), note="all but one of many", prompt=["a"] * 52),
    case("CMPL-008", several(2), text(), note="outside"),
    case("CMPL-008", several(3), several(4), note="two prompts", prompt=["a", "b"], n=2),
    case("CMPL-008", several(2), text(), note="token ids are one prompt", prompt=[1, 2]),
    case("CMPL-008", text(), several(2), note="arrays of ids are prompts", prompt=[[1, 2], [3]]),
    case("CMPL-009", text()[:-1], text()),
    case("CMPL-010", [*text(), chunk("", "stop")], [*text(), chunk("")], note="an empty entry is none"),
    case("CMPL-011", [*text(), chunk("more")], text()),
    case("CMPL-011", [*text(), BOTH], [BOTH, *text()], note="in one chunk"),
    case("CMPL-012", counted(text())[:-1], counted(text()), **COUNTED),
    case("CMPL-012", [*counted(text()), counted(text())[-1]], counted(text()), note="twice", **COUNTED),
    case("CMPL-013", [chunk("a"), *counted(text())], counted(text()), **COUNTED),
    case("CMPL-014", altered(text(), -1, usage=USAGE), text()),
    case("CMPL-014", altered(text(), -1, usage=USAGE), altered(text(), -1, usage=None), note="null says nothing"),
    case("CMPL-015", [{**HEAD, "choices": []}, *text()], text()),
    case("CMPL-016", counted(text(), {**USAGE, "total_tokens": 8}), counted(text()), **COUNTED),
    case(
        "CMPL-016",
        counted(text(), {**USAGE, "total_tokens": 10}),
        counted(text(), {**USAGE, "prompt_tokens_details": {"cached_tokens": 6}}),
        note="its details have no rule",
        **COUNTED,
    ),
    case("CMPL-017", scored({**SPLIT, "text_offset": [0]}), scored(SPLIT), logprobs=0),
    case("CMPL-018", scored(scores("This is", top=4)), scored(scores("This is", top=3)), logprobs=2),
    case("CMPL-019", scored(SPLIT), scored(None), note="not asked for"),
    case("CMPL-019", scored(None), scored(SPLIT), note="asked for", logprobs=0),
    case("CMPL-020", scored(scores("This", " was")), scored(SPLIT), note="tokens", logprobs=0),
    case("CMPL-020", scored({**SPLIT, "text_offset": [4, 0]}), scored(SPLIT), note="offsets", logprobs=0),
    case(
        "CMPL-020",
        scored(scores("This", " was")),
        [chunk("", logprobs=scores()), chunk("This", logprobs=scores("This")), *scored(scores("bytes:\\xe2", at=4))],
        note="pieces of characters",
        logprobs=0,
    ),
    *(
        case(
            "CMPL-020",
            scored({name: array for name, array in scores("This", " was").items() if name in ("tokens", kept)}),
            scored({name: array for name, array in SPLIT.items() if name != kept}),
            note=f"{kept} may be missing",
            logprobs=0,
        )
        for kept in SPLIT
    ),
    case("CMPL-021", text("Tell", " me"), text("Sa", "y what"), echo=True),
    *(
        case(
            "CMPL-021",
            several(count),
            several(count),
            note=f"{count} prompts of unknown text",
            echo=True,
            prompt=["a"] * count,
            twin_request={"prompt": ids},
        )
        for count, ids in ((1, [1, 2]), (2, [[1, 2], [3]]))
    ),
    case(
        "CMPL-021",
        [*text("a one"), *text("a two", index=1)],
        [*text("a one"), *text("b two", index=1)],
        note="second prompt",
        echo=True,
        prompt=["a", "b"],
    ),
    case("CMPL-022", text(), text(), best_of=2, twin_request={"best_of": 1}),
    case("CMPL-023", text("one EN", "D"), text("one EN", "d"), stop=["END"]),
    case(
        "CMPL-023", text("Say END"), text("Say END"), stop="END", twin_request={"echo": True}, note="echo may hold it"
    ),
    case("CMPL-024", counted(text()), counted(text()), **COUNTED, max_tokens=3, twin_request={"max_tokens": 4}),
    case(
        "CMPL-024",
        counted(text(), {"prompt_tokens": 1, "completion_tokens": 17, "total_tokens": 18}),
        counted(text(), {"prompt_tokens": 1, "completion_tokens": 16, "total_tokens": 17}),
        note="16 where it is absent",
        **COUNTED,
    ),
    case("CMPL-060", stream([chunk("a"), {"error": "boom"}]), stream([chunk("a"), ERROR])),
    case("CMPL-060", stream([chunk("a"), ERROR, chunk("b")]), stream([chunk("a"), ERROR]), note="goes on"),
    case(
        "CMPL-060",
        [*counted(text()), ERROR, chunk("b", usage=None)],
        [*counted(text()), ERROR],
        note="goes on after the usage",
        **COUNTED,
    ),
]
