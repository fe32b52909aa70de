"""Addresses of the core app."""

from django.urls import path

from webapp.core.web import appearance, installing, views

app_name = "core"
urlpatterns = [
    path("", views.home, name="home"),
    path("appearance/", appearance.choose, name="appearance"),
    path("manifest.webmanifest", installing.manifest, name="manifest"),
    path("service-worker.js", installing.service_worker, name="service-worker"),
    path("words.js", appearance.words, name="words"),
    path("offline/", installing.offline, name="offline"),
    path("health/", views.health, name="health"),
    path("health/live/", views.live, name="live"),
    path("health/ready/", views.ready, name="ready"),
    path("metrics", views.numbers, name="metrics"),
]
