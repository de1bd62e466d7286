"""Prose rules of chat and legacy completions, embeddings and moderations. Ids as `contract rules` lists them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from contract.mock.errors import invalid
from contract.mock.handlers.embeddings import DEFAULT_DIMENSIONS, DIMENSIONS
from contract.mock.handlers.files import file_of
from contract.mock.handlers.rules_values import check_metadata
from contract.mock.kernel import Call, rule
from contract.mock.wanted import reasons

_MAX_TOOLS = 128
_MAX_ARRAY = 2048
_SCHEMES = ("http://", "https://", "data:")


@rule("createChatCompletion", "updateChatCompletion", "createResponse")
def metadata_fits(call: Call) -> None:
    """META-1 to META-3."""
    check_metadata(call.body)


@rule("createChatCompletion", "createCompletion")
def logit_bias_fits(call: Call) -> None:
    """CHAT-5, CHAT-6, COMP-5: token ids, biases from -100 to 100."""
    for token, value in (call.body.get("logit_bias") or {}).items():
        if not (token.isascii() and token.isdecimal()):
            raise invalid(f"Invalid key in 'logit_bias': '{token[:50]}' is no token id.", "logit_bias")
        if not -100 <= value <= 100:
            raise invalid(f"Invalid 'logit_bias': {value} is not between -100 and 100.", "logit_bias")


@rule("createChatCompletion", "createCompletion")
def stream_options_need_stream(call: Call) -> None:
    """CHAT-7."""
    if call.body.get("stream_options") is not None and not call.body.get("stream"):
        raise invalid("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options")


@rule("createChatCompletion")
def options_fit_each_other(call: Call) -> None:
    """CHAT-1 to CHAT-4, CHAT-32, and token limits that leave room for an answer."""
    body = call.body
    if body.get("max_tokens") is not None and reasons(body["model"]):
        text = "'max_tokens' is not supported with this model: use 'max_completion_tokens'."
        raise invalid(text, "max_tokens", "unsupported_parameter")
    if body.get("top_logprobs") is not None and body.get("logprobs") is not True:
        raise invalid("'top_logprobs' needs 'logprobs' to be true.", "top_logprobs")
    if "audio" in (body.get("modalities") or ()) and not body.get("audio"):
        raise invalid("Missing required parameter: 'audio' (the modalities ask for audio).", "audio")
    if len(body.get("tools") or ()) > _MAX_TOOLS:
        raise invalid(f"Invalid 'tools': at most {_MAX_TOOLS} are allowed.", "tools", "array_above_max_length")
    if (body.get("functions") or body.get("function_call")) and (body.get("tools") or body.get("tool_choice")):
        raise invalid("'functions' cannot stand beside 'tools': it is the older form of the same.", "functions")
    for name in ("max_tokens", "max_completion_tokens"):
        if body.get(name) is not None and body[name] < 1:
            raise invalid(f"Invalid '{name}': integer below minimum value 1.", name, "integer_below_min_value")


@rule("createChatCompletion")
def choice_names_a_tool(call: Call) -> None:
    """A forced function is one of those offered; `required` needs one."""
    body = call.body
    for name, offered in (("tool_choice", body.get("tools")), ("function_call", body.get("functions"))):
        choice = body.get(name)
        names = [each.get("function", each)["name"] for each in offered or ()]
        if isinstance(choice, Mapping):
            wanted = choice.get("function", choice)["name"]
            if wanted not in names:
                raise invalid(f"Invalid '{name}': no function '{wanted[:64]}' is offered.", name)
        elif choice == "required" and not names:
            raise invalid("'tool_choice' is 'required' and no tools are offered.", name)


@rule("createChatCompletion")
def messages_say_something(call: Call) -> None:
    """CHAT-9, CHAT-10, CHAT-20, CHAT-31."""
    called: set[str] = set()
    for index, message in enumerate(call.body["messages"]):
        place = f"messages[{index}]"
        if message["role"] == "assistant":
            _check_assistant(message, place)
            called |= {each["id"] for each in message.get("tool_calls") or ()}
        elif message["role"] == "tool" and message["tool_call_id"] not in called:
            text = "a message of the role 'tool' must answer one of the 'tool_calls' before it"
            raise invalid(f"Invalid '{place}.tool_call_id': {text}.", f"{place}.tool_call_id")
        for url in _images(message):
            if not url.startswith(_SCHEMES):
                raise invalid(f"Invalid '{place}': an image needs an http(s) or data URL.", place, "invalid_image_url")


def _check_assistant(message: Mapping[str, Any], place: str) -> None:
    content = message.get("content")
    if content is None and not (message.get("tool_calls") or message.get("function_call") or message.get("audio")):
        if not message.get("refusal"):
            raise invalid(f"Missing required parameter: '{place}.content'.", f"{place}.content")
    elif isinstance(content, list):
        kinds = [part["type"] for part in content]
        if "refusal" in kinds and len(kinds) > 1:
            raise invalid(f"Invalid '{place}.content': texts, or exactly one refusal.", f"{place}.content")


def _images(message: Mapping[str, Any]) -> Iterator[str]:
    for part in message["content"] if isinstance(message.get("content"), list) else ():
        if part["type"] == "image_url":
            yield part["image_url"]["url"]


@rule("createChatCompletion")
def files_are_there(call: Call) -> None:
    """A file that a message names by its id is uploaded."""
    for index, message in enumerate(call.body["messages"]):
        for part in message["content"] if isinstance(message.get("content"), list) else ():
            if part["type"] == "file" and part["file"].get("file_id"):
                file_of(call, part["file"]["file_id"], f"messages[{index}].content")


@rule("createCompletion")
def best_of_fits(call: Call) -> None:
    """COMP-1, COMP-2, COMP-3."""
    body = call.body
    best = body.get("best_of")
    if best is not None and best < (body.get("n") or 1):
        raise invalid("'best_of' must not be smaller than 'n'.", "best_of")
    if best is not None and best > 1 and body.get("stream"):
        raise invalid("Results of 'best_of' above 1 cannot be streamed.", "best_of")
    if body.get("suffix") and not body["model"].startswith("gpt-3.5-turbo-instruct"):
        raise invalid("'suffix' is only supported by gpt-3.5-turbo-instruct.", "suffix")


@rule("createEmbedding")
def embedding_input_fits(call: Call) -> None:
    """EMB-1, EMB-2, EMB-4."""
    body = call.body
    given = body["input"]
    for each in given if isinstance(given, list) else [given]:
        if each == "":
            raise invalid("Invalid 'input': it cannot be an empty string.", "input")
        if isinstance(each, list) and len(each) > _MAX_ARRAY:
            raise invalid(f"Invalid 'input': an array may have {_MAX_ARRAY} tokens.", "input")
    if body.get("dimensions") is not None:
        if body["model"] == "text-embedding-ada-002":
            raise invalid("This model does not support specifying dimensions.", "dimensions")
        most = DIMENSIONS.get(body["model"], DEFAULT_DIMENSIONS)
        if body["dimensions"] > most:
            raise invalid(f"Invalid 'dimensions': {body['model']} has at most {most}.", "dimensions")


@rule("createModeration")
def moderation_input_is_there(call: Call) -> None:
    """MODR-1: something to judge; images for the omni models only."""
    given = call.body["input"]
    if given == []:
        raise invalid("Invalid 'input': it cannot be an empty array.", "input")
    images = isinstance(given, list) and any(isinstance(each, dict) for each in given)
    if images and not (call.body.get("model") or "omni").startswith("omni"):
        raise invalid("Multimodal input needs an omni-moderation model.", "input")
