"""What the server refuses, as the original says it: the four-member envelope (openapi.yaml:21231, ErrorResponse)."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """A refusal: an HTTP status and the members of the error envelope. Handlers raise it, the application sends it."""

    def __init__(
        self,
        status: int,
        message: str,
        type: str = "invalid_request_error",  # noqa: A002 - the wire's own name
        param: str | None = None,
        code: str | None = None,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """`headers` are sent beside the envelope (`Allow`, `Retry-After`)."""
        super().__init__(message)
        self.status = status
        self.message = message
        self.type = type
        self.param = param
        self.code = code
        self.headers = headers
        #: The body that was refused, for faults that look at it.
        self.sent: Any = None

    @property
    def body(self) -> dict[str, Any]:
        """The envelope."""
        return {"error": {"message": self.message, "type": self.type, "param": self.param, "code": self.code}}


def invalid(message: str, param: str | None = None, code: str | None = None) -> ApiError:
    """A 400: the request breaks a rule. `param` is the place as the original writes it: `messages[0].content`."""
    return ApiError(400, message, param=param, code=code)


def not_found(kind: str, identifier: str, param: str | None = None, code: str | None = None) -> ApiError:
    """A 404 for an unknown id; `kind` is the word for a person, such as `thread`."""
    return ApiError(404, f"No {kind} found with id '{identifier}'.", param=param, code=code)


def no_model(model: str) -> ApiError:
    """The 404 for a model that does not exist."""
    text = f"The model `{model}` does not exist or you do not have access to it."
    return ApiError(404, text, param=None, code="model_not_found")
