"""What holds for every address of the API: who asks, how often, and how errors and ETags look."""

import hashlib
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers

from webapp.accounts.keys import find_key
from webapp.api.access import key_of, shown_token
from webapp.api.problems import as_problem, problem
from webapp.api.rates import Allowance, count

ROOT = "/api/v1/"
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="Encore"'}
_NO_SUCH_KEY = "This key is unknown, revoked or expired."


class ApiMiddleware:
    """Lets a key stand for its owner, and gives every answer of the API its form.

    It stands behind the session's middleware, so a signed-in user is known, and before the check of
    forms has read a body: an anonymous request ends here, before any of its bytes are taken.
    A key is sent in a header that no browser adds by itself, so it needs no token against forgery.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request of the API; any other one passes."""
        if not request.path.startswith(ROOT):
            return self.get_response(request)
        refusal = _identify(request)
        if refusal is not None:
            return refusal
        allowance = _count(request)
        response = _too_many(allowance) if allowance.is_exceeded else self._answer(request)
        for name, value in allowance.headers().items():
            response.headers.setdefault(name, value)
        patch_vary_headers(response, ("Authorization", "Cookie"))
        return response

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        """Answer HEAD as GET without its body, errors as problems, and what is known with 304."""
        method = request.method
        if method == "HEAD":
            request.method = "GET"
        try:
            response = as_problem(self.get_response(request))
            return _with_etag(request, response)
        finally:
            request.method = method


def _identify(request: HttpRequest) -> HttpResponse | None:
    """Find who asks; returns the refusal of somebody unknown."""
    token = shown_token(request)
    if token is None:
        return None if request.user.is_authenticated else problem(401, headers=_CHALLENGE)
    key = find_key(token)
    if key is None:
        return problem(401, _NO_SUCH_KEY, _CHALLENGE)
    request.user = key.owner
    request.api_key = key  # type: ignore[attr-defined]
    request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
    return None


def _count(request: HttpRequest) -> Allowance:
    return count(rate_name(request), settings.API_REQUESTS_PER_MINUTE)


def rate_name(request: HttpRequest) -> str:
    """Return the name under which somebody's requests are counted."""
    key = key_of(request)
    return f"key:{key.pk}" if key else f"user:{request.user.pk}"


def _too_many(allowance: Allowance) -> HttpResponse:
    detail = f"More than {allowance.limit} requests in a minute."
    return problem(429, detail, allowance.headers())


def _with_etag(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    is_whole = isinstance(response, HttpResponse) and response.status_code == 200
    if request.method != "GET" or not is_whole or not isinstance(response, HttpResponse):
        return response
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response.headers["ETag"] = etag
    known = get_conditional_response(request, etag=etag, response=response)
    return known if known is not None else response
