"""Prose rules of assistants, threads, messages and runs: what their schemas admit and their descriptions refuse.

Ids in comments are those of the rules that the suite itself knows by (`contract rules`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from contract.mock.errors import invalid
from contract.mock.handlers.rules_values import check_chunking, check_metadata
from contract.mock.kernel import Call, rule

#: "must be a supported image types: jpeg, jpg, png, gif, webp" (openapi.yaml:23393).
_IMAGES = frozenset({".jpeg", ".jpg", ".png", ".gif", ".webp"})
_IMAGE_TYPES = tuple(f"image/{each}" for each in ("jpeg", "jpg", "png", "gif", "webp"))

Body = Mapping[str, Any]


def _messages(body: Body) -> Iterator[tuple[str, Body]]:
    """Every message in a body, with its place."""
    if "role" in body and "content" in body:
        yield "", body
    for name in ("messages", "additional_messages"):
        for index, each in enumerate(body.get(name) or []):
            yield f"{name}[{index}].", each
    for place, each in _messages(body["thread"]) if body.get("thread") else ():
        yield f"thread.{place}", each


@rule(
    "createAssistant",
    "modifyAssistant",
    "createThread",
    "modifyThread",
    "createMessage",
    "modifyMessage",
    "createRun",
    "createThreadAndRun",
    "modifyRun",
)
def metadata_fits(call: Call) -> None:
    """Sixteen pairs, 64 characters a key, 512 a value, wherever the body has metadata (openapi.yaml:24044)."""
    check_metadata(call.body)
    check_metadata(call.body.get("thread") or {}, "thread.")
    for place, message in _messages(call.body):
        check_metadata(message, place)


@rule("createAssistant", "createThread", "createThreadAndRun")
def helper_stores_fit(call: Call) -> None:
    """Metadata and chunks of the vector stores that a helper makes (openapi.yaml:17462)."""
    for home, place in ((call.body, ""), (call.body.get("thread") or {}, "thread.")):
        search = (home.get("tool_resources") or {}).get("file_search") or {}
        for index, each in enumerate(search.get("vector_stores") or []):
            at = f"{place}tool_resources.file_search.vector_stores[{index}]."
            check_metadata(each, at)
            check_chunking(each.get("chunking_strategy"), f"{at}chunking_strategy")


@rule("createMessage", "createThread", "createRun", "createThreadAndRun")
def image_urls_are_images(call: Call) -> None:
    """An image's URL must not name another kind of file (openapi.yaml:23393)."""
    for place, message in _messages(call.body):
        for index, part in enumerate(message["content"] if isinstance(message["content"], list) else []):
            if part["type"] == "image_url" and not _may_be_image(part["image_url"]["url"]):
                at = f"{place}content[{index}].image_url.url"
                raise invalid(f"Invalid '{at}': expected a jpeg, jpg, png, gif or webp image.", at)


def _may_be_image(url: str) -> bool:
    """False only where the URL's name says that it is something else; many image URLs have no extension."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.scheme == "data":
        return parts.path.startswith(_IMAGE_TYPES)
    suffix = PurePosixPath(parts.path).suffix.lower()
    return suffix in _IMAGES or not suffix.removeprefix(".").isalpha()


@rule("createRun", "createThreadAndRun")
def truncation_says_how_much(call: Call) -> None:
    """`last_messages` is both a type and the number that it needs (openapi.yaml:33141)."""
    strategy = call.body.get("truncation_strategy") or {}
    wants, given = strategy.get("type") == "last_messages", strategy.get("last_messages") is not None
    if wants != given:
        message = "'last_messages' must be given with truncation type 'last_messages', and only then."
        raise invalid(message, "truncation_strategy.last_messages")


@rule("createRun", "createThreadAndRun")
def named_choice_has_name(call: Call) -> None:
    """A `tool_choice` of type `function` needs the function's name (openapi.yaml:14995)."""
    choice = call.body.get("tool_choice")
    if isinstance(choice, Mapping) and choice["type"] == "function" and "function" not in choice:
        raise invalid("Missing 'tool_choice.function': its name must be set.", "tool_choice.function")
