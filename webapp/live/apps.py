"""Django's entry to the live app."""

from django.apps import AppConfig

from webapp.core.extension import hooks

SILENCE_SECONDS = 60
"""Between two looks for sessions that nobody films in any more."""


def end_silent() -> None:
    """End sessions in which nobody has filmed for long."""
    from webapp.live import services  # Models exist only once all apps are loaded.

    services.end_silent()


class LiveConfig(AppConfig):
    """Live sessions, their cameras and their viewers."""

    name = "webapp.live"
    label = "live"

    def ready(self) -> None:
        """Add the recogniser to the health page, and the end of what was left to the upkeep."""
        from webapp.analysis.names.merging import mergers
        from webapp.live.health import recogniser_section
        from webapp.live.merging import FollowedMerger

        mergers.register(FollowedMerger())
        hooks.sections.register(recogniser_section)
        hooks.duties.register(hooks.Duty(SILENCE_SECONDS, end_silent))
