"""Django's entry to the core app."""

from django.apps import AppConfig

from webapp.core.extension import hooks

SWEEP_SECONDS = 600
BACKUPS_SECONDS = 20
"""What is deleted while a killed backup's files lie about is gone within a minute."""


def clear_abandoned_backups() -> None:
    """Remove what killed backups have left."""
    from webapp.core.safekeeping import backups  # Models exist only once all apps are loaded.

    backups.clear_abandoned()


def sweep_orphans() -> None:
    """Move files that belong to nothing to the trash."""
    from webapp.core.files import orphans  # Models exist only once all apps are loaded.

    orphans.sweep()


class CoreConfig(AppConfig):
    """Base pages, jobs, events and the supervisor."""

    name = "webapp.core"
    label = "core"

    def ready(self) -> None:
        """Register the system checks, the duties and what the health page says of the library."""
        from webapp.core.safekeeping import integrity
        from webapp.core.web.library_health import library_section

        hooks.duties.register(hooks.Duty(SWEEP_SECONDS, sweep_orphans))
        hooks.duties.register(hooks.Duty(BACKUPS_SECONDS, clear_abandoned_backups))
        hooks.duties.register(hooks.Duty(integrity.EVERY_SECONDS, integrity.check))
        hooks.sections.register(library_section)
