"""Addresses of the live app."""

from django.urls import path

from webapp.live import views

app_name = "live"
urlpatterns = [
    path("live/", views.sessions, name="list"),
    path("live/wall/", views.wall, name="wall"),
    path("live/<uuid:session_id>/", views.view, name="view"),
    path("live/<uuid:session_id>/camera/", views.camera, name="camera"),
    path("live/<uuid:session_id>/end/", views.end, name="end"),
    path("live/<uuid:session_id>/again/", views.again, name="again"),
    path("live/<uuid:session_id>/delete/", views.delete, name="delete"),
]
