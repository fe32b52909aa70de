"""How pages look to this browser: dark, light or as its system prefers, and in which language."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from django.views.i18n import JavaScriptCatalog

COOKIE = "encore-theme"
"""Holds what was chosen; ``static/js/lib/theme.js`` sets it as well."""
YEAR_SECONDS = 365 * 24 * 3600

_LIGHT_SHEET_MEDIA = {"light": "all", "dark": "not all", "": "(prefers-color-scheme: light)"}
_THEMES = {"light": _("Light"), "dark": _("Dark")}


def appearance(request: HttpRequest) -> dict[str, object]:
    """Tell every template the chosen theme, and when the light colours apply.

    It is in the page from its first byte on, so nothing flashes, and no script runs for it.
    """
    theme = request.COOKIES.get(COOKIE, "")
    if theme not in _THEMES:
        theme = ""
    return {"theme": theme, "themes": _THEMES, "light_media": _LIGHT_SHEET_MEDIA[theme]}


@login_not_required
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Remember a choice in this browser and lead back to the page it was made on."""
    response = HttpResponseRedirect(_own_page(request, request.POST.get("next", "")))
    if "theme" in request.POST:
        theme = request.POST["theme"]
        _remember(request, response, COOKIE, theme if theme in _THEMES else "system")
    if request.POST.get("language") in dict(settings.LANGUAGES):
        _remember(request, response, settings.LANGUAGE_COOKIE_NAME, request.POST["language"])
    return response


words = login_not_required(JavaScriptCatalog.as_view())
"""The texts of scripts in the language of the page."""


def _remember(request: HttpRequest, response: HttpResponse, name: str, value: str) -> None:
    is_secure = request.is_secure()
    response.set_cookie(name, value, max_age=YEAR_SECONDS, secure=is_secure, samesite="Lax")


def _own_page(request: HttpRequest, address: str) -> str:
    """Return the address if it is one of this site, else the first page."""
    is_own = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if is_own and address.startswith("/") else "/"
