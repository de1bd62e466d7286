"""For each MUST and SHOULD of tool calls and log probabilities of chat streams: a breaking stream and its twin."""

from __future__ import annotations

import json

from stream_builders_chat import (
    LOGPROBS,
    STRICT_TOOL,
    TOOLS,
    calls,
    case,
    chunk,
    finish,
    hello,
    more,
    no_key,
    opens,
    role,
    scored,
    token,
    weather,
)

TOOL_CALLS = [
    case("CHAT-022", calls(no_key(opens(), "index")), weather(), **TOOLS),
    case("CHAT-022", calls({**opens(), "index": "0"}), weather(), note="a string", **TOOLS),
    case("CHAT-022", calls({**opens(), "index": None}), weather(), note="null", **TOOLS),
    case(
        "CHAT-022",
        [role(), chunk({"tool_calls": [no_key(opens(), "index"), opens()]}), *weather()[2:]],
        [role(), chunk({"tool_calls": [opens(), opens(1, "call_2"), more("", 1)]}), *weather()[2:]],
        note="beside right ones",
        **TOOLS,
    ),
    case("CHAT-023", calls(opens(1)), calls(opens(0)), **TOOLS),
    case(
        "CHAT-023",
        calls(opens(0), opens(2, "call_2")),
        calls(opens(0), opens(1, "call_2")),
        note="a gap",
        **TOOLS,
    ),
    case("CHAT-024", calls(no_key(opens(), "id")), calls(opens()), note="id", **TOOLS),
    case("CHAT-024", calls(no_key(opens(), "type")), calls(opens()), note="type", **TOOLS),
    case("CHAT-024", calls({**opens(), "function": {"arguments": ""}}), calls(opens()), note="name", **TOOLS),
    case("CHAT-024", calls(more("{}")), calls(opens()), note="all three", **TOOLS),
    case("CHAT-024", calls(more("{}"), {"index": 0}), calls(opens(), {"index": 0}), note="once", **TOOLS),
    case("CHAT-024", calls(more("{}"), opens()), calls(opens(), more("{}")), note="late, not repeated", **TOOLS),
    case("CHAT-025", calls(opens(), {**more("{}"), "id": "call_1"}), weather(), note="id", **TOOLS),
    case("CHAT-025", calls(opens(), opens(arguments="{}")), weather(), note="all three", **TOOLS),
    case("CHAT-025", calls(*2 * [no_key(opens(), "id")]), weather(), note="without an id", **TOOLS),
    *(
        case("CHAT-025", calls(opens(), {"index": 0, **again}), weather(), note=f"{again}", **TOOLS)
        for again in ({"type": "function"}, {"function": {"name": "get_weather"}})
    ),
    case(
        "CHAT-025",
        calls(no_key(opens(), "id"), {"index": 0, "id": "call_1"}, {"index": 0, "type": "function"}),
        calls(opens(), {"index": 0}, {"index": 0, "function": {}}),
        note="after a late id",
        **TOOLS,
    ),
    case("CHAT-026", calls(opens(), {**more("{}"), "id": "call_2"}), weather(), note="changes", **TOOLS),
    case("CHAT-026", calls(opens(), opens(1)), calls(opens(), opens(1, "call_2")), note="shared", **TOOLS),
    case("CHAT-027", weather('{"city":'), weather('{"city":"a"}'), tools=[STRICT_TOOL], note="no JSON"),
    case("CHAT-027", weather('{"town":"a"}'), weather('{"city":"a"}'), tools=[STRICT_TOOL], note="schema"),
    case("CHAT-028", weather(), weather(), twin_request=TOOLS, note="no tools"),
    case("CHAT-028", weather(), weather(), **TOOLS, tool_choice="none", twin_request={"tool_choice": "auto"}),
    case("CHAT-029", calls(opens(), opens(1, "call_2")), calls(opens()), **TOOLS, parallel_tool_calls=False),
]

SCORES = [
    case("CHAT-040", hello(), [role(), scored("hi", token("hi")), finish()], **LOGPROBS),
    case(
        "CHAT-041",
        [role(), scored("hi", token("ho")), finish()],
        [role(), scored("hi", token("h"), token("i")), finish()],
        **LOGPROBS,
    ),
    case(
        "CHAT-041",
        [role(), scored("\0", token("\0", octets=b"")), finish()],
        [role(), scored("\0", token("\0")), finish()],
        note="NUL",
        **LOGPROBS,
    ),
    case(
        "CHAT-041",
        [role(), scored("h", {**token("h"), "bytes": [256]}), finish()],
        [role(), scored("h", {**token("h"), "bytes": [float(ord("h"))]}), finish()],
        note="no byte",
        **LOGPROBS,
    ),
    case(
        "CHAT-041",
        [role(), scored("h", token("h")), scored("i", token("o")), finish()],
        [role(), scored("h", token("h")), scored("i", {**token("o"), "bytes": None}), finish()],
        note="a token without bytes cannot be compared",
        **LOGPROBS,
    ),
    case(
        "CHAT-041",
        [role(), json.dumps(scored("\ud800", token("x"))), finish()],
        [role(), json.dumps(scored("\ud800", token("x", octets=b"\xed\xa0\x80"))), finish()],
        note="half a surrogate pair",
        **LOGPROBS,
    ),
    case(
        "CHAT-042",
        [role(), scored("hi", token("hi")), finish()],
        [role(), scored("hi", token("hi")), finish()],
        twin_request=LOGPROBS,
    ),
    case(
        "CHAT-043",
        [role(), scored("hi", token("hi", top=2)), finish()],
        [role(), scored("hi", token("hi", top=1)), finish()],
        **LOGPROBS,
    ),
    case(
        "CHAT-044",
        [role(), scored("hi", token("hi", 0.5)), finish()],
        [role(), scored("hi", token("hi", 0)), finish()],
        **LOGPROBS,
    ),
    case(
        "CHAT-044",
        [role(), chunk({"refusal": "no"}, logprobs={"content": None, "refusal": [token("no", 0.5)]}), finish()],
        [role(), chunk({"refusal": "no"}, logprobs={"content": None, "refusal": [token("no")]}), finish()],
        note="of a refusal",
        **LOGPROBS,
    ),
]
