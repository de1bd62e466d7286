"""Secrets out of everything that is written: known values in all their spellings, headers and members that carry keys.

A known secret with a name becomes `[redacted:NAME]` (NAME is its environment variable, so a `curl` line can take it
from there), any other `[redacted]`. Only whole names count: `max_completion_tokens` is no key.
"""

from __future__ import annotations

import base64
import json
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from contract.exchange import Headers

REDACTED = "[redacted]"
#: Headers whose value is a credential, whoever sends them (lower case).
HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "api-key", "x-api-key", "x-goog-api-key"}
)
#: Credentials that cases make up so that they are refused; hiding them would hide what was sent.
PUBLIC = frozenset({"Bearer sk-contract-no-such-key", "Basic Y29udHJhY3Q6Y29udHJhY3Q=", "Bearer"})
#: Members that are a key wherever they hold a string (openapi.yaml: `client_secret`, `api_key` of service accounts).
MEMBERS = frozenset({"client_secret", "api_key"})
#: Shorter values are words that stand anywhere; replacing them would spoil the evidence.
SHORTEST = 6
#: Texts are cut and streams split words: of a random-looking secret a beginning or an end so long goes too.
_PART = 12
_RANDOM = re.compile(r"(?=(?:[^0-9]*[0-9]){3})[^\s;,=\"']{24,}")
_LEARNED = 256
_PARSED = 8 * 1024 * 1024
_KEY = re.compile(r"(?<![A-Za-z0-9])(?:sk|ek|sess)[-_][A-Za-z0-9_-]{20,}")
_QUERY = re.compile(
    r"([?&](?:api[-_]?key|key|token|access_token|sig|signature)=)(?!\[redacted)[^&#\s\"']+", re.IGNORECASE
)
_USERINFO = re.compile(r"(://)[^/@\s\"']+@")
_WHOLE = re.compile(r"(?:\w+ )?\[redacted:\w+\]")
_STRING = r'"(?:[^"\\]|\\.)*"'


