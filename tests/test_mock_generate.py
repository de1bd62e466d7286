import base64
import io
import json
import math
import struct
import wave
import zlib

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mock_driver import Driver

from contract.draft import Upload
from contract.mock import media, patterns, pictures
from contract.mock import text as texts
from contract.mock.instance import NoInstanceError, instance

CHAT = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Tell me about whales and the sea."}]}
COUNT = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Count from 1 to 10"}]}
WAV = Upload("speech.wav", media.wav(media.pcm(4.0)), "audio/wav")
PNG = Upload("picture.png", media.png(64, 64, alpha=True), "image/png")


@pytest.fixture(scope="module")
def shared():
    """A server for requests that leave nothing."""
    return Driver()


@pytest.fixture
def mock():
    """A fresh server."""
    return Driver()


def said(answer):
    """The texts of a chat completion."""
    return [each["message"]["content"] for each in answer["choices"]]


@given(st.text())
def test_tokens_are_the_text(text):
    """Tokens concatenate to their text, whatever it is."""
    assert "".join(texts.tokenize(text)) == text


def test_the_same_seed_and_request_say_the_same():
    """Two servers with one seed agree, another seed and another prompt differ, ids differ."""
    one, same, other = Driver(seed=7), Driver(seed=7), Driver(seed=8)
    first, again = one.ok("createChatCompletion", body=CHAT), one.ok("createChatCompletion", body=CHAT)
    assert said(first) == said(again) == said(same.ok("createChatCompletion", body=CHAT))
    assert first["id"] != again["id"]
    assert said(other.ok("createChatCompletion", body=CHAT)) != said(first)
    assert said(one.ok("createChatCompletion", body={**CHAT, "seed": 5})) != said(first)


def test_n_and_token_limits_hold(shared):
    """`n` choices that differ, each within its limit; usage is their sum."""
    whole = shared.ok("createChatCompletion", body={**CHAT, "n": 3})
    cut = shared.ok("createChatCompletion", body={**CHAT, "n": 3, "max_completion_tokens": 4})
    assert len(set(said(whole))) == 3
    assert all(long.startswith(short) for long, short in zip(said(whole), said(cut), strict=True))
    assert {each["finish_reason"] for each in cut["choices"]} == {"length"}
    assert cut["usage"]["completion_tokens"] == 12
    assert cut["usage"]["total_tokens"] == cut["usage"]["prompt_tokens"] + 12


def test_stop_ends_before_the_sequence(shared):
    """The text holds no stop sequence and ends where the first would begin."""
    whole = shared.ok("createChatCompletion", body=COUNT)
    cut = shared.ok("createChatCompletion", body={**COUNT, "stop": ["5", "8"]})
    assert said(whole) == ["1, 2, 3, 4, 5, 6, 7, 8, 9, 10"]
    assert said(cut) == ["1, 2, 3, 4, "]
    assert cut["choices"][0]["finish_reason"] == "stop"


def test_logprobs_add_up_to_the_text(shared):
    """Bytes of the tokens are the text's; as many candidates as asked for, the chosen one first, none above 0."""
    answer = shared.ok("createChatCompletion", body={**CHAT, "logprobs": True, "top_logprobs": 3})
    entries = answer["choices"][0]["logprobs"]["content"]
    assert bytes(byte for each in entries for byte in each["bytes"]).decode() == said(answer)[0]
    assert all(len(each["top_logprobs"]) == 3 for each in entries)
    assert all(each["top_logprobs"][0]["token"] == each["token"] for each in entries)
    assert all(each["logprob"] <= 0 for each in entries)
    assert len(entries) == answer["usage"]["completion_tokens"]


TOOLS = [
    {"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": {"a": {}}}}}
    for name in ("get_weather", "find_ship")
]


