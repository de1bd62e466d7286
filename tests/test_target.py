"""Where requests go, who we say we are, and what we may do there."""

from __future__ import annotations

import pytest

from contract.errors import UsageError
from contract.operation import Safety
from contract.options import Options
from contract.target import Target, check_url, from_options, is_loopback


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:1/v1", True),
        ("http://127.8.9.1/v1", True),
        ("http://[::1]:8000/v1", True),
        ("http://app.localhost/v1", True),
        ("https://api.openai.com/v1", False),
        ("http://localhost.example.com/v1", False),
        ("http://127.0.0.1.example.com/v1", False),
        ("http://10.0.0.1/v1", False),
        ("http://0.0.0.0/v1", False),
    ],
)
def test_loopback_is_told_by_the_literal_host(url: str, *, expected: bool) -> None:
    """Nothing is resolved: a name that points to 127.0.0.1 today may point elsewhere tomorrow."""
    assert is_loopback(url) is expected


@pytest.mark.parametrize(
    "url", ["", "localhost:8000", "ftp://x/v1", "http://", "http://u:p@x/v1", "http://x/v1?a=b", "http://x:99999/v1"]
)
def test_what_is_no_base_url_is_refused(url: str) -> None:
    """One line says what to write instead."""
    with pytest.raises(UsageError):
        check_url(url)


def test_a_distant_target_gets_read_and_generate_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anything that changes something needs --allow where the target is not loopback."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-secret")
    target = from_options(Options(target="https://api.example.com/v1"))
    assert [each for each in Safety if target.may(each)] == [Safety.READ, Safety.GENERATE]
    wider = from_options(Options(target="https://api.example.com/v1", allow=(Safety.WRITE,)))
    assert wider.may(Safety.WRITE)
    assert not wider.may(Safety.ADMIN)
    near = from_options(Options(target="http://localhost:1/v1"))
    assert all(near.may(each) for each in Safety)


def test_a_target_shows_no_key() -> None:
    """Neither repr nor str holds a credential."""
    target = Target("http://x/v1", "sk-secret-secret", "sk-admin-secret", (("api-key", "hidden-value"),))
    assert "secret" not in repr(target)
    assert "hidden" not in f"{target}"


def test_the_mock_never_gets_the_users_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a URL the environment's key stays where it is."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-secret")
    target = from_options(Options(), mock_url="http://127.0.0.1:9/v1")
    assert target.key != "sk-secret-secret"
