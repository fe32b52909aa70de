"""Django's entry to the photos app."""

import logging
from uuid import UUID

from django.apps import AppConfig

from webapp.accounts.signals import user_moved
from webapp.core.extension import hooks, stages
from webapp.core.files import media
from webapp.core.safekeeping import inventory

logger = logging.getLogger(__name__)

REVISE_SECONDS = 60
COUNT_SECONDS = 5
MEND_SECONDS = 24 * 3600


def set_zone(user_id: int, zone: str) -> None:
    """Read the clocks of a user's cameras in the zone where the user lives."""
    from webapp.photos import clocks

    clocks.set_zone(user_id, zone)


def note_dated(photo_ids: list[UUID]) -> None:
    """Mark what is told of photos by their dates."""
    from webapp.photos import counts

    counts.changed(photo_ids)


def note_dissolved(concert_id: UUID) -> None:
    """Let the count of a concert that is removed go with it."""
    from webapp.photos import counts

    counts.mark("concert", concert_id)


def revise() -> None:
    """Queue photos that came before their pictures were hashed."""
    from webapp.photos import services

    services.queue_revisions()


def refresh_counts() -> None:
    """Make counts anew that are marked."""
    from webapp.photos import counts

    counts.refresh()


def mend_counts() -> None:
    """Mark counts that are wrong, which would be a mistake of the code."""
    from webapp.photos import counts

    if drifted := counts.mend():
        logger.error("counts that were wrong are made anew: %d", drifted)


class PhotosConfig(AppConfig):
    """Concerts, photos and their files."""

    name = "webapp.photos"
    label = "photos"

    def ready(self) -> None:
        """Register what is done to a photo and to what is left of a deleted one, and its files."""
        from webapp.core.events import audiences
        from webapp.photos.arrival.destinations import concert_dissolved
        from webapp.photos.audiences import OF_CONCERTS, OF_PHOTOS
        from webapp.photos.clocks import dated
        from webapp.photos.library import INVENTORY, KINDS

        audiences.register(OF_PHOTOS)
        audiences.register(OF_CONCERTS)

        stages.register(
            stages.Stage(
                name="ingest",
                subject="photo",
                run="webapp.photos.stages.ingest",
                time_limit_seconds=120,
                on_failure="webapp.photos.services.mark_failed",
            )
        )
        stages.register(
            stages.Stage(name="clocks", run="webapp.photos.clocks.read_clocks", rank=-1)
        )
        stages.register(
            stages.Stage(name="erase", run="webapp.photos.stages.erase", time_limit_seconds=90)
        )
        stages.register(
            stages.Stage(
                name="revise",
                subject="photo",
                run="webapp.photos.stages.revise",
                time_limit_seconds=120,
                rank=90,
            )
        )
        hooks.duties.register(hooks.Duty(REVISE_SECONDS, revise, judges_media=True))
        media.register(*KINDS)
        inventory.register(INVENTORY)
        user_moved.connect(set_zone)
        dated.connect(note_dated)
        concert_dissolved.connect(note_dissolved)
        hooks.duties.register(hooks.Duty(COUNT_SECONDS, refresh_counts))
        hooks.duties.register(hooks.Duty(MEND_SECONDS, mend_counts))
