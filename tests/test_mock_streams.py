import asyncio
import socket

import httpx
import pytest
from mock_driver import Driver, parsed, the_spec

from contract.mock.server import Running, listen
from contract.streams import judge_stream

USER = [{"role": "user", "content": "What's the weather in Paris and in Tokyo?"}]
FUNCTION = {
    "name": "get_weather",
    "parameters": {
        "type": "object",
        "properties": {"location": {"type": "string"}},
        "required": ["location"],
        "additionalProperties": False,
    },
}
TOOLS = [{"type": "function", "function": FUNCTION}]
FLAT = [{"type": "function", "strict": True, **FUNCTION}]
SCHEMA = {"type": "json_schema", "json_schema": {"name": "place", "schema": FUNCTION["parameters"], "strict": True}}

CHAT = [
    {},
    {"n": 3},
    {"max_tokens": 5, "n": 2},
    {"logprobs": True, "top_logprobs": 2},
    {"logprobs": True, "n": 2},
    {"tools": TOOLS},
    {"tools": TOOLS, "parallel_tool_calls": False},
    {"tools": TOOLS, "tool_choice": "none"},
    {"tools": TOOLS, "tool_choice": "required", "n": 2},
    {"tools": TOOLS, "tool_choice": {"type": "function", "function": {"name": "get_weather"}}},
    {"tools": TOOLS, "max_tokens": 6},
    {"functions": [FUNCTION]},
    {"functions": [FUNCTION], "function_call": {"name": "get_weather"}},
    {"response_format": {"type": "json_object"}},
    {"response_format": SCHEMA},
    {"response_format": SCHEMA, "max_tokens": 2},
    {"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "pcm16"}},
    {"messages": [{"role": "user", "content": "[refuse] this"}], "logprobs": True},
    {"messages": [{"role": "user", "content": "Count from 1 to 10"}], "stop": ["5", "never"]},
    {"model": "o1", "reasoning_effort": "low"},
    {"model": "o1", "max_completion_tokens": 10},
    {"service_tier": "auto"},
    {"web_search_options": {}},
    {"logit_bias": {"1": 100}, "max_tokens": 7},
    {"store": True, "metadata": {"a": "b"}},
]
COMPLETIONS = [
    {},
    {"n": 2},
    {"prompt": ["a", "b b"], "n": 2},
    {"prompt": [[1], [2, 3]]},
    {"prompt": [1, 2, 3], "echo": True},
    {"echo": True, "logprobs": 3},
    {"logprobs": 0},
    {"max_tokens": 0},
    {"max_tokens": 0, "echo": True, "logprobs": 1},
    {"prompt": "Count from 1 to 10", "stop": "5", "max_tokens": 50},
    {"suffix": "the end"},
]
RESPONSES = [
    {},
    {"tools": FLAT},
    {"tools": FLAT, "parallel_tool_calls": False},
    {"tools": FLAT, "tool_choice": "required"},
    {"tools": FLAT, "tool_choice": {"type": "function", "name": "get_weather"}},
    {"tools": FLAT, "tool_choice": "none"},
    {"tools": FLAT, "max_output_tokens": 5},
    {"model": "o3-mini", "reasoning": {"effort": "low", "generate_summary": "concise"}},
    {"model": "o3-mini", "max_output_tokens": 20},
    {"max_output_tokens": 5},
    {"tools": [{"type": "web_search_preview"}], "input": "Search the web for whales"},
    {"tools": [{"type": "web_search_preview"}], "tool_choice": {"type": "web_search_preview"}},
    {
        "tools": [
            {"type": "computer_use_preview", "display_width": 1, "display_height": 2, "environment": "mac"},
        ],
        "tool_choice": "required",
    },
    {"input": "[refuse] this"},
    {"text": {"format": {"type": "json_schema", "name": "place", "schema": FUNCTION["parameters"]}}},
    {"text": {"format": {"type": "json_object"}}},
    {"input": [{"role": "user", "content": [{"type": "input_text", "text": "Say hi"}]}], "metadata": {"a": "b"}},
]


@pytest.fixture(scope="module")
def mock():
    """One server for streams that leave nothing that another would see."""
    return Driver()


def chat_choices(events):
    """Content, refusal, calls and finish reason of each choice, from a stream's chunks."""
    found = {}
    for _, data in events:
        for entry in data["choices"] if isinstance(data, dict) else ():
            choice = found.setdefault(entry["index"], {"content": "", "refusal": "", "calls": {}, "reason": None})
            delta = entry["delta"]
            choice["content"] += delta.get("content") or delta.get("audio", {}).get("transcript", "")
            choice["refusal"] += delta.get("refusal") or ""
            for call in delta.get("tool_calls", ()):
                kept = choice["calls"].setdefault(call["index"], [call["function"].get("name"), ""])
                kept[1] += call["function"]["arguments"]
            if "function_call" in delta:
                kept = choice["calls"].setdefault(0, [delta["function_call"].get("name"), ""])
                kept[1] += delta["function_call"]["arguments"]
            choice["reason"] = entry["finish_reason"] or choice["reason"]
    return found


def chat_message(message):
    """The same of a plain answer's message."""
    calls = [each["function"] for each in message.get("tool_calls", ())] or [message.get("function_call")]
    return {
        "content": message["content"] or message.get("audio", {}).get("transcript", ""),
        "refusal": message["refusal"] or "",
        "calls": {index: [each["name"], each["arguments"]] for index, each in enumerate(calls) if each},
    }


@pytest.mark.parametrize("change", CHAT, ids=str)
@pytest.mark.parametrize("usage", [False, True])
def test_chat_streams_are_right_and_say_what_the_plain_answer_says(mock, change, usage):
    """No finding of the chat grammar; the accumulated choices are those of the request without `stream`."""
    body = {"model": "gpt-4o", "messages": USER, **change}
    plain = mock.ok("createChatCompletion", body=body)
    options = {"stream_options": {"include_usage": True}} if usage else {}
    events = mock.stream("createChatCompletion", body={**body, **options})
    told = {
        each["index"]: {**chat_message(each["message"]), "reason": each["finish_reason"]} for each in plain["choices"]
    }
    assert chat_choices(events) == told
    if usage:
        assert events[-2][1]["usage"] == plain["usage"]


@pytest.mark.parametrize("change", COMPLETIONS, ids=str)
@pytest.mark.parametrize("usage", [False, True])
def test_completion_streams_are_right_and_say_what_the_plain_answer_says(mock, change, usage):
    """No finding of the completions grammar; texts, finish reasons and usage are those of the plain answer."""
    body = {"model": "gpt-3.5-turbo-instruct", "prompt": "Tell me of whales", **change}
    plain = mock.ok("createCompletion", body=body)
    options = {"stream_options": {"include_usage": True}} if usage else {}
    events = mock.stream("createCompletion", body={**body, **options})
    texts = {}
    for _, data in events:
        for entry in data["choices"] if isinstance(data, dict) else ():
            texts[entry["index"]] = texts.get(entry["index"], "") + entry["text"]
    assert texts == {each["index"]: each["text"] for each in plain["choices"]}
    if usage:
        assert events[-2][1]["usage"] == plain["usage"]


def nameless(value):
    """An item without the ids that are new in every answer."""
    if isinstance(value, dict):
        return {name: nameless(each) for name, each in value.items() if name not in {"id", "call_id"}}
    return [nameless(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("change", RESPONSES, ids=str)
def test_response_streams_are_right_and_end_in_the_plain_answer(mock, change):
    """No finding of the responses grammar; the final response has the plain answer's output, status and usage."""
    body = {"model": "gpt-4o", "input": USER[0]["content"], **change}
    plain = mock.ok("createResponse", body=body)
    name, last = mock.stream("createResponse", body=body)[-1]
    final = last["response"]
    assert name == last["type"] == f"response.{plain['status']}"
    for member in ("output", "status", "usage", "incomplete_details"):
        assert nameless(final[member]) == nameless(plain[member])
    assert mock.ok("getResponse", {"response_id": final["id"]}) == final


@pytest.mark.parametrize("logprobs", [False, True])
def test_transcripts_stream_for_the_models_that_can(mock, logprobs):
    """gpt-4o-transcribe streams the text of its plain answer; whisper-1 does not heed `stream`."""
    from contract.draft import Upload
    from contract.mock import media

    file = Upload("speech.wav", media.wav(media.pcm(3.0)), "audio/wav")
    body = {"file": file, "model": "gpt-4o-mini-transcribe"}
    body |= {"include[]": ["logprobs"]} if logprobs else {}
    plain = mock.ok("createTranscription", body=body)
    sent = mock.send("createTranscription", body={**body, "stream": True})
    asked = {**body, "file": "", "stream": True}
    assert judge_stream("createTranscription", asked, 200, sent.headers["content-type"], sent.content) == []
    assert parsed(sent.content)[-1][1]["text"] == plain["text"]
    whisper = mock.send("createTranscription", body={"file": file, "model": "whisper-1", "stream": True})
    assert whisper.headers["content-type"] == "application/json"


def test_streams_arrive_in_pieces_over_a_socket():
    """A real server sends event by event, without a length and with the right media type."""
    body = {"model": "gpt-4o", "messages": USER, "stream": True, "n": 2}
    with Running() as running:
        headers = {"Authorization": "Bearer key"}
        with httpx.stream("POST", f"{running.url}/chat/completions", json=body, headers=headers) as response:
            assert "content-length" not in response.headers
            assert response.headers["transfer-encoding"] == "chunked"
            pieces = list(response.iter_raw())
        kind = response.headers["content-type"]
    assert len(pieces) > 5
    assert judge_stream("createChatCompletion", body, 200, kind, b"".join(pieces), spec=the_spec()) == []


def test_a_client_that_hangs_up_ends_a_stream_that_never_does(monkeypatch):
    """An endless stream stops when nobody listens, and others are answered beside it."""
    from contract.mock.kernel import REGISTRY, Events
    from contract.mock.streaming import sse

    sent = []

    def endless():
        while True:
            sent.append(1)
            yield sse({"more": True})

    server = Driver()
    monkeypatch.setitem(REGISTRY.handlers, ("stateful", "listModels"), lambda _call: Events(endless()))

    async def hang_up():
        received = asyncio.Queue()
        await received.put({"type": "http.request", "body": b""})

        async def send(_message):
            if len(sent) == 100:
                await received.put({"type": "http.disconnect"})

        scope = {
            "type": "http",
            "method": "GET",
            "path": "/v1/models",
            "query_string": b"",
            "headers": [(b"authorization", b"Bearer key")],
        }
        await asyncio.wait_for(server.mock(scope, received.get, send), 5)

    asyncio.run(hang_up())
    assert 100 <= len(sent) < 200


def test_small_writes_go_out_at_once():
    """The sockets of a served mock are ones for which asyncio turns Nagle's algorithm off: no 40 ms an answer."""

    async def nodelay():
        accepted = asyncio.get_running_loop().create_future()

        async def took(_, writer):
            taken = writer.get_extra_info("socket")
            accepted.set_result(taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        server = await asyncio.start_server(took, sock=listen("127.0.0.1", 0))
        async with server:
            _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.close()
            return await accepted

    assert asyncio.run(nodelay())
