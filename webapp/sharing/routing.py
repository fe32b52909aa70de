"""Websocket addresses of links; below the page's own, where the cookie of its password is sent."""

from django.urls import URLPattern, path

from webapp.sharing.consumers import GuestConsumer

websocket_urlpatterns: list[URLPattern] = [
    path("s/<str:token>/live/", GuestConsumer.as_asgi()),  # type: ignore[arg-type]
]
