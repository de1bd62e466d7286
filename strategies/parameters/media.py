"""Parameters of images and audio: the bytes are those that were asked for."""

from __future__ import annotations

import base64
import binascii
import re
import struct
from collections.abc import Callable
from typing import Any

from contract.verdict import Keyword
from strategies.parameters.asking import Answer, Asking, Parameter, table

#: Format of createSpeech -> how its bytes begin. PCM has no header.
_MAGIC: dict[str, Callable[[bytes], bool]] = {
    "mp3": lambda data: data[:3] == b"ID3" or (len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0),
    "opus": lambda data: data[:4] == b"OggS",
    "aac": lambda data: len(data) > 1 and data[0] == 0xFF and data[1] & 0xF0 == 0xF0,
    "flac": lambda data: data[:4] == b"fLaC",
    "wav": lambda data: data[:4] == b"RIFF" and data[8:12] == b"WAVE",
    "pcm": lambda data: len(data) > 0 and data[:4] not in {b"RIFF", b"OggS", b"fLaC"} and data[:1] != b"{",
}


def _images(**more: Any) -> dict[str, Any]:
    return {"model": "<model image>", "prompt": "A red square.", **more}


def _image_n(asking: Asking) -> None:
    answer = asking.send(_images(n=2))
    data = answer.at("data")
    if not isinstance(data, list) or len(data) != 2:
        asking.broken(answer, "2 images", f"{len(data) if isinstance(data, list) else 0} images", "/data")


def _image_b64(asking: Asking) -> None:
    answer = asking.send(_images(response_format="b64_json"))
    if _decoded(answer) is None:
        asking.broken(answer, "base64 of an image in b64_json", answer.at("data", 0), "/data/0/b64_json")


def _image_url(asking: Asking) -> None:
    answer = asking.send(_images(response_format="url"))
    url = answer.at("data", 0, "url")
    if not isinstance(url, str) or not re.match(r"^(https?:|data:)", url):
        asking.broken(answer, "a URL", url, "/data/0/url")


def _image_size(asking: Asking) -> None:
    answer = asking.send(_images(response_format="b64_json", size="256x256"))
    data = _decoded(answer) or b""
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        asking.unsure("the image is no PNG: its size is not read")
    width, height = struct.unpack(">II", data[16:24])
    if (width, height) != (256, 256):
        asking.broken(answer, "256x256", f"{width}x{height}", "/data/0/b64_json")


def _decoded(answer: Answer) -> bytes | None:
    value = answer.at("data", 0, "b64_json")
    if not isinstance(value, str) or not value:
        return None
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        return None


def _speech(form: str) -> Callable[[Asking], None]:
    def play(asking: Asking) -> None:
        answer = asking.send({"model": "<model speech>", "input": "Hello.", "voice": "alloy", "response_format": form})
        if not _MAGIC[form](answer.response.body):
            asking.broken(answer, f"{form} audio", repr(answer.response.body[:12]))

    return play


def _heard(form: str, **more: Any) -> dict[str, Any]:
    return {"file": "<upload wav>", "model": "<model transcription>", "response_format": form, **more}


def _spoken(form: str) -> Callable[[Asking], None]:
    def play(asking: Asking) -> None:
        answer = asking.send(_heard(form))
        text = answer.response.body.decode("utf-8", "replace")
        good = {
            "json": lambda: isinstance(answer.at("text"), str),
            "verbose_json": lambda: isinstance(answer.at("text"), str) and answer.at("duration") is not None,
            "text": lambda: not text.lstrip().startswith("{"),
            "srt": lambda: not text.strip() or re.search(r"\d\d:\d\d:\d\d,\d{3} --> ", text) is not None,
            "vtt": lambda: text.lstrip("\ufeff").startswith("WEBVTT"),
        }[form]()
        if not good:
            asking.broken(answer, f"a transcript as {form}", text[:120])

    return play


def _words(asking: Asking) -> None:
    answer = asking.send({**_heard("verbose_json"), "timestamp_granularities[]": ["word"]})
    if not isinstance(answer.at("words"), list):
        asking.broken(answer, "timestamps of words", answer.at("words"), "/words")


_SPEECH = "createSpeech"
_HEARD = "createTranscription"
PARAMETERS = table(
    Parameter("createImage", "n", "`n` is the number of images.", 19214, _image_n),
    Parameter("createImage", "response_format-b64_json", "`b64_json` gives the image itself.", 19235, _image_b64),
    Parameter("createImage", "response_format-url", "`url` gives where the image is.", 19235, _image_url),
    Parameter("createImage", "size", "The image has the size that was asked for.", 19247, _image_size),
    *(
        Parameter(_SPEECH, f"response_format-{form}", f"The audio is {form}, as asked for.", 20158, _speech(form))
        for form in _MAGIC
    ),
    *(
        Parameter(
            _HEARD, f"response_format-{form}", f"The transcript comes as {form}, as asked for.", 15007, _spoken(form)
        )
        for form in ("json", "text", "srt", "vtt", "verbose_json")
    ),
    Parameter(
        _HEARD, "timestamp_granularities", "Word timestamps come where they are asked for.", 20563, _words, Keyword.MUST
    ),
)  # fmt: skip - one parameter a line