@pytest.mark.parametrize(
    ("prompt", "options", "called"),
    [
        ("What is the weather?", {}, ["get_weather"]),
        ("What is the weather?", {"tool_choice": "none"}, []),
        ("Hello there", {}, []),
        ("Hello there", {"tool_choice": "required"}, ["get_weather"]),
        ("Hello there", {"tool_choice": {"type": "function", "function": {"name": "find_ship"}}}, ["find_ship"]),
        ("Find the ship and the weather", {}, ["get_weather", "find_ship"]),
        ("Find the ship and the weather", {"parallel_tool_calls": False}, ["get_weather"]),
        ("The weather in Paris and in Tokyo", {}, ["get_weather", "get_weather"]),
    ],
)
def test_tool_choice_decides_what_is_called(shared, prompt, options, called):
    """none, auto, required and a forced function; with parallel calls off at most one."""
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": prompt}], "tools": TOOLS, **options}
    choice = shared.ok("createChatCompletion", body=body)["choices"][0]
    calls = choice["message"].get("tool_calls", [])
    assert [each["function"]["name"] for each in calls] == called
    assert choice["finish_reason"] == ("tool_calls" if called else "stop")
    assert len({each["id"] for each in calls}) == len(calls)


def test_after_a_tool_has_answered_the_model_speaks(shared):
    """The turn after a tool message is text; a tool message without its call is refused."""
    first = shared.ok("createChatCompletion", body={**CHAT, "tools": TOOLS, "tool_choice": "required"})
    message = first["choices"][0]["message"]
    output = {"role": "tool", "tool_call_id": message["tool_calls"][0]["id"], "content": "Rain"}
    turn = {"role": "assistant", "tool_calls": message["tool_calls"]}
    body = {**CHAT, "tools": TOOLS, "messages": [*CHAT["messages"], turn, output]}
    assert shared.ok("createChatCompletion", body=body)["choices"][0]["finish_reason"] == "stop"
    error = shared.refused(400, "createChatCompletion", body={**body, "messages": [*CHAT["messages"], output]})
    assert error["param"] == "messages[1].tool_call_id"


