"""Lists: the envelope and its cursors (`after`, `before`, `limit`, `order`), as the prose of the spec bounds them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from contract.mock.errors import invalid

if TYPE_CHECKING:
    from contract.mock.kernel import Call

_DESCENDING = frozenset({"desc", "descending"})


def _id(item: Mapping[str, Any]) -> Any:
    return item.get("id")


def page(
    items: Sequence[Mapping[str, Any]],
    call: Call,
    *,
    default_limit: int = 20,
    max_limit: int = 100,
    default_order: str = "desc",
    cursor: bool = True,
    key: Callable[[Mapping[str, Any]], Any] = _id,
) -> dict[str, Any]:
    """One page of `items` (in order of creation) as the call asks for it.

    `cursor=False` leaves `first_id` and `last_id` out. `key` gives what `after` and `before` name.
    Raises ApiError (400) for a `limit` out of bounds or a cursor that names nothing in the list.
    """
    limit = call.query.get("limit")
    limit = default_limit if limit is None else limit
    if not 1 <= limit <= max_limit:
        raise invalid(f"Invalid 'limit': {limit} is not between 1 and {max_limit}.", "limit", "integer_out_of_range")
    order = call.query.get("order") or default_order
    listed = list(reversed(items)) if order in _DESCENDING else list(items)
    start, end = 0, len(listed)
    if (after := call.query.get("after")) is not None:
        start = _position(listed, key, after, "after") + 1
    if (before := call.query.get("before")) is not None:
        end = _position(listed, key, before, "before")
    window = listed[start:end]
    if before is not None and after is None:
        # The page that stands directly before the cursor, as a client that pages back expects.
        data, more = window[-limit:], len(window) > limit
    else:
        data, more = window[:limit], len(window) > limit
    envelope: dict[str, Any] = {"object": "list", "data": data, "has_more": more}
    if cursor:
        envelope["first_id"] = key(data[0]) if data else None
        envelope["last_id"] = key(data[-1]) if data else None
    return envelope


def _position(items: Sequence[Mapping[str, Any]], key: Callable[[Mapping[str, Any]], Any], at: str, param: str) -> int:
    for index, item in enumerate(items):
        if key(item) == at:
            return index
    raise invalid(f"Invalid '{param}': no object with id '{at}' in this list.", param)
