"""The people app: who can be recognised."""

from django.apps import AppConfig

from webapp.core import hooks

SWEEP_SECONDS = 600


def sweep() -> None:
    """Remove crops that no reference points to."""
    from webapp.people import services  # Models exist only once all apps are loaded.

    services.sweep_crops()


class PeopleConfig(AppConfig):
    """Groups, people and their references."""

    name = "webapp.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what is done from time to time."""
        hooks.do_every(SWEEP_SECONDS, sweep)
