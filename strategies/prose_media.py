"""Images and audio: what a model takes and what it does not."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from strategies.prose import Row, Values
from strategies.prose_tools import drop, get, length, listed, longer, model, number, outside, put, update

IMAGE = ("createImage",)
EDIT = ("createImageEdit",)
VARIATION = ("createImageVariation",)
SPEECH = ("createSpeech",)
TRANSCRIPTION = ("createTranscription",)
TRANSLATION = ("createTranslation",)
_SIZES = {
    "dall-e-2": ("256x256", "512x512", "1024x1024"),
    "dall-e-3": ("1024x1024", "1792x1024", "1024x1792"),
}
#: Sizes that the other model has.
_OTHER = {"dall-e-2": ("1792x1024", "1024x1792"), "dall-e-3": ("256x256", "512x512")}
_LIMITS = {"dall-e-2": 1000, "dall-e-3": 4000}
_DEFAULT = "dall-e-2"
_LANGUAGE = re.compile("[a-z]{2}")
_SLOW = frozenset({"tts-1", "tts-1-hd"})


def _image_model(values: Values) -> str:
    return model(values, _DEFAULT)


def _many(values: Values) -> bool:
    count = get(values.body, "n")
    return _image_model(values) == "dall-e-3" and number(count) and count != 1


def _long_prompt(values: Values) -> bool:
    return length(get(values.body, "prompt")) > _LIMITS.get(_image_model(values), 1 << 30)


def _size_of(name: str) -> Callable[[Values], bool]:
    def broken(values: Values) -> bool:
        size = get(values.body, "size")
        return isinstance(size, str) and _image_model(values) == name and size in _OTHER[name]

    return broken


def _fit_size(values: Values) -> None:
    """A larger size asks for the model that has it; a smaller one for the other."""
    if values.operation != "createImage":
        values.body["size"] = "1024x1024"
        return
    if "quality" in values.body or "style" in values.body:  # dall-e-3 alone has these
        values.body["size"] = "1024x1024"
        return
    values.body["model"] = "<model image>" if values.body["size"] in _SIZES["dall-e-2"] else "<model image-3>"


def _third(values: Values) -> None:
    values.body["model"] = "<model image-3>"


def _only_third(name: str) -> Callable[[Values], bool]:
    def broken(values: Values) -> bool:
        return get(values.body, name) is not None and _image_model(values) == "dall-e-2"

    return broken


def _other_than(name: str) -> Callable[[Values], bool]:
    """True for a model of the original other than the only one: a server's own names are left alone."""

    def broken(values: Values) -> bool:
        chosen = model(values, name)
        return chosen != name and bool(re.match(r"dall-e-|whisper-|gpt-4o-", chosen))

    return broken


def _instructed(values: Values) -> bool:
    return get(values.body, "instructions") is not None and model(values) in _SLOW


def _timed(values: Values) -> bool:
    wanted = get(values.body, "timestamp_granularities[]")
    return bool(wanted) and get(values.body, "response_format") != "verbose_json"


def _format(values: Values) -> Any:
    return get(values.body, "response_format") or "json"


def _with_logprobs(values: Values) -> bool:
    return "logprobs" in listed(get(values.body, "include[]")) and _format(values) != "json"


def _json_only(values: Values) -> bool:
    return bool(re.match(r"gpt-4o(-mini)?-transcribe", model(values))) and _format(values) != "json"


def _language(values: Values) -> bool:
    code = get(values.body, "language")
    return isinstance(code, str) and not _LANGUAGE.fullmatch(code)


def _foreign(values: Values) -> bool:
    text = get(values.body, "prompt")
    return isinstance(text, str) and not text.isascii()


def _verbose(values: Values) -> None:
    values.body["response_format"] = "verbose_json"
    values.body.pop("include[]", None)
    values.body["model"] = "<model transcription>"


ROWS = (
    Row("IMG-1", IMAGE, _many, put("n", 1), update(model="<model image-3>", n=2)),
    Row("IMG-2", IMAGE, _long_prompt, put("prompt", "A white cat"), put("prompt", "<text 1001>")),
    Row("IMG-3", IMAGE, _size_of("dall-e-2"), _fit_size, put("size", "1792x1024")),
    Row("IMG-4", IMAGE, _size_of("dall-e-3"), _fit_size, update(model="<model image-3>", size="256x256")),
    Row("IMG-5", IMAGE, _only_third("quality"), _third, put("quality", "hd")),
    Row("IMG-6", IMAGE, _only_third("style"), _third, put("style", "vivid")),
    Row("IMG-7", EDIT, longer("prompt", 1000), put("prompt", "A white cat"), put("prompt", "<text 1001>")),
    Row("IMG-11", EDIT, _other_than("dall-e-2"), drop("model"), put("model", "dall-e-3")),
    Row("IMG-12", VARIATION, _other_than("dall-e-2"), drop("model"), put("model", "dall-e-3")),
    Row(
        "IMG-14",
        VARIATION,
        _many,
        put("n", 1),
        update(model="dall-e-3", n=2),
        also=("IMG-12",),
    ),
    Row("AUD-1", SPEECH, _instructed, drop("instructions"), update(model="tts-1", instructions="Speak slowly.")),
    Row(
        "AUD-2",
        TRANSCRIPTION,
        _timed,
        _verbose,
        update(**{"timestamp_granularities[]": ["word"], "response_format": "json"}),
    ),
    Row(
        "AUD-3",
        TRANSCRIPTION,
        _with_logprobs,
        drop("include[]"),
        update(**{"include[]": ["logprobs"], "response_format": "text"}),
    ),
    Row(
        "AUD-5",
        TRANSCRIPTION,
        _json_only,
        put("response_format", "json"),
        update(model="gpt-4o-transcribe", response_format="srt"),
    ),
    Row("AUD-6", TRANSCRIPTION, outside("temperature", 0, 1), put("temperature", 0), put("temperature", 1.5)),
    Row("AUD-7", TRANSLATION, outside("temperature", 0, 1), put("temperature", 0), put("temperature", 1.5)),
    Row(
        "AUD-10",
        TRANSLATION,
        _other_than("whisper-1"),
        put("model", "<model translation>"),
        put("model", "gpt-4o-transcribe"),
    ),
    Row("AUD-11", TRANSCRIPTION, _language, put("language", "en"), put("language", "no-such-language")),
    Row("AUD-12", TRANSLATION, _foreign, put("prompt", "A speech"), put("prompt", "Ein Gespräch über Vögel")),
)  # fmt: skip - a row reads as a row
