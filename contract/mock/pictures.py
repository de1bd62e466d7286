"""Where the links of image answers lead: a PNG that its path describes, so that nothing has to be kept."""

from __future__ import annotations

import re
from collections.abc import Mapping

from contract.mock import media
from contract.mock.kernel import Binary

_PATH = re.compile(r"/pictures/(256|512|1024|1792)x(256|512|1024|1792)/([0-9a-f]{6})/[\w-]+\.png")


def link(headers: Mapping[str, str], name: str, size: str, colour: int) -> str:
    """The URL of a picture on this server, as the client that asks for it names the server."""
    return f"http://{headers.get('host') or '127.0.0.1'}/pictures/{size}/{colour:06x}/{name}.png"


def find(method: str, path: str) -> Binary | None:
    """The picture at a path; None for any other path. It needs no key: the link is the key, as in the original."""
    found = _PATH.fullmatch(path)
    if found is None or method not in {"GET", "HEAD"}:
        return None
    width, height, colour = found.groups()
    return Binary(media.png(int(width), int(height), int(colour, 16)), "image/png")
