"""Websocket addresses of the live app."""

from django.urls import URLPattern, path

from webapp.live.consumers import CameraConsumer, ViewerConsumer

websocket_urlpatterns: list[URLPattern] = [
    path("ws/live/camera/<uuid:session_id>/", CameraConsumer.as_asgi()),  # type: ignore[arg-type]
    path("ws/live/view/<uuid:session_id>/", ViewerConsumer.as_asgi()),  # type: ignore[arg-type]
]
