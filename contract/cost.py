"""What a request may cost, before it is sent, and what it did cost, from `usage`: tokens and US dollars."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from contract.draft import Draft, Upload
from contract.errors import UsageError
from contract.operation import Operation

_BUILT_IN = Path(__file__).parent / "prices.toml"
#: Answers without a limit of tokens are taken to be this long: longer than any that the suite's prompts ask for.
UNLIMITED_OUTPUT = 4096
#: A token is at least one byte of the prompt; images and the like are counted by this.
_PART = 2000
_LIMITS = ("max_completion_tokens", "max_output_tokens", "max_tokens")
#: Operations whose answer is made of tokens.
_TEXT = frozenset(
    {
        "createChatCompletion",
        "createCompletion",
        "createResponse",
        "createRun",
        "createThreadAndRun",
        "submitToolOuputsToRun",
    }
)
_INPUT_ONLY = frozenset({"createEmbedding", "createModeration"})


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens in all, and US dollars."""

    tokens: int = 0
    usd: float = 0.0


class Prices:
    """A price table: `[[model]]` name (glob), input, output per million tokens; `[request]` operation = USD."""

    def __init__(self, path: Path | None = None) -> None:
        """The built-in table without a path. Raises UsageError."""
        source = path or _BUILT_IN
        try:
            table = tomllib.loads(source.read_text("utf-8"))
            self._models = [(str(m["name"]), float(m["input"]), float(m["output"])) for m in table.get("model", [])]
            self._requests = {str(name): float(usd) for name, usd in table.get("request", {}).items()}
        except OSError as error:
            raise UsageError(f"--prices {source}: cannot read it ({error.strerror})") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise UsageError(f"--prices {source}: no price table ({error!r})") from None
        if not any(name == "*" for name, _, _ in self._models):
            raise UsageError(
                f"--prices {source}: the last [[model]] must be named '*', for models that it does not list"
            )

    def usd(self, operation: Operation, model: str, tokens_in: int, tokens_out: int) -> float:
        """The price of one request."""
        price_in, price_out = next((i, o) for name, i, o in self._models if fnmatchcase(model, name))
        fixed = self._requests.get(operation.id, 0.0)
        return fixed + (tokens_in * price_in + tokens_out * price_out) / 1_000_000

    def at_most(self, draft: Draft) -> Spent:
        """A safe estimate of what a draft can cost."""
        body = draft.body if isinstance(draft.body, Mapping) else {}
        identifier = draft.operation.id
        if identifier not in _TEXT | _INPUT_ONLY:
            return Spent(0, self.usd(draft.operation, _model(body), 0, 0))
        tokens_in = _size(body)
        tokens_out = 0
        if identifier in _TEXT:
            limit = next((body[name] for name in _LIMITS if isinstance(body.get(name), int)), UNLIMITED_OUTPUT)
            if identifier == "createCompletion" and "max_tokens" not in body:
                limit = 16  # openapi.yaml:18497, the default
            tokens_out = max(0, limit) * _times(body)
        return Spent(tokens_in + tokens_out, self.usd(draft.operation, _model(body), tokens_in, tokens_out))

    def of_answer(self, draft: Draft, answer: Any) -> Spent | None:
        """What `usage` of an answer says that it cost, None where it says nothing."""
        usage = answer.get("usage") if isinstance(answer, Mapping) else None
        if not isinstance(usage, Mapping) or not isinstance(usage.get("total_tokens"), int):
            return None
        total = max(0, usage["total_tokens"])
        out = usage.get("completion_tokens", usage.get("output_tokens", 0))
        tokens_out = min(total, out) if isinstance(out, int) and out >= 0 else total
        body = draft.body if isinstance(draft.body, Mapping) else {}
        return Spent(total, self.usd(draft.operation, _model(body), total - tokens_out, tokens_out))


def _model(body: Mapping[str, Any]) -> str:
    return str(body.get("model", ""))


def _times(body: Mapping[str, Any]) -> int:
    """How many answers one request asks for."""
    counts: list[int] = [body[name] for name in ("n", "best_of") if isinstance(body.get(name), int)]
    prompts = body.get("prompt")
    several = len(prompts) if isinstance(prompts, list) and prompts and isinstance(prompts[0], str | list) else 1
    return max([1, *counts]) * several


def _size(value: Any) -> int:
    """Tokens of a prompt at most: bytes of its strings, and a lump for every part that is no text."""
    if isinstance(value, str):
        return len(value.encode("utf-8", "replace")) if not value.startswith("data:") else _PART
    if isinstance(value, Mapping):
        lump = _PART if value.get("type") in {"image_url", "input_image", "input_audio", "file", "input_file"} else 0
        return lump + sum(len(str(name)) + _size(each) for name, each in value.items())
    if isinstance(value, list | tuple):
        return sum(_size(each) for each in value)
    return _PART if isinstance(value, Upload) else 4
