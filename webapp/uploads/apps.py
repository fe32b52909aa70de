"""Django's entry to the uploads app."""

from django.apps import AppConfig

from webapp.core.extension import hooks
from webapp.core.files import media

SWEEP_SECONDS = 600


def sweep() -> None:
    """Forget uploads that were not finished in time."""
    from webapp.uploads import receiving  # Models exist only once all apps are loaded.

    receiving.forget_expired()


class UploadsConfig(AppConfig):
    """Uploads that are under way, whatever they become."""

    name = "webapp.uploads"
    label = "uploads"

    def ready(self) -> None:
        """Register the part files, and what happens to those that nobody finishes."""
        from webapp.uploads.library import PARTS

        media.register(PARTS)
        hooks.duties.register(hooks.Duty(SWEEP_SECONDS, sweep, judges_media=True))
