"""Vector stores: create, list, get, change, delete and search (`openapi.yaml:13198`)."""

from __future__ import annotations

from contract.mock.errors import invalid
from contract.mock.handlers import documents, shelf
from contract.mock.handlers.phases import settle_all
from contract.mock.handlers.vector_store_files import BATCH
from contract.mock.kernel import Call, Json, Reply, route
from contract.mock.paging import page


@route("createVectorStore")
def create_vector_store(call: Call) -> Reply:
    """A store with its first files."""
    return Json(shelf.create(call, call.body or {}))


@route("listVectorStores")
def list_vector_stores(call: Call) -> Reply:
    """All stores."""
    return Json(page([shelf.view(call, each["object"]["id"]) for each in call.store.list(shelf.STORE)], call))


@route("getVectorStore")
def get_vector_store(call: Call) -> Reply:
    """One store."""
    return Json(shelf.view(call, call.path["vector_store_id"]))


@route("modifyVectorStore")
def modify_vector_store(call: Call) -> Reply:
    """Change name, metadata or expiry; what is not sent stays."""
    record = shelf.record_of(call, call.path["vector_store_id"])
    value, body = record["object"], call.body or {}
    if "name" in body:
        value["name"] = body["name"] or ""
    if "metadata" in body:
        value["metadata"] = body["metadata"] or {}
    if "expires_after" in body:
        value.pop("expires_after", None)
        if body["expires_after"]:
            value["expires_after"] = body["expires_after"]
    shelf.touch(call, record)
    return Json(shelf.view(call, value["id"]))


@route("deleteVectorStore")
def delete_vector_store(call: Call) -> Reply:
    """Remove the store with its places and batches; the files themselves stay."""
    identifier = shelf.record_of(call, call.path["vector_store_id"])["object"]["id"]
    settle_all(call)
    for record in call.store.list(shelf.FILE, identifier):
        call.store.delete(shelf.FILE, record["object"]["id"], identifier)
    for batch in call.store.list(BATCH, identifier):
        call.store.delete(BATCH, batch["object"]["id"])
    call.store.delete(shelf.STORE, identifier)
    return Json({"id": identifier, "object": "vector_store.deleted", "deleted": True})


@route("searchVectorStore")
def search_vector_store(call: Call) -> Reply:
    """The best chunks over all queries, one hit for each chunk, filtered and ranked."""
    record = shelf.record_of(call, call.path["vector_store_id"])
    if shelf.expired(call, record):
        raise invalid(f"Vector store {record['object']['id']} is expired.", "vector_store_id")
    query = call.body["query"]
    queries = [query] if isinstance(query, str) else query
    if call.body.get("rewrite_query"):
        queries = [documents.rewritten(each) for each in queries]
    ranking = call.body.get("ranking_options") or {}
    hits = shelf.search(
        call,
        [record["object"]["id"]],
        " ".join(queries),
        limit=call.body.get("max_num_results", 10),
        threshold=ranking.get("score_threshold", 0),
        condition=call.body.get("filters"),
    )
    shelf.touch(call, record)
    return Json(
        {
            "object": "vector_store.search_results.page",
            "search_query": queries,
            "data": hits,
            "has_more": False,
            "next_page": None,
        }
    )
