"""Models as the generative surfaces ask for them: known, and of the right sort."""

from __future__ import annotations

from contract.mock.errors import ApiError, no_model
from contract.mock.handlers import models
from contract.mock.kernel import Call

_REASONING = ("o1", "o3", "o4")


def want(call: Call, name: str, *sorts: str) -> str:
    """The name of a model that exists and does one of `sorts`. Raises ApiError (404, for the wrong sort 400)."""
    sort = models.capability(call, name)
    if sort is None and (not name.startswith("ft:") or not models.exists(call, name)):
        raise no_model(name)
    if (sort or models.capability(call, name)) not in sorts:
        text = f"The model `{name}` is not supported here: this endpoint takes {' or '.join(sorts)} models."
        raise ApiError(400, text, param="model", code="model_not_supported")
    return name


def reasons(model: str) -> bool:
    """True for o-series models: they spend tokens on reasoning."""
    return model.removeprefix("ft:").startswith(_REASONING)


def reasoning_tokens(model: str, effort: str | None) -> int:
    """What an o-series model spends on reasoning before it answers; 0 for others."""
    return {"low": 32, "medium": 64, "high": 128}[effort or "medium"] if reasons(model) else 0
