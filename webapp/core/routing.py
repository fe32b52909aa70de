"""Websocket addresses of the core app."""

from django.urls import URLPattern, path

from webapp.core.events.consumers import EventConsumer

websocket_urlpatterns: list[URLPattern] = [
    path("ws/events/", EventConsumer.as_asgi()),  # type: ignore[arg-type]
]
