"""Which statuses a situation allows where the spec is silent: 116 of its operations declare no error at all.

Each status has its reason. A status outside these tables is not forbidden by the spec, only without a meaning that
a client of this API could act on.
"""

from __future__ import annotations

#: For any request to a documented operation.
REFUSALS: dict[int, str] = {
    400: "the request is invalid (RFC 9110 15.5.1; declared by 9 operations)",
    401: "no key, or one that is not known (RFC 9110 15.5.2)",
    402: "the account cannot pay (RFC 9110 15.5.3; quotas of metered APIs)",
    403: "the key may not do this (RFC 9110 15.5.4)",
    404: "no such object or model (RFC 9110 15.5.5; declared by deleteResponse)",
    405: "the method is not offered (RFC 9110 15.5.6)",
    406: "no media type that the client accepts (RFC 9110 15.5.7)",
    408: "the request came too slowly (RFC 9110 15.5.9)",
    409: "the object's state forbids it (RFC 9110 15.5.10)",
    410: "the object is gone for good (RFC 9110 15.5.11)",
    411: "a length is wanted (RFC 9110 15.5.12)",
    413: "the content is too large (RFC 9110 15.5.14)",
    414: "the URL is too long (RFC 9110 15.5.15)",
    415: "the media type is not taken (RFC 9110 15.5.16)",
    417: "the Expect header cannot be met (RFC 9110 15.5.18)",
    422: "the content is well-formed and wrong (RFC 9110 15.5.21; common in compatible servers)",
    425: "the request might be replayed (RFC 8470 5.2)",
    429: "too many requests or no quota left (RFC 6585 4)",
    431: "header fields too large (RFC 6585 5)",
    499: "the client was held to have gone (common in proxies)",
}
#: The key lacks what the operation wants: nothing is said of how the server treats the request itself.
ACCESS = frozenset({401, 402, 403})
#: The target could not answer now: nothing is said of the request.
BUSY = frozenset({408, 425, 429, 499})
