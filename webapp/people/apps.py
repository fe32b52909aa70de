"""The people app: who can be recognised."""

from django.apps import AppConfig

from webapp.core.files import media
from webapp.core.safekeeping import inventory


class PeopleConfig(AppConfig):
    """Groups, people and their references."""

    name = "webapp.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the crops of references, and what is counted."""
        from webapp.people import counts
        from webapp.people.gallery.changes import follow_bin
        from webapp.people.library import INVENTORY, KINDS
        from webapp.people.line_ups import follow_days, follow_moved
        from webapp.photos import arranging, bin

        counts.register()
        media.register(*KINDS)
        inventory.register(INVENTORY)
        arranging.joined.connect(follow_moved)
        arranging.parted_by_day.connect(follow_days)
        bin.thrown.connect(follow_bin)
        bin.restored.connect(follow_bin)
