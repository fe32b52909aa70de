"""Django's entry to the core app."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Base pages, jobs, events and the supervisor."""

    name = "webapp.core"
    label = "core"
