"""The options of a run: one table for the command line, pytest and contract.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract.case import Depth
from contract.errors import UsageError
from contract.operation import Safety
from contract.options import Options, load


def test_every_option_of_the_interface_is_there() -> None:
    """The names that people script against are all in the table."""
    promised = {
        "target", "profile", "include", "exclude", "depth", "workers", "seed", "spec", "model", "auth_env",
        "admin_auth_env", "header", "query", "allow", "plan", "max_requests", "max_tokens", "max_cost", "max_time",
        "rate", "resume", "known_failures", "strict", "shard", "out",
    }  # fmt: skip
    assert promised <= set(Options.table())


def test_values_are_parsed_to_their_types() -> None:
    """Text from the command line becomes numbers, enums and pairs."""
    options = Options().merged(
        {
            "depth": "nightly",
            "workers": "auto",
            "rate": "30/m",
            "shard": "2/4",
            "allow": ["write", "admin"],
            "header": ["X-A: b: c"],
            "query": ["api-version=2024-10-21"],
            "max_requests": "7",
        }
    )
    assert options.depth is Depth.NIGHTLY
    assert options.workers == "auto"
    assert options.rate == 0.5
    assert options.shard == (2, 4)
    assert options.allow == (Safety.WRITE, Safety.ADMIN)
    assert options.header == (("X-A", "b: c"),)
    assert options.query == (("api-version", "2024-10-21"),)
    assert options.max_requests == 7


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("depth", "deep"),
        ("workers", "0"),
        ("workers", "many"),
        ("rate", "fast"),
        ("rate", "0/s"),
        ("rate", "inf"),
        ("shard", "5/4"),
        ("shard", "0/4"),
        ("shard", "1"),
        ("allow", ["everything"]),
        ("header", ["no colon"]),
        ("header", ["X: a\r\nY: b"]),
        ("query", ["novalue"]),
        ("max_requests", "-1"),
        ("max_time", "nan"),
        ("seed", "x"),
        ("strict", "yes"),
        ("auth_env", "sk-abcdef"),
        ("no_such_option", "1"),
    ],
)
def test_a_wrong_value_is_one_line_that_names_the_option(name: str, value: object) -> None:
    """The message is one line; it never repeats a header's value."""
    with pytest.raises(UsageError) as caught:
        Options().merged({name: value})
    assert "\n" not in str(caught.value)


def test_the_file_stands_below_the_command_line(tmp_path: Path) -> None:
    """contract.toml gives values, the command line overrides them."""
    (tmp_path / "contract.toml").write_text('[run]\ndepth = "smoke"\nmax-requests = 5\nstrict = true\n')
    options = load({"max_requests": "9"}, tmp_path)
    assert (options.depth, options.max_requests, options.strict) == (Depth.SMOKE, 9, True)


@pytest.mark.parametrize("text", ["depth = ", "depht = 'smoke'", "strict = 'yes'"])
def test_a_wrong_file_is_named(tmp_path: Path, text: str) -> None:
    """Broken TOML, an unknown name and a wrong type all name the file."""
    (tmp_path / "contract.toml").write_text(text)
    with pytest.raises(UsageError, match=r"contract\.toml"):
        load({}, tmp_path)