class Redactor:
    """Replaces secrets in texts, bytes, headers and JSON. It learns key values from bodies it has seen."""

    def __init__(
        self,
        secrets: Mapping[str, str] | Iterable[str] = (),
        *,
        headers: Iterable[str] = (),
        members: Iterable[str] = (),
        public: Iterable[str] = (),
    ) -> None:
        """`secrets` maps environment variables to values, or lists values; `headers` and `members` add names that
        carry keys; `public` are header values that are none (the wrong key that a case sends on purpose).
        """
        named: dict[str, str] = dict(secrets) if isinstance(secrets, Mapping) else {}
        values = secrets.values() if isinstance(secrets, Mapping) else secrets
        self._markers = {
            part: f"[redacted:{name}]" for name, value in reversed(list(named.items())) for part in _parts(value)
        }
        self._secrets = [part for value in values for part in _parts(value) if len(part) >= SHORTEST]
        self._learned: deque[str] = deque(maxlen=_LEARNED)
        self._headers = HEADERS | {name.lower() for name in headers}
        self._members = MEMBERS | set(members)
        self._public = PUBLIC | set(public)
        self._compile()

    def text(self, text: str, *, cut: bool = False) -> str:
        """`text` without secrets; with `cut` its end may be the beginning of one."""
        found = _KEY.sub(REDACTED, self._without_ends(self._without_secrets(text)))
        return self._tail(found) if cut else found

    def url(self, url: str) -> str:
        """`text`, and without credentials in the user part or in a query parameter that names a key."""
        return _QUERY.sub(rf"\1{REDACTED}", _USERINFO.sub(rf"\1{REDACTED}@", self.text(url)))

    def headers(self, headers: Headers) -> list[list[str]]:
        """Name and value of each header, in order, credentials replaced."""
        return [[name, self._header(name, value)] for name, value in headers]

    def body(self, text: str, *, cut: bool = False) -> str:
        """A body: members that carry keys too, in JSON, whole or broken; all else stays to the letter."""
        for name, value in self._members_of(text):
            text = self._replace_member(text, name, value)
        return self.text(text, cut=cut)

    def learn(self, document: Any) -> None:
        """The keys that a JSON value hands out are secrets from now on, whatever quotes them."""
        for _, value in self._keys(document):
            self._learn(value)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where secrets stand in a text: (start, end) of each."""
        yield from ((start, end) for start, end, _ in self._known(text))
        yield from (match.span() for match in _KEY.finditer(text))

    def data(self, data: bytes) -> bytes:
        """Bytes that are no UTF-8 text, known values replaced."""
        return self.text(data.decode("latin-1")).encode("latin-1", "replace")

    def value(self, value: Any) -> Any:
        """A JSON value with `text` applied to every string, names of members included."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list | tuple):
            return [self.value(each) for each in value]
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.value(each) for key, each in value.items()}
        return value

    def _header(self, name: str, value: str) -> str:
        if value in self._public:
            return value
        clean = self.text(value)
        if name.lower() not in self._headers or _WHOLE.fullmatch(clean):
            return clean
        scheme, _, rest = value.partition(" ")
        return f"{scheme} {REDACTED}" if rest and scheme.lower() in {"bearer", "basic"} else REDACTED

    def _members_of(self, text: str) -> Iterator[tuple[str, str | None]]:
        """Members that hold a key, with the value; in broken JSON by their names alone (value None)."""
        if not any(name in text for name in self._members):
            return
        try:
            document = json.loads(text) if len(text) <= _PARSED else None
        except (ValueError, RecursionError):
            document = None
        if document is None:
            yield from ((name, None) for name in (*self._members, "value"))
        else:
            yield from set(self._keys(document))

    def _keys(self, document: Any) -> Iterator[tuple[str, str]]:
        stack: list[tuple[str, Any]] = [("", document)]
        while stack:
            parent, node = stack.pop()
            if isinstance(node, list):
                stack.extend((parent, each) for each in node)
            elif isinstance(node, dict):
                holds = parent in self._members or str(node.get("object", "")).endswith("api_key")
                for name, value in node.items():
                    if isinstance(value, str) and (name in self._members or (name == "value" and holds)):
                        yield name, value
                    elif isinstance(value, dict | list):
                        stack.append((name, value))

    def _replace_member(self, text: str, name: str, value: str | None) -> str:
        def replaced(match: re.Match[str]) -> str:
            try:
                held = json.loads(match.group(2), strict=False)
            except ValueError:
                held = match.group(2)
            return f'{match.group(1)}"{REDACTED}"' if value in {None, held} else match.group()

        if value is not None:
            self._learn(value)
        # In a body that was cut the string may not end.
        return re.sub(rf'("{re.escape(name)}"\s*:\s*)({_STRING}|"[^"]*$)', replaced, text)

    def _learn(self, value: str) -> None:
        telling = len(value) >= 12 and not value.isalpha() and not value.startswith("[redacted")
        if telling and value not in self._secrets and value not in self._learned:
            self._learned.append(value)
            self._compile()

    def _without_secrets(self, text: str) -> str:
        """Known secrets out, from their beginning as far as they go."""
        pieces: list[str] = []
        at = 0
        for start, end, mark in self._known(text):
            pieces += (text[at:start], mark)
            at = end
        return "".join((*pieces, text[at:])) if at else text

    def _known(self, text: str) -> Iterator[tuple[int, int, str]]:
        """(start, end, mark) of every known secret, in order."""
        at = 0
        while self._forms and (match := self._heads.search(text, at)):
            forms = self._by_head[match.group()]
            found = {form: _shared(form, text, match.start()) for form in forms}
            form = max(forms, key=lambda each: (found[each], found[each] == len(each)))
            at = match.start() + found[form]
            yield match.start(), at, self._forms[form] if found[form] == len(form) else REDACTED

    def _without_ends(self, text: str) -> str:
        return self._ends.sub(REDACTED, text) if self._ends else text

    def _tail(self, text: str) -> str:
        for form in self._forms:
            for length in range(min(len(form) - 1, len(text)), SHORTEST - 1, -1):
                if text.endswith(form[:length]):
                    return text[:-length] + REDACTED
        return text

    def _compile(self) -> None:
        self._forms: dict[str, str] = {}
        for secret in (*self._secrets, *self._learned):
            for form in _spellings(secret):
                self._forms.setdefault(form, REDACTED)
            self._forms[secret] = self._markers.get(secret, REDACTED)
        self._by_head: dict[str, list[str]] = {}
        for form in self._forms:
            self._by_head.setdefault(form[:_PART] if _RANDOM.fullmatch(form) else form, []).append(form)
        self._heads = _any_of(self._by_head)
        ends = [each[-_PART:] for each in (*self._secrets, *self._learned) if _RANDOM.fullmatch(each)]
        self._ends = _any_of(ends) if ends else None


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(each) for each in sorted(set(words), key=len, reverse=True)))


def _shared(form: str, text: str, at: int) -> int:
    """How many characters of `form` stand in `text` at `at`."""
    same = next((index for index, char in enumerate(form) if text[at + index : at + index + 1] != char), None)
    return len(form) if same is None else same


def _parts(secret: str) -> Iterator[str]:
    """A secret, and the keys inside it: the token behind `Bearer`, the values of a cookie."""
    yield secret
    yield from (each for each in _RANDOM.findall(secret) if each != secret)


def _spellings(secret: str) -> Iterator[str]:
    """A secret as URLs, JSON, latin-1 decoded bytes, hex and base64 (at any alignment) spell it."""
    raw = secret.encode("utf-8", "surrogatepass")
    yield raw.decode("latin-1")
    yield json.dumps(secret)[1:-1]
    for encoded in (quote(raw, safe=""), quote(raw), quote_plus(raw)):
        yield encoded
        yield re.sub(r"%[0-9A-F]{2}", lambda match: match.group().lower(), encoded)
    if len(raw) < 8:
        return
    yield raw.hex()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for lead in range(3):
            # Characters that mix with a neighbour's bits are left out at both ends.
            whole = encode(b"\0" * lead + raw).decode().rstrip("=")
            last = len(whole) - (1 if (lead + len(raw)) % 3 else 0)
            yield whole[(0, 2, 3)[lead] : last]
