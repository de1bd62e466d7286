"""A text that matches a regular expression: enough of the syntax for the patterns that schemas carry."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random
from re import _constants as codes
from re import _parser as parser
from typing import Any

_PRINTABLE = [chr(code) for code in range(32, 127)]
_CATEGORIES: dict[Any, Callable[[str], bool]] = {
    codes.CATEGORY_DIGIT: str.isdigit,
    codes.CATEGORY_NOT_DIGIT: lambda each: not each.isdigit(),
    codes.CATEGORY_SPACE: str.isspace,
    codes.CATEGORY_NOT_SPACE: lambda each: not each.isspace(),
    codes.CATEGORY_WORD: lambda each: each.isalnum() or each == "_",
    codes.CATEGORY_NOT_WORD: lambda each: not (each.isalnum() or each == "_"),
}
_EXTRA = 4
_MOST = 1000
#: Where the repetitions made so far are counted, beside the groups.
_SPENT = -1


def matching(pattern: str, chance: Random) -> str:
    """A text in which `pattern` is found. Raises ValueError where none was."""
    try:
        tree = parser.parse(pattern)
    except re.error as error:
        raise ValueError(str(error)) from None
    for _ in range(20):
        text = _sequence(tree, chance, {})
        if re.search(pattern, text):
            return text
    raise ValueError(f"no text for the pattern {pattern}")


def _sequence(tree: Any, chance: Random, groups: dict[int, str]) -> str:
    return "".join(_node(code, value, chance, groups) for code, value in tree)


def _node(code: Any, value: Any, chance: Random, groups: dict[int, str]) -> str:
    if code in _CHARACTERS:
        return _CHARACTERS[code](value, chance)
    if code is codes.BRANCH:
        return _sequence(chance.choice(value[1]), chance, groups)
    if code is codes.SUBPATTERN:
        text = _sequence(value[-1], chance, groups)
        groups[value[0]] = text
        return text
    if code is codes.GROUPREF:
        return groups.get(value, "")
    if code in {codes.MAX_REPEAT, codes.MIN_REPEAT}:
        least, most, inner = value
        groups[_SPENT] = groups.get(_SPENT, "") + "." * least
        if len(groups[_SPENT]) > _MOST:
            raise ValueError("a pattern asks for too much")
        times = chance.randint(least, min(int(most), least + _EXTRA))
        return "".join(_sequence(inner, chance, groups) for _ in range(times))
    if code in {codes.AT, codes.ASSERT, codes.ASSERT_NOT}:
        return ""
    raise ValueError(f"no text for {code}")


def _one_of(members: Any, chance: Random) -> str:
    negated = members[0][0] is codes.NEGATE
    allowed = [each for each in _PRINTABLE if any(_is_in(each, *member) for member in members) is not negated]
    if not allowed:
        code, value = members[0]
        return chr(value[0] if code is codes.RANGE else value)
    return chance.choice(allowed)


_CHARACTERS: dict[Any, Callable[[Any, Random], str]] = {
    codes.LITERAL: lambda value, _: chr(value),
    codes.NOT_LITERAL: lambda value, chance: chance.choice([each for each in _PRINTABLE if ord(each) != value]),
    codes.ANY: lambda _, chance: chance.choice(_PRINTABLE),
    codes.IN: _one_of,
}


def _is_in(each: str, code: Any, value: Any) -> bool:
    if code is codes.LITERAL:
        return bool(ord(each) == value)
    if code is codes.RANGE:
        return bool(value[0] <= ord(each) <= value[1])
    return code is codes.CATEGORY and _is_category(value, each)


def _is_category(category: Any, each: str) -> bool:
    test: Callable[[str], bool] = _CATEGORIES[category]
    return test(each)
