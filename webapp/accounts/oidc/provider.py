"""The provider: where its doors are, as it says itself under its own address.

Asked when somebody signs in, and remembered for an hour; without ``ENCORE_OIDC_ISSUER`` nothing is
ever asked of anybody.
"""

import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings

TIMEOUT_SECONDS = 10
REMEMBERED_SECONDS = 3600
LEFT_ALONE_SECONDS = 10
"""A provider that did not answer is not asked again for so long; all who press wait in one line."""
ALGORITHM = "RS256"
"""Every provider has to offer it (OpenID Connect Core, 15.1)."""


class ProviderError(Exception):
    """The provider does not answer, or not as one does. The text is for the log."""


@dataclass(frozen=True, slots=True)
class Provider:
    """What a provider says about itself.

    Attributes:
        issuer: Its name, as its tokens carry it.
        userinfo: Where more about who signs in is told; empty where that stands in the token only.
    """

    issuer: str
    authorization: str
    token: str
    keys: str
    userinfo: str


_lock = threading.Lock()
_found: dict[str, tuple[float, Provider]] = {}
_failed: dict[str, tuple[float, str]] = {}


def is_configured() -> bool:
    """Whether somebody can sign in by a provider at all."""
    return bool(settings.OIDC_ISSUER)


def provider() -> Provider:
    """Return the provider of this installation.

    Raises:
        ProviderError: It cannot be found.
    """
    with _lock:
        asked_at, known = _found.get(settings.OIDC_ISSUER, (0.0, None))
        if known is not None and time.monotonic() - asked_at < REMEMBERED_SECONDS:
            return known
        failed_at, trouble = _failed.get(settings.OIDC_ISSUER, (0.0, ""))
        if trouble and time.monotonic() - failed_at < LEFT_ALONE_SECONDS:
            raise ProviderError(trouble)
        try:
            fresh = _ask(settings.OIDC_ISSUER)
        except ProviderError as error:
            _failed[settings.OIDC_ISSUER] = time.monotonic(), str(error)
            raise
        _found[settings.OIDC_ISSUER] = time.monotonic(), fresh
        return fresh


def forget() -> None:
    """Ask the provider anew the next time."""
    with _lock:
        _found.clear()
        _failed.clear()


def _ask(issuer: str) -> Provider:
    address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    try:
        answer = requests.get(address, timeout=TIMEOUT_SECONDS, allow_redirects=False)
        answer.raise_for_status()
        said = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise ProviderError(f"{address} does not answer: {type(error).__name__}") from error
    if not isinstance(said, dict) or str(said.get("issuer", "")).rstrip("/") != issuer.rstrip("/"):
        raise ProviderError(f"{address} is of another issuer")
    return Provider(
        issuer=said["issuer"],
        authorization=_door(said, "authorization_endpoint", issuer),
        token=_door(said, "token_endpoint", issuer),
        keys=_door(said, "jwks_uri", issuer),
        userinfo=_door(said, "userinfo_endpoint", issuer) if "userinfo_endpoint" in said else "",
    )


def _door(said: dict[str, Any], name: str, issuer: str) -> str:
    """Return an address of the provider, which must be as safe as the issuer's."""
    address = str(said.get(name, ""))
    if not address.startswith("https://") and urlsplit(issuer).scheme == "https":
        raise ProviderError(f"{name} is not an https address")
    return address
