"""Parameters of createCompletion."""

from __future__ import annotations

from typing import Any

from strategies.parameters.asking import Answer, Asking, Parameter, table

_OPERATION = "createCompletion"
_PROMPT = "One two three four five six seven eight nine ten"


def _body(**more: Any) -> dict[str, Any]:
    return {"model": "<model completions>", "prompt": _PROMPT, "max_tokens": 24, **more}


def _text(answer: Answer) -> str:
    text = answer.at("choices", 0, "text")
    return text if isinstance(text, str) else ""


def _count(asking: Asking, answer: Answer, expected: int) -> None:
    choices = answer.at("choices")
    indices = sorted(each.get("index", -1) for each in choices) if isinstance(choices, list) else []
    if indices != list(range(expected)):
        asking.broken(answer, f"{expected} choices, indices 0 to {expected - 1}", f"indices {indices}", "/choices")


def _n(asking: Asking) -> None:
    _count(asking, asking.send(_body(n=2)), 2)


def _prompts(asking: Asking) -> None:
    _count(asking, asking.send(_body(prompt=["One", "Two", "Three"])), 3)


def _best_of(asking: Asking) -> None:
    _count(asking, asking.send(_body(n=1, best_of=2)), 1)


def _stop(asking: Asking) -> None:
    words = _text(asking.send(_body(temperature=0, seed=1))).split()
    if len(words) < 3:
        asking.unsure("the answer is too short to be stopped in the middle")
    stop = words[len(words) // 2]
    answer = asking.send(_body(temperature=0, seed=1, stop=stop))
    if stop in _text(answer):
        asking.broken(answer, f"a text without the stop sequence {stop!r}", _text(answer), "/choices/0/text")


def _max_tokens(asking: Asking) -> None:
    # An answer that ended of itself below the limit tells nothing; nearly every answer is longer than one token.
    for most in (3, 1):
        answer = asking.send(_body(max_tokens=most))
        used = answer.at("usage", "completion_tokens")
        if isinstance(used, int) and used > most:
            asking.broken(answer, f"at most {most} completion tokens", used, "/usage/completion_tokens")
        elif len(_text(answer).split()) > most:
            asking.broken(answer, f"at most {most} tokens of text", _text(answer), "/choices/0/text")
        elif answer.at("choices", 0, "finish_reason") == "stop":
            continue
        return


def _echo(asking: Asking) -> None:
    answer = asking.send(_body(echo=True, n=2))
    for place in range(len(answer.at("choices") or [])):
        text = str(answer.at("choices", place, "text"))
        if not text.startswith(_PROMPT):
            asking.broken(answer, "a text that begins with the prompt", text, f"/choices/{place}/text")
            return


def _logprobs(asking: Asking) -> None:
    answer = asking.send(_body(logprobs=2))
    tokens = answer.at("choices", 0, "logprobs", "tokens")
    tops = answer.at("choices", 0, "logprobs", "top_logprobs") or []
    if not tokens:
        asking.broken(
            answer, "log probabilities of the tokens", answer.at("choices", 0, "logprobs"), "/choices/0/logprobs"
        )
    elif any(isinstance(each, dict) and len(each) > 3 for each in tops):
        asking.broken(answer, "at most logprobs + 1 alternatives", "more", "/choices/0/logprobs/top_logprobs")


PARAMETERS = table(
    Parameter(_OPERATION, "n", "`n` is the number of completions for each prompt.", 18513, _n),
    Parameter(_OPERATION, "prompt", "Each prompt of an array gets its completion.", 18385, _prompts),
    Parameter(_OPERATION, "best_of", "`best_of` candidates are made, `n` are returned.", 18419, _best_of),
    Parameter(_OPERATION, "stop", "The text does not contain the stop sequence.", 32684, _stop, requests=2),
    Parameter(_OPERATION, "max_tokens", "`max_tokens` is the most that is generated.", 18497, _max_tokens),
    Parameter(_OPERATION, "echo", "`echo` gives the prompt back before the completion.", 18436, _echo),
    Parameter(_OPERATION, "logprobs", "`logprobs` includes the log probabilities.", 18481, _logprobs),
)
