"""Where a user is: told by the browser once, and the zone of every page from then on."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from webapp.accounts.models import User
from webapp.accounts.signals import user_moved
from webapp.core.zones import COOKIE, known_zone

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class ZoneMiddleware:
    """Shows times as they are where the user lives, which the first browser has told."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on in the user's zone."""
        zone = browser_zone(request)
        if isinstance(request.user, User):
            zone = _zone_of(request.user, zone)
        with timezone.override(zone or None):
            return self.get_response(request)


def browser_zone(request: HttpRequest) -> str:
    """Return the zone that the browser tells; empty where it tells none that there is."""
    return known_zone(request.COOKIES.get(COOKIE, ""))


def _zone_of(user: User, told: str) -> str:
    if told and not user.time_zone:
        user_moved.send(user.pk, told)
        user.time_zone = told
    return user.time_zone
