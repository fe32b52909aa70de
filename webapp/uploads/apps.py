"""Django's entry to the uploads app."""

from django.apps import AppConfig


class UploadsConfig(AppConfig):
    """Uploads that are under way, whatever they become."""

    name = "webapp.uploads"
    label = "uploads"
