"""Django's entry to the sharing app."""

from collections.abc import Collection
from uuid import UUID

from django.apps import AppConfig

from webapp.analysis.apps import WORK_LIMIT_SECONDS
from webapp.core.extension.stages import Stage, register


class SharingConfig(AppConfig):
    """Links for viewers without an account."""

    name = "webapp.sharing"
    label = "sharing"

    def ready(self) -> None:
        """Register what a worker does for links, and hear of names that change."""
        from webapp.analysis.renamed import photos_renamed

        photos_renamed.connect(_forget_pictures)
        register(
            Stage(
                name="hide-bystanders",
                run="webapp.sharing.bystanders.hide",
                queue="vision",
                time_limit_seconds=WORK_LIMIT_SECONDS,
                rank=-2,  # Somebody has opened the link and waits.
            )
        )


def _forget_pictures(owner_id: int, photo_ids: Collection[UUID]) -> None:
    from webapp.sharing import bystanders  # Models exist only once all apps are loaded.

    bystanders.forget(owner_id, photo_ids)
