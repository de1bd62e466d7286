"""`tool_resources` of assistants, threads and runs: ids checked, `vector_stores` helpers turned into real stores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contract.mock.handlers import shelf
from contract.mock.handlers.files import file_of
from contract.mock.kernel import Call

Resources = dict[str, Any]


def resolved(
    call: Call, asked: Mapping[str, Any] | None, at: str = "tool_resources", *, lasting: bool = True
) -> Resources:
    """What an answer shows. Raises ApiError 404 for an unknown file or store.

    `at` is where the member stands in the body. Stores made for threads (`lasting=False`) expire a week after their
    last use.
    """
    kept: Resources = {}
    asked = asked or {}
    if "code_interpreter" in asked:
        file_ids = asked["code_interpreter"].get("file_ids") or []
        for each in file_ids:
            file_of(call, each, f"{at}.code_interpreter.file_ids")
        kept["code_interpreter"] = {"file_ids": list(file_ids)}
    if "file_search" in asked:
        search = asked["file_search"]
        for each in search.get("vector_store_ids") or []:
            shelf.record_of(call, each, f"{at}.file_search.vector_store_ids")
        expiry = None if lasting else shelf.HELPER_EXPIRY
        made = [shelf.create(call, each, expiry)["id"] for each in search.get("vector_stores") or []]
        kept["file_search"] = {"vector_store_ids": [*(search.get("vector_store_ids") or []), *made]}
    return kept


def with_attachments(call: Call, resources: Resources, attachments: list[dict[str, Any]]) -> Resources:
    """A thread's resources once a message came with files, "the tools they should be added to" (openapi.yaml:19407)."""
    for each in attachments:
        tools = {tool["type"] for tool in each["tools"]}
        if "code_interpreter" in tools:
            held = resources.setdefault("code_interpreter", {"file_ids": []})["file_ids"]
            if each["file_id"] not in held:
                held.append(each["file_id"])
        if "file_search" in tools:
            stores = resources.setdefault("file_search", {"vector_store_ids": []})["vector_store_ids"]
            if not stores:
                stores.append(shelf.create(call, {}, shelf.HELPER_EXPIRY)["id"])
            shelf.add_file(call, stores[0], each["file_id"], None, None)
    return resources


def store_ids(*resources: Mapping[str, Any]) -> list[str]:
    """The vector stores of several `tool_resources`, each once."""
    found = (each for held in resources for each in (held.get("file_search") or {}).get("vector_store_ids") or [])
    return list(dict.fromkeys(found))
