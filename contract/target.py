"""Target: where requests go, who we say we are, and what we may do there."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from contract.errors import UsageError
from contract.operation import Operation, Safety
from contract.options import Options

#: What opens the embedded mock of a run: secrets of nobody.
MOCK_KEY = "mock-key-of-the-contract-suite"
MOCK_ADMIN_KEY = "mock-admin-key-of-the-contract-suite"
#: What any target is asked without `--allow` (loopback: everything).
MILD = frozenset({Safety.READ, Safety.GENERATE})


@dataclass(frozen=True, slots=True)
class Target:
    """A base URL with credentials. The keys are shown by no `repr`."""

    url: str
    key: str | None = field(default=None, repr=False)
    admin_key: str | None = field(default=None, repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    allowed: frozenset[Safety] = MILD
    verify: bool = True
    ca: str | None = None

    def may(self, safety: Safety) -> bool:
        """True where a request of that class may be sent."""
        return safety in self.allowed

    def authorization(self, operation: Operation) -> str | None:
        """The Authorization header for an operation, None without a key."""
        key = (self.admin_key or self.key) if operation.safety is Safety.ADMIN else self.key
        return f"Bearer {key}" if key else None

    def secrets(self) -> frozenset[str]:
        """Every literal that must reach no file and no log."""
        values = {self.key, self.admin_key, *(value for _, value in self.headers), *(v for _, v in self.query)}
        return frozenset(each for each in values if each and len(each) >= 6)


def is_loopback(url: str) -> bool:
    """True where the URL's host is this machine by its literal name or address; nothing is resolved."""
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_url(url: str) -> str:
    """The base URL without a trailing slash. Raises UsageError where it is none that we can use."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise UsageError(f"{url!r} is no URL ({error})") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(f"{url!r} is no base URL: write http://HOST:PORT/v1")
    if parts.username or parts.password:
        raise UsageError("the URL holds credentials: put the key into an environment variable (--auth-env NAME)")
    if parts.query or parts.fragment:
        raise UsageError("the base URL holds a query or fragment: use --query 'k=v'")
    return url.rstrip("/")


def from_options(options: Options, *, mock_url: str | None = None) -> Target:
    """The target of a run; `mock_url` where the embedded mock stands in. Raises UsageError."""
    url = check_url(options.target or mock_url or "")
    key = os.environ.get(options.auth_env) or None
    admin_key = os.environ.get(options.admin_auth_env) or None
    if mock_url and not options.target:
        # The user's own keys never go to the mock; it has keys, so that wrong ones can be told.
        key, admin_key = MOCK_KEY, MOCK_ADMIN_KEY
    allowed = frozenset(Safety) if is_loopback(url) else MILD | frozenset(options.allow)
    return Target(url, key, admin_key, options.header, options.query, allowed, not options.insecure, options.ca)
