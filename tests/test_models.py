"""Which model is asked for what."""

from __future__ import annotations

import pytest
from raw_server import RawServer
from worlds import find, world

from contract.models import choose, named
from contract.options import load
from contract.runner import play
from contract.verdict import Outcome

LISTED = ("text-embedding-3-small", "gpt-4o-mini", "llama3")


@pytest.mark.parametrize(
    ("capability", "wanted", "expected"),
    [
        ("chat", (), "gpt-4o-mini"),
        ("embeddings", (), "text-embedding-3-small"),
        ("image", (), None),
        ("chat", ("llama3",), "llama3"),
        ("embeddings", ("llama3",), "text-embedding-3-small"),
        ("embeddings", ("llama3", "embeddings=bge-m3"), "bge-m3"),
        ("chat", ("llama3", "embeddings=bge-m3"), "llama3"),
        ("completions", ("llama3", "chat=other"), "llama3"),
        ("chat", ("llama3", "chat=other"), "other"),
        ("chat", ("embeddings=bge-m3",), "gpt-4o-mini"),
        ("chat", ("odd=name",), "odd=name"),
        ("chat", ("one", "two"), "two"),
    ],
)
def test_a_model_is_chosen_by_its_capability(capability: str, wanted: tuple[str, ...], expected: str | None) -> None:
    """What `--model` says of a capability, then what it says of text, then the names that are listed."""
    assert choose(capability, LISTED, wanted) == expected


def test_every_model_of_the_command_line_counts_as_listed() -> None:
    """One that is refused is a finding, as a listed one is."""
    assert named(("llama3", "embeddings=bge-m3", "odd=name")) == {"odd=name", "bge-m3"}
    assert named(("llama3", "embeddings=bge-m3")) == {"llama3", "bge-m3"}


def test_one_model_may_stand_alone_in_a_file(tmp_path) -> None:
    """`model = "llama3"` in contract.toml, and a list on the command line."""
    (tmp_path / "contract.toml").write_text('model = "llama3"\n')
    assert load({}, tmp_path).model == ("llama3",)
    assert load({"model": ["a", "image=b"]}, tmp_path).model == ("a", "image=b")


def test_what_to_do_about_a_missing_model_is_told() -> None:
    """llama-cpp-python serves embeddings from a model of any name: `--model NAME` alone never reached them."""
    with RawServer(lambda connection: connection.close()) as url:
        here = world(url, models=("llama3",))
        done = play(find("createEmbedding/minimal/request"), here).verdict
        here.transport.close()
    assert done.outcome is Outcome.UNSUPPORTED
    assert done.reason is not None
    assert done.reason.endswith("(name one with --model embeddings=NAME)")
