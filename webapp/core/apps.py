"""Django's entry to the core app."""

from django.apps import AppConfig

from webapp.core import hooks, media

SWEEP_SECONDS = 600
LEFT_OF_BACKUPS = media.Kind(
    "interrupted backups",
    ".backup-*",
    is_unfinished=True,
    young_seconds=24 * 3600,
    is_forgotten=lambda _folder: True,  # It may hold what users have deleted since.
)


def sweep_orphans() -> None:
    """Move files that belong to nothing to the trash."""
    from webapp.core import orphans  # Models exist only once all apps are loaded.

    orphans.sweep()


class CoreConfig(AppConfig):
    """Base pages, jobs, events and the supervisor."""

    name = "webapp.core"
    label = "core"

    def ready(self) -> None:
        """Register the system checks, the duties and what the health page says of the library."""
        from webapp import checks  # noqa: F401 - registers by being imported; needs the settings
        from webapp.core import integrity
        from webapp.core.library_health import library_section

        media.register(LEFT_OF_BACKUPS)
        hooks.do_every(SWEEP_SECONDS, sweep_orphans)
        hooks.do_every(integrity.EVERY_SECONDS, integrity.check)
        hooks.report_with(library_section)
