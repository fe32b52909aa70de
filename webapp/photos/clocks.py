"""When a photo was taken, out of what a camera's clock said and the zone in which it stood.

The database knows one kind of time, UTC. A camera that writes its offset is understood at once.
Of one that does not, the bare time is kept beside (``Photo.camera_time``): it is read in the zone
of the photo's concert, else of its owner, and anew whenever that zone is set to another one.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from uuid import NAMESPACE_OID, UUID, uuid5
from zoneinfo import ZoneInfo

from django.db import transaction

from webapp.accounts.models import User
from webapp.core import jobs
from webapp.core.extension.signals import Signal
from webapp.photos.models import Photo

STAGE = "clocks"
BATCH_PHOTOS = 500

dated = Signal[list[UUID]]()
"""These photos have another date than before; sent in the transaction that gives it to them."""


def instant_of(camera_time: datetime, zone: tzinfo) -> datetime:
    """Return when a clock in this zone showed that time; the zone of ``camera_time`` is ignored."""
    return camera_time.replace(tzinfo=zone).astimezone(UTC)


def zone_of(photo: Photo) -> tzinfo:
    """Return the zone in which the clock of a photo's camera is read."""
    name = (photo.concert.time_zone if photo.concert else "") or photo.owner.time_zone
    return ZoneInfo(name or "UTC")


def queue_clocks(owner_id: int) -> None:
    """Have the clocks of a user's cameras read anew, once the transaction is over."""
    jobs.enqueue(STAGE, _subject(owner_id), owner_id)


@transaction.atomic
def set_zone(owner_id: int, name: str) -> None:
    """Remember the zone in which a user lives, and read clocks in it."""
    User.objects.filter(pk=owner_id).update(time_zone=name)
    queue_clocks(owner_id)


def read_clocks(claim: jobs.Claim) -> None:
    """Give every photo of the claim's owner the time that its camera meant."""
    photos = Photo.objects.filter(owner_id=claim.owner_id).exclude(camera_time=None)
    ids = list(photos.order_by("pk").values_list("pk", flat=True))
    for some in _portions(ids):
        moved = []
        for photo in photos.filter(pk__in=some).select_related("concert", "owner"):
            before, photo.taken_at = photo.taken_at, _instant(photo)
            if before != photo.taken_at:
                moved.append(photo)
        with transaction.atomic():
            Photo.objects.bulk_update(moved, ["taken_at"])
            dated.send([photo.pk for photo in moved])
    with jobs.finish(claim):
        pass


def _instant(photo: Photo) -> datetime | None:
    return instant_of(photo.camera_time, zone_of(photo)) if photo.camera_time else None


def _portions(ids: list[UUID]) -> Iterable[list[UUID]]:
    for start in range(0, len(ids), BATCH_PHOTOS):
        yield ids[start : start + BATCH_PHOTOS]


def _subject(owner_id: int) -> UUID:
    """Return the id under which one user's clocks are read; there is one job at a time."""
    return uuid5(NAMESPACE_OID, f"encore clocks {owner_id}")
