"""What the provider's answer must be before it is believed.

mozilla-django-oidc carries state, nonce and PKCE, fetches the token and finds the key that signed
it. It looks neither at whom a token is for nor at who issued it, and takes an e-mail address for a
person; both is decided here.
"""

import logging
from typing import Any

import jwt
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from mozilla_django_oidc.auth import OIDCAuthenticationBackend

from webapp.accounts.models import User
from webapp.accounts.oidc.identities import Claims, NoAccountError, account_of
from webapp.accounts.oidc.provider import ALGORITHM, Provider, provider

logger = logging.getLogger(__name__)

LEEWAY_SECONDS = 30
"""By so much clocks may differ."""
NEEDED_CLAIMS = ["iss", "sub", "aud", "exp", "iat"]


class ProviderBackend(OIDCAuthenticationBackend):  # type: ignore[misc]
    """Signs in who comes back from the provider; passwords are not its business."""

    def __init__(self) -> None:
        """Ask the provider nothing yet: Django makes one of these for each password, too."""
        self.UserModel = User
        self.OIDC_RP_SIGN_ALGO = ALGORITHM
        self.OIDC_RP_IDP_SIGN_KEY = None

    def authenticate(
        self, request: HttpRequest | None, nonce: str | None = None, **credentials: Any
    ) -> User | None:
        """Return who comes back; only the page that the provider leads to knows a nonce."""
        if not nonce:
            return None
        found = provider()
        self._provider: Provider = found
        self.OIDC_OP_TOKEN_ENDPOINT = found.token
        self.OIDC_OP_JWKS_ENDPOINT = found.keys
        self.OIDC_OP_USER_ENDPOINT = found.userinfo
        self.OIDC_RP_CLIENT_ID = settings.OIDC_RP_CLIENT_ID
        self.OIDC_RP_CLIENT_SECRET = settings.OIDC_RP_CLIENT_SECRET
        user: User | None = super().authenticate(request, nonce=nonce, **credentials)
        return user

    def _verify_jws(self, payload: str, key: Any) -> Claims:
        """Return what a token says, if this provider has signed it for us and it still holds."""
        claims: Claims = jwt.decode(
            payload,
            key,
            algorithms=[ALGORITHM],
            audience=settings.OIDC_RP_CLIENT_ID,
            issuer=self._provider.issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": NEEDED_CLAIMS},
        )
        authorized = claims.get("azp", settings.OIDC_RP_CLIENT_ID)
        if authorized != settings.OIDC_RP_CLIENT_ID:
            raise SuspiciousOperation("the token was given to somebody else")
        return claims

    def get_or_create_user(self, access_token: str, id_token: str, payload: Claims) -> User | None:
        """Return the account of who signs in."""
        claims = payload
        if self._provider.userinfo:
            more = self.get_userinfo(access_token, id_token, payload)
            if more.get("sub") != payload["sub"]:
                raise SuspiciousOperation("the provider tells of somebody else")
            claims = {**more, **payload}
        try:
            return account_of(self._provider.issuer, claims)
        except NoAccountError as error:
            logger.info("nobody is signed in by the provider: %s", error)
            return None
