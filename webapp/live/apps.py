"""Django's entry to the live app."""

from django.apps import AppConfig

from webapp.core import hooks


class LiveConfig(AppConfig):
    """Live sessions, their cameras and their viewers."""

    name = "webapp.live"
    label = "live"

    def ready(self) -> None:
        """Add the recogniser to the health page."""
        from webapp.live.health import recogniser_section

        hooks.report_with(recogniser_section)
