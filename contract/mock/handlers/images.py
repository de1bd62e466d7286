"""Images: real PNGs of the size asked for, as a link or in base 64 (openapi.yaml:4640)."""

from __future__ import annotations

import base64
from typing import Any

from contract.mock import media, pictures
from contract.mock import text as texts
from contract.mock.kernel import Call, Json, Reply, route
from contract.mock.meter import meter
from contract.mock.wanted import want

_DEFAULT_MODEL = "dall-e-2"
_DEFAULT_SIZE = "1024x1024"
_SOURCES = {
    "createImage": "image.generation",
    "createImageEdit": "image.edit",
    "createImageVariation": "image.variation",
}
#: A few colours: a PNG of a size is made once and kept.
_COLOURS = (0x3A7BD5, 0xD5523A, 0x3AD57B)


@route("createImage", "createImageEdit", "createImageVariation")
def create_image(call: Call) -> Reply:
    """As many images as asked for."""
    body = call.body
    model = want(call, body.get("model") or _DEFAULT_MODEL, "image")
    size = body.get("size") or _DEFAULT_SIZE
    number = body.get("n") or 1
    meter(call, "images", model, detail=f"{_SOURCES[call.operation.id]}:{size}", images=number)
    return Json({"created": call.now, "data": [_image(call, model, size, index) for index in range(number)]})


def _image(call: Call, model: str, size: str, index: int) -> dict[str, Any]:
    image: dict[str, Any] = {}
    colour = _COLOURS[(texts.token_id(call.body.get("prompt") or "") + index) % len(_COLOURS)]
    if call.body.get("response_format") == "b64_json":
        width, height = map(int, size.split("x"))
        image["b64_json"] = base64.b64encode(media.png(width, height, colour)).decode()
    else:
        image["url"] = pictures.link(call.headers, call.store.new_id("img-"), size, colour)
    if model == "dall-e-3":
        image["revised_prompt"] = f"A detailed picture: {call.body['prompt']}"
    return image
