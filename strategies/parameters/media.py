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


#: How PNG, JPEG, GIF and BMP begin.
_PICTURES_BEGIN = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM")
#: Operation -> its minimal request.
_PICTURED: dict[str, dict[str, Any]] = {
    "createImage": {"model": "<model image>", "prompt": "A red square."},
    "createImageEdit": {"image": "<upload png>", "prompt": "A red square."},
    "createImageVariation": {"image": "<upload png>"},
}


def _images(asking: Asking, **more: Any) -> Answer:
    return asking.send({**_PICTURED[asking.parameter.operation], **more})


def _image_n(asking: Asking) -> None:
    answer = _images(asking, n=2)
    data = answer.at("data")
    if not isinstance(data, list) or len(data) != 2:
        asking.broken(answer, "2 images", f"{len(data) if isinstance(data, list) else 0} images", "/data")


def _image_b64(asking: Asking) -> None:
    answer = _images(asking, response_format="b64_json")
    data = _decoded(answer)
    if data is None or (not data.startswith(_PICTURES_BEGIN) and data[8:12] != b"WEBP"):
        asking.broken(answer, "base64 of an image in b64_json", answer.at("data", 0), "/data/0/b64_json")


def _image_url(asking: Asking) -> None:
    answer = _images(asking, response_format="url")
    url = answer.at("data", 0, "url")
    if not isinstance(url, str) or not re.match(r"^(https?:|data:)", url):
        asking.broken(answer, "a URL", url, "/data/0/url")


def _image_size(asking: Asking) -> None:
    answer = _images(asking, response_format="b64_json", size="256x256")
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
        elif form == "verbose_json":
            _as_declared(asking, answer)

    return play


def _as_declared(asking: Asking, answer: Answer) -> None:
    """The verbose form alone: the two forms of an answer stand beside each other, and the plain one admits much."""
    title = "Transcription" if asking.parameter.operation == _HEARD else "Translation"
    at = f"/components/schemas/Create{title}ResponseVerboseJson"
    for broken in asking.stage.spec.schemas.broken(at, answer.body):
        asking.broken(answer, broken.expected or "the verbose form", broken.message, broken.where)
        return


def _words(asking: Asking) -> None:
    answer = asking.send({**_heard("verbose_json"), "timestamp_granularities[]": ["word"]})
    if not isinstance(answer.at("words"), list):
        asking.broken(answer, "timestamps of words", answer.at("words"), "/words")


_PICTURES = (
    ("n", "`n` is the number of images.", _image_n),
    ("response_format-b64_json", "`b64_json` gives the image itself.", _image_b64),
    ("response_format-url", "`url` gives where the image is.", _image_url),
    ("size", "The image has the size that was asked for.", _image_size),
)
#: Operation -> the lines of the spec that promise each of those.
_LINES = {
    "createImage": (19214, 19235, 19235, 19247),
    "createImageEdit": (19151, 19171, 19171, 19159),
    "createImageVariation": (19308, 19318, 19318, 19330),
}
_SPEECH = "createSpeech"
_HEARD = "createTranscription"
PARAMETERS = table(
    *(
        Parameter(operation, name, statement, lines[place], play)
        for operation, lines in _LINES.items()
        for place, (name, statement, play) in enumerate(_PICTURES)
    ),
    *(
        Parameter(_SPEECH, f"response_format-{form}", f"The audio is {form}, as asked for.", 20158, _speech(form))
        for form in _MAGIC
    ),
    *(
        Parameter(
            operation, f"response_format-{form}", f"The transcript comes as {form}, as asked for.", line, _spoken(form)
        )
        for operation, line in ((_HEARD, 15007), ("createTranslation", 20716))
        for form in ("json", "text", "srt", "vtt", "verbose_json")
    ),
    Parameter(
        _HEARD, "timestamp_granularities", "Word timestamps come where they are asked for.", 20563, _words, Keyword.MUST
    ),
)  # fmt: skip - one parameter a line
