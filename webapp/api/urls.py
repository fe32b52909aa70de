"""Addresses of the API: its own, and the page that explains them."""

from collections.abc import Sequence

from django.urls import URLPattern, URLResolver, path

from webapp.api import views
from webapp.api.site import api

app_name = "api"


Addresses = tuple[Sequence[URLPattern | URLResolver], str | None, str | None]


def _checked_for_forgery() -> Addresses:
    """Return the API's addresses, with the check of forms that pages have.

    Django Ninja takes its views out of that check; here a session may use the API too.
    """
    addresses: Addresses = api.urls
    for pattern in addresses[0]:
        if isinstance(pattern, URLPattern):
            pattern.callback.csrf_exempt = False  # type: ignore[attr-defined]
    return addresses


urlpatterns = [
    path("api/", views.reference, name="reference"),
    path("api/v1/", _checked_for_forgery()),
]
