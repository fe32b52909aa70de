"""Django's entry to the core app."""

from django.apps import AppConfig

from webapp.core import hooks

SWEEP_SECONDS = 600


def sweep_orphans() -> None:
    """Move files that belong to nothing to the trash."""
    from webapp.core import orphans  # Models exist only once all apps are loaded.

    orphans.sweep()


class CoreConfig(AppConfig):
    """Base pages, jobs, events and the supervisor."""

    name = "webapp.core"
    label = "core"

    def ready(self) -> None:
        """Register the system checks, the sweep of orphans and what the health page says of it."""
        from webapp import checks  # noqa: F401 - registers by being imported; needs the settings
        from webapp.core.library_health import library_section

        hooks.do_every(SWEEP_SECONDS, sweep_orphans)
        hooks.report_with(library_section)
