from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.redact import REDACTED, Redactor

KEY = "sk-canary/ü+4711 x"


@pytest.fixture
def hide() -> Redactor:
    """A redactor that knows one named secret."""
    return Redactor({"OPENAI_API_KEY": KEY})


@pytest.mark.parametrize(
    "spelled",
    [
        KEY,
        quote(KEY, safe=""),
        quote(KEY, safe="").lower(),
        json.dumps(KEY)[1:-1],
        base64.b64encode(KEY.encode()).decode(),
        base64.urlsafe_b64encode(KEY.encode()).decode(),
        KEY.encode().hex(),
        KEY.encode().decode("latin-1"),
    ],
)
def test_every_spelling_of_a_secret_goes(hide: Redactor, spelled: str) -> None:
    """A known secret goes from a text however it is encoded."""
    said = hide.text(f"before {spelled} after")
    assert spelled.rstrip("=") not in said
    assert said.startswith("before ")
    assert said.endswith(" after")


@given(user=st.binary(max_size=7), tail=st.binary(max_size=7))
def test_a_secret_inside_base64_goes_at_any_alignment(user: bytes, tail: bytes) -> None:
    """Basic credentials and their like give no secret away, wherever it begins inside them."""
    whole = base64.b64encode(user + b"secret-of-mine-123" + tail).decode()
    before, mark, after = Redactor(["secret-of-mine-123"]).text(whole).partition(REDACTED)
    assert mark
    # Of the secret at most the bits that share a character with a neighbour are left.
    assert len(before) <= len(user) * 4 / 3 + 2
    assert len(after.rstrip("=")) <= len(tail) * 4 / 3 + 2


def test_a_named_secret_says_where_it_comes_from(hide: Redactor) -> None:
    """The mark of a named secret holds its environment variable, so that a curl line can use it."""
    assert hide.headers((("authorization", f"Bearer {KEY}"),)) == [
        ["authorization", "Bearer [redacted:OPENAI_API_KEY]"]
    ]


@pytest.mark.parametrize("name", ["Cookie", "set-cookie", "Proxy-Authorization", "api-key", "X-API-Key", "X-Mine"])
def test_headers_that_are_credentials_go_whole(name: str) -> None:
    """The value of a credential header goes although nobody named it a secret."""
    assert Redactor(headers=["x-mine"]).headers(((name, "anything"),)) == [[name, REDACTED]]


def test_the_scheme_stays_and_a_public_value_stays() -> None:
    """Bearer and Basic stay readable, and so does a wrong key that a case sends on purpose."""
    hide = Redactor(public=["Bearer wrong-on-purpose"])
    assert hide.headers((("Authorization", "Bearer other"),)) == [["Authorization", f"Bearer {REDACTED}"]]
    assert hide.headers((("Authorization", "Bearer wrong-on-purpose"),))[0][1] == "Bearer wrong-on-purpose"


@pytest.mark.parametrize("name", ["max_completion_tokens", "OpenAI-Organization", "total_tokens", "keyword"])
def test_names_that_only_sound_like_keys_stay(name: str) -> None:
    """A member or header with `token` or `key` in its name keeps its value."""
    body = json.dumps({name: "forty-two and more"})
    assert Redactor().body(body) == body
    assert Redactor().headers(((name, "x" * 30),)) == [[name, "x" * 30]]


@pytest.mark.parametrize(
    ("body", "secret"),
    [
        ({"object": "organization.admin_api_key", "value": "adm1n-value-of-key"}, "adm1n-value-of-key"),
        ({"client_secret": {"value": "ephem3ral-value", "expires_at": 1}}, "ephem3ral-value"),
        ({"api_key": {"object": "organization.project.service_account.api_key", "value": "acc0unt-value"}}, "acc0unt-"),
        ({"data": [{"client_secret": "plain-cl1ent-secret"}]}, "plain-cl1ent"),
        ({"mine": "0wn-member-value"}, "0wn-member"),
    ],
)
def test_members_that_carry_keys_go_and_are_remembered(body: object, secret: str) -> None:
    """A key in an answer goes, and goes from every later text too."""
    hide = Redactor(members=["mine"])
    value = json.dumps(body)
    said = hide.body(value)
    assert secret not in said
    assert json.loads(said).keys() == json.loads(value).keys()
    whole = next(word for word in value.split('"') if word.startswith(secret))
    assert hide.text(f"got {whole}") == f"got {REDACTED}"


def test_other_values_stay() -> None:
    """`value` is a key in key objects only; texts of messages keep theirs, beside a key too."""
    body = json.dumps({"text": {"value": "hello there, 12"}, "client_secret": {"value": "hello"}})
    assert json.loads(Redactor().body(body)) == {
        "text": {"value": "hello there, 12"},
        "client_secret": {"value": REDACTED},
    }


def test_a_body_cut_in_the_middle_gives_nothing_away() -> None:
    """Where JSON is broken, members go by their names alone, an unfinished string included."""
    said = Redactor().body('{"client_secret": {"value": "ephem3ral-va', cut=True)
    assert "ephem" not in said


def test_the_beginning_of_a_secret_at_a_cut_goes(hide: Redactor) -> None:
    """A text that was cut inside a secret does not end with its beginning."""
    assert KEY[:9] not in hide.text(f"and {KEY[:9]}", cut=True)


@pytest.mark.parametrize("url", ["http://u:pass-word@h/v1", "https://h/v1?api-key=pass-word&a=1", "/x?token=pass-word"])
def test_urls_lose_their_credentials(url: str) -> None:
    """User parts and query parameters that name a key are emptied; the rest of the URL stays."""
    said = Redactor().url(url)
    assert "pass-word" not in said
    assert said.startswith(url[:4])


def test_binary_data_loses_known_secrets(hide: Redactor) -> None:
    """A secret inside bytes that are no text goes too."""
    assert KEY.encode() not in hide.data(b"\xff\x00" + KEY.encode() + b"\xfe")


def test_short_values_are_no_secrets() -> None:
    """A key of a few letters would spoil every text: it is left in texts and goes from headers only."""
    hide = Redactor(["test"])
    assert hide.text("a test") == "a test"
    assert hide.headers((("Authorization", "Bearer test"),)) == [["Authorization", f"Bearer {REDACTED}"]]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_a_body_without_secrets_stays_to_the_letter(value: object) -> None:
    """Redaction changes nothing where there is nothing to hide."""
    body = json.dumps(value)
    assert Redactor({"KEY": "a-secret-nobody-draws"}).body(body) == body


def test_what_a_case_made_up_stays(hide: Redactor) -> None:
    """The wrong key that cases send on purpose is no secret: a curl line has to send it again."""
    wrong = "Bearer sk-contract-no-such-key"
    assert hide.headers((("Authorization", wrong),)) == [["Authorization", wrong]]


def test_of_two_names_for_one_secret_the_first_counts() -> None:
    """Where one key stands in two variables its mark names the first."""
    assert Redactor({"ONE": "same-secret", "TWO": "same-secret"}).text("same-secret") == "[redacted:ONE]"
