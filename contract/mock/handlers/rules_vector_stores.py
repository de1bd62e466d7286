"""Prose rules of vector stores, their files and batches, and of search filters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contract.mock.errors import invalid
from contract.mock.handlers.rules_values import check_chunking, check_keys, check_metadata
from contract.mock.kernel import Call, rule

_COMPARISONS = frozenset({"eq", "ne", "gt", "gte", "lt", "lte"})


@rule("createVectorStore", "modifyVectorStore", "createBatch")
def metadata_fits(call: Call) -> None:
    """Sixteen pairs, 64 characters a key, 512 a value (openapi.yaml:24044)."""
    check_metadata(call.body)


@rule("createVectorStore", "createVectorStoreFile", "createVectorStoreFileBatch")
def chunks_overlap_by_half(call: Call) -> None:
    """Neighbouring chunks share at most half (openapi.yaml:32644)."""
    check_chunking(call.body.get("chunking_strategy"), "chunking_strategy")


@rule("createVectorStore")
def chunking_needs_files(call: Call) -> None:
    """A chunking strategy is "only applicable if `file_ids` is non-empty" (openapi.yaml:20864)."""
    if "chunking_strategy" in call.body and not call.body.get("file_ids"):
        message = "'chunking_strategy' is only applicable if 'file_ids' is non-empty."
        raise invalid(message, "chunking_strategy")


@rule("createVectorStoreFile", "createVectorStoreFileBatch", "updateVectorStoreFileAttributes")
def attribute_keys_fit(call: Call) -> None:
    """64 characters a key; pairs and values are bounded by the schema (openapi.yaml:33974)."""
    check_keys(call.body.get("attributes") or {}, "attributes")


@rule("searchVectorStore")
def filters_are_filters(call: Call) -> None:
    """Members of a compound filter, any object to the schema, are filters again (openapi.yaml:17025)."""
    if call.body.get("filters"):
        _check_filter(call.body["filters"], "filters")


def _check_filter(node: Mapping[str, Any], at: str) -> None:
    kind = node.get("type")
    if kind in _COMPARISONS:
        if not isinstance(node.get("key"), str) or not isinstance(node.get("value"), str | int | float | bool):
            raise invalid(f"Invalid '{at}': a comparison needs 'key' and 'value'.", at)
    elif kind in {"and", "or"} and isinstance(node.get("filters"), list):
        for index, each in enumerate(node["filters"]):
            if not isinstance(each, Mapping):
                raise invalid(f"Invalid '{at}.filters[{index}]': expected a filter.", f"{at}.filters[{index}]")
            _check_filter(each, f"{at}.filters[{index}]")
    else:
        raise invalid(f"Invalid '{at}.type': expected a comparison, 'and' or 'or'.", f"{at}.type")
