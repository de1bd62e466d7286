"""Which operations a target claims."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract import profile, spec
from contract.errors import UsageError


@pytest.mark.parametrize("name", ["chat", "responses", "assistants", "files", "full"])
def test_a_built_in_profile_names_only_existing_operations(name: str) -> None:
    """Each glob of a profile matches at least one operation of the spec."""
    loaded = profile.load(name)
    operations = list(spec.load().operations)
    for glob in (*loaded.operations, *loaded.exclude):
        assert any(profile.matches(each, [glob]) for each in operations), glob


def test_full_claims_all_126_operations() -> None:
    """Nothing is silently left out."""
    loaded = profile.load("full")
    assert sum(loaded.claims(each) for each in spec.load().operations) == 126


def test_a_file_of_the_users_own_works(tmp_path: Path) -> None:
    """Globs and exclusions."""
    path = tmp_path / "mine.toml"
    path.write_text('operations = ["list*"]\nexclude = ["listFiles"]\n')
    mine = profile.load(str(path))
    assert mine.claims("listModels")
    assert not mine.claims("listFiles")


@pytest.mark.parametrize("text", ["operations = 'x'", "operatoins = []", "= 3", "operations = [1]"])
def test_a_wrong_profile_is_one_line(tmp_path: Path, text: str) -> None:
    """The file is named."""
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match="mine"):
        profile.load(str(path))


def test_an_unknown_profile_lists_the_known_ones() -> None:
    """A typo is mended from the message."""
    with pytest.raises(UsageError, match="assistants, chat, files, full, responses"):
        profile.load("chatt")
