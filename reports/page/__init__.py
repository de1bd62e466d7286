"""Parts of the pages: template, style and scripts as package data, and how they become one file."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from pathlib import Path
from string import Template
from typing import Any

_HERE = Path(__file__).parent


def render(template: str, scripts: tuple[str, ...], title: str, data: Any) -> str:
    """One self-contained page. It may run only its own script and style (by digest) and loads nothing."""
    style = (_HERE / "page.css").read_text("utf-8")
    script = "\n".join((_HERE / each).read_text("utf-8") for each in scripts)
    rules = (
        "default-src 'none'",
        f"script-src '{_digest(script)}'",
        f"style-src '{_digest(style)}'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    )
    return Template((_HERE / "shell.html").read_text("utf-8")).substitute(
        body=(_HERE / template).read_text("utf-8"),
        csp="; ".join(rules),
        title=html.escape(title),
        style=style,
        script=script,
        data=embed(data),
    )


def embed(data: Any) -> str:
    """JSON that stays data inside a script element: no `<` ends it, no U+2028 breaks a line, no lone surrogate."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for character in "<\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text.encode("utf-8", "replace").decode()


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
