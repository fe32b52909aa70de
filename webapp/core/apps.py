"""Django's entry to the core app."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Base pages, jobs, events and the supervisor."""

    name = "webapp.core"
    label = "core"

    def ready(self) -> None:
        """Register the system checks."""
        from webapp import checks  # noqa: F401 - registers by being imported; needs the settings
