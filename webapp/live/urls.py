"""Addresses of the live app."""

from django.urls import path

from webapp.live import source_views, views

app_name = "live"
urlpatterns = [
    path("live/", views.sessions, name="list"),
    path("live/wall/", views.wall, name="wall"),
    path("live/sources/", source_views.listed, name="sources"),
    path("live/sources/<uuid:source_id>/on/", source_views.turn_on, name="source-on"),
    path("live/sources/<uuid:source_id>/off/", source_views.turn_off, name="source-off"),
    path("live/sources/<uuid:source_id>/remove/", source_views.remove, name="source-remove"),
    path("live/<uuid:session_id>/", views.view, name="view"),
    path("live/<uuid:session_id>/camera/", views.camera, name="camera"),
    path("live/<uuid:session_id>/end/", views.end, name="end"),
    path("live/<uuid:session_id>/again/", views.again, name="again"),
    path("live/<uuid:session_id>/delete/", views.delete, name="delete"),
]
