"""Django's entry to the live app."""

from django.apps import AppConfig

from webapp.core.extension import hooks

SILENCE_SECONDS = 60
"""Between two looks for sessions that nobody films in any more."""


def end_silent() -> None:
    """End sessions in which nobody has filmed for long."""
    from webapp.live import services  # Models exist only once all apps are loaded.

    services.end_silent()


def films() -> dict[str, list[str]]:
    """Return the processes that read the cameras of this server which are on."""
    from webapp.live import sources

    return {f"film-{found}": ["film", str(found)] for found in sources.on_here()}


class LiveConfig(AppConfig):
    """Live sessions, their cameras and their viewers."""

    name = "webapp.live"
    label = "live"

    def ready(self) -> None:
        """Add what the health page, the upkeep and the supervisor are to do for live sessions."""
        from webapp.analysis.names.merging import mergers
        from webapp.live.health import recogniser_section
        from webapp.live.merging import FollowedMerger

        mergers.register(FollowedMerger())
        hooks.sections.register(recogniser_section)
        hooks.duties.register(hooks.Duty(SILENCE_SECONDS, end_silent))
        hooks.processes.register(films)
