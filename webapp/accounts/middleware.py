"""What somebody is answered who is not, or not any more, signed in."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, gettext_noop

SIGNED_OUT = gettext_noop("You are signed out. Sign in again to go on.")
SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Sends a person to the sign-in page, and tells a script that it is signed out.

    A script would follow the redirect and take the sign-in page for its answer. A person who sent
    a form comes back to the page with the form: its own address takes nothing but a POST.
    """

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        """Answer a request that needs a signed-in user; ``None`` lets it go on to its view."""
        to_sign_in = super().process_view(request, view_func, view_args, view_kwargs)
        if to_sign_in is not None and _is_from_script(request):
            return JsonResponse({"error": gettext(SIGNED_OUT)}, status=401)
        return to_sign_in

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        """Lead to the sign-in page, and from there to a page that can be shown."""
        if request.method in SAFE_METHODS:
            return super().handle_no_permission(request, view_func)
        return redirect_to_login(
            _page_of_form(request),
            self.get_login_url(view_func),
            self.get_redirect_field_name(view_func),
        )


def _is_from_script(request: HttpRequest) -> bool:
    """Whether one of our scripts asks; ``static/js/lib`` sends these headers."""
    headers = request.headers
    asks_for_part = "X-Fragment" in headers or "X-Requested-With" in headers
    return asks_for_part or "application/json" in headers.get("Accept", "")


def _page_of_form(request: HttpRequest) -> str:
    """Return the path of our own page that sent a form; ``/`` when it is unknown or foreign."""
    referer = request.headers.get("Referer", "")
    if not _is_own(request, referer):
        return "/"
    address = urlsplit(referer)
    page = f"{address.path}?{address.query}" if address.query else address.path
    return page if page.startswith("/") and _is_own(request, page) else "/"


def _is_own(request: HttpRequest, address: str) -> bool:
    return url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
