"""Who asks the API, by a key or by a session, and what a key may do."""

from typing import Any

from django.http import HttpRequest
from ninja.security.base import AuthBase

from webapp.accounts.keys import SCOPES
from webapp.accounts.models import ApiKey
from webapp.api.problems import ProblemError

HEADER, SCHEME = "Authorization", "bearer"


def shown_token(request: HttpRequest) -> str | None:
    """Return what a program shows as its key: empty if it is none, ``None`` without the header."""
    header = request.headers.get(HEADER)
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == SCHEME else ""


def key_of(request: HttpRequest) -> ApiKey | None:
    """Return the key by which somebody asks; ``None`` for a signed-in user."""
    key: ApiKey | None = getattr(request, "api_key", None)
    return key


class ApiKeyAuth(AuthBase):
    """Lets a key do what its scopes allow, and a signed-in user everything.

    Who asks was found by the middleware (``webapp.api.middleware``); nobody else comes this far.

    Args:
        scope: What a key needs; empty where any key will do.
    """

    openapi_type = "http"
    openapi_scheme = SCHEME

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Any:
        """Return who asks.

        Raises:
            ProblemError: The key may not do this.
        """
        key = key_of(request)
        if key is not None and self.scope and self.scope not in key.scopes:
            raise ProblemError(403, f"This key may not do that: it lacks the scope {self.scope}.")
        return request.user


def may(scope: str) -> ApiKeyAuth:
    """Return the check of a scope, for a route."""
    if scope and scope not in SCOPES:
        raise ValueError(f"there is no scope {scope!r}")
    return ApiKeyAuth(scope)
