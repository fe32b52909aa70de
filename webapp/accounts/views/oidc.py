"""To the provider and back: the two addresses of signing in by OpenID Connect."""

import logging
from typing import Any

import jwt
import requests
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_safe
from mozilla_django_oidc.views import (
    OIDCAuthenticationCallbackView,
    OIDCAuthenticationRequestView,
)

from webapp.accounts.oidc.provider import ProviderError, is_configured, provider
from webapp.core.server.addresses import client_address
from webapp.core.server.rates import RecentCounts

logger = logging.getLogger(__name__)

PER_MINUTE = 30
"""Ways to the provider from one address; each leaves a session."""
SESSION_BACKEND = "django.contrib.auth.backends.ModelBackend"
BROKEN = (
    *(SuspiciousOperation, ProviderError, jwt.PyJWTError, requests.RequestException),
    *(KeyError, ValueError, TypeError, AttributeError),
)
"""What a provider, or whoever poses as one, may cause; nobody is signed in then."""
_recent = RecentCounts()


class _Start(OIDCAuthenticationRequestView):  # type: ignore[misc]
    """Leads to the provider, with state, nonce and PKCE."""

    @staticmethod
    def get_settings(name: str, *default: Any) -> Any:
        """Return a setting; the provider itself says where its door is."""
        if name == "OIDC_OP_AUTHORIZATION_ENDPOINT":
            return provider().authorization
        return OIDCAuthenticationRequestView.get_settings(name, *default)


class _Callback(OIDCAuthenticationCallbackView):  # type: ignore[misc]
    """Signs in who comes back."""

    def login_success(self) -> HttpResponseBase:
        """Sign in, and from then on be a session as any other."""
        target = self.request.session.pop("oidc_login_next", None) or "/"
        login(self.request, self.user, backend=SESSION_BACKEND)
        return redirect(target)

    def login_failure(self) -> HttpResponseBase:
        """Say that it did not work, on the page where one can sign in."""
        return _refused(self.request)


@login_not_required
@require_safe
def start(request: HttpRequest) -> HttpResponseBase:
    """Lead to the provider."""
    _only_where_configured()
    if not _recent.allows(client_address(request), PER_MINUTE):
        return _refused(request)
    try:
        answer: HttpResponseBase = _Start.as_view()(request)
    except ProviderError as error:
        logger.warning("nobody can sign in by the provider: %s", error)
        messages.error(request, gettext("The provider does not answer. Try again in a while."))
        return redirect("accounts:login")
    return answer


@login_not_required
@require_safe
def callback(request: HttpRequest) -> HttpResponseBase:
    """Take who comes back from the provider; who is signed in already stays who they are."""
    _only_where_configured()
    if request.user.is_authenticated:
        return redirect("core:home")
    if "code" not in request.GET or "state" not in request.GET:
        return _refused(request)
    try:
        answer: HttpResponseBase = _Callback.as_view()(request)
    except BROKEN as error:
        logger.warning("an answer of the provider is not believed: %s", type(error).__name__)
        return _refused(request)
    return answer


def _only_where_configured() -> None:
    if not is_configured():
        raise Http404


def _refused(request: HttpRequest) -> HttpResponseBase:
    words = gettext(
        "You could not be signed in this way. Ask the owner whether you have an account."
    )
    messages.error(request, words)
    return redirect("accounts:login")