SCHEMAS = [
    {"type": "object", "properties": {"name": {"type": "string"}, "size": {"type": "integer"}}, "required": ["name"]},
    {"type": "object", "properties": {"kind": {"enum": ["a", "b"]}, "list": {"type": "array", "minItems": 2}}},
    {"type": "object", "properties": {"id": {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{2,4}$"}}},
    {"type": "object", "properties": {"when": {"type": "string", "format": "date"}, "n": {"multipleOf": 5}}},
    {"type": "object", "properties": {"v": {"anyOf": [{"type": "null"}, {"type": "number", "exclusiveMinimum": 3}]}}},
    {
        "type": "object",
        "properties": {"value": {"type": "string"}, "next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}},
        "required": ["value", "next"],
        "additionalProperties": False,
    },
    {"allOf": [{"type": "object", "required": ["a"]}, {"properties": {"a": {"type": "boolean"}}}]},
    {"type": "object", "properties": {"u": {"type": "array", "items": {"enum": [1, 2, 3]}, "uniqueItems": True}}},
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_structured_output_is_an_instance_of_its_schema(shared, schema):
    """`response_format` with a schema gives JSON that is valid under it."""
    form = {"type": "json_schema", "json_schema": {"name": "thing", "schema": schema}}
    content = said(shared.ok("createChatCompletion", body={**CHAT, "response_format": form}))[0]
    assert jsonschema_rs.is_valid(schema, json.loads(content))


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "minItems": 10**9},
        {"type": "string", "minLength": 10**9},
        {"type": "string", "pattern": "((a{900}){900}){900}"},
        {"type": "object", "properties": {"a": False}, "required": ["a"]},
        {"$ref": "http://127.0.0.1:9/schema"},
        {"$ref": "file:///etc/passwd"},
    ],
    ids=str,
)
def test_a_schema_without_an_instance_is_refused(schema):
    """Impossible, endless and remote schemas end in a refusal: nothing is fetched, nothing hangs."""
    with pytest.raises(NoInstanceError):
        instance(schema, texts.seed_of(1), ["word"])


@pytest.mark.parametrize("pattern", [r"^\d{3}-\w+$", "(cat|dog)s?", r"[^abc]x{2}", r"(.)\1", "^a*$"])
def test_patterns_get_a_text(pattern):
    """A text in which the pattern is found."""
    import re

    assert all(re.search(pattern, patterns.matching(pattern, texts.seed_of(seed))) for seed in range(20))


def test_a_marked_prompt_is_refused_by_the_model(shared):
    """`[refuse]` makes the model say no: refusal instead of content."""
    message = shared.ok("createChatCompletion", body={**CHAT, "messages": [{"role": "user", "content": "[refuse]"}]})
    assert message["choices"][0]["message"]["content"] is None
    assert message["choices"][0]["message"]["refusal"]


def test_stored_completions_live(mock):
    """Only what was stored is listed; metadata filters, changes and deletion hold; messages page."""
    mock.ok("createChatCompletion", body=CHAT)
    first = mock.ok("createChatCompletion", body={**CHAT, "store": True, "metadata": {"day": "one"}})
    messages = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hi"}]
    second = mock.ok("createChatCompletion", body={**CHAT, "messages": messages, "store": True})
    assert [each["id"] for each in mock.ok("listChatCompletions")["data"]] == [first["id"], second["id"]]
    page = mock.ok("listChatCompletions", limit=1, order="desc")
    assert (page["data"][0]["id"], page["has_more"]) == (second["id"], True)
    assert [each["id"] for each in mock.ok("listChatCompletions", metadata={"day": "one"})["data"]] == [first["id"]]
    where = {"completion_id": second["id"]}
    assert mock.ok("updateChatCompletion", where, {"metadata": {"day": "two"}})["metadata"] == {"day": "two"}
    listed = mock.send("getChatCompletionMessages", where, limit=1).json()
    assert (listed["data"][0]["content"], listed["has_more"]) == ("Be kind.", True)
    rest = mock.send("getChatCompletionMessages", where, after=listed["last_id"]).json()
    assert [each["content"] for each in rest["data"]] == ["Hi"]
    assert mock.ok("deleteChatCompletion", where)["deleted"] is True
    mock.refused(404, "getChatCompletion", where)
    assert [each["id"] for each in mock.ok("listChatCompletions")["data"]] == [first["id"]]


def test_responses_follow_each_other(mock):
    """History counts as input, `store: false` is not retrievable, a deleted response is no predecessor."""
    first = mock.ok("createResponse", body={"model": "gpt-4o", "input": "Hello"})
    follow = {"model": "gpt-4o", "input": "More", "previous_response_id": first["id"]}
    second = mock.ok("createResponse", body=follow)
    alone = mock.ok("createResponse", body={"model": "gpt-4o", "input": "More", "store": False})
    assert second["usage"]["input_tokens"] > alone["usage"]["input_tokens"]
    assert second["previous_response_id"] == first["id"]
    mock.refused(404, "getResponse", {"response_id": alone["id"]})
    assert mock.send("deleteResponse", {"response_id": first["id"]}).status_code == 200
    mock.refused(404, "getResponse", {"response_id": first["id"]})
    assert mock.refused(400, "createResponse", body=follow)["code"] == "previous_response_not_found"


def test_input_items_page_and_come_back_as_items(mock):
    """Texts become messages with parts; ids are cursors; outputs of functions keep their call."""
    items = [
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": "two"},
        {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "call_1", "output": "three"},
    ]
    made = mock.ok("createResponse", body={"model": "gpt-4o", "input": items})
    where = {"response_id": made["id"]}
    listed = mock.ok("listInputItems", where)["data"]
    assert [each["type"] for each in listed] == ["message", "message", "function_call", "function_call_output"]
    assert listed[0]["content"] == [{"type": "input_text", "text": "one"}]
    assert listed[1]["content"][0]["type"] == "output_text"
    assert mock.ok("listInputItems", where, after=listed[1]["id"])["data"] == listed[2:]
    assert mock.ok("listInputItems", where, order="desc", limit=1)["data"] == listed[-1:]
    again = [{"type": "item_reference", "id": listed[0]["id"]}]
    assert mock.ok("createResponse", body={"model": "gpt-4o", "input": again})["status"] == "completed"
    lost = [{"type": "item_reference", "id": "msg_none"}]
    mock.refused(404, "createResponse", body={"model": "gpt-4o", "input": lost})


def test_truncation_decides_about_too_much_input(shared):
    """More than the context is refused, unless truncation is `auto`."""
    body = {"model": "gpt-4o", "input": "word " * 130_000}
    assert shared.refused(400, "createResponse", body=body)["code"] == "context_length_exceeded"
    assert shared.ok("createResponse", body={**body, "truncation": "auto"})["usage"]["input_tokens"] == 128_000


def test_embeddings_are_unit_vectors_of_the_size_asked_for(shared):
    """`dimensions` and `encoding_format` hold, base64 is the same floats, near texts are near."""
    body = {"model": "text-embedding-3-small", "input": ["red ship", "red ships", "blue sky"], "dimensions": 256}
    answer = shared.ok("createEmbedding", body=body)
    vectors = [each["embedding"] for each in answer["data"]]
    packed = shared.ok("createEmbedding", body={**body, "encoding_format": "base64"})["data"][0]["embedding"]
    assert [len(each) for each in vectors] == [256] * 3
    assert all(math.isclose(sum(x * x for x in each), 1, abs_tol=1e-5) for each in vectors)
    assert list(struct.unpack("<256f", base64.b64decode(packed))) == vectors[0]
    near, far = (sum(a * b for a, b in zip(vectors[0], other, strict=True)) for other in vectors[1:])
    assert near > far
    ids = shared.ok("createEmbedding", body={**body, "input": [[1, 2], [3]]})
    assert ids["usage"] == {"prompt_tokens": 3, "total_tokens": 3}


def test_moderation_judges_every_category(shared):
    """A violent text is flagged as violence only; images apply to the categories that take them."""
    result = shared.ok("createModeration", body={"input": "I will kill you"})["results"][0]
    assert result["flagged"] is True
    assert [name for name, hit in result["categories"].items() if hit] == ["violence"]
    parts = [{"type": "text", "text": "sun"}, {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}}]
    both = shared.ok("createModeration", body={"input": parts})["results"][0]
    assert both["flagged"] is False
    assert both["category_applied_input_types"]["violence"] == ["text", "image"]
    assert both["category_applied_input_types"]["hate"] == ["text"]
    assert len(shared.ok("createModeration", body={"input": ["a", "b"]})["results"]) == 2


@pytest.mark.parametrize(("model", "size"), [("dall-e-2", "256x256"), ("dall-e-3", "1792x1024")])
def test_images_are_png_of_their_size(shared, model, size):
    """The bytes are a PNG whose header and data have the size asked for."""
    body = {"prompt": "A ship", "model": model, "size": size, "response_format": "b64_json"}
    content = base64.b64decode(shared.ok("createImage", body=body)["data"][0]["b64_json"])
    width, height, _ = media.png_size(content)
    assert f"{width}x{height}" == size
    start = content.index(b"IDAT")
    length = struct.unpack(">I", content[start - 4 : start])[0]
    assert len(zlib.decompress(content[start + 4 : start + 4 + length])) == (3 * width + 1) * height


MAGIC = {
    "mp3": (b"\xff\xfb", "audio/mpeg"),
    "opus": (b"OggS", "audio/ogg"),
    "aac": (b"\xff\xf1", "audio/aac"),
    "flac": (b"fLaC", "audio/flac"),
    "wav": (b"RIFF", "audio/wav"),
    "pcm": (b"\x00\x00", "audio/pcm"),
}


@pytest.mark.parametrize("kind", MAGIC)
def test_speech_is_real_bytes_of_its_format(shared, kind):
    """Each declared format begins as its files do; a longer text lasts longer."""
    body = {"model": "tts-1", "voice": "alloy", "input": "A short text.", "response_format": kind}
    short = shared.send("createSpeech", body=body)
    long = shared.send("createSpeech", body={**body, "input": "A longer text. " * 12})
    assert short.headers["content-type"] == MAGIC[kind][1]
    assert short.content.startswith(MAGIC[kind][0])
    assert len(long.content) > len(short.content)
    assert "transfer-encoding" not in short.headers


def test_wav_opens_with_the_standard_library():
    """The WAV says how long it is."""
    with wave.open(io.BytesIO(WAV.content)) as file:
        assert (file.getnframes() / file.getframerate(), file.getnchannels()) == (4.0, 1)


def test_every_frame_of_mp3_aac_and_ogg_is_whole():
    """Frames follow each other exactly; Ogg pages carry their checksum."""
    mp3, aac, opus = (media.speech("one two three", kind) for kind in ("mp3", "aac", "opus"))
    assert all(mp3[at : at + 2] == b"\xff\xfb" for at in range(0, len(mp3), 288))
    length = (aac[3] & 3) << 11 | aac[4] << 3 | aac[5] >> 5
    assert len(aac) % length == 0
    assert all(aac[at : at + 2] == b"\xff\xf1" for at in range(0, len(aac), length))
    assert opus.count(b"OggS") == 3
    assert opus.index(b"OpusHead") == 28


def test_transcripts_come_in_every_format(shared):
    """JSON, text, subtitles and the verbose form tell the same words, with times inside the recording."""
    body = {"file": WAV, "model": "whisper-1"}
    text = shared.ok("createTranscription", body=body)["text"]
    told = {
        kind: shared.send("createTranscription", body={**body, "response_format": kind})
        for kind in ("text", "srt", "vtt")
    }
    assert told["text"].text.strip() == text
    assert told["srt"].text.startswith("1\n00:00:00,000 --> ")
    assert told["vtt"].text.startswith("WEBVTT\n\n00:00:00.000 --> ")
    wanted = {"response_format": "verbose_json", "timestamp_granularities[]": ["word", "segment"]}
    verbose = shared.ok("createTranscription", body={**body, **wanted})
    assert verbose["duration"] == 4.0
    assert "".join(each["text"] for each in verbose["segments"]).strip() == text
    assert verbose["words"][-1]["end"] <= 4.0
    assert shared.ok("createTranslation", body=body)["text"]


def test_realtime_sessions_reflect_the_request(shared):
    """What was sent comes back, the rest has its documented default, the secret ends soon."""
    body = {"voice": "verse", "temperature": 0.9, "turn_detection": {"type": "semantic_vad", "eagerness": "low"}}
    session = shared.ok("create-realtime-session", body=body)
    assert (session["voice"], session["temperature"], session["turn_detection"]["eagerness"]) == ("verse", 0.9, "low")
    assert "threshold" not in session["turn_detection"]
    assert session["input_audio_format"] == "pcm16"
    assert session["client_secret"]["expires_at"] > shared.clock.moment
    assert shared.ok("create-realtime-transcription-session", body={})["input_audio_transcription"]


def _strict(**changes):
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    return [{"type": "function", "function": {"name": "f", "strict": True, "parameters": {**schema, **changes}}}]


def _user(*parts):
    return {"messages": [{"role": "user", "content": list(parts)}]}


REFUSED = [
    ("createChatCompletion", {"metadata": {str(number): "" for number in range(17)}}, "metadata"),
    ("createChatCompletion", {"metadata": {"k" * 65: ""}}, "metadata"),
    ("createChatCompletion", {"metadata": {"k": "v" * 513}}, "metadata.k"),
    ("createChatCompletion", {"top_logprobs": 1}, "top_logprobs"),
    ("createChatCompletion", {"modalities": ["text", "audio"]}, "audio"),
    ("createChatCompletion", {"logit_bias": {"5": 101}}, "logit_bias"),
    ("createChatCompletion", {"logit_bias": {"five": 1}}, "logit_bias"),
    ("createChatCompletion", {"stream_options": {"include_usage": True}}, "stream_options"),
    ("createChatCompletion", {"max_tokens": 0}, "max_tokens"),
    ("createChatCompletion", {"tools": TOOLS * 65}, "tools"),
    ("createChatCompletion", {"messages": [{"role": "assistant"}]}, "messages[0].content"),
    ("createChatCompletion", {"tools": [{"type": "function", "function": {"name": "a b"}}]}, "tools[0].function.name"),
    ("createChatCompletion", {"tools": _strict()}, "tools[0].function.parameters"),
    ("createChatCompletion", {"tools": _strict(additionalProperties=False)}, "tools[0].function.parameters"),
    ("createChatCompletion", {"tools": TOOLS, "functions": [{"name": "f"}]}, "functions"),
    ("createChatCompletion", {"tool_choice": "required"}, "tool_choice"),
    ("createChatCompletion", _user({"type": "image_url", "image_url": {"url": "ftp://a/b.png"}}), "messages[0]"),
    ("createCompletion", {"best_of": 1, "n": 2}, "best_of"),
    ("createCompletion", {"best_of": 2, "stream": True}, "best_of"),
    ("createEmbedding", {"input": ""}, "input"),
    ("createEmbedding", {"input": ["a", ""]}, "input"),
    ("createEmbedding", {"model": "text-embedding-ada-002", "dimensions": 3}, "dimensions"),
    ("createModeration", {"input": []}, "input"),
    ("createImage", {"model": "dall-e-3", "n": 2}, "n"),
    ("createImage", {"prompt": "p" * 1001}, "prompt"),
    ("createImage", {"size": "1792x1024"}, "size"),
    ("createImage", {"model": "dall-e-3", "size": "256x256"}, "size"),
    ("createImage", {"quality": "hd"}, "quality"),
    ("createImageEdit", {"model": "dall-e-3"}, "model"),
    ("createImageEdit", {"image": Upload("a.png", media.png(64, 32, alpha=True))}, "image"),
    ("createImageEdit", {"image": Upload("a.png", media.png(64, 64))}, "image"),
    ("createImageEdit", {"mask": Upload("a.png", media.png(32, 32))}, "mask"),
    ("createImageVariation", {"image": Upload("a.png", b"no picture")}, "image"),
    ("createSpeech", {"instructions": "slowly"}, "instructions"),
    ("createTranscription", {"timestamp_granularities[]": ["word"]}, "timestamp_granularities[]"),
    ("createTranscription", {"temperature": 1.5}, "temperature"),
    ("createTranscription", {"language": "english"}, "language"),
    ("createTranscription", {"file": Upload("a.txt", b"x")}, "file"),
    ("createTranscription", {"model": "gpt-4o-transcribe", "response_format": "srt"}, "response_format"),
    ("createTranslation", {"model": "gpt-4o-transcribe"}, "model"),
    ("create-realtime-session", {"temperature": 0.5}, "temperature"),
    ("create-realtime-session", {"max_response_output_tokens": 4097}, "max_response_output_tokens"),
    ("create-realtime-session", {"turn_detection": {"eagerness": "low"}}, "turn_detection.eagerness"),
    ("createResponse", {"tool_choice": {"type": "function", "name": "f"}}, "tool_choice"),
    ("createResponse", {"max_output_tokens": 0}, "max_output_tokens"),
    ("createResponse", {"text": {"format": {"type": "json_schema", "name": "a b", "schema": {}}}}, "text.format.name"),
    (
        "createResponse",
        {"tools": [{"type": "web_search_preview", "user_location": {"type": "approximate", "country": "Mars"}}]},
        "tools[0].user_location.country",
    ),
]
MINIMAL = {
    "createChatCompletion": CHAT,
    "createCompletion": {"model": "gpt-3.5-turbo-instruct", "prompt": "Hello"},
    "createEmbedding": {"model": "text-embedding-3-small", "input": "Hello"},
    "createModeration": {"input": "Hello"},
    "createImage": {"prompt": "Hello"},
    "createImageEdit": {"prompt": "Hello", "image": PNG},
    "createImageVariation": {"image": PNG},
    "createSpeech": {"model": "tts-1", "voice": "alloy", "input": "Hello"},
    "createTranscription": {"file": WAV, "model": "whisper-1"},
    "createTranslation": {"file": WAV, "model": "whisper-1"},
    "create-realtime-session": {},
    "createResponse": {"model": "gpt-4o", "input": "Hello"},
}


@pytest.mark.parametrize(("operation", "change", "param"), REFUSED, ids=lambda each: str(each)[:60])
def test_what_the_prose_forbids_is_refused(shared, operation, change, param):
    """A request that its schema admits and its description does not is 400 at the place that breaks the rule."""
    error = shared.refused(400, operation, body={**MINIMAL[operation], **change})
    assert error["param"] == param


@pytest.mark.parametrize("operation", MINIMAL)
def test_the_minimal_request_is_accepted(shared, operation):
    """What is refused above is refused for its change alone."""
    assert shared.send(operation, body=MINIMAL[operation]).status_code == 200


def test_responses_search_the_files_of_a_vector_store(mock):
    """A forced file search finds the stored text, cites its file, and shows results only where they are asked for."""
    file = mock.ok("createFile", body={"file": Upload("sea.txt", b"Whales sing in the sea."), "purpose": "assistants"})
    store = mock.ok("createVectorStore", body={"file_ids": [file["id"]]})
    mock.wait(60)
    tool = {"type": "file_search", "vector_store_ids": [store["id"]]}
    body = {"model": "gpt-4o", "input": "What do whales sing?", "tools": [tool], "tool_choice": {"type": "file_search"}}
    call, message = mock.ok("createResponse", body=body)["output"]
    assert (call["type"], call["results"]) == ("file_search_call", None)
    assert message["content"][0]["annotations"][0]["file_id"] == file["id"]
    shown = mock.ok("createResponse", body={**body, "include": ["file_search_call.results"]})["output"][0]
    assert shown["results"][0]["filename"] == "sea.txt"
    assert "Whales" in shown["results"][0]["text"]
    names = [name for name, _ in mock.stream("createResponse", body=body)]
    searched = [name for name in names if "file_search_call" in name]
    assert [name.rpartition(".")[2] for name in searched] == ["in_progress", "searching", "completed"]
    assert "response.output_text.annotation.added" in names
    unknown = {**body, "tools": [{**tool, "vector_store_ids": ["vs_none"]}]}
    mock.refused(404, "createResponse", body=unknown)


def test_web_search_options_bring_citations(shared):
    """A chat that searches the web cites what it found, inside its text."""
    message = shared.ok("createChatCompletion", body={**CHAT, "web_search_options": {}})["choices"][0]["message"]
    citation = message["annotations"][0]["url_citation"]
    assert 0 <= citation["start_index"] < citation["end_index"] <= len(message["content"])
    plain = shared.ok("createChatCompletion", body=CHAT)["choices"][0]["message"]
    assert plain["annotations"] == []


def test_an_image_link_leads_to_the_picture():
    """A link is answered by the server itself: a PNG of the size asked for, without a key; other paths are not."""
    url = "http://mock:1/pictures/512x512/3a7bd5/img-1.png"
    assert pictures.link({"host": "mock:1"}, "img-1", "512x512", 0x3A7BD5) == url
    found = pictures.find("GET", "/pictures/512x512/3a7bd5/img-1.png")
    assert (found.media_type, media.png_size(found.content)[:2]) == ("image/png", (512, 512))
    assert pictures.find("POST", "/pictures/512x512/3a7bd5/img-1.png") is None
    assert pictures.find("GET", "/pictures/9999x9999/3a7bd5/img-1.png") is None


def test_a_dimension_is_at_most_the_models_own(shared):
    """More dimensions than the model has are refused: 3072 for the large model, 1536 for the small one."""
    for model, most in (("text-embedding-3-large", 3072), ("text-embedding-3-small", 1536)):
        body = {"model": model, "input": "word"}
        assert len(shared.ok("createEmbedding", body={**body, "dimensions": most})["data"][0]["embedding"]) == most
        refused = shared.refused(400, "createEmbedding", body={**body, "dimensions": most + 1})
        assert refused["param"] == "dimensions"


def test_max_tokens_is_none_of_the_o_series(shared):
    """The o-series takes `max_completion_tokens` and refuses `max_tokens` (openapi.yaml:17942)."""
    body = {"model": "o1", "messages": CHAT["messages"]}
    refused = shared.refused(400, "createChatCompletion", body={**body, "max_tokens": 9})
    assert (refused["param"], refused["code"]) == ("max_tokens", "unsupported_parameter")
    shared.ok("createChatCompletion", body={**body, "max_completion_tokens": 99})


def test_what_a_response_names_is_there(mock):
    """An unknown vector store or file is 404; the output of a call that the response before did not make is 400."""
    tool = {"type": "file_search", "vector_store_ids": ["vs_none"]}
    mock.refused(404, "createResponse", body={"model": "gpt-4o", "input": "hello", "tools": [tool]})
    part = {"type": "input_file", "file_id": "file-none"}
    mock.refused(404, "createResponse", body={"model": "gpt-4o", "input": [{"role": "user", "content": [part]}]})
    part = {"type": "file", "file": {"file_id": "file-none"}}
    mock.refused(404, "createChatCompletion", body={**CHAT, "messages": [{"role": "user", "content": [part]}]})
    before = mock.ok("createResponse", body={"model": "gpt-4o", "input": "hello"})["id"]
    stray = {"type": "function_call_output", "call_id": "call_none", "output": "22"}
    mock.refused(400, "createResponse", body={"model": "gpt-4o", "input": [stray], "previous_response_id": before})
