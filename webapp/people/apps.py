"""The people app: who can be recognised."""

from django.apps import AppConfig

from webapp.core import media
from webapp.core.safekeeping import inventory


class PeopleConfig(AppConfig):
    """Groups, people and their references."""

    name = "webapp.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the crops of references, and what is counted."""
        from webapp.people import counts
        from webapp.people.library import INVENTORY, KINDS

        counts.register()
        media.register(*KINDS)
        inventory.register(INVENTORY)
