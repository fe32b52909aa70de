"""The bin: what a user throws away rests in it for a while and can come back.

A photo in the bin keeps its rows and files and is nowhere else: not in grids, counts, searches,
galleries, downloads or reels. Apps above hear of what comes and goes in the same transaction
(``thrown``, ``restored``). Who gives up what is in the bin, or waits as long as the settings say,
has it deleted with every trace (``webapp.moments.emptying``).
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import NAMESPACE_OID, UUID, uuid5

from django.db import transaction
from django.utils import timezone

from webapp.core import jobs
from webapp.core.extension.signals import Signal
from webapp.photos import counts
from webapp.photos.chosen import portions
from webapp.photos.models import Photo

EMPTY_STAGE = "empty-bin"
GIVEN_UP_AT = datetime(1900, 1, 1, tzinfo=UTC)
"""When that was put into the bin which its owner wants deleted now: longer ago than it keeps."""

thrown = Signal[int, list[UUID]]()
"""Photos of the owner go into the bin; sent inside the transaction that puts them there."""
restored = Signal[int, list[UUID]]()
"""They came back; likewise."""


def throw(owner_id: int, photo_ids: Iterable[UUID]) -> list[UUID]:
    """Put photos of a user into the bin; returns those that were not in it.

    What is the user's is asked here once more, so that a wrong id does nothing.
    """
    now = timezone.now()
    with transaction.atomic():
        gone = _change(owner_id, photo_ids, from_bin=False, binned_at=now)
        thrown.send(owner_id, gone)
    return gone


def restore(owner_id: int, photo_ids: Iterable[UUID]) -> list[UUID]:
    """Take photos out of the bin; returns those that were in it and not given up."""
    with transaction.atomic():
        back = _change(owner_id, photo_ids, from_bin=True, binned_at=None)
        restored.send(owner_id, back)
    return back


def give_up(owner_id: int, photo_ids: Iterable[UUID]) -> list[UUID]:
    """Have photos in the bin deleted for ever, by a job; from now on nothing shows them."""
    with transaction.atomic():
        given_up = _change(owner_id, photo_ids, from_bin=True, binned_at=GIVEN_UP_AT)
        queue_emptying(owner_id)
    return given_up


def queue_emptying(owner_id: int) -> None:
    """Have deleted what a user has given up, or what has been in the bin for too long."""
    jobs.enqueue(EMPTY_STAGE, uuid5(NAMESPACE_OID, f"encore bin {owner_id}"), owner_id)


def _change(
    owner_id: int, photo_ids: Iterable[UUID], *, from_bin: bool, binned_at: datetime | None
) -> list[UUID]:
    changed: list[UUID] = []
    own = Photo.objects.filter(owner_id=owner_id, binned_at__isnull=not from_bin)
    own = own.exclude(binned_at=GIVEN_UP_AT).order_by("pk")
    for some in portions(photo_ids):
        locked = own.filter(pk__in=some).select_for_update(of=("self",))
        ids = list(locked.values_list("pk", flat=True))
        with counts.changing(ids):
            Photo.objects.filter(pk__in=ids).update(binned_at=binned_at)
        changed += ids
    return changed
