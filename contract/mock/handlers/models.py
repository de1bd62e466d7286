"""Models: the well-known names, and what fine-tuning made (`openapi.yaml:4973`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from contract.mock.errors import ApiError, no_model
from contract.mock.kernel import Call, Json, Reply, route

#: Kind in the store of models that fine-tuning made; their id is their name.
KIND = "model"
#: Capability -> name -> `created` in epoch seconds. A capability is what `model_of` can ask for.
MODELS: Final[Mapping[str, Mapping[str, int]]] = {
    "chat": {
        "gpt-3.5-turbo": 1677610602,
        "gpt-3.5-turbo-0125": 1706048358,
        "gpt-3.5-turbo-0301": 1677649963,
        "gpt-3.5-turbo-0613": 1686587434,
        "gpt-3.5-turbo-1106": 1698959748,
        "gpt-3.5-turbo-16k": 1683758102,
        "gpt-3.5-turbo-16k-0613": 1685474247,
        "gpt-4": 1687882411,
        "gpt-4-0125-preview": 1706037612,
        "gpt-4-0314": 1687882410,
        "gpt-4-0613": 1686588896,
        "gpt-4-1106-preview": 1698957206,
        "gpt-4-32k": 1687979321,
        "gpt-4-32k-0314": 1687979321,
        "gpt-4-32k-0613": 1687979321,
        "gpt-4-turbo": 1712361441,
        "gpt-4-turbo-2024-04-09": 1712601677,
        "gpt-4-turbo-preview": 1706037777,
        "gpt-4-vision-preview": 1698894917,
        "gpt-4.5-preview": 1740623059,
        "gpt-4.5-preview-2025-02-27": 1740623304,
        "gpt-4o": 1715367049,
        "gpt-4o-2024-05-13": 1715368132,
        "gpt-4o-2024-08-06": 1722814719,
        "gpt-4o-2024-11-20": 1739331543,
        "gpt-4o-audio-preview": 1727460443,
        "gpt-4o-audio-preview-2024-10-01": 1727389042,
        "gpt-4o-audio-preview-2024-12-17": 1734034239,
        "gpt-4o-mini": 1721172741,
        "gpt-4o-mini-2024-07-18": 1721172717,
        "gpt-4o-mini-audio-preview": 1734387424,
        "gpt-4o-mini-audio-preview-2024-12-17": 1734115920,
        "gpt-4o-mini-search-preview": 1741391161,
        "gpt-4o-mini-search-preview-2025-03-11": 1741390858,
        "gpt-4o-search-preview": 1741388720,
        "gpt-4o-search-preview-2025-03-11": 1741388170,
        "chatgpt-4o-latest": 1723515131,
        "computer-use-preview": 1734655677,
        "computer-use-preview-2025-03-11": 1741377021,
        "o1": 1734375816,
        "o1-2024-12-17": 1734326976,
        "o1-mini": 1725649008,
        "o1-mini-2024-09-12": 1725648979,
        "o1-preview": 1725648897,
        "o1-preview-2024-09-12": 1725648865,
        "o1-pro": 1742251791,
        "o1-pro-2025-03-19": 1742251504,
        "o3-mini": 1737146383,
        "o3-mini-2025-01-31": 1738010200,
    },
    "completions": {
        "babbage-002": 1692634615,
        "davinci-002": 1692634301,
        "gpt-3.5-turbo-instruct": 1692901427,
        "gpt-3.5-turbo-instruct-0914": 1694122472,
    },
    "embeddings": {
        "text-embedding-3-large": 1705953180,
        "text-embedding-3-small": 1705948997,
        "text-embedding-ada-002": 1671217299,
    },
    "transcription": {
        "gpt-4o-mini-transcribe": 1742068596,
        "gpt-4o-transcribe": 1742068463,
        "whisper-1": 1677532384,
    },
    "speech": {
        "gpt-4o-mini-tts": 1742403959,
        "tts-1": 1681940951,
        "tts-1-1106": 1699053241,
        "tts-1-hd": 1699046015,
        "tts-1-hd-1106": 1699053533,
    },
    "image": {"dall-e-2": 1698798177, "dall-e-3": 1698785189},
    "moderation": {
        "omni-moderation-2024-09-26": 1732734466,
        "omni-moderation-latest": 1731689265,
        "text-moderation-007": 1712601677,
        "text-moderation-latest": 1712601677,
        "text-moderation-stable": 1712601677,
    },
    "realtime": {
        "gpt-4o-mini-realtime-preview": 1734387380,
        "gpt-4o-mini-realtime-preview-2024-12-17": 1734112601,
        "gpt-4o-realtime-preview": 1727659998,
        "gpt-4o-realtime-preview-2024-10-01": 1727131766,
        "gpt-4o-realtime-preview-2024-12-17": 1733945430,
    },
}
_CREATED: Final[Mapping[str, int]] = {name: created for each in MODELS.values() for name, created in each.items()}
_BASE: Final = [
    {"id": name, "object": "model", "created": created, "owned_by": "system"} for name, created in _CREATED.items()
]


def exists(call: Call, name: str) -> bool:
    """True where a model of that name is there: a well-known one, or one that fine-tuning made."""
    if name.startswith("ft:"):
        _settle(call)
    return name in _CREATED or call.store.get(KIND, name) is not None


def capability(call: Call, name: str) -> str | None:
    """What a model does (a key of `MODELS`), a tuned model what its base does; None for an unknown model."""
    tuned = call.store.get(KIND, name)
    base = tuned["base"] if tuned else name
    return next((each for each, names in MODELS.items() if base in names), None)


def add(call: Call, name: str, base: str, owner: str) -> None:
    """Make a tuned model known; a name that is there already stays as it is."""
    if call.store.get(KIND, name) is None:
        model = {"id": name, "object": "model", "created": call.now, "owned_by": owner}
        call.store.put(KIND, name, {"model": model, "base": base})


def tuned(call: Call) -> Iterable[dict[str, Any]]:
    """The models that fine-tuning made and nobody deleted, oldest first."""
    return [each["model"] for each in call.store.list(KIND)]


def _settle(call: Call) -> None:
    """Let tuning jobs reach the state that they have by now: a finished job leaves a model."""
    from contract.mock.handlers import tuning  # they need each other: a job makes a model, a list must know it

    tuning.settle_all(call)


@route("listModels")
def list_models(call: Call) -> Reply:
    """Every model, the well-known ones first."""
    _settle(call)
    return Json({"object": "list", "data": [*_BASE, *tuned(call)]})


@route("retrieveModel")
def retrieve_model(call: Call) -> Reply:
    """One model."""
    _settle(call)
    name = call.path["model"]
    for each in (*_BASE, *tuned(call)):
        if each["id"] == name:
            return Json(each)
    raise no_model(name)


@route("deleteModel")
def delete_model(call: Call) -> Reply:
    """Delete a tuned model; the well-known ones belong to somebody else."""
    _settle(call)
    name = call.path["model"]
    if name in _CREATED:
        raise ApiError(403, f"The model '{name}' does not belong to your organization and cannot be deleted.")
    if not call.store.delete(KIND, name):
        raise no_model(name)
    return Json({"id": name, "object": "model", "deleted": True})
