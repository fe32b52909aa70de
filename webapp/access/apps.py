"""Django's entry to the access app."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Roles in concerts of others."""

    name = "webapp.access"
    label = "access"
